//! The recipient of a row: customer, existing customer, org, or a new org.
//!
//! Owns which cells may stand together. Must not know: parents, other rows, the registry.

use crate::domain::{
    Action, Assignment, Country, Customer, CustomerHandle, Intent, NewOrg, OrgHandle, OrgPoc,
    OrgRecipient, PlainText, PocFunction, PocHandle, PostalAddress, Rule, SimpleRecipient,
};

use super::cells::{Cells, shown};
use super::columns::{Field, nearest};
use super::request::{handle, text_fault};

/// Address cells of a new customer or org.
const ADDRESS: [Field; 7] = [
    Field::Street,
    Field::Street2,
    Field::Street3,
    Field::City,
    Field::State,
    Field::PostalCode,
    Field::Country,
];

/// Which recipient the cells name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Customer,
    ExistingCustomer,
    Org,
    NewOrg,
}

impl Kind {
    const fn field(self) -> Field {
        match self {
            Self::Customer => Field::CustomerName,
            Self::ExistingCustomer => Field::CustomerHandle,
            Self::Org => Field::OrgHandle,
            Self::NewOrg => Field::OrgName,
        }
    }

    const fn is_customer(self) -> bool {
        matches!(self, Self::Customer | Self::ExistingCustomer)
    }
}

/// Reads recipient and action together.
pub(super) fn read(
    cells: &mut Cells<'_>,
    action: Option<Action>,
    recipient_orgs: bool,
) -> Option<Intent> {
    if action == Some(Action::RecordOnly) {
        return Some(Intent::RecordOnly { recipient: label(cells) });
    }
    let kind = kind(cells)?;
    let action = fitting_action(cells, action, kind)?;
    let assignment = match kind {
        Kind::Customer => Assignment::ReassignSimple(SimpleRecipient::New(customer(cells)?)),
        Kind::ExistingCustomer => {
            let handle = handle(cells, Field::CustomerHandle, CustomerHandle::parse)?;
            Assignment::ReassignSimple(SimpleRecipient::Existing(handle))
        }
        Kind::Org => for_org(action, OrgRecipient::Existing(org(cells)?)),
        Kind::NewOrg => for_org(action, OrgRecipient::New(new_org(cells, recipient_orgs)?)),
    };
    Some(Intent::Register(assignment))
}

const fn for_org(action: Action, org: OrgRecipient) -> Assignment {
    match action {
        Action::Reallocate => Assignment::Reallocate(org),
        _ => Assignment::ReassignDetailed(org),
    }
}

/// The one recipient the cells name.
fn kind(cells: &mut Cells<'_>) -> Option<Kind> {
    let all = [Kind::Customer, Kind::ExistingCustomer, Kind::Org, Kind::NewOrg];
    let named: Vec<Kind> = all.into_iter().filter(|k| cells.get(k.field()).is_some()).collect();
    match named.as_slice() {
        [kind] => Some(*kind),
        [] => {
            let address = ADDRESS.into_iter().find(|field| cells.get(*field).is_some());
            let message = match address {
                Some(field) => format!("the row has `{}` but names no recipient", field.name()),
                None => "the row names no recipient".to_owned(),
            };
            let help = "fill in customer_name and its address, customer_handle, or org_handle; or set action to record-only";
            cells.fault(Field::CustomerName, Rule::RecipientMissing, message, help);
            None
        }
        [first, second, ..] => {
            let message = format!(
                "the row names two recipients: `{}` and `{}`",
                first.field().name(),
                second.field().name()
            );
            let help = "a net has one recipient; empty one of the two cells";
            cells.fault(second.field(), Rule::RecipientAmbiguous, message, help);
            None
        }
    }
}

fn fitting_action(cells: &mut Cells<'_>, action: Option<Action>, kind: Kind) -> Option<Action> {
    let implied =
        if kind.is_customer() { Action::ReassignSimple } else { Action::ReassignDetailed };
    let action = action.unwrap_or(implied);
    let takes_customer = action == Action::ReassignSimple;
    if takes_customer == kind.is_customer() {
        return Some(action);
    }
    let (takes, fix) = if takes_customer {
        ("a customer", "name a customer, or set action to reassign-detailed or reallocate")
    } else {
        ("an org", "name an org_handle, or set action to reassign-simple")
    };
    let message = format!("`{action}` takes {takes}, but the row names `{}`", kind.field().name());
    cells.fault(Field::Action, Rule::ActionRecipientMismatch, message, fix);
    None
}

