//! The parts of an OpenDocument workbook that hold no data, as text: OASIS OpenDocument 1.3.
//!
//! Nothing here depends on a clock, a user or a locale.

use std::fmt::Write as _;

use super::super::sheet::{Sheet, letters};

/// The kind of the file.
pub const KIND: &str = "application/vnd.oasis.opendocument.spreadsheet";
/// What the archive holds.
pub const MANIFEST: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" manifest:version=\"1.3\">\
    <manifest:file-entry manifest:full-path=\"/\" manifest:version=\"1.3\" \
    manifest:media-type=\"application/vnd.oasis.opendocument.spreadsheet\"/>\
    <manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\"/>\
    <manifest:file-entry manifest:full-path=\"styles.xml\" manifest:media-type=\"text/xml\"/>\
    <manifest:file-entry manifest:full-path=\"settings.xml\" manifest:media-type=\"text/xml\"/>\
    <manifest:file-entry manifest:full-path=\"meta.xml\" manifest:media-type=\"text/xml\"/></manifest:manifest>";
/// The widest column, in characters.
const WIDEST: usize = 255;

/// The beginning of a part: its root with all names that are used in any.
pub fn root(name: &str) -> String {
    let mut text =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document-{name} office:version=\"1.3\"");
    for space in ["office", "style", "text", "table", "meta", "config"] {
        let _ = write!(text, " xmlns:{space}=\"urn:oasis:names:tc:opendocument:xmlns:{space}:1.0\"");
    }
    text.push_str(
        " xmlns:number=\"urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0\" \
         xmlns:fo=\"urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0\" \
         xmlns:of=\"urn:oasis:names:tc:opendocument:xmlns:of:1.2\" \
         xmlns:calcext=\"urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0\">",
    );
    text
}

/// All of the content before the first sheet.
pub fn content_head() -> String {
    let mut text = root("content");
    text.push_str("<office:automatic-styles>");
    for width in 1..=WIDEST {
        // Seven pixels a character and five of margin, 96 an inch.
        let inches = (width * 7 + 5) as f64 / 96.0;
        let _ = write!(
            text,
            "<style:style style:name=\"w{width}\" style:family=\"table-column\">\
             <style:table-column-properties style:column-width=\"{inches:.3}in\"/></style:style>"
        );
    }
    for (name, page) in [("t1", "Default"), ("t2", "Print")] {
        let _ = write!(
            text,
            "<style:style style:name=\"{name}\" style:family=\"table\" style:master-page-name=\"{page}\">\
             <style:table-properties table:display=\"true\"/></style:style>"
        );
    }
    text.push_str("</office:automatic-styles><office:body><office:spreadsheet>");
    text
}

/// All of the content behind the last sheet: the filters.
pub fn content_end(sheets: &[Sheet]) -> String {
    let mut text = String::new();
    let filtered = sheets.iter().enumerate().filter_map(|(at, it)| Some((at, it.filter.as_ref()?)));
    for (at, area) in filtered {
        let area = attribute(area);
        let _ = write!(
            text,
            "<table:database-range table:name=\"__Anonymous_Sheet_DB__{at}\" table:target-range-address=\"{area}\" \
             table:display-filter-buttons=\"true\"/>"
        );
    }
    if !text.is_empty() {
        text = format!("<table:database-ranges>{text}</table:database-ranges>");
    }
    text + "</office:spreadsheet></office:body></office:document-content>"
}

/// All of a sheet before its rows.
pub fn sheet_head(sheet: &Sheet, widths: impl Iterator<Item = usize>) -> String {
    let look = if sheet.print { "t2" } else { "t1" };
    let name = attribute(&sheet.name);
    let mut text = format!("<table:table table:name=\"{name}\" table:style-name=\"{look}\">");
    for width in widths {
        let _ = write!(text, "<table:table-column table:style-name=\"w{}\"/>", width.clamp(1, WIDEST));
    }
    text
}

/// `'Data'.A1:'Data'.D9`.
pub fn area(sheet: &str, (from, to): (usize, usize), (top, last): (u32, u32)) -> String {
    let name = sheet.replace('\'', "''");
    format!("'{name}'.{}{top}:'{name}'.{}{last}", letters(from), letters(to))
}

