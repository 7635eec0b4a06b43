//! Cells → request: every cell parsed once into its type, every fault a finding.
//!
//! Owns the order of the fields. Must not know: other rows, parents, policy.

use jiff::civil::Date;

use crate::domain::block::{BlockError, parse_address};
use crate::domain::{
    Action, AddressRange, Comment, Finding, Given, HandleError, NetHandle, NetName, NetNameError,
    ReadRow, RowFacts, RowView, Rule, Severity, SwipRequest, TextError, Written,
};

use super::IntakeOptions;
use super::cells::{Cells, shown};
use super::columns::Field;
use super::recipient::{self, Privacy};
use super::spreadsheet;

/// Shortest word of a customer's name that counts as telling who it is.
const TELLING_WORD_MIN: usize = 4;
/// Months of a year.
const MONTHS: i16 = 12;
/// A `comment` cell that clears the comment.
const CLEAR: &str = "-";

/// Parses one row, every cell once; its findings stay in `cells`.
pub(super) fn view<'r>(cells: &mut Cells<'r>, options: &'r IntakeOptions) -> RowView<'r> {
    let parent_net = handle(cells, Field::ParentNet, NetHandle::fits, NetHandle::check);
    let block = block(cells);
    cells.leave(options.left.get(block));
    net_name(cells);
    let named = action(cells);
    comment(cells);
    let assigned_on = assigned_on(cells);
    let privacy = Privacy::of(cells);
    let action = recipient::check(cells, named, privacy, options.recipient_orgs);
    private_name_exposed(cells, privacy);
    RowView {
        at: cells.at,
        parent_net,
        parent_unreadable: parent_net.is_none() && cells.has(Field::ParentNet),
        block,
        net_name: cells.written(Field::NetName),
        action: action.or(named),
        action_named: named.is_some(),
        customer: cells.written(Field::CustomerHandle),
        org: cells.written(Field::OrgHandle),
        recipient: recipient::name(cells),
        assigned_on,
        sound: !cells.findings.iter().any(|f| f.severity() == Severity::Error),
    }
}

/// The row as it is planned: owned, with its request if no cell raised an error.
#[must_use]
pub(super) fn own(cells: &Cells<'_>, view: &RowView<'_>, findings: Vec<Finding>) -> ReadRow {
    let reference = cells.get(Field::Reference).map(str::to_owned);
    let parent_net = view.parent_net.and_then(|text| NetHandle::parse(text.as_str()).ok());
    let facts = RowFacts {
        reference: reference.clone(),
        action: view.action,
        parent_net: parent_net.clone(),
        block: view.block,
        net_name: view.net_name.map(|text| text.as_str().to_owned()),
        recipient: recipient::label(cells),
        private: Privacy::of(cells).might_be_private(),
    };
    let intent = view.action.filter(|_| view.sound).and_then(|a| recipient::intent(cells, a));
    let request = intent.zip(view.block).map(|(intent, block)| SwipRequest {
        at: view.at,
        reference,
        parent_net,
        block,
        net_name: view.net_name.and_then(|text| NetName::parse(text.as_str()).ok()),
        action_named: view.action_named,
        intent,
        comment: Comment::parse(comment_text(cells)).unwrap_or_default(),
        given: Given { comment: cells.has(Field::Comment), private: cells.has(Field::Private) },
        assigned_on: view.assigned_on,
    });
    ReadRow { at: view.at, facts, request, findings }
}

/// The text of a handle of some kind, or a `bad-handle` finding.
pub(super) fn handle<'r>(
    cells: &mut Cells<'r>,
    field: Field,
    fits: impl Fn(&[u8]) -> bool,
    check: impl Fn(&str) -> Result<(), HandleError>,
) -> Option<Written<'r>> {
    let text = cells.written(field)?;
    if fits(text.as_bytes()) {
        return Some(text);
    }
    let fault = check(text.as_str()).err()?;
    let upper = text.as_str().to_ascii_uppercase();
    let help = if check(&upper).is_ok() {
        format!("write `{upper}`")
    } else {
        "copy the handle from ARIN Online or from swip's report".to_owned()
    };
    cells.fault(field, Rule::BadHandle, fault.to_string(), help);
    None
}

