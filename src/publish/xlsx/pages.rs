//! What a workbook of any kind is asked for: sheets with a header, rows of cells, and a sheet that sums up.

use super::sheet::{Note, Style};
use crate::publish::{Cell, PublishError, Written};

/// What all sheets of one table have in common.
#[derive(Default)]
pub struct Layout {
    /// What stands in the header.
    pub header: Vec<String>,
    /// The number format of each column; none where Excel decides.
    pub codes: Vec<Option<String>>,
    /// Widths in characters, where they are declared.
    pub widths: Vec<Option<u8>>,
    /// Notes on headers.
    pub notes: Vec<Note>,
    /// What stands beside sums, if some columns are summed.
    pub sums: Option<String>,
    /// Whether it is laid out for printing.
    pub print: bool,
    /// The column whose cells are coloured.
    pub score: Option<usize>,
    /// Whether cells are marked.
    pub marked: bool,
}

/// A workbook that is being written, of one kind or another.
pub trait Pages: Sized {
    /// The sheets that are opened next are those of another table.
    fn lay_out(&mut self, layout: Layout);
    /// Whether a sheet has this name, as spreadsheets compare names.
    fn has(&self, name: &str) -> bool;
    /// Begins a sheet with its header.
    fn open(&mut self, name: &str) -> Result<(), PublishError>;
    /// The name of the open sheet.
    fn name(&self) -> &str;
    /// Rows of data in the open sheet.
    fn rows(&self) -> u32;
    /// Whether the open sheet takes no more rows because of its size.
    fn is_full(&self) -> bool;
    /// Begins a row.
    fn next_row(&mut self) -> Result<(), PublishError>;
    /// A text, never anything else.
    fn text(&mut self, index: usize, text: &str, style: Style);
    /// A number that is shown with `length` characters; of a column of days it is a serial number.
    fn number(&mut self, index: usize, number: f64, length: usize, style: Style);
    /// The serial number of the first day that it holds as a day; those before it are texts.
    fn first_day(&self) -> i64;
    /// Nothing, in a cell that is marked.
    fn blank(&mut self, index: usize, style: Style);
    /// Yes or no.
    fn boolean(&mut self, index: usize, value: bool, style: Style);
    /// Ends the open sheet of data, with the sums of its columns.
    fn close(&mut self, sums: &[Option<(f64, String)>]) -> Result<(), PublishError>;
    /// The sheet that sums up.
    fn summary(
        &mut self,
        name: &str,
        heads: [&str; 2],
        lines: &[(String, Cell)],
        truth: [&str; 2],
    ) -> Result<(), PublishError>;
    /// Ends the file, with properties by name.
    fn finish(self, rows: u64, properties: &[(String, String)]) -> Result<Written, PublishError>;
    /// Whether a text has a character that no cell of such a workbook holds.
    fn lacks(&self, _text: &str) -> bool {
        false
    }
}
