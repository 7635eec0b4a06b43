//! The recipient of a row: customer, existing customer, org, or a new org.
//!
//! Owns which cells may stand together. Must not know: parents, other rows, the registry.

use crate::domain::{
    Action, Assignment, Country, Customer, CustomerHandle, Intent, NewOrg, OrgHandle, OrgPoc,
    OrgRecipient, PlainText, PocFunction, PocHandle, PostalAddress, Rule, SimpleRecipient, Written,
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

/// Judges recipient and action together: the action, unless the recipient has a fault.
pub(super) fn check(
    cells: &mut Cells<'_>,
    action: Option<Action>,
    privacy: Privacy,
    recipient_orgs: bool,
) -> Option<Action> {
    if action == Some(Action::RecordOnly) {
        return action;
    }
    let kind = kind(cells)?;
    let action = fitting_action(cells, action, kind)?;
    match kind {
        Kind::Customer => check_customer(cells, privacy),
        Kind::ExistingCustomer => {
            handle(cells, Field::CustomerHandle, CustomerHandle::fits, CustomerHandle::check);
        }
        Kind::Org => check_org(cells),
        Kind::NewOrg => check_new_org(cells, recipient_orgs),
    }
    Some(action)
}

/// The intent of a row whose cells raised no error.
pub(super) fn intent(cells: &Cells<'_>, action: Action) -> Option<Intent> {
    if action == Action::RecordOnly {
        return Some(Intent::RecordOnly { recipient: label(cells) });
    }
    let text = |field: Field| cells.get(field);
    let assignment = if let Some(handle) = text(Field::CustomerHandle) {
        let handle = CustomerHandle::parse(handle).ok()?;
        Assignment::ReassignSimple(SimpleRecipient::Existing(handle))
    } else if let Some(handle) = text(Field::OrgHandle) {
        for_org(action, OrgRecipient::Existing(OrgHandle::parse(handle).ok()?))
    } else if let Some(name) = text(Field::CustomerName) {
        let name = PlainText::parse(name).ok()?;
        let private = Privacy::of(cells) == Privacy::Said(true);
        let customer = Customer { name, address: postal_address(cells)?, private };
        Assignment::ReassignSimple(SimpleRecipient::New(customer))
    } else {
        let name = PlainText::parse(text(Field::OrgName)?).ok()?;
        let pocs = pocs(text(Field::OrgPocs)?)?;
        for_org(action, OrgRecipient::New(NewOrg { name, address: postal_address(cells)?, pocs }))
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
    let mut named = all.into_iter().filter(|kind| cells.has(kind.field()));
    match (named.next(), named.next()) {
        (Some(kind), None) => Some(kind),
        (None, _) => {
            let address = ADDRESS.into_iter().find(|field| cells.has(*field));
            let message = match address {
                Some(field) => format!("the row has `{}` but names no recipient", field.name()),
                None => "the row names no recipient".to_owned(),
            };
            let help = "fill in customer_name and its address, customer_handle, or org_handle; or set action to record-only";
            cells.fault(Field::CustomerName, Rule::RecipientMissing, message, help);
            None
        }
        (Some(first), Some(second)) => {
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

fn check_org(cells: &mut Cells<'_>) {
    let org = handle(cells, Field::OrgHandle, OrgHandle::fits, OrgHandle::check);
    let Some(org) = org.map(Written::as_str) else { return };
    if OrgHandle::text_is_not_eligible(org) {
        let message = format!("`{org}` has -Z: such Org IDs cannot receive reassignments");
        let help = "ask the customer for another Org ID, or reassign it simply, to a customer";
        cells.fault(Field::OrgHandle, Rule::OrgNotEligible, message, help);
    }
}

fn check_customer(cells: &mut Cells<'_>, privacy: Privacy) {
    plain(cells, Field::CustomerName);
    if privacy == Privacy::Unreadable {
        privacy_fault(cells);
    }
    check_address(cells, "a new customer needs it");
}

fn check_new_org(cells: &mut Cells<'_>, allowed: bool) {
    if !allowed {
        let message = "recipient orgs cannot be created: ARIN withdrew that in 2020";
        let help = "the customer creates its own Org ID at ARIN; put it in org_handle, or reassign simply, to a customer";
        return cells.fault(Field::OrgName, Rule::OrgNotEligible, message, help);
    }
    plain(cells, Field::OrgName);
    check_address(cells, "a new org needs it");
    let why = "a new org needs one Admin, a Tech and an Abuse POC";
    if let Some(text) = cells.require(Field::OrgPocs, why)
        && pocs(text.as_str()).is_none()
    {
        let message = "expected one AD, at least one T and one AB, as FUNCTION:HANDLE";
        let help = "as in AD:XX1-ARIN T:XX1-ARIN AB:YY2-ARIN";
        cells.fault(Field::OrgPocs, Rule::BadHandle, message, help);
    }
}

/// The contacts of a new org: one Admin, at least one Tech and one Abuse.
fn pocs(text: &str) -> Option<Vec<OrgPoc>> {
    let parse = |word: &str| {
        let (function, handle) = word.split_once(':')?;
        let function = PocFunction::from_code(function)?;
        Some(OrgPoc { function, handle: PocHandle::parse(handle).ok()? })
    };
    let pocs: Vec<OrgPoc> = text.split_ascii_whitespace().map(parse).collect::<Option<_>>()?;
    let count = |function| pocs.iter().filter(|poc| poc.function == function).count();
    let complete = count(PocFunction::Admin) == 1
        && count(PocFunction::Tech) > 0
        && count(PocFunction::Abuse) > 0;
    complete.then_some(pocs)
}

fn check_address(cells: &mut Cells<'_>, why: &str) {
    if cells.require(Field::Street, why).is_some() {
        plain(cells, Field::Street);
    }
    plain(cells, Field::Street2);
    plain(cells, Field::Street3);
    if cells.require(Field::City, why).is_some() {
        plain(cells, Field::City);
    }
    if let Some(country) = country(cells, why) {
        state(cells, country);
        postal_code(cells, country);
    }
}

/// The address of a row whose cells raised no error.
fn postal_address(cells: &Cells<'_>) -> Option<PostalAddress> {
    let line = |field| cells.get(field).and_then(|text| PlainText::parse(text).ok());
    let country = Country::parse(cells.get(Field::Country)?).ok()?;
    let mut state = line(Field::State);
    if country.needs_state() {
        state = state.and_then(|text| PlainText::parse(&text.as_str().to_ascii_uppercase()).ok());
    }
    let streets = [Field::Street, Field::Street2, Field::Street3];
    Some(PostalAddress {
        street: streets.into_iter().filter_map(line).collect(),
        city: line(Field::City)?,
        state,
        postal_code: line(Field::PostalCode),
        country,
    })
}

/// A line of ASCII where there is one.
fn plain(cells: &mut Cells<'_>, field: Field) {
    if cells.printable {
        return;
    }
    if let Some(text) = cells.get(field)
        && let Err(fault) = PlainText::check(text)
    {
        text_fault(cells, field, &fault);
    }
}

fn country(cells: &mut Cells<'_>, why: &str) -> Option<Country> {
    let text = cells.require(Field::Country, why)?;
    if let Some(country) = <[u8; 2]>::try_from(text.as_bytes()).ok().and_then(Country::of_alpha2) {
        return Some(country);
    }
    let text = text.as_str();
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

fn state(cells: &mut Cells<'_>, country: Country) {
    if !country.needs_state() {
        return plain(cells, Field::State);
    }
    let why = || format!("an address in {country} needs it");
    let Some(text) = cells.written(Field::State) else {
        cells.require(Field::State, &why());
        return;
    };
    // Codes have two letters; what else is written is looked at without hurry.
    let upper = match text.as_bytes() {
        [a, b] => [a.to_ascii_uppercase(), b.to_ascii_uppercase()],
        _ => [0; 2],
    };
    if country.has_subdivision(upper) {
        return;
    }
    let text = text.as_str();
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
    let message = format!("`{}` is no state or province of {country} in ISO 3166-2", shown(text));
    cells.fault(Field::State, Rule::State, message, help);
}

fn postal_code(cells: &mut Cells<'_>, country: Country) {
    if !country.needs_state() {
        return plain(cells, Field::PostalCode);
    }
    let Some(text) = cells.written(Field::PostalCode) else {
        cells.require(Field::PostalCode, &format!("an address in {country} needs it"));
        return;
    };
    let (valid, form) = match country {
        Country::US => (is_zip(text.as_bytes()), "12345 or 12345-6789"),
        _ => (is_canadian(text.as_bytes()), "A1A 1A1"),
    };
    if valid {
        return;
    }
    let text = text.as_str();
    let short =
        country == Country::US && text.len() == ZIP_DIGITS - 1 && all_digits(text.as_bytes());
    let help = if short {
        format!("a spreadsheet may have dropped the leading zero: `0{text}`?")
    } else {
        format!("write it as {form}")
    };
    let message =
        format!("`{}` is no postal code of {country}; one looks like {form}", shown(text));
    cells.fault(Field::PostalCode, Rule::PostalCode, message, help);
}

/// Digits of a ZIP code.
const ZIP_DIGITS: usize = 5;
/// Digits of the extension of ZIP+4.
const ZIP_EXTENSION_DIGITS: usize = 4;
/// Letters that no Canadian postal code has.
const NOT_CANADIAN: [u8; 6] = *b"DFIOQU";

fn all_digits(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

fn is_zip(text: &[u8]) -> bool {
    match text.split_at_checked(ZIP_DIGITS) {
        Some((zip, [])) => all_digits(zip),
        Some((zip, [b'-', extension @ ..])) => {
            all_digits(zip) && extension.len() == ZIP_EXTENSION_DIGITS && all_digits(extension)
        }
        _ => false,
    }
}

/// Characters of a Canadian postal code, without the blank.
const CANADIAN_LEN: usize = 6;

fn is_canadian(text: &[u8]) -> bool {
    let mut count = 0;
    for byte in text.iter().filter(|byte| !matches!(byte, b' ' | b'-')) {
        let letter =
            byte.is_ascii_alphabetic() && !NOT_CANADIAN.contains(&byte.to_ascii_uppercase());
        let fits = if count % 2 == 0 { letter } else { byte.is_ascii_digit() };
        if !fits || count == CANADIAN_LEN {
            return false;
        }
        count += 1;
    }
    count == CANADIAN_LEN
}

/// What a row says of the privacy of its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Privacy {
    /// Nothing.
    Unsaid,
    /// Whether the customer is private.
    Said(bool),
    /// Something that is neither yes nor no.
    Unreadable,
}

impl Privacy {
    /// As the `private` cell has it.
    pub(super) fn of(cells: &Cells<'_>) -> Self {
        match cells.written(Field::Private) {
            None => Self::Unsaid,
            Some(text) => boolean(text.as_bytes()).map_or(Self::Unreadable, Self::Said),
        }
    }

    /// Whether the row says, or might say, that its customer is private.
    pub(super) const fn might_be_private(self) -> bool {
        matches!(self, Self::Said(true) | Self::Unreadable)
    }
}

#[cold]
fn privacy_fault(cells: &mut Cells<'_>) {
    let text = cells.get(Field::Private).unwrap_or_default();
    let message = format!("`{}` is neither true nor false", shown(text));
    let help = "write true or false (yes, no, 1 and 0 are taken too); privacy is never guessed";
    cells.fault(Field::Private, Rule::BadBoolean, message, help);
}

/// `true/false/yes/no/1/0` in any case.
pub(super) fn boolean(text: impl AsRef<[u8]>) -> Option<bool> {
    const WORDS: [(&[u8], bool); 6] = [
        (b"false", false),
        (b"true", true),
        (b"no", false),
        (b"yes", true),
        (b"0", false),
        (b"1", true),
    ];
    let text = text.as_ref();
    // As most are written, at one look.
    match text {
        b"false" => return Some(false),
        b"true" => return Some(true),
        _ => {}
    }
    let found = WORDS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word));
    found.map(|(_, value)| *value)
}

/// The name of a new customer or org.
pub(super) fn name<'r>(cells: &Cells<'r>) -> Option<Written<'r>> {
    cells.written(Field::CustomerName).or_else(|| cells.written(Field::OrgName))
}

/// What people call the recipient: its name, else its handle.
pub(super) fn label(cells: &Cells<'_>) -> Option<String> {
    let fields = [Field::CustomerName, Field::OrgName, Field::OrgHandle, Field::CustomerHandle];
    fields.into_iter().find_map(|field| cells.get(field)).map(str::to_owned)
}
