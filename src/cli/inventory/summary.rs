//! How complete an inventory is, parent by parent, and what it could not see.
//!
//! Must not know: the CSV.

use crate::cli::reading::Reading;
use crate::domain::{AddressRange, Detail, NetType, Parent, Source};
use crate::inventory::{Found, Listed, Survey};
use crate::plan::adopt::Look;

/// Gaps that are told of each parent.
const GAPS_SHOWN: usize = 3;

/// Whether every managed parent is listed, and every record read.
pub(super) fn is_complete(survey: &Survey) -> bool {
    let listed = survey.listed();
    let failed = |look: &Look| matches!(look, Look::Failed(_));
    survey.managed().all(|parent| listed.contains(&parent.net_handle) || !was_asked(survey, parent))
        && survey.nets().iter().all(|found| found.unread.is_none())
        && !survey.looked.values().any(failed)
}

fn was_asked(survey: &Survey, parent: &Parent) -> bool {
    survey.lists.get(&parent.net_handle).is_some_and(|list| list.asked)
}

/// Says it all.
pub(super) fn say(survey: &Survey, reading: &Reading) {
    let nets = survey.nets();
    for parent in survey.managed() {
        let inside = |block: &AddressRange| parent.block.contains(block);
        let own: Vec<&&Found> = nets.iter().filter(|found| inside(&found.net.net.block)).collect();
        tracing::info!(
            "{} {}: {} nets{}",
            parent.net_handle,
            parent.block,
            own.len(),
            below(&own, parent)
        );
        tracing::info!("  list      {}", list(survey.lists.get(&parent.net_handle)));
        sources(&own);
        unseen(survey, &own, parent);
    }
    if reading.reader.rdap().is_none() {
        tracing::warn!(
            "no list was asked for: nets that no file and no plan names are not seen; give --rdap URL"
        );
    }
}

/// How many of them lie under reallocations.
fn below(own: &[&&Found], parent: &Parent) -> String {
    let under = |found: &&&&Found| found.net.net.parent.as_ref() != Some(&parent.net_handle);
    let reallocations = own.iter().filter(|f| f.net.net.kind == NetType::Reallocation).count();
    match own.iter().filter(under).count() {
        0 => String::new(),
        count => {
            format!(
                ", {count} of them under {reallocations} reallocations, known from the list only: their holders manage them"
            )
        }
    }
}

fn list(list: Option<&Listed>) -> String {
    let Some(list) = list.filter(|list| list.asked) else {
        return "not asked for".to_owned();
    };
    let since = list.oldest.as_deref().map(|at| format!(", read {at} or later"));
    let split = match list.splits {
        0 => String::new(),
        splits => format!(", {splits} lists were cut off and split"),
    };
    let state = if list.gaps.is_empty() { "complete" } else { "NOT complete" };
    let gaps: Vec<&str> = list.gaps.iter().take(GAPS_SHOWN).map(String::as_str).collect();
    let more = match list.gaps.len().saturating_sub(GAPS_SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let gaps = if gaps.is_empty() { String::new() } else { format!(": {}{more}", gaps.join("; ")) };
    let since = since.unwrap_or_default();
    format!("{state} by RDAP, {} nets{split}{since}; a public copy, which may lag{gaps}", list.nets)
}

/// Which source shows how many, and what it lacks that others show.
fn sources(own: &[&&Found]) {
    for source in [Source::Rdap, Source::Report] {
        let shown = own.iter().filter(|found| found.sources.contains(&source)).count();
        if shown == 0 {
            continue;
        }
        let lacks = match own.len() - shown {
            0 => String::new(),
            lacks => format!("; lacks {lacks} that other sources show"),
        };
        tracing::info!("  {:9} shows {shown}{lacks}", source.as_str());
    }
}

fn unseen(survey: &Survey, own: &[&&Found], parent: &Parent) {
    let ours = own.iter().filter(|found| survey.is_ours(&found.net));
    let summary = ours.filter(|found| found.net.detail == Detail::Summary).count();
    let failed: Vec<&&&Found> = own.iter().filter(|found| found.unread.is_some()).collect();
    if let Some(first) = failed.first() {
        let why = first.unread.as_deref().unwrap_or_default();
        tracing::warn!(
            "  {} of {} records could not be read by handle; {}: {why}",
            failed.len(),
            own.len(),
            first.net.net.net_handle
        );
    } else if summary > 0 {
        tracing::info!(
            "  records   {summary} known from lists only; private customers are hidden there"
        );
    }
    let ranges = survey.looked.iter().filter(|(block, _)| parent.block.contains(block));
    let failed: Vec<&String> = ranges
        .filter_map(|(_, look)| match look {
            Look::Failed(why) => Some(why),
            Look::Absent => None,
        })
        .collect();
    if let Some(why) = failed.first() {
        tracing::warn!("  {} exact ranges could not be read: {why}", failed.len());
    }
}
