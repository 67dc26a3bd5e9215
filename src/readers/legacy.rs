//! Old workbooks, through calamine, which does not tell which format a cell has and what is hidden: that we look up
//! ourselves. Binary ones have a reader of our own, [`xlsb`].
//!
//! It holds whole sheets in memory, may panic, and asks for whatever memory a file claims to need: this is only ever
//! run in the child, whose limits stop it.

mod compound;
mod older;
mod xls;
pub(super) mod xlsb;

use std::io::{BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{CellErrorType, Data, ExcelDateTime, Reader, SheetType, SheetVisible};
use calamine::{Xls, XlsError, XlsOptions};

use crate::readers::formats::Class;
use crate::readers::input::{COMPOUND, Input, Shared};
use crate::readers::merged::Range;
use crate::readers::problems::{CELL, CRASHED, PASSWORD, damaged, refuse, shown, too_large, without_sheets};
use crate::readers::row::{Flow, Kind, MAX_COLUMNS, MAX_ROWS, Row};
use crate::readers::table::Table;
use crate::readers::xlsx::{Sheet, choose, warn_of_hidden};
use crate::readers::{Found, Holds, ReadError, Request, Sink, TableReader, Trailer, cells};

type Source = BufReader<Shared>;

/// The name of the sheet of a file that gives it none.
const ONLY: &str = "Sheet1";

/// Excel 97 to 2003.
pub(super) const XLS: TableReader =
    TableReader { endings: &["xls"], holds: Holds::Sheets, begins: Some(COMPOUND), read, sheets };

/// Reads one sheet; a panic of the library is a problem of the file.
fn read(request: &Request, input: &Input, sink: &mut Sink<'_>) -> Result<(Found, Trailer), ReadError> {
    let answer = catch_unwind(AssertUnwindSafe(|| read_unguarded(request, input, sink)));
    answer.unwrap_or_else(|_| Err(confused(request)))
}

/// The sheets of a workbook, those without cells too; a panic of the library is a problem of the file.
fn sheets(request: &Request, input: &Input) -> Result<Vec<Sheet>, ReadError> {
    let list = || {
        if older::is_one(&input.start) {
            return Ok(vec![Sheet { name: ONLY.to_owned(), visible: true, part: Some(String::new()) }]);
        }
        listed(&open_xls(BufReader::new(input.reader()), input, request)?.0, request)
    };
    catch_unwind(AssertUnwindSafe(list)).unwrap_or_else(|_| Err(confused(request)))
}

fn confused(request: &Request) -> ReadError {
    let message = format!("`{}` cannot be read: its content confuses the reader", shown(&request.name));
    refuse(&CRASHED, message, "save it as .xlsx and name that file instead")
}

/// The workbook, and its stream.
fn open_xls(source: Source, input: &Input, request: &Request) -> Result<(Xls<Source>, Vec<u8>), ReadError> {
    if input.len() > request.limits.part_bytes {
        return Err(too_large(&request.name, "it holds more bytes than a part of a workbook may"));
    }
    let stream = compound::stream(input.reader(), &["Workbook", "Book"], request.limits.part_bytes);
    let Some(stream) = stream else { return Err(unreadable(request)) };
    let mut options = XlsOptions::default();
    // The library would take the letters of Unicode for those of the code page.
    options.force_codepage = xls::is_unicode(&stream).then_some(1200);
    let book = Xls::new_with_options(source, options).map_err(|error| match error {
        XlsError::Password => password(request),
        _ => unreadable(request),
    })?;
    Ok((book, stream))
}

fn read_unguarded(request: &Request, input: &Input, sink: &mut Sink<'_>) -> Result<(Found, Trailer), ReadError> {
    let mut table = Table::new(request, sink)?;
    if older::is_one(&input.start) {
        read_older(request, input, &mut table)?;
        return table.finish();
    }
    let (mut book, stream) = open_xls(BufReader::new(input.reader()), input, request)?;
    let sheet = pick(&book, request, &mut table)?;
    let from_1904 = book.has_1904_epoch();
    let merged = book.merge_cells_by_sheet_name(&sheet).unwrap_or_default().iter().map(range_of).collect();
    table.merged = Some(Box::new(move || Ok(merged)));
    let range = book.worksheet_range(&sheet).map_err(|_| unreadable(request))?;
    let formulas = book.worksheet_formula(&sheet).map_err(|_| unreadable(request))?;
    let at = book.sheets_metadata().iter().position(|it| it.name == sheet);
    let styles = at.and_then(|it| xls::Styles::read(&stream, it));
    let Some(styles) = styles else { return Err(unreadable(request)) };
    table.formats = styles.formats.codes.clone();
    table.from_1904 = from_1904;
    table.hidden_columns = styles.hidden_columns().to_vec();
    read_range(&range, &formulas, &styles, Rows::new(request, &mut table, from_1904))?;
    table.finish()
}

/// A sheet from before there were workbooks.
fn read_older<'a>(request: &'a Request, input: &Input, table: &mut Table<'a, '_>) -> Result<(), ReadError> {
    let only = [Sheet { name: ONLY.to_owned(), visible: true, part: Some(String::new()) }];
    choose(&only, request)?;
    if input.len() > request.limits.part_bytes {
        return Err(too_large(&request.name, "it holds more bytes than a part of a workbook may"));
    }
    let mut file = Vec::new();
    input.reader().read_to_end(&mut file).map_err(|_| unreadable(request))?;
    let sheet = older::read(&file).map_err(|trouble| match trouble {
        older::Trouble::Password => password(request),
        older::Trouble::Unreadable => unreadable(request),
    })?;
    table.found.sheet = Some(ONLY.to_owned());
    table.formats = sheet.formats.codes.clone();
    table.hidden_columns = sheet.hidden_columns.clone();
    let mut rows = Rows::new(request, table, sheet.since_1904);
    for ((row, column), it) in &sheet.cells {
        rows.hidden = sheet.hidden_rows.contains(row);
        if rows.cell(*row, *column, Value::of_given(&it.given), it.formula, Some(it.format))? == Flow::Enough {
            break;
        }
    }
    rows.end().map(drop)
}

