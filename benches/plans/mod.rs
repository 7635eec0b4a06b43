//! Plans for measuring `swip check`, seeded: the same arguments give the same bytes.
//!
//! About 150 bytes a row. `mixed`: 1,000 parents, every third IPv6, shuffled, 0.2 % faults, which
//! is what the goals are about; the other shapes are the worst that people have.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

/// Parents of a mixed plan; every third is IPv6.
const PARENTS: u64 = 1000;
/// What the generator begins with.
const SEED: u64 = 0x5357_4950;
/// Kinds of faults.
const FAULTS: u64 = 5;

/// What a plan looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// 1,000 parents, both families, shuffled, 0.2 % faulty rows.
    Mixed,
    /// The same without faults.
    Clean,
    /// The same with 10 % faulty rows.
    Faulty,
    /// Every row under one parent, in order.
    OneParent,
    /// Every row inside the first one.
    Nested,
    /// One row again and again.
    Identical,
}

impl Shape {
    /// All of them.
    pub(super) const ALL: [Self; 6] =
        [Self::Mixed, Self::Clean, Self::Faulty, Self::OneParent, Self::Nested, Self::Identical];

    /// As it is written.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Mixed => "mixed",
            Self::Clean => "clean",
            Self::Faulty => "faulty",
            Self::OneParent => "one-parent",
            Self::Nested => "nested",
            Self::Identical => "identical",
        }
    }

    /// Faulty rows of a thousand.
    const fn faulty(self) -> u64 {
        match self {
            Self::Mixed => 2,
            Self::Faulty => 100,
            _ => 0,
        }
    }

    const fn has_one_parent(self) -> bool {
        matches!(self, Self::OneParent | Self::Nested | Self::Identical)
    }
}

/// Writes `plan.csv` and `parents.csv` of a shape into a directory of their own, unless they are
/// there already: their paths.
pub(super) fn write(directory: &Path, shape: Shape, rows: u64) -> io::Result<(PathBuf, PathBuf)> {
    let directory = directory.join(format!("{}-{rows}", shape.name()));
    let (plan, parents) = (directory.join("plan.csv"), directory.join("parents.csv"));
    if parents.exists() {
        return Ok((plan, parents));
    }
    std::fs::create_dir_all(&directory)?;
    write_plan(shape, rows, &mut BufWriter::new(File::create(&plan)?))?;
    let mut out = BufWriter::new(File::create(&parents)?);
    writeln!(out, "net_handle,prefix")?;
    let count = if shape.has_one_parent() { 1 } else { PARENTS };
    for at in 0..count {
        let (handle, block) = parent(shape, at);
        writeln!(out, "{handle},{block}")?;
    }
    out.flush()?;
    Ok((plan, parents))
}

/// SplitMix64: small, and good enough to shuffle.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }
}

const NAMES: [&str; 4] =
    ["Prairie Machine Works LLC", "Harbor Street Bakery Inc", "Juniper Legal Group", "Residence"];
const CITIES: [(&str, &str, &str, &str); 4] = [
    ("Reston", "VA", "20190", "US"),
    ("Oak Park", "IL", "60302", "US"),
    ("Montreal", "QC", "H2X 1Y4", "CA"),
    ("Kingston", "", "", "JM"),
];

/// The block of a row: its parent and its place under it.
fn block(shape: Shape, row: u64) -> String {
    let v4 = |bits: u64| Ipv4Addr::from_bits(u32::try_from(bits).unwrap_or(u32::MAX));
    match shape {
        Shape::Identical => "10.0.0.8/29".to_owned(),
        Shape::Nested if row == 0 => "8.0.0.0/5".to_owned(),
        Shape::OneParent | Shape::Nested => format!("{}/29", v4(0x0800_0000 + (row << 3))),
        _ => {
            let (parent, at) = (row % PARENTS, row / PARENTS);
            if parent.is_multiple_of(3) {
                let first = u128::from(0x2600_0000 + parent) << 96 | u128::from(at) << 81;
                format!("{}/47", Ipv6Addr::from_bits(first))
            } else {
                format!("{}/29", v4(0x0800_0000 + (parent << 17) + (at << 3)))
            }
        }
    }
}

fn parent(shape: Shape, at: u64) -> (String, String) {
    if shape.has_one_parent() {
        return ("NET-0-0-0-0-1".to_owned(), "0.0.0.0/4".to_owned());
    }
    if at.is_multiple_of(3) {
        let first = u128::from(0x2600_0000 + at) << 96;
        (format!("NET6-{at}"), format!("{}/32", Ipv6Addr::from_bits(first)))
    } else {
        let first = 0x0800_0000 + (at << 17);
        let first = Ipv4Addr::from_bits(u32::try_from(first).unwrap_or(u32::MAX));
        (format!("NET-{at}"), format!("{first}/15"))
    }
}

/// One row, with a fault if it is to have one.
fn write_row(
    out: &mut impl Write,
    shape: Shape,
    at: u64,
    rows: u64,
    fault: Option<u64>,
) -> io::Result<()> {
    let mut net = block(shape, at);
    let (handle, _) = parent(shape, at % PARENTS);
    let (city, mut state, code, country) = CITIES[usize::try_from(at % 4).unwrap_or(0)];
    let mut name = format!("CUST-{at:07}");
    match fault {
        Some(0) => net = net.replace("/29", "/28").replace("/47", "/46").replace(".8/28", ".8/27"),
        Some(1) => state = "Virginia",
        Some(2) => name = format!("CUST_{at:07}"),
        Some(3) => net = block(shape, (at + PARENTS) % rows),
        Some(_) => net = "10.300.0.0/29".to_owned(),
        None => {}
    }
    let row = at + 1;
    writeln!(
        out,
        "CIR-{row:08},{handle},{net},{name},{},{} Pioneer Street Northwest,{city},{state},{code},{country},{},circuit {row} of the plan",
        NAMES[usize::try_from(at % 4).unwrap_or(0)],
        100 + at % 900,
        if at.is_multiple_of(5) { "true" } else { "false" },
    )
}

fn write_plan(shape: Shape, rows: u64, out: &mut impl Write) -> io::Result<()> {
    writeln!(
        out,
        "reference,parent_net,prefix,net_name,customer_name,street,city,state,postal_code,country,private,comment"
    )?;
    let mut random = Random(SEED);
    // Every number below `rows` once, in an order that jumps: a step that shares no factor with it.
    let mut step = rows / 2 + 1 + random.below(rows / 4 + 1);
    while !coprime(step, rows) {
        step += 1;
    }
    let shuffled = !shape.has_one_parent();
    let mut at = 0;
    for row_at in 0..rows {
        let fault = (random.below(1000) < shape.faulty()).then(|| random.below(FAULTS));
        write_row(out, shape, if shuffled { at } else { row_at }, rows, fault)?;
        at = (at + step) % rows;
    }
    out.flush()
}

const fn coprime(mut a: u64, mut b: u64) -> bool {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}
