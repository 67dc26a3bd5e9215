//! `explain STEP` names what changed in the sources: cells, rows, sheets. Places, and never a value.

use serde_json::Value;

use crate::book::{book, sheet};
use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[source.people]
path = "data/people.xlsx"
header = 1

[source.places]
path = "data/places.csv"
header = 1

[step.named]
kind = "derive"
from = "people"
keep = ["name", "mail"]
columns.name = "upper(name)"

[step.tall]
kind = "join"
from = "named"
with = "places"
on = "name"
"#;

const PEOPLE: [&str; 6] = [
    "name | mail | note",
    "ada | ada@secret.example | first",
    "grace | grace@secret.example | second",
    "mary | mary@secret.example | third",
    "jean | jean@secret.example | fourth",
    "hedy | hedy@secret.example | fifth",
];

fn people(case: &Case, name: &str, lines: &[&str]) {
    case.write("data/people.xlsx", book(&[sheet(name, &lines.join("\n"))]));
}

/// Built once.
fn built() -> Case {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("data/places.csv", "name,town\nADA,Here\nMARY,There\n")]);
    people(&case, "Staff", &PEOPLE);
    case.build().ok();
    case
}

fn said(case: &Case, words: &[&str]) -> String {
    let text = case.prints(words);
    assert!(!text.contains("secret") && !text.contains("grace") && !text.contains("lise"), "{text}");
    text
}

/// What is told of the sources of a step.
fn sources(case: &Case, step: &str) -> String {
    let text = said(case, &["explain", step]);
    text.split_once("changes in its sources since then\n").map_or_else(String::new, |it| it.1.to_owned())
}

/// The lines of the workbook with some changed.
fn with(change: impl FnOnce(&mut Vec<&'static str>)) -> Vec<&'static str> {
    let mut lines = PEOPLE.to_vec();
    change(&mut lines);
    lines
}

#[test]
fn a_cell_is_named_and_what_stayed_too() {
    let case = built();
    assert_eq!(sources(&case, "tall"), "", "nothing changed");
    people(&case, "Staff", &with(|it| it[2] = "grace | lise@secret.example | other"));
    let expected = "  data/people.xlsx#Staff!B3  a different value in `mail`\n  \
        data/people.xlsx#Staff  1 other cell in columns that this step does not read\n  \
        data/people.xlsx#Staff  4 rows unchanged\n  unchanged: crm.places\n";
    // Asked twice it says the same: asking makes nothing.
    assert_eq!((sources(&case, "tall"), sources(&case, "tall")), (expected.to_owned(), expected.to_owned()));
    // The source itself reads all of its columns.
    let text = sources(&case, "people");
    assert!(text.contains("#Staff!B3  a different value in `mail`\n") && text.contains("!C3  a different"), "{text}");
    // Another build may have read it already; the step was still made before.
    case.build_as(|plan, order| {
        order.tables = plan.tables.iter().map(|it| it.name.name == "people").collect();
        order.exports = plan.exports.map(|_| false);
    })
    .ok();
    assert_eq!(sources(&case, "tall"), expected);
    case.build().ok();
    assert_eq!(sources(&case, "tall"), "");
}

#[test]
fn a_step_that_is_due_for_other_reasons_says_that_its_sources_are_as_they_were() {
    let case = built();
    let same = "\nno cell of its sources changed since then\n";
    assert!(!said(&case, &["explain", "tall"]).contains(same), "nothing is due");
    // Another step before it is written otherwise.
    case.replace("hotpass.toml", "upper(name)", "lower(name)");
    let text = said(&case, &["explain", "tall"]);
    assert!(text.contains("not known: must be computed first") && text.contains(same), "{text}");
    // The step that is written otherwise says so, and that is enough.
    let text = said(&case, &["explain", "named"]);
    assert!(text.contains("changed in files") && !text.contains(same), "{text}");
    people(&case, "Staff", &with(|it| it[2] = "grace | lise@secret.example | second"));
    assert!(!said(&case, &["explain", "tall"]).contains(same));
}

#[test]
fn a_row_at_the_top_is_one_row() {
    let case = built();
    people(&case, "Staff", &with(|it| it.insert(1, "lise | lise@secret.example | new")));
    let text = sources(&case, "tall");
    assert_eq!(
        text,
        "  data/people.xlsx#Staff  1 row added, row 2\n  data/people.xlsx#Staff  5 rows unchanged\n  \
         unchanged: crm.places\n"
    );
    // One gone, one changed, two in another order.
    people(&case, "Staff", &[PEOPLE[0], "ada | lise@secret.example | first", PEOPLE[4], PEOPLE[5], PEOPLE[3]]);
    let value: Value = serde_json::from_str(&said(&case, &["explain", "tall", "--format", "json"])).expect("JSON");
    let sheet = &value["sources"][0];
    assert_eq!((&sheet["state"], &sheet["place"]), (&"changed".into(), &"data/people.xlsx#Staff".into()));
    assert_eq!(sheet["cells"], serde_json::json!([{"cell": "data/people.xlsx#Staff!B2", "column": "mail"}]));
    assert_eq!((&sheet["removed"], &sheet["added"]), (&serde_json::json!([3]), &serde_json::json!([])));
    assert_eq!((&sheet["moved"], &sheet["same"]), (&1.into(), &2.into()));
    assert_eq!(value["sources"][1], serde_json::json!({"source": "crm.places", "state": "same"}));
}

#[test]
fn a_sheet_under_another_name_is_known_by_its_rows() {
    let case = built();
    people(&case, "Staff 2026", &with(|it| it[5] = "hedy | lise@secret.example | fifth"));
    assert_eq!(
        sources(&case, "named"),
        "  data/people.xlsx#Staff 2026  its earlier name was data/people.xlsx#Staff\n  \
         data/people.xlsx#Staff 2026!B6  a different value in `mail`\n  \
         data/people.xlsx#Staff 2026  4 rows unchanged\n"
    );
}

#[test]
fn columns_come_and_go_and_lines_of_text_have_numbers() {
    let case = built();
    case.write("data/places.csv", "name,town,code\nADA,Here,1\nMARY,Elsewhere,2\n");
    let text = sources(&case, "tall");
    assert!(text.contains("  data/places.csv  column `code` is new\n"), "{text}");
    assert!(text.contains("  data/places.csv:3  a different value in `town`\n"), "{text}");
    assert!(text.ends_with("  unchanged: crm.people\n"), "{text}");
}

#[test]
fn a_file_that_was_only_saved_has_no_other_cells_and_what_is_dropped_is_not_made_up() {
    let case = built();
    people(&case, "Staff", &PEOPLE);
    case.write("data/places.csv", "name,town\r\nADA,Here\r\nMARY,There\r\n");
    assert_eq!(sources(&case, "tall"), "");
    people(&case, "Staff", &with(|it| it.truncate(4)));
    case.remove(".hotpass/segments");
    let text = sources(&case, "named");
    assert_eq!(text, "  `crm.people`  its earlier contents are no longer in the store\n");
}
