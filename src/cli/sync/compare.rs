//! The two sides of a night and their difference: what is open is settled, what is registered is
//! read, the diff is made, and its guards hold what may not pass.
//!
//! Must not know: how a change is driven, how a difference is shown.

use std::sync::Arc;

use super::evening::Evening;
use super::known::{self, Side};
use super::{Night, guard, lists, settle};
use crate::cli::args::Verify;
use crate::cli::failure::{Exit, Failure};
use crate::journal::{AcceptedInput, Journal};
use crate::plan::Plan;
use crate::plan::diff::{self, Diff, DiffOptions, Field, Known, guards};
use crate::submission::Counted;

impl Night<'_> {
    /// Settles what is open, and reads what is registered.
    pub(super) async fn gather(
        &self,
        evening: &Evening,
        mut journal: Option<Journal>,
        registry: Option<&Arc<Counted>>,
    ) -> Result<(Option<Journal>, Side), Failure> {
        let restored = journal.as_ref().map(|journal| journal.store().is_restored()).transpose()?;
        // After an earlier copy was put back, what it says is read again, all of it.
        let verify = if restored == Some(true) { Some(Verify::All) } else { self.args.verify };
        if let (Some(open), Some(registry), false) =
            (journal.take(), registry, self.changes_nothing())
        {
            journal = Some(settle::open(open, registry, &self.job, &self.record).await?);
        } else if self.changes_nothing() {
            journal = self.journal()?;
        }
        let mut side = known::remembered(journal.as_ref())?;
        let as_of = guard::now(self.args.intake.as_of);
        let today = jiff::tz::TimeZone::UTC.to_datetime(as_of).date();
        let keys = known::to_read(&side, &evening.plan, verify, today);
        match registry {
            Some(registry) => {
                let customers = verify == Some(Verify::All);
                let width = self.args.pace.concurrency.unwrap_or(self.job.target.concurrency());
                let width = usize::from(width);
                // With everything else, or when its net is another one, a customer is read again.
                let known = |key: &_| side.known.get(key).filter(|_| !customers).cloned();
                let ranges = known::read(registry, keys, known, width).await?;
                side.read = ranges.read;
                side.refused = ranges.refused.into_iter().collect();
            }
            None if keys.is_empty() => {}
            None => side.unchecked.push(format!(
                "the ranges of {} rows were not read at the registry; --look-first always reads them",
                keys.len()
            )),
        }
        let file = self.args.intake.registered.as_ref().map(|path| path.display().to_string());
        side.merge(&evening.listed, file.as_deref());
        match registry {
            Some(registry) => {
                let lists =
                    lists::Lists { job: &self.job, registry, rdap: self.args.rdap.as_deref() };
                lists.add(&evening.plan, &mut side).await?;
            }
            None => {
                let fact = "what else is below the parents was not listed";
                side.unchecked.push(fact.to_owned());
            }
        }
        Ok((journal, side))
    }

    /// The difference, with every guard applied.
    pub(super) fn guarded(
        &self,
        plan: &Plan,
        side: &Side,
        journal: Option<&Journal>,
        last: Option<&AcceptedInput>,
    ) -> Result<Diff, Failure> {
        let mut diff = self.diff(plan, side);
        let limits = guard::limits(self.args, &self.job.target);
        diff.attended = !limits.unattended;
        let beside = guard::beside(&self.args.intake)?;
        let now = guard::now(self.args.intake.as_of);
        let mut facts = guard::facts(&diff, journal, side, last, &beside, now)?;
        if self.args.pace.retry_rejected {
            facts.refused.clear();
        }
        if !facts.files_changed.is_empty() {
            tracing::warn!(
                "changed since the last accepted run: {}",
                facts.files_changed.join(", ")
            );
        }
        guards::hold(&mut diff, &limits, &facts);
        if let Err(message) = guards::too_much(&diff, &limits, &facts) {
            if self.changes_nothing() {
                tracing::warn!("the run would stop: {message}");
            } else {
                return Err(Failure::new(Exit::Stopped, message));
            }
        }
        Ok(diff)
    }

    pub(super) fn diff(&self, plan: &Plan, side: &Side) -> Diff {
        let modify = self.job.global.settings.modify.as_ref();
        let named = |column: &crate::intake::Field| {
            // The three street columns are one value.
            let name = column.name();
            let name = if name.starts_with("street") { "street" } else { name };
            Field::ALL.into_iter().find(|field| field.as_str() == name)
        };
        let options = DiffOptions {
            modify: modify.map(|columns| columns.iter().filter_map(named).collect()),
            include_unowned: self.args.include_unowned,
        };
        let known = Known {
            registered: &side.registered,
            pending: &side.pending,
            unsettled: &side.unsettled,
            refused: &side.refused,
        };
        diff::diff(plan, known, &options)
    }
}
