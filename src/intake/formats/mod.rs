//! IPAM exports as they are: recognised, selected, joined with their recipients, and turned into
//! rows of the canonical CSV.
//!
//! A format is one declarative file in `tables/`, beside its sample and the canonical CSV that is
//! expected of it; the mapping file of a user has the same schema and is laid over it. Knows the
//! canonical columns. Must not know: what a canonical cell means, the plan.

pub mod address;
mod bind;
pub mod block;
pub mod condition;
pub mod convert;
mod delimited;
pub mod draft;
pub mod encoding;
pub mod explain;
pub mod fault;
mod head;
mod heading;
pub mod join;
mod json;
pub mod layout;
pub mod recipients;
pub mod record;
pub mod row;
pub mod schema;
mod sheet;
pub mod stream;
pub mod template;
#[cfg(test)]
mod tests;
mod text;
pub mod transliterate;
mod walk;

use std::path::Path;
use std::sync::OnceLock;

use crate::intake::bytes::{ReadError, STDIN};
use crate::intake::columns::Field;
use crate::intake::records::detect_delimiter;
use crate::intake::source::Source;

use convert::Options;
use layout::Layout;
use schema::{About, Container, Role, Rules};

include!(concat!(env!("OUT_DIR"), "/format_tables.rs"));

/// What every format shares: usual names of fields that sites define for themselves.
const COMMON: &str = include_str!("common.toml");

/// Name of the canonical CSV as `--input-format` takes it.
pub const CANONICAL: &str = "canonical";
/// Name of an Excel sheet of one's own, whose columns are found by their usual names.
pub const XLSX: &str = "xlsx";

/// A format: what it looks like, and how its columns become fields.
#[derive(Clone, Debug, Default)]
pub struct Format {
    /// Name of its file in `tables/`, without ending.
    pub file: &'static str,
    /// Name, source, shape.
    pub about: About,
    /// Columns, selection, parents.
    pub rules: Rules,
}

/// Every format, in the order of their files.
pub fn all() -> &'static [Format] {
    static ALL: OnceLock<Vec<Format>> = OnceLock::new();
    ALL.get_or_init(|| {
        let common = schema::parse(COMMON, Path::new("common.toml"));
        let common = common.map(|(_, rules)| rules).unwrap_or_default();
        TABLES.iter().filter_map(|(file, text)| format(file, text, &common)).collect()
    })
}

/// Reads one table; a test shows that each of them can be read.
fn format(file: &'static str, text: &str, common: &Rules) -> Option<Format> {
    let (about, mut rules) = schema::parse(text, Path::new(file)).ok()?;
    if about.as_ref()?.role != Role::Parents && about.as_ref()?.name != CANONICAL {
        for (target, labels) in &common.columns {
            rules.columns.entry(*target).or_default().extend(labels.iter().cloned());
        }
        for (field, words) in &common.values {
            let own = rules.values.entry(*field).or_default();
            for (from, to) in words {
                own.entry(from.clone()).or_insert_with(|| to.clone());
            }
        }
        if rules.address.is_none() {
            rules.address.clone_from(&common.address);
        }
    }
    Some(Format { file, about: about?, rules })
}

/// Names that `--input-format` takes, in the order of the format table.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names = vec![CANONICAL];
    for format in all() {
        let name = format.about.name.as_str();
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Whether a header has one of some labels, written `A|B`.
fn has_one_of(layout: &Layout, labels: &str) -> bool {
    labels.split('|').any(|label| layout.position(label).is_some())
}

/// Whether a header is one of a format.
pub(crate) fn fits(about: &About, layout: &Layout, container: Container) -> bool {
    about.container == container
        && !about.recognise.is_empty()
        && about.recognise.iter().all(|labels| has_one_of(layout, labels))
        && about.absent.iter().all(|label| layout.position(label).is_none())
}

/// The format of a header among those of a container, the most telling first.
pub(crate) fn recognise(
    layout: &Layout,
    container: Container,
    name: Option<&str>,
    roles: &[Role],
) -> Option<&'static Format> {
    let fits = |format: &&Format| {
        roles.contains(&format.about.role)
            && name.is_none_or(|name| format.about.name == name)
            && fits(&format.about, layout, container)
    };
    // `max_by_key` takes the last of equals; the first table must win, and usual names come last.
    let telling = |format: &&Format| (format.about.name != XLSX, format.about.recognise.len());
    all().iter().rev().filter(fits).max_by_key(telling)
}

/// Whether a header is of the canonical CSV: every column one of its own, or passed over.
pub(crate) fn is_canonical_header(labels: &[String]) -> bool {
    let passed_over = |label: &str| label.to_ascii_lowercase().starts_with("x_");
    let mut fields = labels.iter().filter(|label| !passed_over(label)).peekable();
    fields.peek().is_some() && fields.all(|label| Field::parse(label).is_some())
}

/// Whether a header is of the canonical CSV and names the block of a row: no other format needs
/// to be looked at, and reading them all takes longer than checking a small plan.
fn is_plan_header(labels: &[String]) -> bool {
    let block = |label: &String| matches!(Field::parse(label), Some(Field::Prefix | Field::Start));
    is_canonical_header(labels) && labels.iter().any(block)
}

/// The labels of the first line that holds something.
fn first_labels(begin: &str) -> Vec<String> {
    let first = begin.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let labels = first.split(char::from(detect_delimiter(first)));
    labels.map(|label| label.trim_matches('"').to_owned()).collect()
}

/// Whether an input is left to the reader of the canonical CSV, which then says itself what is
/// wrong with it: it needs no conversion, and is of no known format.
///
/// # Errors
/// [`ReadError`] when it cannot be read.
pub(crate) fn is_canonical(source: &Source, options: &Options) -> Result<bool, ReadError> {
    let changed = options.encoding.is_some() || options.transliterate;
    let head = source.head()?;
    if changed || sheet::is_excel(&head) {
        return Ok(false);
    }
    let head = String::from_utf8_lossy(&head);
    let begin = head.trim_start_matches('\u{feff}');
    let labels = first_labels(begin);
    let is_plan = is_plan_header(&labels);
    if is_plan || is_canonical_header(&labels) && recipients::recognised(begin).is_none() {
        return Ok(options.format.as_deref().is_none_or(|name| name == CANONICAL));
    }
    let told = options.format.as_deref().is_some_and(|name| name != CANONICAL);
    let mapped = options.mapping.is_some();
    Ok(!told && !mapped && head::recognised(begin, None).is_none())
}

/// Whether an input is a file of recipients, as some systems export them beside their networks.
#[must_use]
pub fn is_recipients(path: &Path) -> bool {
    let source = (path.as_os_str() != STDIN).then(|| Source::open(path));
    let head = source.and_then(Result::ok).and_then(|source| source.head().ok());
    head.is_some_and(|head| {
        let head = String::from_utf8_lossy(&head);
        if is_plan_header(&first_labels(head.trim_start_matches('\u{feff}'))) {
            return false;
        }
        let rows = head::recognised(&head, None);
        let rows = rows.is_some_and(|(container, _)| container == Container::Table);
        !rows && recipients::recognised(head.trim_start_matches('\u{feff}')).is_some()
    })
}

/// The first table of a name that gives rows, for a header that is not recognised.
pub(crate) fn first_of(name: &str, container: Container) -> Option<&'static Format> {
    let named = |format: &&Format| {
        let about = &format.about;
        about.name == name && about.role == Role::Rows && about.container == container
    };
    all().iter().find(named)
}
