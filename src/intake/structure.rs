//! Findings about a record as a whole: its quoting, and what may not stand in any cell.
//!
//! Must not know: fields.

use crate::domain::{Finding, RowAt, Rule};

use super::cells;
use super::records::QuoteFault;

/// A fault of a record's quoting.
pub(super) fn quote_finding(fault: QuoteFault, raw: &str, at: RowAt) -> Finding {
    match fault {
        QuoteFault::Unterminated(offset) => {
            let before = &raw[..offset.min(raw.len())];
            let line = at.line + before.lines().count().saturating_sub(1) as u64;
            let message = "a quote opens here and never closes; the rest of the file is swallowed";
            Finding::new(
                RowAt { line, ..at },
                Rule::UnterminatedQuote,
                message,
                "close the quote, or double it if it is meant",
            )
        }
        QuoteFault::Stray(offset) => {
            let message = "text stands beside a quote; a cell is quoted as a whole, and a quote in it is doubled";
            let mut finding = Finding::new(
                at,
                Rule::UnterminatedQuote,
                message,
                "write \"a \"\"b\"\" c\" for a \"b\" c",
            );
            let begin = offset.saturating_sub(1);
            finding.value = cells::shown(raw.get(begin..).unwrap_or_default());
            finding
        }
    }
}

/// A row that holds an API key: nothing of it is kept or shown.
pub(crate) fn secret_finding(at: RowAt) -> Finding {
    let message = "a cell holds what has the form of an API key; the row is refused, and the key shown nowhere";
    let help = "remove it from the file; if it is a key, have it replaced at ARIN Online";
    Finding::new(at, Rule::SecretInCell, message, help)
}
