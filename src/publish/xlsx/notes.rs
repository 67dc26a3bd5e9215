//! Notes on headers: the parts that Excel keeps for them, which are a list of texts and a drawing of the boxes that
//! they are shown in.

use std::fmt::Write as _;

use super::parts::escape;
use super::sheet::{Note, letters};

/// Where the boxes of the notes of a sheet are told.
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// `xl/worksheets/_rels/sheetN.xml.rels`.
pub fn relations(sheet: usize) -> String {
    format!(
        "<Relationships xmlns=\"{RELATIONSHIPS}\">\
         <Relationship Id=\"rId1\" Type=\"{OFFICE}/vmlDrawing\" Target=\"../drawings/vmlDrawing{sheet}.vml\"/>\
         <Relationship Id=\"rId2\" Type=\"{OFFICE}/comments\" Target=\"../comments{sheet}.xml\"/></Relationships>"
    )
}

/// `xl/commentsN.xml`.
pub fn comments(notes: &[Note]) -> String {
    let mut text = format!("<comments xmlns=\"{MAIN}\"><authors><author></author></authors><commentList>");
    for (column, note) in notes {
        let mut escaped = Vec::new();
        escape(&mut escaped, super::cut(note));
        let _ = write!(
            text,
            "<comment ref=\"{}1\" authorId=\"0\"><text><r><t xml:space=\"preserve\">{}</t></r></text></comment>",
            letters(*column),
            String::from_utf8_lossy(&escaped)
        );
    }
    text.push_str("</commentList></comments>");
    text
}

/// `xl/drawings/vmlDrawingN.vml`: a hidden box for each note, beside its header and as high as its text asks for.
pub fn drawing(sheet: usize, notes: &[Note]) -> String {
    let mut text =
        "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" \
         xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><o:shapelayout v:ext=\"edit\">\
         <o:idmap v:ext=\"edit\" data=\""
            .to_owned();
    let _ = write!(text, "{sheet}\"/></o:shapelayout>");
    text.push_str(
        "<v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" path=\"m,l,21600r21600,l21600,xe\">\
         <v:stroke joinstyle=\"miter\"/><v:path gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>",
    );
    for (number, (column, note)) in (1..).zip(notes) {
        let id = sheet * 1024 + number;
        // Some thirty characters a line, and two lines for each row of the sheet beside.
        let rows = (note.chars().count() / 30 + note.lines().count() + 2).clamp(3, 20);
        let _ = write!(
            text,
            "<v:shape id=\"_x0000_s{id}\" type=\"#_x0000_t202\" style=\"position:absolute;visibility:hidden\" \
             fillcolor=\"#ffffe1\" o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/>\
             <v:shadow on=\"t\" color=\"black\" obscured=\"t\"/><v:path o:connecttype=\"none\"/>\
             <v:textbox style=\"mso-direction-alt:auto\"/><x:ClientData ObjectType=\"Note\"><x:MoveWithCells/>\
             <x:SizeWithCells/><x:Anchor>{}, 15, 1, 2, {}, 31, {rows}, 1</x:Anchor><x:AutoFill>False</x:AutoFill>\
             <x:Row>0</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>",
            column + 1,
            column + 3
        );
    }
    text.push_str("</xml>");
    text
}
