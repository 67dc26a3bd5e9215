//! A workbook that somebody drew up, filled with a table: what is filled, what grows, and what keeps every byte.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;

use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "p"
[source.rows]
path = "data/rows.csv"
header = 1
[step.kept]
kind = "derive"
from = "rows"
columns.day = "cast(day as date)"
columns.fee = "cast(fee as decimal(2))"
[export.report]
from = "kept"
path = "dist/report.xlsx"
template = "templates/report.xlsx"
range = "Fees"
columns = ["club", "day", "fee"]
"#;
const ROWS: &str = "club,day,fee\nAero Gent,2024-01-31,12.50\n=1+1,2024-02-29,3\n<Alp> & Air,,\n";

const WORKBOOK: &str = "<workbook xmlns:r=\"r\"><sheets><sheet name=\"My &amp; sheet\" sheetId=\"1\" r:id=\"rId1\"/>\
    <sheet name=\"Sum\" sheetId=\"2\" r:id=\"rId2\"/></sheets><definedNames>\
    <definedName name=\"Fees\">'My &amp; sheet'!$B$3:$D$4</definedName></definedNames><calcPr calcId=\"191029\"/></workbook>";
const RELATIONS: &str = "<Relationships><Relationship Id=\"rId1\" Type=\"t/worksheet\" Target=\"worksheets/sheet1.xml\"/>\
    <Relationship Id=\"rId2\" Type=\"t/worksheet\" Target=\"/xl/worksheets/sheet2.xml\"/>\
    <Relationship Id=\"rId3\" Type=\"t/calcChain\" Target=\"calcChain.xml\"/></Relationships>";
const SHEET: &str = "<worksheet><dimension ref=\"A1:E4\"/><cols><col min=\"1\" max=\"1\" width=\"9\"/></cols><sheetData>\
    <row r=\"1\" spans=\"1:4\"><c r=\"B1\" t=\"inlineStr\"><is><t>Fees of clubs</t></is></c></row>\
    <row r=\"3\"><c r=\"B3\" t=\"inlineStr\"><is><t>Club</t></is></c><c r=\"C3\"/><c r=\"D3\" s=\"1\"/></row>\
    <row r=\"4\" ht=\"20\" customHeight=\"1\"><c r=\"A4\"><v>7</v></c><c r=\"B4\" s=\"1\" t=\"inlineStr\"><is><t>example</t></is></c>\
    <c r=\"C4\"/><c r=\"D4\" s=\"2\"><v>9</v></c><c r=\"E4\"><f>SUM(D4:D4)</f><v>9</v></c></row></sheetData>\
    <autoFilter ref=\"B3:D4\"/><conditionalFormatting sqref=\"D4\"><cfRule type=\"dataBar\"/></conditionalFormatting>\
    <drawing r:id=\"rId1\"/></worksheet>";
const SHEET_2: &str =
    "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><f>SUM(Fees)</f><v>9</v></c></row></sheetData></worksheet>";
const STYLES: &str = "<styleSheet><cellXfs count=\"3\"><xf numFmtId=\"0\"/><xf numFmtId=\"0\" fontId=\"1\"/>\
    <xf numFmtId=\"4\"/></cellXfs></styleSheet>";
const CHART: &str = "<c:chart><c:f>'My &amp; sheet'!$D$4:$D$4</c:f><c:numCache><c:v>9</c:v></c:numCache></c:chart>";

fn template(change: impl Fn(&str, &str) -> Option<String>) -> Vec<u8> {
    let parts = [
        ("[Content_Types].xml", "<Types><Override PartName=\"/xl/calcChain.xml\" ContentType=\"c\"/></Types>"),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/worksheets/sheet1.xml", SHEET),
        ("xl/worksheets/sheet2.xml", SHEET_2),
        ("xl/styles.xml", STYLES),
        ("xl/calcChain.xml", "<calcChain/>"),
        ("xl/charts/chart1.xml", CHART),
        ("xl/media/image1.png", "no\u{1}text"),
    ];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).expect("a part");
        let text = change(name, text).unwrap_or_else(|| text.to_owned());
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("a workbook").into_inner()
}

