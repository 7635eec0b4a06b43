//! Promise 4: a row that cannot speak for itself protects its space from removals.
//!
//! Owns which rows protect, and what is said about it. Must not know: what is registered.

use super::change::{Change, HoldCode};
use super::spans::Spans;
use crate::domain::{AddressRange, Protected};
use crate::plan::{Fate, Plan, PlannedRow};

/// Why a row protects its space.
#[derive(Clone, Copy)]
enum Why {
    /// It has errors, or collides with another row.
    Unsound,
    /// The intake left it out, and nobody said that it is no customer's.
    LeftOut,
    /// It is not to be sent, on purpose.
    NotSent,
}

/// Rows that are not to be registered, by their space.
pub(super) struct Protectors {
    rows: Vec<(u64, Why)>,
    spans: Spans,
    /// The first row whose block cannot be read: it may be about any space.
    unread: Option<(u64, Why)>,
}

/// A row that may be about any space.
fn is_unread(row: &PlannedRow) -> bool {
    row.block.is_none() && matches!(row.fate, Fate::Invalid { .. } | Fate::Withheld { .. })
}

/// Numbers of the rows whose block cannot be read: while there are any, nothing is removed.
pub(super) fn unread(plan: &Plan) -> Vec<u64> {
    let rows = plan.rows.iter().filter(|row| is_unread(row)).map(|row| row.at.row);
    let left_out = plan.protected.iter().filter(|p| p.block.is_none()).map(|p| p.row);
    let mut unread: Vec<u64> = rows.chain(left_out).collect();
    unread.sort_unstable();
    unread.dedup();
    unread
}

impl Protectors {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut rows = Vec::new();
        let mut blocks: Vec<AddressRange> = Vec::new();
        for row in &plan.rows {
            let why = match row.fate {
                Fate::Send(_) => continue,
                Fate::Invalid { .. } | Fate::Withheld { .. } => Why::Unsound,
                _ => Why::NotSent,
            };
            if let Some(block) = row.block {
                rows.push((row.at.row, why));
                blocks.push(block);
            }
        }
        for Protected { row, block } in &plan.protected {
            if let Some(block) = block {
                rows.push((*row, Why::LeftOut));
                blocks.push(*block);
            }
        }
        let unsound = plan.rows.iter().find(|row| is_unread(row));
        let left_out = plan.protected.iter().find(|p| p.block.is_none());
        let unread = unsound
            .map(|row| (row.at.row, Why::Unsound))
            .or_else(|| left_out.map(|p| (p.row, Why::LeftOut)));
        let spans = Spans::new(blocks.iter().enumerate());
        Self { rows, spans, unread }
    }

    /// Holds a removal or replacement that a row protects against.
    pub(super) fn hold(&self, change: &mut Change) {
        let standing = self.spans.sharing(&change.block);
        if let Some((row, why)) = standing.first().and_then(|at| self.rows.get(*at)) {
            let message = match why {
                Why::Unsound => {
                    format!("row {row} stands on its space and has errors; correct that row")
                }
                Why::LeftOut => format!(
                    "row {row} of the export stands on its space and was left out for a status or value that neither registers nor skips a row; say in the mapping which it is"
                ),
                Why::NotSent => format!(
                    "row {row} stands on its space and is not to be sent; remove the row if the net is to go"
                ),
            };
            change.hold(HoldCode::ProtectedByRow, message);
        }
        if let Some((row, why)) = self.unread {
            let cure = match why {
                Why::LeftOut => "say in the mapping what it is, or correct it",
                _ => "correct that row",
            };
            let message =
                format!("the block of row {row} cannot be read, and it might be this one; {cure}");
            change.hold(HoldCode::UnreadRow, message);
        }
    }
}
