//! The address plan as a picture: a Hilbert map for IPv4, bars for IPv6, both inline SVG with
//! hover text, readable without script and on paper.
//!
//! On a Hilbert curve, neighbours in the address space are neighbours on the map, and every
//! aligned block is a square or half of one. IPv6 plans are too sparse for it: there a bar shows
//! a block in 256 parts, and the parts in use have bars of their own. Owns the drawing. Must not
//! know: rows beyond block and class.

use std::collections::VecDeque;
use std::fmt::Write as _;

use fast_hilbert::h2xy;

use super::grid::{Grid, Look, SHADES};
use crate::domain::{AddressRange, Family};
use crate::report::class::Class;

/// Two to this power cells make the largest IPv4 map: 64 by 64.
const MAP_BITS: u32 = 12;
/// Side of a map, in units of the drawing.
const MAP_SIDE: u32 = 448;
/// Two to this power parts make a bar.
const BAR_BITS: u32 = 8;
/// Width of a part of a bar, and height of a bar.
const BAR_PART: u32 = 3;
const BAR_HEIGHT: u32 = 18;
/// Bars that are drawn for one parent.
const BARS_MOST: usize = 24;

/// One picture, and what it is called.
pub(super) struct Picture {
    /// The block it shows.
    pub(super) block: String,
    /// The drawing.
    pub(super) svg: String,
}

/// The pictures of a parent: one map, or its bars; and how many bars were left out.
pub(super) fn pictures(
    block: &AddressRange,
    rows: &[(AddressRange, Class)],
    checked: bool,
) -> (Vec<Picture>, usize) {
    match block.family() {
        Family::V4 => {
            let svg = hilbert(&Grid::new(block, MAP_BITS, rows), block, checked);
            (vec![Picture { block: block.to_string(), svg }], 0)
        }
        Family::V6 => bars(block, rows, checked),
    }
}

/// The size of a cell of the picture, as a prefix length: `/28`.
pub(super) fn cell(block: &AddressRange) -> String {
    let most = if block.family() == Family::V4 { MAP_BITS } else { BAR_BITS };
    let grid = Grid::new(block, most, &[]);
    let length = grid.block(0, 0).map(|cell| cell.largest_prefix_len());
    length.map(|length| format!("/{length}")).unwrap_or_default()
}

/// A map under construction.
struct Map<'g> {
    grid: &'g Grid,
    looks: Vec<Look>,
    order: u8,
    scale: u32,
    checked: bool,
    svg: String,
}

fn hilbert(grid: &Grid, block: &AddressRange, checked: bool) -> String {
    let order = u8::try_from(grid.bits.div_ceil(2)).unwrap_or(u8::MAX);
    let scale = MAP_SIDE >> order;
    let looks = grid.cells.iter().map(|cell| grid.look(cell)).collect();
    let mut map = Map { grid, looks, order, scale, checked, svg: String::new() };
    let corners = (0..grid.cells.len()).map(|index| map.corner(index, 0));
    let (wide, high) = corners.fold((0, 0), |(w, h), (x, y)| (w.max(x + 1), h.max(y + 1)));
    let (wide, high) = (wide * scale, high * scale);
    // Writing to a String cannot fail.
    let _ = write!(
        map.svg,
        "<svg class=\"map\" viewBox=\"0 0 {wide} {high}\" width=\"{wide}\" role=\"img\" aria-label=\"Map of {block}; the table below says the same\">"
    );
    map.draw(0, grid.bits);
    map.lines();
    map.svg + "</svg>"
}

impl Map<'_> {
    /// Where two to the `level` cells from `index` on begin; `level` is even.
    fn corner(&self, index: usize, level: u32) -> (u32, u32) {
        let (x, y) = h2xy::<u32>(index as u64, self.order);
        let half = level / 2;
        (x >> half << half, y >> half << half)
    }

    /// Draws a part: as one square if all of it looks the same, else its quarters.
    fn draw(&mut self, index: usize, level: u32) {
        let looks = self.looks.get(index..index + (1 << level)).unwrap_or_default();
        let same = looks.windows(2).all(|pair| pair[0] == pair[1]);
        if same && level.is_multiple_of(2) {
            let look = looks.first().copied().flatten();
            self.square(index, level, look);
            return;
        }
        // An odd power of two is half a square: two squares.
        let down = if level.is_multiple_of(2) { 2 } else { 1 };
        for part in 0..1_usize << down {
            self.draw(index + (part << (level - down)), level - down);
        }
    }

    fn square(&mut self, index: usize, level: u32, look: Look) {
        let (x, y) = self.corner(index, level);
        let side = (1 << (level / 2)) * self.scale;
        let title = self.grid.title(index, level, self.checked);
        let (x, y) = (x * self.scale, y * self.scale);
        let _ = write!(
            self.svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\"{}><title>{title}</title></rect>",
            fill(look)
        );
    }

    /// The lines between the large parts, with the first address of each.
    fn lines(&mut self) {
        let level = self.grid.bits.saturating_sub(3) & !1;
        if level < 2 {
            return;
        }
        for part in 0..self.grid.cells.len() >> level {
            let index = part << level;
            let (x, y) = self.corner(index, level);
            let (x, y, side) = (x * self.scale, y * self.scale, (1 << (level / 2)) * self.scale);
            let name = self.grid.block(index, level).map(|b| b.to_string()).unwrap_or_default();
            let _ = write!(
                self.svg,
                "<rect class=\"line\" x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\"/><text x=\"{}\" y=\"{}\">{name}</text>",
                x + 4,
                y + 12
            );
        }
    }
}

