//! What would happen and what there is, as people see it: `plan`, `list` and `graph`, with the words that select.

use std::process::Command;

use serde_json::Value;

use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[source.people]
path = "data/people.csv"

[source.places]
path = "data/places.csv"

[step.named]
kind = "derive"
from = "people"
columns.name = "upper(name)"
tags = ["daily"]

[step.tall]
kind = "filter"
from = "named"
where = "height is not null"

[step.towns]
kind = "sort"
from = "places"
by = ["town"]

[export.tall]
from = "tall"
path = "dist/tall.csv"

[export.towns]
from = "towns"
path = "dist/towns.csv"
"#;

fn case() -> Case {
    let people = "name,height\nada,170\ngrace,\n";
    Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", people), ("data/places.csv", "town\nHere\nThere\n")])
}

fn said(case: &Case, words: &[&str]) -> String {
    let program = Command::new(env!("CARGO_BIN_EXE_hotpass")).args(words).current_dir(&case.asked.root).output();
    let output = program.expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn a_plan_marks_what_is_new_made_again_and_reused() {
    let case = case();
    insta::assert_snapshot!(said(&case, &["plan"]), @r#"
       step        kind    columns  because of
    -  ----------  ------  -------  ----------
    +  crm.people  source  all      first
    +  crm.places  source  all      first
    +  crm.named   derive  all      first
    +  crm.tall    filter  all      first
    +  crm.towns   sort    all      first
    +  dist/tall.csv  written when its table is made
    +  dist/towns.csv  written when its table is made

    3 steps to run, 0 reused; 2 files to write

    guessed     key        answer  sure  because
    ----------  ---------  ------  ----  ------------------------------------------------
    crm.people  header     1       0.89  2 names in 2 of 2 cells, next is row 3 with 0.70
    crm.places  delimiter  ,       0.50  detected in `data/places.csv`
    crm.places  header     1       0.85  1 names in 1 of 1 cells, next is row 2 with 0.85
    `hotpass adopt` writes such answers down
    "#);
    case.build().ok();
    insta::assert_snapshot!(said(&case, &["plan"]), @r#"
    0 steps to run, 3 reused; 0 files to write, 2 as before

    guessed     key        answer  sure  because
    ----------  ---------  ------  ----  ------------------------------------------------
    crm.people  header     1       0.89  2 names in 2 of 2 cells, next is row 3 with 0.70
    crm.places  delimiter  ,       0.50  detected in `data/places.csv`
    crm.places  header     1       0.85  1 names in 1 of 1 cells, next is row 2 with 0.85
    `hotpass adopt` writes such answers down
    "#);
    case.replace("hotpass.toml", "upper(name)", "lower(name)");
    insta::assert_snapshot!(said(&case, &["plan", "-v"]), @r#"
       step        kind    columns                because of
    -  ----------  ------  ---------------------  -----------
    =  crm.people  source  none
    =  crm.places  source  none
    ~  crm.named   derive  name                   recipe
    ?  crm.tall    filter  depends on its inputs  input:named
    =  crm.towns   sort    none
    ?  dist/tall.csv  written again unless its table comes out as it was
    =  dist/towns.csv  as it stands

    1 step to run, 1 may run, 1 reused; 1 file to write, 1 as before

    guessed     key        answer  sure  because
    ----------  ---------  ------  ----  ------------------------------------------------
    crm.people  header     1       0.89  2 names in 2 of 2 cells, next is row 3 with 0.70
    crm.places  delimiter  ,       0.50  detected in `data/places.csv`
    crm.places  header     1       0.85  1 names in 1 of 1 cells, next is row 2 with 0.85
    `hotpass adopt` writes such answers down
    "#);
    // Only what is asked for, and what this needs.
    let text = said(&case, &["plan", "towns"]);
    assert!(text.contains("0 steps to run, 1 reused; 0 files to write, 1 as before"), "{text}");
    // Coloured marks say nothing else.
    let text = said(&case, &["plan", "--color", "always"]);
    assert!(text.contains("\u{1b}[33m~\u{1b}[0m  crm.named"), "{text:?}");
}

#[test]
fn what_is_listed_and_drawn_can_be_selected() {
    let case = case();
    case.build().ok();
    case.replace("hotpass.toml", "upper(name)", "lower(name)");
    let names = |words: &[&str]| -> String {
        let text = said(&case, &[words, &["--format", "json"]].concat());
        let lines = text.lines().map(|it| serde_json::from_str::<Value>(it).expect("JSON"));
        let named = lines.filter(|it| ["source", "step", "export"].contains(&it["event"].as_str().unwrap_or_default()));
        named.map(|it| it["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&["list"]), "people places named tall towns tall towns");
    assert_eq!(names(&["list", "changed"]), "named tall");
    assert_eq!(names(&["list", "+crm.tall"]), "people named tall tall");
    assert_eq!(names(&["list", "kind:sort", "tag:daily"]), "named towns");
    let text = said(&case, &["list", "t*"]);
    assert!(!text.contains("profiles") && text.contains("towns") && !text.contains("people "), "{text}");
    let text = said(&case, &["graph", "people+"]);
    assert!(text.contains("people") && text.contains("named") && !text.contains("places"), "{text}");
    let svg = said(&case, &["graph", "people+", "--format", "svg"]);
    assert!(svg.contains("<title") && !svg.contains("places"), "{svg}");
    let output =
        Command::new(env!("CARGO_BIN_EXE_hotpass")).args(["graph", "tal"]).current_dir(&case.asked.root).output();
    assert_eq!(output.expect("it starts").status.code(), Some(2));
}

#[test]
fn explain_names_what_was_written_otherwise() {
    let pipeline = "[pipeline]\nname = \"crm\"\nprofile = \"own\"\n[source.list]\npath = \"data/list.csv\"\n\
        [step.mapped]\nkind = \"map\"\nfrom = \"list\"\n[step.upper]\nkind = \"derive\"\nfrom = \"mapped\"\n\
        columns.name = \"upper(name)\"\n";
    let profile = "[field.name]\nsynonyms = [\"title\"]\n[field.town]\nsynonyms = [\"place\"]\n";
    let list = "title,place,school\nAero,Here,Blue\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("profiles/own.toml", profile), ("data/list.csv", list)]);
    case.build().ok();
    assert!(!said(&case, &["explain", "mapped"]).contains("written"), "nothing changed");
    // A comment and another layout are no change; a synonym is, with its line.
    case.replace("profiles/own.toml", "[\"title\"]", "[ \"title\" ,\"school\"] # why");
    case.replace("profiles/own.toml", "[field.name]", "# names\n[field.name]");
    case.replace("hotpass.toml", "upper(name)", "lower(name)");
    let text = said(&case, &["explain", "upper"]);
    let told = "\nwritten otherwise since then\n  hotpass.toml:12  step.upper.columns.name: \"upper(name)\" -> \"lower(name)\"\n";
    assert!(text.contains(told), "{text}");
    assert!(text.contains("profiles/own.toml:3  field.name.synonyms: + \"school\""), "{text}");
    let value: Value = serde_json::from_str(&said(&case, &["explain", "upper", "--format", "json"])).expect("JSON");
    assert_eq!(value["written"][0]["key"], "step.upper.columns.name");
    assert_eq!(
        (&value["written"][1]["line"], &value["written"][1]["change"]),
        (&Value::from(3), &Value::from("+ \"school\""))
    );
    // Another file is named, and how its cells are compared.
    case.write("data/list.csv", "title,place,school\nAero,There,Blue\n");
    let text = said(&case, &["explain", "list"]);
    assert!(text.contains("`data/list.csv` has other bytes: `hotpass build crm.list` reads it"), "{text}");
    case.build().ok();
    assert!(!said(&case, &["explain", "upper"]).contains("written"), "it is made");
    // Without what was kept nothing is made up.
    case.remove(".hotpass/texts-v1");
    case.replace("hotpass.toml", "lower(name)", "trim(name)");
    let text = said(&case, &["explain", "upper"]);
    assert!(text.contains("what was written when it was last made is not kept"), "{text}");
}