fn block(cells: &mut Cells<'_>) -> Option<AddressRange> {
    let prefix = cells.written(Field::Prefix);
    let alone = !cells.has(Field::Start) && !cells.has(Field::End);
    let sound = prefix.filter(|_| alone).and_then(|p| AddressRange::sound_cidr(p.as_bytes()));
    sound.or_else(|| any_block(cells))
}

/// The block of a row that is not written as most are, or has a fault.
fn any_block(cells: &mut Cells<'_>) -> Option<AddressRange> {
    let prefix = cells.get(Field::Prefix);
    let (start, end) = (cells.get(Field::Start), cells.get(Field::End));
    match (prefix, start, end) {
        (None, None, None) => {
            let message = "the row names no address block";
            let help = "fill in `prefix`, or `start` and `end`";
            cells.fault(Field::Prefix, Rule::MissingField, message, help);
            None
        }
        (Some(prefix), None, None) => prefix_block(cells, prefix),
        (None, Some(start), Some(end)) => ends_block(cells, start, end),
        (None, Some(_), None) => half_range(cells, Field::End, "start"),
        (None, None, Some(_)) => half_range(cells, Field::Start, "end"),
        (Some(prefix), _, _) => both(cells, prefix, start, end),
    }
}

fn half_range(cells: &mut Cells<'_>, missing: Field, given: &str) -> Option<AddressRange> {
    let message = format!("the row has `{given}` but no `{}`", missing.name());
    cells.fault(missing, Rule::BadRange, message, "give both ends of the range, or a `prefix`");
    None
}

fn both(
    cells: &mut Cells<'_>,
    prefix: &str,
    start: Option<&str>,
    end: Option<&str>,
) -> Option<AddressRange> {
    let block = prefix_block(cells, prefix)?;
    let agrees = |text: Option<&str>, address| {
        text.is_some_and(|text| parse_address(text).is_ok_and(|found| found == address))
    };
    if agrees(start, block.first()) && agrees(end, block.last()) {
        return Some(block);
    }
    let message = format!(
        "`prefix` is {block}, from {} to {}, but `start` and `end` say {} to {}",
        block.first(),
        block.last(),
        start.unwrap_or("nothing"),
        end.unwrap_or("nothing"),
    );
    cells.fault(
        Field::Start,
        Rule::BadRange,
        message,
        "keep the one that is right, empty the other",
    );
    None
}

fn prefix_block(cells: &mut Cells<'_>, text: &str) -> Option<AddressRange> {
    // `a - b` in one cell is a range some IPAMs write.
    let range = || text.contains('-') && !text.contains('/');
    let parsed = AddressRange::parse_cidr(text);
    let parsed = parsed.or_else(|fault| if range() { text.parse() } else { Err(fault) });
    parsed.map_err(|fault| block_fault(cells, Field::Prefix, &fault)).ok()
}

fn ends_block(cells: &mut Cells<'_>, start: &str, end: &str) -> Option<AddressRange> {
    for (field, text) in [(Field::Start, start), (Field::End, end)] {
        if let Err(fault) = parse_address(text) {
            block_fault(cells, field, &fault);
            return None;
        }
    }
    AddressRange::parse_ends(start, end)
        .map_err(|fault| block_fault(cells, Field::Start, &fault))
        .ok()
}

fn block_fault(cells: &mut Cells<'_>, field: Field, fault: &BlockError) {
    let rule = match fault {
        BlockError::HostBits { .. } => Rule::HostBits,
        BlockError::Reversed { .. } => Rule::BadRange,
        BlockError::MixedFamily { .. } => Rule::MixedFamily,
        _ => Rule::BadPrefix,
    };
    let text = cells.get(field).unwrap_or_default();
    let spoilt = spreadsheet::spoilt(text).filter(|_| rule == Rule::BadPrefix);
    let message = match spoilt {
        Some(what) => format!("`{}` is {what}, and no address", shown(text)),
        None => fault.to_string(),
    };
    let help = match spoilt {
        Some(_) => "a spreadsheet may have made it of an address: format the column as text, and export again".to_owned(),
        None => block_help(fault),
    };
    cells.fault(field, rule, message, help);
}

