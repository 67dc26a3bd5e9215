//! A template that is being filled: its sheet with the rows of a table goes first, and then all that follows from them.

use std::io::{self, Write};

use zip::ZipWriter;
use zip::write::StreamWriter;

use super::area::Growth;
use super::edit::{Filling, uncached, without_chain};
use super::{Row, STYLES, Template, WORKBOOK};
use crate::problem::Problem;
use crate::publish::problems::TEMPLATE;
use crate::publish::xlsx::book::{Valve, boolean_value, number_value, start, text_value};
use crate::publish::xlsx::pages::{Layout, Pages};
use crate::publish::xlsx::sheet::{Style, letters};
use crate::publish::{Cell, Hashing, PublishError, Written};

/// Bytes that are gathered before they are compressed.
const CHUNK: usize = 1 << 16;

/// A template that is being filled.
pub struct Filled<W: Write> {
    zip: ZipWriter<StreamWriter<Valve<Hashing<W>>>>,
    template: Template,
    /// Letters of the columns of the range, and how a plain and a quoted cell of each looks.
    columns: Vec<(String, usize, usize)>,
    opened: bool,
    rows: u32,
    /// Columns of the open row that are written; nothing where none is open.
    at: Option<usize>,
    buffer: Vec<u8>,
}

impl<W: Write> Filled<W> {
    /// Nothing filled yet.
    pub fn new(out: W, template: Template) -> Filled<W> {
        let zip = ZipWriter::new_stream(Valve::new(Hashing::new(out)));
        Filled { zip, template, columns: Vec::new(), opened: false, rows: 0, at: None, buffer: Vec::new() }
    }

    /// The number of the open row.
    fn row(&self) -> u32 {
        self.template.area.top + self.rows
    }

    fn begin_row(&mut self) {
        self.rows += 1;
        let (number, empty) = (self.row(), Row::default());
        let known = self.template.rows.get(&number);
        let tag = known.map_or(&self.template.row, |it| &it.tag);
        begin(&mut self.buffer, tag, number);
        let left = known.unwrap_or(&empty).cells.range(..self.template.area.left);
        left.for_each(|(_, it)| self.buffer.extend_from_slice(it.as_bytes()));
        self.at = Some(0);
    }

    fn end_row(&mut self) {
        if self.at.is_none() {
            return;
        }
        self.skip_to(self.columns.len());
        self.at = None;
        if let Some(known) = self.template.rows.get(&self.row()) {
            let right = known.cells.range(self.template.area.right + 1..);
            right.for_each(|(_, it)| self.buffer.extend_from_slice(it.as_bytes()));
        }
        self.buffer.extend_from_slice(b"</row>");
    }

    /// Cells without a value look like the others.
    fn skip_to(&mut self, index: usize) {
        let number = self.row();
        for at in self.at.unwrap_or(index)..index {
            let (letters, look, _) = &self.columns[at];
            let _ = write!(self.buffer, "<c r=\"{letters}{number}\" s=\"{look}\"/>");
        }
        self.at = Some(index);
    }

    fn cell(&mut self, index: usize, style: Style) {
        self.skip_to(index);
        self.at = Some(index + 1);
        let number = self.row();
        let (letters, plain, quoted) = &self.columns[index];
        let look = if matches!(style, Style::Quoted) { quoted } else { plain };
        let _ = write!(self.buffer, "<c r=\"{letters}{number}\" s=\"{look}\"");
    }

    fn pass(&mut self) -> io::Result<()> {
        self.zip.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    fn refused(&self, message: String, help: &str) -> PublishError {
        Problem::new(&TEMPLATE, message).help(help.to_owned()).into()
    }
}

/// A tag of a row, with its number.
fn begin(out: &mut Vec<u8>, tag: &str, number: u32) {
    let _ = write!(out, "<row r=\"{number}\"{}", tag.strip_prefix("<row").unwrap_or(">"));
}

/// The number format that a column has where its cells have none: those that every workbook knows by number.
fn format(code: Option<&str>) -> Option<u32> {
    match code? {
        "yyyy-mm-dd" => Some(14),
        "yyyy-mm-dd hh:mm:ss" => Some(22),
        "0" => Some(1),
        "0.00" => Some(2),
        _ => None,
    }
}

impl<W: Write> Pages for Filled<W> {
    fn lay_out(&mut self, layout: Layout) {
        let (area, template) = (self.template.area, &mut self.template);
        let codes = layout.codes.iter().map(|it| format(it.as_deref()));
        let looks = codes.zip(area.columns()).zip(template.columns.clone());
        let column = |((format, at), look): ((Option<u32>, u32), usize)| {
            let plain = template.looks.shown_as(look, format);
            (letters(at as usize - 1), plain, plain)
        };
        self.columns = looks.map(column).collect();
        for (_, plain, quoted) in &mut self.columns {
            *quoted = self.template.looks.quoted(*plain);
        }
        if layout.header.len() != area.width() {
            self.columns.clear();
        }
    }

