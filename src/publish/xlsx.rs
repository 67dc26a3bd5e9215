//! Workbooks: typed cells, a styled header, a filter, fixed widths, and a sheet that sums up.
//!
//! Rows go through in one pass and constant memory. Texts are written as texts whatever they look like: no formula, no
//! hyperlink, no number is ever guessed. Here: what each value becomes; how it is written stands in `book`.

use std::io::{Seek, Write};

use arrow_schema::{DataType, Schema};

use super::column::{self, Value};
use super::problems::{FORMULA, LONG_TEXT, SCORE, SHEET_NAME, TOO_WIDE};
use super::value::{self, DAY};
use super::{Cell, FormulaGuard, LongText, PublishError, Summary, Table, Written, Xlsx, guard};
use crate::problem::{Problem, did_you_mean};

mod book;
mod parts;

use book::{Book, Kind, Layout, Mark, Style};

/// Rows of a sheet, without its header.
const ROWS: u32 = 1_048_575;
/// Columns that a sheet of a workbook has.
pub const COLUMNS: usize = 16_384;
/// UTF-16 units of a cell.
const TEXT: usize = 32_767;
/// Characters of the name of a sheet.
const NAME: usize = 31;
/// The name of the sheet that sums up.
const SUMMARY: &str = "Summary";
/// The name of the sheet that says what is promised.
const READ_ME: &str = "Read me";
/// Integers up to here keep all their digits: Excel computes with 15 of them.
const DIGITS: i128 = 999_999_999_999_999;
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
    mut table: Table<'_>,
    options: &Xlsx,
    summary: &Summary,
    form: Form,
) -> Result<Written, PublishError> {
    let schema = table.schema.clone();
    column::check_types(table.name, &schema)?;
    let base = options.sheet.as_deref().unwrap_or("Data");
    check_shape(&table, base, options, summary)?;
    let score = score_column(&table, options)?;
    let columns = schema.fields().len() - usize::from(form.marked);
    let mut cells = Cells { options, score, mark: None, guarded: 0, cut: vec![0; columns], text: Vec::new() };
    let layout = Layout {
        header: schema.fields().iter().take(columns).map(|it| it.name().clone()).collect(),
        kinds: schema.fields().iter().take(columns).map(|it| kind(it.data_type())).collect(),
        score,
        marked: form.marked,
    };
    let mut book = Book::new(out, layout);
    let mut filled = vec![0_u64; columns];
    let mut rows = 0;
    let mut sheets = 1;
    book.open(base)?;
    while let Some(batch) = column::next_batch(&mut table)? {
        let mut columns = column::columns(&schema, &batch)?;
        let marks = if form.marked { columns.pop() } else { None };
        for row in 0..batch.num_rows() {
            let marks = match marks.as_ref().and_then(|it| it.value(row)) {
                Some(Value::Text(it)) => it.as_bytes(),
                _ => b"",
            };
            if book.rows() == form.rows || book.is_full() {
                book.close()?;
                sheets += 1;
                book.open(&sheet_name(base, sheets))?;
            }
            book.next_row()?;
            for (index, column) in columns.iter().enumerate() {
                cells.mark = marks.get(index).copied().and_then(Mark::of);
                match (column.value(row), cells.mark) {
                    (Some(Value::Text("")) | None, Some(mark)) => book.blank(index, Style::Marked(mark, false)),
                    (Some(value), _) => {
                        filled[index] += 1;
                        cells.write(&mut book, &schema, index, value)?;
                    }
                    (None, None) => (),
                }
            }
        }
        rows += batch.num_rows() as u64;
    }
    column::check_rows(table.rows, rows)?;
    book.close()?;
    let names: Vec<&str> = schema.fields().iter().take(columns).map(|it| it.name().as_str()).collect();
    if options.summary {
        let lines = summary_lines(&names, rows, &filled, &cells.cut, summary);
        book.summary(SUMMARY, ["Metric", "Value"], &lines)?;
    }
    if !summary.read_me.is_empty() {
        book.summary(READ_ME, ["About", "What is promised"], &summary.read_me)?;
    }
    let written = book.finish(rows, &summary.properties)?;
    Ok(Written { guarded: cells.guarded, cut: cells.cut.iter().sum(), sheets, ..written })
}

