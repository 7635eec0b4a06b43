//! `<net>`, and `<ticketedRequest>` and `<collection>` around it.
//!
//! Owns padding, order and the minimal cover of a range. Must not know: rules, HTTP.

use std::net::IpAddr;

use super::party::poc_links;
use crate::practice::world::NetRecord;
use crate::practice::xml::writer::Writer;

/// IPv4 zero-padded per octet; IPv6 in eight full groups, upper case.
fn padded(address: IpAddr) -> String {
    match address {
        IpAddr::V4(a) => a.octets().map(|octet| format!("{octet:03}")).join("."),
        IpAddr::V6(a) => a.segments().map(|group| format!("{group:04X}")).join(":"),
    }
}

fn inner(w: &mut Writer, net: &NetRecord) {
    poc_links(w, &net.pocs);
    w.some("customerHandle", net.customer_handle.as_deref());
    w.lines("comment", &net.comment);
    w.nest("netBlocks", |w| {
        for block in net.range.cidrs() {
            w.nest("netBlock", |w| {
                w.leaf("cidrLength", &block.prefix_len().to_string());
                w.leaf("description", description(net.kind.code()));
                w.leaf("endAddress", &padded(block.broadcast()));
                w.leaf("startAddress", &padded(block.network()));
                w.leaf("type", net.kind.code());
            });
        }
    });
    w.leaf("handle", &net.handle);
    w.leaf("netName", &net.net_name);
    w.some("orgHandle", net.org_handle.as_deref());
    w.nest("originASes", |w| net.origin_ases.iter().for_each(|origin| w.leaf("originAS", origin)));
    w.some("parentNetHandle", net.parent_net_handle.as_deref());
    w.leaf("registrationDate", &net.registration_date);
    w.leaf("version", &net.range.family().version().to_string());
}

/// What the registry calls a type (ARIN, payload reference, net block types).
pub(in crate::practice) fn description(code: &str) -> &'static str {
    match code {
        "S" => "Reassigned",
        "A" => "Reallocated",
        "DA" => "Direct Allocation",
        "DS" => "Direct Assignment",
        "AR" => "Allocated to ARIN",
        "AV" => "Early Registration, maintained by ARIN",
        "AF" => "Allocated to AfriNIC",
        "AP" => "Allocated to APNIC",
        "LN" => "Allocated to LACNIC",
        "RN" | "RD" => "Allocated to RIPE NCC",
        "FX" => "Transferred to AfriNIC",
        "LX" => "Transferred to LACNIC",
        "RX" => "Transferred to RIPE NCC",
        "PX" | "PV" => "Early Registration, transferred to APNIC",
        "RV" => "Early Registration, transferred to RIPE NCC",
        "IR" => "IANA Reserved",
        "IU" => "IANA Special Use",
        _ => "Allocated",
    }
}

/// `<net>`.
pub(in crate::practice) fn net(net: &NetRecord) -> String {
    Writer::ticketed("net", |w| inner(w, net))
}

/// `<collection>` of nets.
pub(in crate::practice) fn list(nets: &[&NetRecord]) -> String {
    Writer::ticketed("collection", |w| {
        nets.iter().for_each(|net| w.nest("net", |w| inner(w, net)));
    })
}

/// `<ticketedRequest>` with a net.
pub(in crate::practice) fn done(net: &NetRecord) -> String {
    Writer::ticketed("ticketedRequest", |w| w.nest("net", |w| inner(w, net)))
}