fn block_help(fault: &BlockError) -> String {
    match fault {
        BlockError::NotAnAddress(text) => not_an_address_help(text),
        BlockError::LeadingZero(text) => {
            let octets: Vec<_> = text.split('.').map(|o| o.trim_start_matches('0')).collect();
            let plain: Vec<_> = octets.iter().map(|o| if o.is_empty() { "0" } else { o }).collect();
            format!("if the octets are decimal, write {}", plain.join("."))
        }
        BlockError::EmbeddedForm(_) => "write the address in plain IPv6 or plain IPv4".to_owned(),
        BlockError::NoLength(text) => {
            let single = if text.contains(':') { 128 } else { 32 };
            format!("write the block with its length, as in {text}/{single} for this one address")
        }
        BlockError::BadLength { most, .. } => {
            format!(
                "write the length as a plain number from 0 to {most}, without sign or leading zero"
            )
        }
        BlockError::HostBits { aligned, .. } => {
            format!("write {aligned}, or the length that was meant")
        }
        BlockError::Reversed { first, last } => format!("swap the ends: {last} to {first}"),
        BlockError::MixedFamily { .. } => {
            "one row is one range of one family; make it two rows".to_owned()
        }
    }
}

fn not_an_address_help(text: &str) -> String {
    let dash = text
        .chars()
        .find(|c| matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{ff0d}'));
    if let Some(dash) = dash {
        return format!("the dash is U+{:04X}; write a plain hyphen", u32::from(dash));
    }
    if !text.is_ascii() {
        return "retype it: it has characters that only look like digits or blanks".to_owned();
    }
    "write it as in 198.51.100.0/29 or 2001:db8:40::/48".to_owned()
}

fn net_name(cells: &mut Cells<'_>) {
    let Some(text) = cells.written(Field::NetName) else { return };
    if NetName::is_word(text.as_bytes()) {
        return;
    }
    let text = text.as_str();
    let Err(fault) = NetName::check(text) else { return };
    let rule = match &fault {
        NetNameError::TooLong { .. } => Rule::NetNameLength,
        NetNameError::Charset { found } if found.is_control() => Rule::ControlCharacter,
        NetNameError::Charset { found } if found.is_alphabetic() => Rule::NonAscii,
        _ => Rule::NetNameCharset,
    };
    let help = NetName::cleaned(text).map_or_else(
        || "leave it empty: swip makes a name from customer and block".to_owned(),
        |clean| format!("for example `{clean}`"),
    );
    cells.fault(Field::NetName, rule, fault.to_string(), help);
}

/// The action a row names; an unknown word is a finding.
fn action(cells: &mut Cells<'_>) -> Option<Action> {
    let text = cells.get(Field::Action)?;
    let action = Action::parse(text);
    if action.is_none() {
        let names = Action::ALL.map(Action::as_str).join(", ");
        let message = format!("`{}` is no action", shown(text));
        cells.fault(
            Field::Action,
            Rule::BadAction,
            message,
            format!("write one of {names}, or leave it empty"),
        );
    }
    action
}

/// The text of a comment: empty where the cell clears it.
fn comment_text<'r>(cells: &Cells<'r>) -> &'r str {
    cells.get(Field::Comment).filter(|text| *text != CLEAR).unwrap_or_default()
}

fn comment(cells: &mut Cells<'_>) {
    if cells.printable {
        return;
    }
    if let Err(fault) = Comment::check(comment_text(cells)) {
        text_fault(cells, Field::Comment, &fault);
    }
}

