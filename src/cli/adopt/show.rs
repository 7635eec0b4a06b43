//! The groups as people read them: counts with what each means, examples, what comes next.
//!
//! Must not know: how groups are told apart.

use std::io::Write;

use super::Picture;
use super::take::Taken;
use crate::cli::args::Adopt;
use crate::cli::failure::Failure;
use crate::domain::Registered;
use crate::inventory::ReadCounts;
use crate::plan::adopt::{Aside, Difference, Group, Match};

/// What each group means, and what accepting it leads to.
const fn meaning(group: Group) -> (&'static str, &'static str) {
    match group {
        Group::Equal => ("no filled column differs", "sync leaves it as it is"),
        Group::Name => {
            ("only the net's name or the customer's name differs", "sync proposes the plan's name")
        }
        Group::Spelling => ("only case, spaces or punctuation differ", "sync leaves it as it is"),
        Group::Address => ("address, privacy or comment differ", "sync proposes the plan's values"),
        Group::Recipient => {
            ("another recipient, or another kind", "sync proposes to change or replace it")
        }
        Group::Split => {
            ("one block here, others there", "sync proposes to remove theirs and add yours")
        }
    }
}

/// Columns of a value that are shown.
const SHOWN: usize = 48;
/// Nets of a split that are named.
const NETS_NAMED: usize = 4;

/// Writes it.
///
/// # Errors
/// Whatever writing raises.
pub(super) fn write(
    out: &mut dyn Write,
    picture: &Picture<'_>,
    args: &Adopt,
) -> Result<(), Failure> {
    let most = args.examples;
    let sent = picture.plan.steps().count();
    writeln!(
        out,
        "{} rows of the plan are to be registered; {} nets were found under the managed parents.\n",
        sent,
        picture.nets.len()
    )?;
    table(out, picture)?;
    for group in Group::ALL {
        examples(out, picture, group, most)?;
    }
    let grouping = &picture.grouping;
    rows(out, picture, "in the plan, not registered", &grouping.not_registered, most)?;
    nets(out, picture, "registered, not in the plan", &grouping.not_in_plan, most)?;
    for (title, list) in [
        ("under space that is not managed", &grouping.not_managed),
        ("left alone: a row that cannot speak for itself stands there", &grouping.protected),
        ("not decided: reading proved neither equal nor absent", &grouping.unknown),
        ("never taken over", &grouping.refused),
    ] {
        asides(out, picture, title, list, most)?;
    }
    out.flush()?;
    Ok(())
}

/// One line a group.
fn table(out: &mut dyn Write, picture: &Picture<'_>) -> std::io::Result<()> {
    writeln!(out, "{:>7}  {:10} {:52} then", "rows", "group", "")?;
    for group in Group::ALL {
        let count = picture.grouping.of(group).count();
        let (means, then) = meaning(group);
        let accepted = picture.accepted.contains(&group);
        let then = if accepted {
            format!("taken over; {then}")
        } else {
            format!("left; with --accept {} {then}", group.as_str())
        };
        writeln!(out, "{count:>7}  {:10} {means:52} {then}", group.as_str())?;
    }
    let grouping = &picture.grouping;
    let unmanaged_rows = grouping.not_managed.iter().filter(|aside| aside.row.is_some()).count();
    let unmanaged_nets = grouping.not_managed.len() - unmanaged_rows;
    let lines = [
        (grouping.not_registered.len(), "rows in the plan, not registered", "sync will add them"),
        (
            grouping.not_in_plan.len(),
            "nets registered, not in the plan",
            "never touched unless adopted by a plan that names them",
        ),
        (unmanaged_rows, "rows on space that is not managed", "never sent"),
        (unmanaged_nets, "nets on space that is not managed", "never touched"),
        (grouping.protected.len(), "nets on the space of invalid or unsent rows", "left alone"),
        (grouping.unknown.len(), "rows not decided", "read again: run the same command"),
        (grouping.refused.len(), "rows whose net is never taken over", "see below"),
    ];
    for (count, what, then) in lines {
        if count > 0 {
            writeln!(out, "{count:>7}  {what:63} {then}")?;
        }
    }
    Ok(())
}

fn heading(out: &mut dyn Write, title: &str, count: usize, shown: usize) -> std::io::Result<()> {
    let some = if count > shown { format!(", {shown} shown") } else { String::new() };
    writeln!(out, "\n{title} ({count}{some})")
}

