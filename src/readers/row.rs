//! One row on its way from a reader to the table, and the grid it stands on: letters, addresses, ranges.
//!
//! A row is one buffer that is filled and emptied again and again, so that a cell costs no allocation.

use crate::readers::ReadError;
use crate::readers::problems::{RANGE, refuse, shown};

/// Rows of a sheet.
pub(crate) const MAX_ROWS: u64 = 1_048_576;
/// Columns of a sheet.
pub(crate) const MAX_COLUMNS: u32 = 16_384;

/// What a cell is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Number,
    Date,
    Boolean,
    Error,
}

/// A cell that is not blank.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cell {
    /// Counted from 0.
    pub(crate) column: u32,
    pub(crate) kind: Kind,
    /// Whether a formula computes it.
    pub(crate) formula: bool,
    /// Which of the workbook's number formats it has.
    pub(crate) format: u32,
    start: usize,
    end: usize,
}

/// A row of cells that are not blank, in order of columns.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    /// As the spreadsheet shows it; for CSV the line where the record starts.
    pub(crate) number: u64,
    pub(crate) hidden: bool,
    /// CSV: how many fields the record has.
    pub(crate) fields: Option<u32>,
    pub(crate) cells: Vec<Cell>,
    pub(crate) text: String,
}

impl Row {
    /// Empties the row for another one.
    pub(crate) fn start(&mut self, number: u64) {
        self.number = number;
        self.hidden = false;
        self.fields = None;
        self.cells.clear();
        self.text.clear();
    }

    /// Becomes another row, keeping what is allocated.
    pub(crate) fn copy(&mut self, other: &Row) {
        (self.number, self.hidden, self.fields) = (other.number, other.hidden, other.fields);
        self.cells.clone_from(&other.cells);
        self.text.clone_from(&other.text);
    }

    /// Makes a cell of what was appended to `text` since it was `start` long. Only white space is no value.
    pub(crate) fn push(&mut self, column: u32, kind: Kind, formula: bool, format: u32, start: usize) {
        if kind == Kind::Text && is_blank(&self.text[start..]) {
            self.text.truncate(start);
            return;
        }
        self.cells.push(Cell { column, kind, formula, format, start, end: self.text.len() });
    }

    /// Moves all cells to the next column.
    pub(crate) fn move_right(&mut self) {
        self.cells.iter_mut().for_each(|it| it.column += 1);
        self.fields = self.fields.map(|it| it + 1);
    }

    /// The text of one of the cells.
    pub(crate) fn text_of(&self, cell: &Cell) -> &str {
        &self.text[cell.start..cell.end]
    }
}

/// Whether there is nothing but white space.
pub(crate) fn is_blank(text: &str) -> bool {
    match text.as_bytes().first() {
        None => true,
        Some(b'!'..=b'~') => false,
        Some(_) => text.chars().all(|it| it.is_whitespace() || it == '\u{feff}'),
    }
}

/// The letters of a column counted from 0: `A`, `Z`, `AA`, `XFD`.
pub(crate) fn letters(column: u32) -> String {
    let mut name = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        name.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    name.iter().rev().map(|it| char::from(*it)).collect()
}

/// The address of a cell.
pub(crate) fn address(column: u32, row: u64) -> String {
    format!("{}{row}", letters(column))
}

/// The column counted from 0 and the row counted from 1 that `C17` names; `None` off the grid.
pub(crate) fn parse_address(text: &str) -> Option<(u32, u64)> {
    let (column, rest) = split_letters(text)?;
    Some((column?, parse_row(rest)?))
}

/// The leading letters as a column (`None` inside if there are none), and the rest. Some programs write them small.
fn split_letters(text: &str) -> Option<(Option<u32>, &str)> {
    let mut column = 0_u32;
    let mut length = 0;
    for byte in text.bytes().take_while(u8::is_ascii_alphabetic) {
        column = column * 26 + u32::from(byte.to_ascii_uppercase() - b'A') + 1;
        length += 1;
        if column > MAX_COLUMNS {
            return None;
        }
    }
    Some((column.checked_sub(1), &text[length..]))
}

