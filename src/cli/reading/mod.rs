//! Connections that only read: clients with each org's key, RDAP, the cache, and a practice
//! registry inside the process where that is asked for.
//!
//! Owns what `inventory` and `adopt` share before and while they read. Must not know: rows.

mod keys;
mod lists;
pub(super) mod price;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::SignedDuration;
use tokio::sync::watch;

use super::args::{Global, Sources, When};
use super::failure::{Exit, Failure};
use super::target::{self, Target};
use super::units::Rate;
use super::{identity, inner, signals};
use crate::domain::Parent;
use crate::inventory::{Cache, CacheError, Gait, Reader, Stop};
use crate::plan::Plan;
use crate::practice::Practice;
use crate::rdap::{Rdap, RdapOptions};
use crate::regrws::{BaseUrl, Pacer};
pub(super) use keys::{Ring, prove};
pub(super) use lists::{listed, seeds};

impl From<CacheError> for Failure {
    fn from(fault: CacheError) -> Self {
        let exit = match fault {
            CacheError::Foreign { .. } | CacheError::NotOurs(_) => Exit::Usage,
            _ => Exit::Storage,
        };
        Self::new(exit, fault.to_string())
    }
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        let again = "what was read is kept; run the same command to go on";
        match stop {
            Stop::Key(why) => Self::new(Exit::Key, format!("the registry refused the key: {why}")),
            Stop::Registry(why) => Self::new(Exit::Registry, format!("{why}; {again}")),
            Stop::Storage(why) => Self::new(Exit::Storage, why),
            Stop::Signal => Self::new(Exit::Stopped, format!("stopped; {again}")),
        }
    }
}

/// What `--rdap` says for no RDAP at all.
pub(super) const OFF: &str = "off";

/// Everything reads need.
pub(super) struct Reading {
    pub(super) target: Target,
    pub(super) reader: Arc<Reader>,
    pub(super) gait: Gait,
    pub(super) rate: Option<Rate>,
    /// What a journal is bound to.
    pub(super) binding: String,
    pub(super) ring: Ring,
    practice: Option<Practice>,
    shows_bars: bool,
}

/// What a connection is made for.
pub(super) struct Purpose<'p> {
    pub(super) global: &'p Global,
    pub(super) sources: &'p Sources,
    /// The parents, and the rows a practice registry inside must know the recipients of.
    pub(super) plan: &'p Plan,
    /// Path stem of the files of a practice registry inside.
    pub(super) stem: PathBuf,
    /// Where kept answers lie, unless told.
    pub(super) cache: PathBuf,
}

impl Reading {
    /// Connects.
    ///
    /// # Errors
    /// Keys, addresses and files that cannot be used.
    pub(super) async fn open(purpose: &Purpose<'_>) -> Result<Self, Failure> {
        let (global, sources) = (purpose.global, purpose.sources);
        if global.read_only && sources.ask_report {
            return Err(Failure::usage(
                "--ask-report opens a ticket, which --read-only refuses; save the report by hand and give --report-file",
            ));
        }
        let target = Target::parse(global.registry.as_deref())?;
        let ring = Ring::of(global, &target, &purpose.plan.parents)?;
        let practice = match &target {
            Target::Practice => Some(inner::start(purpose.plan, Some(&purpose.stem)).await?),
            Target::At { .. } => None,
        };
        let base = match (&practice, &target) {
            (Some(practice), _) => loopback(&practice.url())?,
            (None, Target::At { base, .. }) => base.clone(),
            (None, Target::Practice) => return Err(Failure::usage("no registry was chosen")),
        };
        let binding = identity::of(&base, practice.as_ref()).await?;
        let rate = sources.rate.or(target.rate());
        let pacer = target::pacer(global, rate);
        let clients = ring.clients(global, &base, &pacer)?;
        let rdap = rdap(global, sources, &target, &base, &pacer)?;
        let path = sources.cache.as_ref().unwrap_or(&purpose.cache);
        let max_age = SignedDuration::try_from(sources.max_age).unwrap_or(SignedDuration::MAX);
        let cache = Cache::open(path, &binding, max_age)?;
        let width = usize::from(sources.concurrency.unwrap_or(target.concurrency()));
        let reader = Arc::new(Reader::new(clients, rdap, cache));
        let gait = Gait { width, cancel: cancel() };
        let shows_bars = match global.progress {
            Some(When::Always) => true,
            Some(When::Never) => false,
            _ => !global.quiet && std::io::stderr().is_terminal(),
        };
        Ok(Self { target, reader, gait, rate, binding, ring, practice, shows_bars })
    }

    /// Ends a practice registry inside; its world is kept.
    ///
    /// # Errors
    /// A world that cannot be written.
    pub(super) fn close(self) -> Result<(), Failure> {
        match self.practice {
            Some(practice) => {
                practice.stop().map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))
            }
            None => Ok(()),
        }
    }

    /// A bar on the terminal, where one is shown.
    pub(super) fn bar(&self, reads: u64) -> ProgressBar {
        if !self.shows_bars {
            return ProgressBar::with_draw_target(Some(reads), ProgressDrawTarget::hidden());
        }
        let bar = ProgressBar::new(reads);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {per_sec}  {eta} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar
    }
}

fn loopback(url: &str) -> Result<BaseUrl, Failure> {
    BaseUrl::parse(url).map_err(|fault| Failure::new(Exit::Bug, fault.to_string()))
}

/// RDAP: as asked for; at a practice registry its own.
fn rdap(
    global: &Global,
    sources: &Sources,
    target: &Target,
    base: &BaseUrl,
    pacer: &Arc<Pacer>,
) -> Result<Option<Rdap>, Failure> {
    let own = || target.is_local().then(|| format!("{base}/rdap"));
    let Some(base) = sources.rdap.clone().or_else(own).filter(|base| base != OFF) else {
        return Ok(None);
    };
    let options = RdapOptions {
        base,
        timeout: global.timeout.unwrap_or(target::TIMEOUT),
        proxy: global.proxy.clone(),
        pacer: Arc::clone(pacer),
    };
    Rdap::new(options).map(Some).map_err(Failure::usage)
}

/// Turns true at the first signal.
fn cancel() -> watch::Receiver<bool> {
    let (cancel, cancelled) = watch::channel(false);
    tokio::spawn(async move {
        signals::first().await;
        let _ = cancel.send(true);
        signals::second().await;
    });
    cancelled
}

/// Where kept answers lie by default: beside the parents, so that `adopt` finds what `inventory`
/// read.
#[must_use]
pub(super) fn default_cache(parents: Option<&Path>, first: &Path) -> PathBuf {
    let name = parents.unwrap_or(first).as_os_str().to_owned();
    let mut name = name;
    name.push(".swip-inventory");
    PathBuf::from(name)
}

/// The parents that are ours to manage, each with its org.
pub(super) fn managed(parents: &[Parent]) -> impl Iterator<Item = &Parent> {
    parents.iter().filter(|parent| parent.managed)
}
