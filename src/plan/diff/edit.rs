//! What differs between a row and its registration, field by field.
//!
//! Owns normalisation and the blank rules: an empty cell leaves the registered value; case,
//! spaces and punctuation alone are no difference. Must not know: other rows, guards.

use serde::{Deserialize, Serialize};

use crate::domain::net_name::{NetName, normalised};
use crate::domain::{
    Assignment, Country, Customer, CustomerValues, Detail, Holder, NetType, OrgRecipient,
    Registered, SimpleRecipient,
};
use crate::plan::Step;

/// A field that can be changed without removing the net.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// `net_name`, of the net.
    NetName,
    /// `comment`, of the net.
    Comment,
    /// `customer_name`.
    CustomerName,
    /// `street`, `street2` and `street3`, together.
    Street,
    /// `city`.
    City,
    /// `state`.
    State,
    /// `postal_code`.
    PostalCode,
    /// `country`.
    Country,
    /// `private`.
    Private,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::NetName,
        Self::Comment,
        Self::CustomerName,
        Self::Street,
        Self::City,
        Self::State,
        Self::PostalCode,
        Self::Country,
        Self::Private,
    ];

    /// The column of the canonical CSV.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NetName => "net_name",
            Self::Comment => "comment",
            Self::CustomerName => "customer_name",
            Self::Street => "street",
            Self::City => "city",
            Self::State => "state",
            Self::PostalCode => "postal_code",
            Self::Country => "country",
            Self::Private => "private",
        }
    }

    /// Whether it belongs to the net; else to its customer.
    #[must_use]
    pub const fn is_of_net(self) -> bool {
        matches!(self, Self::NetName | Self::Comment)
    }
}

/// One field changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Which.
    pub field: Field,
    /// As registered; several lines separated by newlines.
    pub from: String,
    /// As wanted.
    pub to: String,
}

impl Edit {
    fn new(field: Field, from: impl Into<String>, to: impl Into<String>) -> Self {
        Self { field, from: from.into(), to: to.into() }
    }

    /// Whether it turns a private customer public.
    #[must_use]
    pub fn unprivates(&self) -> bool {
        self.field == Field::Private && self.to == "false"
    }
}

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::plan) struct Differences {
    /// What can be changed in place.
    pub(in crate::plan) edits: Vec<Edit>,
    /// What cannot: then the net is replaced.
    pub(in crate::plan) replace: Vec<&'static str>,
    /// What was not compared, and why.
    pub(in crate::plan) notes: Vec<String>,
}

/// A text as it is compared: letters and digits, lower case.
#[must_use]
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Compares a step with the registration of its very block.
pub(in crate::plan) fn compare(step: &Step, registered: &Registered) -> Differences {
    let mut found = Differences::default();
    let wanted = match step.assignment {
        Assignment::Reallocate(_) => NetType::Reallocation,
        _ => NetType::Reassignment,
    };
    if registered.net.kind.code().is_empty() {
        found.notes.push("the type of the net is not known, so it is not compared".to_owned());
    } else if registered.net.kind != wanted {
        found.replace.push("action");
    }
    holder(step, registered, &mut found);
    if !found.replace.is_empty() {
        return found;
    }
    net_fields(step, registered, &mut found);
    customer_fields(step, registered, &mut found);
    found.edits.sort_by_key(|edit| edit.field);
    found
}

/// Whether the recipient is another one, which only a new registration can change.
fn holder(step: &Step, registered: &Registered, found: &mut Differences) {
    let holder = &registered.net.holder;
    match (&step.assignment, holder) {
        (_, Holder::Unknown) => {
            found.notes.push("who holds the net is not known; recipient not compared".to_owned());
        }
        (Assignment::ReassignSimple(_), Holder::Org(_)) => found.replace.push("action"),
        (Assignment::ReassignSimple(SimpleRecipient::Existing(wanted)), Holder::Customer(held))
            if wanted != held =>
        {
            found.replace.push("customer_handle");
        }
        (Assignment::ReassignSimple(_), Holder::Customer(_)) => {}
        (Assignment::ReassignDetailed(_) | Assignment::Reallocate(_), Holder::Customer(_)) => {
            found.replace.push("action");
        }
        (
            Assignment::ReassignDetailed(OrgRecipient::Existing(wanted))
            | Assignment::Reallocate(OrgRecipient::Existing(wanted)),
            Holder::Org(held),
        ) if wanted != held => found.replace.push("org_handle"),
        (Assignment::ReassignDetailed(_) | Assignment::Reallocate(_), Holder::Org(_)) => {}
    }
    found.replace.dedup();
}

