//! `hotpass refine` on books of the sample's shape that it has never seen: other organisations, and then the same cells
//! under other names of files, sheets and columns, in another order, with junk above.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use calamine::Data;
use rust_xlsxwriter::{Format, Workbook};
use tempfile::TempDir;

use super::Case;

mod planted;

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
        // The last column comes first, and what was first is in the middle; what has no name stays beside its header.
        let width = rows.first().map_or(0, Vec::len);
        let named = |column: usize| header.is_none_or(|it| rows[it][column] != Data::Empty);
        let mut order: Vec<Vec<usize>> = Vec::new();
        for column in 0..width {
            match order.last_mut() {
                Some(group) if !named(column) => group.push(column),
                _ => order.push(vec![column]),
            }
        }
        order.reverse();
        let third = order.len() / 3;
        order.rotate_left(third);
        for row in rows.iter_mut() {
            *row = order.iter().flatten().map(|it| row[*it].clone()).collect();
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

fn program() -> Command {
    let own = std::env::current_exe().expect("a program");
    Command::new(own.ancestors().nth(2).expect("a folder").join(format!("hotpass{}", std::env::consts::EXE_SUFFIX)))
}

/// One run of `refine` on a folder: records, and what was told.
fn run(folder: &Path) -> (Vec<String>, String) {
    let out = folder.join("out");
    std::fs::create_dir_all(&out).expect("a folder");
    let mut command = program();
    command.arg("refine").arg("--input-dir").arg(folder.join("in"));
    let run = command.arg("--output-path").arg(out.join("refined.xlsx")).arg("--archive").output().expect("it starts");
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.success(), "{said}");
    let text = std::fs::read_to_string(out.join("refined.csv")).expect("records");
    (text.lines().map(str::to_owned).collect(), said)
}

/// What `refine` makes of a folder.
fn refined(folder: &Path) -> (String, String) {
    let out = folder.join("out");
    run(folder);
    for name in ["refined.xlsx", "refined.parquet", "refined-report.md", "refined-archive.zip"] {
        assert!(out.join(name).exists(), "no {name}");
    }
    let archive = std::fs::read(out.join("refined-archive.zip")).expect("an archive");
    let said = run(folder).1;
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

/// The header of a sheet, by the truth.
fn headers(case: &Case) -> BTreeMap<(String, String), usize> {
    let rows = case.table("truth-rows.csv");
    let header = rows.iter().filter(|it| it["kind"] == "header");
    let mut acc = BTreeMap::new();
    for it in header {
        acc.entry((it["book"].clone(), it["sheet"].clone())).or_insert(it["row"].parse::<usize>().expect("a row") - 1);
    }
    acc
}

/// Files by name, as they are delivered.
type Delivery = BTreeMap<String, Sheets>;

fn deliver(files: &Delivery) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    std::fs::create_dir(folder.path().join("in")).expect("a folder");
    for (name, sheets) in files {
        write(&folder.path().join("in"), name, sheets);
    }
    folder
}

/// The workbooks, or the delimited texts, that the sample is written as, in a folder of their own.
fn originals(case: &Case, folder: &Path, ending: &str) {
    std::fs::create_dir(folder).expect("a folder");
    for (name, bytes) in case.bytes().into_iter().filter(|(name, _)| name.ends_with(ending)) {
        if !name.starts_with("truth") {
            std::fs::write(folder.join(name), bytes).expect("written");
        }
    }
}

/// What the shipped pipeline makes of the books where it expects them.
fn built(case: &Case) -> Vec<String> {
    let folder = TempDir::new().expect("a folder");
    originals(case, &folder.path().join("data"), ".xlsx");
    let text = include_str!("../../../pipelines/sample/hotpass.toml").replace("min = 150, max = 400", "min = 1");
    std::fs::write(folder.path().join("hotpass.toml"), text).expect("a pipeline");
    let build = program().arg("-C").arg(folder.path()).arg("build").output().expect("it starts");
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let text = std::fs::read_to_string(folder.path().join("dist/contacts.csv")).expect("records");
    text.lines().map(str::to_owned).collect()
}

/// Books of a seed that nobody has seen, changed; what is made of them, and the lines that tell what is not certain.
fn variant(seed: u64, change: impl Fn(&mut Delivery, &BTreeMap<(String, String), usize>)) -> (Vec<String>, String) {
    let case = Case::new(60, seed, false);
    let mut files: Delivery = books(&case).into_iter().map(|(name, it)| (format!("{name}.xlsx"), it)).collect();
    change(&mut files, &headers(&case));
    run(deliver(&files).path())
}

fn plain(seed: u64) -> Vec<String> {
    variant(seed, |_, _| ()).0
}

/// The same records in any order: rows of equal rank stand in the order of sheets.
fn same(seed: u64, change: impl Fn(&mut Delivery, &BTreeMap<(String, String), usize>)) -> String {
    let (mut got, told) = variant(seed, change);
    let mut wanted = plain(seed);
    got.sort();
    wanted.sort();
    let differ: Vec<_> = wanted.iter().filter(|it| !got.contains(it)).take(3).collect();
    assert!(got == wanted, "seed {seed}: {differ:#?}\n{told}");
    told
}

