//! Every problem there is, provoked by a smallest workspace: `problems.md` has a heading for each code.
//!
//! Files that cannot stand in Markdown are made here; so are workspaces that need more than files.

use std::io::Write;
use std::path::Path;

use hotpass::problem::Code;
use rust_xlsxwriter::Workbook;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::case::Case;
use crate::spec;

/// Codes that no workspace provokes, and why they stand all the same.
const UNPROVOKED: [(&str, &str); 2] = [
    ("hotpass::source::changed", "a file must change while it is read; `src/border/tests` does it"),
    ("hotpass::export::column-type", "writers take any Arrow table, and tables only hold types that they know"),
];

/// Codes that are provoked below, because they need more than files.
const PROVOKED_HERE: [&str; 3] =
    ["hotpass::pipeline::bad_parameter", "hotpass::source::unreadable", "hotpass::source::crashed"];

/// Every code of a workspace and what is delivered, each name once; `cli.rs` has those of what is typed.
pub fn codes() -> Vec<&'static Code> {
    let mut acc: Vec<&'static Code> = Vec::new();
    let all = [
        hotpass::fields::CODES,
        hotpass::profile::CODES,
        hotpass::pipeline::CODES,
        hotpass::steps::CODES,
        hotpass::expectations::CODES,
        hotpass::query::CODES,
        hotpass::query::PLANNING_CODES,
        hotpass::query::SOURCE_CODES,
        hotpass::border::problems::CODES,
        hotpass::publish::problems::CODES,
    ];
    for code in all.into_iter().flatten() {
        if !acc.iter().any(|it| it.name == code.name) {
            acc.push(code);
        }
    }
    acc
}

#[test]
fn every_problem_is_told_as_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/problems.md");
    spec::check(&[path]);
}

#[test]
fn every_code_is_provoked() {
    let text = include_str!("problems.md");
    for code in codes() {
        if UNPROVOKED.iter().any(|(it, _)| *it == code.name) || PROVOKED_HERE.contains(&code.name) {
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
    hotpass::pipeline::bad_parameter: `--set n=…` needs a value like the declared one
      hotpass.toml:4:5 `1` declared here
    ");
}

#[cfg(unix)]
#[test]
fn a_file_may_be_unreadable() {
    use std::os::unix::fs::PermissionsExt;
    let case = Case::new(&[("hotpass.toml", ROWS), ("data/rows.csv", "a\n1\n")]);
    let path = case.path("data/rows.csv");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0)).expect("taken away");
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
      help: save it anew in the program it comes from, or ask for a new copy
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
            let sheet = book.add_worksheet();
            for (row, column) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 5)] {
                sheet.write(row, column, format!("x{row}{column}")).expect("a cell");
            }
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
        "long-text" => return format!("a\n{}\n", "x".repeat(40_000)).into_bytes(),
        "wide" => {
            let columns: Vec<_> = (0..16_385).map(|it| format!("{it} as c{it}")).collect();
            let query = format!("[step.s]\nkind = 'sql'\nquery = 'select {}'\n", columns.join(", "));
            return format!("[pipeline]\nname = 'p'\n{query}[export.out]\nfrom = 's'\npath = 'dist/out.xlsx'\n").into();
        }
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
