//! The parts of a workbook that hold no data, as text: ECMA-376, written as Excel 2007 and later read it.
//!
//! Nothing here depends on a clock, a user or a locale.

use super::sheet::{Sheet, Style};
use std::fmt::Write as _;

/// Stands at the beginning of every part.
pub const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
/// The program, without a version: another one must not change the bytes.
pub const APP: &str = "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\">\
    <Application>hotpass</Application></Properties>";
/// Times that Excel asks for; they are the same in every workbook.
pub const CORE: &str = "<cp:coreProperties \
    xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
    xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
    xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\
    <dcterms:created xsi:type=\"dcterms:W3CDTF\">2000-01-01T00:00:00Z</dcterms:created>\
    <dcterms:modified xsi:type=\"dcterms:W3CDTF\">2000-01-01T00:00:00Z</dcterms:modified></cp:coreProperties>";
/// What the archive holds first of all.
const RELATIONS: &str = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
    Target=\"xl/workbook.xml\"/>\
    <Relationship Id=\"rId2\" \
    Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" \
    Target=\"docProps/core.xml\"/>\
    <Relationship Id=\"rId3\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/extended-properties\" \
    Target=\"docProps/app.xml\"/></Relationships>";

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// The style of a cell without one.
pub const GENERAL: usize = 0;
/// The style of a header.
pub const HEADER: usize = 1;
/// The style of a heading in the summary.
pub const BOLD: usize = 2;
/// The style of a share.
pub const SHARE: usize = 3;
/// The style of a text that stays one.
const QUOTED: usize = 4;

/// The fills: header, then scores of at least 0.8, 0.6, 0.4, and below.
const FILLS: [&str; 5] = ["366092", "C6EFCE", "FFEB9C", "FFC7CE", "FF0000"];
/// The first fill of a score; two come before that Excel fixes, and one is the header's.
const SCORES: usize = 3;
/// The fills of marks, as [`super::sheet::Mark`] has them: three of those of scores.
const MARKS: [usize; 3] = [SCORES, SCORES + 2, SCORES + 1];
/// The first number format that is not built in.
const FORMATS: usize = 164;

/// The styles of a workbook: a few fixed ones, and behind them those of each sheet.
pub struct Styles {
    formats: Vec<String>,
    more: Vec<Look>,
}

/// A style after the fixed ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Number format and fill of the cells of a column.
    Column(usize, usize),
    /// Number format and fill of a marked cell, and whether it is a guarded text.
    Marked(usize, usize, bool),
    /// Number format of a sum.
    Sum(usize),
}

/// The styles of one sheet.
#[derive(Default)]
pub struct SheetStyles {
    /// The style of each column.
    columns: Vec<usize>,
    /// The first of the four styles of the column of scores.
    scores: usize,
    /// The first of the styles of marked cells: three for each column, and three for guarded texts.
    marks: usize,
    /// The style of the sum of each column.
    sums: Vec<usize>,
}

impl Styles {
    /// None but the fixed ones.
    pub fn new() -> Styles {
        Styles { formats: vec!["0.0%".to_owned()], more: Vec::new() }
    }

    /// Adds the styles of a sheet whose columns have these number formats.
    pub fn sheet(&mut self, codes: &[Option<String>], score: Option<usize>, marked: bool, sums: bool) -> SheetStyles {
        let formats: Vec<usize> = codes.iter().map(|it| self.format(it.as_deref())).collect();
        let mut own = SheetStyles::default();
        for format in &formats {
            own.columns.push(if *format == 0 { GENERAL } else { self.known(Look::Column(*format, 0)) });
        }
        if let Some(format) = score.and_then(|it| formats.get(it)) {
            own.scores = self.next();
            self.more.extend((SCORES..SCORES + 4).map(|fill| Look::Column(*format, fill)));
        }
        if marked {
            own.marks = self.next();
            for format in &formats {
                self.more.extend(MARKS.map(|fill| Look::Marked(*format, fill, false)));
            }
            self.more.extend(MARKS.map(|fill| Look::Marked(0, fill, true)));
        }
        if sums {
            own.sums = formats.iter().map(|it| self.known(Look::Sum(*it))).collect();
        }
        own
    }

    fn format(&mut self, code: Option<&str>) -> usize {
        let Some(code) = code else { return 0 };
        let known = self.formats.iter().position(|it| it == code).unwrap_or_else(|| {
            self.formats.push(code.to_owned());
            self.formats.len() - 1
        });
        FORMATS + known
    }

