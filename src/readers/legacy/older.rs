//! Worksheets of the versions before there were workbooks (BIFF 2, 3 and 4): a file is one sheet, a row of records and
//! no folder. The library does not know them.
//!
//! Not here: workspaces of version 4, which hold several sheets; they are refused.

use std::collections::{BTreeMap, HashSet};

use encoding_rs::Encoding;

use super::xls::{Given, Records, given, half, is_hidden_row, word};
use crate::readers::formats::Formats;

/// Formats and styles at most.
const MAX: usize = 1 << 12;

/// A sheet, whole.
pub(super) struct Sheet {
    pub(super) formats: Formats,
    /// By row and column.
    pub(super) cells: BTreeMap<(u32, u32), Cell>,
    pub(super) since_1904: bool,
    pub(super) hidden_rows: HashSet<u32>,
    /// First and last.
    pub(super) hidden_columns: Vec<(u32, u32)>,
}

/// What a cell holds.
pub(super) struct Cell {
    pub(super) given: Given,
    pub(super) formula: bool,
    /// The place of its format in those of the sheet.
    pub(super) format: u32,
}

/// Why a sheet is not read.
pub(super) enum Trouble {
    Password,
    Unreadable,
}

/// Whether a file that begins so is a sheet of one of these.
pub(super) fn is_one(start: &[u8]) -> bool {
    let begin = (half(start, 0), half(start, 2), half(start, 6));
    matches!(begin, (Some(0x0009 | 0x0209 | 0x0409), Some(4..=8), Some(0x0010)))
}

/// Reads the records of a file; what is not there to its end is not read.
pub(super) fn read(file: &[u8]) -> Result<Sheet, Trouble> {
    let mut reading = Reading {
        encoding: encoding_rs::WINDOWS_1252,
        codes: Vec::new(),
        styles: Vec::new(),
        style_of_next: None,
        waits: None,
        cells: BTreeMap::new(),
        sheet: Sheet {
            formats: Formats::plain(),
            cells: BTreeMap::new(),
            since_1904: false,
            hidden_rows: HashSet::new(),
            hidden_columns: Vec::new(),
        },
    };
    for (kind, data) in Records(file) {
        match kind {
            0x000a if reading.waits.is_none() => return Ok(reading.end()),
            0x002f => return Err(Trouble::Password),
            _ => reading.record(kind, data).ok_or(Trouble::Unreadable)?,
        }
    }
    Err(Trouble::Unreadable)
}

/// How the number of a cell is shown.
#[derive(Clone, Copy)]
enum Shown {
    Style(usize),
    /// By the number of a format, where there are no styles.
    Format(usize),
}

struct Reading {
    encoding: &'static Encoding,
    codes: Vec<String>,
    /// The number of the format of each style.
    styles: Vec<usize>,
    style_of_next: Option<usize>,
    /// A formula whose text follows.
    waits: Option<(u32, u32)>,
    cells: BTreeMap<(u32, u32), (Given, bool, Shown)>,
    sheet: Sheet,
}

impl Reading {
    /// Takes a record; `None` if it is not understood.
    fn record(&mut self, kind: u16, data: &[u8]) -> Option<()> {
        match kind {
            0x0022 => self.sheet.since_1904 = half(data, 0)? == 1,
            0x0042 => self.encoding = encoding(half(data, 0)?)?,
            0x001e if self.codes.len() < MAX => self.codes.push(self.short_text(data)?),
            0x041e if self.codes.len() < MAX => self.codes.push(self.short_text(data.get(2..)?)?),
            0x0043 if self.styles.len() < MAX => self.styles.push(usize::from(*data.get(2)? & 0x3f)),
            0x0243 | 0x0443 if self.styles.len() < MAX => self.styles.push(usize::from(*data.get(1)?)),
            0x0044 => self.style_of_next = Some(usize::from(half(data, 0)?)),
            0x0208 if is_hidden_row(data)? => drop(self.sheet.hidden_rows.insert(u32::from(half(data, 0)?))),
            0x007d if half(data, 8)? & 1 != 0 || half(data, 4)? == 0 => {
                self.sheet.hidden_columns.push((u32::from(half(data, 0)?), u32::from(half(data, 2)?)));
            }
            0x0007 | 0x0207 => {
                let (text, at) = (self.text(data, kind == 0x0007)?, self.waits.take()?);
                self.cells.get_mut(&at)?.0 = Given::Text(text);
            }
            0x0002..=0x0006 | 0x0203..=0x0206 | 0x0406 | 0x027e => self.cell(kind, data)?,
            _ => (),
        }
        Some(())
    }

