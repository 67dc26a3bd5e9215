//! OpenDocument workbooks: tables as a stream of rows, each cell as its style shows it.
//!
//! Digits are those that the file has, and dates and times are those that Excel's own formats give.

mod merged;
mod styles;
mod texts;
mod values;

use std::collections::HashMap;
use std::io::Read;

use crate::readers::cells::write_number;
use crate::readers::formats::Formats;
use crate::readers::input::{Input, ZIP};
use crate::readers::package::Package;
use crate::readers::problems::{CELL, PASSWORD, damaged, refuse, shown, too_large, without_sheets};
use crate::readers::row::{Flow, Kind, MAX_COLUMNS, MAX_ROWS, Row, is_blank};
use crate::readers::table::Table;
use crate::readers::xlsx::{Sheet, choose, warn_of_hidden};
use crate::readers::xml::{Element, Event, Xml, push_text};
use crate::readers::{Found, Holds, ReadError, Request, Sink, TableReader, Trailer};
use styles::{Of, Styles};
use texts::{count, is_cell, text_of};
use values::{number, write_date, write_time};

const CONTENT: &str = "content.xml";
const STYLES: &str = "styles.xml";

/// Copies of cells may make this part of what all cells may be: a file of a page must not ask for gigabytes.
const COPIES: u64 = 8;

/// OpenDocument.
pub(super) const READER: TableReader =
    TableReader { endings: &["ods"], holds: Holds::Sheets, begins: Some(ZIP), read, sheets };

/// The tables of a workbook.
fn sheets(request: &Request, input: &Input) -> Result<Vec<Sheet>, ReadError> {
    let mut package = open(request, input)?;
    listed(&mut package, request)
}

/// Reads one table.
fn read(request: &Request, input: &Input, sink: &mut Sink<'_>) -> Result<(Found, Trailer), ReadError> {
    let mut package = open(request, input)?;
    let sheets = listed(&mut package.again(), request)?;
    let sheet = choose(&sheets, request)?;
    let mut table = Table::new(request, sink)?;
    table.found.sheet = Some(sheet.name.clone());
    warn_of_hidden(sheet, request, &mut table.found.warnings);
    let mut styles = Styles::default();
    if package.has(STYLES) {
        let place = package.place(STYLES);
        styles.read(Xml::new(package.part(STYLES)?, place))?;
    }
    let (mut again, name) = (package.again(), sheet.name.clone());
    table.merged = Some(Box::new(move || merged::ranges(&mut again, &name)));
    let place = package.place(CONTENT);
    let mut xml = Xml::new(package.part(CONTENT)?, place);
    let mut reader = Reader {
        request,
        table: &mut table,
        styles,
        formats: Formats::plain(),
        known: HashMap::new(),
        columns: Vec::new(),
        row: Row::default(),
        number: 0,
        cells: Vec::new(),
        spent: 0,
    };
    if reader.find(&mut xml, &sheet.name)? {
        xml.drain()?;
    }
    let formats = reader.formats;
    table.formats = formats.codes;
    table.finish()
}

/// Opens the package and refuses what is encrypted.
fn open(request: &Request, input: &Input) -> Result<Package, ReadError> {
    const KIND: &str = "mimetype";
    const MANIFEST: &str = "META-INF/manifest.xml";
    let mut package = Package::open(request, input)?;
    let mut kind = Vec::new();
    if package.has(KIND) {
        let place = package.place(KIND);
        package.part(KIND)?.take(256).read_to_end(&mut kind).map_err(|error| place.failed(&error))?;
    }
    // A text document has tables too.
    if !package.has(CONTENT)
        || !(kind.is_empty() || kind.starts_with(b"application/vnd.oasis.opendocument.spreadsheet"))
    {
        return Err(damaged(&request.name, "its content is not that of a workbook of this kind"));
    }
    if package.has(MANIFEST) {
        let place = package.place(MANIFEST);
        let mut xml = Xml::new(package.part(MANIFEST)?, place);
        loop {
            match xml.next()? {
                Event::Start(element) | Event::Empty(element) if element.name == "encryption-data" => {
                    let message = format!("`{}` is protected by a password", shown(&request.name));
                    let help = "remove the password: open it, save it without one, and build again";
                    return Err(refuse(&PASSWORD, message, help));
                }
                Event::Eof => break,
                _ => (),
            }
        }
    }
    Ok(package)
}