    fn next(&self) -> usize {
        QUOTED + 1 + self.more.len()
    }

    fn known(&mut self, look: Look) -> usize {
        let known = self.more.iter().position(|it| *it == look).unwrap_or_else(|| {
            self.more.push(look);
            self.more.len() - 1
        });
        QUOTED + 1 + known
    }

    /// `xl/styles.xml`.
    pub fn part(&self) -> String {
        let mut text = format!("<styleSheet xmlns=\"{MAIN}\"><numFmts count=\"{}\">", self.formats.len());
        for (id, code) in (FORMATS..).zip(&self.formats) {
            let _ = write!(text, "<numFmt numFmtId=\"{id}\" formatCode=\"{}\"/>", attribute(code));
        }
        let name = "<name val=\"Calibri\"/><family val=\"2\"/>";
        let _ = write!(
            text,
            "</numFmts><fonts count=\"3\"><font><sz val=\"11\"/>{name}</font>\
             <font><b/><sz val=\"12\"/><color rgb=\"FFFFFFFF\"/>{name}</font><font><b/><sz val=\"11\"/>{name}</font></fonts>\
             <fills count=\"{}\"><fill><patternFill patternType=\"none\"/></fill>\
             <fill><patternFill patternType=\"gray125\"/></fill>",
            FILLS.len() + 2
        );
        for fill in FILLS {
            let _ = write!(
                text,
                "<fill><patternFill patternType=\"solid\"><fgColor rgb=\"FF{fill}\"/><bgColor indexed=\"64\"/></patternFill></fill>"
            );
        }
        text.push_str(
            "</fills><borders count=\"2\"><border><left/><right/><top/><bottom/><diagonal/></border><border>",
        );
        for side in ["left", "right", "top", "bottom"] {
            let _ = write!(text, "<{side} style=\"thin\"><color auto=\"1\"/></{side}>");
        }
        let _ = write!(
            text,
            "<diagonal/></border></borders>\
             <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
             <cellXfs count=\"{}\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
             <xf numFmtId=\"0\" fontId=\"1\" fillId=\"2\" borderId=\"1\" xfId=\"0\" applyFont=\"1\" applyFill=\"1\" \
             applyBorder=\"1\" applyAlignment=\"1\"><alignment horizontal=\"center\" vertical=\"center\" wrapText=\"1\"/></xf>\
             <xf numFmtId=\"0\" fontId=\"2\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyFont=\"1\"/>\
             <xf numFmtId=\"{FORMATS}\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
             <xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" quotePrefix=\"1\"/>",
            self.next()
        );
        for look in &self.more {
            let (format, fill, font, rest) = match *look {
                Look::Column(format, fill) => (format, fill, 0, " applyFill=\"1\""),
                Look::Marked(format, fill, false) => (format, fill, 2, " applyFont=\"1\" applyFill=\"1\""),
                Look::Marked(format, fill, true) => {
                    (format, fill, 2, " applyFont=\"1\" applyFill=\"1\" quotePrefix=\"1\"")
                }
                Look::Sum(format) => (format, 0, 2, " applyFont=\"1\""),
            };
            let _ = write!(
                text,
                "<xf numFmtId=\"{format}\" fontId=\"{font}\" fillId=\"{fill}\" borderId=\"0\" xfId=\"0\" \
                 applyNumberFormat=\"1\"{rest}/>"
            );
        }
        text.push_str(
            "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>\
             <dxfs count=\"1\"><dxf><fill><patternFill><bgColor rgb=\"FFF0F0F0\"/></patternFill></fill></dxf></dxfs>\
             <tableStyles count=\"0\"/></styleSheet>",
        );
        text
    }
}

impl SheetStyles {
    /// The style of a cell in the column at `index`.
    pub fn of(&self, index: usize, style: Style) -> usize {
        match style {
            Style::Plain => self.columns[index],
            Style::Quoted => QUOTED,
            Style::Marked(mark, quoted) => {
                let group = if quoted { self.columns.len() } else { index };
                self.marks + MARKS.len() * group + mark as usize
            }
            Style::Score(it) if it >= 0.8 => self.scores,
            Style::Score(it) if it >= 0.6 => self.scores + 1,
            Style::Score(it) if it >= 0.4 => self.scores + 2,
            Style::Score(_) => self.scores + 3,
        }
    }

