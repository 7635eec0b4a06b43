//! A block cut into equal cells, and what lies in each: what both kinds of map are drawn from.
//!
//! Owns counting and the words about a cell. Must not know: how a map is laid out.

use std::fmt::Write as _;

use crate::domain::{AddressRange, Family};
use crate::report::class::Class;
use crate::report::space::{amount, percent};

/// Shades by which a cell shows how full it is.
pub(super) const SHADES: u8 = 4;

/// How a cell looks; `None` when it is free.
pub(super) type Look = Option<(Class, u8)>;

/// What lies in one cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// Addresses by class.
    used: [u128; Class::ALL.len()],
    /// Rows that touch it.
    rows: u64,
}

/// A block cut into a power of two of cells.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    family: Family,
    base: u128,
    /// Two to this power addresses lie in a cell.
    cell_bits: u32,
    /// Two to this power cells make the grid.
    pub(super) bits: u32,
    pub(super) cells: Vec<Cell>,
}

impl Grid {
    /// Cuts the smallest aligned block around `block` into at most two to the `most` cells, and
    /// counts the rows in them.
    pub(super) fn new(block: &AddressRange, most: u32, rows: &[(AddressRange, Class)]) -> Self {
        let (first, last) = block.bounds();
        let host_bits = u128::BITS - (first ^ last).leading_zeros();
        let bits = host_bits.min(most);
        let base = first.checked_shr(host_bits).unwrap_or(0).checked_shl(host_bits).unwrap_or(0);
        let cells = vec![Cell::default(); 1 << bits];
        let cell_bits = host_bits - bits;
        let mut grid = Self { family: block.family(), base, cell_bits, bits, cells };
        for (row, class) in rows.iter().filter(|(row, _)| row.overlaps(block)) {
            grid.count(row, *class);
        }
        grid
    }

    fn count(&mut self, row: &AddressRange, class: Class) {
        let (first, last) = row.bounds();
        let at = |address: u128| {
            let cell = address.saturating_sub(self.base) >> self.cell_bits;
            usize::try_from(cell).unwrap_or(usize::MAX).min(self.cells.len() - 1)
        };
        for index in at(first)..=at(last) {
            let (begin, end) = self.bounds(index, 0);
            if let Some(cell) = self.cells.get_mut(index) {
                cell.rows += 1;
                if let Some(used) = cell.used.get_mut(class.index()) {
                    *used += end.min(last) - begin.max(first) + 1;
                }
            }
        }
    }

    /// First and last address of two to the `level` cells from `index` on.
    fn bounds(&self, index: usize, level: u32) -> (u128, u128) {
        let first = self.base + ((index as u128) << self.cell_bits);
        (first, first.saturating_add(mask(self.cell_bits + level)))
    }

    /// That part of the grid as a block.
    pub(super) fn block(&self, index: usize, level: u32) -> Option<AddressRange> {
        let (first, last) = self.bounds(index, level);
        AddressRange::from_bounds(self.family, first, last)
    }

    /// How a cell looks: the most urgent class in it, and how full it is. What is not sent on purpose
    /// shows only where nothing else is: one recorded row must not hide thirty registered ones.
    pub(super) fn look(&self, cell: &Cell) -> Look {
        let order = [Class::Person, Class::Waiting, Class::Done, Class::Aside];
        let class = order.into_iter().find(|class| cell.used[class.index()] > 0)?;
        let size = mask(self.cell_bits).saturating_add(1);
        let used = cell.used.iter().sum::<u128>().min(size);
        let shade = used.saturating_mul(u128::from(SHADES)).div_ceil(size);
        Some((class, u8::try_from(shade).unwrap_or(SHADES)))
    }

    /// Whether little of a cell is used, so that looking closer shows more.
    pub(super) fn is_sparse(&self, cell: &Cell) -> bool {
        self.cell_bits > 0 && self.look(cell).is_some_and(|(_, shade)| shade <= 1)
    }

    /// The words about a part of the grid.
    pub(super) fn title(&self, index: usize, level: u32, checked: bool) -> String {
        let cells = self.cells.get(index..index + (1 << level)).unwrap_or_default();
        let name = self.block(index, level).map(|block| block.to_string()).unwrap_or_default();
        let size = mask(self.cell_bits + level).saturating_add(1);
        let mut text = name;
        let mut all = 0;
        for class in Class::ALL.into_iter().rev() {
            let used: u128 = cells.iter().map(|cell| cell.used[class.index()]).sum();
            all += used;
            if used > 0 {
                let (label, share) = (class.label(checked), percent(used, size));
                // Writing to a String cannot fail.
                let _ = write!(text, "; {label} {} ({share:.1} %)", amount(used, self.family));
            }
        }
        let rows: u64 = cells.iter().map(|cell| cell.rows).max().unwrap_or_default();
        let free = size.saturating_sub(all);
        if rows > 0 && level == 0 {
            let _ = write!(text, "; {rows} row{}", if rows == 1 { "" } else { "s" });
        }
        if free > 0 {
            let share = percent(free, size);
            let _ = write!(text, "; free {} ({share:.1} %)", amount(free, self.family));
        }
        text
    }
}

/// That many one-bits: the last address of a block of so many host bits, from its first on.
fn mask(bits: u32) -> u128 {
    u128::MAX.checked_shr(u128::BITS - bits).unwrap_or(0)
}
