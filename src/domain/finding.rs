//! Findings: what is wrong with a row, in words a tired engineer can act on.
//!
//! Owns the stable rule names, their severity and the finding itself. Must not know: how a rule
//! is judged (intake and plan), or how a finding is printed (cli).

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::request::RowAt;

/// How many related rows a finding lists; `related_total` counts on.
pub const RELATED_ROWS_MAX: usize = 10;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is sent.
    Error,
    /// Someone should look; `--strict` makes it an error.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// As JSON and CSV write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)+) => {
        /// A rule of the check. Names are stable: more may come, none is renamed.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        pub enum Rule {
            $($(#[$doc])* #[serde(rename = $text)] $name,)+
        }

        impl Rule {
            /// All rules, in the order the documentation lists them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

rules! {
    /// A block that cannot be parsed.
    BadPrefix = "bad-prefix",
    /// Bits right of the prefix length.
    HostBits = "host-bits",
    /// A range whose ends are missing, reversed or contradict the prefix.
    BadRange = "bad-range",
    /// IPv4 and IPv6 in one range.
    MixedFamily = "mixed-family",
    /// A required cell or column is empty or absent.
    MissingField = "missing-field",
    /// A column no one knows.
    UnknownColumn = "unknown-column",
    /// The same column twice.
    DuplicateColumn = "duplicate-column",
    /// A row with more or fewer cells than the header.
    RaggedRow = "ragged-row",
    /// The header once more in the middle of a file.
    RepeatedHeader = "repeated-header",
    /// A quote that never closes, or text around one.
    UnterminatedQuote = "unterminated-quote",
    /// A cell beyond the size limit, or more columns than the limit.
    FieldTooLong = "field-too-long",
    /// Not UTF-8, or not text.
    BadEncoding = "bad-encoding",
    /// No data rows.
    EmptyInput = "empty-input",
    /// Containment could not be checked.
    ParentsNotGiven = "parents-not-given",
    /// A parent that is not among the parents.
    ParentUnknown = "parent-unknown",
    /// Several parents hold the block and none is the smallest.
    ParentAmbiguous = "parent-ambiguous",
    /// A smaller DA or A parent contains the block.
    ParentNotNearest = "parent-not-nearest",
    /// The block extends beyond its parent.
    OutsideParent = "outside-parent",
    /// The parent is of a type that cannot be subdivided.
    ParentNotAllocation = "parent-not-allocation",
    /// The parent is not active.
    ParentNotActive = "parent-not-active",
    /// The block is the whole parent.
    WholeParent = "whole-parent",
    /// Two rows share addresses under one parent.
    Overlap = "overlap",
    /// The block shares addresses with a registered net.
    OverlapsRegistered = "overlaps-registered",
    /// Smaller than an IPv6 /64.
    Ipv6TooSmall = "ipv6-too-small",
    /// A character a net name cannot have.
    NetNameCharset = "net-name-charset",
    /// A net name that is too long.
    NetNameLength = "net-name-length",
    /// A character beyond ASCII outside comments, or beyond Latin in one.
    NonAscii = "non-ascii",
    /// A control character.
    ControlCharacter = "control-character",
    /// A cell that holds what has the form of an API key.
    SecretInCell = "secret-in-cell",
    /// A private row whose own net name tells the customer's name.
    PrivateNameExposed = "private-name-exposed",
    /// No recipient.
    RecipientMissing = "recipient-missing",
    /// More than one recipient.
    RecipientAmbiguous = "recipient-ambiguous",
    /// The recipient is marked as ended.
    RecipientEnded = "recipient-ended",
    /// One customer handle for two nets.
    CustomerReused = "customer-reused",
    /// The action does not take this recipient.
    ActionRecipientMismatch = "action-recipient-mismatch",
    /// The org cannot receive, or cannot be created.
    OrgNotEligible = "org-not-eligible",
    /// Not of the form of a handle.
    BadHandle = "bad-handle",
    /// No ISO 3166-1 country.
    Country = "country",
    /// No state or province of the country.
    State = "state",
    /// No postal code of the country.
    PostalCode = "postal-code",
    /// Neither true nor false.
    BadBoolean = "bad-boolean",
    /// An `action` that is none of the four.
    BadAction = "bad-action",
    /// No calendar date.
    BadDate = "bad-date",
    /// NRPM does not require this row.
    PolicyOptional = "policy-optional",
    /// Past the NRPM deadline.
    PolicyDeadline = "policy-deadline",
    /// Equal to what is registered, though outside today's rules.
    LegacyValue = "legacy-value",
    /// Rows of an export left out for a status that neither registers nor skips.
    UnknownStatus = "unknown-status",
    /// A text written in ASCII by `--transliterate`.
    Transliterated = "transliterated",
}

impl Rule {
    /// How bad it is.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::PolicyOptional
            | Self::ParentsNotGiven
            | Self::LegacyValue
            | Self::Transliterated => Severity::Note,
            Self::PolicyDeadline
            | Self::PrivateNameExposed
            | Self::RecipientEnded
            | Self::UnknownStatus => Severity::Warning,
            _ => Severity::Error,
        }
    }

    /// The rule of a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|rule| rule.as_str() == name)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where; row 0 is a header or a whole file.
    pub at: RowAt,
    /// The file when it is none of the INPUTs: a parents, registered or mapping file.
    pub other_file: Option<String>,
    /// The column as the file's header writes it, if one is at fault.
    pub column: Option<Cow<'static, str>>,
    /// Index of the faulty cell in its record, for underlining.
    pub cell: Option<usize>,
    /// Which rule.
    pub rule: Rule,
    /// What was found.
    pub value: String,
    /// What is wrong: what was expected and what was found.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Other rows that are part of it: the lowest [`RELATED_ROWS_MAX`].
    pub related_rows: Vec<u64>,
    /// How many there are: exact to [`RELATED_ROWS_MAX`], then a true lower bound.
    pub related_total: u64,
}

impl Finding {
    /// A finding at a row, without column or relations.
    #[must_use]
    pub fn new(at: RowAt, rule: Rule, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            at,
            other_file: None,
            column: None,
            cell: None,
            rule,
            value: String::new(),
            message: message.into(),
            help: help.into(),
            related_rows: Vec::new(),
            related_total: 0,
        }
    }

    /// How bad it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.rule.severity()
    }

    /// The order findings are printed in: by row, then rule name, then column.
    #[must_use]
    pub fn order(&self) -> (u64, &'static str, Option<usize>) {
        (self.at.row, self.rule.as_str(), self.cell)
    }
}
