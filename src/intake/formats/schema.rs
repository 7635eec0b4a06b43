//! The declarative file of a format, and the mapping file: one schema, checked with positions.
//!
//! Owns its keys and their defaults. Must not know: files of rows, or what cells hold.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use crate::domain::Action;
use crate::intake::columns::{Field, nearest};

use super::condition::{Condition, Conditions, Test};
use super::fault::{Faults, MappingError};
use super::template::Template;

/// What a column may fill: a field of the canonical CSV, or a part of how a block is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A field.
    Field(Field),
    /// First address, beside a mask or a size.
    Address,
    /// A dotted mask, a wildcard mask, or a prefix length.
    Mask,
    /// Number of addresses.
    Size,
    /// In a recipients file: when the recipient ended.
    EndedOn,
}

impl Target {
    const PARTS: [(Self, &'static str); 4] = [
        (Self::Address, "address"),
        (Self::Mask, "mask"),
        (Self::Size, "size"),
        (Self::EndedOn, "ended_on"),
    ];

    /// As a mapping writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Field(field) => field.name(),
            Self::Address => "address",
            Self::Mask => "mask",
            Self::Size => "size",
            Self::EndedOn => "ended_on",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        let part = Self::PARTS.into_iter().find(|(_, text)| *text == name);
        part.map(|(part, _)| part).or_else(|| Field::parse(name).map(Self::Field))
    }
}

/// What kind of file the format is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// Delimited text, or a sheet of an Excel file.
    #[default]
    Table,
    /// One JSON document with `results`, as REST APIs answer, or a list.
    Json,
    /// `Key: value` lines, records apart by `---`.
    Records,
    /// Numbered fields between `Template:` and `END OF TEMPLATE`.
    Template,
}

/// What the rows of a file are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Rows of the plan.
    #[default]
    Rows,
    /// Parent nets only.
    Parents,
    /// Recipients, for the join.
    Recipients,
}

/// Name, source and shape of a format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct About {
    /// As `--input-format` takes it.
    pub name: String,
    /// What it is.
    pub title: String,
    /// Where the columns were read.
    pub source: String,
    /// Documented only in part, and never tried on a real export.
    pub untested: bool,
    /// Kind of file.
    pub container: Container,
    /// What its rows are.
    pub role: Role,
    /// Labels that its header has, all of them.
    pub recognise: Vec<String>,
    /// Labels that its header does not have.
    pub absent: Vec<String>,
    /// Lines may stand above the header.
    pub preamble: bool,
    /// The first cell of each row names its kind; a header's first cell is this and the kind.
    pub kinds: Option<String>,
    /// Columns of URL-encoded `k=v&k2=v2`, which become columns.
    pub parameters: Vec<String>,
    /// Addresses are hexadecimal numbers.
    pub hexadecimal: bool,
}

/// How the status of a row decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRule {
    /// Label of the column.
    pub column: String,
    /// Words of rows that count.
    pub register: Vec<String>,
    /// Words of rows that are left out on purpose. Any other word protects the row's space.
    #[serde(default)]
    pub skip: Vec<String>,
}

/// Rows that are left out, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkipRule {
    /// Which.
    pub when: Conditions,
    /// Why, for people.
    pub why: String,
}

/// A free-text address that is split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressRule {
    /// Labels of the column; the first that the header has.
    pub columns: Vec<String>,
    /// Country where the text names none.
    pub country: Option<String>,
}

/// Which rows are parents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentsRule {
    /// Rows that are parents even without a handle.
    pub when: Option<Conditions>,
    /// Rows that are parents if one of these columns holds a net handle.
    pub handle: Vec<String>,
    /// Which of those rows; all when absent.
    pub only: Option<Conditions>,
}

