//! `hotpass refine` on books of the sample's shape that it has never seen: other organisations, and then the same cells
//! under other names of files, sheets and columns, in another order, with junk above.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use calamine::Data;
use rust_xlsxwriter::{Format, Workbook};
use tempfile::TempDir;

use super::Case;

/// A seed that no constant was chosen by.
const SEED: u64 = 90_210;

/// What people call columns who have never met.
const OTHERWISE: [(&str, &str); 9] = [
    ("Organisation Name", "Name of the organisation"),
    ("Email", "E-mail address"),
    ("Cellnumber", "Cell no."),
    ("Phone", "Tel"),
    ("Website URL", "Web site"),
    ("Contact Number", "Telephone"),
    ("Surname", "Last name"),
    ("LoadDate", "Date loaded"),
    ("Position", "Job title"),
];

/// Sheets of a book: name, and rows of cells with the first row of the truth's header.
type Sheets = Vec<(String, Vec<Vec<Data>>)>;

/// The cells of every book; the row in which the header stands is told by the truth.
fn books(case: &Case) -> BTreeMap<String, Sheets> {
    let mut acc: BTreeMap<String, Sheets> = BTreeMap::new();
    for ((book, sheet), range) in case.sheets() {
        let (end, width) = range.end().expect("a sheet with cells");
        let row = |row: u32| (0..=width).map(|it| range.get_value((row, it)).cloned().unwrap_or(Data::Empty)).collect();
        acc.entry(book).or_default().push((sheet, (0..=end).map(row).collect()));
    }
    acc
}

fn write(folder: &Path, name: &str, sheets: &Sheets) {
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let page = book.add_worksheet().set_name(name).expect("a name");
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let (row, column) = (row as u32, column as u16);
                match cell {
                    Data::String(it) if !it.is_empty() => page.write_string(row, column, it).expect("written"),
                    Data::Float(it) => page.write_number(row, column, *it).expect("written"),
                    Data::Int(it) => page.write_number(row, column, *it as f64).expect("written"),
                    Data::Bool(it) => page.write_boolean(row, column, *it).expect("written"),
                    Data::DateTime(it) => {
                        page.write_number_with_format(row, column, it.as_f64(), &date).expect("written")
                    }
                    _ => continue,
                };
            }
        }
    }
    book.save(folder.join(name)).expect("saved");
}

/// The same cells as nobody has seen them.
fn shuffled(mut sheets: Sheets, headers: &[(String, u32)], other_names: bool) -> Sheets {
    for (name, rows) in &mut sheets {
        let header = headers.iter().find(|(it, _)| it == name).map(|(_, row)| *row as usize - 1);
        if let (Some(header), true) = (header, other_names) {
            for cell in &mut rows[header] {
                if let Data::String(text) = cell {
                    let other = OTHERWISE.iter().find(|(it, _)| it == text).map(|(_, it)| (*it).to_owned());
                    *text = other.unwrap_or_else(|| text.to_uppercase().replace('_', " "));
                }
            }
        }
        // The last column comes first, and what was first is in the middle.
        for row in rows.iter_mut() {
            row.reverse();
            let half = row.len() / 3;
            row.rotate_left(half);
        }
        let width = rows.first().map_or(1, Vec::len);
        let mut junk = vec![vec![Data::Empty; width]; 3];
        junk[0][0] = Data::String("Downloaded for internal use".to_owned());
        junk[1][1.min(width - 1)] = Data::String("Page 1".to_owned());
        rows.splice(0..0, junk);
        *name = format!("Tab {}", name.len());
    }
    sheets.reverse();
    // Two names may have become one.
    for (at, (name, _)) in sheets.iter_mut().enumerate() {
        *name = format!("{name} ({at})");
    }
    sheets
}

/// What `refine` makes of a folder.
fn refined(folder: &Path) -> (String, String) {
    let program = std::env::current_exe().expect("a program");
    let program =
        program.ancestors().nth(2).expect("a folder").join(format!("hotpass{}", std::env::consts::EXE_SUFFIX));
    let out = folder.join("out");
    std::fs::create_dir_all(&out).expect("a folder");
    let run = || {
        let mut command = Command::new(&program);
        command.arg("refine").arg("--input-dir").arg(folder.join("in"));
        command.arg("--output-path").arg(out.join("refined.xlsx")).arg("--archive").output().expect("it starts")
    };
    let first = run();
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    for name in ["refined.xlsx", "refined.parquet", "refined-report.md", "refined-archive.zip"] {
        assert!(out.join(name).exists(), "no {name}");
    }
    let archive = std::fs::read(out.join("refined-archive.zip")).expect("an archive");
    let again = run();
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(said.contains("nothing to do"), "a second run makes nothing again: {said}");
    assert!(archive == std::fs::read(out.join("refined-archive.zip")).expect("an archive"), "the archive is the same");
    let text = |name: &str| std::fs::read_to_string(out.join(name)).expect("a file");
    (text("refined.csv"), text("refined-report.md"))
}

fn folder(books: &BTreeMap<String, Sheets>, change: impl Fn(&str, &Sheets) -> (String, Sheets)) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    std::fs::create_dir(folder.path().join("in")).expect("a folder");
    for (name, sheets) in books {
        let (name, sheets) = change(name, sheets);
        write(&folder.path().join("in"), &name, &sheets);
    }
    folder
}

#[test]
fn books_in_any_disguise_give_the_same_records() {
    let case = Case::new(120, SEED, false);
    let books = books(&case);
    let rows = case.table("truth-rows.csv");
    let header = |book: &str, sheet: &str| {
        let mut own = rows.iter().filter(|it| it["book"] == book && it["sheet"] == sheet && it["kind"] == "header");
        own.next().map(|it| (sheet.to_owned(), it["row"].parse().expect("a row")))
    };
    let plain = folder(&books, |name, sheets| (format!("{name}.xlsx"), sheets.clone()));
    let (expected, report) = refined(plain.path());
    assert!(expected.lines().count() > 80 && report.contains("| register |"), "{report}");
    for other_names in [false, true] {
        let disguised = folder(&books, |name, sheets| {
            let headers: Vec<_> = sheets.iter().filter_map(|(sheet, _)| header(name, sheet)).collect();
            (format!("export {}.xlsx", name.len()), shuffled(sheets.clone(), &headers, other_names))
        });
        let (got, report) = refined(disguised.path());
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (got, wanted) = (lines(&got), lines(&expected));
        let same = wanted.iter().filter(|it| got.contains(it)).count();
        let differ: Vec<_> = wanted.iter().filter(|it| !got.contains(it)).take(3).collect();
        println!("other names {other_names}: {same} of {} records", wanted.len());
        let enough = if other_names { same * 100 >= wanted.len() * 97 } else { same == wanted.len() };
        assert!(enough && got.len() == wanted.len(), "{same} of {}: {differ:#?}\n{report}", wanted.len());
    }
}
