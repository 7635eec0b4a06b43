//! The difference as people read it, grouped by parent, and as JSON.
//!
//! `+` is added, `~` modified, `-` removed, `-/+` replaced, `!` left to a person. Must not know:
//! how it was found.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use serde_json::{Value, json};

use crate::cli::submit::job::Job;
use crate::cli::terminal::{WIDTH, wrapped};
use crate::domain::NetHandle;
use crate::domain::ticket::waits_for_us;
use crate::plan::diff::{Change, Diff, REGISTRY_SIDE, Verb};

/// What a private customer is called wherever something is shown.
const PRIVATE: &str = "Private Customer";
/// What belongs to an entry stands this far to the right.
const INDENT: usize = 6;

/// Counts by what is done, held ones apart.
fn counts(diff: &Diff) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    for change in &diff.changes {
        let name = if change.held.is_some() { "held" } else { change.verb.as_str() };
        *counts.entry(name).or_insert(0) += 1;
    }
    counts
}

fn total(counts: &BTreeMap<&'static str, u64>) -> String {
    let words = [
        ("add", "to add"),
        ("modify", "to modify"),
        ("replace", "to replace"),
        ("remove", "to remove"),
        ("held", "held"),
        ("conflict", "in conflict"),
        ("no-authority", "beyond the key's authority"),
        ("waits", "waiting for a ticket"),
        ("unchanged", "unchanged"),
        ("unplanned", "only at the registry"),
    ];
    let said = words.iter().filter_map(|(name, words)| {
        let count = counts.get(name)?;
        Some(format!("{count} {words}"))
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() { "nothing to compare".to_owned() } else { said.join(", ") }
}

/// Says in one paragraph what is about to be done.
pub(super) fn summary(diff: &Diff, job: &Job<'_>, reads: u64) {
    let practice =
        if job.target.is_local() { " (practice: nothing leaves this machine)" } else { "" };
    tracing::info!("Registry  {}{practice}", job.target.name());
    tracing::info!("Sync      {}", total(&counts(diff)));
    tracing::info!("Read      {reads} requests so far");
    if diff.elsewhere > 0 {
        tracing::info!("          {} nets under parents that are not managed", diff.elsewhere);
    }
}

/// Writes the difference for people.
///
/// # Errors
/// Whatever writing raises.
pub(super) fn text(out: &mut dyn Write, diff: &Diff, unchecked: &[String]) -> io::Result<()> {
    let mut by_parent: BTreeMap<&NetHandle, Vec<&Change>> = BTreeMap::new();
    let shown = |change: &&Change| {
        !matches!(change.verb, Verb::Unchanged | Verb::Unplanned) && !is_second_half(change)
    };
    for change in diff.changes.iter().filter(shown) {
        by_parent.entry(&change.parent).or_default().push(change);
    }
    let mut said = HashSet::new();
    for (parent, mut changes) in by_parent {
        writeln!(out, "{parent}")?;
        // A block that is cut stands before its pieces.
        changes.sort_by_key(|change| (change.block.first(), Reverse(change.block.size())));
        for change in changes {
            entry(out, change, &mut said)?;
        }
    }
    for fact in unchecked {
        wrapped(&format!("Not checked: {fact}"), usize::from(WIDTH))
            .iter()
            .try_for_each(|line| writeln!(out, "{line}"))?;
    }
    writeln!(out, "{}", total(&counts(diff)))
}

/// The removal at the far end of a move is told with the addition.
fn is_second_half(change: &Change) -> bool {
    change.moves.is_some() && change.id >= REGISTRY_SIDE && change.held.is_none()
}

/// One change; why it is held is told in full the first time only.
fn entry(out: &mut dyn Write, change: &Change, said: &mut HashSet<String>) -> io::Result<()> {
    let sign = match change.verb {
        Verb::Add(_) => "+",
        Verb::Modify(_) => "~",
        Verb::Replace { .. } => "-/+",
        Verb::Remove => "-",
        _ => "!",
    };
    let place = change.block.to_string();
    let reference = change.reference.as_deref().map(|r| format!("  [{r}]")).unwrap_or_default();
    let head = format!("{sign:<3} {place:<22} {}{reference}", headline(change));
    for (at, line) in wrapped(&head, usize::from(WIDTH) - INDENT).iter().enumerate() {
        writeln!(out, "{:1$}{line}", "", if at == 0 { 2 } else { INDENT })?;
    }
    let mut say = |text: &str| {
        let lines = wrapped(text, usize::from(WIDTH) - INDENT);
        lines.iter().try_for_each(|line| writeln!(out, "{:INDENT$}{line}", ""))
    };
    if let Verb::Modify(edits) = &change.verb {
        for edit in edits {
            let (from, to) = (one_line(&edit.from), one_line(&edit.to));
            say(&format!("{}: {from} -> {to}", edit.field.as_str()))?;
        }
    }
    for note in &change.notes {
        say(&format!("note: {note}"))?;
    }
    if let Some(hold) = &change.held {
        let new = said.insert(hold.message.clone());
        let why = if new { unsaid(&hold.message, said) } else { "as above" };
        say(&format!("held ({}): {why}", hold.code.as_str()))?;
    }
    Ok(())
}

/// A reason without the other reason that it ends in, where that was told before.
fn unsaid<'m>(message: &'m str, said: &HashSet<String>) -> &'m str {
    let parts = message.match_indices(": ");
    let told = |at: usize| said.contains(&message[at + 2..]);
    let cut = parts.map(|(at, _)| at).find(|at| told(*at));
    cut.map_or(message, |at| &message[..at])
}

