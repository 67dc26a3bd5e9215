//! Workbooks: typed cells, a styled header, a filter, fixed widths, and a sheet that sums up.
//!
//! Rows go through in one pass and constant memory. Texts are written as texts whatever they look like: no formula, no
//! hyperlink, no number is ever guessed. Here: what each value becomes; how it is written stands in `book`.

use std::io::{Read, Seek, Write};
use std::sync::Arc;

use arrow_schema::{DataType, Schema};

use super::column::{self, Value};
use super::problems::{ENCODING, FORMULA, LONG_TEXT, SCORE, SHEET_NAME, TOO_WIDE};
use super::value::{self, DAY};
use super::{Cell, FormulaGuard, LongText, PublishError, Summary, Table, Written, Xlsx, guard};
use crate::problem::{Problem, did_you_mean};

mod book;
mod notes;
mod ods;
mod pages;
mod parts;
mod sheet;
mod shown;
mod template;
mod totals;
mod words;

use book::Book;
use ods::Ods;
use pages::Layout;
pub use pages::Pages;
use sheet::{Mark, Style};
pub use shown::{FORMATS, FormatOf, NumberFormat, Sheet, Shown, ShownColumns};
pub use template::Template;
use template::filled::Filled;
use totals::{Totals, is_long};
pub use words::{SHEETS, Words, places};

/// Rows of a sheet, without its header.
const ROWS: u32 = 1_048_575;
/// Columns that a sheet of a workbook has.
pub const COLUMNS: usize = 16_384;
/// UTF-16 units of a cell.
const TEXT: usize = 32_767;
/// Characters of the name of a sheet.
const NAME: usize = 31;
/// The serial number of 1970-01-01.
const EPOCH: i64 = 25_569;
/// 1900-03-01, before which the calendars of spreadsheets differ by the day 1900-02-29 that never was.
const FIRST_DAY: i64 = 61;
/// 9999-12-31.
const LAST_DAY: i64 = 2_958_465;

/// Writes `table` as a workbook.
///
/// Nulls are empty cells, and so are empty texts: a sheet cannot tell them apart. Integers and decimals of more than 15
/// digits, dates that Excel does not have, and floats that are no numbers are written as text. Widths are those of the
/// first 16 MiB of a sheet (some 25,000 rows of 10 columns); nothing is kept in temporary files.
pub fn write_xlsx(
    out: impl Write + Seek + Send,
    table: Table<'_>,
    options: &Xlsx,
    summary: &Summary,
) -> Result<Written, PublishError> {
    write_sheets(out, table, options, summary, Form { rows: ROWS, marked: false })
}

/// Writes `table` as a workbook with marked cells. Its last column is not written: it is a text with a letter for each
/// cell of the row, `+` for one that was added, `-` for one that was removed, `~` for one that is another.
pub fn write_marked_xlsx(
    out: impl Write + Seek + Send,
    table: Table<'_>,
    options: &Xlsx,
    summary: &Summary,
) -> Result<Written, PublishError> {
    write_sheets(out, table, options, summary, Form { rows: ROWS, marked: true })
}

/// What is not for a pipeline to choose.
#[derive(Clone, Copy)]
struct Form {
    /// Rows of a sheet.
    rows: u32,
    /// Whether the last column marks the cells of the others.
    marked: bool,
}

fn write_sheets(
    out: impl Write + Seek + Send,
    table: Table<'_>,
    options: &Xlsx,
    summary: &Summary,
    form: Form,
) -> Result<Written, PublishError> {
    let mut workbook = Workbook { form, ..Workbook::new(out, options, summary) };
    let name = options.sheet.as_deref().unwrap_or("Data");
    workbook.sheet(table, &SheetOf { name, score: options.score.as_deref(), shown: &options.columns })?;
    workbook.finish()
}

/// A workbook of several tables, a sheet for each.
pub struct Workbook<'a, B: Pages> {
    book: B,
    options: &'a Xlsx,
    summary: &'a Summary,
    form: Form,
    told: Vec<OwnFile>,
    guarded: u64,
    sheets: u32,
}

/// How a table becomes a sheet.
pub struct SheetOf<'a> {
    /// The name of the sheet.
    pub name: &'a str,
    /// The column of scores.
    pub score: Option<&'a str>,
    /// How columns are shown.
    pub shown: &'a ShownColumns,
}

