//! Text with delimiters, read strictly: every byte is decoded, every record has as many fields as the header, every
//! quote is closed, and a second reader counts the records.
//!
//! Line numbers are those of an editor: a record starts at a line, and quoted line breaks count.

mod decode;
mod dialect;
mod fold;
mod mend;

use csv_core::{ReadRecordResult, ReaderBuilder};

use crate::problem::Problem;
use crate::readers::input::{Input, world};
use crate::readers::problems::{QUOTE, UNSURE_ENCODING, damaged, empty, refuse, shown, thousands, too_large};
use crate::readers::row::{Flow, Kind, MAX_COLUMNS, Row};
use crate::readers::table::Table;
use crate::readers::{Found, Holds, Ragged, ReadError, Request, Sink, TableReader, Trailer};
use decode::Decoder;
use dialect::Dialect;
use fold::{Fold, unfold};
use mend::Mend;

use std::io::Read;

/// Bytes that may be looked at to find out what was not declared.
const PREFIX: usize = 1 << 16;

/// An encoding that was guessed is told below this: from fewer than ten bytes.
const SURE_ENCODING: f32 = 0.75;

/// Text with delimiters.
pub(super) const READER: TableReader =
    TableReader { endings: &["csv", "tsv"], holds: Holds::Text, begins: None, read, sheets: |_, _| Ok(Vec::new()) };

/// Reads the table.
fn read(request: &Request, input: &Input, sink: &mut Sink<'_>) -> Result<(Found, Trailer), ReadError> {
    let mut table = Table::new(request, sink)?;
    let mut reader = input.reader();
    let mut block = Vec::with_capacity(PREFIX);
    fill(&mut reader, &mut block, request)?;
    let mut last = block.len() as u64 == input.len();
    if block.is_empty() {
        return Err(empty(&request.name));
    }
    let mut decoder = Decoder::choose(request, &block, last, &mut table.found.detected)?;
    table.found.encoding = Some(decoder.name().to_owned());
    if table.found.detected.iter().any(|it| it.what == "encoding" && it.confidence < SURE_ENCODING) {
        let message = format!(
            "`{}` has too few letters beyond ASCII to know its encoding, and is read as {}",
            shown(&request.name),
            decoder.name()
        );
        let help = "look at these letters with `hotpass show`, and set `encoding` in the source".to_owned();
        table.found.warnings.push(Problem::new(&UNSURE_ENCODING, message).help(help));
    }
    let mut text = String::new();
    decoder.decode(&block, last, &mut text)?;
    let (dialect, skipped) = Dialect::choose(request, &text, last, &mut table.found.detected)?;
    // Two characters are in what was declared, or in what was detected.
    table.found.delimiter = dialect.pair.is_none().then_some(char::from(dialect.delimiter));
    let mut scanner = Scanner::new(request, dialect);
    let mut counter = Counter::new(dialect);
    let said = u64::from(skipped > 0);
    scanner.line += said;
    table.skipped = said;
    text.drain(..skipped);
    let mut fold = dialect.pair.map(Fold::new);
    let mut mend = None;
    loop {
        if let Some(fold) = &mut fold {
            fold.fold(&mut text, last, request)?;
        }
        if request.options.ragged != Ragged::Refuse {
            let mend = mend.get_or_insert_with(|| Mend::new(dialect, &text, request.limits.cell_bytes));
            mend.mend(&mut text, scanner.line, last);
        }
        counter.feed(text.as_bytes());
        if scanner.feed(&text, &mut table)? == Flow::Enough && request.rows.is_some() {
            return table.finish();
        }
        if last {
            break;
        }
        fill(&mut reader, &mut block, request)?;
        last = block.is_empty();
        text.clear();
        decoder.decode(&block, last, &mut text)?;
    }
    scanner.end(&mut table)?;
    let counted = counter.end();
    if counted != scanner.records {
        let what = format!("two readers count {} and {} records in it", thousands(scanner.records), thousands(counted));
        return Err(damaged(&request.name, what));
    }
    let (found, mut trailer) = table.finish()?;
    trailer.mended = mend.map(|it| it.done).unwrap_or_default();
    Ok((found, trailer))
}

/// Reads the next block.
fn fill(reader: &mut impl Read, block: &mut Vec<u8>, request: &Request) -> Result<(), ReadError> {
    block.clear();
    reader.take(PREFIX as u64).read_to_end(block).map(drop).map_err(|error| world(&request.name, &error))
}

