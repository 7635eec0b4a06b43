//! The vocabulary of the field, as types: blocks, handles, names, recipients, requests,
//! registrations, findings and statuses.
//!
//! Pure: no I/O, clock, async, XML element names or file formats. Everything else depends on it;
//! it depends on nothing of this crate.

mod address_text;
mod ascii;
pub mod block;
pub mod country;
pub mod finding;
pub mod handle;
pub mod net_name;
pub mod parent;
pub mod protected;
pub mod read_row;
pub mod recipient;
pub mod registered;
pub mod registration;
pub mod request;
pub mod secret;
pub mod status;
pub mod ticket;

pub use ascii::{are_plain_lines, is_printable};
pub use block::{AddressRange, BlockError, Family};
pub use country::Country;
pub use finding::{Finding, Rule, Severity};
pub use handle::{CustomerHandle, HandleError, NetHandle, OrgHandle, PocHandle, TicketNumber};
pub use net_name::{NetName, NetNameError};
pub use parent::Parent;
pub use protected::Protected;
pub use read_row::{ReadRow, RowFacts, RowView, Written};
pub use recipient::{
    Comment, Customer, NewOrg, OrgPoc, OrgRecipient, PlainText, PocFunction, PostalAddress,
    SimpleRecipient, TextError,
};
pub use registered::{CustomerValues, Detail, Owner, Registered, Seen, Source};
pub use registration::{Holder, NetType, RegisteredNet, Registration};
pub use request::{Action, Assignment, FileId, Given, Intent, RowAt, SwipRequest};
pub use status::Status;