/// What was counted of a table.
struct OwnFile {
    name: String,
    columns: Vec<String>,
    rows: u64,
    filled: Vec<u64>,
    cut: Vec<u64>,
}

impl<'a, W: Write> Workbook<'a, Book<W>> {
    /// A workbook of Excel without a sheet; what `summary` says stands behind all of them.
    pub fn new(out: W, options: &'a Xlsx, summary: &'a Summary) -> Workbook<'a, Book<W>> {
        Workbook::of(Book::new(out), options, summary)
    }
}

impl<'a, W: Read + Write + Seek> Workbook<'a, Ods<W>> {
    /// The same as an OpenDocument workbook.
    pub fn ods(out: W, options: &'a Xlsx, summary: &'a Summary) -> Workbook<'a, Ods<W>> {
        Workbook::of(Ods::new(out), options, summary)
    }
}

impl<'a, W: Write> Workbook<'a, Filled<W>> {
    /// A template whose range is filled; what `summary` says is nowhere.
    pub fn filled(out: W, template: Template, options: &'a Xlsx, summary: &'a Summary) -> Workbook<'a, Filled<W>> {
        Workbook::of(Filled::new(out, template), options, summary)
    }
}

impl<'a, B: Pages> Workbook<'a, B> {
    fn of(book: B, options: &'a Xlsx, summary: &'a Summary) -> Workbook<'a, B> {
        let form = Form { rows: ROWS, marked: false };
        Workbook { book, options, summary, form, told: Vec::new(), guarded: 0, sheets: 0 }
    }

    /// Writes a table, into further sheets what one does not hold.
    pub fn sheet(&mut self, mut table: Table<'_>, sheet: &SheetOf<'_>) -> Result<(), PublishError> {
        let (schema, form, options) = (table.schema.clone(), self.form, self.options);
        column::check_types(table.name, &schema)?;
        let base = sheet.name;
        check_shape(&table, base, options, self.summary)?;
        let score = score_column(&table, sheet.score)?;
        let fields = || schema.fields().iter().take(schema.fields().len() - usize::from(form.marked));
        let columns = fields().count();
        let shown: Vec<Shown> = fields().map(|it| sheet.shown.get(it.name()).cloned().unwrap_or_default()).collect();
        let formats = shown.iter().map(Shown::number_format).collect::<Vec<_>>();
        let mut cells =
            Cells { options, score, formats, mark: None, guarded: 0, cut: vec![0; columns], text: Vec::new() };
        let mut totals = Totals::of(shown.iter().map(|it| it.total));
        let code = |(it, shown): (&Arc<arrow_schema::Field>, &Shown)| match shown.number_format() {
            Some(format) => Some(format.code),
            None => code(it.data_type()),
        };
        self.book.lay_out(Layout {
            header: fields()
                .zip(&shown)
                .map(|(it, own)| own.label.clone().unwrap_or_else(|| it.name().clone()))
                .collect(),
            codes: fields().zip(&shown).map(code).collect(),
            widths: shown.iter().map(|it| it.width).collect(),
            notes: shown.iter().enumerate().filter_map(|(at, it)| Some((at, it.note.clone()?))).collect(),
            sums: totals.any().then(|| options.words.of("total").to_owned()),
            print: options.print,
            score,
            marked: form.marked,
        });
        let book = &mut self.book;
        let mut filled = vec![0_u64; columns];
        let mut rows = 0;
        let mut sheets = 1;
        open(book, base)?;
        while let Some(batch) = column::next_batch(&mut table)? {
            let mut columns = column::columns(&schema, &batch)?;
            let marks = if form.marked { columns.pop() } else { None };
            for row in 0..batch.num_rows() {
                let marks = match marks.as_ref().and_then(|it| it.value(row)) {
                    Some(Value::Text(it)) => it.as_bytes(),
                    _ => b"",
                };
                if book.rows() == form.rows || book.is_full() {
                    book.close(&totals.take())?;
                    sheets += 1;
                    open(book, &sheet_name(base, sheets))?;
                }
                book.next_row()?;
                for (index, column) in columns.iter().enumerate() {
                    cells.mark = marks.get(index).copied().and_then(Mark::of);
                    match (column.value(row), cells.mark) {
                        (Some(Value::Text("")) | None, Some(mark)) => book.blank(index, Style::Marked(mark, false)),
                        (Some(value), _) => {
                            filled[index] += 1;
                            totals.add(index, &value);
                            cells.write(book, &schema, index, value)?;
                        }
                        (None, None) => (),
                    }
                }
            }
            rows += batch.num_rows() as u64;
        }
        column::check_rows(table.rows, rows)?;
        book.close(&totals.take())?;
        self.guarded += cells.guarded;
        self.sheets += sheets;
        let columns = fields().map(|it| it.name().clone()).collect();
        self.told.push(OwnFile { name: base.to_owned(), columns, rows, filled, cut: cells.cut });
        Ok(())
    }

    /// Ends the workbook, with a sheet that sums up if there is to be one.
    pub fn finish(mut self) -> Result<Written, PublishError> {
        let summary = self.summary;
        let words = &self.options.words;
        let truth = [words.of("no"), words.of("yes")];
        if self.options.summary {
            let heads = [words.of("metric"), words.of("value")];
            let lines = summary_lines(&self.told, summary, words);
            self.book.summary(words.of("summary"), heads, &lines, truth)?;
        }
        if !summary.read_me.is_empty() {
            let heads = [words.of("about"), words.of("promised")];
            self.book.summary(words.of("read_me"), heads, &summary.read_me, truth)?;
        }
        let rows = self.told.iter().map(|it| it.rows).sum();
        let cut = self.told.iter().flat_map(|it| &it.cut).sum();
        let written = self.book.finish(rows, &summary.properties)?;
        Ok(Written { guarded: self.guarded, cut, sheets: self.sheets, ..written })
    }
}

