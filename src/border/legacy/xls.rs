//! What calamine does not tell of an old workbook: which number format each cell with a number has.

use std::collections::HashMap;

use crate::border::formats::{Formats, built_in};

/// The formats of a workbook and of the cells of one sheet.
pub(super) struct Styles {
    pub(super) formats: Formats,
    /// Indices into the codes of `formats`, by row and column.
    cells: HashMap<(u32, u32), u32>,
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
        let cells = cells(stream.get(start..)?, &formats.styles);
        Some(Styles { formats, cells })
    }

    /// The format of a cell with a number.
    pub(super) fn format(&self, row: u32, column: u32) -> Option<u32> {
        self.cells.get(&(row, column)).copied()
    }
}

/// The formats of the cells of one sheet.
fn cells(stream: &[u8], styles: &[u32]) -> HashMap<(u32, u32), u32> {
    let mut cells = HashMap::new();
    // Charts inside of a sheet have cells of their own.
    let mut depth = 0_u64;
    for (kind, data) in Records(stream) {
        match kind {
            0x0809 => depth += 1,
            0x000a if depth <= 1 => break,
            0x000a => depth -= 1,
            _ if depth > 1 => (),
            // Numbers, short numbers and formulas, these also of older versions.
            0x0203 | 0x027e | 0x0006 | 0x0206 | 0x0406 => {
                let (Some(row), Some(column), Some(style)) = (half(data, 0), half(data, 2), half(data, 4)) else {
                    continue;
                };
                if let Some(format) = styles.get(usize::from(style)) {
                    cells.insert((u32::from(row), u32::from(column)), *format);
                }
            }
            // Several short numbers side by side.
            0x00bd => {
                let (Some(row), Some(first)) = (half(data, 0), half(data, 2)) else { continue };
                let all = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
                for (column, one) in (u32::from(first)..).zip(all.chunks_exact(6)) {
                    if let Some(format) = half(one, 0).and_then(|it| styles.get(usize::from(it))) {
                        cells.insert((u32::from(row), column), *format);
                    }
                }
            }
            _ => (),
        }
    }
    cells
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
