//! Open tickets followed to their end: summaries only, never resubmitted.
//!
//! A ticket's word is not trusted: what it decided is read at the registry. Must not know: rows,
//! printing.

use super::Registry;
use super::reader::{ReadFault, registry_answer};
use super::record::{self, Unread};
use crate::domain::TicketNumber;
use crate::journal::{Change, Known, OpenTicket};
use crate::regrws::{Call, TicketPayload, TicketSummary};

/// Asks for the ticket of a registration; gives what the journal is to remember, if it changed.
///
/// # Errors
/// [`Unread`]: nothing is known better than before.
pub async fn follow(registry: &impl Registry, known: &Known) -> Result<Vec<Change>, Unread> {
    let Some(ticket) = &known.ticket else { return Ok(Vec::new()) };
    let number = TicketNumber::from_registry(&ticket.number).map_err(|e| Unread(e.to_string()))?;
    let (status, settled) = match registry_answer(registry, &TicketSummary(number)).await {
        Ok(answer) => {
            let summary = TicketSummary::payload(&answer).map_err(|e| Unread(e.to_string()))?;
            (word(&summary), summary.is_settled())
        }
        // Tickets vanish some time after they are closed: then only the registry can tell.
        Err(ReadFault::Absent) => ("no longer listed".to_owned(), true),
        Err(fault) => return Err(Unread(fault.to_string())),
    };
    if settled {
        decided(registry, known, ticket, status).await
    } else {
        Ok(still(known, ticket, status))
    }
}

/// Status and, once there is one, resolution.
fn word(summary: &TicketPayload) -> String {
    let status = summary.status.as_deref().unwrap_or("unknown").trim();
    match summary.resolution.as_deref().map(str::trim) {
        Some(resolution) => format!("{status} ({resolution})"),
        None => status.to_owned(),
    }
}

/// The ticket stays; only its status may be new.
fn still(known: &Known, ticket: &OpenTicket, status: String) -> Vec<Change> {
    if ticket.status.as_deref() == Some(status.as_str()) {
        return Vec::new();
    }
    let ticket = OpenTicket { status: Some(status), ..ticket.clone() };
    vec![Change::Know(Box::new(Known { ticket: Some(ticket), ..known.clone() }))]
}

/// What the registry shows once a ticket is closed.
async fn decided(
    registry: &impl Registry,
    known: &Known,
    ticket: &OpenTicket,
    status: String,
) -> Result<Vec<Change>, Unread> {
    let found = record::by_range(registry, known.key.block).await?;
    let here = found.into_iter().find(|record| {
        let net = &record.registered.net;
        let parent = net.parent.as_ref().is_none_or(|parent| *parent == known.key.parent);
        parent && net.net_handle != known.key.parent
    });
    Ok(match (here, ticket.removal) {
        (None, true) => {
            vec![Change::Forget(known.key.clone()), Change::Present(known.key.clone())]
        }
        (Some(record), false) => {
            let known = Known {
                net: Some(record.registered.net.clone()),
                read_at: record.image.read_at.clone(),
                image: Some(record.image),
                ticket: None,
                ..known.clone()
            };
            vec![Change::Know(Box::new(known))]
        }
        // Closed, and not what was asked for: a person must look; nothing is sent again.
        (Some(_), true) | (None, false) => still(known, ticket, status),
    })
}
