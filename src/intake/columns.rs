//! Columns: which cell of a record is which field of the canonical CSV.
//!
//! Owns the canonical names and header faults. Must not know: what a cell's text means.

use std::borrow::Cow;
use std::sync::OnceLock;

use crate::domain::{Finding, RowAt, Rule};

use super::cells::shown;
use super::records::COLUMNS_MAX;

/// Similarity above which a column name is suggested.
const SUGGEST_ABOVE: f64 = 0.75;
/// What names of columns that swip passes over begin with.
const IGNORED_PREFIX: &str = "x_";

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// A column of the canonical CSV.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field { $($(#[$doc])* $name,)+ }

        impl Field {
            /// All of them, in canonical order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The canonical column name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

fields! {
    /// The user's own id.
    Reference = "reference",
    /// Handle of the parent net.
    ParentNet = "parent_net",
    /// CIDR block.
    Prefix = "prefix",
    /// First address.
    Start = "start",
    /// Last address.
    End = "end",
    /// Net name.
    NetName = "net_name",
    /// What to do.
    Action = "action",
    /// Recipient org.
    OrgHandle = "org_handle",
    /// Existing customer.
    CustomerHandle = "customer_handle",
    /// New customer's name.
    CustomerName = "customer_name",
    /// First street line.
    Street = "street",
    /// Second street line.
    Street2 = "street2",
    /// Third street line.
    Street3 = "street3",
    /// City.
    City = "city",
    /// State or province.
    State = "state",
    /// Postal code.
    PostalCode = "postal_code",
    /// Country.
    Country = "country",
    /// New org's name.
    OrgName = "org_name",
    /// New org's contacts.
    OrgPocs = "org_pocs",
    /// Residential privacy.
    Private = "private",
    /// Public comment.
    Comment = "comment",
    /// Date of the assignment.
    AssignedOn = "assigned_on",
}

/// Number of canonical fields.
pub const FIELD_COUNT: usize = Field::ALL.len();

impl Field {
    /// The field of a canonical column name, in any case, with spaces for underscores.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let name = normalised(name);
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }
}

/// A header cell as it is compared.
fn normalised(name: &str) -> String {
    name.trim_matches([' ', '\t']).to_ascii_lowercase().replace(' ', "_")
}

/// Where each field stands in the records of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The header as written, trimmed.
    pub header: Vec<String>,
    /// Cell index by field.
    at: [Option<usize>; FIELD_COUNT],
    /// Field by cell index: how a record is read in one pass.
    fields: Vec<Option<Field>>,
}

impl Columns {
    /// The columns of a record that has every field in canonical order.
    #[must_use]
    pub fn canonical() -> &'static Self {
        static CANONICAL: OnceLock<Columns> = OnceLock::new();
        CANONICAL.get_or_init(|| {
            let header = Field::ALL.iter().map(|field| field.name().to_owned()).collect();
            let fields = Field::ALL.iter().copied().map(Some).collect();
            Self { header, at: std::array::from_fn(Some), fields }
        })
    }

    /// Reads a header row of canonical names.
    ///
    /// # Errors
    /// Every header fault as a finding of row 0.
    pub fn read(header: Vec<String>, at: RowAt) -> Result<Self, Vec<Finding>> {
        let mut findings = Vec::new();
        if header.len() > COLUMNS_MAX {
            let message =
                format!("the header has {} columns; at most {COLUMNS_MAX} are taken", header.len());
            findings.push(Finding::new(
                at,
                Rule::FieldTooLong,
                message,
                "remove columns nobody needs",
            ));
            return Err(findings);
        }
        let fields = vec![None; header.len()];
        let mut columns = Self { header, at: [None; FIELD_COUNT], fields };
        columns.place_all(at, &mut findings);
        if findings.is_empty() {
            columns.require_block(at, &mut findings);
        }
        if findings.is_empty() { Ok(columns) } else { Err(findings) }
    }

    fn place_all(&mut self, at: RowAt, findings: &mut Vec<Finding>) {
        for (index, name) in self.header.clone().iter().enumerate() {
            if normalised(name).starts_with(IGNORED_PREFIX) {
                continue;
            }
            match Field::parse(name) {
                Some(field) => self.place(field, index, at, findings),
                None => findings.push(unknown_column(name, index, at)),
            }
        }
    }

    fn place(&mut self, field: Field, index: usize, at: RowAt, findings: &mut Vec<Finding>) {
        self.fields[index] = Some(field);
        if let Some(first) = self.at[field as usize].replace(index) {
            let mut finding = Finding::new(
                at,
                Rule::DuplicateColumn,
                format!(
                    "the column `{}` stands twice, as column {} and column {}",
                    field.name(),
                    first + 1,
                    index + 1
                ),
                "remove or rename one of them; start its name with x_ to keep it",
            );
            finding.column = Some(Cow::Borrowed(field.name()));
            finding.cell = Some(index);
            findings.push(finding);
        }
    }

    fn require_block(&self, at: RowAt, findings: &mut Vec<Finding>) {
        let has = |field: Field| self.at[field as usize].is_some();
        if has(Field::Prefix) || (has(Field::Start) && has(Field::End)) {
            return;
        }
        let message = "the header names no address block: neither `prefix` nor `start` and `end`";
        let help = if self.header.len() == 1 {
            "only one column was found; separate columns by comma, semicolon, tab or |, or add `prefix`"
        } else {
            "add a column `prefix`, or `start` and `end`; for an IPAM export give --mapping"
        };
        findings.push(Finding::new(at, Rule::MissingField, message, help));
    }

    /// The field of each cell, `None` for those that are passed over.
    pub(super) fn fields(&self) -> &[Option<Field>] {
        &self.fields
    }

    /// Cell index of a field.
    #[must_use]
    pub const fn index(&self, field: Field) -> Option<usize> {
        self.at[field as usize]
    }
}

fn unknown_column(name: &str, index: usize, at: RowAt) -> Finding {
    let known = Field::ALL.iter().map(|field| field.name());
    let help = match nearest(&normalised(name), known) {
        Some(near) => format!("did you mean `{near}`? Columns to be passed over start with x_"),
        None => "remove it, or start its name with x_ to have it passed over; IPAM exports need --mapping".to_owned(),
    };
    // What is no header may be anything: no more of it is shown than of a cell.
    let name = shown(name);
    let message = format!("`{name}` is no column of the canonical CSV");
    let mut finding = Finding::new(at, Rule::UnknownColumn, message, help);
    finding.column = Some(Cow::Owned(name.clone()));
    finding.value = name;
    finding.cell = Some(index);
    finding
}

/// The most similar of some names, if any is similar at all.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    known
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .filter(|(score, _)| *score > SUGGEST_ABOVE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, other)| other)
}