fn net_fields(step: &Step, registered: &Registered, found: &mut Differences) {
    let net = &registered.net;
    // A generated name is for a new net only.
    if !step.name_generated && plain(step.net_name.as_str()) != plain(&net.net_name) {
        found.edits.push(Edit::new(Field::NetName, &net.net_name, step.net_name.as_str()));
    }
    if !step.given.comment {
        return;
    }
    if registered.detail == Detail::Summary {
        found.notes.push("the comment was not read, so it is not compared".to_owned());
        return;
    }
    let (from, to) = (net.comment.join("\n"), step.comment.lines().join("\n"));
    if differ(&from, &to) {
        found.edits.push(Edit::new(Field::Comment, from, to));
    }
}

/// Whether two texts differ in more than case, spaces and punctuation; clearing always counts.
fn differ(from: &str, to: &str) -> bool {
    plain(from) != plain(to) || (to.is_empty() && !from.trim().is_empty())
}

fn customer_fields(step: &Step, registered: &Registered, found: &mut Differences) {
    let Assignment::ReassignSimple(SimpleRecipient::New(wanted)) = &step.assignment else { return };
    let Some(held) = &registered.customer else {
        found.notes.push("the customer was not read, so it is not compared".to_owned());
        return;
    };
    let name = wanted.name.as_str();
    if differ(&held.name, name) {
        found.edits.push(Edit::new(Field::CustomerName, &held.name, name));
    }
    address(wanted, held, found);
    if !step.given.private || held.private == wanted.private {
        return;
    }
    let text = |private: bool| if private { "true" } else { "false" };
    found.edits.push(Edit::new(Field::Private, text(held.private), text(wanted.private)));
    let hidden = NetName::generated_private(&step.block);
    if wanted.private
        && step.name_generated
        && normalised(&registered.net.net_name) != hidden.as_str()
    {
        // The registered name may tell whom the row now hides.
        found.edits.push(Edit::new(Field::NetName, &registered.net.net_name, hidden.as_str()));
    }
}

fn address(wanted: &Customer, held: &CustomerValues, found: &mut Differences) {
    let address = &wanted.address;
    let lines: Vec<&str> = address.street.iter().map(crate::domain::PlainText::as_str).collect();
    // Blank further lines leave the registered ones, as long as the given ones are the same.
    let same = held
        .street
        .get(..lines.len())
        .is_some_and(|h| plain(&h.join(" ")) == plain(&lines.join(" ")))
        || plain(&held.street.join(" ")) == plain(&lines.join(" "));
    if !same {
        found.edits.push(Edit::new(Field::Street, held.street.join("\n"), lines.join("\n")));
    }
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    if differ(&text(&held.city), address.city.as_str()) {
        found.edits.push(Edit::new(Field::City, text(&held.city), address.city.as_str()));
    }
    let code = |text: &str| {
        Country::parse(text).map_or_else(|_| text.to_owned(), |c| c.code2().to_owned())
    };
    let moved = code(&text(&held.country)) != address.country.code2();
    if moved {
        found.edits.push(Edit::new(Field::Country, text(&held.country), address.country.code2()));
    }
    let parts = [
        (Field::State, &held.state, &address.state),
        (Field::PostalCode, &held.postal_code, &address.postal_code),
    ];
    for (field, held, wanted) in parts {
        let to = wanted.as_ref().map(ToString::to_string).unwrap_or_default();
        // A state or postal code of the old country says nothing about the new one.
        let asked = wanted.is_some() || moved;
        if asked && differ(&text(held), &to) {
            found.edits.push(Edit::new(field, text(held), to));
        }
    }
}
