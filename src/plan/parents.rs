//! Which parent a block belongs to: containment, type, status and nearness.
//!
//! Owns the rules about parents. Must not know: other rows.

use crate::domain::{AddressRange, Finding, NetHandle, Parent, RowAt, Rule};

/// Similarity above which a parent's handle is suggested.
const SUGGEST_ABOVE: f64 = 0.9;

/// The parents of a plan, for look-up by handle and by block.
#[derive(Clone, Debug)]
pub struct ParentSet {
    /// Sorted by family and first address, larger first.
    parents: Vec<Parent>,
    /// For each parent, the index of the smallest other one that contains it.
    around: Vec<Option<usize>>,
}

impl ParentSet {
    /// Builds the set.
    #[must_use]
    pub fn new(mut parents: Vec<Parent>) -> Self {
        parents.sort_by_key(|parent| {
            let (first, last) = parent.block.bounds();
            (parent.block.family(), first, u128::MAX - last)
        });
        let mut open: Vec<usize> = Vec::new();
        let mut around = Vec::with_capacity(parents.len());
        for (index, parent) in parents.iter().enumerate() {
            while open.last().is_some_and(|at| !parents[*at].block.contains(&parent.block)) {
                open.pop();
            }
            around.push(open.last().copied());
            open.push(index);
        }
        Self { parents, around }
    }

    /// All parents, sorted.
    #[must_use]
    pub fn all(&self) -> &[Parent] {
        &self.parents
    }

    /// The parent of a handle.
    #[must_use]
    pub fn by_handle(&self, handle: &NetHandle) -> Option<&Parent> {
        self.parents.iter().find(|parent| parent.net_handle == *handle)
    }

    /// Every parent that contains the block, smallest first.
    fn containing(&self, block: &AddressRange) -> Vec<&Parent> {
        let key = (block.family(), block.bounds().0);
        let behind = self
            .parents
            .partition_point(|parent| (parent.block.family(), parent.block.bounds().0) <= key);
        let mut found = Vec::new();
        let mut at = behind.checked_sub(1);
        while let Some(index) = at {
            let parent = &self.parents[index];
            if parent.block.contains(block) {
                found.push(parent);
            }
            at = self.around[index];
        }
        found.sort_by_key(|parent| parent.block.size());
        found
    }

    /// The parent of a row: the one it names, or the smallest DA or A parent around its block.
    ///
    /// # Errors
    /// The one finding that says why there is none.
    pub fn resolve(
        &self,
        at: RowAt,
        named: Option<&NetHandle>,
        block: &AddressRange,
    ) -> Result<&Parent, Box<Finding>> {
        let containing = self.containing(block);
        let parent = match named {
            Some(handle) => self.named(at, handle, block, &containing)?,
            None => self.inferred(at, block, &containing)?,
        };
        subdividable(at, parent)?;
        let nearest = containing.iter().find(|p| p.kind.can_be_subdivided() && p.active);
        match nearest {
            Some(near) if near.block.size() < parent.block.size() => {
                let message = format!(
                    "{} is inside {} ({}), which is nearer than {}",
                    block, near.net_handle, near.block, parent.net_handle
                );
                let help = format!("set parent_net to {}, or leave it empty", near.net_handle);
                Err(on_parent(at, Rule::ParentNotNearest, message, help, named))
            }
            _ => Ok(parent),
        }
    }

    fn named<'p>(
        &'p self,
        at: RowAt,
        handle: &NetHandle,
        block: &AddressRange,
        containing: &[&Parent],
    ) -> Result<&'p Parent, Box<Finding>> {
        let Some(parent) = self.by_handle(handle) else {
            let near = self.parents.iter().map(|p| p.net_handle.as_str()).max_by(|a, b| {
                let score = |text| strsim::jaro_winkler(handle.as_str(), text);
                score(a).total_cmp(&score(b))
            });
            let near = near.filter(|n| strsim::jaro_winkler(handle.as_str(), n) > SUGGEST_ABOVE);
            let help = match (containing.first(), near) {
                (Some(parent), _) => format!("{} contains the block", parent.net_handle),
                (None, Some(near)) => format!("did you mean {near}?"),
                (None, None) => "add it to the parents file".to_owned(),
            };
            let message = format!("{handle} is not among the parents");
            return Err(on_parent(at, Rule::ParentUnknown, message, help, Some(handle)));
        };
        if parent.block.contains(block) {
            return Ok(parent);
        }
        let message =
            format!("{block} extends beyond its parent {handle}, which is {}", parent.block);
        let help = containing.first().map_or_else(
            || "correct the block; no other parent contains it".to_owned(),
            |other| format!("{} ({}) contains it", other.net_handle, other.block),
        );
        Err(on_block(at, Rule::OutsideParent, message, help))
    }

    fn inferred<'p>(
        &'p self,
        at: RowAt,
        block: &AddressRange,
        containing: &[&'p Parent],
    ) -> Result<&'p Parent, Box<Finding>> {
        let usable: Vec<&&Parent> =
            containing.iter().filter(|p| p.kind.can_be_subdivided() && p.active).collect();
        match (usable.as_slice(), containing) {
            ([first, second, ..], _) if first.block == second.block => {
                let message = format!(
                    "{} and {} both cover {}",
                    first.net_handle, second.net_handle, first.block
                );
                let help = "name the parent_net that is meant";
                Err(on_parent(at, Rule::ParentAmbiguous, message, help.to_owned(), None))
            }
            ([first, ..], _) => Ok(first),
            ([], [only, ..]) => Ok(only),
            ([], []) => {
                let message = format!("no parent contains {block}");
                let help = "correct the block, or add its parent to the parents file";
                Err(on_block(at, Rule::OutsideParent, message, help.to_owned()))
            }
        }
    }
}

/// Only active nets of type DA or A can be subdivided (ARIN "Reassign", rejection rules).
fn subdividable(at: RowAt, parent: &Parent) -> Result<(), Box<Finding>> {
    let handle = &parent.net_handle;
    if !parent.kind.can_be_subdivided() {
        let message =
            format!("{handle} is of type {}; only DA and A can be subdivided", parent.kind);
        let help = "name the allocation above it, or ask its holder to reassign".to_owned();
        return Err(on_parent(at, Rule::ParentNotAllocation, message, help, Some(handle)));
    }
    if !parent.active {
        let message = format!("{handle} is not active");
        let help =
            "the registry refuses reassignments from it; ask ARIN about its status".to_owned();
        return Err(on_parent(at, Rule::ParentNotActive, message, help, Some(handle)));
    }
    Ok(())
}

fn on_block(at: RowAt, rule: Rule, message: String, help: String) -> Box<Finding> {
    let mut finding = Finding::new(at, rule, message, help);
    finding.column = Some("prefix".into());
    Box::new(finding)
}

fn on_parent(
    at: RowAt,
    rule: Rule,
    message: String,
    help: String,
    named: Option<&NetHandle>,
) -> Box<Finding> {
    let mut finding = Finding::new(at, rule, message, help);
    finding.column = Some("parent_net".into());
    finding.value = named.map(ToString::to_string).unwrap_or_default();
    Box::new(finding)
}