    /// The style of the sum of a column.
    pub fn sum(&self, index: usize) -> usize {
        self.sums.get(index).copied().unwrap_or(BOLD)
    }
}

/// All of a sheet before its rows; columns with width and style.
pub fn sheet_head(first: bool, frozen: bool, sheet: &Sheet, columns: &[(usize, usize)]) -> String {
    let selected = if first { " tabSelected=\"1\"" } else { "" };
    let drawn = if sheet.notes.is_empty() { String::new() } else { format!(" xmlns:r=\"{OFFICE}\"") };
    let fits = if sheet.print { "<sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr>" } else { "" };
    let mut text = format!(
        "{DECLARATION}<worksheet xmlns=\"{MAIN}\"{drawn}>{fits}<sheetViews><sheetView{selected} workbookViewId=\"0\">"
    );
    if frozen {
        text.push_str("<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>");
        text.push_str("<selection pane=\"bottomLeft\"/>");
    }
    text.push_str("</sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/>");
    if columns.is_empty() {
        return text;
    }
    text.push_str("<cols>");
    for (number, (width, style)) in (1..).zip(columns) {
        // Five pixels of margin, of seven each a digit of Calibri 11 has: ECMA-376, 18.3.1.13.
        let _ = write!(text, "<col min=\"{number}\" max=\"{number}\" width=\"{width}.7109375\"");
        if *style != GENERAL {
            let _ = write!(text, " style=\"{style}\"");
        }
        text.push_str(" customWidth=\"1\"/>");
    }
    text.push_str("</cols>");
    text
}

/// All of a sheet behind its rows, filter and rules.
pub fn sheet_end(sheet: &Sheet) -> String {
    let margins =
        "<pageMargins left=\"0.7\" right=\"0.7\" top=\"0.75\" bottom=\"0.75\" header=\"0.3\" footer=\"0.3\"/>";
    // As wide as a page, and as many pages as it takes.
    let print = if sheet.print { "<pageSetup orientation=\"landscape\" fitToHeight=\"0\"/>" } else { "" };
    let notes = if sheet.notes.is_empty() { "" } else { "<legacyDrawing r:id=\"rId1\"/>" };
    format!("{margins}{print}{notes}</worksheet>")
}

/// The rule that shades every second row of `areas`.
pub fn stripes(areas: &str) -> String {
    format!(
        "<conditionalFormatting sqref=\"{areas}\"><cfRule type=\"expression\" dxfId=\"0\" priority=\"1\">\
         <formula>MOD(ROW(),2)=0</formula></cfRule></conditionalFormatting>"
    )
}

/// `xl/workbook.xml` with its sheets.
pub fn workbook(sheets: &[Sheet]) -> String {
    let mut text = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><bookViews><workbookView xWindow=\"240\" yWindow=\"15\" \
         windowWidth=\"16095\" windowHeight=\"9660\"/></bookViews><sheets>"
    );
    for (number, sheet) in (1..).zip(sheets) {
        let name = attribute(&sheet.name);
        let _ = write!(text, "<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
    }
    text.push_str("</sheets>");
    let mut names = String::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let name = attribute(&sheet.name.replace('\'', "''"));
        // Excel keeps the area of a filter under this name too, and LibreOffice looks for it.
        if let Some(area) = &sheet.filter {
            let _ = write!(
                names,
                "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"{index}\" hidden=\"1\">'{name}'!{area}</definedName>"
            );
        }
        if sheet.print {
            let _ = write!(
                names,
                "<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"{index}\">'{name}'!$1:$1</definedName>"
            );
        }
    }
    if !names.is_empty() {
        let _ = write!(text, "<definedNames>{names}</definedNames>");
    }
    text.push_str("</workbook>");
    text
}

/// `xl/_rels/workbook.xml.rels`.
pub fn workbook_relations(sheets: usize) -> String {
    let mut text = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">".to_owned();
    for number in 1..=sheets {
        let _ = write!(
            text,
            "<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet{number}.xml\"/>"
        );
    }
    let number = sheets + 1;
    let _ = write!(
        text,
        "<Relationship Id=\"rId{number}\" Type=\"{OFFICE}/styles\" Target=\"styles.xml\"/></Relationships>"
    );
    text
}

