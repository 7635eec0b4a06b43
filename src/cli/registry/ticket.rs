//! Verbs of ticket as calls, and following a ticket until it is settled.
//!
//! Must not know: how a call is sent or shown.

use std::time::{Duration, Instant};

use super::super::args::{TicketSearch, TicketVerb};
use super::super::failure::{Exit, Failure};
use super::super::units::about;
use super::file;
use super::session::Session;
use super::show;
use crate::domain::TicketNumber;
use crate::regrws::{
    AddMessage, CloseTicket, GetMessage, GetTicket, ListTicketSummaries, ListTickets, ModifyTicket,
    TicketAttachment, TicketFilter, TicketPayload, TicketStatus, TicketSummary,
};

/// Time between two looks at a ticket at ARIN and its test environment.
const POLL: Duration = Duration::from_secs(15);
/// The same at a practice registry.
const POLL_PRACTICE: Duration = Duration::from_millis(100);

/// A verb of a ticket.
pub(super) async fn run(session: &Session, verb: &TicketVerb) -> Result<(), Failure> {
    match verb {
        TicketVerb::Get { number, refs } => {
            session.read(&GetTicket { number: number.clone(), references: *refs }).await
        }
        TicketVerb::Summary { number, wait } => {
            if let Some(wait) = wait.wait {
                settled(session, number, wait).await?;
            }
            session.read(&TicketSummary(number.clone())).await
        }
        TicketVerb::List(search) => session.read(&ListTickets(filter(search)?)).await,
        TicketVerb::Summaries(search) => session.read(&ListTicketSummaries(filter(search)?)).await,
        TicketVerb::Message { number, id } => {
            session.read(&GetMessage { number: number.clone(), message: *id }).await
        }
        TicketVerb::Attachment { number, id, attachment, out } => {
            let (number, attachment) = (number.clone(), attachment.clone());
            let call = TicketAttachment { number, message: *id, attachment };
            let saved = file::save(session, &call, out, true).await?;
            show::saved(session.form(), None, &[saved])
        }
        TicketVerb::AddMessage { number, file, attach } => {
            let message = file::attached(file::payload(file)?, attach)?;
            let call = AddMessage { number: number.clone(), message };
            session.write(&call, &look(number)).await
        }
        TicketVerb::Modify { number, file } => {
            let current = session.fetch(&TicketSummary(number.clone())).await?;
            let ticket = file::changes(file, &current)?.echoing(&current);
            session.write(&ModifyTicket { number: number.clone(), ticket }, &look(number)).await
        }
        TicketVerb::SetStatus { number, .. } => {
            session.write(&CloseTicket(number.clone()), &look(number)).await
        }
    }
}

fn look(number: &TicketNumber) -> String {
    format!("swip registry ticket get {number} --refs")
}

fn filter(search: &TicketSearch) -> Result<TicketFilter, Failure> {
    match (search.kind.clone(), search.status.clone()) {
        (Some(kind), Some(status)) => Ok(TicketFilter::Both(kind, status)),
        (Some(kind), None) => Ok(TicketFilter::Kind(kind)),
        (None, Some(status)) => Ok(TicketFilter::Status(status)),
        (None, None) => Err(Failure::usage("give --type, --status, or both")),
    }
}

/// Looks at a ticket until it is settled. A look that fails is repeated at the next one's time.
pub(super) async fn settled(
    session: &Session,
    number: &TicketNumber,
    wait: Duration,
) -> Result<TicketPayload, Failure> {
    let begin = Instant::now();
    let pause = if session.is_practice() { POLL_PRACTICE } else { POLL };
    let mut told = None;
    loop {
        let over = begin.elapsed() + pause > wait;
        match session.client().send(&TicketSummary(number.clone())).await {
            Ok(ticket) if ticket.is_settled() => return Ok(ticket),
            Ok(ticket) if told == ticket.status => {}
            Ok(ticket) => {
                let status = ticket.status.as_ref().map_or("without status", TicketStatus::code);
                tracing::info!("ticket {number} is {status}");
                told = ticket.status;
            }
            Err(fault) => tracing::warn!("ticket {number} could not be read: {fault}"),
        }
        if over {
            let text = format!(
                "ticket {number} is still open after {}; follow it with swip registry ticket \
                 summary {number} --wait 30m",
                about(wait)
            );
            return Err(Failure::new(Exit::Registry, text));
        }
        tokio::time::sleep(pause).await;
    }
}
