//! Sources of several files: only files that are new or other ones are read, and the same bytes come out.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::book::{book, sheet};
use crate::case::{Case, Report};

const SEVERAL: &str = r#"
[pipeline]
name = "p"
[source.rows]
path = "data/*.csv"
select = "all"
[source.books]
path = "data/*.xlsx"
select = "all"
[step.all]
kind = "union"
from = ["rows", "books"]
[export.all]
from = "all"
path = "dist/all.csv"
[export.left]
from = "rows"
rejected = true
path = "dist/left.csv"
"#;

/// A file: lines of a day, a number, and whether a line has a field too many.
type File = Vec<(u8, u16, bool)>;

fn csv(file: &File) -> String {
    let mut text = String::from("day,n\n");
    for (at, (day, n, ragged)) in file.iter().enumerate() {
        let more = if *ragged && at > 0 { ",too,many" } else { "" };
        text += &format!("{:02}/{:02}/2024,{n}.5{more}\n", day % 28 + 1, day % 12 + 1);
    }
    text
}

fn lines(file: &File) -> String {
    let line = |(day, n, _): &(u8, u16, bool)| format!("{:02}/{:02}/2024,{n}", day % 28 + 1, day % 12 + 1);
    format!("day,n\n{}", file.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// Files at places; each stands as text or as a workbook.
fn write(case: &Case, at: usize, file: &File) {
    match at % 3 {
        2 => case.write(&format!("data/{at}.xlsx"), book(&[sheet("Sheet1", &lines(file))])),
        _ => case.write(&format!("data/{at}.csv"), csv(file)),
    }
}

fn read(report: &Report, source: &str) -> Option<(u64, u64)> {
    report.summary().steps.iter().find(|it| it.step == source).and_then(|it| it.pieces)
}

/// Files come, change, go, and take the place of others, one build after the other.
#[test]
fn the_same_bytes_come_out_whatever_came() {
    let file = prop::collection::vec((0..28_u8, 0..900_u16, prop::bool::weighted(0.1)), 1..6);
    let edits = prop::collection::vec((0..9_usize, prop::option::weighted(0.8, file.clone())), 1..5);
    let start = prop::collection::vec(file, 9);
    let mut runner = TestRunner::new(Config { cases: 8, ..Config::default() });
    let law = |(start, edits): (Vec<File>, Vec<(usize, Option<File>)>)| {
        let case = Case::new(&[("hotpass.toml", SEVERAL)]);
        start.iter().enumerate().for_each(|(at, it)| write(&case, at, it));
        case.build().ok();
        for (at, file) in edits {
            match &file {
                Some(file) => write(&case, at, file),
                // The first of each kind stay, so that there is something to read.
                None if at > 2 => {
                    let name = if at % 3 == 2 { format!("data/{at}.xlsx") } else { format!("data/{at}.csv") };
                    if case.path(&name).is_file() {
                        case.remove(&name);
                    }
                }
                None => (),
            }
            case.build().ok();
            let fresh = case.fresh();
            fresh.build().ok();
            prop_assert_eq!(case.tables(true), fresh.tables(true));
            prop_assert_eq!(case.artefacts(), fresh.artefacts());
        }
        Ok(())
    };
    runner.run(&(start, edits), law).expect("the same bytes");
}

#[test]
fn only_new_and_other_files_are_read() {
    let case = Case::new(&[("hotpass.toml", SEVERAL)]);
    let file = |n: u16| vec![(1, n, false), (13, n + 1, n == 4), (25, n + 2, false)];
    (0..9).for_each(|at| write(&case, at, &file(at as u16)));
    let report = case.build().ok();
    assert_eq!((read(&report, "rows"), read(&report, "books")), (Some((6, 6)), Some((3, 3))));
    write(&case, 3, &file(40));
    write(&case, 11, &file(50));
    let report = case.build().ok();
    assert_eq!((read(&report, "rows"), read(&report, "books")), (Some((1, 6)), Some((1, 4))));
    // A file under another name has the same rows, and says from where they are.
    let bytes = case.read("data/3.csv");
    case.remove("data/3.csv");
    case.write("data/z.csv", bytes);
    let report = case.build().ok();
    assert_eq!(read(&report, "rows"), Some((0, 6)));
    assert!(case.text("dist/left.csv").contains("too"), "{}", case.text("dist/left.csv"));
    // What is declared differently is read otherwise.
    case.replace("hotpass.toml", "path = \"data/*.csv\"", "path = \"data/*.csv\"\nnulls = [\"1.5\"]");
    let report = case.build().ok();
    assert_eq!(read(&report, "rows"), Some((6, 6)));
    // What is lost or damaged costs time alone.
    for entry in std::fs::read_dir(case.path(".hotpass/memos")).expect("memos").flatten() {
        let mut bytes = std::fs::read(entry.path()).expect("a memo");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(entry.path(), bytes).expect("written");
    }
    write(&case, 5, &file(60));
    let report = case.build().ok();
    assert_eq!(read(&report, "books"), Some((4, 4)));
    let fresh = case.fresh();
    fresh.build().ok();
    assert_eq!(case.artefacts(), fresh.artefacts());
}
