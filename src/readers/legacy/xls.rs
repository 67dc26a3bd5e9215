//! What calamine does not tell of an old workbook: which number format each cell with a number has, which rows and
//! columns are hidden, long texts of formulas, and what formulas of older versions give.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::readers::formats::{Formats, built_in};

/// The formats of a workbook and of the cells of one sheet.
pub(super) struct Styles {
    pub(super) formats: Formats,
    sheet: Sheet,
}

/// What is known of the cells of one sheet.
#[derive(Default)]
struct Sheet {
    /// Indices into the codes of the formats, by row and column.
    formats: HashMap<(u32, u32), u32>,
    hidden_rows: HashSet<u32>,
    /// First and last.
    hidden_columns: Vec<(u32, u32)>,
    /// In order of rows.
    given: BTreeMap<(u32, u32), Given>,
}

/// What a formula gave, where the library does not tell it or cuts it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Given {
    Number(f64),
    Boolean(bool),
    Text(String),
    Error,
}

/// Whether the texts of a workbook are Unicode, whatever code page it names.
pub(super) fn is_unicode(stream: &[u8]) -> bool {
    Records(stream).next().is_some_and(|(kind, data)| kind == 0x0809 && half(data, 0) == Some(0x0600))
}

/// Styles and formats at most; a workbook has 4 050 of one and fewer of the other.
const MAX: usize = 1 << 16;

impl Styles {
    /// Reads the stream of a workbook; `sheet` counts the sheets as they are listed.
    pub(super) fn read(stream: &[u8], sheet: usize) -> Option<Styles> {
        let mut formats = Formats::plain();
        let (mut own, mut styles, mut starts) = (HashMap::new(), Vec::new(), Vec::new());
        let mut wide = true;
        for (kind, data) in Records(stream) {
            match kind {
                // The beginning: versions before the last have texts of one byte a letter.
                0x0809 => wide = half(data, 0) != Some(0x0500),
                0x041e if own.len() < MAX => {
                    if let Some((id, code)) = format(data, wide) {
                        own.insert(id, code);
                    }
                }
                0x00e0 if styles.len() < MAX => styles.push(half(data, 2).unwrap_or(0)),
                0x0085 => starts.push(word(data, 0)?),
                0x000a => break,
                _ => (),
            }
        }
        for id in styles {
            let at = match own.get(&id) {
                Some(code) => formats.intern(code),
                None => formats.intern(built_in(u32::from(id))),
            };
            formats.styles.push(at);
        }
        let start = *starts.get(sheet)? as usize;
        let sheet = Sheet::read(stream.get(start..)?, &formats.styles, wide)?;
        Some(Styles { formats, sheet })
    }

    /// The format of a cell with a number.
    pub(super) fn format(&self, row: u32, column: u32) -> Option<u32> {
        self.sheet.formats.get(&(row, column)).copied()
    }

    /// What formulas gave, in order.
    pub(super) fn given(&self) -> &BTreeMap<(u32, u32), Given> {
        &self.sheet.given
    }

    /// Whether a row is hidden.
    pub(super) fn is_hidden(&self, row: u32) -> bool {
        self.sheet.hidden_rows.contains(&row)
    }

    /// The hidden columns, first and last.
    pub(super) fn hidden_columns(&self) -> &[(u32, u32)] {
        &self.sheet.hidden_columns
    }
}

impl Sheet {
    /// `None` if a text or a result is there that is not understood.
    fn read(stream: &[u8], styles: &[u32], wide: bool) -> Option<Sheet> {
        let mut sheet = Sheet::default();
        // Charts inside of a sheet have cells of their own.
        let (mut depth, mut at) = (0_u64, None);
        let mut records = Records(stream).peekable();
        while let Some((kind, data)) = records.next() {
            match kind {
                0x0809 => depth += 1,
                0x000a if depth <= 1 => break,
                0x000a => depth -= 1,
                _ if depth > 1 => (),
                // The text of a formula, which may go on in other records.
                0x0207 if wide => {
                    let mut text = Long::new(data);
                    let mut parts = 0;
                    while let Some((_, more)) = records.next_if(|(kind, _)| *kind == 0x003c) {
                        text.go_on(more);
                        parts += 1;
                    }
                    let text = text.end()?;
                    if parts > 0 {
                        sheet.given.insert(at?, Given::Text(text));
                    }
                }
                // What is cut off has no format, and is judged by the reader of values.
                _ => {
                    let _ = sheet.record(kind, data, styles);
                    match kind {
                        0x0006 => at = place(data),
                        0x0206 | 0x0406 => drop(sheet.given.insert(place(data)?, given(data.get(6..14)?)?)),
                        _ => (),
                    }
                }
            }
        }
        Some(sheet)
    }

