//! Answers as the real service writes them: padded addresses, 0-based lines, its element order.
//!
//! Owns the XML of every answer. Must not know: rules, HTTP.

use std::net::IpAddr;

use super::world::{CustomerRecord, NetRecord, OrgRecord, TicketRecord, country};
use super::xml::Writer;

/// A refusal: status, code, and what is wrong where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Payload field and message.
    pub(super) component: Option<(&'static str, String)>,
}

impl Refusal {
    /// A refusal without components.
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), component: None }
    }

    /// A payload that the schema does not allow.
    pub(super) fn schema(reason: impl Into<String>) -> Self {
        Self::new(400, "E_SCHEMA_VALIDATION", reason)
    }

    /// A payload whose field `name` breaks a rule.
    pub(super) fn entity(name: &'static str, message: impl Into<String>) -> Self {
        let general = "Payload entity failed to validate; see component messages for details.";
        let component = Some((name, message.into()));
        Self { component, ..Self::new(400, "E_ENTITY_VALIDATION", general) }
    }

    /// Something the URL names is not there.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(404, "E_OBJECT_NOT_FOUND", format!("The {what} specified could not be found."))
    }

    /// The body.
    pub(super) fn xml(&self) -> String {
        Writer::document("error", |w| {
            w.empty("additionalInfo");
            w.leaf("code", self.code);
            match &self.component {
                None => w.empty("components"),
                Some((name, message)) => w.nest("components", |w| {
                    w.nest("component", |w| {
                        w.leaf("message", message);
                        w.leaf("name", name);
                    });
                }),
            }
            w.leaf("message", &self.message);
        })
    }
}

/// IPv4 zero-padded per octet; IPv6 in eight full groups, upper case.
fn padded(address: IpAddr) -> String {
    match address {
        IpAddr::V4(a) => a.octets().map(|octet| format!("{octet:03}")).join("."),
        IpAddr::V6(a) => a.segments().map(|group| format!("{group:04X}")).join(":"),
    }
}

fn net_inner(w: &mut Writer, net: &NetRecord) {
    w.empty("pocLinks");
    w.some("customerHandle", net.customer_handle.as_deref());
    w.lines("comment", &net.comment);
    w.nest("netBlocks", |w| {
        for block in net.range.cidrs() {
            w.nest("netBlock", |w| {
                w.leaf("cidrLength", &block.prefix_len().to_string());
                w.leaf("description", description(net));
                w.leaf("endAddress", &padded(block.broadcast()));
                w.leaf("startAddress", &padded(block.network()));
                w.leaf("type", net.kind.code());
            });
        }
    });
    w.leaf("handle", &net.handle);
    w.leaf("netName", &net.net_name);
    w.some("orgHandle", net.org_handle.as_deref());
    w.empty("originASes");
    w.some("parentNetHandle", net.parent_net_handle.as_deref());
    w.leaf("registrationDate", &net.registration_date);
    w.leaf("version", &net.range.family().version().to_string());
}

fn description(net: &NetRecord) -> &'static str {
    match net.kind.code() {
        "S" => "Reassigned",
        "A" => "Reallocated",
        "DA" => "Direct Allocation",
        _ => "Allocated",
    }
}

/// `<net>`.
pub(super) fn net(net: &NetRecord) -> String {
    Writer::document("net", |w| net_inner(w, net))
}

/// `<collection>` of nets.
pub(super) fn nets(nets: &[&NetRecord]) -> String {
    Writer::document("collection", |w| {
        nets.iter().for_each(|net| w.nest("net", |w| net_inner(w, net)));
    })
}

/// `<ticketedRequest>` with a net.
pub(super) fn done(net: &NetRecord) -> String {
    Writer::document("ticketedRequest", |w| w.nest("net", |w| net_inner(w, net)))
}

/// `<ticketedRequest>` with a ticket.
pub(super) fn ticketed(ticket: &TicketRecord) -> String {
    Writer::document("ticketedRequest", |w| w.nest("ticket", |w| ticket_inner(w, ticket)))
}

/// `<ticket>` without messages.
pub(super) fn ticket(ticket: &TicketRecord) -> String {
    Writer::document("ticket", |w| ticket_inner(w, ticket))
}

fn ticket_inner(w: &mut Writer, ticket: &TicketRecord) {
    w.leaf("createdDate", &ticket.created_date);
    w.leaf("ticketNo", &ticket.ticket_no);
    w.leaf("updatedDate", &ticket.created_date);
    w.some("webTicketResolution", ticket.resolution.as_deref());
    w.leaf("webTicketStatus", &ticket.status);
    w.leaf("webTicketType", &ticket.kind);
}

fn country_inner(w: &mut Writer, code: &str) {
    w.nest("iso3166-1", |w| {
        w.leaf("code2", code);
        if let Some(country) = country(code) {
            w.leaf("code3", country.code3());
            w.leaf("name", country.name());
        }
    });
}

/// `<customer>`.
pub(super) fn customer(customer: &CustomerRecord) -> String {
    Writer::document("customer", |w| {
        w.some("city", customer.city.as_deref());
        country_inner(w, &customer.country);
        w.leaf("handle", &customer.handle);
        w.lines("comment", &customer.comment);
        w.lines("streetAddress", &customer.street_address);
        w.leaf("customerName", &customer.customer_name);
        w.leaf("parentOrgHandle", &customer.parent_org_handle);
        w.some("postalCode", customer.postal_code.as_deref());
        w.leaf("privateCustomer", if customer.private_customer { "true" } else { "false" });
        w.leaf("registrationDate", &customer.registration_date);
        w.some("iso3166-2", customer.state.as_deref());
    })
}

/// `<org>`.
pub(super) fn org(org: &OrgRecord) -> String {
    Writer::document("org", |w| {
        w.nest("pocLinks", |w| {
            for (function, handle) in &org.pocs {
                let attributes = [("function", function.as_str()), ("handle", handle.as_str())];
                w.attributes("pocLinkRef", &attributes);
            }
        });
        w.leaf("acceptReassignments", if org.accept_reassignments { "true" } else { "false" });
        w.leaf("handle", &org.handle);
        w.leaf("orgName", &org.org_name);
        w.leaf("registrationDate", &org.registration_date);
    })
}
