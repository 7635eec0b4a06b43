//! Plans of the scenarios.

/// Kinds of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Simple,
    Detailed,
    Reallocate,
    /// Simple, under another parent.
    Elsewhere,
    /// Large enough for a ticket in the classic profile.
    Ticketed,
}

pub(crate) const PARENTS: &str = "net_handle,prefix,type,org_handle\nNET-10-0-0-0-1,10.0.0.0/8,DA,EXAMPLE-1\nNET-11-0-0-0-1,11.0.0.0/8,DA,EXAMPLE-1\n";
const HEADER: &str = "reference,parent_net,prefix,net_name,action,org_handle,customer_name,street,city,state,postal_code,country,private,comment\n";

/// A plan of rows of these kinds.
pub(crate) fn plan(kinds: &[Kind]) -> String {
    let mut text = HEADER.to_owned();
    for (at, kind) in kinds.iter().enumerate() {
        let (high, low) = (at / 256, at % 256);
        let customer = format!("Customer {at},{at} Main Street,Reston,VA,20190,US,false");
        let row = match kind {
            Kind::Simple => format!("R{at},NET-10-0-0-0-1,10.{high}.{low}.0/29,,,,{customer},"),
            Kind::Elsewhere => {
                format!("R{at},NET-11-0-0-0-1,11.{high}.{low}.0/29,,,,{customer},")
            }
            Kind::Detailed => {
                format!("R{at},NET-10-0-0-0-1,10.{high}.{low}.0/29,DET-{at},,MAPLE-7,,,,,,,,Ask")
            }
            Kind::Reallocate => format!(
                "R{at},NET-10-0-0-0-1,10.{high}.{low}.0/24,REA-{at},reallocate,OAK-9,,,,,,,,"
            ),
            Kind::Ticketed => {
                format!("R{at},NET-10-0-0-0-1,10.{}.0.0/19,,,,{customer},", 100 + at)
            }
        };
        text.push_str(&row);
        text.push('\n');
    }
    text
}

/// So many rows of one kind.
pub(crate) fn same(kind: Kind, count: usize) -> Vec<Kind> {
    vec![kind; count]
}

/// Simple, detailed and reallocate by turns.
pub(crate) fn mixed(count: usize) -> Vec<Kind> {
    let turn = [Kind::Simple, Kind::Detailed, Kind::Simple, Kind::Reallocate];
    (0..count).map(|at| turn[at % turn.len()]).collect()
}