/// The column of a header, taken out of a sheet or emptied below it.
fn column(rows: &mut [Vec<Data>], header: usize, name: &str, gone: bool) {
    let at = rows[header].iter().position(|it| *it == Data::String(name.to_owned())).expect("the column");
    for (number, row) in rows.iter_mut().enumerate() {
        if gone {
            row.remove(at);
        } else if number > header {
            row[at] = Data::Empty;
        }
    }
}

#[test]
fn books_that_come_in_other_parts_give_the_same_records() {
    // A sheet of remarks is left out, and nothing else is told.
    let quiet = |told: &str| {
        assert!(!told.contains("refine::not-found") && !told.contains("refine::ambiguous"), "{told}");
        assert_eq!(told.matches("is left out").count(), 1, "{told}");
    };
    // One book in two, under other names.
    quiet(&same(302, |files, _| {
        let mut sheets = files.remove("clients.xlsx").expect("a book");
        let half = sheets.split_off(2);
        files.insert("a.xlsx".to_owned(), half);
        files.insert("b (final).xlsx".to_owned(), sheets);
    }));
    // All of them in one.
    quiet(&same(303, |files, _| {
        let sheets: Sheets = files.values().flatten().cloned().collect();
        *files = Delivery::from([("everything.xlsx".to_owned(), sheets)]);
    }));
    // A book that has nothing to do with it.
    let told = same(305, |files, _| {
        let cell = |it: &str| Data::String(it.to_owned());
        let stock = |it: u32| vec![cell(&format!("Bolt M{it}")), Data::Float(f64::from(it)), Data::Float(0.5)];
        let rows = std::iter::once(vec![cell("Part"), cell("In stock"), cell("Price")]).chain((4..24).map(stock));
        files.insert("stock.xlsx".to_owned(), vec![("Stock".to_owned(), rows.collect())]);
    });
    assert!(told.contains("stock.xlsx") && told.contains("looks like no source and is left out"), "{told}");
}

#[test]
fn junk_above_and_other_names_of_sheets_change_nothing() {
    let cell = |it: &str| Data::String(it.to_owned());
    for (seed, above) in [(304, 5), (309, 1), (310, 2), (311, 8), (312, 12)] {
        let told = same(seed, |files, _| {
            for sheets in files.values_mut() {
                for (at, (name, rows)) in sheets.iter_mut().enumerate() {
                    let width = rows.first().map_or(1, Vec::len);
                    let mut junk = vec![vec![Data::Empty; width]; above];
                    for (row, line) in junk.iter_mut().enumerate().step_by(2) {
                        line[row % width] = cell(&format!("Report {row} of the office, not to be passed on"));
                    }
                    rows.splice(0..0, junk);
                    *name = format!("Sheet{}", at + 1);
                }
            }
        });
        assert!(!told.contains("refine::not-found") && !told.contains("refine::ambiguous"), "seed {seed}: {told}");
    }
}

#[test]
fn what_was_not_delivered_is_told_and_is_null() {
    // A source that nobody sent: what the others say is all there.
    let (got, told) = variant(306, |files, _| {
        files.get_mut("outreach.xlsx").expect("a book").retain(|(name, _)| name != "Contact Info");
    });
    assert!(told.contains("nothing looks like the source `outreach_contacts`"), "{told}");
    assert!(got.len() > 20, "{got:#?}");
    // A column that nobody sent is like one without a value: nowhere an empty text.
    let without = |gone: bool| {
        variant(307, |files, headers| {
            for (name, rows) in files.get_mut("clients.xlsx").expect("a book") {
                let header = headers.get(&("clients".to_owned(), name.clone()));
                match (name.as_str(), header) {
                    ("Company_Cat", Some(header)) => column(rows, *header, "Website", gone),
                    ("Company_Contacts", Some(header)) => column(rows, *header, "Position", gone),
                    _ => (),
                }
            }
        })
    };
    assert_eq!(without(true).0, without(false).0);
}

#[test]
fn two_sheets_of_one_source_are_told_and_one_is_taken() {
    let (got, told) = variant(308, |files, _| {
        let sheets = files.get_mut("registry-2025-07.xlsx").expect("a book").clone();
        files.insert("registry-2025-08.xlsx".to_owned(), sheets);
    });
    assert!(told.contains("both look like the source `register`"), "{told}");
    assert_eq!(got, plain(308));
}

#[test]
fn books_as_they_are_give_what_the_shipped_pipeline_gives_and_so_do_their_texts() {
    let case = Case::new(60, 301, false);
    let wanted = built(&case);
    // Text has no merged cells: the towns of addresses have no header of their own there, and go on from the streets.
    for ending in [".xlsx", ".csv"] {
        let folder = TempDir::new().expect("a folder");
        originals(&case, &folder.path().join("in"), ending);
        let (got, told) = run(folder.path());
        let same = wanted.iter().filter(|it| got.contains(it)).count();
        let enough = got.len() == wanted.len() && same == wanted.len();
        assert!(enough, "{ending}: {same} of {}, and {} came\n{told}", wanted.len(), got.len());
    }
}
