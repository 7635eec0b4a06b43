//! Rows by the names people give them: number, reference or block.
//!
//! Must not know: what is done with them.

use crate::cli::failure::Failure;
use crate::plan::Plan;

/// The rows that `--only` names.
pub(in crate::cli) fn only(names: &[String], plan: &Plan) -> Result<Vec<u64>, Failure> {
    let mut rows = Vec::new();
    for name in names {
        let is = |row: &&crate::plan::PlannedRow| {
            row.at.row.to_string() == *name
                || row.reference.as_deref() == Some(name)
                || row.block.is_some_and(|block| block.to_string() == *name)
        };
        let found: Vec<u64> = plan.rows.iter().filter(is).map(|row| row.at.row).collect();
        match found.as_slice() {
            [row] => rows.push(*row),
            [] => {
                return Err(Failure::usage(format!(
                    "--only {name}: no row has that number, reference or block"
                )));
            }
            several => {
                return Err(Failure::usage(format!(
                    "--only {name} names rows {several:?}; give a row number"
                )));
            }
        }
    }
    Ok(rows)
}