fn listed(package: &mut Package, request: &Request) -> Result<Vec<Sheet>, ReadError> {
    let place = package.place(CONTENT);
    let mut xml = Xml::new(package.part(CONTENT)?, place);
    let (mut styles, mut sheets, mut depth) = (Styles::default(), Vec::new(), 0_u64);
    loop {
        match xml.next()? {
            Event::Start(element) if depth > 0 => depth += u64::from(element.name == "table"),
            Event::Start(element) if element.name == "table" => {
                depth = 1;
                sheets.extend(sheet_of(&element, &styles));
            }
            Event::Empty(element) if depth == 0 && element.name == "table" => {
                sheets.extend(sheet_of(&element, &styles))
            }
            Event::End("table") => depth = depth.saturating_sub(1),
            Event::Eof => break,
            event if depth == 0 => styles.event(&event),
            _ => (),
        }
    }
    if sheets.is_empty() {
        return Err(without_sheets(&request.name));
    }
    Ok(sheets)
}

/// A table with a name; others are copies of what stands elsewhere.
fn sheet_of(table: &Element<'_>, styles: &Styles) -> Option<Sheet> {
    let name = table.attribute("name").filter(|it| !it.is_empty())?;
    let visible = styles.is_shown(Of::Table, table.attribute("style-name").as_deref());
    Some(Sheet { name, visible, part: Some(CONTENT.to_owned()) })
}

/// A cell with a value, as it stands in the row that is repeated.
struct Shown {
    column: u32,
    repeated: u32,
    kind: Kind,
    formula: bool,
    format: u32,
    text: String,
}

/// What a cell says of itself.
#[derive(Default)]
struct Said {
    kind: Option<String>,
    value: Option<String>,
    error: bool,
    formula: bool,
    style: Option<String>,
    repeated: u32,
}

struct Reader<'r, 'a, 'k> {
    request: &'a Request,
    table: &'r mut Table<'a, 'k>,
    styles: Styles,
    formats: Formats,
    /// Formats by the names of styles.
    known: HashMap<String, u32>,
    /// The styles that cells of columns have by themselves: first and last column, name.
    columns: Vec<(u32, u32, String)>,
    row: Row,
    /// The last row that was seen, blank or not.
    number: u64,
    cells: Vec<Shown>,
    /// Bytes that repetition made, so that a short file does not ask for endless work.
    spent: u64,
}

/// Whether a formula shows that it gives nothing: older programs have no type for that, and some give it the value 0.
fn is_error(text: &str) -> bool {
    const CODES: [&str; 7] = ["#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"];
    let number = text.strip_prefix("Err:");
    CODES.contains(&text) || number.is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()))
}

