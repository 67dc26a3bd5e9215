//! Workbooks as exports, as our own reader finds them: sheets, labels, formats, sums, notes, and what is refused.

use std::io::{Cursor, Read};

use crate::case::Case;

const PIPELINE: &str = r##"
[pipeline]
name = "p"
[contract.kept]
version = "1.0.0"
extra = "allow"
[[contract.kept.field]]
name = "city"
description = "Where it is, as the post writes it."
[source.rows]
path = "data/rows.csv"
header = 1
[step.kept]
kind = "derive"
from = "rows"
contract = "kept"
columns.share = "cast(part as decimal(3))"
columns.price = "cast(cost as decimal(2))"
columns.since = "cast(day as date)"
[step.towns]
kind = "aggregate"
from = "rows"
by = ["city"]
columns.n = "count(*)"
[export.book]
from = "kept"
path = "dist/book.xlsx"
sheet = "Offices"
columns = ["city", "share", "price", "since"]
labels = { city = "Town <a>", price = "Price & more" }
formats = { share = "percent", price = '#,##0.00 "EUR"', since = "day_first" }
widths = { city = 42 }
notes = { price = "Without tax.\nIn \"EUR\"." }
describe = true
total = ["price"]
print = true
summary = false
[export.book.sheets."By town"]
from = "towns"
labels = { n = "Offices" }
total = ["n"]
"##;

fn case() -> Case {
    let rows = "city,part,cost,day\nBasel,0.125,10.10,2024-01-31\nGhent,0.5,20.20,2024-02-29\nGhent,,30.30,\n";
    Case::new(&[("hotpass.toml", PIPELINE), ("data/rows.csv", rows)])
}

/// A file inside of a workbook.
fn part(book: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).expect("a workbook");
    let mut text = String::new();
    archive.by_name(name).unwrap_or_else(|_| panic!("no {name}")).read_to_string(&mut text).expect("text");
    text
}

/// Our own reader finds the sheets, takes labels for names, values for what they are, and sets sums aside.
fn holds_the_tables(name: &str, book: &[u8]) {
    let source =
        |source: &str, sheet: &str| format!("[source.{source}]\npath = \"{name}\"\nsheet = \"{sheet}\"\nheader = 1\n");
    let reading = ["[pipeline]\nname = \"r\"\n", &source("offices", "Offices"), &source("towns", "By town")].concat();
    let again = Case::new(&[("hotpass.toml", reading.as_bytes()), (name, book)]);
    let report = again.build();
    assert_eq!(
        again.table("r.offices"),
        "Town <a> | share | Price & more | since\nBasel | 0.125 | 10.1 | 2024-01-31\n\
         Ghent | 0.5 | 20.2 | 2024-02-29\nGhent |  | 30.3 |\n",
        "{}",
        report.problems
    );
    assert_eq!(again.table("r.towns"), "city | Offices\nBasel | 1\nGhent | 2\n", "{}", report.problems);
}

#[test]
fn a_workbook_is_laid_out_as_declared_and_read_again() {
    let case = case();
    case.build().ok();
    let book = case.read("dist/book.xlsx");
    let first = part(&book, "xl/worksheets/sheet1.xml");
    for expected in [
        "<sheetPr><pageSetUpPr fitToPage=\"1\"/></sheetPr>",
        "width=\"42.7109375\"",
        "Town &lt;a&gt;",
        "<f>SUBTOTAL(109,C2:C4)</f><v>60.6</v>",
        "<pageSetup orientation=\"landscape\" fitToHeight=\"0\"/><legacyDrawing r:id=\"rId1\"/></worksheet>",
        "<autoFilter ref=\"A1:D4\"/>",
    ] {
        assert!(first.contains(expected), "no {expected} in {first}");
    }
    let styles = part(&book, "xl/styles.xml");
    for code in ["0.0%", "#,##0.00 &quot;EUR&quot;", "dd/mm/yyyy"] {
        assert!(styles.contains(&format!("formatCode=\"{code}\"")), "no {code} in {styles}");
    }
    let comments = part(&book, "xl/comments1.xml");
    assert!(comments.contains("ref=\"A1\"") && comments.contains("Where it is, as the post writes it."), "{comments}");
    assert!(comments.contains("ref=\"C1\"") && comments.contains("Without tax.\nIn \"EUR\"."), "{comments}");
    let names = part(&book, "xl/workbook.xml");
    assert!(names.contains("_xlnm.Print_Titles\" localSheetId=\"0\">'Offices'!$1:$1<"), "{names}");
    assert!(names.contains("<sheet name=\"By town\" sheetId=\"2\""), "{names}");
    holds_the_tables("book.xlsx", &book);
    // The same bytes again, and other ones when the second table is another.
    case.fresh().build().ok();
    let other = case.fresh();
    other.replace("hotpass.toml", "columns.n = \"count(*)\"", "columns.n = \"count(part)\"");
    other.build().ok();
    assert_ne!(other.read("dist/book.xlsx"), book);
    assert_eq!(case.build().ok().written(), "nothing");
    case.replace("hotpass.toml", "columns.n = \"count(*)\"", "columns.n = \"count(part)\"");
    case.build().ok();
    assert_eq!(other.read("dist/book.xlsx"), case.read("dist/book.xlsx"));
}

