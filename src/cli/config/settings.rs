//! What only the config file can say: it is no option, because it is true of a site, not of a run.
//!
//! Owns these settings and their form. Must not know: who uses them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::value::Place;
use crate::cli::failure::Failure;
use crate::cli::units::{duration_text, parse_duration};
use crate::domain::OrgHandle;
use crate::intake::Field;
use crate::regrws::Limits;
use crate::regrws::limits::Slot;

/// Settings of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The site has seen ARIN create customer and net of one call both or neither, so `auto` may
    /// send before it looks.
    pub embedded_customer_atomic: bool,
    /// Recipient orgs may be created (`org_name`, `org_pocs`): ARIN withdrew it in 2020.
    pub recipient_orgs: bool,
    /// The columns that `sync` may modify; `None` for all.
    pub modify: Option<Vec<Field>>,
    /// Settings of each org.
    pub orgs: BTreeMap<OrgHandle, OrgSettings>,
    /// Limits of work over the network.
    pub limits: Limits,
}

/// Settings of one org.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrgSettings {
    /// File that holds the key with authority over the org's nets.
    pub api_key_file: Option<PathBuf>,
}

/// Names of the settings.
const NAMES: [&str; 3] = ["embedded_customer_atomic", "recipient_orgs", "modify"];
const API_KEY_FILE: &str = "api_key_file";

impl Settings {
    /// The key file of an org, if it has its own.
    #[must_use]
    pub fn key_file(&self, org: &OrgHandle) -> Option<&Path> {
        self.orgs.get(org)?.api_key_file.as_deref()
    }

    /// Whether any org has a key file of its own.
    #[must_use]
    pub fn has_org_keys(&self) -> bool {
        self.orgs.values().any(|org| org.api_key_file.is_some())
    }

    /// Takes a setting; false when the name is none of them.
    pub(super) fn take(
        &mut self,
        name: &str,
        value: &Spanned<DeValue<'_>>,
        place: &Place<'_>,
    ) -> Result<bool, Failure> {
        match name {
            "embedded_customer_atomic" => self.embedded_customer_atomic = switch(value, place)?,
            "recipient_orgs" => self.recipient_orgs = switch(value, place)?,
            "modify" => self.modify = Some(columns(value, place)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Each setting's name and value; none for `modify` when all columns may be modified.
    pub(super) fn shown(&self) -> [(&'static str, Option<Value>); NAMES.len()] {
        let names = |columns: &Vec<Field>| columns.iter().map(|column| column.name()).collect();
        [
            (NAMES[0], Some(json!(self.embedded_customer_atomic))),
            (NAMES[1], Some(json!(self.recipient_orgs))),
            (NAMES[2], self.modify.as_ref().map(names)),
        ]
    }
}

/// Takes a limit of `[limits]`.
pub(super) fn limit(
    limits: &mut Limits,
    key: &Spanned<DeString<'_>>,
    value: &Spanned<DeValue<'_>>,
    place: &Place<'_>,
) -> Result<(), Failure> {
    let Some(slot) = limits.slot(key.get_ref()) else {
        let names = Limits::NAMES.iter().map(|(name, _)| *name);
        return Err(place.unknown(key, "limit", names));
    };
    let number = || {
        let digits = value.get_ref().as_integer().map(|number| number.as_str().replace('_', ""));
        digits.and_then(|digits| digits.parse::<u64>().ok()).filter(|number| *number > 0)
    };
    let fault = |what: &str| place.fault(value.span(), what);
    match slot {
        Slot::Time(time) => {
            let text = value.get_ref().as_str();
            let read = text.and_then(|text| parse_duration(text).ok());
            *time =
                read.ok_or_else(|| fault("a time is written \"250ms\", \"30s\", \"5m\", \"6h\""))?;
        }
        Slot::Count(count) => {
            let read = number().and_then(|number| u32::try_from(number).ok());
            *count = read.ok_or_else(|| fault("this is a whole number from 1 on"))?;
        }
        Slot::Bytes(bytes) => {
            *bytes = number().ok_or_else(|| fault("this is a whole number of bytes from 1 on"))?;
        }
    }
    Ok(())
}

/// A limit's value as the file has it.
pub(super) fn limit_value(slot: Slot<'_>) -> Value {
    match slot {
        Slot::Time(time) => json!(duration_text(*time)),
        Slot::Count(count) => json!(count),
        Slot::Bytes(bytes) => json!(bytes),
    }
}

impl OrgSettings {
    pub(super) fn read(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Self, Failure> {
        let DeValue::Table(table) = value.get_ref() else {
            return Err(place.fault(value.span(), "an org's settings are a table"));
        };
        let mut settings = Self::default();
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref()) {
                (API_KEY_FILE, DeValue::String(path)) => {
                    settings.api_key_file = Some(place.path(path).into());
                }
                (API_KEY_FILE, _) => return Err(place.fault(value.span(), "a path is a text")),
                _ => {
                    return Err(place.unknown(
                        key,
                        "setting of an org",
                        [API_KEY_FILE].into_iter(),
                    ));
                }
            }
        }
        Ok(settings)
    }
}

fn switch(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<bool, Failure> {
    value.get_ref().as_bool().ok_or_else(|| place.fault(value.span(), "this is true or false"))
}

fn columns(value: &Spanned<DeValue<'_>>, place: &Place<'_>) -> Result<Vec<Field>, Failure> {
    let list = || place.fault(value.span(), "`modify` is a list of columns");
    let items = value.get_ref().as_array().ok_or_else(list)?;
    let mut columns = Vec::new();
    for item in items {
        let name = item.get_ref().as_str().ok_or_else(list)?;
        let column = Field::parse(name).ok_or_else(|| {
            place.fault(item.span(), &format!("`{name}` is no column of the canonical CSV"))
        })?;
        columns.push(column);
    }
    Ok(columns)
}
