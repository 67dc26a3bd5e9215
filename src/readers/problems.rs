//! What can be wrong with a delivered file: codes, and how names from outside are shown.
//!
//! Values of cells never stand in a message; names of files, sheets and columns do, escaped and cut.

use std::path::Path;

use crate::problem::{Code, Problem};
use crate::readers::ReadError;

/// There is no such file, or it is not one.
pub const MISSING: Code = Code::error("hotpass::source::missing");
/// The file is there and may not be read.
pub const UNREADABLE: Code = Code::error("hotpass::source::unreadable");
/// The file is of another kind than its name says.
pub const KIND: Code = Code::error("hotpass::source::kind");
/// The file is cut off, altered or not well formed.
pub const DAMAGED: Code = Code::error("hotpass::source::damaged");
/// The workbook is encrypted.
pub const PASSWORD: Code = Code::error("hotpass::source::password");
/// The file asks for more than the limits grant.
pub const TOO_LARGE: Code = Code::error("hotpass::source::too-large");
/// Reading ended the reading process.
pub const CRASHED: Code = Code::error("hotpass::source::crashed");
/// The sheet is not there, or several might be meant.
pub const SHEET: Code = Code::error("hotpass::source::sheet");
/// There is nothing to read.
pub const EMPTY: Code = Code::error("hotpass::source::empty");
/// There is no header where it should be.
pub const HEADER: Code = Code::error("hotpass::source::header");
/// A range that cannot be understood.
pub const RANGE: Code = Code::error("hotpass::source::range");
/// A cell outside the grid, out of order or given twice.
pub const CELL: Code = Code::error("hotpass::source::cell");
/// A value beside the table.
pub const BESIDE: Code = Code::error("hotpass::source::beside");
/// Bytes that the encoding does not know, or an encoding that is not known.
pub const ENCODING: Code = Code::error("hotpass::source::encoding");
/// A zero byte in a text file.
pub const ZERO_BYTE: Code = Code::error("hotpass::source::zero-byte");
/// A quote that is not closed, or text after a closing one.
pub const QUOTE: Code = Code::error("hotpass::source::quote");
/// A delimiter or quote that cannot be used.
pub const DIALECT: Code = Code::error("hotpass::source::dialect");
/// A row with too few or too many fields.
pub const RAGGED: Code = Code::error("hotpass::source::ragged");
/// The file changed while it was read.
pub const CHANGED: Code = Code::error("hotpass::source::changed");
/// Two columns have one name.
pub const REPEATED_COLUMN: Code = Code::warning("hotpass::source::repeated-column");

/// What a workbook hides was read.
pub const HIDDEN: Code = Code::warning("hotpass::source::hidden");
/// Cells with an error, or with a formula that was never computed, in the place of a value.
pub const ERROR_CELLS: Code = Code::warning("hotpass::source::error-cells");
/// Numbers of a column whose formats show several currencies.
pub const CURRENCY_FORMATS: Code = Code::warning("hotpass::source::currency-formats");
/// A row that is taken for the header although others may be it.
pub const UNSURE_HEADER: Code = Code::warning("hotpass::source::unsure-header");
/// Rows that may be names of groups, and are read as records.
pub const GROUP_ROWS: Code = Code::warning("hotpass::source::group-rows");
/// A row that may be the header of a second table, and is read as a record.
pub const SECOND_TABLE: Code = Code::warning("hotpass::source::second-table");
/// A header that has a field less than its records.
pub const SHORT_HEADER: Code = Code::warning("hotpass::source::short-header");
/// Records that all end with a delimiter that the header does not have.
pub const TRAILING_DELIMITER: Code = Code::warning("hotpass::source::trailing-delimiter");
/// Records with quotes that open or close no value.
pub const STRAY_QUOTE: Code = Code::warning("hotpass::source::stray-quote");
/// A header with a delimiter too many between its names.
pub const SPARE_DELIMITER: Code = Code::warning("hotpass::source::spare-delimiter");

/// An encoding that is a guess from few characters.
pub const UNSURE_ENCODING: Code = Code::warning("hotpass::source::unsure-encoding");
/// A column of decimals with more digits than a table holds.
pub const TOO_PRECISE: Code = Code::error("hotpass::source::too-precise");

/// Every code of this area.
pub const CODES: &[&Code] = &[
    &MISSING,
    &UNREADABLE,
    &KIND,
    &DAMAGED,
    &PASSWORD,
    &TOO_LARGE,
    &CRASHED,
    &SHEET,
    &EMPTY,
    &HEADER,
    &RANGE,
    &CELL,
    &BESIDE,
    &ENCODING,
    &ZERO_BYTE,
    &QUOTE,
    &DIALECT,
    &RAGGED,
    &CHANGED,
    &REPEATED_COLUMN,
    &HIDDEN,
    &ERROR_CELLS,
    &CURRENCY_FORMATS,
    &UNSURE_HEADER,
    &GROUP_ROWS,
    &SECOND_TABLE,
    &SHORT_HEADER,
    &TRAILING_DELIMITER,
    &STRAY_QUOTE,
    &SPARE_DELIMITER,
    &UNSURE_ENCODING,
    &TOO_PRECISE,
];

