//! Every problem there is, provoked by a smallest workspace: `problems.md` has a heading for each code.
//!
//! Files that cannot stand in Markdown are made here; so are workspaces that need more than files.

use std::io::Write;
use std::path::{Path, PathBuf};

use hotpass::problem::Code;
use hotpass::readers::{self, Format, Found, ReadError, Request};
use rust_xlsxwriter::Workbook;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::case::Case;
use crate::spec;

/// Codes that are provoked below, because they need more than files.
const PROVOKED_HERE: [&str; 21] = [
    // In `workbooks.rs`: it needs number formats.
    "hotpass::source::currency-formats",
    // In `readers/tests/delimited.rs`: it needs bytes that are no UTF-8.
    "hotpass::source::unsure-encoding",
    // In `parquet.rs`: it needs a file that no engine of ours writes.
    "hotpass::source::too-precise",
    // In `limits.rs`: they need flags.
    "hotpass::step::memory",
    "hotpass::step::timeout",
    "hotpass::pipeline::bad-parameter",
    "hotpass::source::unreadable",
    "hotpass::source::crashed",
    "hotpass::source::changed",
    // In `reach.rs`: they need links.
    "hotpass::workspace::outside",
    "hotpass::workspace::lent-file",
    // In `drift.rs`: they need two deliveries.
    "hotpass::drift::added",
    "hotpass::drift::lost",
    "hotpass::drift::renamed",
    "hotpass::drift::retyped",
    "hotpass::drift::emptied",
    "hotpass::drift::rows",
    "hotpass::drift::losses",
    // In `ours.rs`: they need files that somebody else wrote.
    "hotpass::export::not-ours",
    // In `environments.rs`: it needs two environments.
    "hotpass::environment::not-promoted",
    "hotpass::export::replaced",
];

/// Every code of a workspace and what is delivered, each name once; `cli.rs` has those of what is typed.
pub fn codes() -> Vec<&'static Code> {
    let mut acc: Vec<&'static Code> = Vec::new();
    let all = [
        hotpass::fields::CODES,
        hotpass::profile::CODES,
        hotpass::pipeline::CODES,
        hotpass::pipeline::environment::CODES,
        hotpass::pipeline::uses::CODES,
        hotpass::pipeline::quality::CODES,
        hotpass::steps::CODES,
        hotpass::expectations::CODES,
        hotpass::contracts::CODES,
        hotpass::query::CODES,
        hotpass::query::PLANNING_CODES,
        hotpass::query::SOURCE_CODES,
        hotpass::fixture::CODES,
        hotpass::readers::problems::CODES,
        hotpass::run::CODES,
        hotpass::drift::CODES,
        hotpass::history::CODES,
        hotpass::publish::problems::CODES,
    ];
    for code in all.into_iter().flatten() {
        if !acc.iter().any(|it| it.name == code.name) {
            acc.push(code);
        }
    }
    acc
}

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/problems.md")
}

#[test]
fn every_problem_is_told_as_written() {
    spec::check(&[document()]);
}

#[test]
fn every_code_is_provoked() {
    let text = std::fs::read_to_string(document()).expect("text");
    for code in codes() {
        if PROVOKED_HERE.contains(&code.name) {
            continue;
        }
        let section = text.split("# ").find(|it| it.lines().next() == Some(code.name));
        let section = section.unwrap_or_else(|| panic!("`{}` has no case in problems.md", code.name));
        let told = section.split("```problems").nth(1).unwrap_or_default();
        assert!(told.lines().any(|it| it.starts_with(&format!("{}: ", code.name))), "`{}` is not told", code.name);
    }
}

const ROWS: &str = "[pipeline]\nname = 'p'\n[parameters]\nn = 1\n[source.rows]\npath = 'data/rows.csv'\n";

#[test]
fn a_parameter_keeps_its_type() {
    let mut case = Case::new(&[("hotpass.toml", ROWS), ("data/rows.csv", "a\n1\n")]);
    case.asked.set.insert("n".to_owned(), "many".to_owned());
    insta::assert_snapshot!(case.problems(), @r"
    hotpass::pipeline::bad-parameter: `--set n=…` needs a value like the declared one
      hotpass.toml:4:5 `1` declared here
    ");
}

#[cfg(unix)]
#[test]
fn a_file_may_be_unreadable() {
    use std::os::unix::fs::PermissionsExt;
    let case = Case::new(&[("hotpass.toml", ROWS), ("data/rows.csv", "a\n1\n")]);
    let path = case.path("data/rows.csv");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o0)).expect("taken away");
    if std::fs::read(&path).is_ok() {
        return; // Nothing is forbidden to this user.
    }
    insta::assert_snapshot!(case.problems(), @r"
    hotpass::source::unreadable: `data/rows.csv` cannot be read
      hotpass.toml:6:8 `'data/rows.csv'` here
    ");
}