/// What is looked up in an old workbook beside the library.
#[cfg(test)]
pub(crate) fn look_through(file: &[u8]) {
    let stream = compound::stream(std::io::Cursor::new(file), &["Workbook"], u64::MAX);
    drop(stream.and_then(|it| xls::Styles::read(&it, 0)));
    drop(older::is_one(file).then(|| older::read(file)));
}

/// A merged range, counted as a spreadsheet counts.
fn range_of(it: &calamine::Dimensions) -> Range {
    Range {
        first_row: u64::from(it.start.0) + 1,
        last_row: u64::from(it.end.0) + 1,
        first_column: it.start.1,
        last_column: it.end.1,
    }
}

/// Goes through values and formulas side by side, both in order of rows: a formula that was never computed has no
/// value and is not a blank.
fn read_range(
    range: &calamine::Range<Data>,
    formulas: &calamine::Range<String>,
    styles: &xls::Styles,
    mut rows: Rows<'_, '_, '_>,
) -> Result<(), ReadError> {
    let place = |start: Option<(u32, u32)>, row: usize, column: usize| {
        let (first_row, first_column) = start.unwrap_or_default();
        (first_row + row as u32, first_column + column as u32)
    };
    let mut formulas = formulas
        .used_cells()
        .filter(|(.., text)| !text.is_empty())
        .map(|(row, column, _)| place(formulas.start(), row, column))
        .peekable();
    let mut given = styles.given().iter().peekable();
    let cells = range.used_cells().map(|(row, column, data)| (place(range.start(), row, column), Some(data)));
    for (at, data) in cells.chain([((u32::MAX, u32::MAX), None)]) {
        // What the library does not give as cells: formulas without a value, and those of older versions.
        while let Some(before) = formulas.peek().into_iter().chain(given.peek().map(|(at, _)| *at)).min().copied()
            && before < at
        {
            formulas.next_if_eq(&before);
            let value = given.next_if(|it| *it.0 == before).map_or(Value::Error, |(_, it)| Value::of_given(it));
            rows.hidden = styles.is_hidden(before.0);
            if rows.cell(before.0, before.1, value, true, styles.format(before.0, before.1))? == Flow::Enough {
                return rows.end().map(drop);
            }
        }
        let Some(data) = data else { break };
        let formula = formulas.next_if_eq(&at).is_some();
        let value = given.next_if(|it| *it.0 == at).map_or_else(|| Value::of(data), |(_, it)| Value::of_given(it));
        rows.hidden = styles.is_hidden(at.0);
        if rows.cell(at.0, at.1, value, formula, styles.format(at.0, at.1))? == Flow::Enough {
            return rows.end().map(drop);
        }
    }
    rows.end().map(drop)
}

/// The sheets that a workbook lists.
fn listed(book: &impl Reader<Source>, request: &Request) -> Result<Vec<Sheet>, ReadError> {
    let sheets: Vec<Sheet> = book
        .sheets_metadata()
        .iter()
        .map(|it| Sheet {
            name: it.name.clone(),
            visible: it.visible == SheetVisible::Visible,
            part: (it.typ == SheetType::WorkSheet).then(String::new),
        })
        .collect();
    if sheets.is_empty() {
        return Err(without_sheets(&request.name));
    }
    Ok(sheets)
}

/// The name of the sheet that is meant.
fn pick(book: &impl Reader<Source>, request: &Request, table: &mut Table<'_, '_>) -> Result<String, ReadError> {
    let sheets = listed(book, request)?;
    let sheet = choose(&sheets, request)?;
    warn_of_hidden(sheet, request, &mut table.found.warnings);
    let name = sheet.name.clone();
    table.found.sheet = Some(name.clone());
    Ok(name)
}

