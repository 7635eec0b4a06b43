//! Verbs of report: the GET that opens the ticket, once; then the wait, then the file.
//!
//! Must not know: how a call is sent or shown.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::args::{Collect, ReportVerb};
use super::super::failure::{Exit, Failure};
use super::file::{self, Saved, safe_name};
use super::session::Session;
use super::{show, ticket};
use crate::domain::TicketNumber;
use crate::regrws::payload::Payload;
use crate::regrws::{
    AssociationsReport, Call, GetTicket, ReassignmentReport, TicketAttachment, TicketPayload,
    TicketResolution, WhoWasAsn, WhoWasNet,
};

/// Where to look after a report that may have been asked for.
const LOOK: &str = "swip registry ticket summaries --status ANY_OPEN";
/// Resolution of a ticket whose work was done.
const DONE: [TicketResolution; 3] =
    [TicketResolution::Processed, TicketResolution::Accepted, TicketResolution::Answered];

/// A verb of a report.
pub(super) async fn run(session: &Session, verb: &ReportVerb) -> Result<(), Failure> {
    match verb {
        ReportVerb::Reassignment { net, collect } => {
            ask(session, &ReassignmentReport(net.clone()), collect).await
        }
        ReportVerb::Associations { collect } => ask(session, &AssociationsReport {}, collect).await,
        ReportVerb::WhowasNet { ip, collect } => ask(session, &WhoWasNet(*ip), collect).await,
        ReportVerb::WhowasAsn { asn, collect } => ask(session, &WhoWasAsn(*asn), collect).await,
    }
}

async fn ask<C>(session: &Session, call: &C, collect: &Collect) -> Result<(), Failure>
where
    C: Call<Payload = TicketPayload>,
{
    if session.dry_run() || collect.wait == Duration::ZERO {
        return session.write(call, LOOK).await;
    }
    let opened = session.opened(call, LOOK).await?;
    let number = opened.ticket_number().ok_or_else(|| {
        let text = format!("the answer names no ticket to follow; look: {LOOK}");
        Failure::new(Exit::Unresolved, text)
    })?;
    tracing::info!("ticket {number} opened");
    let ticket = ticket::settled(session, &number, collect.wait).await?;
    if let Some(resolution) = ticket.resolution.filter(|resolution| !DONE.contains(resolution)) {
        let text = format!(
            "ticket {number} ended as {resolution}; swip registry ticket get {number} has the \
             reason"
        );
        return Err(Failure::new(Exit::Rejected, text));
    }
    collected(session, &number, collect.out.as_deref()).await
}

/// Saves all attachments of a ticket and shows it.
async fn collected(
    session: &Session,
    number: &TicketNumber,
    out: Option<&Path>,
) -> Result<(), Failure> {
    let call = GetTicket { number: number.clone(), references: true };
    let ticket = session.fetch(&call).await?;
    let wanted = TicketAttachment::all(&ticket);
    if wanted.is_empty() {
        let text = format!(
            "ticket {number} has no attachment; swip registry ticket get {number} has its messages"
        );
        return Err(Failure::new(Exit::Rejected, text));
    }
    let mut saved: Vec<Saved> = Vec::new();
    for (call, name) in &wanted {
        let (path, replace) = place(number, name, out, wanted.len())?;
        saved.push(file::save(session, call, &path, replace).await?);
    }
    let record = (ticket.to_json(), ticket.to_xml());
    show::saved(session.form(), Some(record), &saved)
}

/// Where an attachment is saved, and whether a file there is replaced.
fn place(
    number: &TicketNumber,
    name: &str,
    out: Option<&Path>,
    of: usize,
) -> Result<(PathBuf, bool), Failure> {
    let own = format!("{number}-{}", safe_name(name));
    match out {
        None => Ok((PathBuf::from(own), false)),
        Some(path) if path.is_dir() => Ok((path.join(own), false)),
        Some(path) if of == 1 => Ok((path.to_path_buf(), true)),
        Some(path) => Err(Failure::usage(format!(
            "ticket {number} has {of} attachments, so --out {} must be a directory; fetch each with \
             swip registry ticket attachment",
            path.display()
        ))),
    }
}
