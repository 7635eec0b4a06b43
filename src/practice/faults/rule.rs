//! A rule: which requests get which fault, and when.
//!
//! Owns the JSON of a rule and the published mix. Must not know: what a fault does.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::kind::Fault;

/// Which of the requests that a rule matches get its fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum When {
    /// All.
    Always,
    /// The nth alone, from 1.
    Nth(u64),
    /// Every nth.
    Every(u64),
    /// Each with this probability, from 0 to 1.
    Probability(f64),
}

/// A fault rule. In JSON: `{"method":"PUT","path":"/reassign","fault":"drop-after-commit",
/// "nth":3}`; instead of `nth` there may be `every` or `probability`, or nothing for all.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(try_from = "RuleForm", into = "RuleForm")]
pub struct FaultRule {
    /// Method, any without.
    pub method: Option<String>,
    /// Part of the path; with `*` for any text, the whole of it; any path without.
    pub path: Option<String>,
    /// What goes wrong.
    pub fault: Fault,
    /// For which requests.
    pub when: When,
    /// From how long after the rules were put in force.
    pub after: Option<Duration>,
    /// Until how long after.
    pub until: Option<Duration>,
    /// How long a slow answer or a late commit takes.
    pub delay: Option<Duration>,
}

#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
struct RuleForm {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    fault: Option<Fault>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    every: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delay: Option<Span>,
}

/// A duration: a number of seconds, or a text as `250ms`, `30s`, `5m`.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged)]
enum Span {
    Seconds(f64),
    Text(String),
}

/// Units of a duration in milliseconds, longest suffix first.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];

impl Span {
    fn duration(&self) -> Result<Duration, String> {
        let fault = |text: &dyn std::fmt::Display| {
            format!("`{text}` is no duration; write seconds, or 250ms, 30s, 5m")
        };
        match self {
            Self::Seconds(seconds) => {
                Duration::try_from_secs_f64(*seconds).map_err(|_| fault(seconds))
            }
            Self::Text(text) => {
                let digits = text.bytes().take_while(u8::is_ascii_digit).count();
                let (number, unit) = text.split_at(digits);
                let unit = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, size)| *size);
                let millis = number.parse::<u64>().ok().zip(unit);
                let millis = millis.and_then(|(number, unit)| number.checked_mul(unit));
                millis.map(Duration::from_millis).ok_or_else(|| fault(text))
            }
        }
    }

    fn of(duration: Duration) -> Self {
        Self::Text(format!("{}ms", duration.as_millis()))
    }
}

impl TryFrom<RuleForm> for FaultRule {
    type Error = String;

    fn try_from(form: RuleForm) -> Result<Self, String> {
        let fault = form.fault.ok_or("a rule needs a fault")?;
        let when = match (form.nth, form.every, form.probability) {
            (None, None, None) => When::Always,
            (Some(nth), None, None) if nth > 0 => When::Nth(nth),
            (None, Some(every), None) if every > 0 => When::Every(every),
            (None, None, Some(p)) if (0.0..=1.0).contains(&p) => When::Probability(p),
            (Some(_), None, None) | (None, Some(_), None) => {
                return Err("nth and every count from 1".to_owned());
            }
            (None, None, Some(_)) => return Err("a probability lies between 0 and 1".to_owned()),
            _ => return Err("a rule has one of nth, every and probability".to_owned()),
        };
        let duration = |span: Option<Span>| span.map(|span| span.duration()).transpose();
        Ok(Self {
            method: form.method.filter(|method| method != "*").map(|m| m.to_ascii_uppercase()),
            path: form.path.filter(|path| path != "*"),
            fault,
            when,
            after: duration(form.after)?,
            until: duration(form.until)?,
            delay: duration(form.delay)?,
        })
    }
}

impl From<FaultRule> for RuleForm {
    fn from(rule: FaultRule) -> Self {
        let mut form = Self {
            method: rule.method,
            path: rule.path,
            fault: Some(rule.fault),
            after: rule.after.map(Span::of),
            until: rule.until.map(Span::of),
            delay: rule.delay.map(Span::of),
            ..Self::default()
        };
        match rule.when {
            When::Always => {}
            When::Nth(nth) => form.nth = Some(nth),
            When::Every(every) => form.every = Some(every),
            When::Probability(probability) => form.probability = Some(probability),
        }
        form
    }
}