/// Opens a sheet; no two have one name.
fn open(book: &mut impl Pages, name: &str) -> Result<(), PublishError> {
    if book.has(name) {
        let message = format!("two sheets would be called `{}`", name.escape_debug());
        let help = "give one of the tables another `sheet`; rows beyond one sheet go to `NAME 2`";
        return Err(Problem::new(&SHEET_NAME, message).help(help.to_owned()).into());
    }
    book.open(name)
}

/// Turns values into cells, and counts what was done to them.
struct Cells<'a> {
    options: &'a Xlsx,
    score: Option<usize>,
    /// Declared formats of columns.
    formats: Vec<Option<NumberFormat>>,
    /// What became of the cell that is written.
    mark: Option<Mark>,
    guarded: u64,
    /// Texts that were cut, by column.
    cut: Vec<u64>,
    text: Vec<u8>,
}

impl Cells<'_> {
    fn write(
        &mut self,
        book: &mut impl Pages,
        schema: &Schema,
        index: usize,
        value: Value<'_>,
    ) -> Result<(), PublishError> {
        self.text.clear();
        let number = match value {
            Value::Text(text) => return self.write_text(book, schema, index, text),
            Value::Boolean(it) => {
                book.boolean(index, it, self.style(false));
                return Ok(());
            }
            Value::Integer(it) => {
                value::integer(&mut self.text, it);
                (!is_long(&value)).then_some(it as f64)
            }
            Value::Float(it) => {
                value::float(&mut self.text, it);
                it.is_finite().then_some(it)
            }
            Value::Decimal(units, scale) => {
                value::decimal(&mut self.text, units, scale);
                (!is_long(&value)).then(|| self.text()).and_then(|it| it.parse().ok())
            }
            Value::Date(days) => {
                value::date(&mut self.text, days);
                let day = days + EPOCH;
                (book.first_day()..=LAST_DAY).contains(&day).then_some(day as f64)
            }
            Value::Timestamp(micros) => {
                value::timestamp(&mut self.text, micros);
                serial(micros, book.first_day())
            }
        };
        let length = self.formats[index].as_ref().map_or(self.text.len(), |it| it.length(self.text.len()));
        let style = match (self.score == Some(index), number) {
            (true, Some(number)) => Style::Score(number),
            _ => self.style(false),
        };
        match number {
            Some(number) => book.number(index, number, length, style),
            None => book.text(index, self.text(), style),
        }
        Ok(())
    }

    fn style(&self, quoted: bool) -> Style {
        match (self.mark, quoted) {
            (Some(mark), _) => Style::Marked(mark, quoted),
            (None, true) => Style::Quoted,
            (None, false) => Style::Plain,
        }
    }

    fn text(&self) -> &str {
        // Only ASCII is written into the buffer.
        str::from_utf8(&self.text).unwrap_or_default()
    }

    fn write_text(
        &mut self,
        book: &mut impl Pages,
        schema: &Schema,
        index: usize,
        text: &str,
    ) -> Result<(), PublishError> {
        if book.lacks(text) {
            let message =
                format!("{} has a character that an OpenDocument workbook does not have", place(book, schema, index));
            let help = "remove control characters in a step, or export the table as `xlsx`, `csv` or `parquet`";
            return Err(Problem::new(&ENCODING, message).help(help.to_owned()).into());
        }
        let style = match self.options.formulas {
            FormulaGuard::Off => self.style(false),
            _ if !guard::runs(text) => self.style(false),
            FormulaGuard::Quote => self.style(true),
            FormulaGuard::Refuse => {
                let message = format!("{} holds a text that looks like a formula", place(book, schema, index));
                let help =
                    "set `formulas = \"quote\"` to keep it a text also when it is edited, or correct it in a step";
                return Err(Problem::new(&FORMULA, message).help(help.to_owned()).into());
            }
        };
        self.guarded += u64::from(matches!(style, Style::Quoted | Style::Marked(_, true)));
        // No text has more UTF-16 units than bytes.
        if text.len() <= TEXT {
            book.text(index, text, style);
            return Ok(());
        }
        let units = text.encode_utf16().count();
        if units <= TEXT {
            book.text(index, text, style);
            return Ok(());
        }
        match self.options.long_text {
            LongText::Cut => {
                self.cut[index] += 1;
                book.text(index, cut(text), style);
                Ok(())
            }
            LongText::Refuse => {
                let length = thousands(units as u64);
                let message = format!(
                    "{} has {length} characters, and a cell holds {}",
                    place(book, schema, index),
                    thousands(TEXT as u64)
                );
                let help = "set `long_text = \"cut\"`, or export the table as `parquet` or `csv`";
                Err(Problem::new(&LONG_TEXT, message).help(help.to_owned()).into())
            }
        }
    }
}

