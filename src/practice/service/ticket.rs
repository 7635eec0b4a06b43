//! Tickets: opening, resolving, reading, messages (ARIN, Tickets).
//!
//! Owns when a ticket is resolved and what that does. Must not know: HTTP, XML.

use super::desk::Desk;
use super::{Answered, State, report};
use crate::practice::answer::ticket::Detail;
use crate::practice::answer::{self, Refusal};
use crate::practice::rules;
use crate::practice::world::{Change, Effect, MessageRecord, TicketRecord, World};
use crate::practice::{Behaviour, faults, now, now_ms};

/// Largest sum of a ticket's attachments, in bytes of base64, that is sent with its details.
pub(super) const ATTACHMENTS_MAX: usize = 1024 * 1024;

/// Serves `/rest/ticket…`.
pub(super) fn serve(desk: &mut Desk<'_>, parts: &[&str]) -> Result<Answered, Refusal> {
    match (desk.method, parts) {
        ("GET", []) => list(desk, Detail::Messages),
        ("GET", ["summary"]) => list(desk, Detail::Summary),
        ("GET", [number]) => {
            let detail = detail(desk)?;
            let ticket = polled(desk, number)?;
            whole(&ticket, detail)
        }
        ("PUT", [number]) => modify(desk, number),
        ("GET", [number, "summary"]) => {
            let ticket = polled(desk, number)?;
            whole(&ticket, Detail::Summary)
        }
        ("PUT", [number, "ticketStatus", status]) => set_status(desk, number, status),
        ("PUT", [number, "message"]) => add_message(desk, number),
        ("GET", [number, "message", id]) => {
            let ticket = ours(desk, number)?;
            let message = ticket.message(id).ok_or_else(|| Refusal::not_found("message"))?;
            Ok(Answered::xml(answer::ticket::message(message)))
        }
        ("GET", [number, "message", id, "attachment", attachment]) => {
            attached(desk, number, id, attachment)
        }
        _ => Err(Refusal::no_method()),
    }
}

/// The number the next ticket gets.
pub(super) fn next_number(world: &World) -> String {
    let day = now().get(..10).unwrap_or_default().replace('-', "");
    format!("{day}-X{}", world.tickets.len() + 1)
}

/// Opens a ticket.
pub(super) fn open(
    desk: &mut Desk<'_>,
    kind: &str,
    org: Option<&str>,
    messages: Vec<MessageRecord>,
    effect: Effect,
) -> Result<TicketRecord, Refusal> {
    let policy = &desk.behaviour.tickets;
    let number = next_number(desk.world());
    let report = kind.ends_with("_REPORT");
    let ticket = TicketRecord {
        kind: kind.to_owned(),
        status: if report { "IN_PROGRESS" } else { "PENDING_REVIEW" }.to_owned(),
        resolution: None,
        created_date: now(),
        updated_date: now(),
        resolved_date: None,
        closed_date: None,
        org_handle: org.map(str::to_owned),
        key: desk.key.key.clone(),
        polls: 0,
        opened_ms: now_ms(),
        denied: !report
            && faults::chance(policy.denied, &[&desk.behaviour.seed.to_string(), &number]),
        messages,
        effect,
        ticket_no: number,
    };
    desk.commit(vec![Change::Ticket(ticket.clone())])?;
    Ok(ticket)
}

/// Resolves the tickets whose time has come.
pub(super) fn settle_due(state: &mut State, behaviour: &Behaviour) -> Result<(), Refusal> {
    let Some(after) = behaviour.tickets.after else { return Ok(()) };
    let due = now_ms() - i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
    let tickets = state.world.tickets.values();
    let due: Vec<TicketRecord> =
        tickets.filter(|t| t.is_open() && t.opened_ms <= due).cloned().collect();
    for ticket in due {
        let changes = resolved(&state.world, ticket);
        state.commit(changes)?;
    }
    Ok(())
}

/// A ticket that the key's user may see.
fn ours(desk: &Desk<'_>, number: &str) -> Result<TicketRecord, Refusal> {
    let ticket = desk.world().tickets.get(number).ok_or_else(|| Refusal::not_found("ticket"))?;
    if visible(desk, ticket) {
        return Ok(ticket.clone());
    }
    Err(Refusal::unauthorized(401))
}

