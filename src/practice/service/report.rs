//! Reports: a GET that opens a ticket, and the attachment that the ticket ends with (ARIN,
//! Reports).
//!
//! Owns what the reports hold. Their form at ARIN is not published; here they are CSV. Must not
//! know: HTTP, XML.

use base64::Engine;

use super::desk::Desk;
use super::{Answered, ticket};
use crate::domain::block::parse_registry_address;
use crate::practice::answer::ticket::Detail;
use crate::practice::answer::{self, Refusal};
use crate::practice::now;
use crate::practice::rules::opaque_id;
use crate::practice::world::{
    AttachmentRecord, Effect, MessageRecord, NetRecord, TicketRecord, World,
};

/// Columns of a reassignment report; `swip` reads them as a file of registered nets.
const REASSIGNMENTS: [&str; 10] = [
    "net_handle",
    "start",
    "end",
    "parent_net",
    "type",
    "net_name",
    "customer_handle",
    "org_handle",
    "recipient",
    "registered_at",
];

/// Serves `/rest/report/…`.
pub(super) fn serve(desk: &mut Desk<'_>, parts: &[&str]) -> Result<Answered, Refusal> {
    let (kind, effect) = match (desk.method, parts) {
        ("GET", ["associations"]) => {
            ("ASSOCIATIONS_REPORT", Effect::AssociationsReport(desk.key.key.clone()))
        }
        ("GET", ["reassignment", handle]) => {
            let net = desk.net(handle)?;
            if !net.kind.can_be_subdivided() {
                return Err(Refusal::bad(
                    "There are reports of direct allocations and reallocations only.",
                ));
            }
            ("USER_REASSIGNMENT_REPORT", Effect::ReassignmentReport((*handle).to_owned()))
        }
        ("GET", ["whoWas", "net", address]) => {
            who_was(desk)?;
            if parse_registry_address(address).is_none() {
                return Err(Refusal::bad("It is not an IPv4 or IPv6 address."));
            }
            ("WHOWAS_REPORT", Effect::WhoWasReport((*address).to_owned()))
        }
        ("GET", ["whoWas", "asn", number]) => {
            who_was(desk)?;
            if number.parse::<u32>().is_err() {
                return Err(Refusal::bad("It is not an AS number."));
            }
            ("WHOWAS_REPORT", Effect::WhoWasReport(format!("AS{number}")))
        }
        _ => return Err(Refusal::no_method()),
    };
    let ticket = ticket::open(desk, kind, None, Vec::new(), effect)?;
    let body = answer::ticket::ticket(&ticket, Detail::Messages);
    Ok(Answered::committed(body).ticket(&ticket.ticket_no))
}

fn who_was(desk: &Desk<'_>) -> Result<(), Refusal> {
    if desk.key.who_was {
        return Ok(());
    }
    let message = "The user is not authorized to access WhoWas reports.";
    Err(Refusal::new(401, "E_AUTHENTICATION", message))
}

/// The message a ticket is resolved with: the report, or a word on the decision.
pub(super) fn message(
    world: &World,
    ticket: &TicketRecord,
    resolution: &str,
    id: u32,
) -> MessageRecord {
    let report = match &ticket.effect {
        Effect::ReassignmentReport(handle) => {
            let below = world.descendants(handle).into_iter();
            let rows = below.map(|net| row(world, net)).collect();
            Some((format!("reassignments-{handle}.csv"), table(&REASSIGNMENTS, rows)))
        }
        Effect::AssociationsReport(key) => {
            Some(("associations.csv".to_owned(), associations(world, key)))
        }
        Effect::WhoWasReport(what) => Some((format!("whowas-{what}.csv"), history(world, what))),
        _ => None,
    };
    let text = match report {
        Some(_) => "The report you asked for is attached.".to_owned(),
        None => format!("Your request {} was decided: {resolution}.", ticket.ticket_no),
    };
    let attachments = report.into_iter().map(|(filename, text)| AttachmentRecord {
        id: opaque_id(&format!("{}/{id}/report", ticket.ticket_no)),
        filename,
        data: base64::engine::general_purpose::STANDARD.encode(text),
    });
    MessageRecord {
        message_id: id,
        created_date: now(),
        category: "NONE".to_owned(),
        subject: Some(format!("{} {resolution}", ticket.kind)),
        text: vec![text],
        attachments: attachments.collect(),
    }
}

fn row(world: &World, net: &NetRecord) -> Vec<String> {
    let customer = net.customer_handle.as_ref().and_then(|handle| world.customers.get(handle));
    let org = net.org_handle.as_ref().and_then(|handle| world.orgs.get(handle));
    let name = match (customer, org) {
        (Some(customer), _) if customer.private_customer => "Private Customer",
        (Some(customer), _) => &customer.customer_name,
        (None, Some(org)) => &org.org_name,
        (None, None) => "",
    };
    vec![
        net.handle.clone(),
        net.start_address.clone(),
        net.end_address.clone(),
        net.parent_net_handle.clone().unwrap_or_default(),
        net.kind.code().to_owned(),
        net.net_name.clone(),
        net.customer_handle.clone().unwrap_or_default(),
        net.org_handle.clone().unwrap_or_default(),
        name.to_owned(),
        net.registration_date.clone(),
    ]
}

fn associations(world: &World, key: &str) -> String {
    let orgs = world.keys.get(key).into_iter().flat_map(|key| &key.orgs);
    let orgs = orgs.filter_map(|handle| world.orgs.get(handle));
    let rows = orgs.flat_map(|org| {
        let links = org.pocs.iter();
        links.map(|link| {
            vec![org.handle.clone(), link.function.code().to_owned(), link.handle.clone()]
        })
    });
    table(&["org_handle", "poc_function", "poc_handle"], rows.collect())
}

fn history(world: &World, what: &str) -> String {
    let address = parse_registry_address(what);
    let range = address.and_then(|a| crate::domain::AddressRange::new(a, a).ok());
    let path = range.map(|range| world.path_to(&range)).unwrap_or_default();
    table(&REASSIGNMENTS, path.into_iter().map(|net| row(world, net)).collect())
}

fn table(columns: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut written = writer.write_record(columns);
    for row in rows {
        written = written.and_then(|()| writer.write_record(row));
    }
    // Writing into memory cannot fail.
    let bytes = written.ok().and_then(|()| writer.into_inner().ok()).unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
