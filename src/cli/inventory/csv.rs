//! The inventory as canonical CSV: a plan that equals what is registered, with handles beside.
//!
//! `--registered` reads it back. Must not know: how the nets were read.

use std::io::Write;

use crate::cli::failure::Failure;
use crate::domain::{Country, CustomerValues, Holder, NetType, Source};
use crate::inventory::{Found, Survey};

/// Columns, in the order of the canonical CSV; what a plan does not have begins with `x_`.
const COLUMNS: [&str; 23] = [
    "parent_net",
    "prefix",
    "start",
    "end",
    "net_name",
    "action",
    "org_handle",
    "customer_name",
    "street",
    "street2",
    "street3",
    "city",
    "state",
    "postal_code",
    "country",
    "private",
    "comment",
    "x_net_handle",
    "x_customer_handle",
    "x_registered_at",
    "x_source",
    "x_read_at",
    "x_pocs",
];
/// Street columns there are.
const STREETS: usize = 3;

/// Writes every net, in address order.
///
/// # Errors
/// Whatever writing raises.
pub(super) fn write(out: &mut dyn Write, survey: &Survey) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(COLUMNS).map_err(std::io::Error::from)?;
    for found in survey.nets() {
        writer.write_record(cells(found)).map_err(std::io::Error::from)?;
    }
    writer.flush()?;
    Ok(())
}

fn cells(found: &Found) -> Vec<String> {
    let net = &found.net.net;
    let (prefix, start, end) = match net.block.as_cidr() {
        Some(cidr) => (cidr.to_string(), String::new(), String::new()),
        None => (String::new(), net.block.first().to_string(), net.block.last().to_string()),
    };
    let (action, org, customer) = match (&net.kind, &net.holder) {
        (NetType::Reallocation, Holder::Org(org)) => ("reallocate", org.to_string(), None),
        (_, Holder::Org(org)) => ("reassign-detailed", org.to_string(), None),
        (_, Holder::Customer(customer)) => ("reassign-simple", String::new(), Some(customer)),
        (NetType::Reallocation, Holder::Unknown) => ("reallocate", String::new(), None),
        (_, Holder::Unknown) => ("", String::new(), None),
    };
    let parent = net.parent.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut cells = vec![parent, prefix, start, end, net.net_name.clone(), action.to_owned(), org];
    // Of a customer that was not read only a public name is known, if that.
    let unread = CustomerValues {
        name: customer.and(found.net.recipient.clone()).unwrap_or_default(),
        ..CustomerValues::default()
    };
    let read = found.net.customer.as_ref();
    cells.extend(customer_cells(read.unwrap_or(&unread), read.is_some()));
    cells.push(net.comment.join("\n"));
    cells.push(net.net_handle.to_string());
    cells.push(customer.map(ToString::to_string).unwrap_or_default());
    cells.push(net.registered_at.clone().unwrap_or_default());
    let sources: Vec<&str> = found.sources.iter().map(Source::as_str).collect();
    cells.push(sources.join(" "));
    cells.push(found.net.seen.at.clone().unwrap_or_default());
    let pocs = found.net.pocs.iter();
    let pocs: Vec<String> = pocs.map(|p| format!("{}:{}", p.function.code(), p.handle)).collect();
    cells.push(pocs.join(" "));
    cells
}

fn customer_cells(customer: &CustomerValues, read: bool) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let mut cells = vec![customer.name.clone()];
    for at in 0..STREETS {
        let rest = customer.street.get(at..).unwrap_or_default();
        // What no column is left for stands with the last one.
        let last = at + 1 == STREETS;
        let line = if last { rest.join(" ") } else { rest.first().cloned().unwrap_or_default() };
        cells.push(line);
    }
    let country = customer.country.as_deref().map(|code| {
        Country::parse(code).map_or_else(|_| code.to_owned(), |country| country.code2().to_owned())
    });
    cells.extend([text(&customer.city), text(&customer.state), text(&customer.postal_code)]);
    cells.push(country.unwrap_or_default());
    cells.push(if read { customer.private.to_string() } else { String::new() });
    cells
}