fn case(template: &[u8]) -> Case {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/rows.csv", ROWS)]);
    case.write("templates/report.xlsx", template);
    case
}

fn part(book: &[u8], name: &str) -> Option<String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).expect("a workbook");
    let mut text = String::new();
    archive.by_name(name).ok()?.read_to_string(&mut text).expect("text");
    Some(text)
}

#[test]
fn rows_go_into_the_range_and_the_rest_stays() {
    let case = case(&template(|_, _| None));
    case.build().ok();
    let book = case.read("dist/report.xlsx");
    let sheet = part(&book, "xl/worksheets/sheet1.xml").expect("the sheet");
    let text = |it: &str| format!(" t=\"inlineStr\"><is><t>{it}</t></is></c>");
    let expected = [
        "<worksheet><cols><col min=\"1\" max=\"1\" width=\"9\"/></cols><sheetData>",
        "<row r=\"1\"><c r=\"B1\" t=\"inlineStr\"><is><t>Fees of clubs</t></is></c></row>",
        "<row r=\"3\"><c r=\"B3\" t=\"inlineStr\"><is><t>Club</t></is></c><c r=\"C3\"/><c r=\"D3\" s=\"1\"/></row>",
        "<row r=\"4\" ht=\"20\" customHeight=\"1\"><c r=\"A4\"><v>7</v></c>",
        &format!("<c r=\"B4\" s=\"1\"{}", text("Aero Gent")),
        "<c r=\"C4\" s=\"3\"><v>45322</v></c><c r=\"D4\" s=\"2\"><v>12.5</v></c><c r=\"E4\"><f>SUM(D4:D4)</f></c></row>",
        "<row r=\"5\" ht=\"20\" customHeight=\"1\">",
        &format!("<c r=\"B5\" s=\"4\"{}", text("=1+1")),
        "<c r=\"C5\" s=\"3\"><v>45351</v></c><c r=\"D5\" s=\"2\"><v>3</v></c></row>",
        "<row r=\"6\" ht=\"20\" customHeight=\"1\">",
        &format!("<c r=\"B6\" s=\"1\"{}", text("&lt;Alp&gt; &amp; Air")),
        "<c r=\"C6\" s=\"3\"/><c r=\"D6\" s=\"2\"/></row></sheetData>",
        "<autoFilter ref=\"B3:D6\"/><conditionalFormatting sqref=\"D4:D6\"><cfRule type=\"dataBar\"/></conditionalFormatting>",
        "<drawing r:id=\"rId1\"/></worksheet>",
    ];
    assert_eq!(sheet, expected.concat());
    let named = |name: &str| part(&book, name).unwrap_or_default();
    assert!(named("xl/workbook.xml").contains("!$B$3:$D$6</definedName>"), "the name grows");
    assert!(named("xl/workbook.xml").contains("fullCalcOnLoad=\"1\""));
    assert_eq!(named("xl/worksheets/sheet2.xml"), SHEET_2.replace("<v>9</v>", ""), "no sum of yesterday");
    assert!(named("xl/charts/chart1.xml").contains("!$D$4:$D$6</c:f></c:chart>"), "{}", named("xl/charts/chart1.xml"));
    assert_eq!(named("xl/media/image1.png"), "no\u{1}text");
    assert_eq!(part(&book, "xl/calcChain.xml"), None);
    assert!(
        !named("[Content_Types].xml").contains("calcChain")
            && !named("xl/_rels/workbook.xml.rels").contains("calcChain")
    );
    let styles = named("xl/styles.xml");
    assert!(styles.contains("<xf numFmtId=\"14\" applyNumberFormat=\"1\"/>"), "a day looks like one: {styles}");
    assert!(styles.contains("<xf numFmtId=\"0\" fontId=\"1\" quotePrefix=\"1\"/>"), "a text stays one: {styles}");
    let other = case.fresh();
    other.build().ok();
    assert_eq!(other.read("dist/report.xlsx"), book, "the same bytes wherever it is built");
    assert_eq!(case.build().ok().written(), "nothing");
    case.write(
        "templates/report.xlsx",
        template(|name, text| (name == "xl/media/image1.png").then(|| text.replace("no", "a"))),
    );
    case.build().ok();
    assert_ne!(case.read("dist/report.xlsx"), book, "another template is another workbook");
}