/// The mix of `--faults some`: percentages of the writes (PUT, POST, DELETE).
const WRITES: [(Fault, f64); 19] = [
    (Fault::DropBefore, 2.0),
    (Fault::DropAfter, 2.0),
    (Fault::ResetBefore, 0.5),
    (Fault::ResetAfter, 0.5),
    (Fault::LateCommit, 1.0),
    (Fault::Truncated, 1.0),
    (Fault::ChunkCut, 1.0),
    (Fault::Error500Before, 1.0),
    (Fault::Error500After, 1.0),
    (Fault::Error502After, 1.0),
    (Fault::Error503Before, 0.5),
    (Fault::Error503After, 0.5),
    (Fault::Html, 0.5),
    (Fault::WrongRoot, 0.5),
    (Fault::Neither, 0.5),
    (Fault::TicketOnly, 1.0),
    (Fault::EntityBomb, 0.5),
    (Fault::Gzip, 0.5),
    (Fault::DroppedFields, 1.0),
];
/// Percentages of all requests.
const ALL: [(Fault, f64); 7] = [
    (Fault::TooMany, 0.5),
    (Fault::TooManySeconds, 1.0),
    (Fault::TooManyDate, 0.5),
    (Fault::Slow, 0.5),
    (Fault::Shuffled, 10.0),
    (Fault::Prefixes, 10.0),
    (Fault::Foreign, 10.0),
];
/// Percentages of the reads.
const READS: [(Fault, f64); 3] =
    [(Fault::DropBefore, 0.5), (Fault::Error500Before, 0.5), (Fault::Truncated, 0.5)];

impl FaultRule {
    /// A rule for a method, with a probability.
    #[must_use]
    pub fn chance(method: Option<&str>, fault: Fault, percent: f64) -> Self {
        Self {
            method: method.map(str::to_owned),
            path: None,
            fault,
            when: When::Probability(percent / 100.0),
            after: None,
            until: None,
            delay: None,
        }
    }

    /// A rule for the nth request whose path contains a text.
    #[must_use]
    pub fn nth(method: &str, path: &str, fault: Fault, nth: u64) -> Self {
        Self {
            path: Some(path.to_owned()),
            when: When::Nth(nth),
            ..Self::chance(Some(method), fault, 0.0)
        }
    }

    /// The published mix of `--faults some`.
    #[must_use]
    pub fn some() -> Vec<Self> {
        let mut rules = Vec::new();
        for method in ["PUT", "POST", "DELETE"] {
            rules
                .extend(WRITES.iter().map(|(f, percent)| Self::chance(Some(method), *f, *percent)));
        }
        rules.extend(READS.iter().map(|(f, percent)| Self::chance(Some("GET"), *f, *percent)));
        rules.extend(ALL.iter().map(|(f, percent)| Self::chance(None, *f, *percent)));
        rules
    }

    /// Whether a request is of this rule's kind, `age` after the rules were put in force.
    pub(super) fn matches(&self, method: &str, path: &str, age: Duration) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method)
            && self.path.as_ref().is_none_or(|wanted| like(path, wanted))
            && self.after.is_none_or(|after| age >= after)
            && self.until.is_none_or(|until| age < until)
    }
}

/// Whether a path contains a text, or is like a pattern with `*` for any text.
fn like(path: &str, pattern: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return path.contains(pattern) };
    let Some(mut rest) = path.strip_prefix(head) else { return false };
    let mut parts = tail.split('*').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(json: &str) -> Result<FaultRule, String> {
        serde_json::from_str(json).map_err(|fault| fault.to_string())
    }

    #[test]
    fn rules_are_read_from_json_and_written_back() {
        let text = r#"{"method":"put","path":"/reassign","fault":"drop_after_commit","nth":3,"after":2,"delay":"250ms"}"#;
        let read = rule(text).unwrap();
        assert_eq!((read.fault, read.when), (Fault::DropAfter, When::Nth(3)));
        assert_eq!(read.after, Some(Duration::from_secs(2)));
        let again = rule(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
        for (json, why) in [
            (r#"{"fault":"flood"}"#, "there are: drop-before-commit"),
            (r#"{"nth":1}"#, "needs a fault"),
            (r#"{"fault":"slow","nth":1,"every":2}"#, "one of nth, every and probability"),
            (r#"{"fault":"slow","nth":0}"#, "count from 1"),
            (r#"{"fault":"slow","probability":5}"#, "between 0 and 1"),
            (r#"{"fault":"slow","delay":"soon"}"#, "no duration"),
            (r#"{"fault":"slow","when":1}"#, "unknown field"),
        ] {
            let told = rule(json).unwrap_err();
            assert!(told.contains(why), "{told}");
        }
    }

    #[test]
    fn a_path_is_matched_by_part_or_by_pattern() {
        let path = "/rest/net/NET-10-0-0-0-1/reassign";
        for (pattern, expected) in [
            ("reassign", true),
            (path, true),
            ("/rest/net/*/reassign", true),
            ("*reassign", true),
            ("/rest/*/NET-10*", true),
            ("/rest/net/*/reallocate", false),
            ("*net", false),
            ("customer", false),
        ] {
            assert_eq!(like(path, pattern), expected, "{pattern}");
        }
    }
}