impl Reader<'_, '_, '_> {
    /// Finds the table and reads it; `false` if the rest of it is not wanted.
    fn find<R: Read>(&mut self, xml: &mut Xml<R>, sheet: &str) -> Result<bool, ReadError> {
        let mut depth = 0_u64;
        loop {
            let wanted = match xml.next()? {
                Event::Start(element) if depth > 0 => {
                    depth += u64::from(element.name == "table");
                    false
                }
                Event::Start(element) if element.name == "table" => {
                    depth = 1;
                    element.attribute("name").as_deref() == Some(sheet)
                }
                Event::Empty(element) if depth == 0 && element.attribute("name").as_deref() == Some(sheet) => {
                    if element.name == "table" {
                        return Ok(true);
                    }
                    false
                }
                Event::End("table") => {
                    depth = depth.saturating_sub(1);
                    false
                }
                Event::Eof => return Ok(false),
                event => {
                    if depth == 0 {
                        self.styles.event(&event);
                    }
                    false
                }
            };
            if wanted {
                return self.rows(xml);
            }
        }
    }

    /// Reads the rows of the table at hand.
    fn rows<R: Read>(&mut self, xml: &mut Xml<R>) -> Result<bool, ReadError> {
        // Elements that hold no rows of the table, such as its shapes.
        let (mut skipped, mut column) = (0_u64, 0_u32);
        loop {
            let row = match xml.next()? {
                Event::Start(_) if skipped > 0 => {
                    skipped += 1;
                    None
                }
                Event::End(_) if skipped > 0 => {
                    skipped -= 1;
                    None
                }
                Event::Start(element) => match element.name {
                    "table-row" => Some((RowSaid::of(&element, &self.styles), false)),
                    "table-column" => {
                        self.column(&element, &mut column);
                        None
                    }
                    "table-header-rows"
                    | "table-row-group"
                    | "table-rows"
                    | "table-header-columns"
                    | "table-column-group"
                    | "table-columns" => None,
                    _ => {
                        skipped = 1;
                        None
                    }
                },
                Event::Empty(element) if skipped == 0 => match element.name {
                    "table-row" => Some((RowSaid::of(&element, &self.styles), true)),
                    "table-column" => {
                        self.column(&element, &mut column);
                        None
                    }
                    _ => None,
                },
                Event::End("table") => return Ok(true),
                Event::Eof => return Ok(false),
                _ => None,
            };
            let Some((said, empty)) = row else { continue };
            if !empty {
                self.cells(xml, &said)?;
            }
            if self.emit(&said)? == Flow::Enough && self.request.rows.is_some() {
                return Ok(false);
            }
        }
    }

    fn column(&mut self, element: &Element<'_>, at: &mut u32) {
        let repeated = repeated(element, "number-columns-repeated");
        let last = at.saturating_add(repeated - 1).min(MAX_COLUMNS - 1);
        if let Some(style) = element.attribute("default-cell-style-name") {
            self.columns.push((*at, last, style));
        }
        if is_hidden(element) || !self.styles.is_shown(Of::Column, element.attribute("style-name").as_deref()) {
            self.table.hidden_columns.push((*at, last));
        }
        *at = at.saturating_add(repeated);
    }

    /// Reads the cells of a row.
    fn cells<R: Read>(&mut self, xml: &mut Xml<R>, row: &RowSaid) -> Result<(), ReadError> {
        let mut column = 0_u32;
        loop {
            let (said, empty) = match xml.next()? {
                Event::Start(element) if is_cell(element.name) => (Said::of(&element), false),
                Event::Empty(element) if is_cell(element.name) => (Said::of(&element), true),
                Event::End("table-row") => return Ok(()),
                // Between cells only white space stands.
                _ => continue,
            };
            let text = if empty { String::new() } else { text_of(xml, self.request)? };
            let repeated = said.repeated;
            self.cell(column, said, text, row)?;
            column = column.saturating_add(repeated);
        }
    }

    /// Takes a cell that has a value.
    fn cell(&mut self, column: u32, said: Said, text: String, row: &RowSaid) -> Result<(), ReadError> {
        let kind = said.kind.as_deref().unwrap_or_default();
        if kind.is_empty() && !said.formula && text.is_empty() && said.value.is_none() {
            return Ok(());
        }
        if u64::from(column) + u64::from(said.repeated) > u64::from(MAX_COLUMNS) {
            return Err(self.off_grid());
        }
        let own = said.style.as_ref().or(row.style.as_ref());
        let of_column = || self.columns.iter().find(|(first, last, _)| (*first..=*last).contains(&column));
        let style = own.cloned().or_else(|| of_column().map(|(.., it)| it.clone())).unwrap_or_default();
        let format = match self.known.get(&style) {
            Some(format) => *format,
            None => {
                let format = self.styles.format(&style, &mut self.formats);
                self.known.insert(style, format);
                format
            }
        };
        let look = &self.formats.codes[format as usize].1;
        let mut out = String::new();
        let value = said.value.as_deref();
        let kind = match (kind, value) {
            _ if said.error || said.formula && is_error(text.trim()) => Kind::Error,
            // A formula that was never computed; a text may be empty.
            (kind, value) if said.formula && kind != "string" && is_blank(value.unwrap_or(&text)) => Kind::Error,
            ("float" | "percentage" | "currency", Some(value)) => {
                write_number(&mut out, value, &number(look, value), false)
            }
            ("date", Some(value)) => write_date(&mut out, value, look.first()),
            ("time", Some(value)) => write_time(&mut out, value, look.first()),
            ("boolean", Some(value)) => {
                let truth = match value.to_ascii_lowercase().as_str() {
                    "true" | "1" => Some("true"),
                    "false" | "0" => Some("false"),
                    _ => None,
                };
                out.push_str(truth.unwrap_or_default());
                truth.map_or(Kind::Error, |_| Kind::Boolean)
            }
            (_, Some(value)) => {
                out.push_str(value);
                Kind::Text
            }
            (_, None) => {
                out = text;
                Kind::Text
            }
        };
        if out.len() as u64 > self.request.limits.cell_bytes {
            return Err(too_large(&self.request.name, "a cell is longer than a cell may be"));
        }
        let (repeated, formula) = (said.repeated, said.formula);
        self.cells.push(Shown { column, repeated, kind, formula, format, text: out });
        Ok(())
    }

    /// Hands over the row at hand, as often as it is repeated.
    fn emit(&mut self, said: &RowSaid) -> Result<Flow, ReadError> {
        let cells = std::mem::take(&mut self.cells);
        let first = self.number + 1;
        self.number = self.number.saturating_add(said.repeated);
        if cells.iter().all(|it| it.kind == Kind::Text && it.text.is_empty()) {
            return Ok(Flow::More);
        }
        if self.number > MAX_ROWS {
            return Err(self.off_grid());
        }
        for number in first..=self.number {
            self.row.start(number);
            self.row.hidden = said.hidden;
            for cell in &cells {
                for column in cell.column..cell.column + cell.repeated {
                    let start = self.row.text.len();
                    self.row.text.push_str(&cell.text);
                    if number > first || column > cell.column {
                        self.spent += cell.text.len() as u64 + 1;
                    }
                    self.row.push(column, cell.kind, cell.formula, cell.format, start);
                }
                if self.spent > self.request.limits.total_bytes / COPIES {
                    return Err(too_large(&self.request.name, "what it repeats is longer than all cells may be"));
                }
            }
            if !self.row.cells.is_empty() && self.table.row(&mut self.row)? == Flow::Enough {
                return Ok(Flow::Enough);
            }
        }
        Ok(Flow::More)
    }

    fn off_grid(&self) -> ReadError {
        let message = format!("`{}` has a cell that is off the grid", shown(&self.request.name));
        refuse(&CELL, message, "open it in the program it comes from and save it again")
    }
}

