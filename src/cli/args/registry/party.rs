//! Verbs of POC, org and customer.
//!
//! Must not know: verbs of other objects.

use std::path::PathBuf;

use clap::Subcommand;

use crate::domain::{CustomerHandle, NetHandle, OrgHandle, PocFunction, PocHandle};
use crate::regrws::payload::PhoneKind;
use crate::regrws::{Email, PhoneNumber};

/// Verbs of a POC.
#[derive(Debug, Subcommand)]
pub enum PocVerb {
    /// Get a POC
    Get {
        /// POC handle
        handle: PocHandle,
    },
    /// Create a POC
    Create {
        /// `<poc>`, without handle
        file: PathBuf,
        /// Link it to the user of the key
        #[arg(long)]
        link: bool,
    },
    /// Modify a POC; names and contact type cannot change
    Modify {
        /// POC handle
        handle: PocHandle,
        /// `<poc>`
        file: PathBuf,
    },
    /// Delete a POC that nothing is linked to
    Delete {
        /// POC handle
        handle: PocHandle,
    },
    /// Add a phone
    AddPhone {
        /// POC handle
        handle: PocHandle,
        /// `<phone>`
        file: PathBuf,
    },
    /// Delete phones by number, type or both; prints those that were removed
    DeletePhone {
        /// POC handle
        handle: PocHandle,
        /// The number, as in +1-703-555-0100
        #[arg(required_unless_present = "kind")]
        number: Option<PhoneNumber>,
        /// O office, F fax, M mobile
        #[arg(long = "type", id = "kind", value_name = "TYPE", value_parser = phone_kind)]
        kind: Option<PhoneKind>,
    },
    /// Add a mail address
    AddEmail {
        /// POC handle
        handle: PocHandle,
        /// The address
        address: Email,
    },
    /// Delete a mail address
    DeleteEmail {
        /// POC handle
        handle: PocHandle,
        /// The address
        address: Email,
    },
}

/// Verbs of an org.
#[derive(Debug, Subcommand)]
pub enum OrgVerb {
    /// Get an org
    Get {
        /// Org ID
        handle: OrgHandle,
    },
    /// Ask for an org of your own; answered with a ticket
    Create {
        /// `<org>`, without handle
        file: PathBuf,
    },
    /// Modify an org; names cannot change, POC links that are sent replace all
    Modify {
        /// Org ID
        handle: OrgHandle,
        /// `<org>`
        file: PathBuf,
    },
    /// Delete an org that holds nothing
    Delete {
        /// Org ID
        handle: OrgHandle,
    },
    /// Link a POC
    AddPoc {
        /// Org ID
        handle: OrgHandle,
        /// POC handle
        poc: PocHandle,
        /// AD admin, T tech, AB abuse, N NOC, R routing, D DNS
        #[arg(long, value_name = "FUNCTION", value_parser = function)]
        function: PocFunction,
    },
    /// Unlink POCs by handle, function or both
    RemovePoc {
        /// Org ID
        handle: OrgHandle,
        /// POC handle
        #[arg(required_unless_present = "function")]
        poc: Option<PocHandle>,
        /// AD admin, T tech, AB abuse, N NOC, R routing, D DNS
        #[arg(long, value_name = "FUNCTION", value_parser = function)]
        function: Option<PocFunction>,
    },
}

/// Verbs of a customer.
#[derive(Debug, Subcommand)]
pub enum CustomerVerb {
    /// Get a customer
    Get {
        /// Customer handle
        handle: CustomerHandle,
    },
    /// Create the customer of a later simple reassignment
    Create {
        /// Net handle of the parent
        parent: NetHandle,
        /// `<customer>`, without handle
        file: PathBuf,
    },
    /// Modify a customer
    Modify {
        /// Customer handle
        handle: CustomerHandle,
        /// `<customer>`
        file: PathBuf,
    },
    /// Delete a customer that no net uses
    Delete {
        /// Customer handle
        handle: CustomerHandle,
    },
}

/// Parses a type of phone by code or word.
fn phone_kind(text: &str) -> Result<PhoneKind, String> {
    match text.to_ascii_lowercase().as_str() {
        "o" | "office" => Ok(PhoneKind::Office),
        "f" | "fax" => Ok(PhoneKind::Fax),
        "m" | "mobile" => Ok(PhoneKind::Mobile),
        _ => Err("write O for office, F for fax, M for mobile".to_owned()),
    }
}

/// Parses a function of a POC by code or word.
fn function(text: &str) -> Result<PocFunction, String> {
    let is = |function: &PocFunction| {
        text.eq_ignore_ascii_case(function.code())
            || text.eq_ignore_ascii_case(function.description())
    };
    PocFunction::ALL.into_iter().find(is).ok_or_else(|| {
        let known = PocFunction::ALL.map(|f| format!("{} ({})", f.code(), f.description()));
        format!("write one of {}", known.join(", "))
    })
}
