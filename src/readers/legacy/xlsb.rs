//! Excel's binary workbook ([MS-XLSB] 2.3 and 2.4): its sheets, and the cells of one with their formats, what is hidden
//! and what is merged.
//!
//! A record of a cell has its column, or is a short one, which has not and stands in the column behind the cell before it:
//! some programs write most cells so.

use std::collections::HashMap;
use std::io::{BufReader, Read};

use super::older::short;
use super::{Rows, Value, unreadable};
use crate::readers::formats::{Formats, built_in};
use crate::readers::input::{Input, ZIP};
use crate::readers::merged::Range;
use crate::readers::package::{Package, Part};
use crate::readers::row::Flow;
use crate::readers::table::Table;
use crate::readers::xlsx::{Listing, Parts, Sheet, choose, warn_of_hidden};
use crate::readers::xml::Place;
use crate::readers::{Found, Holds, ReadError, Request, Sink, TableReader, Trailer};

/// Excel's binary workbook.
pub(crate) const READER: TableReader =
    TableReader { endings: &["xlsb"], holds: Holds::Sheets, begins: Some(ZIP), read, sheets };

/// A record that claims more is not waited for.
const MAX_RECORD: usize = 1 << 24;
/// Styles at most.
const MAX_STYLES: usize = 1 << 17;

/// The sheets of a workbook, those without cells too.
fn sheets(request: &Request, input: &Input) -> Result<Vec<Sheet>, ReadError> {
    Ok(Book::read(&mut Package::open(request, input)?)?.sheets)
}

/// Reads one sheet.
fn read(request: &Request, input: &Input, sink: &mut Sink<'_>) -> Result<(Found, Trailer), ReadError> {
    let mut package = Package::open(request, input)?;
    let Book { sheets, from_1904, styles, strings } = Book::read(&mut package)?;
    let sheet = choose(&sheets, request)?;
    let mut table = Table::new(request, sink)?;
    table.found.sheet = Some(sheet.name.clone());
    warn_of_hidden(sheet, request, &mut table.found.warnings);
    let formats = match styles {
        Some(styles) if package.has(&styles) => formats(&mut package, &styles)?,
        _ => Formats::plain(),
    };
    let texts = match strings {
        Some(strings) if package.has(&strings) => Texts::read(&mut package, &strings)?,
        _ => Texts::default(),
    };
    table.formats = formats.codes.clone();
    table.from_1904 = from_1904;
    let part = sheet.part.clone().unwrap_or_default();
    let (mut again, named) = (package.again(), part.clone());
    table.merged = Some(Box::new(move || merged(&mut again, &named)));
    let mut cells = Cells::open(&mut package, &part)?;
    table.hidden_columns = cells.hidden_columns.clone();
    let mut rows = Rows::new(request, &mut table, from_1904);
    let mut flow = Flow::More;
    while flow == Flow::More
        && let Some(it) = cells.next()?
    {
        rows.hidden = it.hidden;
        let value = match &it.content {
            Content::Number(number) => Value::Number(*number),
            Content::Boolean(truth) => Value::Boolean(*truth),
            Content::Text(text) => Value::Text(text),
            Content::Shared(at) => Value::Text(texts.get(*at).ok_or_else(|| unreadable(request))?),
            Content::Error => Value::Error,
        };
        flow = rows.cell(it.row, it.column, value, it.formula, Some(formats.of(it.style)))?;
    }
    rows.end()?;
    if flow == Flow::More {
        cells.drain()?;
    }
    table.finish()
}

/// What a workbook says of itself.
struct Book {
    sheets: Vec<Sheet>,
    from_1904: bool,
    styles: Option<String>,
    strings: Option<String>,
}

impl Book {
    fn read(package: &mut Package) -> Result<Book, ReadError> {
        let parts = Parts::of(package)?;
        let place = package.place(&parts.main);
        let mut records = Records::new(package.part(&parts.main)?, place.clone());
        let (mut listed, mut from_1904) = (Vec::new(), false);
        while let Some(kind) = records.next()? {
            match kind {
                0x0099 => from_1904 |= records.data.first().is_some_and(|it| it & 1 != 0),
                0x009c => listed.push(listing(&records.data)),
                _ => (),
            }
        }
        let sheets = parts.sheets(listed, &place)?;
        Ok(Book { sheets, from_1904, styles: parts.styles, strings: parts.strings })
    }
}