/// The rule that shades every second row of the areas.
pub fn stripes(sheet: &str, areas: &[String]) -> String {
    if areas.is_empty() {
        return String::new();
    }
    let (areas, base) = (attribute(&areas.join(" ")), attribute(&format!("'{}'.A2", sheet.replace('\'', "''"))));
    format!(
        "<calcext:conditional-formats><calcext:conditional-format calcext:target-range-address=\"{areas}\">\
         <calcext:condition calcext:apply-style-name=\"Striped\" calcext:value=\"formula-is(MOD(ROW();2)=0)\" \
         calcext:base-cell-address=\"{base}\"/></calcext:conditional-format></calcext:conditional-formats>"
    )
}

/// `settings.xml`: the header of sheets of data stays in sight.
pub fn settings(sheets: &[Sheet]) -> String {
    let mut text = root("settings");
    text.push_str(
        "<office:settings><config:config-item-set config:name=\"ooo:view-settings\">\
         <config:config-item-map-indexed config:name=\"Views\"><config:config-item-map-entry>\
         <config:config-item config:name=\"ViewId\" config:type=\"string\">view1</config:config-item>\
         <config:config-item-map-named config:name=\"Tables\">",
    );
    for sheet in sheets.iter().filter(|it| it.filter.is_some()) {
        let _ = write!(text, "<config:config-item-map-entry config:name=\"{}\">", attribute(&sheet.name));
        for (name, kind, value) in [
            ("VerticalSplitMode", "short", 2),
            ("VerticalSplitPosition", "int", 1),
            ("ActiveSplitRange", "short", 2),
            ("PositionTop", "int", 0),
            ("PositionBottom", "int", 1),
        ] {
            let _ = write!(
                text,
                "<config:config-item config:name=\"{name}\" config:type=\"{kind}\">{value}</config:config-item>"
            );
        }
        text.push_str("</config:config-item-map-entry>");
    }
    text.push_str("</config:config-item-map-named>");
    if let Some(first) = sheets.first() {
        let mut name = Vec::new();
        plain(&mut name, &first.name);
        let name = String::from_utf8_lossy(&name);
        let _ = write!(
            text,
            "<config:config-item config:name=\"ActiveTable\" config:type=\"string\">{name}</config:config-item>"
        );
    }
    text.push_str(
        "</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set></office:settings>\
         </office:document-settings>",
    );
    text
}

/// `meta.xml`: the program, without a version, and properties by name.
pub fn meta(properties: &[(String, String)]) -> String {
    let mut text = root("meta") + "<office:meta><meta:generator>hotpass</meta:generator>";
    for (name, value) in properties {
        let mut shown = Vec::new();
        plain(&mut shown, value);
        let (name, shown) = (attribute(&crate::escape::line(name)), String::from_utf8_lossy(&shown));
        let _ = write!(text, "<meta:user-defined meta:name=\"{name}\">{shown}</meta:user-defined>");
    }
    text + "</office:meta></office:document-meta>"
}

/// A text for an attribute.
pub fn attribute(text: &str) -> String {
    let mut out = Vec::new();
    plain(&mut out, text);
    String::from_utf8_lossy(&out).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}

/// Whether XML does not have this character.
pub fn is_no_character(it: char) -> bool {
    matches!(it, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// A text as XML has it; what XML does not have is refused where it is data, and marked elsewhere.
fn plain(out: &mut Vec<u8>, text: &str) {
    for it in text.chars() {
        one(out, it);
    }
}

fn one(out: &mut Vec<u8>, it: char) {
    match it {
        '&' => out.extend_from_slice(b"&amp;"),
        '<' => out.extend_from_slice(b"&lt;"),
        '>' => out.extend_from_slice(b"&gt;"),
        '\r' => out.extend_from_slice(b"&#13;"),
        it if is_no_character(it) => out.extend_from_slice("\u{fffd}".as_bytes()),
        it => out.extend_from_slice(it.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// A text as paragraphs, one a line: blanks that readers would fold and tabs have elements of their own.
pub fn paragraphs(out: &mut Vec<u8>, text: &str) {
    for line in text.split('\n') {
        out.extend_from_slice(b"<text:p>");
        let mut folds = true;
        let mut rest = line.chars().peekable();
        while let Some(it) = rest.next() {
            match it {
                '\t' => out.extend_from_slice(b"<text:tab/>"),
                ' ' if folds || rest.peek().is_none() => out.extend_from_slice(b"<text:s/>"),
                it => one(out, it),
            }
            folds = matches!(it, ' ' | '\t');
        }
        out.extend_from_slice(b"</text:p>");
    }
}