/// The cell that is being written, for messages: never its value.
fn place(book: &impl Pages, schema: &Schema, index: usize) -> String {
    let (name, row) = (book.name(), book.rows() + 1);
    format!("cell `{}{row}` of sheet `{name}` (column `{}`)", sheet::letters(index), schema.field(index).name())
}

/// As much of `text` as a cell holds.
fn cut(text: &str) -> &str {
    let mut units = 0;
    let beyond = text.char_indices().find(|(_, it)| {
        units += it.len_utf16();
        units > TEXT
    });
    beyond.map_or(text, |(end, _)| &text[..end])
}

/// The serial number of a time stamp, rounded half-even to milliseconds as Excel keeps them.
fn serial(micros: i64, first_day: i64) -> Option<f64> {
    let (millis, rest) = (micros.div_euclid(1000), micros.rem_euclid(1000));
    let millis = millis + i64::from(rest > 500 || (rest == 500 && millis % 2 != 0)) + EPOCH * (DAY / 1000);
    let day = millis.div_euclid(DAY / 1000);
    (first_day..=LAST_DAY).contains(&day).then(|| millis as f64 / (DAY / 1000) as f64)
}

/// The number format of a type; none where Excel decides.
fn code(data_type: &DataType) -> Option<String> {
    match data_type {
        DataType::Date32 => Some("yyyy-mm-dd".to_owned()),
        DataType::Timestamp(..) => Some("yyyy-mm-dd hh:mm:ss".to_owned()),
        DataType::Decimal128(_, ..=0) => Some("0".to_owned()),
        DataType::Decimal128(_, scale) => Some(format!("0.{}", "0".repeat(usize::try_from(*scale).unwrap_or(0)))),
        _ => None,
    }
}

/// `Data`, `Data 2`, …; a long name gives way to the number.
fn sheet_name(base: &str, number: u32) -> String {
    if number == 1 {
        return base.to_owned();
    }
    let suffix = format!(" {number}");
    let mut units = suffix.len();
    let kept = base.chars().take_while(|it| {
        units += it.len_utf16();
        units <= NAME
    });
    kept.collect::<String>() + &suffix
}

