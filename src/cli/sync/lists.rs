//! What RDAP lists below the parents: nets that neither journal nor rows name, and children.
//!
//! RDAP is public and late, so it never speaks against the journal, and a net it shows in a row's
//! way is read at the registry first. A list that cannot be had is said, and stops nothing. Must
//! not know: the diff, guards.

use std::collections::HashSet;
use std::sync::Arc;

use jiff::SignedDuration;

use super::known::{self, Side};
use crate::cli::failure::{Exit, Failure};
use crate::cli::submit::job::Job;
use crate::cli::{reading, target};
use crate::domain::{NetHandle, Registered};
use crate::inventory::{Cache, Gait, Reader, Stop, Survey};
use crate::plan::Plan;
use crate::plan::registered::RegisteredSet;
use crate::rdap::{Rdap, RdapOptions};
use crate::regrws::Clients;
use crate::submission::record::Unread;
use crate::submission::{Counted, ReadFault, record};

/// What is listed, and by whom.
pub(super) struct Lists<'l> {
    pub(super) job: &'l Job<'l>,
    pub(super) registry: &'l Arc<Counted>,
    /// `--rdap`, as given.
    pub(super) rdap: Option<&'l str>,
}

impl Lists<'_> {
    /// Adds what RDAP lists to what is known.
    ///
    /// # Errors
    /// An address that is none, a scratch file that cannot be written, a net that cannot be read.
    pub(super) async fn add(&self, plan: &Plan, side: &mut Side) -> Result<(), Failure> {
        let base = self.registry.client().base();
        let own = || self.job.target.is_local().then(|| format!("{base}/rdap"));
        let url = self.rdap.map(str::to_owned).or_else(own);
        let Some(url) = url.filter(|url| url != reading::OFF) else { return Ok(()) };
        let survey = match self.survey(plan, &url).await? {
            Ok(survey) => survey,
            Err(why) => {
                side.unchecked.push(format!("what else is below the parents: {why}"));
                return Ok(());
            }
        };
        for (parent, list) in &survey.lists {
            for gap in &list.gaps {
                side.unchecked.push(format!("what else is below {parent}: {gap}"));
            }
        }
        let managed = plan.parents.iter().filter(|parent| parent.managed);
        let complete = survey.listed();
        side.listed = managed.into_iter().all(|parent| complete.contains(&parent.net_handle));
        self.merge(plan, &survey, side).await
    }

    /// Reads the lists; the inner error is why there are none.
    async fn survey(&self, plan: &Plan, url: &str) -> Result<Result<Survey, String>, Failure> {
        let client = self.registry.client().clone();
        let options = RdapOptions {
            base: url.to_owned(),
            timeout: self.job.global.timeout.unwrap_or(target::TIMEOUT),
            proxy: self.job.global.proxy.clone(),
            pacer: client.shared_pacer(),
        };
        let rdap = Rdap::new(options).map_err(Failure::usage)?;
        let clients = Clients { common: client, by_org: std::collections::BTreeMap::new() };
        // Nothing is kept: a night wants what is listed now.
        let scratch = tempfile::NamedTempFile::new()?;
        let cache = Cache::open(scratch.path(), url, SignedDuration::MAX)?;
        let reader = Arc::new(Reader::new(clients, Some(rdap), cache));
        let width = self.job.pace.concurrency.unwrap_or(self.job.target.concurrency());
        // Nobody turns it true: a signal ends the process, nothing was written yet.
        let (_quiet, cancel) = tokio::sync::watch::channel(false);
        let gait = Gait { width: usize::from(width), cancel };
        let mut survey = Survey::new(plan.parents.clone());
        match survey.list(&reader, &gait, |_| {}).await {
            Ok(()) => Ok(Ok(survey)),
            Err(Stop::Storage(why)) => Err(Failure::new(Exit::Storage, why)),
            Err(Stop::Key(why) | Stop::Registry(why)) => Ok(Err(why)),
            Err(Stop::Signal) => Err(Failure::new(Exit::Stopped, "stopped; nothing was sent")),
        }
    }

    /// Takes in the nets that nothing else shows.
    async fn merge(&self, plan: &Plan, survey: &Survey, side: &mut Side) -> Result<(), Failure> {
        let seen: HashSet<NetHandle> =
            side.registered.iter().map(|net| net.net.net_handle.clone()).collect();
        let nets = survey.nets().into_iter().map(|found| &found.net);
        let new: Vec<&Registered> =
            nets.filter(|net| !seen.contains(&net.net.net_handle)).collect();
        let mut spans = RegisteredSet::new();
        new.iter().for_each(|net| spans.insert(net.net.clone().into()));
        let rows = plan.steps().flat_map(|(_, step)| spans.sharing(&step.block));
        let in_the_way: HashSet<&NetHandle> = rows.map(|net| &net.net_handle).collect();
        for net in new {
            if !in_the_way.contains(&net.net.net_handle) || self.is_there(net, side).await? {
                side.registered.push(net.clone());
            }
        }
        side.registered.sort_by(|a, b| a.net.net_handle.cmp(&b.net.net_handle));
        Ok(())
    }

    /// Whether a listed net in a row's way is still what the list shows. One that the key may not
    /// read, as that of another org, is taken to be: a refusal is no evidence of absence.
    async fn is_there(&self, listed: &Registered, side: &mut Side) -> Result<bool, Failure> {
        let handle = &listed.net.net_handle;
        let found = match record::by_handle(self.registry, handle).await {
            Ok(found) => found,
            Err(Unread(ReadFault::KeyRefused(why))) => {
                side.unchecked.push(format!("whether {handle} still stands: {why}"));
                return Ok(true);
            }
            Err(fault) => return Err(known::unread(handle, &fault)),
        };
        Ok(found.is_some_and(|found| found.registered.net.block == listed.net.block))
    }
}