/// The attributes of a part: its class, and how full it is.
fn fill(look: Look) -> String {
    match look {
        None => " class=\"free\"".to_owned(),
        Some((class, SHADES)) => format!(" class=\"{}\"", class.css()),
        Some((class, shade)) => {
            // From a third to nearly full: an almost empty cell must still be seen.
            let opacity = 25 + u32::from(shade) * 75 / u32::from(SHADES);
            format!(" class=\"{}\" fill-opacity=\".{opacity}\"", class.css())
        }
    }
}

/// Bars of a block and, where little of a part is used, of that part.
fn bars(
    block: &AddressRange,
    rows: &[(AddressRange, Class)],
    checked: bool,
) -> (Vec<Picture>, usize) {
    let mut waiting = VecDeque::from([*block]);
    let (mut pictures, mut left_out) = (Vec::new(), 0);
    while let Some(block) = waiting.pop_front() {
        if pictures.len() == BARS_MOST {
            left_out = waiting.len() + 1;
            break;
        }
        let within: Vec<(AddressRange, Class)> =
            rows.iter().filter(|(row, _)| row.overlaps(&block)).copied().collect();
        let grid = Grid::new(&block, BAR_BITS, &within);
        pictures.push(Picture { block: block.to_string(), svg: bar(&grid, &block, checked) });
        let sparse = grid.cells.iter().enumerate().filter(|(_, cell)| grid.is_sparse(cell));
        waiting.extend(sparse.filter_map(|(index, _)| grid.block(index, 0)));
    }
    (pictures, left_out)
}

fn bar(grid: &Grid, block: &AddressRange, checked: bool) -> String {
    let part = (BAR_PART << BAR_BITS) >> grid.bits;
    let wide = BAR_PART << BAR_BITS;
    let mut svg = format!(
        "<svg class=\"bar\" viewBox=\"0 0 {wide} {BAR_HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Bar of {block}\"><rect class=\"free\" width=\"{wide}\" height=\"{BAR_HEIGHT}\"><title>{}</title></rect>",
        grid.title(0, grid.bits, checked)
    );
    for (index, cell) in grid.cells.iter().enumerate() {
        let look = grid.look(cell);
        if look.is_none() {
            continue;
        }
        let x = u32::try_from(index).unwrap_or_default() * part;
        // A part is shown whole: how full it is, its own bar tells.
        let shown = look.map(|(class, _)| (class, SHADES));
        let _ = write!(
            svg,
            "<rect x=\"{x}\" width=\"{part}\" height=\"{BAR_HEIGHT}\"{}><title>{}</title></rect>",
            fill(shown),
            grid.title(index, 0, checked)
        );
    }
    svg + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(blocks: &[(&str, Class)]) -> Vec<(AddressRange, Class)> {
        blocks.iter().map(|(block, class)| (block.parse().unwrap(), *class)).collect()
    }

    #[test]
    fn equal_neighbours_become_one_square_and_free_space_is_drawn() {
        let block = "198.18.0.0/16".parse().unwrap();
        let rows = rows(&[("198.18.0.0/18", Class::Done), ("198.18.64.0/29", Class::Person)]);
        let (pictures, left_out) = pictures(&block, &rows, false);
        let svg = &pictures[0].svg;
        assert_eq!(left_out, 0);
        assert!(svg.contains("<title>198.18.0.0/18; registered 16\u{202f}384 (100.0 %)</title>"));
        assert!(svg.contains("class=\"person\" fill-opacity"), "half a /28 is not full");
        assert!(svg.contains("<title>198.18.128.0/18; free 16\u{202f}384 (100.0 %)</title>"));
        assert_eq!(svg.matches("class=\"done\"").count(), 1);
    }

    #[test]
    fn half_a_square_and_a_single_address_are_drawn_too() {
        for block in ["198.19.0.0/17", "198.51.100.0/25", "198.51.100.7/32", "0.0.0.0/0"] {
            let block: AddressRange = block.parse().unwrap();
            let (pictures, _) = pictures(&block, &[(block, Class::Done)], true);
            assert!(pictures[0].svg.contains("sound"), "{block}");
        }
    }

    #[test]
    fn sparse_parts_of_ipv6_have_bars_of_their_own() {
        let block = "2001:db8::/32".parse().unwrap();
        let rows = rows(&[("2001:db8:100::/48", Class::Done), ("2001:db8:200::/40", Class::Done)]);
        let (pictures, left_out) = pictures(&block, &rows, false);
        let blocks: Vec<&str> = pictures.iter().map(|p| p.block.as_str()).collect();
        assert_eq!((blocks, left_out), (vec!["2001:db8::/32", "2001:db8:100::/40"], 0));
    }
}
