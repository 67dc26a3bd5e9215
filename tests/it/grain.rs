//! A grain says how a step is made and never what: the same bytes as without it, and only what changed is computed.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::case::{Case, Report};

const GRAINED: &str = r#"
[pipeline]
name = "p"
[source.rows]
path = "data/rows.csv"
header = 1
[step.clean]
kind = "derive"
from = "rows"
columns.name = "initcap(name)"
columns.long = "name || ' ' || coalesce(note, '-')"
columns.n = "cast(n as integer)"
grain = "left(day, 7)"
[step.kept]
kind = "filter"
from = "clean"
where = "n > 2"
grain = "left(day, 7)"
[export.all]
from = "clean"
path = "dist/all.csv"
[export.kept]
from = "kept"
path = "dist/kept.parquet"
"#;

fn without(pipeline: &str) -> String {
    pipeline.lines().filter(|it| !it.starts_with("grain")).collect::<Vec<_>>().join("\n")
}

/// Rows: a month or none, a name, a note or none, a number.
type Rows = Vec<(Option<u8>, u8, Option<u8>, u8)>;

fn text(rows: &Rows) -> String {
    let mut acc = String::from("day,name,note,n\n");
    for (month, name, note, n) in rows {
        let month = month.map_or_else(String::new, |it| format!("2024-{:02}-0{}", it + 1, n % 9 + 1));
        let note = note.map_or_else(String::new, |it| format!("note {it}"));
        acc.push_str(&format!("{month},name {name},{note},{n}\n"));
    }
    acc
}

fn pieces(report: &Report, step: &str) -> Option<(u64, u64)> {
    report.summary().steps.iter().find(|it| it.step == step).and_then(|it| it.pieces)
}

/// Rows are added, changed, taken away, and put elsewhere, one build after the other.
#[test]
fn the_same_bytes_come_out_whatever_changed() {
    let row = (prop::option::weighted(0.9, 0..4_u8), 0..5_u8, prop::option::of(0..3_u8), 0..6_u8);
    let start = prop::collection::vec(row.clone(), 0..12);
    let edits = prop::collection::vec((0..4_u8, any::<prop::sample::Index>(), any::<prop::sample::Index>(), row), 1..5);
    let mut runner = TestRunner::new(Config { cases: 8, ..Config::default() });
    let law = |(mut rows, edits): (Rows, Vec<(u8, prop::sample::Index, prop::sample::Index, _)>)| {
        let case = Case::new(&[("hotpass.toml", GRAINED), ("data/rows.csv", &text(&rows))]);
        case.build().ok();
        for (what, at, to, row) in edits {
            match what {
                0 => rows.push(row),
                1 if !rows.is_empty() => {
                    let at = at.index(rows.len());
                    rows[at] = row;
                }
                2 if !rows.is_empty() => drop(rows.remove(at.index(rows.len()))),
                3 if !rows.is_empty() => {
                    let (one, other) = (at.index(rows.len()), to.index(rows.len()));
                    rows.swap(one, other);
                }
                _ => (),
            }
            case.write("data/rows.csv", text(&rows));
            case.build().ok();
            let whole = Case::new(&[("hotpass.toml", &*without(GRAINED)), ("data/rows.csv", &text(&rows))]);
            whole.build().ok();
            prop_assert_eq!(case.tables(true), whole.tables(true));
            for file in ["dist/all.csv", "dist/kept.parquet"] {
                prop_assert!(case.read(file) == whole.read(file), "{} differs for {:?}", file, rows);
            }
        }
        Ok(())
    };
    runner.run(&(start, edits), law).expect("the same bytes");
}

#[test]
fn only_pieces_with_other_rows_are_computed() {
    let rows: Rows = (0..40).map(|it| (Some(it % 4), it % 5, None, it % 6)).collect();
    let case = Case::new(&[("hotpass.toml", GRAINED), ("data/rows.csv", &text(&rows))]);
    let report = case.build().ok();
    assert_eq!((pieces(&report, "clean"), pieces(&report, "kept")), (Some((4, 4)), Some((4, 4))));
    // A row in a month that was not there, and one in a month that was: the first of all rows, so that all others move.
    let mut more = rows.clone();
    more.insert(0, (Some(7), 1, None, 5));
    case.write("data/rows.csv", text(&more));
    assert_eq!(pieces(&case.build().ok(), "clean"), Some((1, 5)));
    // A filter hands on the numbers of rows as well, which did not move this time.
    more.push((Some(2), 1, None, 5));
    case.write("data/rows.csv", text(&more));
    let report = case.build().ok();
    assert_eq!((pieces(&report, "clean"), pieces(&report, "kept")), (Some((1, 5)), Some((1, 5))));
    // One column is made of other values, the rest is as it was: pieces are those of a column.
    more[4].2 = Some(1);
    case.write("data/rows.csv", text(&more));
    let report = case.build().ok();
    assert_eq!(pieces(&report, "clean"), Some((1, 5)));
    // Months that went and came again, and rows in another order.
    more.retain(|it| it.0 != Some(7));
    case.write("data/rows.csv", text(&more));
    assert_eq!(pieces(&case.build().ok(), "clean"), Some((0, 4)));
    // To say another grain, or none, makes nothing again.
    case.write("hotpass.toml", without(GRAINED));
    assert_eq!(case.build().ok().ran(), "nothing");
    case.write("hotpass.toml", GRAINED.replace("left(day, 7)", "left(day, 4)"));
    assert_eq!(case.build().ok().ran(), "nothing");
}

