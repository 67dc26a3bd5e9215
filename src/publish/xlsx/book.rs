//! The workbook itself: sheets, styles and cells, in the order in which they are written.
//!
//! The only place that knows how an `.xlsx` file is made. What a value becomes is decided above it.

use std::io::{self, Write};
use std::panic::{self, AssertUnwindSafe};

use rust_xlsxwriter::{
    Color, ConditionalFormatFormula, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook,
    Worksheet, XlsxError,
};
use tempfile::TempDir;

use crate::publish::{Cell, Hashing, PublishError, Written};

/// Deflate level: see `docs` of the measurement in `write_xlsx`.
const LEVEL: u8 = 3;
/// Characters of the narrowest and the widest column.
const WIDTHS: (usize, usize) = (10, 50);

/// How the numbers of a column are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As Excel likes.
    General,
    /// `2024-02-29`.
    Date,
    /// `2024-02-29 13:45:00`.
    Timestamp,
    /// With so many places.
    Decimal(u8),
}

/// How a cell looks apart from its kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Nothing particular.
    Plain,
    /// Marked as text that stays text when it is edited.
    Quoted,
    /// A score of at least 0.8.
    Good,
    /// A score of at least 0.6.
    Fair,
    /// A score of at least 0.4.
    Poor,
    /// A lower score.
    Bad,
}

impl Style {
    /// The colour of a score from 0 to 1.
    pub fn of_score(score: f64) -> Style {
        match score {
            _ if score >= 0.8 => Style::Good,
            _ if score >= 0.6 => Style::Fair,
            _ if score >= 0.4 => Style::Poor,
            _ => Style::Bad,
        }
    }
}

/// A workbook that is being written.
pub struct Book<W> {
    out: W,
    workbook: Workbook,
    /// Where sheets grow: private, and removed with the book.
    _folder: TempDir,
}

/// A sheet of data that is being written.
pub struct Sheet {
    sheet: Worksheet,
    name: String,
    rows: u32,
    widths: Vec<usize>,
    score: Option<usize>,
    formats: Formats,
}

struct Formats {
    quoted: Format,
    good: Format,
    fair: Format,
    poor: Format,
    bad: Format,
}

fn formats() -> Formats {
    let filled = |color| Format::new().set_background_color(Color::RGB(color));
    Formats {
        quoted: Format::new().set_quote_prefix(),
        good: filled(0xC6EFCE),
        fair: filled(0xFFEB9C),
        poor: filled(0xFFC7CE),
        bad: filled(0xFF0000),
    }
}

fn header_format() -> Format {
    Format::new()
        .set_background_color(Color::RGB(0x366092))
        .set_font_color(Color::RGB(0xFFFFFF))
        .set_font_size(12)
        .set_bold()
        .set_align(FormatAlign::Center)
        .set_align(FormatAlign::VerticalCenter)
        .set_text_wrap()
        .set_border(FormatBorder::Thin)
}

impl<W: Write + Send> Book<W> {
    /// An empty workbook; nothing goes to `out` before `finish`.
    pub fn new(out: W) -> Result<Book<W>, PublishError> {
        let folder = tempfile::tempdir()?;
        let mut workbook = Workbook::new();
        workbook.set_tempdir(folder.path()).map_err(failed)?;
        workbook.set_zip_compression_level(LEVEL);
        // Without a date of its own the library takes the time of day.
        let day = ExcelDateTime::from_ymd(2000, 1, 1).map_err(failed)?;
        workbook.set_properties(&DocProperties::new().set_creation_datetime(&day));
        Ok(Book { out, workbook, _folder: folder })
    }

    /// A new sheet with its header.
    pub fn sheet(
        &mut self,
        name: &str,
        header: &[&str],
        kinds: &[Kind],
        score: Option<usize>,
    ) -> Result<Sheet, PublishError> {
        let mut sheet = self.workbook.new_worksheet_with_constant_memory().map_err(failed)?;
        sheet.set_name(name).map_err(failed)?;
        sheet.set_freeze_panes(1, 0).map_err(failed)?;
        for (index, kind) in kinds.iter().enumerate() {
            let format = match kind {
                Kind::General => continue,
                Kind::Date => "yyyy-mm-dd".to_owned(),
                Kind::Timestamp => "yyyy-mm-dd hh:mm:ss".to_owned(),
                Kind::Decimal(0) => "0".to_owned(),
                Kind::Decimal(places) => format!("0.{}", "0".repeat(usize::from(*places))),
            };
            sheet.set_column_format(index as u16, &Format::new().set_num_format(format)).map_err(failed)?;
        }
        let format = header_format();
        let mut widths = Vec::with_capacity(header.len());
        for (index, name) in header.iter().enumerate() {
            sheet.write_string_with_format(0, index as u16, *name, &format).map_err(failed)?;
            widths.push(name.chars().count());
        }
        Ok(Sheet { sheet, name: name.to_owned(), rows: 0, widths, score, formats: formats() })
    }

    /// Ends a sheet: widths, filter and stripes are known now.
    pub fn close(&mut self, mut sheet: Sheet) -> Result<(), PublishError> {
        for (index, longest) in sheet.widths.iter().enumerate() {
            let width = (longest + 2).clamp(WIDTHS.0, WIDTHS.1);
            sheet.sheet.set_column_width(index as u16, width as f64).map_err(failed)?;
        }
        if let Some(last) = sheet.widths.len().checked_sub(1) {
            sheet.sheet.autofilter(0, 0, sheet.rows, last as u16).map_err(failed)?;
            sheet.stripes(last)?;
        }
        self.workbook.push_worksheet(sheet.sheet);
        Ok(())
    }

