//! Recipients by key: tenant, customer or org id → address fields or a handle.
//!
//! Owns the look-up, and near matches for what is not found. Must not know: how files are read.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::civil::Date;

use crate::intake::columns::{FIELD_COUNT, Field};

/// Similarity above which a key is suggested.
const NEAR: f64 = 0.85;
/// Most keys suggested for one.
const NEAR_MAX: usize = 3;
/// Keys that are not found and searched for near ones; beyond it only counted, for speed.
const SEARCHES_MAX: u32 = 50;
/// Words of `status` that say a recipient is no customer any more.
const ENDED: [&str; 10] = [
    "ended",
    "inactive",
    "cancelled",
    "canceled",
    "terminated",
    "closed",
    "former",
    "disabled",
    "churned",
    "disconnected",
];

/// One recipient.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    /// The name it is known by, for messages.
    pub name: String,
    /// Its fields, empty where there is none.
    pub texts: [String; FIELD_COUNT],
    /// Why its address could not be read, if it could not.
    pub problem: Option<String>,
    /// Its status, as written.
    pub status: String,
    /// When it ended, as written.
    pub ended_on: String,
    /// File and line, for messages.
    pub source: String,
}

impl Recipient {
    /// Why it is taken to have ended by a date, if it is.
    #[must_use]
    pub fn ended(&self, as_of: Date) -> Option<String> {
        if ENDED.iter().any(|word| word.eq_ignore_ascii_case(self.status.trim())) {
            return Some(format!("its status is `{}`", self.status));
        }
        let ended: Date = self.ended_on.trim().get(..10)?.parse().ok()?;
        (ended <= as_of).then(|| format!("it ended on {ended}"))
    }

    /// Whether it names an existing org or customer.
    #[must_use]
    pub fn has_handle(&self) -> bool {
        [Field::OrgHandle, Field::CustomerHandle]
            .iter()
            .any(|f| !self.texts[*f as usize].is_empty())
    }
}

/// All recipients.
#[derive(Debug, Default)]
pub struct Recipients {
    all: Vec<Recipient>,
    by_key: BTreeMap<String, Vec<usize>>,
    searches: AtomicU32,
}

/// What a look-up found.
#[derive(Debug)]
pub enum Found<'r> {
    /// One.
    One(&'r Recipient),
    /// Several that are not the same.
    Several(Vec<&'r Recipient>),
    /// None, and what comes near.
    None(Vec<String>),
}

/// A key as it is compared: case, blanks at the ends and doubled blanks apart.
fn folded(key: &str) -> String {
    key.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// A key for likeness: also without punctuation.
fn bare(key: &str) -> String {
    let words = key.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

impl Recipients {
    /// Adds one under its keys.
    pub fn insert(&mut self, recipient: Recipient, keys: &[String]) {
        let index = self.all.len();
        self.all.push(recipient);
        for key in keys.iter().map(|key| folded(key)).filter(|key| !key.is_empty()) {
            let under = self.by_key.entry(key).or_default();
            if !under.contains(&index) {
                under.push(index);
            }
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Looks a key up.
    #[must_use]
    pub fn find(&self, key: &str) -> Found<'_> {
        let folded = folded(key);
        let Some(under) = self.by_key.get(&folded) else { return Found::None(self.near(&folded)) };
        let found: Vec<&Recipient> =
            under.iter().filter_map(|index| self.all.get(*index)).collect();
        match found.as_slice() {
            [first, rest @ ..] if rest.iter().all(|other| other.texts == first.texts) => {
                Found::One(first)
            }
            _ => Found::Several(found),
        }
    }

    fn near(&self, key: &str) -> Vec<String> {
        if self.searches.fetch_add(1, Ordering::Relaxed) >= SEARCHES_MAX {
            return Vec::new();
        }
        let key = bare(key);
        let mut near: Vec<(f64, &str)> = self
            .by_key
            .iter()
            .map(|(other, under)| (strsim::jaro_winkler(&key, &bare(other)), other, under))
            .filter(|(score, ..)| *score > NEAR)
            .filter_map(|(score, _, under)| {
                Some((score, self.all.get(*under.first()?)?.name.as_str()))
            })
            .collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        near.dedup_by_key(|(_, name)| *name);
        near.into_iter().take(NEAR_MAX).map(|(_, name)| name.to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipient(name: &str, street: &str) -> Recipient {
        let mut recipient = Recipient { name: name.to_owned(), ..Recipient::default() };
        recipient.texts[Field::Street as usize] = street.to_owned();
        recipient
    }

    #[test]
    fn keys_are_found_in_any_case_and_doubt_is_told() {
        let mut all = Recipients::default();
        all.insert(
            recipient("Maple Street Bakery LLC", "1 A"),
            &["Maple Street Bakery LLC".into(), "11".into()],
        );
        all.insert(recipient("Lakeview", "2 B"), &["Lakeview".into()]);
        all.insert(recipient("Lakeview", "3 C"), &["lakeview ".into()]);
        all.insert(recipient("Twin", "4 D"), &["Twin".into()]);
        all.insert(recipient("Twin", "4 D"), &["Twin".into()]);
        assert!(matches!(all.find(" maple  street bakery llc"), Found::One(_)));
        assert!(matches!(all.find("11"), Found::One(_)));
        assert!(matches!(all.find("TWIN"), Found::One(_)), "the same twice is no doubt");
        assert!(matches!(all.find("Lakeview"), Found::Several(found) if found.len() == 2));
        let Found::None(near) = all.find("Maple Street Bakery, L.L.C.") else { panic!() };
        assert_eq!(near, ["Maple Street Bakery LLC"]);
        assert!(matches!(all.find("Nobody"), Found::None(near) if near.is_empty()));
    }

    #[test]
    fn an_end_is_told_by_status_or_date() {
        let as_of: Date = "2026-11-24".parse().unwrap();
        let with = |status: &str, ended_on: &str| Recipient {
            status: status.to_owned(),
            ended_on: ended_on.to_owned(),
            ..Recipient::default()
        };
        assert!(with("Cancelled", "").ended(as_of).is_some());
        assert!(with("", "2026-11-24").ended(as_of).is_some());
        assert!(with("", "2026-11-25").ended(as_of).is_none());
        assert!(with("Active", "").ended(as_of).is_none());
    }
}