/// A workbook without any sheet. `file` is a name from outside.
pub(crate) fn without_sheets(file: &str) -> ReadError {
    let message = format!("`{}` has no sheet", shown(file));
    refuse(&EMPTY, message, "open it in the program it comes from, save it again, or ask for a new copy")
}

/// A file without a byte, or with blanks alone.
pub(crate) fn empty(file: &str) -> ReadError {
    let message = format!("`{}` is empty", shown(file));
    refuse(&EMPTY, message, "ask for a new copy, or remove the source: nothing can be read from it")
}

/// A refusal with what to do about it.
pub(crate) fn refuse(code: &Code, message: impl Into<String>, help: &str) -> ReadError {
    let help = Some(help.to_owned()).filter(|it| !it.is_empty());
    ReadError::Problem(Box::new(Problem::new(code, message).help(help)))
}

/// What the engine cannot read as what its name says.
pub fn damaged_or_other(path: &std::path::Path) -> Problem {
    let message = format!("`{}` is damaged, or no Parquet", shown(&path.display().to_string()));
    Problem::new(&DAMAGED, message).help("make it again where it comes from, or ask for a new copy".to_owned())
}

/// A column of decimals that may have `digits` digits, where a table holds `most`.
pub fn too_precise(column: &str, digits: i64, most: i64) -> Problem {
    let message = format!("column `{}` has decimals of up to {digits} digits, and a table holds {most}", shown(column));
    Problem::new(&TOO_PRECISE, message).help("write the column with fewer digits, or as text".to_owned())
}

/// A refusal of a file that is cut off, altered or not well formed.
pub(crate) fn damaged(file: &str, what: impl AsRef<str>) -> ReadError {
    let message = format!("`{}` is damaged: {}", shown(file), what.as_ref());
    refuse(&DAMAGED, message, "open it in the program it comes from, save it again, or ask for a new copy")
}

/// A refusal of a file that asks for more than it may have.
pub(crate) fn too_large(file: &str, what: impl AsRef<str>) -> ReadError {
    let message = format!("`{}` is too large: {}", shown(file), what.as_ref());
    refuse(&TOO_LARGE, message, "check where the file comes from; if it is right, raise the limit of its source")
}

/// A name from outside as one line of at most 80 characters: nothing in it reaches the terminal as a command, a
/// backtick cannot end the quotation and directions of writing do not change.
pub(crate) fn shown(name: &str) -> String {
    let mut text = String::new();
    for (count, c) in name.chars().enumerate() {
        if count == 80 {
            text.push('…');
            break;
        }
        let odd = c.is_control()
            || matches!(c, '`' | '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}' | '\u{e0000}'..='\u{e0fff}');
        if odd {
            text.extend(c.escape_unicode());
        } else {
            text.push(c);
        }
    }
    text
}

/// `1 row`, `2 rows`, `1,048,576 rows`.
pub(crate) fn plural(count: u64, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{} {noun}{s}", thousands(count))
}

/// A number for a person, with separators.
pub(crate) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes for a person: whole units of 1024.
pub(crate) fn bytes(count: u64) -> String {
    match count {
        0..1024 => plural(count, "byte"),
        1024..1_048_576 => format!("{} KiB", count >> 10),
        1_048_576..1_073_741_824 => format!("{} MiB", count >> 20),
        _ => format!("{} GiB", count >> 30),
    }
}

/// What is told of columns of a Parquet file that have the name of one before them: those names, and the ones that they
/// have instead. Beyond 20 such columns one more word would be noise.
pub(crate) fn renamed(path: &Path, names: &[(String, String)]) -> Vec<Problem> {
    let told = |(name, unique): &(String, String)| {
        let message =
            format!("`{}` has two columns that are both called `{}`", shown(&path.display().to_string()), shown(name));
        let help = format!("the second is called `{}`; name it in the file to choose another", shown(unique));
        Problem::new(&REPEATED_COLUMN, message).help(help)
    };
    names.iter().take(20).map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_outside_cannot_act_on_a_terminal() {
        assert_eq!(shown("Blätter 1"), "Blätter 1");
        assert_eq!(shown("a\u{1b}[2J`b\u{202e}\n"), "a\\u{1b}[2J\\u{60}b\\u{202e}\\u{a}");
        assert_eq!(shown(&"x".repeat(200)).chars().count(), 81);
    }

    #[test]
    fn codes_are_of_one_area_and_differ() {
        let mut names: Vec<_> = CODES.iter().map(|it| it.name).collect();
        assert!(names.iter().all(|it| it.starts_with("hotpass::source::")));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CODES.len());
    }

    #[test]
    fn numbers_have_separators() {
        assert_eq!(plural(1, "row"), "1 row");
        assert_eq!(plural(1_048_576, "row"), "1,048,576 rows");
        assert_eq!(bytes(1 << 30), "1 GiB");
    }
}