/// A fault of free text, under the rule that fits the character.
pub(super) fn text_fault(cells: &mut Cells<'_>, field: Field, fault: &TextError) {
    let text = cells.get(field).unwrap_or_default();
    let (rule, help) = match fault {
        TextError::Empty => (Rule::MissingField, "fill it in".to_owned()),
        TextError::Control(_) => {
            (Rule::ControlCharacter, "remove it; only a comment may have several lines".to_owned())
        }
        TextError::NonAscii(_) => (
            Rule::NonAscii,
            format!("write it without accents, for example `{}`", any_ascii::any_ascii(text)),
        ),
        TextError::NotLatin(_) => (Rule::NonAscii, "write it in Latin letters".to_owned()),
    };
    cells.fault(field, rule, fault.to_string(), help);
}

fn assigned_on(cells: &mut Cells<'_>) -> Option<Date> {
    let text = cells.get(Field::AssignedOn)?;
    match text.parse() {
        Ok(date) => Some(date),
        Err(_) => {
            let message = format!("`{}` is no calendar date", shown(text));
            let help = match american_date(text) {
                Some(date) => format!("write it as {date}"),
                None => "write it as year-month-day, like 2026-11-23".to_owned(),
            };
            cells.fault(Field::AssignedOn, Rule::BadDate, message, help);
            None
        }
    }
}

/// The date that `11/24/2026` means; none where day and month could be either.
fn american_date(text: &str) -> Option<Date> {
    let mut numbers = text.split('/').map(|part| part.trim().parse::<i16>().ok());
    let (month, day, year) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let plain = numbers.next().is_none() && (day > MONTHS || day == month);
    let narrow = |number: i16| i8::try_from(number).ok();
    plain.then(|| Date::new(year, narrow(month)?, narrow(day)?).ok()).flatten()
}

/// The first word of a customer's name that tells who it is and stands in a net name.
fn telling_word<'c>(name: &[u8], customer: &'c [u8]) -> Option<&'c [u8]> {
    let letters = marks(name);
    // Few customers have so many characters in a row that the name has, too.
    let mut run = 0;
    customer.iter().position(|byte| {
        run = if letters & mark(*byte) == 0 { 0 } else { run + 1 };
        run == TELLING_WORD_MIN
    })?;
    let words = customer.split(|byte| !byte.is_ascii_alphanumeric());
    let mut words = words.filter(|w| w.len() >= TELLING_WORD_MIN && marks(w) & !letters == 0);
    words.find(|word| {
        let mut windows = name.windows(word.len());
        windows.any(|window| window.eq_ignore_ascii_case(word))
    })
}

/// The characters of a text as a set in which both cases of a letter are one, and others may share
/// a mark.
fn marks(text: &[u8]) -> u32 {
    text.iter().fold(0, |marks, byte| marks | mark(*byte))
}

fn mark(byte: u8) -> u32 {
    1 << (u32::from(byte) % u32::BITS)
}

/// Warns when a private row's own net name tells the customer's name.
fn private_name_exposed(cells: &mut Cells<'_>, privacy: Privacy) {
    if !privacy.might_be_private() {
        return;
    }
    let text = |field| cells.written(field).map(Written::as_bytes);
    let (Some(name), Some(customer)) = (text(Field::NetName), text(Field::CustomerName)) else {
        return;
    };
    let telling = telling_word(name, customer);
    if let Some(word) = telling.and_then(|word| std::str::from_utf8(word).ok()) {
        let message =
            format!("the customer is private, but the net name, which is public, holds `{word}`");
        let help = "leave net_name empty: swip then names it PRIVATE and the block";
        cells.fault(Field::NetName, Rule::PrivateNameExposed, message, help);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn a_telling_word_is_found_in_any_case(
            name in "[A-Ca-c1-]{0,12}", customer in "([A-Ca-c1]{1,6}[ ,é-]){0,4}[A-Ca-c1]{0,6}",
        ) {
            let lower = name.to_lowercase();
            let mut words = customer.split(|c: char| !c.is_ascii_alphanumeric());
            let told = words.find(|w| w.len() >= TELLING_WORD_MIN && lower.contains(&w.to_lowercase()));
            prop_assert_eq!(telling_word(name.as_bytes(), customer.as_bytes()), told.map(str::as_bytes));
        }
    }
}
