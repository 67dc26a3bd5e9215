//! Sheets of the versions before there were workbooks, made by hand.

use super::written::put;
use super::*;

/// A sheet of a version with these cells, as records behind the formats and styles.
struct Made {
    version: u8,
    records: Vec<u8>,
}

impl Made {
    fn new(version: u8, page: u16) -> Made {
        let mut records = Vec::new();
        let number = u16::from(version).to_le_bytes();
        match version {
            2 => put(0x0009, &[number[0], 0, 0x10, 0], &mut records),
            3 => put(0x0209, &[0, 3, 0x10, 0, 0, 0], &mut records),
            _ => put(0x0409, &[0, 4, 0x10, 0, 0, 0], &mut records),
        }
        put(0x0042, &page.to_le_bytes(), &mut records);
        for code in ["General", "yyyy-mm-dd", "00000"] {
            let text = [&[code.len() as u8], code.as_bytes()].concat();
            match version {
                4 => put(0x041e, &[&[0, 0], text.as_slice()].concat(), &mut records),
                _ => put(0x001e, &text, &mut records),
            }
        }
        for format in 0..3 {
            match version {
                2 => put(0x0043, &[0, 0, format, 0], &mut records),
                3 => put(0x0243, &[0, format, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &mut records),
                _ => put(0x0443, &[0, format, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], &mut records),
            }
        }
        Made { version, records }
    }

    fn cell(&mut self, kind: u16, row: u16, column: u16, style: u8, value: &[u8]) {
        let attributes: &[u8] = if self.version == 2 { &[style, 0, 0] } else { &[style, 0] };
        let kind = if self.version == 2 || kind == 0x027e { kind } else { kind + 0x0200 };
        let kind = if self.version == 4 && kind == 0x0206 { 0x0406 } else { kind };
        put(kind, &[&row.to_le_bytes(), &column.to_le_bytes(), attributes, value].concat(), &mut self.records);
    }

    fn text(&mut self, row: u16, column: u16, text: &[u8]) {
        let text = self.long(text);
        self.cell(0x0004, row, column, 0, &text);
    }

    fn long(&self, text: &[u8]) -> Vec<u8> {
        let length = text.len() as u16;
        let length = length.to_le_bytes();
        [if self.version == 2 { &length[..1] } else { &length[..] }, text].concat()
    }

    fn end(mut self) -> Vec<u8> {
        put(0x000a, &[], &mut self.records);
        self.records
    }
}

#[test]
fn sheets_from_before_workbooks_are_read() {
    for version in [2, 3, 4] {
        let mut made = Made::new(version, 0x8001);
        for (column, name) in [b"name", b"date", b"code", b"sure", b"made"].into_iter().enumerate() {
            made.text(0, column as u16, name);
        }
        made.text(1, 0, b"Zo\xeb");
        made.cell(0x0003, 1, 1, 1, &45_292_f64.to_le_bytes());
        made.cell(0x0003, 1, 2, 2, &17_f64.to_le_bytes());
        made.cell(0x0005, 1, 3, 0, &[1, 0]);
        made.cell(0x0006, 1, 4, 0, &[1.5_f64.to_le_bytes().as_slice(), &[0; 8]].concat());
        made.text(2, 0, b"Bo");
        match version {
            2 => made.cell(0x0002, 2, 2, 0, &7_u16.to_le_bytes()),
            _ => made.cell(0x027e, 2, 2, 0, &(7_u32 << 2 | 2).to_le_bytes()),
        }
        made.cell(0x0005, 2, 3, 0, &[0x2a, 1]);
        made.cell(0x0006, 2, 4, 0, &[[0, 0, 0, 0, 0, 0, 0xff, 0xff].as_slice(), &[0; 8]].concat());
        let text = made.long(b"na\xefve");
        put(if version == 2 { 0x0007 } else { 0x0207 }, &text, &mut made.records);
        let file = made.end();
        let answer = Case::new("a.xls", &file).shows(&[
            "name|date|code|sure|made",
            "2: Zoë|2024-01-01|00017|true|1.5",
            "3: Bo|·|7|·|naïve",
        ]);
        assert_eq!((answer.trailer.errors.as_slice(), answer.trailer.columns[4].formula), (&["D3".to_owned()][..], 2));
        // What does not come to its end is not read.
        for length in [file.len() - 4, file.len() - 9, 40] {
            Case::new("a.xls", &file[..length]).refused("damaged", "workbook of this kind");
        }
    }
}

#[test]
fn sheets_from_before_workbooks_that_nobody_can_read_are_refused() {
    let case = |change: fn(&mut Made)| {
        let mut made = Made::new(3, 1252);
        made.text(0, 0, b"a");
        change(&mut made);
        Case::new("a.xls", made.end())
    };
    case(|made| put(0x002f, &[0; 6], &mut made.records)).refused("password", "remove the password");
    // A code page of DOS, a cell twice, a formula whose text does not come.
    case(|made| put(0x0042, &437_u16.to_le_bytes(), &mut made.records)).refused("damaged", "workbook of this kind");
    case(|made| made.text(0, 0, b"b")).refused("damaged", "workbook of this kind");
    case(|made| made.cell(0x0006, 1, 0, 0, &[[0, 0, 0, 0, 0, 0, 0xff, 0xff].as_slice(), &[0; 8]].concat()))
        .refused("damaged", "workbook of this kind");
    let mut other = Made::new(4, 1252).end();
    other[6] = 0x20;
    Case::new("a.xls", other).refused("damaged", "workbook of this kind");
}
