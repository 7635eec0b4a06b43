//! A reassignment report: asked for once, its ticket followed, its attachment fetched.
//!
//! Asking opens a ticket, so the intent is kept before the request leaves, and a lost answer is
//! looked for among the tickets, never asked for again. The attachment is streamed into a file,
//! whole or not at all; its form is not published. Must not know: columns.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::cache::Kept;
use super::reader::{Fault, Reader, Stop};
use crate::domain::{Parent, TicketNumber};
use crate::regrws::{
    Call, Client, DownloadError, GetTicket, ListTicketSummaries, ReassignmentReport,
    TicketAttachment, TicketFilter, TicketPayload, TicketStatus, TicketSummary, TicketType,
    WireError, limits,
};

/// How long a ticket is followed.
#[derive(Clone, Copy, Debug)]
pub struct ReportPace {
    /// First wait between two looks.
    pub poll: Duration,
    /// Time after which the ticket is left for the next run.
    pub patience: Duration,
}

/// An attachment that was saved.
#[derive(Clone, Debug)]
pub struct ReportFile {
    /// Number of the ticket.
    pub ticket: TicketNumber,
    /// Where it lies, readable by its owner alone.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
}

impl ReportFile {
    /// Asks for the report of a parent, or goes on with one that was asked for, and saves it
    /// beside the kept answers.
    ///
    /// # Errors
    /// [`Fault`].
    pub async fn of(reader: &Reader, parent: &Parent, pace: ReportPace) -> Result<Self, Fault> {
        let ticket = ticket(reader, parent).await?;
        follow(reader, parent, &ticket, pace).await?;
        let org = parent.org.as_ref();
        let call = GetTicket { number: ticket.clone(), references: true };
        let seen = reader.fresh(org, &call).await?;
        match TicketAttachment::all(&seen).into_iter().next() {
            Some((call, name)) => fetch(reader, parent, call, &name).await,
            None => Err(Fault::Nothing(format!("ticket {ticket} has no attachment"))),
        }
    }
}

/// Saves an attachment; one that breaks off is fetched again, as often as any read.
async fn fetch(
    reader: &Reader,
    parent: &Parent,
    call: TicketAttachment,
    filename: &str,
) -> Result<ReportFile, Fault> {
    let ticket = call.number.clone();
    let client = reader.clients().of(parent.org.as_ref());
    let path = place(reader.cache().path(), parent, filename);
    let mut reason = String::new();
    for attempt in 0..limits().read_tries {
        match save(client, &call, &path).await {
            Ok(bytes) => return Ok(ReportFile { ticket, path, bytes }),
            Err(DownloadError::Write(fault)) => {
                let why = format!("cannot write {}: {fault}", path.display());
                return Err(Fault::Stop(Stop::Storage(why)));
            }
            Err(DownloadError::Call(fault)) => reason = fault.to_string(),
        }
        tokio::time::sleep(limits().read_backoff * 2_u32.pow(attempt)).await;
    }
    Err(Fault::Nothing(format!(
        "attachment of ticket {ticket}: {reason}; save it by hand, and give it with --report-file"
    )))
}

/// Fetches into a file beside its place, then puts it there whole.
async fn save(client: &Client, call: &TicketAttachment, path: &Path) -> Result<u64, DownloadError> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or_else(|| Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    let done = client.download(&call.request(), &mut file).await?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|fault| fault.error)?;
    Ok(done.bytes)
}

/// Beside the kept answers; of the name that the registry gave only a plain extension is taken.
fn place(cache: &Path, parent: &Parent, given: &str) -> PathBuf {
    let extension = Path::new(given).extension().and_then(|text| text.to_str());
    let plain = extension.filter(|text| text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let mut name: OsString = cache.as_os_str().to_owned();
    name.push(format!("-{}.{}", parent.net_handle, plain.unwrap_or("report")));
    PathBuf::from(name)
}

/// The ticket of a parent's report: known, found again, or opened now.
async fn ticket(reader: &Reader, parent: &Parent) -> Result<TicketNumber, Fault> {
    let handle = &parent.net_handle;
    let number = |text: &str| {
        TicketNumber::from_registry(text.trim()).map_err(|fault| Fault::Nothing(fault.to_string()))
    };
    let (asked, opened) = (format!("report asked {handle}"), format!("report ticket {handle}"));
    if let Some(kept) = reader.cache().get(&opened) {
        return number(&kept.body);
    }
    let keep = |path: &str, body: &str| {
        let kept =
            Kept { path: path.to_owned(), at: Timestamp::now(), status: 0, body: body.to_owned() };
        reader.cache().put(kept).map_err(|fault| Fault::Stop(Stop::Storage(fault.to_string())))
    };
    let found = match reader.cache().get(&asked) {
        Some(intent) => lost(reader, parent, intent.at).await?,
        None => {
            keep(&asked, "")?;
            open(reader, parent).await?
        }
    };
    let found = number(found.number.as_deref().unwrap_or_default())?;
    keep(&opened, found.as_str())?;
    Ok(found)
}

/// Opens the ticket: the one request here that is not a read.
async fn open(reader: &Reader, parent: &Parent) -> Result<TicketPayload, Fault> {
    let call = ReassignmentReport(parent.net_handle.clone());
    let client = reader.clients().of(parent.org.as_ref());
    match client.exchange(&call.request()).await {
        Ok(answer) => {
            ReassignmentReport::decode(&answer).map_err(|fault| Fault::Nothing(fault.to_string()))
        }
        Err(WireError::Refused(why)) => Err(Fault::NoAuthority(why)),
        Err(fault) => Err(Fault::Nothing(format!(
            "the report was asked for and its answer lost ({fault}); run again to look for its ticket"
        ))),
    }
}

/// Looks for the ticket of a report whose answer was lost.
async fn lost(reader: &Reader, parent: &Parent, asked: Timestamp) -> Result<TicketPayload, Fault> {
    let call = ListTicketSummaries(TicketFilter::Kind(TicketType::UserReassignmentReport));
    let tickets = reader.fresh(parent.org.as_ref(), &call).await?;
    let since = |ticket: &TicketPayload| {
        let created: Option<Timestamp> = ticket.created_at.as_deref()?.trim().parse().ok();
        // The registry writes whole seconds.
        Some(created?.as_second() >= asked.as_second())
    };
    let mut later = tickets.into_iter().filter(|ticket| since(ticket).unwrap_or(false));
    match (later.next(), later.next()) {
        (Some(ticket), None) => Ok(ticket),
        (None, _) => Err(Fault::Nothing(format!(
            "a report was asked for at {asked} and no ticket tells of it: ask for it in ARIN Online, and give the file with --report-file"
        ))),
        (Some(_), Some(_)) => Err(Fault::Nothing(format!(
            "several reports were asked for since {asked}: fetch the right one in ARIN Online, and give the file with --report-file"
        ))),
    }
}

/// Waits until the ticket is decided.
async fn follow(
    reader: &Reader,
    parent: &Parent,
    ticket: &TicketNumber,
    pace: ReportPace,
) -> Result<(), Fault> {
    let begun = tokio::time::Instant::now();
    let mut wait = pace.poll;
    loop {
        let seen = reader.fresh(parent.org.as_ref(), &TicketSummary(ticket.clone())).await?;
        if seen.is_settled() {
            return Ok(());
        }
        if begun.elapsed() >= pace.patience {
            let status = seen.status.as_ref().map_or("without status", TicketStatus::code);
            return Err(Fault::Nothing(format!("ticket {ticket} is {status}; run again later")));
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(limits().report_poll_max);
    }
}
