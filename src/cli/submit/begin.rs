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
        Ok(Self { known, doubts, stories })
    }

    /// What a new run begins a row with.
    fn row(&self, run: i64, row: u64, step: &Step) -> Vec<Change> {
        let key = step.key();
        let event = |event| Change::Event { run, row, event };
        if let Some(doubt) = self.doubts.get(&key) {
            if doubt.step != *step {
                return vec![event(Event::Concluded(waits_for(doubt)))];
            }
            let story = self.stories.get(&(doubt.run, doubt.row));
            let mut changes: Vec<Change> =
                story.into_iter().flatten().cloned().map(event).collect();
            let moved = Doubt { run, row, ..doubt.clone() };
            changes.push(Change::Doubt(Box::new(moved)));
            return changes;
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

/// A row whose range an earlier run wrote to with other values, with an outcome still open.
fn waits_for(doubt: &Doubt) -> Outcome {
    let message = format!(
        "run {} wrote other values for this range (its row {}), and the outcome is not settled; settle that first: swip resolve, or run it with the values it had",
        doubt.run, doubt.row
    );
    Outcome::Unresolved { message, net: None }
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