/// What a row says of itself.
struct RowSaid {
    repeated: u64,
    hidden: bool,
    style: Option<String>,
}

impl RowSaid {
    fn of(element: &Element<'_>, styles: &Styles) -> RowSaid {
        let shown = styles.is_shown(Of::Row, element.attribute("style-name").as_deref());
        RowSaid {
            repeated: u64::from(repeated(element, "number-rows-repeated")),
            hidden: is_hidden(element) || !shown,
            style: element.attribute("default-cell-style-name"),
        }
    }
}

impl Said {
    fn of(element: &Element<'_>) -> Said {
        let mut said = Said { repeated: repeated(element, "number-columns-repeated"), ..Said::default() };
        for (name, raw) in element.attributes().map_while(Result::ok) {
            let text = || {
                let mut text = String::new();
                push_text(&mut text, raw).then_some(text)
            };
            match name {
                // An extension says of an error what it is, beside another kind that older programs read.
                "value-type" if raw == "error" => said.error = true,
                "value-type" if said.kind.is_none() => said.kind = text(),
                "value" | "date-value" | "time-value" | "boolean-value" | "string-value" if said.value.is_none() => {
                    said.value = text();
                }
                "formula" => said.formula = !raw.is_empty(),
                "style-name" => said.style = text(),
                _ => (),
            }
        }
        said
    }
}

fn repeated(element: &Element<'_>, name: &str) -> u32 {
    element.attribute(name).map_or(1, |it| count(&it)).max(1)
}

fn is_hidden(element: &Element<'_>) -> bool {
    element.attribute("visibility").is_some_and(|it| it == "collapse" || it == "filter")
}
