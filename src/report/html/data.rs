//! All rows as one JSON document inside the page: by column, repeated words once.
//!
//! Owns the encoding, which `report.js` reads. Must not know: what a column means.

use std::collections::HashMap;

use serde_json::{Value, json};

/// Rows by column: `{"n":…,"columns":[…]}`, each column with `key`,
/// `label` and one of `from` (counts on), `words` and `at`, or `values`.
pub(super) fn document(columns: &[(&str, &str, Vec<String>)], rows: usize) -> String {
    let columns: Vec<Value> =
        columns.iter().map(|(key, label, cells)| column(key, label, cells)).collect();
    let document = json!({ "n": rows, "columns": columns });
    // Inside a script element nothing may look like its end tag.
    document.to_string().replace('<', "\\u003c")
}

fn column(key: &str, label: &str, cells: &[String]) -> Value {
    if let Some(from) = counted(cells) {
        return json!({ "key": key, "label": label, "from": from });
    }
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut words: Vec<&str> = Vec::new();
    let mut at = Vec::with_capacity(cells.len());
    for cell in cells {
        let next = words.len();
        let found = *index.entry(cell).or_insert(next);
        if found == next {
            words.push(cell);
        }
        at.push(found);
    }
    // Numbers of words are shorter than words that repeat, and longer than those that do not.
    if words.len() * 2 <= cells.len().max(2) {
        return json!({ "key": key, "label": label, "words": words, "at": at });
    }
    json!({ "key": key, "label": label, "values": cells })
}

/// The first of cells that count on by one, as row numbers mostly do.
fn counted(cells: &[String]) -> Option<u64> {
    let from: u64 = cells.first()?.parse().ok()?;
    let counts = (from..).zip(cells).all(|(number, cell)| cell.parse() == Ok(number));
    counts.then_some(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_words_stand_once_and_nothing_ends_the_script() {
        let cells = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let columns = [
            ("state", "Status", cells(&["a", "b", "a", "a"])),
            ("row", "Row", cells(&["7", "8", "9", "10"])),
            ("name", "Name", cells(&["</script>", "2", "3", "4"])),
        ];
        let text = document(&columns, 4);
        assert!(!text.contains('<'));
        let read: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["columns"][0]["words"], json!(["a", "b"]));
        assert_eq!(read["columns"][0]["at"], json!([0, 1, 0, 0]));
        assert_eq!(read["columns"][1]["from"], 7);
        assert_eq!(read["columns"][2]["values"][0], "</script>");
    }
}
