//! What the words of a ticket mean: who must act, and whether what was asked for was done.
//!
//! A status is kept as the registry writes it, its resolution behind it in brackets once there is
//! one: `CLOSED (PROCESSED)`. Source: ARIN "Ticket Payload", ticket statuses and resolutions. Must
//! not know: how a ticket is asked for.

/// Statuses in which the registry waits for a person on our side.
const WAITS_FOR_US: [&str; 2] = ["PENDING_CONFIRMATION", "PENDING_CUSTOMER_REVIEW"];
/// Resolutions that mean that what was asked for was not done, and will not be.
const REFUSED: [&str; 4] = ["DENIED", "ABANDONED", "WITHDRAWN", "UNSUCCESSFUL"];

/// Status and, once there is one, resolution.
#[must_use]
pub fn words(status: Option<&str>, resolution: Option<&str>) -> String {
    let status = status.unwrap_or("unknown").trim();
    match resolution.map(str::trim).filter(|word| !word.is_empty()) {
        Some(resolution) => format!("{status} ({resolution})"),
        None => status.to_owned(),
    }
}

/// Whether the registry waits for a person on our side.
#[must_use]
pub fn waits_for_us(words: &str) -> bool {
    WAITS_FOR_US.contains(&words.split(' ').next().unwrap_or_default())
}

/// The resolution, if it says that what was asked for will not be done.
#[must_use]
pub fn refusal(words: &str) -> Option<&str> {
    let resolution = words.split_once('(')?.1.trim_end_matches(')');
    REFUSED.contains(&resolution).then_some(resolution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_who_must_act_and_what_was_refused() {
        assert!(waits_for_us("PENDING_CUSTOMER_REVIEW"));
        assert!(!waits_for_us("PENDING_REVIEW") && !waits_for_us("CLOSED (DENIED)"));
        assert_eq!(refusal(&words(Some("CLOSED"), Some("DENIED"))), Some("DENIED"));
        assert_eq!(refusal(&words(Some("CLOSED"), Some("PROCESSED"))), None);
        assert_eq!(refusal("ABANDONED"), None, "a status is no resolution");
    }
}
