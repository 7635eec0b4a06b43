//! A header as it is compared: case, blanks, `_`, `*` and site prefixes apart.
//!
//! Owns finding a column by its label. Must not know: what a column means.

/// Labels of one header row, ready to be looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// As the file writes them, trimmed.
    pub labels: Vec<String>,
    /// As they are compared.
    keys: Vec<String>,
    /// Without what the system puts before names a site defined (`cf_`, `EA-`).
    bare: Vec<String>,
}

/// What systems put before the names of fields a site defined itself.
const SITE_PREFIXES: [&str; 3] = ["cf ", "ea ", "custom fields."];

impl Layout {
    /// Takes a header row.
    #[must_use]
    pub fn new(labels: &[String]) -> Self {
        let keys: Vec<String> = labels.iter().map(|label| key(label)).collect();
        let bare = keys.iter().map(|key| without_site_prefix(key).to_owned()).collect();
        let labels = labels.iter().map(|label| trimmed(label).to_owned()).collect();
        Self { labels, keys, bare }
    }

    /// The first column with a label; a list's name may be singular (`tag` finds `Tags`).
    #[must_use]
    pub fn position(&self, label: &str) -> Option<usize> {
        let wanted = key(label);
        let plural = format!("{wanted}s");
        let at = |keys: &[String], wanted: &str| keys.iter().position(|key| key == wanted);
        at(&self.keys, &wanted)
            .or_else(|| at(&self.bare, &wanted))
            .or_else(|| at(&self.keys, &plural))
    }

    /// The second column with the label of the column at `index`, if there is one.
    #[must_use]
    pub fn twin(&self, index: usize) -> Option<usize> {
        let key = self.keys.get(index)?;
        self.keys.iter().skip(index + 1).position(|other| other == key).map(|at| index + 1 + at)
    }

    /// Whether a record repeats this header.
    pub fn is_repeated_by<'c>(&self, mut cells: impl ExactSizeIterator<Item = &'c str>) -> bool {
        cells.len() == self.keys.len()
            && self.keys.iter().all(|k| cells.next().is_some_and(|c| key(c) == *k))
    }

    /// The same with another label for the first column.
    #[must_use]
    pub fn with_first(&self, label: &str) -> Self {
        let mut labels = self.labels.clone();
        if let Some(first) = labels.first_mut() {
            label.clone_into(first);
        }
        Self::new(&labels)
    }

    /// Adds a column and gives its index.
    pub fn push(&mut self, label: &str) -> usize {
        let key = key(label);
        self.bare.push(without_site_prefix(&key).to_owned());
        self.keys.push(key);
        self.labels.push(trimmed(label).to_owned());
        self.labels.len() - 1
    }
}

fn without_site_prefix(key: &str) -> &str {
    SITE_PREFIXES.iter().find_map(|prefix| key.strip_prefix(prefix)).unwrap_or(key)
}

fn trimmed(label: &str) -> &str {
    label.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
}

/// A label as it is compared.
fn key(label: &str) -> String {
    let label = trimmed(label).trim_end_matches('*').to_ascii_lowercase();
    let mut key = String::with_capacity(label.len());
    for c in label.chars() {
        let c = if matches!(c, '_' | '-') { ' ' } else { c };
        if c != ' ' || !key.ends_with(' ') {
            key.push(c);
        }
    }
    key.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_compared_without_what_systems_add() {
        let labels = ["\u{feff}Prefix", "netmask*", "EA-Customer Street", "cf_swip_city", "Tags"];
        let layout = Layout::new(&labels.map(str::to_owned));
        for (label, index) in
            [("prefix", 0), ("NETMASK", 1), ("Customer Street", 2), ("SWIP City", 3), ("tag", 4)]
        {
            assert_eq!(layout.position(label), Some(index), "{label}");
        }
        assert_eq!(layout.position("Tenant"), None);
        assert!(layout.is_repeated_by(
            ["prefix", "Netmask", "ea customer street", "cf_swip_city", "tags"].into_iter()
        ));
        assert_eq!(Layout::new(&["Name".into(), "name ".into()]).twin(0), Some(1));
    }
}