/// `_rels/.rels`, with one for properties by name where there are some.
pub fn relations(noted: bool) -> String {
    if !noted {
        return RELATIONS.to_owned();
    }
    let custom = format!(
        "<Relationship Id=\"rId4\" Type=\"{OFFICE}/custom-properties\" Target=\"docProps/custom.xml\"/></Relationships>"
    );
    RELATIONS.replace("</Relationships>", &custom)
}

/// `docProps/custom.xml`: properties by name.
pub fn custom(properties: &[(String, String)]) -> String {
    let office = "http://schemas.openxmlformats.org/officeDocument/2006";
    let mut text = format!("<Properties xmlns=\"{office}/custom-properties\" xmlns:vt=\"{office}/docPropsVTypes\">");
    // The first two numbers are kept for others.
    for (number, (name, value)) in (2..).zip(properties) {
        let mut shown = Vec::new();
        escape(&mut shown, value);
        let _ = write!(
            text,
            "<property fmtid=\"{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}\" pid=\"{number}\" name=\"{}\"><vt:lpwstr>{}</vt:lpwstr></property>",
            attribute(&crate::escape::line(name)),
            String::from_utf8_lossy(&shown)
        );
    }
    text.push_str("</Properties>");
    text
}

/// `[Content_Types].xml`, of a workbook that has properties by name or has not.
pub fn content_types(sheets: &[Sheet], noted: bool) -> String {
    let sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    let package = "application/vnd.openxmlformats-package";
    let mut text = format!(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"{package}.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
         <Override PartName=\"/docProps/app.xml\" \
         ContentType=\"application/vnd.openxmlformats-officedocument.extended-properties+xml\"/>\
         <Override PartName=\"/docProps/core.xml\" ContentType=\"{package}.core-properties+xml\"/>\
         <Override PartName=\"/xl/styles.xml\" ContentType=\"{sheet}.styles+xml\"/>\
         <Override PartName=\"/xl/workbook.xml\" ContentType=\"{sheet}.sheet.main+xml\"/>"
    );
    for number in 1..=sheets.len() {
        let _ = write!(
            text,
            "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" ContentType=\"{sheet}.worksheet+xml\"/>"
        );
    }
    let drawn = || (1..).zip(sheets).filter(|(_, it)| !it.notes.is_empty()).map(|(number, _)| number);
    for number in drawn() {
        let _ = write!(text, "<Override PartName=\"/xl/comments{number}.xml\" ContentType=\"{sheet}.comments+xml\"/>");
    }
    if drawn().next().is_some() {
        let drawing = "application/vnd.openxmlformats-officedocument.vmlDrawing";
        let _ = write!(text, "<Default Extension=\"vml\" ContentType=\"{drawing}\"/>");
    }
    if noted {
        text.push_str(
            "<Override PartName=\"/docProps/custom.xml\" \
             ContentType=\"application/vnd.openxmlformats-officedocument.custom-properties+xml\"/>",
        );
    }
    text.push_str("</Types>");
    text
}

fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Writes `text` as XML has it, and what XML does not have as Excel writes it: `_x0001_`.
pub fn escape(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut done = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let (replacement, length): (&[u8], usize) = match byte {
            b'&' => (b"&amp;", 1),
            b'<' => (b"&lt;", 1),
            b'>' => (b"&gt;", 1),
            b'_' if is_escape(&bytes[at..]) => (b"_x005F_", 1),
            0xEF if bytes[at..].starts_with("\u{fffe}".as_bytes()) => (b"_xFFFE_", 3),
            0xEF if bytes[at..].starts_with("\u{ffff}".as_bytes()) => (b"_xFFFF_", 3),
            b'\t' | b'\n' | b' '.. => continue,
            control => {
                out.extend_from_slice(&bytes[done..at]);
                let _ = std::io::Write::write_fmt(out, format_args!("_x{control:04X}_"));
                done = at + 1;
                continue;
            }
        };
        out.extend_from_slice(&bytes[done..at]);
        out.extend_from_slice(replacement);
        done = at + length;
    }
    out.extend_from_slice(&bytes[done..]);
}

/// Whether a text would be read as an escaped character: `_x0041_`.
fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'_', b'x', a, b, c, d, b'_', ..] if [a, b, c, d].iter().all(|it| it.is_ascii_hexdigit()))
}
