//! What differs between a table as it was and as it is, as people and programs see it.

use std::collections::{BTreeMap, BTreeSet};

use calamine::{Reader, Xlsx, open_workbook};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[field.id]
[field.name]
value = "line"
[field.email]
value = "email"
class = "personal"
[field.fleet]
value = "line"

[source.list]
path = "data/list.csv"

[step.mapped]
kind = "map"
from = "list"

[step.clean]
kind = "normalise"
from = "mapped"

[step.schools]
kind = "merge"
from = "clean"
key = "id"

[export.schools]
from = "schools"
path = "dist/schools.csv"
"#;

const LIST: &str = "id,name,email,fleet\na,Aero,ada@one.example,4\nb,Blue,bob@two.example,\nc,Crane,,7\n";
const LATER: &str = "id,name,email,fleet\na,Aero,eve@one.example,4\nc,Crane School,,\nd,=Dart,dan@four.example,9\n";

fn case() -> Case {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/list.csv", LIST)]);
    build(&case);
    case
}

fn build(case: &Case) {
    case.run(&["build"]).ok();
}

/// What is said, with a word in the place of the names of runs.
fn said(case: &Case, words: &[&str]) -> String {
    let text = case.prints(&[&["diff"], words].concat());
    let is_run = |it: &str| it.len() == 25 && it.starts_with("20") && it.contains("Z-");
    let word = |it: &str| if is_run(it.trim_end_matches(',')) { "RUN".to_owned() } else { it.to_owned() };
    text.lines().map(|it| it.split(' ').map(word).collect::<Vec<_>>().join(" ") + "\n").collect()
}

fn refused(case: &Case, words: &[&str]) -> String {
    let output = case.run(&[&["diff"], words].concat());
    assert_eq!(output.code, Some(2), "{output:?}");
    output.err
}

fn events(case: &Case, words: &[&str]) -> Vec<Value> {
    case.run(&[&["diff"], words, &["--format", "json"]].concat()).ok().events()
}

