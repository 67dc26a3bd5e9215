//! The store can be lost, torn, shared and cut at any time: that costs time and no byte of an artefact.

use std::fs;
use std::path::PathBuf;

use hotpass::store::Paths;

use crate::case::{Case, Report};

const PIPELINE: &str = r#"
[pipeline]
name = "p"

[source.rows]
path = "data/rows.csv"

[step.typed]
kind = "derive"
from = "rows"
columns = { n = "cast(n as integer)", text = "upper(text)" }

[step.sorted]
kind = "sort"
from = "typed"
by = ["-n"]

[[expect.sorted]]
column = "n"
not_null = true

[export.out]
from = "sorted"
path = "dist/out.csv"
"#;

fn built() -> Case {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/rows.csv", "n,text\n1,a\n3,c\n2,b\n")]);
    case.build().ok();
    case
}

fn segments(case: &Case) -> Vec<PathBuf> {
    let mut acc = Vec::new();
    for folder in fs::read_dir(Paths::new(&case.asked.root, None).segments()).expect("a folder") {
        for file in fs::read_dir(folder.expect("an entry").path()).expect("a folder") {
            acc.push(file.expect("an entry").path());
        }
    }
    acc.sort();
    acc
}

/// Whatever `harm` did, the artefacts of the next build are what they were, also when they are to be written anew.
fn check_heals(harm: impl Fn(&Case)) -> Report {
    let case = built();
    let (artefacts, tables) = (case.artefacts(), case.tables(true));
    harm(&case);
    let report = case.build().ok();
    assert_eq!(case.tables(true), tables);
    assert!(case.artefacts() == artefacts);

    let case = built();
    harm(&case);
    case.remove("dist/out.csv");
    assert_eq!(case.build().ok().written(), "dist/out.csv");
    assert!(case.artefacts() == artefacts);
    report
}

#[test]
fn a_deleted_store_changes_no_artefact() {
    let report = check_heals(|case| case.remove(".hotpass"));
    assert_eq!(report.steps(), "typed sorted");
}

#[test]
fn a_torn_journal_changes_no_artefact() {
    let whole = fs::metadata(Paths::new(&built().asked.root, None).journal()).expect("a journal").len();
    for part in [0, 1, 5, 9, 13, 15] {
        check_heals(|case| {
            let path = Paths::new(&case.asked.root, None).journal();
            let bytes = fs::read(&path).expect("a journal");
            let cut = (whole * part / 16).min(bytes.len() as u64);
            fs::write(&path, &bytes[..cut as usize]).expect("written");
        });
    }
}

#[test]
fn a_journal_of_something_else_is_begun_anew() {
    check_heals(|case| {
        fs::write(Paths::new(&case.asked.root, None).journal(), "not a journal at all").expect("written")
    });
}

#[test]
fn deleted_segments_are_made_again() {
    for at in 0..segments(&built()).len() {
        let report = check_heals(|case| fs::remove_file(&segments(case)[at]).expect("removed"));
        assert_ne!(report.ran(), "nothing", "segment {at}");
    }
}

#[test]
fn truncated_segments_are_made_again() {
    for at in 0..segments(&built()).len() {
        let report = check_heals(|case| {
            let path = &segments(case)[at];
            let bytes = fs::read(path).expect("a segment");
            fs::write(path, &bytes[..bytes.len() / 2]).expect("written");
        });
        assert_ne!(report.ran(), "nothing", "segment {at}");
    }
}

#[test]
fn two_builds_at_once_give_what_one_gives() {
    let alone = built();
    let case = alone.fresh();
    std::thread::scope(|scope| {
        let builds: Vec<_> = (0..3).map(|_| scope.spawn(|| case.build().ok().status)).collect();
        builds.into_iter().for_each(|it| {
            it.join().expect("a build");
        });
    });
    assert_eq!(case.tables(true), alone.tables(true));
    assert!(case.artefacts() == alone.artefacts());
    assert_eq!(case.build().ok().ran(), "nothing");
}

#[test]
fn a_reader_of_the_warehouse_is_not_in_the_way() {
    let case = built();
    let path = Paths::new(&case.asked.root, None).warehouse();
    let config = || duckdb::Config::default().access_mode(duckdb::AccessMode::ReadOnly).expect("a setting");
    let open = || duckdb::Connection::open_with_flags(&path, config()).expect("the warehouse");
    let count = |it: &duckdb::Connection| -> i64 {
        it.query_row("SELECT count(*) FROM p.sorted", [], |row| row.get(0)).expect("a count")
    };
    let reader = open();
    assert_eq!(count(&reader), 3);
    case.write("data/rows.csv", "n,text\n1,a\n");
    case.build().ok();
    assert_eq!(count(&reader), 3, "who has it open sees what was there");
    drop(reader);
    assert_eq!(count(&open()), 1);
}
