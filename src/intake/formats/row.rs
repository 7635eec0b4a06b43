//! One record of an export → one row of the canonical CSV in the making, or why it is left out.
//!
//! Owns the order of selection, fields, block, recipient, address, action, constants, templates.
//! Must not know: files, headers.

use std::borrow::Cow;

use csv::ByteRecord;
use jiff::civil::Date;

use crate::domain::{AddressRange, NetHandle, NetName, Rule};
use crate::intake::columns::Field;
use crate::intake::recipient::boolean;

use super::address;
use super::bind::Binding;
use super::block::{self, Parts, Told};
use super::draft::Draft;
use super::join::{Found, Recipient, Recipients};
use super::schema::{About, Rules};
use super::template::{Piece, Template};
use super::transliterate;

/// Fields that say who the recipient is.
pub(super) const RECIPIENT: [Field; 12] = [
    Field::OrgHandle,
    Field::CustomerHandle,
    Field::CustomerName,
    Field::Street,
    Field::Street2,
    Field::Street3,
    Field::City,
    Field::State,
    Field::PostalCode,
    Field::Country,
    Field::OrgName,
    Field::OrgPocs,
];
/// Fields that tell the block.
const BLOCK: [Field; 3] = [Field::Prefix, Field::Start, Field::End];
/// Fields that a split address fills.
const ADDRESS: [Field; 7] = [
    Field::Street,
    Field::Street2,
    Field::Street3,
    Field::City,
    Field::State,
    Field::PostalCode,
    Field::Country,
];
/// Most names listed for an ambiguous key.
const CANDIDATES_MAX: usize = 3;

/// What a record became.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// A row, in the draft.
    Taken,
    /// None.
    LeftOut {
        /// Why, for people.
        why: Cow<'static, str>,
        /// Its space is protected: nobody said that it is no customer's.
        protects: bool,
        /// A status that neither registers nor skips.
        unknown_status: bool,
    },
}

/// A parent net found in an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundParent {
    /// Its block.
    pub block: AddressRange,
    /// Its handle, if the export tells it.
    pub net_handle: Option<NetHandle>,
    /// File and line.
    pub source: String,
}

/// Makes rows by one set of rules.
pub(super) struct RowMaker<'o> {
    pub(super) about: About,
    pub(super) rules: Rules,
    pub(super) recipients: &'o Recipients,
    pub(super) transliterate: bool,
    pub(super) as_of: Date,
}

