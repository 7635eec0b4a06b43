//! Taking over: accepted nets into the journal, each with its whole before-image.
//!
//! Owns what is stored. Must not know: how groups are told apart.

use std::collections::BTreeSet;

use super::Picture;
use crate::cli::args::Adopt;
use crate::cli::failure::Failure;
use crate::cli::reading::Reading;
use crate::domain::{OrgHandle, Registered};
use crate::journal::{Change, Image, Journal, Known, Provenance};
use crate::plan::adopt::{Group, Match};
use crate::plan::{Step, StepKey};

/// Nets taken over in one commit: an interruption loses at most so many, and running it again
/// takes them.
const BATCH: usize = 1000;

/// What was taken over, or would be.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken {
    /// Nets.
    pub(super) nets: u64,
    /// Of those, nets that the journal had before.
    pub(super) before: u64,
    /// Rows of which something could not be read.
    pub(super) unread: u64,
    /// Whether the key lacks authority for some.
    pub(super) no_authority: bool,
    /// Nets that were accepted and are not taken over, and why.
    pub(super) left: Vec<(String, String)>,
}

impl Taken {
    /// What would be taken over.
    pub(super) fn would(picture: &Picture<'_>) -> Self {
        let nets = accepted(picture).iter().map(|(_, found)| found.nets.len() as u64).sum();
        Self { nets, ..Self::about(picture) }
    }

    fn about(picture: &Picture<'_>) -> Self {
        let failed = picture.survey.nets();
        let failed = failed.iter().filter_map(|found| found.unread.as_deref());
        let no_authority = failed.into_iter().any(|why| why.contains("E_AUTHENTICATION"));
        Self { unread: picture.grouping.unknown.len() as u64, no_authority, ..Self::default() }
    }
}

/// Opens the journal and binds it to the registry, the orgs and their keys.
///
/// # Errors
/// A journal of another registry, of other orgs or keys, or one that is in use.
pub(super) fn open(
    args: &Adopt,
    reading: &Reading,
    orgs: &[OrgHandle],
) -> Result<Option<Journal>, Failure> {
    let Some(path) = args.journal.as_ref().filter(|_| !args.dry_run) else { return Ok(None) };
    let mut journal = Journal::open(path)?;
    journal.bind(&reading.binding)?;
    journal.check_orgs(&orgs.iter().cloned().collect::<BTreeSet<_>>())?;
    reading.ring.accept(&mut journal, orgs, args.accept_new_key)?;
    Ok(Some(journal))
}

/// Rows whose group is accepted, with their steps.
fn accepted<'p>(picture: &'p Picture<'_>) -> Vec<(&'p Step, &'p Match)> {
    let steps: std::collections::HashMap<u64, &Step> = picture.plan.steps().collect();
    let matches = picture.grouping.matches.iter();
    let matches = matches.filter(|found| picture.accepted.contains(&found.group));
    matches.filter_map(|found| Some((*steps.get(&found.row)?, found))).collect()
}

/// Takes the accepted nets over.
///
/// # Errors
/// A journal that cannot be written.
pub(super) fn over(picture: &Picture<'_>, journal: &mut Journal) -> Result<Taken, Failure> {
    let before = journal.known()?;
    let mut taken = Taken::about(picture);
    let mut changes = Vec::new();
    let mut seen = BTreeSet::new();
    for (step, found) in accepted(picture) {
        let reference = picture.plan.row(found.row).and_then(|row| row.reference.clone());
        for at in &found.nets {
            let net = &picture.nets[*at];
            // Two rows may share the net they split.
            if !seen.insert(&net.net.net_handle) {
                continue;
            }
            let handle = net.net.net_handle.to_string();
            let known = match known(picture, step, found.group, net, reference.clone()) {
                Ok(known) => known,
                Err(why) => {
                    taken.left.push((handle, why));
                    continue;
                }
            };
            match before.get(&known.key) {
                Some(had) if had.open.is_some() || had.ticket.is_some() => {
                    taken.left.push((handle, "an earlier change of it is not settled".to_owned()));
                }
                // What swip registered stays its own; what is known as adopted is read anew.
                Some(had) if had.provenance == Provenance::Registered && same(had, net) => {
                    taken.before += 1;
                }
                had => {
                    taken.before += u64::from(had.is_some());
                    taken.nets += 1;
                    changes.push(Change::Know(Box::new(known)));
                }
            }
        }
    }
    for batch in changes.chunks(BATCH) {
        journal.commit(batch)?;
    }
    Ok(taken)
}

/// Whether the journal speaks of this very registration.
fn same(had: &Known, net: &Registered) -> bool {
    had.net.as_ref().is_some_and(|held| {
        held.net_handle == net.net.net_handle && held.registered_at == net.net.registered_at
    })
}

/// What the journal remembers of a net that is taken over.
fn known(
    picture: &Picture<'_>,
    step: &Step,
    group: Group,
    net: &Registered,
    reference: Option<String>,
) -> Result<Known, String> {
    let found = picture.survey.found.get(&net.net.net_handle);
    let found = found.ok_or("it was not read")?;
    let read_at = net.seen.at.clone().ok_or("it was not read")?;
    let (answer, customer) = found.image.as_ref().ok_or("it was not read by handle or range")?;
    if net.customer_handle().is_some() && customer.is_none() {
        let why = found.unread.as_deref().unwrap_or("not read");
        return Err(format!("its customer is missing from the before-image: {why}"));
    }
    let image = Image::new(answer, customer.as_ref(), read_at.clone());
    let key = StepKey { parent: step.parent.clone(), block: net.net.block };
    // A row that wants something else is no row of this net yet: sync will propose it.
    let equal = matches!(group, Group::Equal | Group::Spelling);
    Ok(Known {
        key,
        provenance: Provenance::Adopted,
        step: equal.then(|| step.clone()),
        net: Some(net.net.clone()),
        image: Some(image),
        ticket: None,
        read_at,
        reference,
        open: None,
    })
}
