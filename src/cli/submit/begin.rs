//! The beginning of a run: what earlier runs in the journal mean for its rows.
//!
//! Rows that an earlier run finished are taken over without a request; rows it left open keep
//! their events, so that they are settled before anything is sent for them. Must not know: the
//! registry, arguments.

use std::collections::HashMap;

use crate::journal::{
    Change, Doubt, Event, GeneratedName, Journal, Known, Outcome, RunRecord, StoreError,
};
use crate::plan::{Plan, Step, StepKey};

/// Begins a run; gives its number.
pub(in crate::cli) fn begin(
    journal: &mut Journal,
    record: &RunRecord,
    plan: &Plan,
) -> Result<i64, StoreError> {
    let memory = Memory::read(journal)?;
    journal.begin(record, plan, |run| {
        let mut changes = Vec::new();
        for (row, step) in plan.steps() {
            changes.extend(memory.row(run, row, step));
            if step.name_generated {
                let (block, name) = (step.block, step.net_name.clone());
                changes.push(Change::Name(GeneratedName { block, name }));
            }
        }
        changes
    })
}

/// Gives each block the name that swip made for it before.
pub(in crate::cli) fn keep_names(journal: &Journal, plan: &mut Plan) -> Result<(), StoreError> {
    let names = journal.names()?;
    plan.keep_names(|block| names.get(block).cloned());
    Ok(())
}

/// What the journal remembers, as far as it concerns new runs.
struct Memory {
    known: HashMap<StepKey, Known>,
    restored: bool,
    doubts: HashMap<StepKey, Doubt>,
    /// Events of the runs that left something open.
    stories: HashMap<(i64, u64), Vec<Event>>,
}

impl Memory {
    fn read(journal: &Journal) -> Result<Self, StoreError> {
        let (known, doubts) = (journal.known()?, journal.doubts()?);
        let mut runs: Vec<i64> = doubts.values().map(|doubt| doubt.run).collect();
        runs.sort_unstable();
        runs.dedup();
        let mut stories: HashMap<(i64, u64), Vec<Event>> = HashMap::new();
        for run in runs {
            for (row, event) in journal.events(run)? {
                stories.entry((run, row)).or_default().push(event);
            }
        }
        let restored = journal.store().is_restored()?;
        Ok(Self { known, restored, doubts, stories })
    }

    /// A row whose range an earlier run wrote to, with an outcome that is still open: its story
    /// moves to the new run. With other values than now, the old write is settled where it is.
    fn doubted(&self, run: i64, row: u64, step: &Step, doubt: &Doubt) -> Vec<Change> {
        if doubt.step != *step {
            return Vec::new();
        }
        let story = self.stories.get(&(doubt.run, doubt.row)).map_or(&[][..], Vec::as_slice);
        let moved = Doubt { run, row, ..doubt.clone() };
        let mut changes = vec![Change::Doubt(Box::new(moved))];
        // A rejected net is sent again, to the customer that was created for it.
        let rejected = matches!(story.last(), Some(Event::Concluded(Outcome::Rejected { .. })));
        let created = story.iter().rposition(|event| matches!(event, Event::RecipientCreated(_)));
        let kept = match (rejected, created) {
            (true, Some(at)) => &story[..=at],
            _ => story,
        };
        changes.extend(kept.iter().map(|event| Change::Event { run, row, event: event.clone() }));
        let (run, row, event) = (doubt.run, doubt.row, Event::TakenOver { run });
        changes.push(Change::Event { run, row, event });
        changes
    }

    /// What a new run begins a row with.
    fn row(&self, run: i64, row: u64, step: &Step) -> Vec<Change> {
        let key = step.key();
        let event = |event| Change::Event { run, row, event };
        if let Some(doubt) = self.doubts.get(&key) {
            return self.doubted(run, row, step, doubt);
        }
        if self.restored {
            // What the copy knows may be over: every row is read again.
            return Vec::new();
        }
        let known = self.known.get(&key).and_then(|known| Some((known, known.outcome()?)));
        match known {
            Some((known, outcome)) => {
                vec![event(Event::Concluded(taken_over(step, known.step.as_ref(), outcome)))]
            }
            None => Vec::new(),
        }
    }
}

/// What a step that an earlier run registered means now.
fn taken_over(step: &Step, before: Option<&Step>, outcome: Outcome) -> Outcome {
    let same = before.is_some_and(|before| {
        before.assignment == step.assignment
            && before.comment == step.comment
            && (before.net_name == step.net_name || step.name_generated)
    });
    if same {
        return outcome;
    }
    Outcome::Rejected {
        code: "conflict".to_owned(),
        message: "the journal has this range registered with other values; submit only creates: undo the change, or change the registration".to_owned(),
        net: outcome.net().cloned(),
    }
}