fn examples(
    out: &mut dyn Write,
    picture: &Picture<'_>,
    group: Group,
    most: usize,
) -> std::io::Result<()> {
    let all: Vec<&Match> = picture.grouping.of(group).collect();
    // Equal rows have nothing to show.
    if all.is_empty() || group == Group::Equal || most == 0 {
        return Ok(());
    }
    heading(out, group.as_str(), all.len(), all.len().min(most))?;
    for found in all.iter().take(most) {
        let held: Vec<&Registered> = found.nets.iter().map(|at| &picture.nets[*at]).collect();
        let names: Vec<&str> =
            held.iter().take(NETS_NAMED).map(|net| net.net.net_handle.as_str()).collect();
        let more = if held.len() > NETS_NAMED { " …" } else { "" };
        writeln!(out, "  {}  {}{more}", place(picture, found.row), names.join(" "))?;
        for difference in &found.differences {
            writeln!(out, "      {}", told(difference))?;
        }
    }
    Ok(())
}

/// Where a row stands, for people.
fn place(picture: &Picture<'_>, number: u64) -> String {
    let Some(row) = picture.plan.row(number) else { return format!("row {number}") };
    let reference = row.reference.as_deref().map(|text| format!(" {text}")).unwrap_or_default();
    let block = row.block.map(|block| format!("  {block}")).unwrap_or_default();
    format!("row {number}{reference}{block}")
}

fn told(difference: &Difference) -> String {
    let Difference { column, registered, plan } = difference;
    format!("{column}: registered `{}`, the plan has `{}`", cut(registered), cut(plan))
}

/// A value on one line, cut where it is long.
fn cut(text: &str) -> String {
    let flat = text.replace('\n', " / ");
    if flat.chars().count() <= SHOWN {
        return flat;
    }
    flat.chars().take(SHOWN).chain(std::iter::once('…')).collect()
}

fn rows(
    out: &mut dyn Write,
    picture: &Picture<'_>,
    title: &str,
    list: &[u64],
    most: usize,
) -> std::io::Result<()> {
    if list.is_empty() || most == 0 {
        return Ok(());
    }
    heading(out, title, list.len(), list.len().min(most))?;
    for number in list.iter().take(most) {
        let recipient = picture.plan.row(*number).and_then(|row| row.recipient.as_deref());
        writeln!(out, "  {}  {}", place(picture, *number), recipient.unwrap_or_default())?;
    }
    Ok(())
}

fn nets(
    out: &mut dyn Write,
    picture: &Picture<'_>,
    title: &str,
    list: &[usize],
    most: usize,
) -> std::io::Result<()> {
    if list.is_empty() || most == 0 {
        return Ok(());
    }
    heading(out, title, list.len(), list.len().min(most))?;
    for at in list.iter().take(most) {
        writeln!(out, "  {}", net(&picture.nets[*at]))?;
    }
    Ok(())
}

fn net(net: &Registered) -> String {
    let since = net.net.registered_at.as_deref().and_then(|date| date.get(..10)).unwrap_or("?");
    let holder = net.recipient();
    format!(
        "{}  {}  {}  {holder}, registered {since}",
        net.net.block, net.net.net_handle, net.net.net_name
    )
}

fn asides(
    out: &mut dyn Write,
    picture: &Picture<'_>,
    title: &str,
    list: &[Aside],
    most: usize,
) -> std::io::Result<()> {
    if list.is_empty() || most == 0 {
        return Ok(());
    }
    heading(out, title, list.len(), list.len().min(most))?;
    for aside in list.iter().take(most) {
        let what = match (aside.row, aside.net) {
            (Some(row), None) => place(picture, row),
            (Some(row), Some(at)) => {
                format!("{}  {}", place(picture, row), picture.nets[at].net.net_handle)
            }
            (None, Some(at)) => {
                let net = &picture.nets[at].net;
                format!("{}  {}", net.block, net.net_handle)
            }
            (None, None) => String::new(),
        };
        writeln!(out, "  {what}: {}", aside.why)?;
    }
    Ok(())
}

/// The last line on stderr.
pub(super) fn last_line(taken: &Taken, counts: ReadCounts, args: &Adopt, practice: bool) -> String {
    let name = if practice { "swip: practice" } else { "swip" };
    let reads = format!("{} requests, {} kept answers, 0 writes", counts.sent, counts.kept);
    for (net, why) in &taken.left {
        tracing::warn!("{net} was not taken over: {why}");
    }
    if args.dry_run {
        return format!("{name}: dry run: {} nets would be taken over; {reads}", taken.nets);
    }
    let before = match taken.before {
        0 => String::new(),
        count => format!(" ({count} were known before)"),
    };
    format!(
        "{name}: {} nets taken over{before}; {reads}; swip sync --dry-run shows what comes next",
        taken.nets
    )
}