/// A listed sheet: state, number, relation, name.
fn listing(data: &[u8]) -> Listing {
    let visible = word(data, 0)? == 0;
    // A sheet without cells may have no relation.
    let (id, end) = match word(data, 8)? {
        u32::MAX => (None, 12),
        _ => text(data, 8).map(|(id, end)| (Some(id), end))?,
    };
    Some((text(data, end)?.0, visible, id))
}

/// The texts that cells share, one after the other, and where each ends.
#[derive(Default)]
struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    /// The text of an index, if there is one.
    fn get(&self, index: usize) -> Option<&str> {
        let start = if index == 0 { 0 } else { *self.ends.get(index - 1)? };
        self.all.get(start..*self.ends.get(index)?)
    }

    fn read(package: &mut Package, part: &str) -> Result<Texts, ReadError> {
        let place = package.place(part);
        let mut records = Records::new(package.part(part)?, place.clone());
        let mut texts = Texts::default();
        while let Some(kind) = records.next()? {
            if kind == 0x0013 {
                // How it is decorated, and the text.
                let Some((it, _)) = text(&records.data, 1) else {
                    return Err(place.damaged("has a text that is cut off"));
                };
                texts.all.push_str(&it);
                texts.ends.push(texts.all.len());
            }
        }
        Ok(texts)
    }
}

/// The number formats by cell style.
fn formats(package: &mut Package, part: &str) -> Result<Formats, ReadError> {
    let place = package.place(part);
    let mut records = Records::new(package.part(part)?, place.clone());
    let (mut formats, mut own, mut of_cells) = (Formats::plain(), HashMap::new(), false);
    while let Some(kind) = records.next()? {
        match kind {
            0x002c => {
                if let (Some(id), Some((code, _))) = (half(&records.data, 0), text(&records.data, 2)) {
                    own.insert(id, code);
                }
            }
            0x0269 => of_cells = true,
            0x026a => of_cells = false,
            0x002f if of_cells => {
                let id = half(&records.data, 2).unwrap_or(0);
                let at = match own.get(&id) {
                    Some(code) => formats.intern(code),
                    None => formats.intern(built_in(u32::from(id))),
                };
                formats.styles.push(at);
            }
            _ => (),
        }
        if own.len() > MAX_STYLES || formats.styles.len() > MAX_STYLES {
            return Err(place.damaged("has more cell styles than a workbook can have"));
        }
    }
    Ok(formats)
}

/// What is in a cell.
enum Content {
    Number(f64),
    Boolean(bool),
    Text(String),
    /// The index of a text that cells share.
    Shared(usize),
    Error,
}

/// A cell that is not blank.
struct Cell {
    row: u32,
    column: u32,
    /// The cell style.
    style: usize,
    formula: bool,
    content: Content,
    /// Whether its row is hidden.
    hidden: bool,
}

/// The cells of a sheet in order.
struct Cells<'a> {
    records: Records<Part<'a>>,
    row: u32,
    /// The column behind the last cell.
    behind: u32,
    hidden: bool,
    /// The hidden columns, first and last.
    hidden_columns: Vec<(u32, u32)>,
}

impl<'a> Cells<'a> {
    /// Reads up to the first row.
    fn open(package: &'a mut Package, part: &str) -> Result<Cells<'a>, ReadError> {
        let place = package.place(part);
        let records = Records::new(package.part(part)?, place);
        let mut cells = Cells { records, row: 0, behind: 0, hidden: false, hidden_columns: Vec::new() };
        while let Some(kind) = cells.records.next()? {
            let data = &cells.records.data;
            match kind {
                // Hidden, or without width.
                0x003c if data.get(16).is_some_and(|it| it & 1 != 0) || word(data, 8) == Some(0) => {
                    cells.hidden_columns.extend(word(data, 0).zip(word(data, 4)));
                }
                0x0091 => break,
                _ => (),
            }
        }
        Ok(cells)
    }

    /// The next cell that is not blank.
    fn next(&mut self) -> Result<Option<Cell>, ReadError> {
        while let Some(kind) = self.records.next()? {
            let data = &self.records.data;
            match kind {
                0x0092 => return Ok(None),
                0x0000 => {
                    self.row = word(data, 0).unwrap_or(u32::MAX);
                    self.behind = 0;
                    // Hidden, or with a height of its own that is none.
                    let flags = data.get(11).copied().unwrap_or(0);
                    self.hidden = flags & 0x10 != 0 || flags & 0x20 != 0 && data.get(8..10) == Some(&[0, 0]);
                }
                0x0001..=0x0012 | 0x003e => {
                    let cut = || self.records.place.damaged("has a cell that is cut off");
                    let is_short = (0x000c..=0x0012).contains(&kind);
                    let (column, at) = if is_short { (Some(self.behind), 0) } else { (word(data, 0), 4) };
                    let (Some(column), Some(style)) = (column, word(data, at)) else { return Err(cut()) };
                    self.behind = column.saturating_add(1);
                    // A short record has the number of the full one behind that of a blank.
                    let kind = if is_short { kind - 0x000b } else { kind };
                    if kind == 0x0001 {
                        continue;
                    }
                    let Some(content) = content(kind, &data[at + 4..]) else { return Err(cut()) };
                    let (style, formula) = ((style & 0x00ff_ffff) as usize, (0x0008..=0x000b).contains(&kind));
                    return Ok(Some(Cell { row: self.row, column, style, formula, content, hidden: self.hidden }));
                }
                _ => (),
            }
        }
        Ok(None)
    }
}

impl Cells<'_> {
    /// Reads what stands behind the cells: the part is as long as it says, and its sum is right.
    fn drain(&mut self) -> Result<(), ReadError> {
        while self.records.next()?.is_some() {}
        Ok(())
    }
}

