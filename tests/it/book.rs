//! Workbooks for tests, as small as they can be: texts, numbers, hidden sheets, merged cells.

use std::io::{Cursor, Write};

/// One sheet.
#[derive(Default)]
pub struct Sheet {
    name: String,
    hidden: bool,
    merged: Vec<String>,
    rows: Vec<(usize, Vec<String>)>,
}

/// A sheet of lines, cells apart by `|`; `#12` is a number, `!#N/A` an error, and an empty line is none.
pub fn sheet(name: &str, lines: &str) -> Sheet {
    let rows = lines.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let cells = |line: &str| line.split('|').map(|it| it.trim().to_owned()).collect();
    let rows = rows.map(|(at, line)| (at + 1, cells(line))).collect();
    Sheet { name: name.to_owned(), rows, ..Sheet::default() }
}

impl Sheet {
    pub fn hidden(mut self) -> Sheet {
        self.hidden = true;
        self
    }

    pub fn merged(mut self, range: &str) -> Sheet {
        self.merged.push(range.to_owned());
        self
    }

    fn part(&self) -> String {
        let mut out = String::from("<worksheet><sheetData>");
        for (row, cells) in &self.rows {
            out.push_str(&format!(r#"<row r="{row}">"#));
            for (at, text) in cells.iter().enumerate().filter(|(_, it)| !it.is_empty()) {
                let place = format!("{}{row}", letters(at));
                if let Some(error) = text.strip_prefix('!').filter(|it| it.starts_with('#')) {
                    out.push_str(&format!(r#"<c r="{place}" t="e"><v>{error}</v></c>"#));
                    continue;
                }
                match text.strip_prefix('#').filter(|it| it.parse::<f64>().is_ok()) {
                    Some(number) => out.push_str(&format!(r#"<c r="{place}"><v>{number}</v></c>"#)),
                    None => out.push_str(&format!(
                        r#"<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{}</t></is></c>"#,
                        escaped(text)
                    )),
                }
            }
            out.push_str("</row>");
        }
        out.push_str("</sheetData>");
        if !self.merged.is_empty() {
            let cells: String = self.merged.iter().map(|it| format!(r#"<mergeCell ref="{it}"/>"#)).collect();
            out.push_str(&format!("<mergeCells>{cells}</mergeCells>"));
        }
        out + "</worksheet>"
    }
}

/// The bytes of a workbook.
pub fn book(sheets: &[Sheet]) -> Vec<u8> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!(r#"<Relationship Id="{id}" Type="http://x/{kind}" Target="{target}"/>"#)
    };
    let relations = |inside: &str| format!("<Relationships>{inside}</Relationships>");
    let (mut list, mut related) = (String::new(), String::new());
    let mut parts = vec![("_rels/.rels".to_owned(), relations(&relation("a", "officeDocument", "xl/workbook.xml")))];
    for (at, sheet) in sheets.iter().enumerate() {
        let state = if sheet.hidden { r#" state="hidden""# } else { "" };
        list.push_str(&format!(r#"<sheet name="{}"{state} r:id="s{at}"/>"#, escaped(&sheet.name)));
        related.push_str(&relation(&format!("s{at}"), "worksheet", &format!("sheet{at}.xml")));
        parts.push((format!("xl/sheet{at}.xml"), sheet.part()));
    }
    parts.push(("xl/workbook.xml".to_owned(), format!(r#"<workbook xmlns:r="r"><sheets>{list}</sheets></workbook>"#)));
    parts.push(("xl/_rels/workbook.xml.rels".to_owned(), relations(&related)));
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, part) in parts {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        writer.write_all(part.as_bytes()).expect("written");
    }
    writer.finish().expect("a workbook").into_inner()
}

fn letters(column: usize) -> String {
    let last = char::from(b'A' + u8::try_from(column % 26).expect("a letter"));
    match column / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letters(more - 1)),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
