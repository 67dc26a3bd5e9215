//! Pages of facts that nobody gathered: hostile names, no rows, and the same bytes twice.

use super::facts::{AskFacts, CheckFacts, ColumnFacts, Facts, FileFacts, GateFacts, Held, Sample, TableFacts, Verdict};
use super::linkage::{self, Linkage};
use super::quality::{Conflicts, Report};
use super::waterfall::{Bar, Waterfall};
use super::{checks, graph, index, table};

/// What must not act on a page, a log or a reader.
const HOSTILE: &str = "<script>alert(1)</script>\u{202e}]]>'\"&`::set-output name=x::y\u{1b}[31m";

fn facts(text: &str) -> Facts {
    let text = text.to_owned();
    let held = Held {
        nulls: 1,
        distinct: 2,
        ends: Some((text.clone(), text.clone())),
        lengths: Some((1, 9)),
        values: vec![(text.clone(), 2), (String::new(), 1)],
        spread: vec![1, 0, 2],
        examples: vec![text.clone()],
    };
    let column = ColumnFacts {
        name: text.clone(),
        ty: "text".to_owned(),
        description: Some(text.clone()),
        promises: vec![text.clone()],
        unit: Some(text.clone()),
        from: vec![text.clone()],
        cells: vec![text.clone()],
        held: Some(held),
        ..ColumnFacts::default()
    };
    let personal = ColumnFacts { name: "p".to_owned(), ty: "integer".to_owned(), personal: true, ..column.clone() };
    let one = TableFacts {
        name: "t".to_owned(),
        kind: "map".to_owned(),
        description: Some(text.clone()),
        rows: Some(4),
        rejected: Some(0),
        key: Some(text.clone()),
        inputs: vec![text.clone()],
        readers: vec!["t".to_owned()],
        places: vec![text.clone()],
        written: vec![text.clone()],
        contract: None,
        trend: vec![3, 0, 4],
        columns: vec![column, personal, ColumnFacts::default()],
    };
    let check = |verdict| CheckFacts {
        id: text.clone(),
        table: "t".to_owned(),
        columns: vec![text.clone()],
        kind: "not_null".to_owned(),
        verdict,
        expected: text.clone(),
        found: text.clone(),
        considered: 4,
        unexpected: 1,
        mostly: 1.0,
        waiver: None,
        meaning: Some(text.clone()),
        file: text.clone(),
        toml: text.clone(),
        holds_back: vec![text.clone()],
        samples: vec![Sample {
            row: 3,
            cells: vec![(text.clone(), Some(text.clone())), ("q".to_owned(), None)],
            places: vec![text.clone()],
        }],
        fix: vec![text.clone()],
    };
    let gate = |verdict| GateFacts {
        id: text.clone(),
        verdict,
        meaning: Some(text.clone()),
        asks: vec![AskFacts { asks: text.clone(), verdict, found: text.clone() }],
        reads: vec!["t".to_owned(), text.clone()],
        holds_back: vec![text.clone()],
        stops: true,
        waiver: None,
        file: text.clone(),
        toml: text.clone(),
    };
    Facts {
        pipeline: "p".to_owned(),
        purpose: Some(text.clone()),
        tables: vec![one, TableFacts { name: "empty".to_owned(), ..TableFacts::default() }],
        checks: [Verdict::Passed, Verdict::Failed, Verdict::Warned, Verdict::NotRun].map(check).into(),
        gates: [Some(Verdict::Passed), Some(Verdict::Failed), Some(Verdict::Warned), None].map(gate).into(),
        files: vec![FileFacts { path: text.clone(), table: "t".to_owned(), format: text.clone(), about: Some(text) }],
    }
}

fn pages(facts: &Facts) -> Vec<String> {
    let tables = facts.tables.iter().map(|it| table(facts, it));
    [index(facts), checks(facts), graph(facts, "<svg></svg>")].into_iter().chain(tables).collect()
}

#[test]
fn nothing_that_comes_from_data_is_markup() {
    for page in pages(&facts(HOSTILE)) {
        assert!(!page.contains("<script"), "{page}");
        assert!(!page.contains(['\u{202e}', '\u{1b}']), "{page}");
        assert!(!page.contains("]]>"), "{page}");
        let opened = page.matches("<code>").count();
        assert_eq!(opened, page.matches("</code>").count(), "{page}");
    }
}

#[test]
fn pages_need_nothing_from_elsewhere_and_are_the_same_twice() {
    let facts = facts("plain");
    assert_eq!(pages(&facts), pages(&facts));
    for page in pages(&facts) {
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src="), "{page}");
        assert_eq!(page.matches("<h1>").count(), 1);
    }
}

#[test]
fn a_trend_is_a_picture_with_words() {
    let page = index(&facts("plain"));
    assert!(page.contains("aria-label=\"Rows in 3 builds: from 0 to 4, now 4\""), "{page}");
    let still = Facts { tables: vec![TableFacts::default()], ..facts("plain") };
    assert!(!index(&still).contains("Rows from build to build"));
}