impl RowMaker<'_> {
    /// A cell's text; words that mean nothing are empty.
    pub(super) fn cell<'r>(&self, record: &'r ByteRecord, index: usize) -> &'r str {
        let text = std::str::from_utf8(record.get(index).unwrap_or_default()).unwrap_or_default();
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        let nothing = self.rules.empty.iter().any(|word| word.eq_ignore_ascii_case(text));
        if nothing { "" } else { text }
    }

    /// The first filled cell of some columns, and its column.
    fn first<'r>(&self, record: &'r ByteRecord, columns: &[usize]) -> (&'r str, Option<usize>) {
        let cells = columns.iter().map(|index| (self.cell(record, *index), Some(*index)));
        cells.into_iter().find(|(text, _)| !text.is_empty()).unwrap_or(("", None))
    }

    /// Makes a row of a record.
    pub(super) fn make(&self, binding: &Binding, record: &ByteRecord, draft: &mut Draft) -> Fate {
        if let Some(fate) = self.left_out(binding, record) {
            return fate;
        }
        self.fields(binding, record, draft);
        self.block(binding, record, draft);
        self.join(binding, record, draft);
        if [Field::OrgHandle, Field::CustomerHandle].iter().any(|f| !draft.get(*f).is_empty()) {
            // The system's name of a tenant beside a handle is a label, no second recipient.
            draft.set(Field::CustomerName, "");
        }
        self.action(binding, record, draft);
        let nobody = RECIPIENT.iter().all(|field| draft.get(*field).is_empty())
            && self.first(record, &binding.key).0.is_empty();
        if nobody
            && draft.get(Field::Action).is_empty()
            && self.rules.selection.is_none()
            && !self.about.recognise.is_empty()
        {
            let why = Cow::Borrowed("it names no tenant, customer or org");
            return Fate::LeftOut { why, protects: true, unknown_status: false };
        }
        for (field, text) in &self.rules.constants {
            if draft.get(*field).is_empty() {
                draft.set(*field, text);
            }
        }
        self.templates(binding, record, draft);
        if self.transliterate {
            transliterate::apply(draft);
        }
        Fate::Taken
    }

    /// The fields that stand in columns, and those of an address in one.
    pub(super) fn fields(&self, binding: &Binding, record: &ByteRecord, draft: &mut Draft) {
        for (field, columns) in &binding.fields {
            if !BLOCK.contains(field) {
                let (text, _) = self.first(record, columns);
                draft.set(*field, self.translated(*field, text));
            }
        }
        self.split_address(binding, record, draft);
        for index in &binding.surplus {
            let text = self.cell(record, *index);
            if !text.is_empty() {
                let label = binding.layout.labels.get(*index).map(String::as_str);
                let message = format!(
                    "the address has a further line, and only {} are taken",
                    address::STREETS_MAX
                );
                let help = "join two lines into one, so that none is lost";
                draft.find(Rule::FieldTooLong, label, text, message, help, &[]);
            }
        }
    }

    /// Why a record is no row of the plan, if it is none.
    fn left_out(&self, binding: &Binding, record: &ByteRecord) -> Option<Fate> {
        let cell = |index: usize| self.cell(record, index);
        let because = |why: Cow<'static, str>, protects, unknown_status| {
            Some(Fate::LeftOut { why, protects, unknown_status })
        };
        for (skip, rule) in binding.skip.iter().zip(&self.rules.skip) {
            if skip.hold(cell) {
                return because(Cow::Owned(rule.why.clone()), false, false);
            }
        }
        if let (Some(status), Some(column)) = (&self.rules.status, binding.status) {
            let word = cell(column);
            let is = |words: &[String]| words.iter().any(|w| w.eq_ignore_ascii_case(word));
            if !is(&status.register) {
                let known = is(&status.skip);
                let why = format!("its {} is `{word}`", status.column);
                return because(Cow::Owned(why), !known, !known);
            }
        }
        if !binding.selection.hold(cell) {
            return because(Cow::Borrowed("the selection (`where`) leaves it out"), false, false);
        }
        None
    }

    /// The canonical word for an export's word.
    fn translated<'v>(&'v self, field: Field, text: &'v str) -> &'v str {
        let words = self.rules.values.get(&field).filter(|_| !text.is_empty());
        words.and_then(|words| words.get(&text.to_lowercase())).map_or(text, String::as_str)
    }

    /// The cells that tell the block.
    fn parts<'r>(&self, binding: &Binding, record: &'r ByteRecord) -> Parts<'r> {
        let of = |field| self.first(record, binding.columns(field)).0;
        Parts {
            prefix: self.prefix(binding, record),
            start: of(Field::Start),
            end: of(Field::End),
            address: self.first(record, &binding.address).0,
            mask: self.first(record, &binding.mask).0,
            size: self.first(record, &binding.size).0,
            hexadecimal: self.about.hexadecimal,
        }
    }

    /// The prefix; a column that lost it gives way to another that has it.
    fn prefix<'r>(&self, binding: &Binding, record: &'r ByteRecord) -> &'r str {
        let columns = binding.columns(Field::Prefix);
        let cells = columns.iter().map(|index| self.cell(record, *index));
        let whole = cells.clone().find(|text| text.bytes().any(|b| b.is_ascii_hexdigit()));
        whole.or_else(|| cells.into_iter().find(|text| !text.is_empty())).unwrap_or_default()
    }

    /// The block a record tells, if it can be read.
    pub(super) fn block_of(&self, binding: &Binding, record: &ByteRecord) -> Option<AddressRange> {
        match block::told(self.parts(binding, record)) {
            Told::Block(block) => Some(block),
            _ => None,
        }
    }

    fn block(&self, binding: &Binding, record: &ByteRecord, draft: &mut Draft) {
        match block::told(self.parts(binding, record)) {
            Told::Nothing => {}
            Told::Block(block) if block.as_cidr().is_some() => {
                draft.set(Field::Prefix, &block.to_string());
            }
            Told::Block(block) => {
                draft.set(Field::Start, &block.first().to_string());
                draft.set(Field::End, &block.last().to_string());
            }
            Told::Text { prefix, start, end } => {
                draft.set(Field::Prefix, &prefix);
                draft.set(Field::Start, &start);
                draft.set(Field::End, &end);
            }
            Told::Fault { rule, message, help, value } => {
                let columns = [binding.columns(Field::Prefix), &binding.mask, &binding.size];
                let column = columns.iter().find_map(|columns| columns.last());
                let column = column.and_then(|index| binding.layout.labels.get(*index));
                draft.find(rule, column.map(String::as_str), &value, message, help, &BLOCK);
            }
        }
    }

    /// The parent that a record is, if it is one.
    pub(super) fn parent(&self, binding: &Binding, record: &ByteRecord) -> Option<FoundParent> {
        let cell = |index: usize| self.cell(record, index);
        self.rules.parents.as_ref()?;
        if !binding.parent_only.hold(cell) {
            return None;
        }
        let net_handle = binding.parent_handle.iter().find_map(|index| handle_in(cell(*index)));
        let by_rule = binding.parent_when.as_ref().is_some_and(|when| when.hold(cell));
        if net_handle.is_none() && !by_rule {
            return None;
        }
        let block = self.block_of(binding, record)?;
        Some(FoundParent { block, net_handle, source: String::new() })
    }

    /// Fills the recipient from the recipients file.
    fn join(&self, binding: &Binding, record: &ByteRecord, draft: &mut Draft) {
        let (key, column) = self.first(record, &binding.key);
        let named = [Field::OrgHandle, Field::CustomerHandle, Field::Street];
        if self.recipients.is_empty() || key.is_empty() {
            return;
        }
        let label = column.and_then(|index| binding.layout.labels.get(index)).map(String::as_str);
        match self.recipients.find(key) {
            Found::One(recipient) => fill(draft, recipient, label, key, self.as_of),
            // What the row says itself needs no recipients file.
            _ if named.iter().any(|field| !draft.get(*field).is_empty()) => {}
            Found::Several(found) => {
                let places = found.iter().take(CANDIDATES_MAX).map(|r| r.source.as_str());
                let places: Vec<&str> = places.collect();
                let message = format!(
                    "`{key}` stands for {} different recipients: {}",
                    found.len(),
                    places.join("; ")
                );
                let help = "give each its own key, or keep one of them in the recipients file";
                draft.find(Rule::RecipientAmbiguous, label, key, message, help, &RECIPIENT);
            }
            Found::None(near) => {
                let message =
                    format!("`{key}` is none of the {} recipients", self.recipients.len());
                let help = if near.is_empty() {
                    "add it to the recipients file".to_owned()
                } else {
                    format!(
                        "did you mean `{}`? Else add it to the recipients file",
                        near.join("` or `")
                    )
                };
                draft.find(Rule::RecipientMissing, label, key, message, help, &RECIPIENT);
            }
        }
    }

    fn split_address(&self, binding: &Binding, record: &ByteRecord, draft: &mut Draft) {
        let (text, column) = self.first(record, &binding.one_address);
        if text.is_empty() || !draft.get(Field::Street).is_empty() {
            return;
        }
        let country = self.rules.address.as_ref().and_then(|rule| rule.country.as_deref());
        match address::split(text, country) {
            Ok(split) => set_address(draft, &split),
            Err(why) => {
                let label = column.and_then(|index| binding.layout.labels.get(index));
                let message = format!(
                    "the address `{}` cannot be split: {why}",
                    crate::intake::cells::shown(text)
                );
                let help = "write it as street, city, state postal-code, country; or give its fields in columns of their own";
                draft.find(
                    Rule::RecipientMissing,
                    label.map(String::as_str),
                    text,
                    message,
                    help,
                    &RECIPIENT,
                );
            }
        }
    }

    fn action(&self, binding: &Binding, record: &ByteRecord, draft: &mut Draft) {
        let cell = |index: usize| self.cell(record, index);
        let decided = binding.actions.iter().find(|(when, _)| when.hold(cell));
        if let (Some((_, action)), true) = (decided, draft.get(Field::Action).is_empty()) {
            draft.set(Field::Action, action.as_str());
        }
    }

    fn templates(&self, binding: &Binding, record: &ByteRecord, draft: &mut Draft) {
        let private = draft.get(Field::Private);
        let private = !private.is_empty() && boolean(private) != Some(false);
        for (field, template) in &self.rules.templates {
            if !draft.get(*field).is_empty() || (private && !template.tells_only_the_block()) {
                continue;
            }
            let text = self.filled(template, binding, record, draft);
            let text = match field {
                Field::NetName => NetName::cleaned(&text).map(|name| name.to_string()),
                _ => Some(text.trim().to_owned()),
            };
            draft.set(*field, &text.unwrap_or_default());
        }
    }

    fn filled(
        &self,
        template: &Template,
        binding: &Binding,
        record: &ByteRecord,
        draft: &Draft,
    ) -> String {
        let block = self.block_of(binding, record);
        template.fill(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Field(Field::Start) => block.map_or_else(String::new, |b| b.first().to_string()),
            Piece::Field(Field::End) => block.map_or_else(String::new, |b| b.last().to_string()),
            Piece::Field(field) => draft.get(*field).to_owned(),
            Piece::Column(label) => {
                let index = binding.layout.position(label);
                index.map_or_else(String::new, |index| self.cell(record, index).to_owned())
            }
        })
    }
}