/// Turns values into cells, and counts what was done to them.
struct Cells<'a> {
    options: &'a Xlsx,
    score: Option<usize>,
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
        book: &mut Book<impl Write>,
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
                (i128::from(it).abs() <= DIGITS).then_some(it as f64)
            }
            Value::Float(it) => {
                value::float(&mut self.text, it);
                it.is_finite().then_some(it)
            }
            Value::Decimal(units, scale) => {
                value::decimal(&mut self.text, units, scale);
                let fits = units.unsigned_abs() <= DIGITS.unsigned_abs();
                fits.then(|| self.text()).and_then(|it| it.parse().ok())
            }
            Value::Date(days) => {
                value::date(&mut self.text, days);
                let day = days + EPOCH;
                (FIRST_DAY..=LAST_DAY).contains(&day).then_some(day as f64)
            }
            Value::Timestamp(micros) => {
                value::timestamp(&mut self.text, micros);
                serial(micros)
            }
        };
        let length = self.text.len();
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
        book: &mut Book<impl Write>,
        schema: &Schema,
        index: usize,
        text: &str,
    ) -> Result<(), PublishError> {
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
fn place(book: &Book<impl Write>, schema: &Schema, index: usize) -> String {
    let (name, row) = (book.name(), book.rows() + 1);
    format!("cell `{}{row}` of sheet `{name}` (column `{}`)", book::letters(index), schema.field(index).name())
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
fn serial(micros: i64) -> Option<f64> {
    let (millis, rest) = (micros.div_euclid(1000), micros.rem_euclid(1000));
    let millis = millis + i64::from(rest > 500 || (rest == 500 && millis % 2 != 0)) + EPOCH * (DAY / 1000);
    let day = millis.div_euclid(DAY / 1000);
    (FIRST_DAY..=LAST_DAY).contains(&day).then(|| millis as f64 / (DAY / 1000) as f64)
}

fn kind(data_type: &DataType) -> Kind {
    match data_type {
        DataType::Date32 => Kind::Date,
        DataType::Timestamp(..) => Kind::Timestamp,
        DataType::Decimal128(_, scale) => Kind::Decimal(u8::try_from(*scale).unwrap_or(0)),
        _ => Kind::General,
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
    if base.trim().is_empty() {
        return refused("it is blank");
    }
    if base.encode_utf16().count() > NAME {
        return refused("it has more than 31 characters");
    }
    if base.contains(['[', ']', ':', '*', '?', '/', '\\'])
        || base.chars().any(|it| it.is_control() || matches!(it, '\u{fffe}' | '\u{ffff}'))
    {
        return refused("it has a character that Excel does not take");
    }
    if base.starts_with('\'') || base.ends_with('\'') {
        return refused("it begins or ends with `'`");
    }
    if base.eq_ignore_ascii_case("History") {
        return refused("Excel keeps this name for itself");
    }
    if options.summary && base.eq_ignore_ascii_case(SUMMARY) {
        return refused("the sheet that sums up has this name");
    }
    if !summary.read_me.is_empty() && base.eq_ignore_ascii_case(READ_ME) {
        return refused("the sheet that says what the contract promises has this name");
    }
    Ok(())
}

fn score_column(table: &Table<'_>, options: &Xlsx) -> Result<Option<usize>, PublishError> {
    let Some(score) = &options.score else { return Ok(None) };
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

fn summary_lines(names: &[&str], rows: u64, filled: &[u64], cut: &[u64], given: &Summary) -> Vec<(String, Cell)> {
    let count = |it: u64| Cell::Integer(i64::try_from(it).unwrap_or(i64::MAX));
    let heading = |it: &str| (it.to_owned(), Cell::Empty);
    let mut lines = vec![("Total records".to_owned(), count(rows))];
    lines.extend(given.rows.iter().cloned());
    if cut.iter().any(|it| *it > 0) {
        lines.push(heading(""));
        lines.push(heading("Cells cut at 32,767 characters"));
        let of_columns = names.iter().zip(cut).filter(|(_, cut)| **cut > 0);
        lines.extend(of_columns.map(|(name, cut)| ((*name).to_owned(), count(*cut))));
    }
    lines.push(heading(""));
    lines.push(heading("Field completeness"));
    for (name, filled) in names.iter().zip(filled) {
        let share = if rows == 0 { Cell::Empty } else { Cell::Share(*filled as f64 / rows as f64) };
        lines.push(((*name).to_owned(), share));
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