#[test]
fn a_pipeline_without_anything_has_pages() {
    let facts = Facts { pipeline: "p".to_owned(), ..Facts::default() };
    assert!(pages(&facts)[0].contains("No check is declared."));
}

#[test]
fn a_verdict_is_a_word() {
    let page = checks(&facts("plain"));
    for word in ["passed", "failed", "warning", "not run"] {
        assert!(page.contains(&format!("</span> {word}</span>")), "{word}");
    }
}

#[test]
fn a_report_has_the_facts_and_what_to_do() {
    let conflicts = vec![Conflicts { table: "t".to_owned(), cells: 2 }];
    let published = |text: &str| {
        let file = FileFacts { path: "t.csv".to_owned(), table: "t".to_owned(), format: "csv".to_owned(), about: None };
        Facts { files: vec![file], ..facts(text) }
    };
    let report = Report::of(&published("plain"), conflicts.clone());
    assert_eq!((report.status, report.failures.len()), (Verdict::Failed, 3));
    assert_eq!(report.tables[0].columns[0].filled, Some(3));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).expect("JSON");
    assert_eq!(json["checks"], serde_json::json!({"passed": 1, "warned": 1, "failed": 1, "not_run": 1}));
    assert_eq!(json["tables"][0]["trend"], serde_json::json!([3, 0, 4]));
    let codes: Vec<_> = report.recommendations.iter().map(|it| it.code.as_str()).collect();
    assert_eq!(codes, ["failed-checks", "shut-gates", "checks-not-run", "warnings", "conflicts"]);
    let page = report.to_markdown();
    for part in ["## Recommendations", "## Checks", "## Failures", "## Completeness", "## Conflicts", "## Trend"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let hostile = Report::of(&published(HOSTILE), conflicts).to_markdown();
    assert!(!hostile.contains("<script") && !hostile.contains(['\u{202e}', '\u{1b}']), "{hostile}");
    assert!(hostile.lines().filter(|it| it.starts_with('|')).all(|it| it.ends_with('|')), "{hostile}");
    let none = Report::of(&Facts { pipeline: "p".to_owned(), ..Facts::default() }, Vec::new());
    assert_eq!((none.status, none.recommendations[0].code.as_str()), (Verdict::Passed, "all-good"));
    assert!(none.to_markdown().contains("nothing needs a look"));
}

#[test]
fn a_page_about_linkage_and_a_waterfall_run_nothing_of_what_they_tell() {
    let text = HOSTILE.to_owned();
    let share = crate::linkage::Share::wilson(3.0, 4);
    let level = linkage::Level { name: text.clone(), matches: 0.5, chance: 0.0, bits: 29.0 };
    let facts = Linkage {
        rows: 4,
        compared: 6,
        match_at: 0.5,
        review_at: 0.05,
        relatives: vec![(text.clone(), 1.0)],
        verdicts: [1, 2, 0, 3],
        decided: [1, 0],
        notes: vec![(text.clone(), text.clone())],
        thresholds: vec![linkage::Threshold {
            at: 0.5,
            pairs: 1,
            precision: share.clone(),
            recall: share.clone(),
            used: true,
        }],
        weights: vec![linkage::Weights { from: -2, pairs: [0, 0, 3] }, linkage::Weights { from: 0, pairs: [1, 2, 0] }],
        judged: vec![linkage::Judged { from: 0.0, to: 1.0, mean: 0.5, share }],
        columns: vec![linkage::Compared { name: text.clone(), kind: text.clone(), filled: 0, levels: vec![level] }],
        rules: vec![linkage::Rule { name: text.clone(), pairs: 6, alone: 6, matches: 1.0, largest: 4, split: 1 }],
        sizes: vec![(1, 1, 1), (3, 3, 1)],
        largest: vec![linkage::Cluster {
            rows: 3,
            least: None,
            bridges: 1,
            members: vec![linkage::Member { row: 1, key: Some(text.clone()), values: vec![Some(text.clone())] }],
        }],
        ..Linkage::default()
    };
    let bar = Bar { name: text.clone(), values: Some([text.clone(), text.clone()]), bits: f64::from(-3) };
    let picture = Waterfall { title: text.clone(), why: text.clone(), bars: vec![bar], weight: -3.0, match_at: 0.0 };
    let empty = Waterfall { title: text.clone(), why: text, bars: Vec::new(), weight: 0.0, match_at: 0.0 };
    let page = |it: &Linkage| linkage::page(HOSTILE, it, false);
    let told = [page(&facts), page(&Linkage::default()), picture.svg(), empty.svg()];
    for it in &told {
        assert!(!it.contains("<script") && !it.contains('\u{202e}') && !it.contains('\u{1b}'), "{it}");
        assert!(!it.contains("NaN") && !it.contains("inf\""), "{it}");
    }
    assert_eq!(told[0], page(&facts));
}
