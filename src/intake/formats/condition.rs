//! Which rows count: `Status in ["Active"] and Tags has "swip"`.
//!
//! Owns the little language of `where`, and how a cell is tested. Must not know: formats, fields.

use std::ops::Range;

use super::layout::Layout;

/// What a cell is tested for; words are compared in any case, without outer blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// One of these words.
    In(Vec<String>),
    /// None of these words.
    NotIn(Vec<String>),
    /// A comma-separated list with this item.
    Has(String),
    /// A comma-separated list without this item.
    HasNot(String),
    /// A text with this part.
    Contains(String),
    /// A text with this end.
    EndsWith(String),
    /// Nothing.
    Empty,
    /// Something.
    Filled,
}

/// A column and what its cell must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The column's label.
    pub label: String,
    /// The test.
    pub test: Test,
}

/// Conditions that must all hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions(pub Vec<Condition>);

/// An expression that cannot be read: which part of it, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConditionError {
    /// Bytes of the expression.
    pub span: Range<usize>,
    /// What was expected.
    pub expected: &'static str,
}

impl Test {
    /// Whether a cell's text passes.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        let text = text.trim();
        let one_of = |words: &[String]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
        let lower = || text.to_ascii_lowercase();
        match self {
            Self::In(words) => one_of(words),
            Self::NotIn(words) => !one_of(words),
            Self::Has(item) => has(text, item),
            Self::HasNot(item) => !has(text, item),
            Self::Contains(part) => lower().contains(&part.to_ascii_lowercase()),
            Self::EndsWith(end) => lower().ends_with(&end.to_ascii_lowercase()),
            Self::Empty => text.is_empty(),
            Self::Filled => !text.is_empty(),
        }
    }
}

fn has(text: &str, item: &str) -> bool {
    text.split([',', ';']).any(|part| part.trim().eq_ignore_ascii_case(item))
}

impl Conditions {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`ConditionError`] with the part that cannot be read.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        let mut words = Words { text, at: 0 };
        let mut conditions = Vec::new();
        loop {
            let label = words.label()?;
            conditions.push(Condition { label, test: words.test()? });
            match words.next()? {
                None => return Ok(Self(conditions)),
                Some((Word::Plain("and"), _)) => {}
                Some((_, span)) => return Err(expected(span, "`and`, or the end")),
            }
        }
    }

    /// Labels of the columns that are looked at.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|condition| condition.label.as_str())
    }

    /// The same, with the columns found in a header. A column the header lacks reads as empty.
    #[must_use]
    pub fn bind(&self, layout: &Layout) -> BoundConditions {
        BoundConditions(
            self.0.iter().map(|c| (layout.position(&c.label), c.test.clone())).collect(),
        )
    }
}

/// Conditions whose columns are known by index.
#[derive(Clone, Debug, Default)]
pub struct BoundConditions(Vec<(Option<usize>, Test)>);

impl BoundConditions {
    /// Indexes of the columns that are looked at.
    #[must_use]
    pub fn columns(&self) -> Vec<usize> {
        self.0.iter().filter_map(|(index, _)| *index).collect()
    }

    /// Whether all hold; `cell` gives a cell's text.
    pub fn hold<'r>(&self, cell: impl Fn(usize) -> &'r str) -> bool {
        self.0.iter().all(|(index, test)| test.holds(index.map_or("", &cell)))
    }
}

const fn expected(span: Range<usize>, expected: &'static str) -> ConditionError {
    ConditionError { span, expected }
}

/// One word of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Word<'t> {
    Plain(&'t str),
    Quoted(&'t str),
    Open,
    Close,
    Comma,
}

/// Walks the words of an expression.
struct Words<'t> {
    text: &'t str,
    at: usize,
}

type Found<'t> = Option<(Word<'t>, Range<usize>)>;