    fn record(&mut self, kind: u16, data: &[u8], styles: &[u32]) -> Option<()> {
        match kind {
            // Numbers, short numbers and formulas, these also of older versions.
            0x0203 | 0x027e | 0x0006 | 0x0206 | 0x0406 => {
                let (row, column) = (half(data, 0)?, half(data, 2)?);
                let format = styles.get(usize::from(half(data, 4)?))?;
                self.formats.insert((u32::from(row), u32::from(column)), *format);
            }
            // Several short numbers side by side.
            0x00bd => {
                let (row, first) = (half(data, 0)?, half(data, 2)?);
                let all = data.get(4..data.len().checked_sub(2)?)?;
                for (column, one) in (u32::from(first)..).zip(all.chunks_exact(6)) {
                    if let Some(format) = styles.get(usize::from(half(one, 0)?)) {
                        self.formats.insert((u32::from(row), column), *format);
                    }
                }
            }
            // A row, and columns.
            0x0208 if is_hidden_row(data)? => drop(self.hidden_rows.insert(u32::from(half(data, 0)?))),
            0x007d if half(data, 8)? & 1 != 0 || half(data, 4)? == 0 => {
                self.hidden_columns.push((u32::from(half(data, 0)?), u32::from(half(data, 2)?)));
            }
            _ => (),
        }
        Some(())
    }
}

/// Whether a row is hidden, or has a height of its own that is none.
pub(super) fn is_hidden_row(data: &[u8]) -> Option<bool> {
    let flags = half(data, 12)?;
    Some(flags & 0x20 != 0 || flags & 0x40 != 0 && half(data, 6)? & 0x7fff == 0)
}

/// The row and column of a cell.
fn place(data: &[u8]) -> Option<(u32, u32)> {
    Some((u32::from(half(data, 0)?), u32::from(half(data, 2)?)))
}

/// What a formula gave that is no text, by its eight bytes.
pub(super) fn given(result: &[u8]) -> Option<Given> {
    let result: [u8; 8] = result.try_into().ok()?;
    match result {
        [1, _, truth, .., 0xff, 0xff] => Some(Given::Boolean(truth != 0)),
        [2, .., 0xff, 0xff] => Some(Given::Error),
        [3, .., 0xff, 0xff] => Some(Given::Text(String::new())),
        [.., 0xff, 0xff] => None,
        number => Some(Given::Number(f64::from_le_bytes(number))),
    }
}

/// A text over several records.
struct Long {
    units: Vec<u16>,
    length: usize,
}

impl Long {
    fn new(data: &[u8]) -> Long {
        let mut text = Long { units: Vec::new(), length: usize::from(half(data, 0).unwrap_or(0)) };
        text.go_on(data.get(2..).unwrap_or_default());
        text
    }

    /// Each record says whether its letters take one byte or two.
    fn go_on(&mut self, data: &[u8]) {
        let Some((flags, letters)) = data.split_first() else { return };
        match flags & 1 {
            0 => self.units.extend(letters.iter().map(|it| u16::from(*it))),
            _ => self.units.extend(letters.chunks_exact(2).map(|it| u16::from_le_bytes([it[0], it[1]]))),
        }
    }

    /// The text; `None` if it is not all there.
    fn end(self) -> Option<String> {
        String::from_utf16(self.units.get(..self.length)?).ok()
    }
}

/// A number format: its number and its code.
fn format(data: &[u8], wide: bool) -> Option<(u16, String)> {
    let id = half(data, 0)?;
    if !wide {
        let length = usize::from(*data.get(2)?);
        let text = data.get(3..3 + length)?;
        return Some((id, text.iter().map(|it| char::from(*it)).collect()));
    }
    let length = usize::from(half(data, 2)?);
    let text = data.get(5..)?;
    let code = match data.get(4)? & 1 {
        0 => text.get(..length)?.iter().map(|it| char::from(*it)).collect(),
        _ => {
            let units: Vec<u16> =
                text.get(..2 * length)?.chunks_exact(2).map(|it| u16::from_le_bytes([it[0], it[1]])).collect();
            String::from_utf16_lossy(&units)
        }
    };
    Some((id, code))
}

pub(super) fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

pub(super) fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Records one after the other: kind, length, content.
pub(super) struct Records<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let (kind, length) = (half(self.0, 0)?, usize::from(half(self.0, 2)?));
        let data = self.0.get(4..4 + length)?;
        self.0 = &self.0[4 + length..];
        Some((kind, data))
    }
}