    /// The sheet that sums up.
    pub fn summary(&mut self, name: &str, lines: &[(String, Cell)]) -> Result<(), PublishError> {
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(name).map_err(failed)?;
        let (header, share) = (header_format(), Format::new().set_num_format("0.0%"));
        let bold = Format::new().set_bold();
        sheet.write_string_with_format(0, 0, "Metric", &header).map_err(failed)?;
        sheet.write_string_with_format(0, 1, "Value", &header).map_err(failed)?;
        let mut widths = ["Metric".len(), "Value".len()];
        for (row, (metric, value)) in (1..).zip(lines) {
            widths[0] = widths[0].max(metric.chars().count());
            let heading = *value == Cell::Empty && !metric.is_empty();
            match heading {
                true => sheet.write_string_with_format(row, 0, metric, &bold).map_err(failed)?,
                false => sheet.write_string(row, 0, metric).map_err(failed)?,
            };
            match value {
                Cell::Empty => continue,
                Cell::Text(text) => {
                    widths[1] = widths[1].max(text.chars().count());
                    sheet.write_string(row, 1, text)
                }
                Cell::Integer(it) => sheet.write_number(row, 1, *it as f64),
                Cell::Number(it) => sheet.write_number(row, 1, *it),
                Cell::Share(it) => sheet.write_number_with_format(row, 1, *it, &share),
                Cell::Boolean(it) => sheet.write_string(row, 1, if *it { "Yes" } else { "No" }),
            }
            .map_err(failed)?;
        }
        for (index, longest) in widths.iter().enumerate() {
            let width = (longest + 2).clamp(WIDTHS.0, WIDTHS.1);
            sheet.set_column_width(index as u16, width as f64).map_err(failed)?;
        }
        Ok(())
    }

    /// Writes the file.
    pub fn finish(mut self, rows: u64) -> Result<Written, PublishError> {
        let mut out = Hashing::new(self.out);
        caught(|| self.workbook.save_to_writer(&mut out))?;
        Ok(out.finish(rows)?.1)
    }
}

impl Sheet {
    /// The name of the sheet.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Rows of data so far.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    /// Begins a row.
    pub fn next_row(&mut self) -> Result<(), PublishError> {
        self.rows += 1;
        Ok(())
    }

    /// A text, never anything else.
    pub fn text(&mut self, index: usize, text: &str, style: Style) -> Result<(), PublishError> {
        self.widen(index, text.chars().count());
        let (row, column) = (self.rows, index as u16);
        match style {
            Style::Quoted => caught(|| self.sheet.write_string_with_format(row, column, text, &self.formats.quoted)),
            _ => caught(|| self.sheet.write_string(row, column, text)),
        }
    }

    /// A number that is shown with `length` characters.
    pub fn number(&mut self, index: usize, number: f64, length: usize, style: Style) -> Result<(), PublishError> {
        self.widen(index, length);
        let (row, column) = (self.rows, index as u16);
        let format = match style {
            Style::Plain | Style::Quoted => return caught(|| self.sheet.write_number(row, column, number)),
            Style::Good => &self.formats.good,
            Style::Fair => &self.formats.fair,
            Style::Poor => &self.formats.poor,
            Style::Bad => &self.formats.bad,
        };
        caught(|| self.sheet.write_number_with_format(row, column, number, format))
    }

    /// Yes or no.
    pub fn boolean(&mut self, index: usize, value: bool) -> Result<(), PublishError> {
        self.widen(index, 5);
        let (row, column) = (self.rows, index as u16);
        caught(|| self.sheet.write_boolean(row, column, value))
    }

    fn widen(&mut self, index: usize, length: usize) {
        self.widths[index] = self.widths[index].max(length);
    }

    /// Every second row is shaded by a rule of the sheet: a style on each cell would cost as much as the cells.
    fn stripes(&mut self, last: usize) -> Result<(), PublishError> {
        if self.rows == 0 {
            return Ok(());
        }
        let shade = Format::new().set_background_color(Color::RGB(0xF0F0F0));
        let rule = ConditionalFormatFormula::new().set_rule("=MOD(ROW(),2)=0").set_format(shade);
        let score = self.score.unwrap_or(usize::MAX);
        for (first, last) in [(0, last.min(score.saturating_sub(1))), (score.saturating_add(1), last)] {
            if first <= last && !(first..=last).contains(&score) {
                self.sheet.add_conditional_format(1, first as u16, self.rows, last as u16, &rule).map_err(failed)?;
            }
        }
        Ok(())
    }
}

/// `A`, `Z`, `AA`, … for the column at `index`.
pub fn letters(index: usize) -> String {
    let mut rest = index + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// The library panics when a temporary file cannot be written, on a full disk for one: an error like any other here.
fn caught<T>(write: impl FnOnce() -> Result<T, XlsxError>) -> Result<(), PublishError> {
    match panic::catch_unwind(AssertUnwindSafe(write)) {
        Ok(result) => result.map(drop).map_err(failed),
        Err(_) => Err(io::Error::other("a temporary sheet could not be written; is the disk full?").into()),
    }
}

fn failed(error: XlsxError) -> PublishError {
    PublishError::Io(match error {
        XlsxError::IoError(error) => error,
        XlsxError::TempFileError(_, error) => error,
        other => io::Error::other(other.to_string()),
    })
}
