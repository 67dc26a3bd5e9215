//! The parts of a workbook that hold no data, as text: ECMA-376, written as Excel 2007 and later read it.
//!
//! Nothing here depends on a clock, a user or a locale.

use std::fmt::Write as _;

use super::book::{Kind, Style};

/// Stands at the beginning of every part.
pub const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
/// The end of a sheet.
pub const SHEET_END: &str =
    "<pageMargins left=\"0.7\" right=\"0.7\" top=\"0.75\" bottom=\"0.75\" header=\"0.3\" footer=\"0.3\"/></worksheet>";
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
/// The fills of marks, as [`super::book::Mark`] has them: three of those of scores.
const MARKS: [usize; 3] = [SCORES, SCORES + 2, SCORES + 1];
/// The first number format that is not built in.
const FORMATS: usize = 164;

/// The styles of a workbook: a few fixed ones, one for each kind of column, and four for scores.
pub struct Styles {
    formats: Vec<String>,
    /// Number format and fill of the styles after the fixed ones.
    more: Vec<(usize, usize)>,
    /// The style of each column.
    columns: Vec<usize>,
    /// The first of the four styles of the column of scores.
    scores: usize,
    /// Number format, fill and guard of the styles of marked cells, which come last: three for each column, and three
    /// for guarded texts.
    marks: Vec<(usize, usize, bool)>,
}

impl Styles {
    /// The styles of columns of these kinds.
    pub fn new(kinds: &[Kind], score: Option<usize>, marked: bool) -> Styles {
        let formats = vec!["0.0%".to_owned()];
        let mut styles = Styles { formats, more: Vec::new(), columns: Vec::new(), scores: 0, marks: Vec::new() };
        for kind in kinds {
            let style = match styles.format(*kind) {
                0 => GENERAL,
                format => styles.style(format, 0),
            };
            styles.columns.push(style);
        }
        if let Some(kind) = score.and_then(|it| kinds.get(it)) {
            let format = styles.format(*kind);
            styles.scores = QUOTED + 1 + styles.more.len();
            styles.more.extend((SCORES..SCORES + 4).map(|fill| (format, fill)));
        }
        if marked {
            for kind in kinds {
                let format = styles.format(*kind);
                styles.marks.extend(MARKS.map(|fill| (format, fill, false)));
            }
            styles.marks.extend(MARKS.map(|fill| (0, fill, true)));
        }
        styles
    }

    /// The style of a cell in the column at `index`.
    pub fn of(&self, index: usize, style: Style) -> usize {
        match style {
            Style::Plain => self.columns[index],
            Style::Quoted => QUOTED,
            Style::Marked(mark, quoted) => {
                let group = if quoted { self.columns.len() } else { index };
                QUOTED + 1 + self.more.len() + MARKS.len() * group + mark as usize
            }
            Style::Score(it) if it >= 0.8 => self.scores,
            Style::Score(it) if it >= 0.6 => self.scores + 1,
            Style::Score(it) if it >= 0.4 => self.scores + 2,
            Style::Score(_) => self.scores + 3,
        }
    }

    fn format(&mut self, kind: Kind) -> usize {
        let code = match kind {
            Kind::General => return 0,
            Kind::Date => "yyyy-mm-dd".to_owned(),
            Kind::Timestamp => "yyyy-mm-dd hh:mm:ss".to_owned(),
            Kind::Decimal(0) => "0".to_owned(),
            Kind::Decimal(places) => format!("0.{}", "0".repeat(usize::from(places))),
        };
        let known = self.formats.iter().position(|it| *it == code).unwrap_or_else(|| {
            self.formats.push(code);
            self.formats.len() - 1
        });
        FORMATS + known
    }

    fn style(&mut self, format: usize, fill: usize) -> usize {
        let known = self.more.iter().position(|it| *it == (format, fill)).unwrap_or_else(|| {
            self.more.push((format, fill));
            self.more.len() - 1
        });
        QUOTED + 1 + known
    }

    /// `xl/styles.xml`.
    pub fn part(&self) -> String {
        let mut text = format!("<styleSheet xmlns=\"{MAIN}\"><numFmts count=\"{}\">", self.formats.len());
        for (id, code) in (FORMATS..).zip(&self.formats) {
            let _ = write!(text, "<numFmt numFmtId=\"{id}\" formatCode=\"{code}\"/>");
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
            QUOTED + 1 + self.more.len() + self.marks.len()
        );
        for (format, fill) in &self.more {
            let _ = write!(
                text,
                "<xf numFmtId=\"{format}\" fontId=\"0\" fillId=\"{fill}\" borderId=\"0\" xfId=\"0\" \
                 applyNumberFormat=\"1\" applyFill=\"1\"/>"
            );
        }
        for (format, fill, quoted) in &self.marks {
            let guard = if *quoted { " quotePrefix=\"1\"" } else { "" };
            let _ = write!(
                text,
                "<xf numFmtId=\"{format}\" fontId=\"2\" fillId=\"{fill}\" borderId=\"0\" xfId=\"0\" \
                 applyNumberFormat=\"1\" applyFont=\"1\" applyFill=\"1\"{guard}/>"
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

/// All of a sheet before its rows; columns with width and style.
pub fn sheet_head(first: bool, frozen: bool, columns: &[(usize, usize)]) -> String {
    let selected = if first { " tabSelected=\"1\"" } else { "" };
    let mut text =
        format!("{DECLARATION}<worksheet xmlns=\"{MAIN}\"><sheetViews><sheetView{selected} workbookViewId=\"0\">");
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

/// The rule that shades every second row of `areas`.
pub fn stripes(areas: &str) -> String {
    format!(
        "<conditionalFormatting sqref=\"{areas}\"><cfRule type=\"expression\" dxfId=\"0\" priority=\"1\">\
         <formula>MOD(ROW(),2)=0</formula></cfRule></conditionalFormatting>"
    )
}

/// `xl/workbook.xml` with its sheets and the area of the filter of each, if it has one.
pub fn workbook(sheets: &[&str], filters: impl Iterator<Item = Option<String>>) -> String {
    let mut text = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><bookViews><workbookView xWindow=\"240\" yWindow=\"15\" \
         windowWidth=\"16095\" windowHeight=\"9660\"/></bookViews><sheets>"
    );
    for (number, name) in (1..).zip(sheets) {
        let name = attribute(name);
        let _ = write!(text, "<sheet name=\"{name}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
    }
    text.push_str("</sheets>");
    let mut names = String::new();
    for (index, (name, area)) in sheets.iter().zip(filters).enumerate() {
        // Excel keeps the area of a filter under this name too, and LibreOffice looks for it.
        if let Some(area) = area {
            let name = attribute(&name.replace('\'', "''"));
            let _ = write!(
                names,
                "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"{index}\" hidden=\"1\">'{name}'!{area}</definedName>"
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
pub fn content_types(sheets: usize, noted: bool) -> String {
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
    for number in 1..=sheets {
        let _ = write!(
            text,
            "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" ContentType=\"{sheet}.worksheet+xml\"/>"
        );
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