/// The first net handle in a text.
fn handle_in(text: &str) -> Option<NetHandle> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let mut handles = words.filter(|w| w.starts_with("NET-") || w.starts_with("NET6-"));
    handles.find_map(|word| NetHandle::parse(word).ok())
}

fn set_address(draft: &mut Draft, split: &address::Split) {
    for (field, line) in ADDRESS.iter().zip(&split.street) {
        draft.set(*field, line);
    }
    draft.set(Field::City, &split.city);
    draft.set(Field::State, &split.state);
    draft.set(Field::PostalCode, &split.postal_code);
    draft.set(Field::Country, split.country);
}

fn fill(draft: &mut Draft, recipient: &Recipient, label: Option<&str>, key: &str, as_of: Date) {
    // A whole address is one thing: never part of one and part of another.
    let own_address = ADDRESS.iter().any(|field| !draft.get(*field).is_empty());
    for field in Field::ALL {
        let text = &recipient.texts[*field as usize];
        let taken = text.is_empty() || (own_address && ADDRESS.contains(field));
        let own = !draft.get(*field).is_empty() && *field != Field::CustomerName;
        if !taken && !own {
            draft.set(*field, text);
            draft.joined.push(*field);
        }
    }
    draft.joined_from.push_str(&recipient.source);
    if let (Some(problem), true) = (&recipient.problem, draft.get(Field::Street).is_empty()) {
        let message = format!("{problem} ({})", recipient.source);
        let help = "correct it there: street, city, state postal-code, country";
        draft.find(Rule::RecipientMissing, label, key, message, help, &RECIPIENT);
    }
    if let Some(why) = recipient.ended(as_of) {
        let message =
            format!("the row is active, but its recipient `{}` has ended: {why}", recipient.name);
        let help = "set the row to a status that is not registered, or correct the recipients file; nothing is removed on this alone";
        draft.find(Rule::RecipientEnded, label, key, message, help, &[]);
    }
}