#[test]
fn no_rows_leave_one_that_is_blank() {
    let case = case(&template(|_, _| None));
    case.write("data/rows.csv", "club,day,fee\n");
    case.build().ok();
    let book = case.read("dist/report.xlsx");
    let sheet = part(&book, "xl/worksheets/sheet1.xml").expect("the sheet");
    assert!(sheet.contains("<c r=\"B4\" s=\"1\"/><c r=\"C4\" s=\"3\"/><c r=\"D4\" s=\"2\"/>"), "{sheet}");
    assert!(!sheet.contains("example"), "what the template shows is no data: {sheet}");
    assert!(part(&book, "xl/workbook.xml").unwrap_or_default().contains("$B$3:$D$4<"));
}

#[test]
fn what_cannot_be_filled_is_refused() {
    let with = |part: &'static str, from: &'static str, to: &'static str| {
        let problems = case(&template(|name, text| (name == part).then(|| text.replace(from, to)))).build().problems;
        assert!(problems.contains("hotpass::export::template"), "{problems}");
        problems
    };
    let sheet = "xl/worksheets/sheet1.xml";
    for (part, from, to, told) in [
        ("xl/workbook.xml", "\"Fees\"", "\"Fess\"", "has no range or table `Fees`: it has `Fess`"),
        ("xl/workbook.xml", "$B$3:$D$4", "$B$3:$D$3", "has a range of one row"),
        ("xl/workbook.xml", "$B$3:$D$4", "$B$3:$E$4", "has 4 columns"),
        ("xl/workbook.xml", "'My &amp; sheet'!$B$3:$D$4", "OFFSET(A1,1,1)", "is not a range of cells"),
        (sheet, "</sheetData>", "<row r=\"9\"><c r=\"C9\"><v>1</v></c></row></sheetData>", "a value below its range"),
        (sheet, "</sheetData>", "</sheetData><mergeCells><mergeCell ref=\"A8:B9\"/></mergeCells>", "merged cells"),
        (sheet, "<row r=\"3\">", "<row r=\"3\"", "cannot be read"),
        ("[Content_Types].xml", "ContentType=\"c\"", "ContentType=\"a.macroEnabled.main+xml\"", "has macros"),
    ] {
        let problems = with(part, from, to);
        assert!(problems.contains(told), "{told}: {problems}");
    }
    let problems = case(b"no workbook").build().problems;
    assert!(problems.contains("cannot be read"), "{problems}");
}

#[test]
fn a_template_says_itself_how_it_looks() {
    for (from, to, told) in [
        ("range = \"Fees\"", "range = \"Fees\"\ntotal = [\"fee\"]", "`total` says nothing beside `template`"),
        ("range = \"Fees\"", "", "a template needs `range`"),
        ("report.xlsx\"\nrange", "report.xlsm\"\nrange", "is no `.xlsx` file"),
        ("dist/report.xlsx", "dist/report.ods", "nothing reads `template`"),
        ("template = \"templates/report.xlsx\"", "template = \"../report.xlsx\"", "lies outside of the workspace"),
        ("template = \"templates/report.xlsx\"", "template = \"templates/other.xlsx\"", "is not there"),
        ("template = \"templates/report.xlsx\"", "template = \"dist/report.xlsx\"", "would be its own template"),
    ] {
        let case = case(&template(|_, _| None));
        case.replace("hotpass.toml", from, to);
        let problems = case.problems();
        assert!(problems.contains(told), "{told}: {problems}");
    }
}
