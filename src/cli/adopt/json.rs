//! The groups as one JSON document.
//!
//! Owns its keys: a contract with scripts. Must not know: how groups are told apart.

use std::io::Write;

use serde_json::{Map, Value, json};

use super::Picture;
use super::take::Taken;
use crate::cli::failure::Failure;
use crate::domain::Registered;
use crate::plan::adopt::{Aside, Difference, Group, Match};

/// Writes it.
///
/// # Errors
/// Whatever writing raises.
pub(super) fn write(
    out: &mut dyn Write,
    picture: &Picture<'_>,
    taken: &Taken,
) -> Result<(), Failure> {
    let mut groups = Map::new();
    for group in Group::ALL {
        let rows: Vec<Value> =
            picture.grouping.of(group).map(|found| row(picture, found)).collect();
        let accepted = picture.accepted.contains(&group);
        let value = json!({"count": rows.len(), "accepted": accepted, "rows": rows});
        groups.insert(group.as_str().to_owned(), value);
    }
    let grouping = &picture.grouping;
    let asides = |list: &[Aside]| -> Vec<Value> {
        list.iter().map(|aside| set_aside(picture, aside)).collect()
    };
    let left = taken.left.iter().map(|(net, why)| json!({"net_handle": net, "why": why}));
    let document = json!({
        "groups": groups,
        "not_registered": grouping.not_registered.iter().map(|n| facts(picture, *n)).collect::<Vec<_>>(),
        "not_in_plan": grouping.not_in_plan.iter().map(|at| net(&picture.nets[*at])).collect::<Vec<_>>(),
        "not_managed": asides(&grouping.not_managed),
        "protected": asides(&grouping.protected),
        "unknown": asides(&grouping.unknown),
        "refused": asides(&grouping.refused),
        "taken_over": taken.nets,
        "known_before": taken.before,
        "left": left.collect::<Vec<_>>(),
    });
    serde_json::to_writer(&mut *out, &document).map_err(std::io::Error::from)?;
    writeln!(out)?;
    out.flush()?;
    Ok(())
}

/// A row as the plan has it.
fn facts(picture: &Picture<'_>, number: u64) -> Value {
    let Some(row) = picture.plan.row(number) else { return json!({"row": number}) };
    json!({
        "row": number,
        "reference": row.reference,
        "parent_net": row.parent,
        "block": row.block,
        "recipient": row.recipient,
        "file": picture.plan.files.get(usize::from(row.at.file.0)),
        "line": row.at.line,
    })
}

fn net(net: &Registered) -> Value {
    json!({
        "net_handle": net.net.net_handle,
        "parent_net": net.net.parent,
        "block": net.net.block,
        "type": net.net.kind.code(),
        "net_name": net.net.net_name,
        "recipient": net.recipient(),
        "customer_handle": net.customer_handle(),
        "registered_at": net.net.registered_at,
        "source": net.seen.source.as_str(),
        "read_at": net.seen.at,
    })
}

fn row(picture: &Picture<'_>, found: &Match) -> Value {
    let mut value = facts(picture, found.row);
    let nets: Vec<&Registered> = found.nets.iter().map(|at| &picture.nets[*at]).collect();
    let difference =
        |d: &Difference| json!({"column": d.column, "registered": d.registered, "plan": d.plan});
    if let Some(object) = value.as_object_mut() {
        if let [only] = nets.as_slice() {
            object.insert("net_handle".to_owned(), json!(only.net.net_handle));
            object.insert("customer_handle".to_owned(), json!(only.customer_handle()));
            object.insert("registered_at".to_owned(), json!(only.net.registered_at));
        }
        object.insert("nets".to_owned(), nets.iter().map(|found| net(found)).collect());
        let differences = found.differences.iter().map(difference).collect();
        object.insert("differences".to_owned(), differences);
    }
    value
}

fn set_aside(picture: &Picture<'_>, aside: &Aside) -> Value {
    let handle = aside.net.map(|at| &picture.nets[at].net);
    json!({
        "row": aside.row,
        "reference": aside.row.and_then(|n| picture.plan.row(n)).and_then(|row| row.reference.clone()),
        "net_handle": handle.map(|net| &net.net_handle),
        "block": aside.row.and_then(|n| picture.plan.row(n)?.block).or(handle.map(|net| net.block)),
        "registered_block": handle.map(|net| net.block),
        "why": aside.why,
    })
}