/// Why no sheet can have this name.
pub fn sheet_name_fault(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        return Some("it is blank");
    }
    if name.encode_utf16().count() > NAME {
        return Some("it has more than 31 characters");
    }
    if name.contains(['[', ']', ':', '*', '?', '/', '\\'])
        || name.chars().any(|it| it.is_control() || matches!(it, '\u{fffe}' | '\u{ffff}'))
    {
        return Some("it has a character that Excel does not take");
    }
    if name.starts_with('\'') || name.ends_with('\'') {
        return Some("it begins or ends with `'`");
    }
    if name.eq_ignore_ascii_case("History") {
        return Some("Excel keeps this name for itself");
    }
    None
}

/// Refuses what no sheet can hold, before any row is read.
fn check_shape(table: &Table<'_>, base: &str, options: &Xlsx, summary: &Summary) -> Result<(), PublishError> {
    let columns = table.schema.fields().len();
    if columns > COLUMNS {
        let (columns, most) = (thousands(columns as u64), thousands(COLUMNS as u64));
        let message = format!("`{}` has {columns} columns, and a sheet holds {most}", table.name);
        return Err(Problem::new(&TOO_WIDE, message).help("export the table as `parquet` or `csv`".to_owned()).into());
    }
    let refused = |reason: &str| {
        let help = "use up to 31 characters and none of `[ ] : * ? / \\`";
        let problem = Problem::new(&SHEET_NAME, format!("`{}` cannot name a sheet: {reason}", base.escape_debug()));
        Err(problem.help(help.to_owned()).into())
    };
    if let Some(fault) = sheet_name_fault(base) {
        return refused(fault);
    }
    let is = |key: &str| base.to_lowercase() == options.words.of(key).to_lowercase();
    if options.summary && is("summary") {
        return refused("the sheet that sums up has this name");
    }
    if !summary.read_me.is_empty() && is("read_me") {
        return refused("the sheet that says what the contract promises has this name");
    }
    Ok(())
}

fn score_column(table: &Table<'_>, score: Option<&str>) -> Result<Option<usize>, PublishError> {
    let Some(score) = score else { return Ok(None) };
    let Ok(index) = table.schema.index_of(score) else {
        let message = format!("`{}` has no column `{score}` to colour", table.name);
        let known = table.schema.fields().iter().map(|it| it.name().as_str());
        return Err(Problem::new(&SCORE, message).help(did_you_mean(score, known)).into());
    };
    match table.schema.field(index).data_type() {
        DataType::Float64 | DataType::Int32 | DataType::Int64 | DataType::Decimal128(..) => Ok(Some(index)),
        _ => {
            let message = format!("column `{score}` of `{}` holds no numbers, and a score is a number", table.name);
            Err(Problem::new(&SCORE, message).help("name a column of numbers from 0 to 1".to_owned()).into())
        }
    }
}

fn summary_lines(told: &[OwnFile], given: &Summary, words: &Words) -> Vec<(String, Cell)> {
    let count = |it: u64| Cell::Integer(i64::try_from(it).unwrap_or(i64::MAX));
    let heading = |it: &str| (it.to_owned(), Cell::Empty);
    let mut lines = Vec::new();
    for (number, it) in told.iter().enumerate() {
        if number > 0 {
            lines.push(heading(""));
            lines.push(heading(&it.name));
        }
        lines.push((words.of("records").to_owned(), count(it.rows)));
        if number == 0 {
            lines.extend(given.rows.iter().cloned());
        }
        if it.cut.iter().any(|it| *it > 0) {
            lines.push(heading(""));
            lines.push(heading(words.of("cut")));
            let of_columns = it.columns.iter().zip(&it.cut).filter(|(_, cut)| **cut > 0);
            lines.extend(of_columns.map(|(name, cut)| (name.clone(), count(*cut))));
        }
        lines.push(heading(""));
        lines.push(heading(words.of("completeness")));
        for (name, filled) in it.columns.iter().zip(&it.filled) {
            let share = if it.rows == 0 { Cell::Empty } else { Cell::Share(*filled as f64 / it.rows as f64) };
            lines.push((name.clone(), share));
        }
    }
    lines
}

/// `32,767`.
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