/// A row number on the grid.
pub(crate) fn parse_row(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 7 || !text.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|it| (1..=MAX_ROWS).contains(it))
}

/// What a range lets through; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) first_row: u64,
    pub(crate) last_row: u64,
    pub(crate) first_column: u32,
    pub(crate) last_column: u32,
}

impl Window {
    /// Everything.
    pub(crate) const ALL: Window =
        Window { first_row: 1, last_row: u64::MAX, first_column: 0, last_column: MAX_COLUMNS - 1 };

    /// Reads `B3:H200`, `B:H`, `3:200` or `B3:H`.
    pub(crate) fn parse(range: &str) -> Result<Window, ReadError> {
        let read = || {
            let range = range.trim().replace('$', "").to_ascii_uppercase();
            let (from, to) = range.split_once(':')?;
            let ((left, top), (right, bottom)) = (split_letters(from)?, split_letters(to)?);
            let row = |text: &str, open| if text.is_empty() { Some(open) } else { parse_row(text) };
            let window = Window {
                first_row: row(top, 1)?,
                last_row: row(bottom, u64::MAX)?,
                first_column: left.unwrap_or(0),
                last_column: right.unwrap_or(MAX_COLUMNS - 1),
            };
            let named = !(from.is_empty() || to.is_empty()) && left.is_some() == right.is_some();
            let ordered = window.first_row <= window.last_row && window.first_column <= window.last_column;
            (named && ordered).then_some(window)
        };
        read().ok_or_else(|| {
            let message = format!("the range `{}` is not understood", shown(range));
            refuse(&RANGE, message, "write it as `B3:H200` for a block, or as `B:H` for whole columns")
        })
    }

    pub(crate) fn has_column(&self, column: u32) -> bool {
        (self.first_column..=self.last_column).contains(&column)
    }
}

/// Whether a reader should go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// There may be more to read.
    More,
    /// Whatever follows is not asked for.
    Enough,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn letters_are_those_of_a_spreadsheet() {
        for (column, name) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(letters(column), name);
        }
    }

    proptest! {
        #[test]
        fn an_address_reads_back(column in 0..MAX_COLUMNS, row in 1..=MAX_ROWS) {
            prop_assert_eq!(parse_address(&address(column, row)), Some((column, row)));
            prop_assert_eq!(parse_address(&address(column, row).to_lowercase()), Some((column, row)));
        }
    }

    #[test]
    fn addresses_off_the_grid_are_none() {
        let wrong = ["", "A", "1", "A0", "XFE1", "A1048577", "ZZZZZZZZ1", "A99999999999999999999", "A-1", "A1B"];
        for text in wrong {
            assert_eq!(parse_address(text), None, "{text}");
        }
    }

    #[test]
    fn ranges_limit_rows_columns_or_both() {
        let check = |text: &str, first_row, last_row, first_column, last_column| {
            let window = Window { first_row, last_row, first_column, last_column };
            assert_eq!(Window::parse(text), Ok(window), "{text}");
        };
        check("B3:H200", 3, 200, 1, 7);
        check("$B$3:$H$200", 3, 200, 1, 7);
        check("b:h", 1, u64::MAX, 1, 7);
        check("3:200", 3, 200, 0, MAX_COLUMNS - 1);
        check("B3:H", 3, u64::MAX, 1, 7);
        for wrong in ["", "B3", ":", "H3:B4", "B9:H3", "B3:XFE9", "B0:C1", "B:3", "1:C", "x y:z"] {
            assert!(Window::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn white_space_is_no_value() {
        for blank in ["", " ", "\t\n", "\u{a0}", "\u{feff}"] {
            assert!(is_blank(blank), "{blank:?}");
        }
        assert!(!is_blank(" a") && !is_blank("0") && !is_blank("é"));
    }
}