/// How columns become fields and which rows count: what formats and mappings share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Target → labels, the first that is there and filled.
    pub columns: BTreeMap<Target, Vec<String>>,
    /// Field → the same text for every row that has none.
    pub constants: BTreeMap<Field, String>,
    /// Field → text made from others, for every row that has none.
    pub templates: BTreeMap<Field, Template>,
    /// Field → words of the export, lower case → words of the canonical CSV.
    pub values: BTreeMap<Field, BTreeMap<String, String>>,
    /// What a row must meet to count.
    pub selection: Option<Conditions>,
    /// How the status decides.
    pub status: Option<StatusRule>,
    /// Rows that are left out.
    pub skip: Vec<SkipRule>,
    /// The first that holds gives the action.
    pub actions: Vec<(Conditions, Action)>,
    /// Labels of the columns whose text is looked up among the recipients.
    pub key: Vec<String>,
    /// The address to split.
    pub address: Option<AddressRule>,
    /// Which rows are parents.
    pub parents: Option<ParentsRule>,
    /// Words that mean "nothing".
    pub empty: Vec<String>,
}

impl Rules {
    /// These rules with others laid over them, key by key.
    #[must_use]
    pub fn overlaid(&self, over: &Self) -> Self {
        let mut rules = self.clone();
        rules.columns.extend(over.columns.clone());
        rules.constants.extend(over.constants.clone());
        rules.templates.extend(over.templates.clone());
        for (field, words) in &over.values {
            rules.values.entry(*field).or_default().extend(words.clone());
        }
        rules.skip.extend(over.skip.iter().cloned());
        rules.actions.splice(0..0, over.actions.iter().cloned());
        rules.empty.extend(over.empty.iter().cloned());
        rules.selection = over.selection.clone().or(rules.selection);
        rules.status = over.status.clone().or(rules.status);
        rules.address = over.address.clone().or(rules.address);
        rules.parents = over.parents.clone().or(rules.parents);
        if !over.key.is_empty() {
            rules.key.clone_from(&over.key);
        }
        rules.let_selection_decide_the_status();
        rules
    }

    /// A selection that lists words of the status column says which of them count.
    fn let_selection_decide_the_status(&mut self) {
        let (Some(status), Some(selection)) = (&mut self.status, &self.selection) else { return };
        let same = |condition: &&Condition| condition.label.eq_ignore_ascii_case(&status.column);
        if let Some(Condition { test: Test::In(words), .. }) = selection.0.iter().find(same) {
            status.skip.append(&mut status.register);
            status.register.clone_from(words);
        }
    }
}

/// One word or several.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    One(String),
    Many(Vec<String>),
}

impl Default for Words {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl From<Words> for Vec<String> {
    fn from(words: Words) -> Self {
        match words {
            Words::One(word) => vec![word],
            Words::Many(words) => words,
        }
    }
}

/// `where`: an expression, or a table of columns.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Where {
    Expression(String),
    Table(BTreeMap<String, Wanted>),
}

/// What a cell must hold, in the table form.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Wanted {
    OneOf(Vec<String>),
    Has(HasItem),
}