#[test]
fn a_reader_may_crash() {
    let text = ROWS.replace("rows.csv", "rows.xlsx");
    let mut case = Case::new(&[("hotpass.toml", text.as_bytes()), ("data/rows.xlsx", &make("two-sheets"))]);
    // Some program that is no reader.
    case.asked.reader = std::env::current_exe().ok();
    insta::assert_snapshot!(case.problems(), @r"
    hotpass::source::crashed: `data/rows.xlsx` cannot be read: its content ended the reading process
      hotpass.toml:5:9 `rows` declared here
      help: save it again in the program it comes from, or ask for a new copy
    ");
}

#[test]
fn a_file_may_change_while_it_is_read() {
    let case = Case::new(&[("a.csv", "a\n1\n")]);
    let path = case.path("a.csv");
    let request = Request::new(path.clone(), "a.csv", Format::CSV);
    let mut grow = |_: &Found| {
        std::fs::write(&path, "a\n1\n2\n").expect("written");
        Ok(())
    };
    let read = readers::read(&request, &mut grow, &mut |_| Ok(()));
    let Err(ReadError::Problem(problem)) = read else { panic!("it was read") };
    let told = format!("{}: {}\n  help: {}", problem.code, problem.message, problem.help.unwrap_or_default());
    insta::assert_snapshot!(told, @r"
    hotpass::source::changed: `a.csv` changed while it was read
      help: build again when nothing writes to it
    ");
}

/// Files by name.
pub fn make(name: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    match name {
        "two-sheets" => {
            for name in ["One", "Two"] {
                let sheet = book.add_worksheet().set_name(name).expect("a name");
                sheet.write(0, 0, "a").expect("a cell");
                sheet.write(1, 0, "1").expect("a cell");
            }
        }
        "value-beside" => {
            // Far below what is looked at to find out how wide the table is.
            let sheet = book.add_worksheet();
            for row in 0..2000 {
                sheet.write(row, 0, format!("a{row}")).expect("a cell");
                sheet.write(row, 1, format!("b{row}")).expect("a cell");
            }
            sheet.write(1999, 5, "lost").expect("a cell");
        }
        "hidden" => {
            let sheet = book.add_worksheet();
            for row in 0..3 {
                sheet.write(row, 0, format!("name {row}")).expect("a cell");
                sheet.write(row, 1, format!("city {row}")).expect("a cell");
            }
            sheet.set_row_hidden(1).expect("a row");
            sheet.set_column_hidden(1).expect("a column");
        }
        "errors" => {
            let text = |at: &str, it: &str| format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{it}</t></is></c>");
            let row = |number: u32, cells: &str| format!("</row><row r=\"{number}\">{cells}");
            let header = [text("A1", "name"), text("B1", "fee"), text("C1", "sum")].concat();
            let first = text("A2", "Aero") + "<c r=\"B2\" t=\"e\"><v>#N/A</v></c><c r=\"C2\"><f>1+1</f><v>2</v></c>";
            let second = text("A3", "Blue") + "<c r=\"B3\"><v>7</v></c><c r=\"C3\"><f>1+1</f></c>";
            return package(&(header + &row(2, &first) + &row(3, &second)));
        }
        "numbers" => {
            let sheet = book.add_worksheet();
            for (column, name) in (0..).zip(["k", "amount", "word"]) {
                sheet.write(0, column, name).expect("a cell");
            }
            sheet.write(1, 0, "a").expect("a cell").write(1, 1, 3.125).expect("a cell");
            sheet.write(2, 0, "b").expect("a cell").write(2, 1, "1.234,5").expect("a cell");
        }
        "cell-outside" => return package("<c r=\"AAAA1\"><v>1</v></c>"),
        "encrypted" => {
            let mark = "EncryptionInfo".encode_utf16().flat_map(u16::to_le_bytes);
            return [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1].into_iter().chain(mark).collect();
        }
        "one-sheet" => {
            let sheet = book.add_worksheet();
            sheet.write(1, 1, "a").expect("a cell");
            sheet.write(2, 1, "1").expect("a cell");
        }
        "bomb" => return package(&" ".repeat(8 << 20)),
        "wide" => {
            let names: Vec<_> = (0..16_384).map(|at| format!("c{at}")).collect();
            return format!("{}\n{}\n", names.join(","), ",".repeat(16_383)).into_bytes();
        }
        "long-text" => return format!("a\n{}\n", "x".repeat(40_000)).into_bytes(),
        other => panic!("no file is made as `{other}`"),
    }
    book.save_to_buffer().expect("a workbook")
}

/// A workbook with one sheet of one row with these cells.
fn package(cells: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{office}/{kind}\" \
             Target=\"{target}\"/></Relationships>"
        )
    };
    let types = "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
        <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
        <Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>";
    let parts = [
        ("[Content_Types].xml", types.to_owned()),
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml")),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml")),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"S\" sheetId=\"1\" \
                 r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData><row r=\"1\">{cells}</row></sheetData></worksheet>"),
        ),
    ];
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("a package").into_inner()
}