#[test]
fn rows_are_matched_by_the_key_and_told_cell_by_cell() {
    let case = case();
    assert_eq!(said(&case, &["schools"]), "`crm.schools` is the same in every run that is kept (1 run)\n");
    case.write("data/list.csv", LATER);
    build(&case);
    insta::assert_snapshot!(said(&case, &["schools"]), @r"
    crm.schools  from RUN to now, rows matched by `id`
    1 row added, 1 row removed, 2 rows changed; 0 rows as before

    column  cells  changed  filled  emptied
    ------  -----  -------  ------  -------
    name        1        1       0        0
    email       1        1       0        0
    fleet       1        0       0        1

    ~ a
        email  ••• -> •••
    - b  name=Blue  email=•••
    ~ c
        name   Crane -> Crane School
        fleet  7 -> ·
    + d  name==Dart  email=•••  fleet=9
    ");
    // The other way round, and with personal values.
    let text = said(&case, &["crm.schools", "--from", "now", "--to", "last~1", "--unmasked"]);
    assert!(text.contains("email  eve@one.example -> ada@one.example"), "{text}");
    assert!(text.contains("+ b") && text.contains("- d"), "{text}");
    // Nothing differs between a run and itself.
    let text = said(&case, &["schools", "--from", "last", "--to", "now"]);
    assert!(text.contains("no row differs: 3 rows as before"), "{text}");
}

#[test]
fn programs_get_an_object_for_each_column_and_row() {
    let case = case();
    case.write("data/list.csv", LATER);
    build(&case);
    let events = events(&case, &["schools"]);
    assert!(events.iter().all(|it| it["v"] == 1 && it["table"] == "crm.schools"));
    let summary = &events[0];
    assert_eq!(summary["rows"], json!({"added": 1, "removed": 1, "changed": 2, "same": 0, "shown": 4}));
    assert_eq!((&summary["by"], &summary["to"]["run"]), (&json!(["id"]), &json!("now")));
    let of = |event: &str| events.iter().filter(|it| it["event"] == event).cloned().collect::<Vec<_>>();
    let fleet = of("diff.column").into_iter().find(|it| it["name"] == "fleet").expect("the column");
    assert_eq!((&fleet["change"], &fleet["emptied"]), (&json!("changed"), &json!(1)));
    let rows = of("diff.row");
    let changes: Vec<_> = rows.iter().map(|it| (it["change"].as_str(), it["key"]["id"].as_str())).collect();
    let expected = [("changed", "a"), ("removed", "b"), ("changed", "c"), ("added", "d")];
    assert_eq!(changes, expected.map(|(change, key)| (Some(change), Some(key))));
    assert_eq!(rows[0]["cells"], json!({"email": {"from": "•••", "to": "•••"}}));
    assert_eq!(rows[2]["cells"]["fleet"], json!({"from": "7", "to": null}));
    assert_eq!(rows[3]["values"]["name"], "=Dart");
    assert_eq!((&rows[3]["row"], &rows[3]["was_row"]), (&json!(3), &Value::Null));
}

#[test]
fn tables_without_a_key_are_compared_as_whole_rows_or_by_what_is_asked() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/list.csv", "id,name\na,Aero\na,Aero\nb,Blue\n")]);
    build(&case);
    case.write("data/list.csv", "id,name\na,Aero\nb,Blau\nb,Blue\n");
    build(&case);
    insta::assert_snapshot!(said(&case, &["list"]), @r"
    crm.list  from RUN to now, whole rows, for there is no key
    1 row added, 1 row removed, 0 rows changed; 2 rows as before

    - row 2  id=a  name=Aero
    + row 2  id=b  name=Blau
    ");
    insta::assert_snapshot!(said(&case, &["list", "--by", "id"]), @r"
    crm.list  from RUN to now, rows matched by `id`
    1 row added, 1 row removed, 1 row changed; 1 row as before
    1 key in more than one row: these are matched one after the other

    column  cells  changed  filled  emptied
    ------  -----  -------  ------  -------
    name        1        1       0        0

    - a  name=Aero
    ~ b
        name  Blue -> Blau
    + b  name=Blue
    ");
    // By coordinates, which are columns like others.
    let text = said(&case, &["list", "--by", "_place,_row"]);
    assert!(text.contains("0 rows added, 0 rows removed, 1 row changed; 2 rows as before"), "{text}");
    assert!(refused(&case, &["list", "--by", "nmae"]).contains("did you mean `name`?"));
}

#[test]
fn columns_that_come_go_or_have_another_type_are_told() {
    let case = case();
    case.replace("hotpass.toml", "[field.fleet]\nvalue = \"line\"", "[field.fleet]\nvalue = \"integer\"\n[field.town]");
    case.write("data/list.csv", "id,name,fleet,town\na,Aero,4,Here\nb,Blue,,\nc,Crane,8,There\n");
    build(&case);
    insta::assert_snapshot!(said(&case, &["schools"]), @r"
    crm.schools  from RUN to now, rows matched by `id`
    0 rows added, 0 rows removed, 1 row changed; 2 rows as before
    ~ column fleet (integer, was text)
    + column town (text)
    - column email (text)

    column  cells  changed  filled  emptied
    ------  -----  -------  ------  -------
    fleet       1        1       0        0

    ~ c
        fleet  7 -> 8
    ");
}

#[test]
fn rows_in_another_order_are_told() {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/list.csv", "id,name\na,Aero\nb,Blue\n")]);
    build(&case);
    case.write("data/list.csv", "id,name\nb,Blue\na,Aero\n");
    build(&case);
    for by in [&["list"] as &[&str], &["list", "--by", "id"]] {
        let text = said(&case, by);
        assert!(text.contains("no row differs: 2 rows as before, in another order"), "{text}");
    }
}

#[test]
fn another_checkout_can_be_compared_with() {
    let (main, branch) = (case(), case());
    branch.replace("hotpass.toml", "key = \"id\"", "key = \"id\"\n[step.schools.fields]\nname = { take = \"count\" }");
    build(&branch);
    let there = main.asked.root.display().to_string();
    let text = said(&branch, &["schools", "--against", &there]);
    assert!(text.contains(&format!("from {there}: now to now")), "{text}");
    assert!(text.contains("name  Aero -> 1"), "{text}");
    let text = refused(&branch, &["schools", "--against", "nowhere"]);
    assert!(text.contains("`nowhere` is not a workspace"), "{text}");
    let text = refused(&branch, &["schools", "--against", &there, "--from", "2001"]);
    assert!(text.contains("there is no run `2001`"), "{text}");
}

#[test]
fn a_step_that_was_taken_out_is_in_the_runs_that_had_it() {
    let case = case();
    let without = PIPELINE
        .replace("schools\"\npath", "clean\"\npath")
        .replace("[step.schools]\nkind = \"merge\"\nfrom = \"clean\"\nkey = \"id\"\n", "");
    case.write("data/list.csv", LATER);
    build(&case);
    case.write("hotpass.toml", without);
    build(&case);
    let text = said(&case, &["schools", "--by", "id"]);
    assert!(text.contains("from RUN to RUN rows matched by `id`"), "{text}");
    assert!(refused(&case, &["scools"]).contains("there is no source or step `scools`"));
}

#[test]
fn what_gc_dropped_is_said_to_be_gone() {
    let case = case();
    case.write("data/list.csv", LATER);
    build(&case);
    let first = std::fs::read_dir(case.path(".hotpass/runs")).expect("runs").flatten();
    let first = first.map(|it| it.file_name().into_string().expect("text")).min().expect("a run");
    let kept = case.read(&format!(".hotpass/runs/{first}"));
    case.run(&["gc", "--keep-runs", "1"]).ok();
    let text = refused(&case, &["schools", "--from", &first]);
    assert!(text.contains(&format!("there is no run `{first}`")) && text.contains("there are `"), "{text}");
    assert!(text.contains("hotpass::diff::unknown-run"), "{text}");
    // Its record alone does not bring back what it made.
    case.write(&format!(".hotpass/runs/{first}"), kept);
    case.remove(".hotpass/segments");
    build(&case);
    let text = refused(&case, &["schools", "--from", &first]);
    assert!(text.contains("hotpass::diff::run-is-gone") && text.contains("--keep-runs"), "{text}");
}

#[test]
fn rows_that_were_set_aside_are_compared_too() {
    let case = case();
    case.write("data/list.csv", format!("{LIST},Nameless,,1\n"));
    build(&case);
    let text = said(&case, &["schools", "--rejected"]);
    assert!(text.starts_with("crm.schools__rejected") && text.contains("1 row added, 0 rows removed"), "{text}");
}

#[test]
fn a_page_needs_nothing_else_and_shows_nothing_personal() {
    let case = case();
    case.write("data/list.csv", LATER.replace("Crane School", "<b>Crane</b>"));
    build(&case);
    let text = said(&case, &["schools", "--output", "out.html"]);
    assert_eq!(text, "wrote out.html: 1 row added, 1 row removed, 2 rows changed; 0 rows as before\n");
    let page = case.text("out.html");
    for there in ["<!doctype html>", "lang=\"en\"", "prefers-color-scheme: dark", "<title>crm.schools", "scope=\"row"] {
        assert!(page.contains(there), "no {there}");
    }
    for absent in ["<script", "http:", "https:", "one.example", "<b>Crane", "src="] {
        assert!(!page.contains(absent), "{absent}");
    }
    assert!(page.contains("&lt;b&gt;Crane&lt;/b&gt;"));
    assert!(page.contains("<del>7</del></td><td><span class=\"none\">empty</span>"));
    // The same difference gives the same page.
    said(&case, &["schools", "--output", "again.html"]);
    assert_eq!(case.text("again.html"), page);
    assert_eq!(case.run(&["diff", "schools", "--output", "out.pdf"]).code, Some(2));
}

#[test]
fn a_workbook_has_both_sides_with_marked_cells() {
    let case = case();
    case.write("data/list.csv", LATER);
    build(&case);
    said(&case, &["schools", "--output", "out.xlsx"]);
    let mut book: Xlsx<_> = open_workbook(case.path("out.xlsx")).expect("a workbook");
    let sheet = book.worksheet_range("Differences").expect("the sheet");
    let rows: Vec<String> =
        sheet.rows().map(|it| it.iter().map(|it| it.to_string()).collect::<Vec<_>>().join(" | ")).collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    change | row | id | name | email | fleet
    before | 1 | a | Aero | ••• | 4
    after | 1 | a | Aero | ••• | 4
    removed | 2 | b | Blue | ••• | 
    before | 3 | c | Crane |  | 7
    after | 2 | c | Crane School |  | 
    added | 3 | d | =Dart | ••• | 9
    ");
    let mut archive = zip::ZipArchive::new(std::fs::File::open(case.path("out.xlsx")).expect("a file")).expect("zip");
    let mut xml = String::new();
    let mut part = archive.by_name("xl/worksheets/sheet1.xml").expect("the sheet");
    std::io::Read::read_to_string(&mut part, &mut xml).expect("text");
    let style = |cell: &str| {
        let at = xml.find(&format!("<c r=\"{cell}\"")).unwrap_or_else(|| panic!("no {cell}"));
        let tag = xml[at..].split('>').next().expect("a tag");
        tag.split("s=\"").nth(1).map(|it| it.split('"').next().expect("a number").to_owned())
    };
    // The emptied cell is marked too; what is the same is not; a text like a formula is guarded and marked.
    assert!(style("E2").is_some() && style("E3").is_some() && style("E2") != style("E3"));
    assert_eq!((style("F5").is_some(), style("F6").is_some()), (true, true));
    assert_eq!((style("D2"), style("F2")), (None, None));
    assert!(style("D7").is_some() && style("D7") != style("C7"));
}

/// The cells of a row that is there.
type Cells<'a> = Option<&'a (u8, u8)>;

/// Rows by key and number among those of the key, which is how rows are matched.
fn numbered(rows: &[(u8, u8, u8)]) -> BTreeMap<(u8, u32), (u8, u8)> {
    let mut seen: BTreeMap<u8, u32> = BTreeMap::new();
    let mut number = |key: u8| *seen.entry(key).and_modify(|it| *it += 1).or_default();
    rows.iter().map(|(key, a, b)| ((*key, number(*key)), (*a, *b))).collect()
}

fn csv(rows: &[(u8, u8, u8)]) -> String {
    let value = |it: u8| if it == 0 { String::new() } else { format!("v{it}") };
    let rows = rows.iter().map(|(key, a, b)| format!("k{key},{},{}\n", value(*a), value(*b)));
    format!("key,a,b\n{}", rows.collect::<String>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn counts_are_those_of_a_comparison_by_hand(
        from in prop::collection::vec((0u8..5, 0u8..3, 0u8..3), 0..8),
        to in prop::collection::vec((0u8..5, 0u8..3, 0u8..3), 0..8),
    ) {
        let pipeline = "[pipeline]\nname = \"p\"\n[source.list]\npath = \"data/list.csv\"\n";
        let case = Case::new(&[("hotpass.toml", pipeline.to_owned()), ("data/list.csv", csv(&from))]);
        build(&case);
        case.write("data/list.csv", csv(&to));
        build(&case);
        let (was, is) = (numbered(&from), numbered(&to));
        let keys: BTreeSet<_> = was.keys().chain(is.keys()).collect();
        let count = |what: &dyn Fn(Cells<'_>, Cells<'_>) -> bool| {
            keys.iter().filter(|it| what(was.get(it), is.get(it))).count()
        };
        let expected = json!({
            "added": count(&|from, _| from.is_none()), "removed": count(&|_, to| to.is_none()),
            "changed": count(&|from, to| from.is_some() && to.is_some() && from != to),
            "same": count(&|from, to| from == to),
            "shown": count(&|from, to| from != to),
        });
        let a = count(&|from, to| from.zip(to).is_some_and(|(from, to)| from.0 != to.0 && from.0 != 0 && to.0 != 0));
        if from != to {
            let events = events(&case, &["list", "--by", "key"]);
            prop_assert_eq!(&events[0]["rows"], &expected, "{:?} {:?}", from, to);
            let column = events.iter().find(|it| it["name"] == "a").expect("the column");
            prop_assert_eq!(&column["changed"], &json!(a));
        }
    }
}