/// What stands in the record of a full cell behind its column and style.
fn content(kind: u16, data: &[u8]) -> Option<Content> {
    Some(match kind {
        0x0002 => Content::Number(short(word(data, 0)?)),
        0x0003 | 0x000b => Content::Error,
        0x0004 | 0x000a => Content::Boolean(*data.first()? != 0),
        0x0005 | 0x0009 => Content::Number(f64::from_le_bytes(data.get(..8)?.try_into().ok()?)),
        0x0006 | 0x0008 => Content::Text(text(data, 0)?.0),
        0x0007 => Content::Shared(word(data, 0)? as usize),
        // How it is decorated, and the text.
        _ => Content::Text(text(data, 1)?.0),
    })
}

/// The merged ranges of a sheet, which are listed behind its rows.
fn merged(package: &mut Package, part: &str) -> Result<Vec<Range>, ReadError> {
    let place = package.place(part);
    let mut records = Records::new(package.part(part)?, place);
    let mut ranges = Vec::new();
    while let Some(kind) = records.next()? {
        let number = |at| word(&records.data, at);
        if kind == 0x00b0
            && let (Some(first), Some(last), Some(left), Some(right)) = (number(0), number(4), number(8), number(12))
            && first <= last
            && left <= right
        {
            let (first_row, last_row) = (u64::from(first) + 1, u64::from(last) + 1);
            ranges.push(Range { first_row, last_row, first_column: left, last_column: right });
        }
    }
    Ok(ranges)
}

/// Records one after the other: kind, length, content.
struct Records<R> {
    input: BufReader<R>,
    place: Place,
    data: Vec<u8>,
}

impl<R: Read> Records<R> {
    fn new(input: R, place: Place) -> Records<R> {
        Records { input: BufReader::new(input), place, data: Vec::new() }
    }

    /// The kind of the next record, whose content is then in `data`.
    fn next(&mut self) -> Result<Option<u16>, ReadError> {
        let Some(first) = self.byte()? else { return Ok(None) };
        let mut kind = u16::from(first);
        if first & 0x80 != 0 {
            kind = u16::from(first & 0x7f) | u16::from(self.some_byte()? & 0x7f) << 7;
        }
        let mut length = 0_usize;
        for at in 0..4 {
            let byte = self.some_byte()?;
            length |= usize::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                break;
            }
        }
        if length > MAX_RECORD {
            return Err(self.place.damaged("has a record that is longer than any"));
        }
        self.data.resize(length, 0);
        self.input.read_exact(&mut self.data).map_err(|error| self.place.failed(&error))?;
        Ok(Some(kind))
    }

    fn byte(&mut self) -> Result<Option<u8>, ReadError> {
        let mut byte = [0];
        match self.input.read(&mut byte) {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(byte[0])),
            Err(error) => Err(self.place.failed(&error)),
        }
    }

    fn some_byte(&mut self) -> Result<u8, ReadError> {
        self.byte()?.ok_or_else(|| self.place.damaged("ends before it is complete"))
    }
}

/// A text with its length before it, and where it ends.
fn text(data: &[u8], at: usize) -> Option<(String, usize)> {
    let end = (word(data, at)? as usize).checked_mul(2)?.checked_add(at + 4)?;
    let units: Vec<u16> = data.get(at + 4..end)?.chunks_exact(2).map(|it| u16::from_le_bytes([it[0], it[1]])).collect();
    Some((String::from_utf16_lossy(&units), end))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