/// Where in a record the scanner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Before the first field of a record.
    Record,
    /// Before another field.
    Field,
    Bare,
    Quoted,
    /// After a quote inside a quoted field: it closes, or is one half of a doubled one.
    Quote,
    /// After a sign that says that the next one is meant as itself, inside quotes or not.
    Escape {
        quoted: bool,
    },
}

/// Cuts text into records.
struct Scanner<'r> {
    request: &'r Request,
    dialect: Dialect,
    /// Which bytes end a stretch of a bare field.
    stops: [bool; 256],
    at: At,
    row: Row,
    /// Where the field at hand starts in the row's text.
    field: usize,
    column: u32,
    /// The line at hand, and whether the last byte was a carriage return.
    line: u64,
    after_return: bool,
    opened: u64,
    records: u64,
    enough: bool,
}

impl<'r> Scanner<'r> {
    fn new(request: &'r Request, dialect: Dialect) -> Scanner<'r> {
        let mut stops = [false; 256];
        for byte in [dialect.delimiter, b'\r', b'\n', 0].into_iter().chain(dialect.escape) {
            stops[usize::from(byte)] = true;
        }
        Scanner {
            request,
            dialect,
            stops,
            at: At::Record,
            row: Row::default(),
            field: 0,
            column: 0,
            line: 1,
            after_return: false,
            opened: 0,
            records: 0,
            enough: false,
        }
    }

    /// Cuts the next stretch of text, which may end anywhere.
    fn feed(&mut self, text: &str, table: &mut Table<'_, '_>) -> Result<Flow, ReadError> {
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() && !(self.enough && self.request.rows.is_some()) {
            let byte = bytes[at];
            // The second half of a line end that was counted already.
            if std::mem::take(&mut self.after_return) && byte == b'\n' {
                if self.at == At::Quoted {
                    self.row.text.push('\n');
                }
                at += 1;
                continue;
            }
            if byte == 0 {
                return Err(self.zero_byte());
            }
            match self.at {
                At::Escape { quoted } => {
                    self.at = if quoted { At::Quoted } else { At::Bare };
                    match text[at..].chars().next().filter(|it| !matches!(it, '\r' | '\n')) {
                        Some(it) => {
                            self.append(&text[at..at + it.len_utf8()])?;
                            at += it.len_utf8();
                        }
                        // A line ends as it does elsewhere.
                        None if quoted => (),
                        None => self.append_escape()?,
                    }
                }
                At::Quote if Some(byte) == self.dialect.escape => return Err(self.after_quote()),
                At::Record | At::Field | At::Bare | At::Quoted if Some(byte) == self.dialect.escape => {
                    self.start_record();
                    self.at = At::Escape { quoted: self.at == At::Quoted };
                    at += 1;
                }
                At::Record | At::Field if byte == self.dialect.quote => {
                    self.start_record();
                    self.opened = self.line;
                    self.at = At::Quoted;
                    at += 1;
                }
                At::Record | At::Field | At::Bare => {
                    let length = bytes[at..].iter().take_while(|it| !self.stops[usize::from(**it)]).count();
                    if length > 0 {
                        self.start_record();
                        self.at = At::Bare;
                        self.append(&text[at..at + length])?;
                        at += length;
                        continue;
                    }
                    at += 1;
                    self.stop(byte, table)?;
                }
                At::Quoted if byte == self.dialect.quote => {
                    self.at = At::Quote;
                    at += 1;
                }
                At::Quoted => {
                    let Dialect { quote, escape, .. } = self.dialect;
                    let more = |it: &&u8| **it != quote && Some(**it) != escape && !matches!(**it, b'\r' | b'\n' | 0);
                    let length = bytes[at..].iter().take_while(more).count();
                    if length > 0 {
                        self.append(&text[at..at + length])?;
                        at += length;
                        continue;
                    }
                    self.row.text.push(char::from(byte));
                    self.line += 1;
                    self.after_return = byte == b'\r';
                    at += 1;
                }
                At::Quote if byte == self.dialect.quote => {
                    self.row.text.push(char::from(byte));
                    self.at = At::Quoted;
                    at += 1;
                }
                At::Quote if self.stops[usize::from(byte)] => {
                    at += 1;
                    self.stop(byte, table)?;
                }
                At::Quote => return Err(self.after_quote()),
            }
        }
        Ok(if self.enough { Flow::Enough } else { Flow::More })
    }

    /// Ends the last record.
    fn end(&mut self, table: &mut Table<'_, '_>) -> Result<(), ReadError> {
        match self.at {
            At::Record => Ok(()),
            At::Quoted | At::Escape { quoted: true } => {
                let message = format!(
                    "a quote in line {} of `{}` is never closed",
                    thousands(self.opened),
                    shown(&self.request.name)
                );
                Err(refuse(&QUOTE, message, "close it, or double every quote that belongs to a value"))
            }
            At::Escape { quoted: false } => {
                self.append_escape()?;
                self.end_record(table)
            }
            _ => self.end_record(table),
        }
    }

    /// A sign that stands before nothing is itself.
    fn append_escape(&mut self) -> Result<(), ReadError> {
        let sign = self.dialect.escape.map(|it| char::from(it).to_string());
        self.append(&sign.unwrap_or_default())
    }

    /// Notes where a record starts.
    fn start_record(&mut self) {
        if self.at == At::Record {
            self.row.start(self.line);
            self.field = 0;
            self.column = 0;
            self.at = At::Field;
        }
    }

    fn append(&mut self, text: &str) -> Result<(), ReadError> {
        self.row.text.push_str(text);
        if (self.row.text.len() - self.field) as u64 <= self.request.limits.cell_bytes {
            return Ok(());
        }
        let what = format!("a field of the record in line {} is longer than a cell may be", thousands(self.row.number));
        Err(too_large(&self.request.name, what))
    }

    /// A delimiter or the end of a line.
    fn stop(&mut self, byte: u8, table: &mut Table<'_, '_>) -> Result<(), ReadError> {
        if byte == self.dialect.delimiter {
            self.start_record();
            self.at = At::Field;
            return self.end_field();
        }
        if byte == 0 {
            return Err(self.zero_byte());
        }
        if self.at != At::Record {
            self.end_record(table)?;
        }
        self.line += 1;
        self.after_return = byte == b'\r';
        Ok(())
    }

    fn end_field(&mut self) -> Result<(), ReadError> {
        if let Some(pair) = self.dialect.pair {
            unfold(&mut self.row.text, self.field, pair);
        }
        self.row.push(self.column, Kind::Text, false, 0, self.field);
        self.field = self.row.text.len();
        self.column += 1;
        if self.column > MAX_COLUMNS {
            let most = thousands(u64::from(MAX_COLUMNS));
            let what = format!("line {} has more than {most} fields", thousands(self.row.number));
            return Err(too_large(&self.request.name, what));
        }
        Ok(())
    }

    fn end_record(&mut self, table: &mut Table<'_, '_>) -> Result<(), ReadError> {
        self.end_field()?;
        self.records += 1;
        self.row.fields = Some(self.column);
        self.at = At::Record;
        self.enough |= table.row(&mut self.row)? == Flow::Enough;
        Ok(())
    }

    fn zero_byte(&self) -> ReadError {
        decode::zero_byte(&shown(&self.request.name), self.line)
    }

    fn after_quote(&self) -> ReadError {
        let message =
            format!("line {} of `{}` has text after a closing quote", thousands(self.line), shown(&self.request.name));
        let help = "put the whole value in quotes, and double the quotes inside it; if a sign is before them, name it with `escape`";
        refuse(&QUOTE, message, help)
    }
}

/// Counts records by other means than the scanner: rows are conserved, or nothing is read.
struct Counter {
    reader: csv_core::Reader,
    out: Vec<u8>,
    ends: Vec<usize>,
    records: u64,
}

impl Counter {
    fn new(dialect: Dialect) -> Counter {
        let mut reader = ReaderBuilder::new();
        let reader = reader.delimiter(dialect.delimiter).quote(dialect.quote).escape(dialect.escape).build();
        Counter { reader, out: vec![0; 1 << 16], ends: vec![0; 1 << 10], records: 0 }
    }

    fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let (result, read, _, _) = self.reader.read_record(bytes, &mut self.out, &mut self.ends);
            bytes = &bytes[read..];
            self.records += u64::from(result == ReadRecordResult::Record);
        }
    }

    fn end(mut self) -> u64 {
        let (result, ..) = self.reader.read_record(&[], &mut self.out, &mut self.ends);
        self.records + u64::from(result == ReadRecordResult::Record)
    }
}
