//! What calamine does not tell of an old workbook: which number format each cell with a number has, and which rows and
//! columns are hidden.

use std::collections::{HashMap, HashSet};

use crate::border::formats::{Formats, built_in};

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
        let sheet = Sheet::read(stream.get(start..)?, &formats.styles);
        Some(Styles { formats, sheet })
    }

    /// The format of a cell with a number.
    pub(super) fn format(&self, row: u32, column: u32) -> Option<u32> {
        self.sheet.formats.get(&(row, column)).copied()
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
    fn read(stream: &[u8], styles: &[u32]) -> Sheet {
        let mut sheet = Sheet::default();
        // Charts inside of a sheet have cells of their own.
        let mut depth = 0_u64;
        for (kind, data) in Records(stream) {
            match kind {
                0x0809 => depth += 1,
                0x000a if depth <= 1 => break,
                0x000a => depth -= 1,
                _ if depth > 1 => (),
                // What is cut off has no format, and is judged by the reader of values.
                _ => drop(sheet.record(kind, data, styles)),
            }
        }
        sheet
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
            0x0208 if half(data, 12)? & 0x20 != 0 => drop(self.hidden_rows.insert(u32::from(half(data, 0)?))),
            0x007d if half(data, 8)? & 1 != 0 => {
                self.hidden_columns.push((u32::from(half(data, 0)?), u32::from(half(data, 2)?)));
            }
            _ => (),
        }
        Some(())
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

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Records one after the other: kind, length, content.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let (kind, length) = (half(self.0, 0)?, usize::from(half(self.0, 2)?));
        let data = self.0.get(4..4 + length)?;
        self.0 = &self.0[4 + length..];
        Some((kind, data))
    }
}