fn headline(change: &Change) -> String {
    let handle = change.before.as_ref().map(|before| before.net.net_handle.to_string());
    let handle = handle.unwrap_or_default();
    let holder = change
        .before
        .as_ref()
        .map_or("", |before| if before.is_private() { PRIVATE } else { before.recipient() });
    let wanted = change.step().map(|step| {
        let private = step.assignment.is_private();
        let recipient = if private { PRIVATE } else { step.assignment.recipient() };
        format!("{} to {recipient} as {}", step.assignment.action(), step.net_name)
    });
    let wanted = wanted.unwrap_or_default();
    match &change.verb {
        Verb::Add(_) => match &change.moves {
            Some(from) => format!("{wanted}, moved from {}", from.block),
            None => wanted,
        },
        Verb::Modify(_) => format!("{handle} of {holder}"),
        Verb::Replace { because, .. } => {
            format!("{handle} of {holder} by {wanted}: {} differs", because.join(", "))
        }
        Verb::Remove => match &change.moves {
            Some(to) => format!("{handle} of {holder}, moved to {}", to.block),
            None => format!("{handle} of {holder}"),
        },
        Verb::Waits { ticket, status, since, .. } => {
            let status = status.as_deref().unwrap_or("not asked for yet");
            let since = since.as_deref().and_then(|since| since.get(..10));
            let since = since.map(|day| format!(" since {day}")).unwrap_or_default();
            let yours = if waits_for_us(status) { "; ARIN waits for YOU" } else { "" };
            format!("waits for ticket {ticket}, {status}{since}{yours}")
        }
        Verb::Conflict { .. } => "conflict".to_owned(),
        Verb::NoAuthority { why } => format!("the key has no authority: {why}"),
        Verb::Unchanged | Verb::Unplanned => handle,
    }
}

fn one_line(text: &str) -> String {
    if text.is_empty() { "(nothing)".to_owned() } else { text.replace('\n', " / ") }
}

/// Writes the difference as one JSON document; unchanged rows are counted only.
///
/// # Errors
/// Whatever writing raises.
pub(super) fn json(out: &mut dyn Write, diff: &Diff, unchecked: &[String]) -> io::Result<()> {
    let listed = |change: &&Change| change.verb != Verb::Unchanged;
    let changes: Vec<Value> = diff.changes.iter().filter(listed).map(object).collect();
    let document = json!({
        "changes": changes,
        "summary": counts(diff),
        "unread_rows": diff.unread,
        "unchecked": unchecked,
    });
    writeln!(out, "{document}")
}

fn object(change: &Change) -> Value {
    let edits = match &change.verb {
        Verb::Modify(edits) => json!(edits),
        _ => Value::Null,
    };
    let because = match &change.verb {
        Verb::Replace { because, .. } => json!(because),
        _ => Value::Null,
    };
    let step = change.step();
    json!({
        "op": change.verb.as_str(),
        "row": change.row,
        "reference": change.reference,
        "parent_net": change.parent,
        "block": change.block,
        "net_handle": change.before.as_ref().map(|before| &before.net.net_handle),
        "registered_at": change.before.as_ref().and_then(|b| b.net.registered_at.clone()),
        "source": change.before.as_ref().map(|before| before.seen.source.as_str()),
        "seen_at": change.before.as_ref().and_then(|before| before.seen.at.clone()),
        "net_name": step.map(|step| step.net_name.to_string()),
        "action": step.map(|step| step.assignment.action().as_str()),
        "edits": edits,
        "because": because,
        "moves": change.moves.as_ref().map(|other| other.block),
        "held": change.held.as_ref().map(|hold| hold.code.as_str()),
        "message": change.held.as_ref().map(|hold| hold.message.clone()),
        "notes": change.notes,
    })
}