    fn has(&self, _: &str) -> bool {
        false
    }

    fn open(&mut self, _: &str) -> Result<(), PublishError> {
        let columns = self.template.area.width();
        if self.columns.is_empty() {
            let message = format!("the range of the template has {columns} columns, and the export has others");
            return Err(self.refused(message, "say in `columns` which go where, in the order of the range"));
        }
        if std::mem::replace(&mut self.opened, true) {
            let message = "the table has more rows than the sheet of the template holds".to_owned();
            return Err(self.refused(message, "filter or aggregate it in a step before"));
        }
        start(&mut self.zip, &self.template.sheet)?;
        self.buffer.extend_from_slice(self.template.head.as_bytes());
        for (number, row) in self.template.rows.range(..=self.template.area.top) {
            begin(&mut self.buffer, &row.tag, *number);
            row.cells.values().for_each(|it| self.buffer.extend_from_slice(it.as_bytes()));
            self.buffer.extend_from_slice(b"</row>");
        }
        Ok(())
    }

    fn name(&self) -> &str {
        &self.template.name
    }

    fn rows(&self) -> u32 {
        // As many as a sheet whose header is its first row would have here.
        self.row() - 1
    }

    fn is_full(&self) -> bool {
        false
    }

    fn next_row(&mut self) -> Result<(), PublishError> {
        self.end_row();
        if self.buffer.len() >= CHUNK {
            self.pass()?;
        }
        self.begin_row();
        Ok(())
    }

    fn text(&mut self, index: usize, text: &str, style: Style) {
        if !text.is_empty() {
            self.cell(index, style);
            text_value(&mut self.buffer, text);
        }
    }

    fn first_day(&self) -> i64 {
        crate::publish::xlsx::FIRST_DAY
    }

    fn number(&mut self, index: usize, number: f64, _: usize, style: Style) {
        self.cell(index, style);
        number_value(&mut self.buffer, number);
    }

    fn blank(&mut self, index: usize, style: Style) {
        self.cell(index, style);
        self.buffer.extend_from_slice(b"/>");
    }

    fn boolean(&mut self, index: usize, value: bool, style: Style) {
        self.cell(index, style);
        boolean_value(&mut self.buffer, value);
    }

    fn close(&mut self, _: &[Option<(f64, String)>]) -> Result<(), PublishError> {
        self.end_row();
        // A table has at least one row, which may be blank.
        if self.rows == 0 {
            self.begin_row();
            self.end_row();
        }
        let (area, last) = (self.template.area, self.row());
        for (number, row) in self.template.rows.range(last + 1..) {
            begin(&mut self.buffer, &row.tag, *number);
            // What the template shows within its range is no data.
            let kept = row.cells.iter().filter(|(at, _)| *number > area.bottom || !area.columns().contains(at));
            kept.for_each(|(_, it)| self.buffer.extend_from_slice(it.as_bytes()));
            self.buffer.extend_from_slice(b"</row>");
        }
        self.buffer.extend_from_slice(b"</sheetData>");
        let filling = Filling { sheet: &self.template.name, growth: Growth { area, bottom: last } };
        let tail = filling.areas(&self.template.tail).map_err(PublishError::Rows)?;
        self.buffer.extend_from_slice(tail.as_bytes());
        Ok(self.pass()?)
    }

    fn summary(&mut self, _: &str, _: [&str; 2], _: &[(String, Cell)], _: [&str; 2]) -> Result<(), PublishError> {
        // A template has the sheets that it has.
        Ok(())
    }

    fn finish(mut self, rows: u64, _: &[(String, String)]) -> Result<Written, PublishError> {
        let template = &self.template;
        let filling = Filling { sheet: &template.name, growth: Growth { area: template.area, bottom: self.row() } };
        for (name, bytes) in &template.parts {
            let text = || String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').to_owned();
            let edited = match name.as_str() {
                it if it == template.sheet || it.ends_with("calcChain.xml") => continue,
                WORKBOOK => Some(filling.workbook(&text())),
                STYLES => Some(template.looks.part(&text())),
                it if template.tables.iter().any(|own| own == it) => Some(filling.areas(&text())),
                it if it.starts_with("xl/charts/chart") => Some(filling.chart(&text())),
                it if it.starts_with("xl/worksheets/") && it.ends_with(".xml") => Some(uncached(&text())),
                "[Content_Types].xml" | "xl/_rels/workbook.xml.rels" => Some(without_chain(&text())),
                _ => None,
            };
            start(&mut self.zip, name)?;
            match edited {
                Some(edited) => self.zip.write_all(edited.map_err(PublishError::Rows)?.as_bytes())?,
                None => self.zip.write_all(bytes)?,
            }
        }
        let valve = self.zip.finish().map_err(io::Error::from)?.into_inner();
        Ok(valve.into_inner().finish(rows)?.1)
    }
}