/// `{ has = "swip" }`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HasItem {
    has: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SkipToml {
    r#where: Spanned<Where>,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionToml {
    r#where: Spanned<Where>,
    action: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressToml {
    column: Words,
    country: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ParentsToml {
    r#where: Option<Spanned<Where>>,
    handle: Words,
    only: Option<Spanned<Where>>,
}

type Table<V> = BTreeMap<Spanned<String>, V>;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct FileToml {
    format: Option<About>,
    columns: Table<Words>,
    constants: Table<String>,
    templates: Table<Spanned<String>>,
    values: Table<BTreeMap<String, String>>,
    r#where: Option<Spanned<Where>>,
    status: Option<StatusRule>,
    skip: Vec<SkipToml>,
    actions: Vec<ActionToml>,
    key: Words,
    address: Option<AddressToml>,
    parents: Option<ParentsToml>,
    empty: Vec<String>,
}

/// Reads a file of the schema; `path` is named in errors.
///
/// # Errors
/// [`MappingError`] with the place and what was expected there.
pub fn parse(text: &str, path: &Path) -> Result<(Option<About>, Rules), MappingError> {
    let faults = Faults { text, path };
    let file: FileToml = toml::from_str(text).map_err(|fault| faults.toml(&fault))?;
    let field = |name: &Spanned<String>| field(name, &faults);
    let mut rules = Rules {
        status: file.status,
        key: file.key.into(),
        empty: file.empty,
        address: file.address.map(|a| AddressRule { columns: a.column.into(), country: a.country }),
        ..Rules::default()
    };
    for (name, labels) in file.columns {
        let target = target(&name, &faults)?;
        rules.columns.insert(target, labels.into());
    }
    for (name, text) in file.constants {
        rules.constants.insert(field(&name)?, text);
    }
    for (name, text) in file.templates {
        let span = text.span();
        let template = Template::parse(text.get_ref())
            .map_err(|fault| faults.at(span, fault, "as in \"{customer_name}-{start}\""))?;
        rules.templates.insert(field(&name)?, template);
    }
    for (name, words) in file.values {
        let words = words.into_iter().map(|(from, to)| (from.to_lowercase(), to)).collect();
        rules.values.insert(field(&name)?, words);
    }
    rules.selection = file.r#where.map(|w| conditions(w, &faults)).transpose()?;
    for skip in file.skip {
        rules.skip.push(SkipRule { when: conditions(skip.r#where, &faults)?, why: skip.why });
    }
    for entry in file.actions {
        rules.actions.push((conditions(entry.r#where, &faults)?, action(&entry.action, &faults)?));
    }
    rules.parents = file.parents.map(|parents| parents_rule(parents, &faults)).transpose()?;
    Ok((file.format, rules))
}

fn parents_rule(parents: ParentsToml, faults: &Faults<'_>) -> Result<ParentsRule, MappingError> {
    Ok(ParentsRule {
        when: parents.r#where.map(|w| conditions(w, faults)).transpose()?,
        handle: parents.handle.into(),
        only: parents.only.map(|w| conditions(w, faults)).transpose()?,
    })
}

fn target(name: &Spanned<String>, faults: &Faults<'_>) -> Result<Target, MappingError> {
    Target::parse(name.get_ref()).ok_or_else(|| unknown_field(name, faults))
}

fn field(name: &Spanned<String>, faults: &Faults<'_>) -> Result<Field, MappingError> {
    Field::parse(name.get_ref()).ok_or_else(|| unknown_field(name, faults))
}

fn unknown_field(name: &Spanned<String>, faults: &Faults<'_>) -> MappingError {
    let text = name.get_ref();
    let known = Field::ALL.iter().map(|field| field.name()).chain(Target::PARTS.map(|(_, t)| t));
    let help = match nearest(text, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let names: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
            format!("the fields are {}; for blocks also address, mask, size", names.join(", "))
        }
    };
    faults.at(name.span(), format!("`{text}` is no field of the canonical CSV"), &help)
}

fn action(text: &Spanned<String>, faults: &Faults<'_>) -> Result<Action, MappingError> {
    Action::parse(text.get_ref()).ok_or_else(|| {
        let message = format!("`{}` is no action", text.get_ref());
        let names = Action::ALL.map(Action::as_str).join(", ");
        faults.at(text.span(), message, &format!("write one of {names}"))
    })
}

fn conditions(r#where: Spanned<Where>, faults: &Faults<'_>) -> Result<Conditions, MappingError> {
    let span = r#where.span();
    match r#where.into_inner() {
        Where::Expression(text) => Conditions::parse(&text).map_err(|fault| {
            // The expression stands one quote behind the value's begin.
            let (begin, end) = (span.start + 1 + fault.span.start, span.start + 1 + fault.span.end);
            let message = format!("expected {}", fault.expected);
            faults.at(begin..end, message, r#"as in 'Status in ["Active"] and Tags has "swip"'"#)
        }),
        Where::Table(table) => Ok(Conditions(
            table
                .into_iter()
                .map(|(label, wanted)| Condition {
                    label,
                    test: match wanted {
                        Wanted::OneOf(words) => Test::In(words),
                        Wanted::Has(item) => Test::Has(item.has),
                    },
                })
                .collect(),
        )),
    }
}