fn password(request: &Request) -> ReadError {
    let message = format!("`{}` is protected by a password", shown(&request.name));
    refuse(&PASSWORD, message, "remove the password: open it, save it without one, and build again")
}

/// The library's own words may quote the file.
fn unreadable(request: &Request) -> ReadError {
    damaged(&request.name, "its content is not that of a workbook of this kind")
}

/// What is in a cell, whichever reader tells.
enum Value<'a> {
    Blank,
    Text(&'a str),
    Number(f64),
    Boolean(bool),
    Date(ExcelDateTime),
    Error,
}

impl<'a> Value<'a> {
    fn of(data: &'a Data) -> Value<'a> {
        match data {
            Data::Empty => Value::Blank,
            Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Value::Text(text),
            Data::Int(number) => Value::Number(*number as f64),
            Data::Float(number) => Value::Number(*number),
            Data::Bool(truth) => Value::Boolean(*truth),
            Data::DateTime(date) => Value::Date(*date),
            Data::Error(kind) => Value::of_error(kind),
        }
    }

    fn of_given(given: &'a xls::Given) -> Value<'a> {
        match given {
            xls::Given::Number(number) => Value::Number(*number),
            xls::Given::Boolean(truth) => Value::Boolean(*truth),
            xls::Given::Text(text) => Value::Text(text),
            xls::Given::Error => Value::Error,
        }
    }

    fn of_error(_kind: &CellErrorType) -> Value<'a> {
        Value::Error
    }
}

/// Cells in order, gathered into rows.
struct Rows<'t, 'a, 'k> {
    request: &'a Request,
    table: &'t mut Table<'a, 'k>,
    row: Row,
    next_column: u32,
    from_1904: bool,
    /// Whether the row of the next cell is hidden.
    hidden: bool,
}

impl<'t, 'a, 'k> Rows<'t, 'a, 'k> {
    fn new(request: &'a Request, table: &'t mut Table<'a, 'k>, from_1904: bool) -> Rows<'t, 'a, 'k> {
        Rows { request, table, row: Row::default(), next_column: 0, from_1904, hidden: false }
    }

    /// Takes a cell; `format` is its place in the formats of the table.
    fn cell(
        &mut self,
        row: u32,
        column: u32,
        value: Value<'_>,
        formula: bool,
        format: Option<u32>,
    ) -> Result<Flow, ReadError> {
        let number = u64::from(row) + 1;
        let mut flow = Flow::More;
        if number > MAX_ROWS || column >= MAX_COLUMNS || number < self.row.number {
            let message = format!("`{}` has a cell that is off the grid or out of order", shown(&self.request.name));
            return Err(refuse(&CELL, message, "open it in the program it comes from and save it again"));
        }
        if number > self.row.number {
            flow = self.end()?;
            self.row.start(number);
            self.row.hidden = self.hidden;
            self.next_column = 0;
        }
        if column < self.next_column {
            let message = format!("`{}` has a cell twice in row {number}", shown(&self.request.name));
            return Err(refuse(&CELL, message, "open it in the program it comes from and save it again"));
        }
        self.next_column = column + 1;
        self.push(column, value, formula, format)?;
        Ok(flow)
    }

    fn push(&mut self, column: u32, value: Value<'_>, formula: bool, format: Option<u32>) -> Result<(), ReadError> {
        let known = format.and_then(|it| self.table.formats.get(it as usize)).map(|(_, look)| look);
        let start = self.row.text.len();
        let out = &mut self.row.text;
        let kind = match value {
            Value::Blank => return Ok(()),
            Value::Text(text) if text.len() as u64 > self.request.limits.cell_bytes => {
                return Err(too_large(&self.request.name, "a cell is longer than a cell may be"));
            }
            Value::Text(text) => {
                out.push_str(text);
                Kind::Text
            }
            Value::Number(number) => {
                cells::write_float(out, number, known.map_or(&Class::Number, |it| it.of(number)), self.from_1904)
            }
            Value::Boolean(truth) => {
                out.push_str(if truth { "true" } else { "false" });
                Kind::Boolean
            }
            Value::Date(date) => {
                // Where the format is not known, a day without a time is a date, a time without a day a time.
                let serial = date.as_f64();
                let guessed = match () {
                    () if date.is_duration() => Class::Duration,
                    () if serial.fract() == 0.0 => Class::Date,
                    () if serial < 1.0 => Class::Time,
                    () => Class::DateTime,
                };
                let class = known.map_or(&guessed, |it| it.of(serial));
                cells::write_float(out, serial, class, self.from_1904)
            }
            Value::Error => Kind::Error,
        };
        self.row.push(column, kind, formula, format.unwrap_or(0), start);
        Ok(())
    }

    /// Hands over the row at hand.
    fn end(&mut self) -> Result<Flow, ReadError> {
        if self.row.cells.is_empty() { Ok(Flow::More) } else { self.table.row(&mut self.row) }
    }
}