fn visible(desk: &Desk<'_>, ticket: &TicketRecord) -> bool {
    ticket.key.is_empty()
        || ticket.key == desk.key.key
        || ticket.org_handle.as_deref().is_some_and(|org| desk.speaks_for(org))
}

/// A ticket that is asked for; asking often enough resolves it, unless time does.
fn polled(desk: &mut Desk<'_>, number: &str) -> Result<TicketRecord, Refusal> {
    let mut ticket = ours(desk, number)?;
    let policy = &desk.behaviour.tickets;
    if !ticket.is_open() || policy.after.is_some() {
        return Ok(ticket);
    }
    ticket.polls += 1;
    let changes = if ticket.polls >= policy.polls {
        resolved(desk.world(), ticket)
    } else {
        vec![Change::Ticket(ticket)]
    };
    desk.state.commit(changes)?;
    ours(desk, number)
}

/// What resolving a ticket changes.
fn resolved(world: &World, mut ticket: TicketRecord) -> Vec<Change> {
    let mut changes = Vec::new();
    let (status, resolution) = match &ticket.effect {
        _ if ticket.denied => ("CLOSED", "DENIED"),
        Effect::Register(net) => {
            let parent = net.parent_net_handle.as_deref().unwrap_or_default();
            let free = world.overlapping_child(parent, &net.range).is_none();
            if free {
                let mut net = (**net).clone();
                net.handle = world.free_net_handle(&net.range);
                net.registration_date = now();
                changes.push(Change::Net(net));
            }
            ("CLOSED", if free { "PROCESSED" } else { "DENIED" })
        }
        Effect::Remove(handle) => {
            let below = world.descendants(handle).into_iter().rev();
            changes.extend(below.map(|net| Change::NetGone(net.handle.clone())));
            changes.push(Change::NetGone(handle.clone()));
            ("CLOSED", "PROCESSED")
        }
        Effect::CreateOrg(org) => {
            changes.push(Change::Org((**org).clone()));
            changes.extend(world.keys.get(&ticket.key).cloned().map(|mut key| {
                key.orgs.push(org.handle.clone());
                Change::Key(key)
            }));
            ("RESOLVED", "ACCEPTED")
        }
        Effect::ReassignmentReport(_) | Effect::AssociationsReport(_) | Effect::WhoWasReport(_) => {
            ("CLOSED", "PROCESSED")
        }
        Effect::None => ("RESOLVED", "ANSWERED"),
    };
    let id = u32::try_from(ticket.messages.len()).unwrap_or(u32::MAX).saturating_add(1);
    ticket.messages.push(report::message(world, &ticket, resolution, id));
    ticket.status = status.to_owned();
    ticket.resolution = Some(resolution.to_owned());
    ticket.updated_date = now();
    ticket.resolved_date = Some(now());
    ticket.closed_date = (status == "CLOSED").then(now);
    changes.push(Change::Ticket(ticket));
    changes
}

fn detail(desk: &Desk<'_>) -> Result<Detail, Refusal> {
    match desk.route.query("msgRefs") {
        None | Some("false") => Ok(Detail::Messages),
        Some("true") => Ok(Detail::References),
        Some(_) => Err(Refusal::bad("msgRefs is true or false.")),
    }
}

fn whole(ticket: &TicketRecord, detail: Detail) -> Result<Answered, Refusal> {
    let attachments = ticket.messages.iter().flat_map(|message| &message.attachments);
    let size: usize = attachments.map(|attachment| attachment.data.len()).sum();
    if detail == Detail::Messages && size > ATTACHMENTS_MAX {
        let message = format!(
            "The attachments of the ticket have {size} bytes; the limit is {ATTACHMENTS_MAX}."
        );
        return Err(Refusal::new(413, "E_BAD_REQUEST", message));
    }
    Ok(Answered::xml(answer::ticket::ticket(ticket, detail)).ticket(&ticket.ticket_no))
}