#[test]
fn what_is_lost_costs_time_alone() {
    let rows: Rows = (0..20).map(|it| (Some(it % 4), it % 5, None, it % 6)).collect();
    let case = Case::new(&[("hotpass.toml", GRAINED), ("data/rows.csv", &text(&rows))]);
    case.build().ok();
    let memos = case.path(".hotpass/memos");
    let mut damaged = 0;
    for entry in std::fs::read_dir(&memos).expect("memos").flatten() {
        let mut bytes = std::fs::read(entry.path()).expect("a memo");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(entry.path(), bytes).expect("written");
        damaged += 1;
    }
    assert!(damaged > 0);
    let mut more = rows.clone();
    more.push((Some(1), 4, Some(1), 5));
    case.write("data/rows.csv", text(&more));
    let report = case.build().ok();
    assert_eq!(pieces(&report, "clean"), Some((4, 4)));
    let whole = Case::new(&[("hotpass.toml", &*without(GRAINED)), ("data/rows.csv", &text(&more))]);
    whole.build().ok();
    assert_eq!(case.artefacts(), whole.artefacts());
}

#[test]
fn what_takes_rows_together_has_no_grain() {
    for (from, to, told) in [
        (
            "kind = \"filter\"\nfrom = \"clean\"\nwhere = \"n > 2\"",
            "kind = \"sort\"\nfrom = \"clean\"\nby = \"n\"",
            "a `sort` step",
        ),
        (
            "kind = \"filter\"\nfrom = \"clean\"\nwhere = \"n > 2\"",
            "kind = \"sql\"\nquery = \"select n from clean\"",
            "a `sql` step",
        ),
        ("grain = \"left(day, 7)\"\n[step.kept]", "grain = \"left(dya, 7)\"\n[step.kept]", "dya"),
    ] {
        let case = Case::new(&[("hotpass.toml", GRAINED), ("data/rows.csv", "day,name,note,n\n2024-01-01,a,b,3\n")]);
        case.replace("hotpass.toml", from, to);
        let problems = case.problems();
        assert!(problems.contains(told), "{told}: {problems}");
    }
}

fn fresh_artefacts(case: &Case) -> std::collections::BTreeMap<String, Vec<u8>> {
    let fresh = case.fresh();
    fresh.build().ok();
    fresh.artefacts()
}

/// What a source says holds for each step that takes its rows one by one, and asks nothing of the others.
#[test]
fn a_source_says_it_for_all_that_read_it() {
    let rows: Rows = (0..40).map(|it| (Some(it % 4), it % 5, None, it % 6)).collect();
    let said = without(GRAINED).replace("header = 1", "header = 1\ngrain = \"left(day, 7)\"");
    let sorted = "[step.sorted]\nkind = \"sort\"\nfrom = \"rows\"\nby = \"day\"\n";
    let said = said.replace("[export.all]", &format!("{sorted}[export.all]"));
    let case = Case::new(&[("hotpass.toml", &*said), ("data/rows.csv", &text(&rows))]);
    let report = case.build().ok();
    assert_eq!(
        (pieces(&report, "clean"), pieces(&report, "kept"), pieces(&report, "sorted")),
        (Some((4, 4)), None, None)
    );
    let mut more = rows.clone();
    more.push((Some(2), 1, None, 5));
    case.write("data/rows.csv", text(&more));
    assert_eq!(pieces(&case.build().ok(), "clean"), Some((1, 4)));
    assert_eq!(case.artefacts(), fresh_artefacts(&case));
    // What the step says comes first.
    case.replace("hotpass.toml", "columns.n = ", "grain = \"left(day, 4)\"\ncolumns.n = ");
    more.push((Some(2), 1, None, 5));
    case.write("data/rows.csv", text(&more));
    assert_eq!(pieces(&case.build().ok(), "clean"), Some((1, 1)));
    case.replace("hotpass.toml", "grain = \"left(day, 7)\"", "grain = \"left(dya, 7)\"");
    let problems = case.problems();
    assert!(problems.contains("dya") && problems.contains("`day`"), "{problems}");
}