impl<'t> Words<'t> {
    fn next(&mut self) -> Result<Found<'t>, ConditionError> {
        let rest = &self.text[self.at..];
        let begin = self.at + (rest.len() - rest.trim_start().len());
        let rest = &self.text[begin..];
        let Some(first) = rest.chars().next() else {
            self.at = begin;
            return Ok(None);
        };
        let single = match first {
            '[' => Some(Word::Open),
            ']' => Some(Word::Close),
            ',' => Some(Word::Comma),
            _ => None,
        };
        let (word, length) = if let Some(word) = single {
            (word, 1)
        } else if matches!(first, '"' | '\'' | '`') {
            let inner = &rest[1..];
            let Some(end) = inner.find(first) else {
                return Err(expected(begin..self.text.len(), "the closing quote"));
            };
            (Word::Quoted(&inner[..end]), end + 2)
        } else {
            let stop = |c: char| c.is_whitespace() || matches!(c, '[' | ']' | ',' | '"');
            let end = rest.find(stop).unwrap_or(rest.len());
            (Word::Plain(&rest[..end]), end)
        };
        self.at = begin + length;
        Ok(Some((word, begin..begin + length)))
    }

    fn end(&self) -> Range<usize> {
        self.text.len().saturating_sub(1)..self.text.len()
    }

    fn label(&mut self) -> Result<String, ConditionError> {
        match self.next()? {
            Some((Word::Plain(label) | Word::Quoted(label), _)) => Ok(label.to_owned()),
            Some((_, span)) => Err(expected(span, "a column, in quotes if it has blanks")),
            None => Err(expected(self.end(), "a column")),
        }
    }

    fn test(&mut self) -> Result<Test, ConditionError> {
        const OPERATORS: &str =
            "`in`, `not in`, `is`, `is not`, `has`, `has not`, `contains`, `ends with`";
        let Some((Word::Plain(operator), span)) = self.next()? else {
            return Err(expected(self.end(), OPERATORS));
        };
        match operator {
            "in" => Ok(Test::In(self.list()?)),
            "not" => {
                self.keyword("in")?;
                Ok(Test::NotIn(self.list()?))
            }
            "is" => self.is(),
            "has" if self.follows("not") => Ok(Test::HasNot(self.value()?)),
            "has" => Ok(Test::Has(self.value()?)),
            "contains" => Ok(Test::Contains(self.value()?)),
            "ends" => {
                self.keyword("with")?;
                Ok(Test::EndsWith(self.value()?))
            }
            _ => Err(expected(span, OPERATORS)),
        }
    }

    fn is(&mut self) -> Result<Test, ConditionError> {
        let not = self.follows("not");
        if self.follows("empty") {
            return Ok(if not { Test::Filled } else { Test::Empty });
        }
        let value = vec![self.value()?];
        Ok(if not { Test::NotIn(value) } else { Test::In(value) })
    }

    /// Takes the next word if it is this one.
    fn follows(&mut self, word: &str) -> bool {
        let before = self.at;
        let found = matches!(self.next(), Ok(Some((Word::Plain(next), _))) if next == word);
        if !found {
            self.at = before;
        }
        found
    }

    fn keyword(&mut self, word: &'static str) -> Result<(), ConditionError> {
        let at = self.at;
        if self.follows(word) { Ok(()) } else { Err(expected(at..self.text.len(), word)) }
    }

    fn value(&mut self) -> Result<String, ConditionError> {
        match self.next()? {
            Some((Word::Quoted(value), _)) => Ok(value.to_owned()),
            Some((_, span)) => Err(expected(span, "a text in quotes")),
            None => Err(expected(self.end(), "a text in quotes")),
        }
    }

    fn list(&mut self) -> Result<Vec<String>, ConditionError> {
        match self.next()? {
            Some((Word::Open, _)) => {}
            Some((_, span)) => return Err(expected(span, "a list, as [\"Active\"]")),
            None => return Err(expected(self.end(), "a list, as [\"Active\"]")),
        }
        let mut values = Vec::new();
        loop {
            values.push(self.value()?);
            match self.next()? {
                Some((Word::Comma, _)) => {}
                Some((Word::Close, _)) => return Ok(values),
                Some((_, span)) => return Err(expected(span, "`,` or `]`")),
                None => return Err(expected(self.end(), "`]`")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(expression: &str, cells: &[(&str, &'static str)]) -> bool {
        let layout =
            Layout::new(&cells.iter().map(|(label, _)| (*label).to_owned()).collect::<Vec<_>>());
        let texts: Vec<&'static str> = cells.iter().map(|(_, text)| *text).collect();
        let conditions = Conditions::parse(expression).unwrap();
        conditions.bind(&layout).hold(|index| texts[index])
    }

    #[test]
    fn all_conditions_must_hold_in_any_case() {
        let both = r#"status in ["Active", "Used"] and tag has "swip""#;
        assert!(holds(both, &[("Status", "active"), ("Tags", "arin, SWIP")]));
        assert!(!holds(both, &[("Status", "Active"), ("Tags", "arin")]));
        assert!(!holds(both, &[("Status", "Reserved"), ("Tags", "swip")]));
        assert!(!holds(both, &[("Status", "Active")]), "an absent column reads as empty");
        let words = r#""Host check" is not "1" and Subnet ends with "(folder)" and VRF is empty"#;
        assert!(holds(words, &[("Host check", "0"), ("Subnet", "a (Folder)"), ("VRF", " ")]));
        assert!(holds(
            "A is not empty and B contains 'x' and A has not \"c\"",
            &[("A", "a,b"), ("B", "yXy")]
        ));
        assert!(!holds(r#"A not in ["a"]"#, &[("A", "a")]));
    }

    #[test]
    fn a_fault_names_the_part() {
        let fault = |text: &str| {
            let fault = Conditions::parse(text).unwrap_err();
            (text[fault.span].to_owned(), fault.expected)
        };
        assert_eq!(fault(r#"Status equals "Active""#).0, "equals");
        assert_eq!(
            fault(r#"Status in "Active""#),
            ("\"Active\"".to_owned(), "a list, as [\"Active\"]")
        );
        assert_eq!(fault(r#"Status in ["Active" or"#).0, "or");
        assert_eq!(fault(r#"Status is "Active"#).1, "the closing quote");
        assert_eq!(fault(r#"Status is "A" or B is "b""#).0, "or");
    }
}
