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

/// What differs in a group, and what `sync` does once it is taken over.
const fn meaning(group: Group) -> (&'static str, &'static str) {
    match group {
        Group::Equal => ("nothing that the plan fills", "leaves it as it is"),
        Group::Name => ("the net's or the customer's name", "proposes the plan's name"),
        Group::Spelling => ("case, spaces, punctuation", "leaves it as it is"),
        Group::Address => ("address, privacy or comment", "proposes the plan's values"),
        Group::Recipient => ("another recipient or kind", "proposes a new registration"),
        Group::Split => ("one block here, others there", "proposes to cut it anew"),
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
    writeln!(
        out,
        "{} rows of the plan are to be registered; {} nets stand under the managed parents.",
        picture.plan.steps().count(),
        picture.nets.len()
    )?;
    groups(out, picture, args.dry_run)?;
    left(out, picture)?;
    for group in Group::ALL {
        examples(out, picture, group, most)?;
    }
    let grouping = &picture.grouping;
    rows(out, picture, "rows not registered yet", &grouping.not_registered, most)?;
    nets(out, picture, "nets that no row of the plan names", &grouping.not_in_plan, most)?;
    let (unmanaged_rows, unmanaged_nets) = unmanaged(picture);
    for (title, list) in [
        ("rows on space that is not managed here", unmanaged_rows),
        ("nets on space that is not managed here", unmanaged_nets),
        ("nets where an invalid or unsent row stands", grouping.protected.iter().collect()),
        ("rows that reading could not decide", grouping.unknown.iter().collect()),
        ("rows whose net cannot be taken over", grouping.refused.iter().collect()),
    ] {
        asides(out, picture, title, &list, most)?;
    }
    out.flush()?;
    Ok(())
}

/// Rows and nets on space that is not managed.
fn unmanaged<'p>(picture: &'p Picture<'_>) -> (Vec<&'p Aside>, Vec<&'p Aside>) {
    picture.grouping.not_managed.iter().partition(|aside| aside.row.is_some())
}

/// One line a group.
fn groups(out: &mut dyn Write, picture: &Picture<'_>, dry_run: bool) -> std::io::Result<()> {
    let taken = if dry_run { "would be taken over" } else { "taken over" };
    writeln!(out, "\n  rows  group      what differs                      afterwards sync")?;
    for group in Group::ALL {
        let count = picture.grouping.of(group).count();
        let (differs, then) = meaning(group);
        let mark = if picture.accepted.contains(&group) { '*' } else { ' ' };
        writeln!(out, "{mark}{count:>5}  {:9}  {differs:32}  {then}", group.as_str())?;
    }
    writeln!(out, "* {taken}; the others with --accept GROUP")
}

/// One line for each kind of what is not taken over.
fn left(out: &mut dyn Write, picture: &Picture<'_>) -> std::io::Result<()> {
    let grouping = &picture.grouping;
    let (rows, nets) = unmanaged(picture);
    let lines = [
        (grouping.not_registered.len(), "rows not registered yet", "sync adds them"),
        (grouping.not_in_plan.len(), "nets that no row of the plan names", "stay as they are"),
        (rows.len(), "rows on space that is not managed here", "never sent"),
        (nets.len(), "nets on space that is not managed here", "never touched"),
        (grouping.protected.len(), "nets where an invalid or unsent row stands", "left alone"),
        (grouping.unknown.len(), "rows that reading could not decide", "run it again"),
        (grouping.refused.len(), "rows whose net cannot be taken over", "a person must look"),
    ];
    if lines.iter().any(|(count, ..)| *count > 0) {
        writeln!(out, "\nNot taken over:")?;
    }
    for (count, what, then) in lines {
        if count > 0 {
            writeln!(out, "{count:>6}  {what:43}  {then}")?;
        }
    }
    Ok(())
}

fn heading(out: &mut dyn Write, title: &str, count: usize, shown: usize) -> std::io::Result<()> {
    let some = if count > shown { format!(", {shown} shown") } else { String::new() };
    writeln!(out, "\n{title}: {count}{some}")
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
    let title = format!("{} (registered -> plan)", group.as_str());
    heading(out, &title, all.len(), all.len().min(most))?;
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
    let shown = |text: &str| if text.is_empty() { "(nothing)".to_owned() } else { cut(text) };
    format!("{column:13}  {} -> {}", shown(registered), shown(plan))
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
    list: &[&Aside],
    most: usize,
) -> std::io::Result<()> {
    if list.is_empty() || most == 0 {
        return Ok(());
    }
    heading(out, title, list.len(), list.len().min(most))?;
    for aside in list.iter().take(most) {
        let net = aside.net.map(|at| &picture.nets[at].net);
        // What the reason names is not named twice.
        let what = match (aside.row, net) {
            (Some(row), Some(net)) if aside.why.contains(&format!("row {row} ")) => {
                format!("{}  {}", net.block, net.net_handle)
            }
            (Some(row), Some(net)) if !aside.why.contains(net.net_handle.as_str()) => {
                format!("{}  {}", place(picture, row), net.net_handle)
            }
            (Some(row), _) => place(picture, row),
            (None, Some(net)) => format!("{}  {}", net.block, net.net_handle),
            (None, None) => String::new(),
        };
        writeln!(out, "  {what}\n      {}", aside.why)?;
    }
    Ok(())
}

/// What the last line on stderr is made of.
pub(super) struct Ending<'e> {
    pub(super) taken: &'e Taken,
    pub(super) counts: ReadCounts,
    pub(super) args: &'e Adopt,
    pub(super) practice: bool,
    /// Errors of the input.
    pub(super) errors: bool,
}

/// The last line on stderr: what happened, and the next command.
pub(super) fn last_line(ending: &Ending<'_>) -> String {
    let Ending { taken, counts, args, .. } = ending;
    let name = if ending.practice { "swip: practice" } else { "swip" };
    let reads = format!("{} requests, {} kept answers, 0 writes", counts.sent, counts.kept);
    for (net, why) in &taken.left {
        tracing::warn!("{net} was not taken over: {why}");
    }
    let errors = if ending.errors { "; correct the rows that swip check names" } else { "" };
    if args.dry_run {
        return format!(
            "{name}: dry run: {} nets would be taken over; {reads}{errors}; --journal PATH instead of --dry-run takes them",
            taken.nets
        );
    }
    let before = match taken.before {
        0 => String::new(),
        count => format!(" ({count} were known before)"),
    };
    let unread = match taken.unread {
        0 => "",
        _ => "; run it again for the rows that were not decided",
    };
    format!(
        "{name}: {} nets taken over{before}; {reads}{errors}{unread}; next: swip sync --dry-run with this journal",
        taken.nets
    )
}
