//! The store can be lost, torn, shared and cut at any time: that costs time and no byte of an artefact.

use std::fs;
use std::path::{Path, PathBuf};

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

/// Every segment that is harmed shows in what is made again, but that of the tables without rows: they hold what was
/// set aside, which is nothing, and are told of nowhere.
fn check_segments(harm: impl Fn(&Path)) {
    let all = segments(&built()).len();
    let silent: Vec<_> =
        (0..all).filter(|at| check_heals(|case| harm(&segments(case)[*at])).ran() == "nothing").collect();
    assert!(silent.len() <= 1 && all > 3, "{silent:?}");
}

#[test]
fn deleted_segments_are_made_again() {
    check_segments(|path| fs::remove_file(path).expect("removed"));
}

#[test]
fn truncated_segments_are_made_again() {
    check_segments(|path| {
        let bytes = fs::read(path).expect("a segment");
        fs::write(path, &bytes[..bytes.len() / 2]).expect("written");
    });
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

#[test]
fn the_warehouse_follows_what_changes() {
    let case = built();
    let path = Paths::new(&case.asked.root, None).warehouse();
    let config = || duckdb::Config::default().access_mode(duckdb::AccessMode::ReadOnly).expect("a setting");
    let check = |sql: &str, expected: &str| {
        let open = duckdb::Connection::open_with_flags(&path, config()).expect("the warehouse");
        let text: String = open.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| error.to_string());
        assert_eq!(text, expected, "{sql}");
    };
    let views = "SELECT string_agg(schema_name || '.' || view_name, ' ' ORDER BY schema_name, view_name) \
        FROM duckdb_views() WHERE NOT internal AND view_name LIKE 'sor%'";
    check(views, "main.sorted p.sorted");
    check("SELECT count(*)::VARCHAR FROM sorted", "3");
    case.replace("hotpass.toml", "[step.sorted]", "[step.sorting]");
    let text = case.text("hotpass.toml");
    let text = text.replace("\"sorted\"", "\"sorting\"").replace("expect.sorted", "expect.sorting");
    case.write("hotpass.toml", text);
    case.write("data/rows.csv", "n,text\n1,a\n");
    case.build().ok();
    check(views, "main.sorting p.sorting");
    check("SELECT count(*)::VARCHAR FROM sorting", "1");
    check("SELECT rows::VARCHAR FROM hotpass.views WHERE name = 'p.sorting' AND plain", "1");
    check("SELECT count(*)::VARCHAR FROM hotpass.runs", "2");
    // What is damaged is written from nothing.
    std::fs::write(&path, b"no database").expect("written");
    case.write("data/rows.csv", "n,text\n1,a\n2,b\n");
    case.build().ok();
    check(views, "main.sorting p.sorting");
    check("SELECT count(*)::VARCHAR FROM p.sorting", "2");
    check("SELECT count(*)::VARCHAR FROM hotpass.runs", "3");
}

#[test]
fn columns_of_several_segments_keep_their_rows_together() {
    // More rows than a row group and than a batch of any kind; one step stores one column beside the others.
    const ROWS: u64 = 300_000;
    let text = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n\
        [step.one]\nkind = 'derive'\nfrom = 'rows'\ncolumns = { double = 'cast(id as integer) * 2' }\n\
        [step.two]\nkind = 'derive'\nfrom = 'one'\ncolumns = { triple = 'double + cast(id as integer)' }\n\
        [step.some]\nkind = 'filter'\nfrom = 'two'\nwhere = 'double % 3 = 0 and triple % 2 = 0'\n\
        [[expect.two]]\nholds = 'triple = 3 * (_row - 1) and double = 2 * (_row - 1)'\n\
        [export.all]\nfrom = 'two'\npath = 'dist/all.csv'\n[export.some]\nfrom = 'some'\npath = 'dist/some.csv'\n\
        [export.parquet]\nfrom = 'two'\npath = 'dist/all.parquet'\n";
    let rows: String = (1..=ROWS).map(|it| format!("{it}\n")).collect();
    let case = Case::new(&[("hotpass.toml", text), ("data/rows.csv", &format!("id\n{rows}"))]);
    case.build().ok();
    let expected = |keep: fn(&u64) -> bool| {
        let rows = (1..=ROWS).filter(keep).map(|it| format!("{it},{},{}\n", 2 * it, 3 * it));
        "id,double,triple\n".to_owned() + &rows.collect::<String>()
    };
    assert!(case.text("dist/all.csv") == expected(|_| true));
    assert!(case.text("dist/some.csv") == expected(|it| it % 6 == 0));
    // One column is made again and zipped with the others.
    case.replace("hotpass.toml", "cast(id as integer) * 2", "cast(id as integer) + cast(id as integer)");
    let (before, report) = (case.artefacts(), case.build().ok());
    assert_eq!(report.ran(), "one(double)");
    assert!(case.artefacts() == before);
}

#[test]
fn every_type_goes_through_parquet_and_comes_back() {
    let text = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n\
        [step.typed]\nkind = 'derive'\nfrom = 'rows'\n[step.typed.columns]\n\
        i = 'cast(v as integer)'\nd = 'cast(v as decimal)'\nf = 'cast(v as float)'\nb = 'cast(v as boolean)'\n\
        day = 'cast(v as date)'\nat = 'cast(v as timestamp)'\n\
        [export.out]\nfrom = 'typed'\npath = 'dist/typed.parquet'\n";
    let values =
        "v\n-9223372036854775808\n1234567890.125\n-0.0\n1e308\ntrue\n0001-01-01\n9999-12-31 23:59:59.999999\nx\n";
    let case = Case::new(&[("hotpass.toml", text), ("data/rows.csv", values)]);
    case.build().ok();
    let again = "[pipeline]\nname = 'p'\n[source.typed]\npath = 'data/typed.parquet'\n\
        [step.kept]\nkind = 'filter'\nfrom = 'typed'\nwhere = 'true'\n";
    let other = Case::new(&[("hotpass.toml", again)]);
    other.write("data/typed.parquet", case.read("dist/typed.parquet"));
    other.build().ok();
    assert_eq!(other.table("p.typed"), case.table("p.typed"));
    assert_eq!(other.table("p.kept"), case.table("p.typed"));
}

#[test]
fn each_of_many_checks_has_its_own_count() {
    let check = |at: i64| format!("[[expect.sorted]]\nholds = \"n > {at}\"\nseverity = \"warn\"\n");
    let checks: String = (-60..60).map(check).collect();
    let pipeline = format!("{PIPELINE}\n{checks}");
    let case = Case::new(&[("hotpass.toml", pipeline.as_str()), ("data/rows.csv", "n,text\n1,a\n3,c\n2,b\n")]);
    let report = case.build().ok();
    let found: Vec<u64> = report.summary().checks.iter().skip(1).map(|it| it.unexpected).collect();
    let expected: Vec<u64> = (-60..60).map(|at| (1..=3).filter(|n| *n <= at).count() as u64).collect();
    assert_eq!(found, expected);
}
