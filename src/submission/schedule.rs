//! What goes when: what is open first, then additions on free space, modifications, removals
//! (children before parents), and last the additions whose space a proved removal freed.
//!
//! Owns the order within a run. Must not know: how anything is driven.

use std::collections::{HashMap, HashSet};

use super::change::ChangeTask;
use super::row::RowTask;
use crate::domain::NetHandle;
use crate::plan::Plan;
use crate::plan::diff::{Change, Diff, Verb};

/// One thing to be driven.
pub(super) enum Task {
    /// A row to be registered.
    Row(Box<RowTask>),
    /// A registration to be modified or removed.
    Change(Box<ChangeTask>),
}

impl Task {
    /// Id under which its events are kept.
    pub(super) const fn id(&self) -> u64 {
        match self {
            Self::Row(task) => task.row,
            Self::Change(task) => task.id,
        }
    }

    /// The parent it is about.
    pub(super) const fn parent(&self) -> &NetHandle {
        match self {
            Self::Row(task) => &task.step.parent,
            Self::Change(task) => &task.change.parent,
        }
    }
}

/// What is left to do, handed out batch by batch.
pub(super) struct Schedule {
    rows: Vec<RowTask>,
    changes: Vec<ChangeTask>,
    /// Per row the removals it waits for.
    needs: HashMap<u64, Vec<u64>>,
    stage: Stage,
    settle_only: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    Additions,
    Modifications,
    Removals,
    Dependents,
    Done,
}

impl Schedule {
    /// Everything that is not done.
    pub(super) fn new(
        plan: &Plan,
        rows: Vec<RowTask>,
        changes: Vec<ChangeTask>,
        settle_only: bool,
    ) -> Self {
        let needs = plan.sync.as_deref().map(needs).unwrap_or_default();
        // A plan without removals has nothing to wait for.
        let stage = if plan.sync.is_some() || settle_only { Stage::Open } else { Stage::Additions };
        Self { rows, changes, needs, stage, settle_only }
    }

    /// The next batch, given the removals that are proved; `None` when nothing is left that may
    /// begin.
    pub(super) fn next(&mut self, gone: &HashSet<u64>) -> Option<Vec<Task>> {
        loop {
            let batch = self.batch(gone);
            let again = self.stage == Stage::Removals && !batch.is_empty();
            if !again {
                self.stage = self.stage.following();
            }
            if self.settle_only && self.stage != Stage::Additions {
                self.stage = Stage::Done;
            }
            match (batch.is_empty(), self.stage) {
                (false, _) => return Some(batch),
                (true, Stage::Done) => return None,
                (true, _) => {}
            }
        }
    }

    fn batch(&mut self, gone: &HashSet<u64>) -> Vec<Task> {
        let (needs, settle_only) = (&self.needs, self.settle_only);
        let free = |id: u64| {
            needs.get(&id).is_none_or(|needs| needs.iter().all(|need| gone.contains(need)))
        };
        let waits = |id: u64| needs.get(&id).is_some_and(|needs| !needs.is_empty());
        let (mut rows, mut changes) = (Vec::new(), Vec::new());
        match self.stage {
            Stage::Open => {
                rows = self.rows.extract_if(.., |task| task.machine.is_open()).collect();
                let open =
                    |task: &mut ChangeTask| task.is_open() || (settle_only && task.has_begun());
                changes = self.changes.extract_if(.., open).collect();
            }
            Stage::Additions if settle_only => {}
            Stage::Additions => rows = self.rows.extract_if(.., |task| !waits(task.row)).collect(),
            Stage::Modifications => {
                let modifies = |task: &mut ChangeTask| !task.change.removes();
                changes = self.changes.extract_if(.., modifies).collect();
            }
            Stage::Removals => {
                changes = self.changes.extract_if(.., |task| free(task.id)).collect();
            }
            Stage::Dependents => rows = self.rows.extract_if(.., |task| free(task.row)).collect(),
            Stage::Done => {}
        }
        let rows = rows.into_iter().map(|task| Task::Row(Box::new(task)));
        rows.chain(changes.into_iter().map(|task| Task::Change(Box::new(task)))).collect()
    }
}

impl Stage {
    const fn following(self) -> Self {
        match self {
            Self::Open => Self::Additions,
            Self::Additions => Self::Modifications,
            Self::Modifications => Self::Removals,
            Self::Removals => Self::Dependents,
            Self::Dependents | Self::Done => Self::Done,
        }
    }
}

/// Per id the removals it waits for; a replacement waits for its own.
fn needs(diff: &Diff) -> HashMap<u64, Vec<u64>> {
    let removal_of: HashMap<u64, u64> =
        diff.changes.iter().map(|change| (change.id, change.removal_id())).collect();
    let mut needs = HashMap::new();
    for change in diff.changes.iter().filter(|change| change.acts()) {
        let first: Vec<u64> =
            change.needs.iter().filter_map(|id| removal_of.get(id).copied()).collect();
        match change.verb {
            Verb::Replace { .. } => {
                needs.insert(change.removal_id(), first);
                needs.insert(change.id, vec![change.removal_id()]);
            }
            _ => drop(needs.insert(change.id, first)),
        }
    }
    needs
}

/// The changes of a plan that are to be carried out, `only` rows if any are named.
pub(super) fn acting<'d>(diff: &'d Diff, only: &'d [u64]) -> impl Iterator<Item = &'d Change> + 'd {
    let chosen =
        |change: &&Change| only.is_empty() || change.row.is_some_and(|row| only.contains(&row));
    diff.changes.iter().filter(|change| change.acts()).filter(chosen)
}