#[test]
fn an_opendocument_workbook_holds_the_same_and_is_read_again() {
    let case = case();
    case.replace("hotpass.toml", "dist/book.xlsx", "dist/book.ods");
    case.build().ok();
    let book = case.read("dist/book.ods");
    let content = part(&book, "content.xml");
    for expected in [
        "table:name=\"Offices\" table:style-name=\"t2\"",
        "office:value-type=\"percentage\" office:value=\"0.125\"",
        "table:formula=\"of:=SUBTOTAL(109;[.C2:.C4])\" office:value-type=\"float\" office:value=\"60.6\"",
        "<text:p>Where it is, as the post writes it.</text:p>",
        "table:target-range-address=\"'By town'.A1:'By town'.B3\"",
    ] {
        assert!(content.contains(expected), "no {expected} in {content}");
    }
    holds_the_tables("book.ods", &book);
    let other = case.fresh();
    other.build().ok();
    assert_eq!(other.read("dist/book.ods"), book);
    assert_eq!(case.build().ok().written(), "nothing");
}

#[test]
fn what_cannot_be_shown_is_refused_with_its_place() {
    let check = |from: &str, to: &str, expected: &str| {
        let case = case();
        case.replace("hotpass.toml", from, to);
        let problems = case.build().problems;
        assert!(problems.contains(expected), "{to}: {problems}");
    };
    check("price = '#,##0.00 \"EUR\"'", "price = 'EUR 0'", "put letters in double quotes");
    check("share = \"percent\"", "share = \"percnt\"", "did you mean `percent`?");
    check("since = \"day_first\"", "since = \"money\"", "`since` is date, which `money` does not write");
    check("total = [\"price\"]", "total = [\"city\"]", "`city` is text, and only numbers are summed");
    check("city = 42", "ctiy = 42", "`ctiy` is not a column of this sheet");
    check("city = 42", "city = 999", "a column is 1 to 255 characters wide");
    check("city = \"Town <a>\"", "city = \"Share\"", "`city` and `share` would have one header");
    check("sheets.\"By town\"", "sheets.offices", "two sheets would be called `offices`");
    check("from = \"towns\"", "from = \"twons\"", "did you mean `towns`?");
    check("labels = { n = \"Offices\" }", "labels = { m = \"Offices\" }", "`m` is not a column of this sheet");
    check("path = \"dist/book.xlsx\"", "path = \"dist/book.csv\"", "nothing reads `labels`");
}

#[test]
fn currencies_that_only_number_formats_show_are_told() {
    let told = |formats: &[&str]| {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "id").expect("a cell").write_string(0, 1, "amount").expect("a cell");
        for (at, code) in (1..).zip(formats) {
            let format = rust_xlsxwriter::Format::new().set_num_format(*code);
            sheet.write_string(at, 0, format!("a{at}")).expect("a cell");
            sheet.write_number_with_format(at, 1, 1234.5, &format).expect("a cell");
        }
        let pipeline = "[pipeline]\nname = 'p'\n[source.s]\npath = 's.xlsx'\n[step.n]\nkind = 'normalise'\nfrom = 's'\n\
                        columns.amount = 'decimal'\n";
        let case = Case::new(&[("hotpass.toml", pipeline)]);
        case.write("s.xlsx", book.save_to_buffer().expect("a workbook"));
        let told = |text: &str| text.contains("hotpass::source::currency-formats");
        let problems = case.build().ok().problems;
        // A build that has nothing to do repeats it.
        assert_eq!(told(&problems), told(&case.build().ok().problems));
        problems
    };
    let several = told(&["#,##0.00 \"€\"", "[$USD] #,##0.00", "0.00"]);
    let message =
        "the number formats of `amount` of `p.s` show several currencies, which numbers do not keep: EUR, USD";
    assert!(several.contains(message), "{several}");
    assert!(told(&["[$$-409]0.00", "[$$-1009]0.00"]).contains("CAD, USD"));
    for one in [&["#,##0.00 \"€\"", "[$€-407]0", "0"][..], &["$0.00", "[$USD] 0"], &["0 \"kg\"", "0 \"km\""]] {
        assert!(!told(one).contains("currency"), "{one:?}");
    }
}

#[test]
fn currencies_of_several_sources_are_told_where_their_numbers_meet() {
    let book = |code: &str| {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        let format = rust_xlsxwriter::Format::new().set_num_format(code);
        sheet.write_string(0, 0, "id").expect("a cell").write_string(0, 1, "amount").expect("a cell");
        sheet.write_string(1, 0, "x").expect("a cell").write_number_with_format(1, 1, 5, &format).expect("a cell");
        book.save_to_buffer().expect("a workbook")
    };
    let pipeline = "[pipeline]\nname = 'p'\n[source.a]\npath = 'a.xlsx'\n[source.b]\npath = 'b.xlsx'\n\
                    [source.c]\npath = 'c.csv'\n[step.u]\nkind = 'union'\nfrom = ['a', 'b', 'c']\n\
                    [step.n]\nkind = 'normalise'\nfrom = 'u'\ncolumns.amount = 'decimal'\n";
    let told = |a: &str, b: &str, c: &str| {
        let case = Case::new(&[("hotpass.toml", pipeline), ("c.csv", &format!("id,amount\ny,{c}\n"))]);
        case.write("a.xlsx", book(a));
        case.write("b.xlsx", book(b));
        let problems = case.build().ok().problems;
        let line = problems.lines().find(|it| it.contains("several currencies")).map(str::to_owned);
        line.map(|it| it.split("beside them: ").nth(1).unwrap_or_default().to_owned())
    };
    let both = "EUR in number formats, USD in number formats; the step keeps only the numbers";
    assert_eq!(told("0 \"€\"", "[$USD] 0", "5").as_deref(), Some(both));
    let text = "1 GBP, EUR in number formats; the step keeps only the numbers";
    assert_eq!(told("0 \"€\"", "0", "£5").as_deref(), Some(text));
    assert_eq!(told("0 \"€\"", "[$€-407] 0", "5"), None);
    assert_eq!(told("0 \"€\"", "0", "€ 5"), None);
    assert_eq!(told("0", "0", "5"), None);
}
