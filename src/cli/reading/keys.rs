//! Keys: each parent is read and written with its org's key, where the config names one.
//!
//! Owns the choice and the proof of a key. Must not know: what is read with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::{Reading, managed};
use crate::cli::args::Global;
use crate::cli::failure::{Exit, Failure};
use crate::cli::target::{self, Target};
use crate::domain::{NetHandle, OrgHandle, Parent};
use crate::inventory::Fault;
use crate::journal::{Journal, JournalError};
use crate::practice::KEY;
use crate::regrws::{ApiKey, BaseUrl, Clients, GetNet, Pacer};
use crate::submission::{Counted, KeyOptions};

/// The keys of a run.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Ring {
    /// For orgs without a key of their own.
    common: ApiKey,
    by_org: BTreeMap<OrgHandle, ApiKey>,
    /// Whose parent each is.
    orgs: HashMap<NetHandle, OrgHandle>,
}

impl Ring {
    /// Reads the keys that the managed parents need.
    ///
    /// # Errors
    /// A key that is missing or unusable.
    pub(in crate::cli) fn of(
        global: &Global,
        target: &Target,
        parents: &[Parent],
    ) -> Result<Self, Failure> {
        if *target == Target::Practice {
            let common = ApiKey::parse(KEY).map_err(|e| Failure::new(Exit::Bug, e.to_string()))?;
            return Ok(Self { common, by_org: BTreeMap::new(), orgs: HashMap::new() });
        }
        let mut by_org = BTreeMap::new();
        let orgs: BTreeSet<&OrgHandle> = managed(parents).filter_map(|p| p.org.as_ref()).collect();
        for org in &orgs {
            if let Some(path) = global.settings.key_file(org) {
                by_org.insert((*org).clone(), target::key_in(path)?);
            }
        }
        let every =
            managed(parents).all(|p| p.org.as_ref().is_some_and(|o| by_org.contains_key(o)));
        // Where each org has its own key, a common one is not asked for.
        let common = match by_org.values().next() {
            Some(first) if every => first.clone(),
            _ => target::key(global)?,
        };
        let orgs = parents.iter().filter_map(|p| Some((p.net_handle.clone(), p.org.clone()?)));
        Ok(Self { common, by_org, orgs: orgs.collect() })
    }

    /// A client for each key, at one pace.
    ///
    /// # Errors
    /// Options no client can be made of.
    pub(super) fn clients(
        &self,
        global: &Global,
        base: &BaseUrl,
        pacer: &Arc<Pacer>,
    ) -> Result<Clients, Failure> {
        let client = |key: &ApiKey| target::client_at(global, base.clone(), key.clone(), pacer);
        let by_org = self.by_org.iter().map(|(org, key)| Ok((org.clone(), client(key)?)));
        let by_org: Result<BTreeMap<_, _>, Failure> = by_org.collect();
        Ok(Clients { common: client(&self.common)?, by_org: by_org? })
    }

    /// The registry of a run, each request with its org's key.
    ///
    /// # Errors
    /// Options no client can be made of.
    pub(in crate::cli) fn counted(
        &self,
        global: &Global,
        base: &BaseUrl,
        pacer: &Arc<Pacer>,
    ) -> Result<Counted, Failure> {
        Ok(Counted::new(self.clients(global, base, pacer)?, self.orgs.clone()))
    }

    /// The keys as a journal knows them.
    ///
    /// # Errors
    /// A key the journal does not know, unless it is accepted.
    pub(in crate::cli) fn options(
        &self,
        journal: &Journal,
        accept_new: bool,
    ) -> Result<KeyOptions, JournalError> {
        let salt = journal.salt()?;
        let by_org = self.by_org.iter().map(|(org, key)| (org.clone(), key.fingerprint(&salt)));
        let (common, by_org) = (self.common.fingerprint(&salt), by_org.collect::<HashMap<_, _>>());
        for fingerprint in by_org.values().chain([&common]) {
            journal.check_key(fingerprint, accept_new)?;
        }
        let known = journal.store().keys()?.into_iter().map(|key| (key.org, key.fingerprint));
        Ok(KeyOptions { common, by_org, known: known.collect(), accept_new })
    }

    /// Makes a journal know the keys; one it does not know is refused unless it is accepted. Each
    /// has read a net of its org by now.
    ///
    /// # Errors
    /// Another key, or a journal that cannot be written.
    pub(in crate::cli) fn accept(
        &self,
        journal: &mut Journal,
        orgs: &[OrgHandle],
        accept_new: bool,
    ) -> Result<(), Failure> {
        let salt = journal.salt()?;
        for org in orgs {
            journal.check_key(&self.key(Some(org)).fingerprint(&salt), accept_new)?;
        }
        for org in orgs {
            journal.accept_key(org.clone(), &self.key(Some(org)).fingerprint(&salt))?;
        }
        Ok(())
    }

    /// The key of an org.
    #[must_use]
    fn key(&self, org: Option<&OrgHandle>) -> &ApiKey {
        org.and_then(|org| self.by_org.get(org)).unwrap_or(&self.common)
    }
}

/// Reads one net of each org with its key: a key that cannot is the wrong one.
///
/// # Errors
/// A key without authority, or a parent that is held by another org than its file says.
pub(in crate::cli) async fn prove(
    reading: &Reading,
    parents: &[Parent],
) -> Result<Vec<OrgHandle>, Failure> {
    let mut proved: Vec<OrgHandle> = Vec::new();
    for parent in managed(parents) {
        let org = parent.org.as_ref();
        if org.is_some_and(|org| proved.contains(org)) {
            continue;
        }
        let handle = &parent.net_handle;
        let read = reading.reader.fresh(org, &GetNet(handle.clone())).await;
        let net = read.map_err(|fault| not_read(parent, fault))?;
        match (org, net.holder.org().cloned()) {
            (Some(org), Some(held)) if *org != held => {
                return Err(Failure::usage(format!(
                    "{handle} is held by {held}, the parents file says {org}; correct the file"
                )));
            }
            (Some(org), _) => proved.push(org.clone()),
            (None, Some(held)) => proved.push(held),
            (None, None) => {}
        }
    }
    proved.dedup();
    Ok(proved)
}

fn not_read(parent: &Parent, fault: Fault) -> Failure {
    let handle = &parent.net_handle;
    let org = parent.org.as_ref().map_or_else(String::new, |org| format!(" of {org}"));
    match fault {
        Fault::Absent => {
            Failure::usage(format!("the registry knows no net {handle}; correct the parents file"))
        }
        Fault::NoAuthority(why) => Failure::new(
            Exit::Key,
            format!(
                "the key has no authority over {handle}{org}: {why}; give the org's key in the config: [orgs.\"ORG\"] api_key_file"
            ),
        ),
        Fault::Nothing(why) => {
            Failure::new(Exit::Registry, format!("{handle} cannot be read: {why}"))
        }
        Fault::Stop(stop) => stop.into(),
    }
}
