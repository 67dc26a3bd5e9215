//! What a binary workbook lists: its sheets, where their parts stand, and which day is the first.

use super::written::{Cell, Held, binary, record, wide};
use super::*;

/// The parts of a workbook with one sheet: a header, and a day.
fn parts(since_1904: bool) -> Vec<(String, Vec<u8>)> {
    let cell = |style: u16, held| vec![Cell { column: 1, style, formula: false, held }];
    let bytes = binary(&[cell(0, Held::Text("day")), cell(1, Held::Number(45_000.0))], &["yyyy-mm-dd"], since_1904);
    let mut archive = ::zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let part = |at: usize| {
        let mut part = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut content).unwrap();
        (part.name().unwrap().into_owned(), content)
    };
    (0..6).map(part).collect()
}

fn case(parts: &[(String, Vec<u8>)]) -> Case {
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, it)| (name.as_str(), it.as_slice())).collect();
    Case::new("a.xlsb", zip(&parts))
}

/// The record of a listed sheet.
fn listed(state: u32, relation: Option<&str>, name: &str) -> Vec<u8> {
    let relation = relation.map_or(u32::MAX.to_le_bytes().to_vec(), wide);
    [&state.to_le_bytes()[..], &[1, 0, 0, 0], &relation, &wide(name)].concat()
}

/// Another workbook part, and relations beside that of the sheet.
fn with(book: &[(u16, Vec<u8>)], more: &str) -> Vec<(String, Vec<u8>)> {
    let mut parts = parts(false);
    for (name, content) in &mut parts {
        if name == "xl/workbook.bin" {
            content.clear();
            book.iter().for_each(|(kind, data)| record(*kind, data, content));
        } else if name.ends_with("workbook.bin.rels") {
            let text = String::from_utf8(content.clone()).unwrap();
            *content = text.replace("</Relationships>", &format!("{more}</Relationships>")).into_bytes();
        }
    }
    parts
}

#[test]
fn days_are_counted_from_where_the_workbook_says() {
    case(&parts(false)).shows(&["day", "2: 2023-03-15"]);
    case(&parts(true)).shows(&["day", "2: 2027-03-16"]);
}

#[test]
fn sheets_are_those_that_are_listed_and_charts_have_no_cells() {
    let book = [
        (0x9c, listed(0, Some("rId1"), "S")),
        (0x9c, listed(1, Some("rId1"), "hidden")),
        (0x9c, listed(2, Some("rId1"), "deep")),
        (0x9c, listed(0, Some("chart"), "C")),
        (0x9c, listed(0, None, "module")),
        (0x90, Vec::new()),
        // A name whose formula is none.
        (0x27, [&[0; 9][..], &wide("n"), &[3, 0, 0, 0, 0xff, 0xff, 0xff]].concat()),
    ];
    let chart = "<Relationship Id=\"chart\" Type=\"http://x/chartsheet\" Target=\"charts/one.bin\"/>";
    let open = || case(&with(&book, chart));
    let contents = open().with(|it| (it.part, it.options.header) = (Part::Contents, Header::Absent));
    let list = contents.read().unwrap().found.sheets;
    let list: Vec<_> = list.iter().map(|it| (it.name.as_str(), it.visible)).collect();
    assert_eq!(list, [("S", true), ("hidden", false), ("deep", false)]);
    assert_eq!(open().shows(&["day", "2: 2023-03-15"]).found.sheet.as_deref(), Some("S"));
    let hidden = open().with(|it| (it.options.sheet, it.options.hidden) = (Some("deep".to_owned()), Hidden::Warn));
    assert_eq!(hidden.shows(&["day", "2: 2023-03-15"]).found.warnings[0].message, "sheet `deep` of `a.xlsb` is hidden");
    open().with(|it| it.options.sheet = Some("C".to_owned())).refused("sheet", "is a chart");
}

#[test]
fn parts_stand_where_relations_say() {
    let mut parts = parts(false);
    let moved = [("xl/workbook.bin", "xl/book/b.bin"), ("xl/_rels/workbook.bin.rels", "xl/book/_rels/b.bin.rels")];
    for (name, content) in &mut parts {
        let text = |content: &[u8]| String::from_utf8(content.to_vec()).unwrap();
        if name == "_rels/.rels" {
            *content = text(content).replace("xl/workbook.bin", "/xl/book/b.bin").into_bytes();
        } else if name.ends_with("workbook.bin.rels") {
            let text = text(content).replace("Target=\"worksheets/sheet1.bin", "Target=\"/xl/Cells/One.bin");
            *content = text.replace("Target=\"s", "Target=\"../s").into_bytes();
        }
        let to = moved.iter().find(|(from, _)| from == name).map(|(_, to)| *to);
        let to = to.or((name == "xl/worksheets/sheet1.bin").then_some("xl/cells/one.bin"));
        if let Some(to) = to {
            *name = to.to_owned();
        }
    }
    case(&parts).shows(&["day", "2: 2023-03-15"]);
}

#[test]
fn a_list_that_cannot_be_is_damage() {
    case(&with(&[], "")).refused("empty", "no sheet");
    case(&with(&[(0x9c, listed(0, Some("rId9"), "S"))], "")).refused("damaged", "that no part holds");
    case(&with(&[(0x9c, vec![0; 9])], "")).refused("damaged", "without a name");
    let cut = |(name, content): &mut (String, Vec<u8>)| {
        if name.ends_with("sheet1.bin") {
            content.truncate(content.len() - 1);
        }
    };
    let mut parts = parts(false);
    parts.iter_mut().for_each(cut);
    case(&parts).refused("damaged", "ends before it is complete");
}