    fn cell(&mut self, kind: u16, data: &[u8]) -> Option<()> {
        let at = (u32::from(half(data, 0)?), u32::from(half(data, 2)?));
        // Some programs write records of version 2 into sheets of a later one: a record is of the version of its kind.
        let old = kind < 0x0100;
        let shown = match self.style_of_next.take() {
            Some(style) => Shown::Style(style),
            None if !old => Shown::Style(usize::from(half(data, 4)?)),
            None if self.styles.is_empty() => Shown::Format(usize::from(*data.get(5)? & 0x3f)),
            None => Shown::Style(usize::from(*data.get(4)? & 0x3f)),
        };
        let value = data.get(if old { 7 } else { 6 }..)?;
        let double = || Some(f64::from_le_bytes(value.get(..8)?.try_into().ok()?));
        let formula = matches!(kind, 0x0006 | 0x0206 | 0x0406);
        let found = match kind {
            0x0002 => Given::Number(f64::from(half(value, 0)?)),
            0x0003 | 0x0203 => Given::Number(double()?),
            0x0004 | 0x0204 => Given::Text(self.text(value, old)?),
            0x0005 | 0x0205 if *value.get(1)? != 0 => Given::Error,
            0x0005 | 0x0205 => Given::Boolean(*value.first()? != 0),
            0x027e => Given::Number(short(word(value, 0)?)),
            _ if formula && value.get(..8)?.starts_with(&[0]) && value[6..8] == [0xff, 0xff] => {
                self.waits = Some(at);
                Given::Text(String::new())
            }
            _ => given(value.get(..8)?)?,
        };
        // A cell that comes twice has no one value.
        self.cells.insert(at, (found, formula, shown)).is_none().then_some(())
    }

    /// A text with its length before it: of one byte in records of version 2, else of two.
    fn text(&self, data: &[u8], old: bool) -> Option<String> {
        if old {
            return self.short_text(data);
        }
        let bytes = data.get(2..2 + usize::from(half(data, 0)?))?;
        Some(self.encoding.decode_without_bom_handling(bytes).0.into_owned())
    }

    fn short_text(&self, data: &[u8]) -> Option<String> {
        let bytes = data.get(1..1 + usize::from(*data.first()?))?;
        Some(self.encoding.decode_without_bom_handling(bytes).0.into_owned())
    }

    /// Formats are told apart when all are known.
    fn end(self) -> Sheet {
        let Reading { codes, styles, cells, mut sheet, .. } = self;
        for (at, (given, formula, shown)) in cells {
            let number = match shown {
                Shown::Style(style) => styles.get(style).copied(),
                Shown::Format(number) => Some(number),
            };
            let code = number.and_then(|it| codes.get(it)).map_or("General", String::as_str);
            let format = sheet.formats.intern(code);
            sheet.cells.insert(at, Cell { given, formula, format });
        }
        sheet
    }
}

/// A number of 30 bits: whole, or the upper half of a double; perhaps in hundredths ([MS-XLS] 2.5.217, RkNumber).
pub(super) fn short(bits: u32) -> f64 {
    let number = match bits & 2 {
        0 => f64::from_bits(u64::from(bits & !3) << 32),
        _ => f64::from(bits as i32 >> 2),
    };
    if bits & 1 == 0 { number } else { number / 100.0 }
}

/// The encoding that a code page names; `None` for those that are not known, as those of DOS.
fn encoding(page: u16) -> Option<&'static Encoding> {
    let label = match page {
        874 => "windows-874",
        932 => "shift_jis",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        10_000 | 0x8000 => "macintosh",
        1252 | 0x8001 | 367 => "windows-1252",
        1250..=1258 => return Encoding::for_label(format!("windows-{page}").as_bytes()),
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}