fn org(cells: &mut Cells<'_>) -> Option<OrgHandle> {
    let org = handle(cells, Field::OrgHandle, OrgHandle::parse)?;
    if org.is_not_eligible() {
        let message = format!("`{org}` has -Z: such Org IDs cannot receive reassignments");
        let help = "ask the customer for another Org ID, or reassign it simply, to a customer";
        cells.fault(Field::OrgHandle, Rule::OrgNotEligible, message, help);
        return None;
    }
    Some(org)
}

fn customer(cells: &mut Cells<'_>) -> Option<Customer> {
    let name = plain(cells, Field::CustomerName);
    let private = private(cells);
    let address = address(cells, "a new customer needs it");
    Some(Customer { name: name?, address: address?, private: private? })
}

fn new_org(cells: &mut Cells<'_>, allowed: bool) -> Option<NewOrg> {
    if !allowed {
        let message = "recipient orgs cannot be created: ARIN withdrew that in 2020";
        let help = "the customer creates its own Org ID at ARIN; put it in org_handle, or reassign simply, to a customer";
        cells.fault(Field::OrgName, Rule::OrgNotEligible, message, help);
        return None;
    }
    let name = plain(cells, Field::OrgName);
    let address = address(cells, "a new org needs it");
    let pocs = org_pocs(cells);
    Some(NewOrg { name: name?, address: address?, pocs: pocs? })
}

fn org_pocs(cells: &mut Cells<'_>) -> Option<Vec<OrgPoc>> {
    let text =
        cells.require(Field::OrgPocs, "a new org needs one Admin, a Tech and an Abuse POC")?;
    let parse = |word: &str| {
        let (function, handle) = word.split_once(':')?;
        let function = PocFunction::from_code(function)?;
        Some(OrgPoc { function, handle: PocHandle::parse(handle).ok()? })
    };
    let pocs: Option<Vec<OrgPoc>> = text.split_ascii_whitespace().map(parse).collect();
    let count = |pocs: &[OrgPoc], f| pocs.iter().filter(|poc| poc.function == f).count();
    let complete = |pocs: &Vec<OrgPoc>| {
        count(pocs, PocFunction::Admin) == 1
            && count(pocs, PocFunction::Tech) > 0
            && count(pocs, PocFunction::Abuse) > 0
    };
    let pocs = pocs.filter(complete);
    if pocs.is_none() {
        let message = "expected one AD, at least one T and one AB, as FUNCTION:HANDLE";
        cells.fault(
            Field::OrgPocs,
            Rule::BadHandle,
            message,
            "as in AD:XX1-ARIN T:XX1-ARIN AB:YY2-ARIN",
        );
    }
    pocs
}

fn address(cells: &mut Cells<'_>, why: &str) -> Option<PostalAddress> {
    let street = cells.require(Field::Street, why).and_then(|_| plain(cells, Field::Street));
    let mut lines: Vec<PlainText> = street.iter().cloned().collect();
    for field in [Field::Street2, Field::Street3] {
        if cells.get(field).is_some() {
            lines.extend(plain(cells, field));
        }
    }
    let city = cells.require(Field::City, why).and_then(|_| plain(cells, Field::City));
    let country = country(cells, why)?;
    let state = state(cells, country);
    let postal_code = postal_code(cells, country);
    Some(PostalAddress {
        street: street.map(|_| lines)?,
        city: city?,
        state: state?,
        postal_code: postal_code?,
        country,
    })
}

/// A line of ASCII, or a finding.
fn plain(cells: &mut Cells<'_>, field: Field) -> Option<PlainText> {
    let text = cells.get(field)?;
    PlainText::parse(text).map_err(|fault| text_fault(cells, field, &fault)).ok()
}

fn country(cells: &mut Cells<'_>, why: &str) -> Option<Country> {
    let text = cells.require(Field::Country, why)?;
    if let Ok(country) = Country::parse(text) {
        return Some(country);
    }
    let help = match text.to_ascii_uppercase().as_str() {
        "UK" => "the United Kingdom is GB in ISO 3166".to_owned(),
        "U.S." | "U.S.A." | "UNITED STATES" | "UNITED STATES OF AMERICA" => "write US".to_owned(),
        "CANADA" => "write CA".to_owned(),
        _ => "write the ISO 3166-1 code of two or three letters, as US, CA or JM".to_owned(),
    };
    let message = format!("`{}` is no ISO 3166-1 country code", shown(text));
    cells.fault(Field::Country, Rule::Country, message, help);
    None
}

