//! The line from a journal to its registry, for commands that only read there.
//!
//! Owns which registry, key and world a journal's last run had. Must not know: what is read.

use super::args::Global;
use super::failure::{Exit, Failure};
use super::reading::Ring;
use super::target::{self, Target};
use super::{identity, inner};
use crate::journal::{Journal, RunRecord};
use crate::plan::Plan;
use crate::practice::Practice;
use crate::regrws::BaseUrl;
use crate::submission::{Counted, Reader};

/// An open line.
pub(super) struct Line {
    practice: Option<Practice>,
    /// To read with.
    pub(super) reader: Reader<Counted>,
    /// Whether it is a practice registry.
    pub(super) local: bool,
}

impl Line {
    /// Opens the line of a run, and binds the journal to it.
    pub(super) async fn open(
        global: &Global,
        journal: &mut Journal,
        record: &RunRecord,
        plan: &Plan,
    ) -> Result<Self, Failure> {
        let asked = global.registry.as_deref().unwrap_or(&record.registry);
        let target = Target::parse(Some(asked))?;
        let ring = Ring::of(global, &target, &plan.parents)?;
        let (practice, base) = match &target {
            Target::Practice => {
                let practice = inner::start(plan, record.practice_stem.as_deref()).await?;
                let bug = |text: String| Failure::new(Exit::Bug, text);
                let base = BaseUrl::parse(&practice.url()).map_err(|e| bug(e.to_string()))?;
                (Some(practice), base)
            }
            Target::At { base, .. } => (None, base.clone()),
        };
        journal.bind(&identity::of(&base, practice.as_ref()).await?)?;
        let counted = ring.counted(global, &base, &target::pacer(global, target.rate()))?;
        let local = target.is_local();
        Ok(Self { practice, reader: Reader::new(counted), local })
    }

    /// Ends it.
    pub(super) fn close(self) -> Result<(), Failure> {
        match self.practice {
            Some(practice) => {
                practice.stop().map_err(|fault| Failure::new(Exit::Storage, fault.to_string()))
            }
            None => Ok(()),
        }
    }
}
