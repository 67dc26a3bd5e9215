//! Merged cells: a workbook keeps one value for all of them, in the first.
//!
//! They are listed behind the rows of a sheet, so they are only looked for where something depends on them.

use crate::readers::ReadError;
use crate::readers::problems::too_large;
use crate::readers::row::{Kind, Row, parse_address};

/// Merged ranges that are looked at.
const MOST: usize = 1 << 16;

/// A range of cells that are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) first_row: u64,
    pub(crate) last_row: u64,
    pub(crate) first_column: u32,
    pub(crate) last_column: u32,
}

impl Range {
    /// Reads `B3:D4`.
    pub(crate) fn parse(text: &str) -> Option<Range> {
        let (from, to) = text.split_once(':')?;
        let ((first_column, first_row), (last_column, last_row)) = (parse_address(from)?, parse_address(to)?);
        let ordered = first_column <= last_column && first_row <= last_row;
        ordered.then_some(Range { first_row, last_row, first_column, last_column })
    }
}

/// The merged ranges of a sheet.
#[derive(Debug, Default)]
pub(crate) struct Merges(Vec<Range>);

impl Merges {
    /// No ranges.
    #[cfg(test)]
    pub(crate) const NONE: Merges = Merges(Vec::new());

    /// These ranges, in any order.
    pub(crate) fn new(mut ranges: Vec<Range>, file: &str) -> Result<Merges, ReadError> {
        if ranges.len() > MOST {
            return Err(too_large(file, "it has too many merged cells"));
        }
        ranges.sort_by_key(|it| (it.first_row, it.first_column));
        Ok(Merges(ranges))
    }

    /// The column whose value a cell in the first row of a range shows.
    pub(crate) fn origin(&self, row: u64, column: u32) -> Option<u32> {
        let at = |it: &&Range| it.first_row == row && (it.first_column..=it.last_column).contains(&column);
        self.0.iter().find(at).map(|it| it.first_column)
    }

    /// The rows that a header takes up whose row `row` is known: cells that reach into rows above or below say so.
    pub(crate) fn rows_of(&self, row: u64, most: u64) -> (u64, u64) {
        let tall = |it: &&Range| it.first_row < it.last_row && it.last_row - it.first_row < most;
        let touching = self.0.iter().filter(tall).filter(|it| (it.first_row..=it.last_row).contains(&row));
        touching.fold((row, row), |acc, it| (acc.0.min(it.first_row), acc.1.max(it.last_row)))
    }

    /// Whether a row has cells that stand above several columns, but none above all of them.
    pub(crate) fn groups(&self, row: u64, first: u32, last: u32) -> bool {
        let mut wide = self.0.iter().filter(|it| it.first_row == row && it.first_column < it.last_column).peekable();
        wide.peek().is_some() && wide.all(|it| it.first_column > first || it.last_column < last)
    }

    /// Gives each cell of a range the value of its first.
    pub(crate) fn fill(&self) -> Fill {
        Fill { ranges: self.0.clone(), next: 0, open: Vec::new() }
    }
}

/// Fills merged cells row by row.
#[derive(Debug)]
pub(crate) struct Fill {
    ranges: Vec<Range>,
    next: usize,
    /// Ranges whose value is known, in order of their first rows.
    open: Vec<Open>,
}

#[derive(Debug)]
struct Open {
    range: Range,
    kind: Kind,
    format: u32,
    value: String,
}

impl Fill {
    /// Takes the values of the ranges that begin in a row, before anything of the row is left out; rows come in order.
    pub(crate) fn meet(&mut self, row: &Row) {
        while let Some(range) = self.ranges.get(self.next).copied().filter(|it| it.first_row <= row.number) {
            self.next += 1;
            let origin = row.cells.iter().find(|it| it.column == range.first_column);
            if let Some(cell) = origin.filter(|_| range.first_row == row.number) {
                let (kind, format, value) = (cell.kind, cell.format, row.text_of(cell).to_owned());
                self.open.push(Open { range, kind, format, value });
            }
        }
    }

    /// Forgets the ranges that begin in the header, whose last row this is, or above it.
    pub(crate) fn begin_below(&mut self, header: u64) {
        self.open.retain(|it| it.range.first_row > header);
    }

    /// Fills the cells of a row that stand in columns of the table, the last of which is `last`; rows come in order.
    pub(crate) fn row(&mut self, row: &mut Row, last: u32, is_column: impl Fn(u32) -> bool) {
        self.open.retain(|it| it.range.last_row >= row.number);
        let (before, number) = (row.cells.len(), row.number);
        for it in self.open.iter().take_while(|it| it.range.first_row <= number) {
            for column in it.range.first_column..=it.range.last_column.min(last) {
                if !is_column(column) || row.cells.iter().any(|cell| cell.column == column) {
                    continue;
                }
                let start = row.text.len();
                row.text.push_str(&it.value);
                row.push(column, it.kind, false, it.format, start);
            }
        }
        if row.cells.len() > before {
            row.cells.sort_by_key(|it| it.column);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merges(ranges: &[&str]) -> Merges {
        Merges::new(ranges.iter().map(|it| Range::parse(it).unwrap()).collect(), "x").unwrap()
    }

    #[test]
    fn ranges_are_read_strictly() {
        assert!(Range::parse("A1:C1").is_some() && Range::parse("B2:B9").is_some());
        for wrong in ["", "A1", "C1:A1", "A2:A1", "A0:B1", "A1:XFE1"] {
            assert_eq!(Range::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_header_reaches_as_far_as_its_cells() {
        let it = merges(&["A1:G1", "A3:A4", "B3:C3", "D3:D4", "A9:A20"]);
        assert_eq!(it.rows_of(3, 3), (3, 4));
        assert_eq!(it.rows_of(4, 3), (3, 4));
        assert_eq!(it.rows_of(1, 3), (1, 1));
        assert_eq!(it.rows_of(9, 3), (9, 9));
        assert_eq!((it.origin(3, 2), it.origin(4, 2), it.origin(3, 3)), (Some(1), None, Some(3)));
        assert!(it.groups(3, 0, 6) && !it.groups(1, 0, 6) && !it.groups(4, 0, 6));
    }

    #[test]
    fn every_cell_of_a_range_has_its_value() {
        let mut fill = merges(&["A1:A3", "B2:C2", "E1:F9"]).fill();
        let mut filled = |number: u64, cells: &[(u32, &str)]| {
            let mut row = Row::default();
            row.start(number);
            for (column, text) in cells {
                let start = row.text.len();
                row.text.push_str(text);
                row.push(*column, Kind::Text, false, 0, start);
            }
            fill.meet(&row);
            fill.row(&mut row, 5, |it| it < 6);
            let cells = row.cells.iter().map(|it| format!("{}={}", it.column, row.text_of(it)));
            cells.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(filled(1, &[(0, "Cape"), (1, "x")]), "0=Cape 1=x");
        assert_eq!(filled(2, &[(1, "y"), (3, "z")]), "0=Cape 1=y 2=y 3=z");
        assert_eq!(filled(3, &[(0, "own")]), "0=own");
        assert_eq!(filled(4, &[(1, "w")]), "1=w");
    }
}
