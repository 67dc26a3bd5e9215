//! OpenDocument workbooks as another reader sees them.

use std::io::Cursor;

use arrow_array::ArrayRef;
use calamine::{Data, Ods as Opened, Reader};

use super::*;
use crate::publish::samples::{all_types, problem, texts, with_table};
use crate::publish::xlsx::{SheetOf, Shown, ShownColumns, Workbook};
use crate::publish::{Summary, Xlsx};

fn write(columns: &[(String, ArrayRef)], options: &Xlsx) -> Result<Vec<u8>, PublishError> {
    let mut out = Cursor::new(Vec::new());
    let summary = Summary { properties: vec![("of <a>".to_owned(), "b & c".to_owned())], ..Summary::default() };
    let mut workbook = Workbook::ods(&mut out, options, &summary);
    let sheet = SheetOf { name: "It's", score: options.score.as_deref(), shown: &options.columns };
    with_table(columns, |table| workbook.sheet(table, &sheet))?;
    let written = workbook.finish()?;
    let bytes = out.into_inner();
    assert_eq!((written.bytes, written.blake3), (bytes.len() as u64, blake3::hash(&bytes).into()));
    Ok(bytes)
}

fn cells(bytes: &[u8], sheet: &str) -> Vec<Vec<Data>> {
    let mut opened: Opened<_> = Opened::new(Cursor::new(bytes)).expect("a workbook");
    opened.worksheet_range(sheet).expect("a sheet").rows().map(<[Data]>::to_vec).collect()
}

fn part(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut text = String::new();
    archive.by_name(name).expect("a part").read_to_string(&mut text).expect("text");
    text
}

fn text(it: &str) -> Data {
    Data::String(it.to_owned())
}

#[test]
fn cells_keep_their_types() {
    let bytes = write(&all_types(), &Xlsx { summary: true, ..Xlsx::default() }).unwrap();
    assert_eq!(&bytes[30..38], b"mimetype", "programs know the file by its beginning");
    assert_eq!(&bytes[38..84], super::parts::KIND.as_bytes());
    let rows = cells(&bytes, "It's");
    assert_eq!(rows[0], ["text", "whole", "long", "float", "flag", "day", "moment", "money"].map(text));
    assert_eq!(
        rows[1][..5],
        [text("Rõõm & <co>"), Data::Float(1.0), Data::Float(7.0), Data::Float(0.8), Data::Bool(true)]
    );
    assert_eq!(rows[1][5], Data::DateTimeIso("2024-02-29".to_owned()));
    assert_eq!(rows[1][6], Data::DateTimeIso("2024-02-29T12:34:56.500".to_owned()));
    assert_eq!(rows[1][7], Data::Float(12.5));
    let day = Data::DateTimeIso("1860-06-26".to_owned());
    assert_eq!(rows[2][2..6], [text("9223372036854775807"), text("NaN"), Data::Bool(false), day]);
    assert_eq!(cells(&bytes, "Summary")[1], [text("Total records"), Data::Float(3.0)]);
    assert_eq!(write(&all_types(), &Xlsx { summary: true, ..Xlsx::default() }).unwrap(), bytes);
    assert!(part(&bytes, "meta.xml").contains("meta:name=\"of &lt;a&gt;\">b &amp; c<"));
}

#[test]
fn texts_keep_their_blanks_and_lines_and_stay_texts() {
    let values = [" a  b ", "=1+1", "two\nlines", "tab\tbed", "c\rd", "x", ""].map(Some);
    let bytes =
        write(&[texts("x", &values), texts("y", &[None, Some("y"), None, None, None, None, None])], &Xlsx::default());
    let bytes = bytes.unwrap();
    let content = part(&bytes, "content.xml");
    for expected in [
        "<text:p><text:s/>a <text:s/>b<text:s/></text:p>",
        "<table:table-cell table:style-name=\"c4\" office:value-type=\"string\"><text:p>=1+1</text:p>",
        "<text:p>two</text:p><text:p>lines</text:p>",
        "tab<text:tab/>bed",
        "<table:table-row><table:table-cell/></table:table-row><calcext:conditional-formats>",
        "table:target-range-address=\"'It''s'.A1:'It''s'.B8\" table:display-filter-buttons=\"true\"",
    ] {
        assert!(content.contains(expected), "no {expected} in {content}");
    }
    assert_eq!(cells(&bytes, "It's")[3][0], text("two\nlines"));
    let (code, message) = problem(write(&[texts("x", &[Some("a"), Some("b\u{1}")])], &Xlsx::default()));
    assert_eq!(code, "hotpass::export::encoding");
    assert!(message.contains("`A3`") && message.contains("OpenDocument"), "{message}");
}

#[test]
fn days_before_1900_are_days() {
    for (serial, expected) in [
        (61.0, "1900-03-01"),
        (60.0, "1900-02-28"),
        (0.0, "1899-12-30"),
        (-0.25, "1899-12-29T18:00:00"),
        (FIRST_DAY as f64, "1582-10-15"),
    ] {
        assert_eq!(moment(serial), expected, "{serial}");
    }
}

#[test]
fn what_is_declared_is_shown() {
    let shown = |format: &str, total| Shown { format: Some(format.to_owned()), total, ..Shown::default() };
    let columns: ShownColumns = [
        ("float".to_owned(), shown("percent", false)),
        ("money".to_owned(), shown("#,##0.00 \"EUR\"", true)),
        ("day".to_owned(), shown("d. mmmm yyyy", false)),
        (
            "text".to_owned(),
            Shown {
                label: Some("Name".to_owned()),
                width: Some(42),
                note: Some("n\nm".to_owned()),
                ..Shown::default()
            },
        ),
    ]
    .into();
    let bytes = write(&all_types(), &Xlsx { columns, print: true, ..Xlsx::default() }).unwrap();
    let (content, styles) = (part(&bytes, "content.xml"), part(&bytes, "styles.xml"));
    for expected in [
        "<table:table-column table:style-name=\"w42\"/>",
        "table:style-name=\"t2\"",
        "<table:table-header-rows><table:table-row>",
        "<office:annotation><text:p>n</text:p><text:p>m</text:p></office:annotation><text:p>Name</text:p>",
        "office:value-type=\"percentage\" office:value=\"0.8\"",
        "table:formula=\"of:=SUBTOTAL(109;[.H2:.H4])\" office:value-type=\"float\" office:value=\"12.45\"",
    ] {
        assert!(content.contains(expected), "no {expected} in {content}");
    }
    for expected in [
        "<number:percentage-style style:name=\"n0\"><number:number number:decimal-places=\"1\" \
         number:min-decimal-places=\"1\" number:min-integer-digits=\"1\"/><number:text>%</number:text>",
        "number:min-integer-digits=\"1\" number:grouping=\"true\"/><number:text> EUR</number:text>",
        "<number:day/><number:text>.</number:text><number:text> </number:text>\
         <number:month number:textual=\"true\" number:style=\"long\"/>",
        "<number:minutes number:style=\"long\"/><number:text>:</number:text><number:seconds number:style=\"long\"/>",
        "style:scale-to-X=\"1\"",
    ] {
        assert!(styles.contains(expected), "no {expected} in {styles}");
    }
}
