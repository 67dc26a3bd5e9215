//! What can be wrong with a table for the file it is to be written to.

use crate::problem::Code;

/// A text is longer than a cell holds.
pub const LONG_TEXT: Code = Code::error("hotpass::export::long-text");
/// A text would be run as a formula, and the export refuses such texts.
pub const FORMULA: Code = Code::error("hotpass::export::formula");
/// The table has more columns than a sheet holds.
pub const TOO_WIDE: Code = Code::error("hotpass::export::too-wide");
/// Excel does not take this name for a sheet.
pub const SHEET_NAME: Code = Code::error("hotpass::export::sheet-name");
/// The column to colour is not in the table, or does not hold numbers.
pub const SCORE: Code = Code::error("hotpass::export::score");
/// Fields cannot be told apart with this delimiter.
pub const DELIMITER: Code = Code::error("hotpass::export::delimiter");

/// A text has a character that the encoding of the file does not have.
pub const ENCODING: Code = Code::error("hotpass::export::encoding");
/// A floating point number is none, and the format has no word for that.
pub const NUMBER: Code = Code::error("hotpass::export::number");

/// A column of a sheet cannot be shown as is said.
pub const SHOWN: Code = Code::error("hotpass::export::shown");

/// The rows cannot be laid out in folders by this column.
pub const PARTITION: Code = Code::error("hotpass::export::partition");

/// A template cannot be filled.
pub const TEMPLATE: Code = Code::error("hotpass::export::template");

/// All of them, for the registry.
pub const CODES: &[&Code] = &[
    &LONG_TEXT,
    &FORMULA,
    &TOO_WIDE,
    &SHEET_NAME,
    &SCORE,
    &DELIMITER,
    &ENCODING,
    &NUMBER,
    &SHOWN,
    &PARTITION,
    &TEMPLATE,
];
