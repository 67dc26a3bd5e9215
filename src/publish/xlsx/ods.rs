//! OpenDocument workbooks: the same sheets as in `book`, as LibreOffice and others have them.
//!
//! All sheets stand in one part, one behind the other, and what they look like in another one behind it: styles are
//! known when the last row is. Widths alone have to stand before, so each width that a column may have has a style.

use std::io::{Read, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use super::book::{Valve, width};
use super::pages::{Layout, Pages};
use super::sheet::{Sheet, Style, letters};
use super::{DAY, EPOCH};
use crate::publish::{Cell, PublishError, Written, value};
use looks::{BOLD, GENERAL, HEADER, Kind, Looks, QUOTED, SHARE, SheetLooks};

mod looks;
mod parts;

/// Deflate level, as in other workbooks.
const LEVEL: i64 = 3;
/// Bytes of a sheet that are held back for the sake of its widths, and those that are gathered later.
const HELD: usize = 16 << 20;
const CHUNK: usize = 1 << 16;

/// A workbook that is being written.
pub struct Ods<W: Write + Seek> {
    zip: ZipWriter<Valve<W>>,
    begun: bool,
    layout: Layout,
    looks: Looks,
    own: SheetLooks,
    sheets: Vec<Sheet>,
    rows: u32,
    /// The column that comes next in the open row; none where no row is open.
    next: Option<usize>,
    widths: Vec<usize>,
    buffer: Vec<u8>,
    /// Whether the head of the open sheet is written.
    passed: bool,
}

impl<W: Read + Write + Seek> Ods<W> {
    /// A workbook without a sheet.
    pub fn new(out: W) -> Ods<W> {
        Ods {
            zip: ZipWriter::new(Valve::new(out)),
            begun: false,
            layout: Layout::default(),
            looks: Looks::new(),
            own: SheetLooks::default(),
            sheets: Vec::new(),
            rows: 0,
            next: None,
            widths: Vec::new(),
            buffer: Vec::new(),
            passed: false,
        }
    }

    /// The kind of the file stands first and plain, so that programs know it by its first bytes.
    fn begin(&mut self) -> Result<(), PublishError> {
        if !std::mem::replace(&mut self.begun, true) {
            self.part("mimetype", CompressionMethod::Stored, parts::KIND)?;
            self.part("content.xml", CompressionMethod::Deflated, &parts::content_head())?;
        }
        Ok(())
    }

    /// Begins a file of the archive with a text. No time, no owner, one system.
    fn part(&mut self, name: &str, method: CompressionMethod, text: &str) -> Result<(), PublishError> {
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .compression_level((method == CompressionMethod::Deflated).then_some(LEVEL))
            .system(System::Unix)
            .unix_permissions(0o600)
            .last_modified_time(DateTime::default());
        self.zip.start_file(name, options).map_err(std::io::Error::from)?;
        Ok(self.zip.write_all(text.as_bytes())?)
    }

    fn end_row(&mut self) {
        match self.next.take() {
            Some(0) => self.push(&["<table:table-cell/></table:table-row>"]),
            Some(_) => self.push(&["</table:table-row>"]),
            None => (),
        }
    }

    fn push(&mut self, texts: &[&str]) {
        texts.iter().for_each(|it| self.buffer.extend_from_slice(it.as_bytes()));
    }

    /// Begins the cell of a column, and fills what is empty before it.
    fn cell(&mut self, index: usize, length: usize, look: usize) {
        let next = self.next.unwrap_or(0);
        match index.saturating_sub(next) {
            0 => (),
            1 => self.push(&["<table:table-cell/>"]),
            many => self.push(&["<table:table-cell table:number-columns-repeated=\"", &many.to_string(), "\"/>"]),
        }
        self.next = Some(index + 1);
        if let Some(width) = self.widths.get_mut(index) {
            *width = (*width).max(length);
        }
        self.push(&["<table:table-cell"]);
        if look != GENERAL {
            self.push(&[" table:style-name=\"c", &look.to_string(), "\""]);
        }
    }

    fn text_cell(&mut self, index: usize, look: usize, text: &str, note: Option<&str>) {
        self.cell(index, text.chars().count(), look);
        self.push(&[" office:value-type=\"string\">"]);
        if let Some(note) = note {
            self.push(&["<office:annotation>"]);
            parts::paragraphs(&mut self.buffer, note);
            self.push(&["</office:annotation>"]);
        }
        parts::paragraphs(&mut self.buffer, text);
        self.push(&["</table:table-cell>"]);
    }

    /// A number of a kind; `formula` stands before its value.
    fn number_cell(&mut self, index: usize, look: usize, (number, kind, length): (f64, Kind, usize), formula: &str) {
        self.cell(index, length, look);
        let shown = shown(number);
        match kind {
            Kind::Number => {
                self.push(&[formula, " office:value-type=\"float\" office:value=\"", &shown, "\"><text:p>", &shown])
            }
            Kind::Percent => {
                self.push(&[
                    formula,
                    " office:value-type=\"percentage\" office:value=\"",
                    &shown,
                    "\"><text:p>",
                    &shown,
                ]);
            }
            Kind::Day => {
                let day = moment(number);
                self.push(&[" office:value-type=\"date\" office:date-value=\"", &day, "\"><text:p>", &day]);
            }
        }
        self.push(&["</text:p></table:table-cell>"]);
    }

    /// Sends on what is gathered; the first time with the head of the sheet before it.
    fn pass(&mut self) -> Result<(), PublishError> {
        if !std::mem::replace(&mut self.passed, true) {
            let declared = |at: usize| self.layout.widths.get(at).copied().flatten().map(usize::from);
            let widths = self.widths.iter().enumerate().map(|(at, it)| declared(at).unwrap_or_else(|| width(*it)));
            if let Some(sheet) = self.sheets.last() {
                self.zip.write_all(parts::sheet_head(sheet, widths).as_bytes())?;
            }
        }
        self.zip.write_all(&self.buffer)?;
        self.buffer.clear();
        self.buffer.shrink_to(2 * CHUNK);
        Ok(())
    }

    /// Sums beneath the last row, each a formula with its value; a sheet without rows has none.
    fn sums(&mut self, sums: &[Option<(f64, String)>]) {
        if self.rows == 0 || sums.iter().all(Option::is_none) {
            return;
        }
        let last = self.rows + 1;
        let word = sums.iter().position(Option::is_none);
        self.push(&["<table:table-row>"]);
        self.next = Some(0);
        for (at, sum) in sums.iter().enumerate() {
            let look = self.own.sum(at);
            match sum {
                None if word == Some(at) => {
                    let total = self.layout.sums.clone().unwrap_or_default();
                    self.text_cell(at, BOLD, &total, None);
                }
                None => (),
                Some((number, text)) if number.is_finite() => {
                    let (letters, length) = (letters(at), text.len() + text.len() / 3);
                    // 109 is the sum of the rows that a filter leaves.
                    let formula = format!(" table:formula=\"of:=SUBTOTAL(109;[.{letters}2:.{letters}{last}])\"");
                    self.number_cell(at, look, (*number, self.own.kind(at), length), &formula);
                }
                Some((_, text)) => self.text_cell(at, look, text, None),
            }
        }
        self.end_row();
    }
}

impl<W: Read + Write + Seek> Pages for Ods<W> {
    fn lay_out(&mut self, layout: Layout) {
        self.own = self.looks.sheet(&layout.codes, layout.score, layout.sums.is_some());
        self.layout = layout;
    }

    fn has(&self, name: &str) -> bool {
        self.sheets.iter().any(|it| it.name.to_lowercase() == name.to_lowercase())
    }

    fn open(&mut self, name: &str) -> Result<(), PublishError> {
        self.begin()?;
        let print = self.layout.print;
        self.sheets.push(Sheet { name: name.to_owned(), print, ..Sheet::default() });
        (self.rows, self.passed) = (0, false);
        let header = self.layout.header.clone();
        self.widths = vec![0; header.len()];
        self.push(&[if print { "<table:table-header-rows>" } else { "" }, "<table:table-row>"]);
        self.next = Some(0);
        for (at, name) in header.iter().enumerate() {
            let note = self.layout.notes.iter().find(|it| it.0 == at).map(|it| it.1.clone());
            self.text_cell(at, HEADER, name, note.as_deref());
        }
        self.end_row();
        self.push(&[if print { "</table:table-header-rows>" } else { "" }]);
        Ok(())
    }

    fn name(&self) -> &str {
        self.sheets.last().map_or("", |it| &it.name)
    }

    fn rows(&self) -> u32 {
        self.rows
    }

    fn is_full(&self) -> bool {
        false
    }

    fn next_row(&mut self) -> Result<(), PublishError> {
        self.end_row();
        if self.buffer.len() >= if self.passed { CHUNK } else { HELD } {
            self.pass()?;
        }
        self.rows += 1;
        self.push(&["<table:table-row>"]);
        self.next = Some(0);
        Ok(())
    }

    fn text(&mut self, index: usize, text: &str, style: Style) {
        if !text.is_empty() {
            let quoted = matches!(style, Style::Quoted | Style::Marked(_, true));
            // Not the look of its column: a text in a column of numbers is one.
            self.text_cell(index, if quoted { QUOTED } else { GENERAL }, text, None);
        }
    }

    fn first_day(&self) -> i64 {
        FIRST_DAY
    }

    fn number(&mut self, index: usize, number: f64, length: usize, style: Style) {
        let (look, kind) = (self.own.of(index, style), self.own.kind(index));
        self.number_cell(index, look, (number, kind, length), "");
    }

    fn blank(&mut self, index: usize, _: Style) {
        self.cell(index, 0, GENERAL);
        self.push(&["/>"]);
    }

    fn boolean(&mut self, index: usize, value: bool, style: Style) {
        self.cell(index, "FALSE".len(), self.own.of(index, style));
        let (word, shown) = if value { ("true", "TRUE") } else { ("false", "FALSE") };
        self.push(&[" office:value-type=\"boolean\" office:boolean-value=\"", word, "\"><text:p>", shown]);
        self.push(&["</text:p></table:table-cell>"]);
    }

    fn close(&mut self, sums: &[Option<(f64, String)>]) -> Result<(), PublishError> {
        self.end_row();
        self.sums(sums);
        let (columns, last) = (self.layout.header.len(), self.rows + 1);
        let mut end = String::new();
        if let (Some(sheet), true) = (self.sheets.last_mut(), columns > 0) {
            let area = |from: usize, to: usize, top: u32| parts::area(&sheet.name, (from, to), (top, last));
            let score = self.layout.score.unwrap_or(columns);
            let parts_of_rows =
                [(0, score), (score + 1, columns)].into_iter().filter(|(from, to)| from < to && last > 1);
            let striped: Vec<String> = parts_of_rows.map(|(from, to)| area(from, to - 1, 2)).collect();
            end = parts::stripes(&sheet.name, &striped);
            sheet.filter = Some(area(0, columns - 1, 1));
        }
        self.push(&[&end, "</table:table>"]);
        self.pass()
    }

    fn summary(
        &mut self,
        name: &str,
        heads: [&str; 2],
        lines: &[(String, Cell)],
        truth: [&str; 2],
    ) -> Result<(), PublishError> {
        self.begin()?;
        self.layout = Layout::default();
        self.sheets.push(Sheet { name: name.to_owned(), ..Sheet::default() });
        (self.passed, self.widths) = (false, vec![0; 2]);
        let row = |it: &mut Ods<W>, write: &dyn Fn(&mut Ods<W>)| {
            it.push(&["<table:table-row>"]);
            it.next = Some(0);
            write(it);
            it.end_row();
        };
        row(self, &|it| (0..2).for_each(|at| it.text_cell(at, HEADER, heads[at], None)));
        for (metric, value) in lines {
            row(self, &|it| {
                if !metric.is_empty() {
                    it.text_cell(0, if *value == Cell::Empty { BOLD } else { GENERAL }, metric, None);
                }
                let number = |it: &mut Ods<W>, number: f64| match number.is_finite() {
                    true => it.number_cell(1, GENERAL, (number, Kind::Number, 0), ""),
                    false => it.text_cell(1, GENERAL, &format!("{number:?}"), None),
                };
                match value {
                    Cell::Empty => (),
                    Cell::Text(text) => it.text_cell(1, GENERAL, text, None),
                    Cell::Boolean(is) => it.text_cell(1, GENERAL, truth[usize::from(*is)], None),
                    Cell::Integer(count) => number(it, *count as f64),
                    Cell::Number(measure) => number(it, *measure),
                    Cell::Share(share) => it.number_cell(1, SHARE, (*share, Kind::Percent, 0), ""),
                }
            });
        }
        self.push(&["</table:table>"]);
        self.pass()
    }

    fn finish(mut self, rows: u64, properties: &[(String, String)]) -> Result<Written, PublishError> {
        self.begin()?;
        self.zip.write_all(parts::content_end(&self.sheets).as_bytes())?;
        for (name, text) in [
            ("styles.xml", self.looks.part()),
            ("settings.xml", parts::settings(&self.sheets)),
            ("meta.xml", parts::meta(properties)),
            ("META-INF/manifest.xml", parts::MANIFEST.to_owned()),
        ] {
            self.part(name, CompressionMethod::Deflated, &text)?;
        }
        let mut out = self.zip.finish().map_err(std::io::Error::from)?.into_inner();
        Ok(Written::of(&mut out, rows)?)
    }

    fn lacks(&self, text: &str) -> bool {
        text.chars().any(parts::is_no_character)
    }
}

/// 15 October 1582: a day is a date in words here, and from this day on programs count with one calendar.
const FIRST_DAY: i64 = EPOCH - 141_427;

/// The shortest text that reads back, without `.0`.
fn shown(number: f64) -> String {
    match number == number.trunc() && number.abs() < 1e15 {
        true => (number as i64).to_string(),
        false => format!("{number:?}"),
    }
}

/// The day and time of a serial number, which was made of milliseconds.
fn moment(serial: f64) -> String {
    let millis = (serial * (DAY / 1000) as f64).round() as i64 - EPOCH * (DAY / 1000);
    let mut out = Vec::new();
    match millis.rem_euclid(DAY / 1000) {
        0 => value::date(&mut out, millis.div_euclid(DAY / 1000)),
        _ => value::timestamp(&mut out, millis * 1000),
    }
    // Only ASCII is written into it.
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests;