/// By type, status or both; `ANY` and `ANY_OPEN` are for searching only.
fn list(desk: &Desk<'_>, detail: Detail) -> Result<Answered, Refusal> {
    let (kind, status) = (desk.route.matrix("ticketType"), desk.route.matrix("ticketStatus"));
    if kind.is_none() && status.is_none() {
        return Err(Refusal::bad("Name a ticketType or a ticketStatus."));
    }
    let fits = |ticket: &&TicketRecord| {
        visible(desk, ticket)
            && kind.is_none_or(|kind| kind == "ANY" || ticket.kind == kind)
            && status.is_none_or(|status| match status {
                "ANY" => true,
                "ANY_OPEN" => ticket.status != "CLOSED",
                status => ticket.status == status,
            })
    };
    let tickets: Vec<&TicketRecord> = desk.world().tickets.values().filter(fits).collect();
    Ok(Answered::xml(answer::ticket::list(&tickets, detail)))
}

/// The only change there is: a resolved ticket is closed.
fn close(desk: &mut Desk<'_>, mut ticket: TicketRecord) -> Result<Answered, Refusal> {
    let detail = detail(desk)?;
    if ticket.status != "RESOLVED" {
        let message = "A ticket's status can only be set to CLOSED, and only when it is RESOLVED.";
        return Err(Refusal::bad(message));
    }
    ticket.status = "CLOSED".to_owned();
    ticket.closed_date = Some(now());
    ticket.updated_date = now();
    desk.commit(vec![Change::Ticket(ticket.clone())])?;
    Ok(Answered { committed: true, ..whole(&ticket, detail)? })
}

fn set_status(desk: &mut Desk<'_>, number: &str, status: &str) -> Result<Answered, Refusal> {
    let ticket = ours(desk, number)?;
    if status != "CLOSED" {
        return Err(Refusal::bad("A ticket's status can only be set to CLOSED."));
    }
    close(desk, ticket)
}

fn modify(desk: &mut Desk<'_>, number: &str) -> Result<Answered, Refusal> {
    let payload = desk.payload("ticket")?;
    let ticket = ours(desk, number)?;
    let mut found = rules::Complaints::default();
    let held = [
        ("ticketNo", Some(ticket.ticket_no.as_str())),
        ("webTicketType", Some(ticket.kind.as_str())),
        ("createdDate", Some(ticket.created_date.as_str())),
        ("webTicketResolution", ticket.resolution.as_deref()),
    ];
    for (name, held) in held {
        let sent = payload.text_of(name);
        found.immutable(name, sent.is_none() || sent == held);
    }
    found.settle(())?;
    if payload.text_of("webTicketStatus") != Some("CLOSED") {
        return Err(Refusal::entity("webTicketStatus", "It can only be set to CLOSED."));
    }
    close(desk, ticket)
}

fn add_message(desk: &mut Desk<'_>, number: &str) -> Result<Answered, Refusal> {
    let payload = desk.payload("message")?;
    let mut ticket = ours(desk, number)?;
    if ticket.status == "CLOSED" {
        return Err(Refusal::bad("A message cannot be added to a closed ticket."));
    }
    let id = u32::try_from(ticket.messages.len()).unwrap_or(u32::MAX).saturating_add(1);
    let message = rules::message(&payload, number, id)?;
    let body = answer::ticket::message(&message);
    ticket.messages.push(message);
    ticket.updated_date = now();
    desk.commit(vec![Change::Ticket(ticket)])?;
    Ok(Answered::committed(body).ticket(number))
}

fn attached(desk: &Desk<'_>, number: &str, id: &str, aid: &str) -> Result<Answered, Refusal> {
    use base64::Engine;
    let ticket = ours(desk, number)?;
    let absent = || Refusal::not_found("attachment");
    let message = ticket.message(id).ok_or_else(absent)?;
    let attachment = message.attachments.iter().find(|a| a.id == aid).ok_or_else(absent)?;
    let data = base64::engine::general_purpose::STANDARD.decode(&attachment.data);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' };
    let name: String = attachment.filename.chars().map(plain).collect();
    Ok(Answered {
        disposition: Some(format!("attachment; filename=\"{name}\"")),
        ..Answered::of("application/octet-stream", data.map_err(|_| Refusal::unspecified())?)
    })
}