/// Outer `None`: a finding was raised. Inner `None`: the country needs no state.
fn state(cells: &mut Cells<'_>, country: Country) -> Option<Option<PlainText>> {
    if !country.needs_state() {
        let given = cells.get(Field::State).is_some();
        return if given { plain(cells, Field::State).map(Some) } else { Some(None) };
    }
    let why = format!("{} requires it", country.name());
    let text = cells.require(Field::State, &why)?;
    let upper = text.to_ascii_uppercase();
    if country.has_subdivision(&upper) {
        return PlainText::parse(&upper).ok().map(Some);
    }
    let subdivisions = country.subdivisions();
    let by_name = subdivisions.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
    let near = by_name.map(|(code, _)| *code).or_else(|| {
        let name = nearest(text, subdivisions.iter().map(|(_, name)| *name))?;
        subdivisions.iter().find(|(_, other)| *other == name).map(|(code, _)| *code)
    });
    let help = near.map_or_else(
        || "write the two-letter code, as VA or ON".to_owned(),
        |code| format!("write `{code}`"),
    );
    let message =
        format!("`{}` is no ISO 3166-2 state or province of {}", shown(text), country.name());
    cells.fault(Field::State, Rule::State, message, help);
    None
}

/// Outer `None`: a finding was raised. Inner `None`: the country needs no postal code.
fn postal_code(cells: &mut Cells<'_>, country: Country) -> Option<Option<PlainText>> {
    if !country.needs_state() {
        let given = cells.get(Field::PostalCode).is_some();
        return if given { plain(cells, Field::PostalCode).map(Some) } else { Some(None) };
    }
    let why = format!("{} requires it", country.name());
    let text = cells.require(Field::PostalCode, &why)?;
    let (valid, form) = match country {
        Country::US => (is_zip(text), "12345 or 12345-6789"),
        _ => (is_canadian(text), "A1A 1A1"),
    };
    if valid {
        return plain(cells, Field::PostalCode).map(Some);
    }
    let short = country == Country::US && text.len() == ZIP_DIGITS - 1 && all_digits(text);
    let help = if short {
        format!("a spreadsheet may have dropped the leading zero: `0{text}`?")
    } else {
        format!("write it as {form}")
    };
    let message = format!(
        "`{}` is no postal code of {}, which looks like {form}",
        shown(text),
        country.name()
    );
    cells.fault(Field::PostalCode, Rule::PostalCode, message, help);
    None
}

/// Digits of a ZIP code.
const ZIP_DIGITS: usize = 5;
/// Digits of the extension of ZIP+4.
const ZIP_EXTENSION_DIGITS: usize = 4;
/// Letters that no Canadian postal code has.
const NOT_CANADIAN: &str = "DFIOQU";

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_zip(text: &str) -> bool {
    let (zip, extension) = text.split_once('-').map_or((text, None), |(z, e)| (z, Some(e)));
    zip.len() == ZIP_DIGITS
        && all_digits(zip)
        && extension.is_none_or(|e| e.len() == ZIP_EXTENSION_DIGITS && all_digits(e))
}

fn is_canadian(text: &str) -> bool {
    let compact: String = text.to_ascii_uppercase().replace([' ', '-'], "");
    let letter = |c: char| c.is_ascii_uppercase() && !NOT_CANADIAN.contains(c);
    compact.len() == 6
        && compact.chars().enumerate().all(
            |(at, c)| {
                if at % 2 == 0 { letter(c) } else { c.is_ascii_digit() }
            },
        )
}

/// The `private` cell: false when empty, a finding when unreadable.
fn private(cells: &mut Cells<'_>) -> Option<bool> {
    let Some(text) = cells.get(Field::Private) else {
        return Some(false);
    };
    let parsed = boolean(text);
    if parsed.is_none() {
        let message = format!("`{}` is neither true nor false", shown(text));
        let help = "write true or false (yes, no, 1 and 0 are taken too); privacy is never guessed";
        cells.fault(Field::Private, Rule::BadBoolean, message, help);
    }
    parsed
}

/// `true/false/yes/no/1/0` in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// Whether the row says, or might say, that its customer is private.
pub(super) fn might_be_private(cells: &Cells<'_>) -> bool {
    cells.get(Field::Private).is_some_and(|text| boolean(text) != Some(false))
}

/// The name of a new customer or org.
pub(super) fn name<'r>(cells: &Cells<'r>) -> Option<&'r str> {
    cells.get(Field::CustomerName).or_else(|| cells.get(Field::OrgName))
}

/// What people call the recipient: its name, else its handle.
pub(super) fn label(cells: &Cells<'_>) -> Option<String> {
    let fields = [Field::CustomerName, Field::OrgName, Field::OrgHandle, Field::CustomerHandle];
    fields.into_iter().find_map(|field| cells.get(field)).map(str::to_owned)
}
