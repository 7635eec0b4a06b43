//! The plan of an operator whose customers come and go: rows as the CSV has them, changed by
//! seeded dice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// One row: cells by column.
pub(crate) type Row = BTreeMap<String, String>;

/// A generator of small numbers, the same for the same seed (Knuth's MMIX).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// All rows, and where new ones go.
pub(crate) struct Plan {
    pub(crate) rows: Vec<Row>,
    columns: Vec<String>,
    dice: Dice,
    /// References of rows that were changed already: each is changed once, so that counts are known.
    touched: Vec<String>,
    next: usize,
    /// Blocks of eight that neither the inherited registry nor its plan uses.
    free: Vec<u32>,
}

/// 198.18.0.0/16, where newcomers go.
const SPACE: u32 = 0xc612_0000;

/// The blocks of eight that an IPv4 range touches.
fn eights(range: &str) -> Option<std::ops::RangeInclusive<u32>> {
    let address =
        |text: &str| text.parse::<std::net::Ipv4Addr>().ok().map(std::net::Ipv4Addr::to_bits);
    if let Some((first, last)) = range.split_once('-') {
        return Some(address(first.trim())? / 8..=address(last.trim())? / 8);
    }
    let (first, length) = range.split_once('/')?;
    let first = address(first)?;
    let size = 1_u32.checked_shl(32 - length.parse::<u32>().ok()?)?;
    Some(first / 8..=(first + (size - 1)) / 8)
}

impl Plan {
    /// Reads the plan; `used` are the ranges of the registry.
    pub(crate) fn read<'r>(path: &Path, used: impl Iterator<Item = &'r String>) -> Self {
        let mut reader = csv::Reader::from_path(path).unwrap();
        let columns: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let row = |record: csv::StringRecord| {
            let cells = record.iter().map(str::to_owned);
            columns.iter().cloned().zip(cells).collect()
        };
        let rows: Vec<Row> = reader.records().map(|record| row(record.unwrap())).collect();
        let blocks = rows.iter().map(|row| match row["prefix"].as_str() {
            "" => format!("{} - {}", row["start"], row["end"]),
            prefix => prefix.to_owned(),
        });
        let taken: BTreeSet<u32> =
            blocks.chain(used.cloned()).filter_map(|range| eights(&range)).flatten().collect();
        let free = (SPACE / 8..SPACE / 8 + 8_192).filter(|eight| !taken.contains(eight));
        let (free, dice) = (free.map(|eight| eight * 8).collect(), Dice(20_261_124));
        Self { rows, columns, dice, touched: Vec::new(), next: 0, free }
    }

    pub(crate) fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.columns).unwrap();
        for row in &self.rows {
            writer.write_record(self.columns.iter().map(|column| &row[column])).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap()
    }

    /// An ordinary customer that nothing happened to yet, by index.
    fn ordinary(&mut self, fits: impl Fn(&Row) -> bool) -> usize {
        let plain = |row: &Row| {
            !row["customer_name"].is_empty()
                && row["action"].is_empty()
                && row["private"] != "true"
                && row["prefix"].contains('.')
                && row["prefix"].starts_with("198.18.")
        };
        let found: Vec<usize> = self
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| plain(row) && fits(row) && !self.touched.contains(&row["reference"]))
            .map(|(at, _)| at)
            .collect();
        let at = found[self.dice.below(found.len())];
        self.touched.push(self.rows[at]["reference"].clone());
        at
    }

    pub(crate) fn set(&mut self, at: usize, cells: &[(&str, &str)]) {
        for (column, value) in cells {
            self.rows[at].insert((*column).to_owned(), (*value).to_owned());
        }
    }

    /// Somebody else has the block: another name.
    pub(crate) fn rename(&mut self) {
        let at = self.ordinary(|_| true);
        let name = format!("Taken Over {}", self.touched.len());
        self.set(at, &[("customer_name", &name)]);
    }

    /// A customer moves house.
    pub(crate) fn readdress(&mut self) {
        let at = self.ordinary(|_| true);
        let street = format!("{} Moved Avenue", self.touched.len());
        let to = [("street", street.as_str()), ("street2", ""), ("city", "Boston")];
        self.set(at, &to);
        self.set(at, &[("state", "MA"), ("postal_code", "02151"), ("country", "US")]);
    }

    /// A newcomer on new space.
    pub(crate) fn add(&mut self) -> String {
        let block = format!("{}/29", self.free());
        self.touched.push(format!("NEW-{}", self.next));
        let blank: Row = self.columns.iter().map(|c| (c.clone(), String::new())).collect();
        self.rows.push(blank);
        let at = self.rows.len() - 1;
        let name = format!("Newcomer {}", self.next);
        let reference = format!("NEW-{}", self.next);
        self.set(at, &[("reference", &reference), ("prefix", &block), ("customer_name", &name)]);
        let place = [("street", "1 New Street"), ("city", "Denver"), ("state", "CO")];
        self.set(at, &place);
        self.set(at, &[("postal_code", "80202"), ("country", "US")]);
        block
    }

    fn free(&mut self) -> std::net::Ipv4Addr {
        self.next += 1;
        std::net::Ipv4Addr::from_bits(self.free[self.next - 1])
    }

    /// A customer leaves; gives its block.
    pub(crate) fn leave(&mut self) -> String {
        let at = self.ordinary(|row| row["prefix"].ends_with("/29"));
        self.rows.remove(at)["prefix"].clone()
    }

    /// A customer gets another block, under the same reference; gives the old one.
    pub(crate) fn relocate(&mut self) -> String {
        let at = self.ordinary(|row| row["prefix"].ends_with("/29"));
        let block = format!("{}/29", self.free());
        let old = self.rows[at]["prefix"].clone();
        self.set(at, &[("prefix", &block), ("net_name", "")]);
        old
    }

    /// A block becomes two halves of two customers; gives the whole.
    pub(crate) fn split(&mut self) -> String {
        let at = self.ordinary(|row| row["prefix"].ends_with("/29"));
        let whole = self.rows[at]["prefix"].clone();
        let first: std::net::Ipv4Addr = whole.split('/').next().unwrap().parse().unwrap();
        let mut second = self.rows[at].clone();
        let halves = [first.to_bits(), first.to_bits() + 4]
            .map(|bits| format!("{}/30", std::net::Ipv4Addr::from_bits(bits)));
        self.set(at, &[("prefix", &halves[0]), ("net_name", "")]);
        let reference = format!("{}-B", second["reference"]);
        self.touched.push(reference.clone());
        second.insert("prefix".to_owned(), halves[1].clone());
        second.insert("reference".to_owned(), reference);
        second.insert("net_name".to_owned(), String::new());
        second.insert("customer_name".to_owned(), "Second Half Inc".to_owned());
        self.rows.push(second);
        whole
    }

    /// A detailed reassignment, by index.
    pub(crate) fn of_org(&mut self) -> usize {
        let rows = self.rows.iter().enumerate();
        let orgs: Vec<usize> = rows
            .filter(|(_, row)| {
                !row["org_handle"].is_empty()
                    && row["action"] != "reallocate"
                    && row["prefix"].starts_with("198.18.")
                    && !self.touched.contains(&row["reference"])
            })
            .map(|(at, _)| at)
            .collect();
        let at = orgs[self.dice.below(orgs.len())];
        self.touched.push(self.rows[at]["reference"].clone());
        at
    }
}
