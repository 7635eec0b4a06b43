//! Answers as the real service writes them: its element order, padded addresses, 0-based lines.
//!
//! Owns the XML of every answer, one file an object. Must not know: rules, HTTP.

pub(super) mod delegation;
pub(super) mod net;
pub(super) mod party;
pub(super) mod ticket;

use std::fmt;

use super::xml::writer::Writer;

/// A refusal: status, code, and what is wrong where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Payload fields and messages.
    pub(super) components: Vec<(&'static str, String)>,
}

/// The message of every `E_ENTITY_VALIDATION`.
const ENTITY: &str = "Payload entity failed to validate; see component messages for details.";
/// What is said of a field that only the registry sets.
const GENERATED: &str = "This element is a system generated value and cannot be modified.";

impl Refusal {
    /// A refusal without components.
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), components: Vec::new() }
    }

    /// A payload that the schema does not allow.
    pub(super) fn schema(reason: impl Into<String>) -> Self {
        Self::new(400, "E_SCHEMA_VALIDATION", reason)
    }

    /// A payload whose field `name` breaks a rule.
    pub(super) fn entity(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            components: vec![(name, message.into())],
            ..Self::new(400, "E_ENTITY_VALIDATION", ENTITY)
        }
    }

    /// A field that must be there.
    pub(super) fn required(name: &'static str) -> Self {
        Self::entity(name, "Value is required.")
    }

    /// A field that only the registry sets.
    pub(super) fn generated(name: &'static str) -> Self {
        Self::entity(name, GENERATED)
    }

    /// A URL or a state of things that the request does not fit.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "E_BAD_REQUEST", message)
    }

    /// Something the URL names is not there.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(404, "E_OBJECT_NOT_FOUND", format!("The {what} specified could not be found."))
    }

    /// A URL and method that no service has.
    pub(super) fn no_method() -> Self {
        Self::new(405, "E_METHOD_NOT_ALLOWED", "The method and URL match no service.")
    }

    /// A key that is good, but not for this.
    pub(super) fn unauthorized(status: u16) -> Self {
        Self::new(status, "E_AUTHENTICATION", "The API key is not authorized to make that request.")
    }

    /// Something that is still linked.
    pub(super) fn linked(message: &str) -> Self {
        Self::new(409, "E_NOT_REMOVEABLE", message)
    }

    /// Something that stands in the way.
    pub(super) fn conflict(message: &str) -> Self {
        Self::new(409, "E_BAD_REQUEST", message)
    }

    /// The registry's own fault.
    pub(super) fn unspecified() -> Self {
        let message = "An error occurred while attempting to process your request.";
        Self::new(500, "E_UNSPECIFIED", message)
    }

    /// The body.
    pub(super) fn xml(&self) -> String {
        Writer::document("error", |w| {
            w.empty("additionalInfo");
            w.leaf("code", self.code);
            w.nest("components", |w| {
                for (name, message) in &self.components {
                    w.nest("component", |w| {
                        w.leaf("message", message);
                        w.leaf("name", name);
                    });
                }
            });
            w.leaf("message", &self.message);
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)?;
        if self.components.is_empty() {
            return write!(f, ": {}", self.message);
        }
        self.components.iter().try_for_each(|(name, message)| write!(f, "; {name}: {message}"))
    }
}
