//! Durations and rates as people write them: `250ms`, `30s`, `5m`, `6h`; `2/s`, `90/m`.
//!
//! Owns their parsing and printing. Must not know: which option takes them.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// A text that is no duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no duration; write a whole number and ms, s, m or h, as in 250ms, 30s, 5m or 6h")]
pub struct DurationError(String);

/// Units of a duration, longest suffix first, in milliseconds.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

/// Parses `250ms`, `30s`, `5m`, `6h`.
///
/// # Errors
/// [`DurationError`] for anything else, a number too large included.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let fault = || DurationError(text.to_owned());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(fault)?;
    let number: u64 = number.parse().map_err(|_| fault())?;
    number.checked_mul(*millis).map(Duration::from_millis).ok_or_else(fault)
}

/// A duration in the largest unit that is exact, as [`parse_duration`] reads it.
#[must_use]
pub fn duration_text(duration: Duration) -> String {
    let millis = duration.as_millis();
    let (name, size) = UNITS
        .iter()
        .rev()
        .find(|(_, size)| millis.is_multiple_of(u128::from(*size)) && millis > 0)
        .unwrap_or(&("s", 1_000));
    format!("{}{name}", millis / u128::from(*size))
}

/// A duration for people: `3 s`, `2 min 10 s`, `4 h 5 min`.
#[must_use]
pub fn about(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// The unit of a rate: the window it must hold in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Per second.
    Second,
    /// Per minute.
    Minute,
}

/// A rate: so many requests in every window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: NonZeroU32,
    /// In which window.
    pub window: Window,
}

/// A text that is no rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no rate; write a whole number and /s or /m, as in 2/s or 90/m")]
pub struct RateError(String);

impl Rate {
    /// Length of its window.
    #[must_use]
    pub const fn window(&self) -> Duration {
        match self.window {
            Window::Second => Duration::from_secs(1),
            Window::Minute => Duration::from_secs(60),
        }
    }

    /// Time between two requests.
    #[must_use]
    pub fn interval(&self) -> Duration {
        self.window() / self.count.get()
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let fault = || RateError(text.to_owned());
        let (count, unit) = text.split_once('/').ok_or_else(fault)?;
        let window = match unit {
            "s" => Window::Second,
            "m" => Window::Minute,
            _ => return Err(fault()),
        };
        let count = count.parse().map_err(|_| fault())?;
        Ok(Self { count, window })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.window {
            Window::Second => "s",
            Window::Minute => "m",
        };
        write!(f, "{}/{unit}", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_back_as_written() {
        for text in ["250ms", "30s", "5m", "6h", "90s"] {
            assert_eq!(duration_text(parse_duration(text).unwrap()), text);
        }
        for text in ["", "5", "s", "-1s", "1.5s", "5 m", "99999999999999999999h", "1d"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rates_read_back_as_written() {
        for text in ["2/s", "90/m"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
        for text in ["", "2", "0/s", "-1/s", "2/h", "1.5/s", "/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        assert_eq!(
            "90/m".parse::<Rate>().unwrap().interval(),
            Duration::from_micros(666_666) + Duration::from_nanos(666)
        );
    }
}
