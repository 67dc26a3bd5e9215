//! What would happen and what there is, as people see it: `plan`, `list` and `graph`, with the words that select.

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

#[test]
fn a_plan_marks_what_is_new_made_again_and_reused() {
    let case = case();
    insta::assert_snapshot!(case.prints(&["plan"]), @r#"
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

    guessed     key        value  certainty  because
    ----------  ---------  -----  ---------  ------------------------------------------------------
    crm.people  header     1           0.89  2 of 2 cells look like names; next is row 3 with 0.70
    crm.places  delimiter  ,           0.50  detected in `data/places.csv`
    crm.places  header     1           0.85  1 of 1 cell looks like a name; next is row 2 with 0.85
    `hotpass adopt --write` writes these settings into the pipeline
    "#);
    case.build().ok();
    insta::assert_snapshot!(case.prints(&["plan"]), @r#"
    0 steps to run, 3 reused; 0 files to write, 2 as before

    guessed     key        value  certainty  because
    ----------  ---------  -----  ---------  ------------------------------------------------------
    crm.people  header     1           0.89  2 of 2 cells look like names; next is row 3 with 0.70
    crm.places  delimiter  ,           0.50  detected in `data/places.csv`
    crm.places  header     1           0.85  1 of 1 cell looks like a name; next is row 2 with 0.85
    `hotpass adopt --write` writes these settings into the pipeline
    "#);
    case.replace("hotpass.toml", "upper(name)", "lower(name)");
    insta::assert_snapshot!(case.prints(&["plan", "-v"]), @r#"
       step        kind    columns  because of
    -  ----------  ------  -------  -----------
    =  crm.people  source  none
    =  crm.places  source  none
    ~  crm.named   derive  name     recipe
    ?  crm.tall    filter  perhaps  input:named
    =  crm.towns   sort    none
    ?  dist/tall.csv  written again, unless its table does not change
    =  dist/towns.csv  unchanged

    1 step to run, 1 may run, 1 reused; 1 file to write, 1 as before

    guessed     key        value  certainty  because
    ----------  ---------  -----  ---------  ------------------------------------------------------
    crm.people  header     1           0.89  2 of 2 cells look like names; next is row 3 with 0.70
    crm.places  delimiter  ,           0.50  detected in `data/places.csv`
    crm.places  header     1           0.85  1 of 1 cell looks like a name; next is row 2 with 0.85
    `hotpass adopt --write` writes these settings into the pipeline
    "#);
    // Only what is asked for, and what this needs.
    let text = case.prints(&["plan", "towns"]);
    assert!(text.contains("0 steps to run, 1 reused; 0 files to write, 1 as before"), "{text}");
    // Coloured marks say nothing else.
    let text = case.prints(&["plan", "--color", "always"]);
    assert!(text.contains("\u{1b}[33m~\u{1b}[0m  crm.named"), "{text:?}");
}

#[test]
fn what_is_listed_and_drawn_can_be_selected() {
    let case = case();
    case.build().ok();
    case.replace("hotpass.toml", "upper(name)", "lower(name)");
    let names = |words: &[&str]| -> String {
        let text = case.prints(&[words, &["--format", "json"]].concat());
        let lines = text.lines().map(|it| serde_json::from_str::<Value>(it).expect("JSON"));
        let named = lines.filter(|it| ["source", "step", "export"].contains(&it["event"].as_str().unwrap_or_default()));
        named.map(|it| it["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&["list"]), "people places named tall towns tall towns");
    assert_eq!(names(&["list", "changed"]), "named tall");
    assert_eq!(names(&["list", "+crm.tall"]), "people named tall tall");
    assert_eq!(names(&["list", "kind:sort", "tag:daily"]), "named towns");
    let text = case.prints(&["list", "t*"]);
    assert!(!text.contains("profiles") && text.contains("towns") && !text.contains("people "), "{text}");
    let text = case.prints(&["graph", "people+"]);
    assert!(text.contains("people") && text.contains("named") && !text.contains("places"), "{text}");
    let svg = case.prints(&["graph", "people+", "--format", "svg"]);
    assert!(svg.contains("<title") && !svg.contains("places"), "{svg}");
    assert_eq!(case.run(&["graph", "tal"]).code, Some(2));
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
    assert!(!case.prints(&["explain", "mapped"]).contains("written"), "nothing changed");
    // A comment and another layout are no change; a synonym is, with its line.
    case.replace("profiles/own.toml", "[\"title\"]", "[ \"title\" ,\"school\"] # why");
    case.replace("profiles/own.toml", "[field.name]", "# names\n[field.name]");
    case.replace("hotpass.toml", "upper(name)", "lower(name)");
    let text = case.prints(&["explain", "upper"]);
    let told = "\nchanged in files since then\n  hotpass.toml:12  step.upper.columns.name: \"upper(name)\" -> \"lower(name)\"\n";
    assert!(text.contains(told), "{text}");
    assert!(text.contains("profiles/own.toml:3  field.name.synonyms: + \"school\""), "{text}");
    let value: Value = serde_json::from_str(&case.prints(&["explain", "upper", "--format", "json"])).expect("JSON");
    assert_eq!(value["written"][0]["key"], "step.upper.columns.name");
    assert_eq!(
        (&value["written"][1]["line"], &value["written"][1]["change"]),
        (&Value::from(3), &Value::from("+ \"school\""))
    );
    // Another file is named, and how its cells are compared.
    case.write("data/list.csv", "title,place,school\nAero,There,Blue\n");
    let text = case.prints(&["explain", "list"]);
    assert!(text.contains("data/list.csv:2  a different value in `place`"), "{text}");
    case.build().ok();
    assert!(!case.prints(&["explain", "upper"]).contains("written"), "it is made");
    // Without what was kept nothing is made up.
    case.remove(".hotpass/texts-v2");
    case.replace("hotpass.toml", "lower(name)", "trim(name)");
    let text = case.prints(&["explain", "upper"]);
    assert!(text.contains("the settings of the last run are not recorded"), "{text}");
}

/// A table with a personal column, numbers, days and rows that are set aside.
fn profiled() -> Case {
    let pipeline = "[pipeline]\nname = \"crm\"\n[field.code]\n[field.email]\nvalue = \"email\"\nclass = \"personal\"\n\
        [field.seats]\nvalue = \"integer\"\n[field.since]\nvalue = \"date\"\n[field.town]\n[normal]\ndate_order = \"day_first\"\n\
        [source.list]\npath = \"data/list.csv\"\nheader = 1\n[step.mapped]\nkind = \"map\"\nfrom = \"list\"\n\
        [step.clean]\nkind = \"normalise\"\nfrom = \"mapped\"\n\
        [step.merged]\nkind = \"merge\"\nfrom = \"clean\"\nkey = \"code\"\n";
    let mut list = "code,email,seats,since,town\n".to_owned();
    for at in 0..40 {
        let email = if at % 4 == 0 { String::new() } else { format!("ada.lovelace{at}@secret.example") };
        let town = ["Here", "There", "Elsewhere"][at % 3];
        list += &format!("SA-{at:03},{email},{},2024-01-{:02},{town}\n", at * at, at % 28 + 1);
    }
    list += ",grace@secret.example,1,2024-01-01,Nowhere\n";
    Case::new(&[("hotpass.toml", pipeline.to_owned()), ("data/list.csv", list)])
}

#[test]
fn columns_are_profiled_and_personal_values_stay_inside() {
    let case = profiled();
    case.build().ok();
    insta::assert_snapshot!(case.prints(&["show", "merged", "-n", "2"]), @r"
    code    email  seats  since       town
    ------  -----  -----  ----------  -----
    SA-000  ·          0  2024-01-01  Here
    SA-001  •••        1  2024-01-02  There
    2 of 40 rows

    column  type              null  distinct  spread    holds
    ------  --------------  ------  --------  --------  -------------------------------------------
    code    text             0.0 %        40            `A-999` 100.0 %
    email   text, personal  25.0 %        30            `a.a99@a.a` 76.7 %, `a.a9@a.a` 23.3 %
    seats   integer          0.0 %        40  █▄▃▃▂▂▂▂  0 … 1521
    since   date             0.0 %        28  █▆█▄▃▄▃▄  2024-01-01 … 2024-01-28
    town    text             0.0 %         3            Here 35.0 %, Elsewhere 32.5 %, There 32.5 %
    ");
    insta::assert_snapshot!(case.prints(&["show", "merged", "--column", "email,t*,seats"]), @r"
    crm.merged.email  text, personal
    40 rows, 10 without a value (25.0 %); 30 different
    28 to 29 characters  ▃█

    pattern    rows   share
    ---------  ----  ------  --------------------
    a.a99@a.a    23  76.7 %  ████████████████████
    a.a9@a.a      7  23.3 %  ██████▏

    crm.merged.seats  integer
    40 rows, none without a value; 40 different
    least     0
    greatest  1521
    spread    █▄▃▃▂▂▂▂

    crm.merged.town  text
    40 rows, none without a value; 3 different
    4 to 9 characters  ██   █
    shortest  Here
    longest   Elsewhere

    most frequent  rows   share
    -------------  ----  ------  --------------------
    Here             14  35.0 %  ████████████████████
    Elsewhere        13  32.5 %  ██████████████████▋
    There            13  32.5 %  ██████████████████▋

    pattern  rows    share
    -------  ----  -------  --------------------
    Aa         40  100.0 %  ████████████████████
    ");
    for words in [&["show", "merged"][..], &["show", "merged", "--column", "*"], &["show", "merged", "--rejected"]] {
        for format in ["human", "json"] {
            let text = case.prints(&[words, &["--format", format]].concat());
            assert!(!text.contains("secret") && !text.contains("lovelace") && !text.contains("grace"), "{text}");
        }
    }
    let column = |words: &[&str], name: &str| -> Value {
        let text = case.prints(&[&["show", "merged", "--format", "json"], words].concat());
        let lines = text.lines().map(|it| serde_json::from_str::<Value>(it).expect("JSON"));
        let mut lines = lines.filter(|it| it["event"] == "column" && it["name"] == name);
        lines.next().unwrap_or_else(|| panic!("no column `{name}` in {text}"))
    };
    let seats = column(&[], "seats");
    assert_eq!((&seats["min"], &seats["max"]), (&Value::from(0), &Value::from(1521)));
    let parts = seats["distribution"].as_array().expect("parts");
    assert_eq!(parts.iter().filter_map(Value::as_u64).sum::<u64>(), 40);
    assert!(parts[0].as_u64() > parts[7].as_u64(), "squares lie close at the beginning: {seats}");
    let email = column(&["--column", "email"], "email");
    assert_eq!((&email["nulls"], &email["distinct"]), (&Value::from(10), &Value::from(30)));
    assert_eq!(email["patterns"][0], serde_json::json!({"pattern": "a.a99@a.a", "rows": 23}));
    assert_eq!((&email["top"], &email["shortest"]), (&serde_json::json!([]), &Value::Null));
    let open = column(&["--column", "email", "--unmasked"], "email");
    assert_eq!(open["shortest"], "ada.lovelace1@secret.example");
    // What was set aside is looked at like any table.
    assert_eq!(column(&["--rejected"], "town")["top"], serde_json::json!([{"value": "Nowhere", "rows": 1}]));
    let output = case.run(&["show", "merged", "--column", "emial"]);
    assert_eq!(output.code, Some(2));
    let told = output.err;
    assert!(told.contains("`merged` has no column `emial`") && told.contains("email"), "{told}");
}

#[test]
fn what_cannot_be_shown_is_told_after_what_is_wrong() {
    let case = case();
    case.run(&["build", "towns"]).ok();
    case.replace("hotpass.toml", "kind = \"filter\"", "kind = \"fliter\"");
    let ran = case.run(&["show", "tall"]);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    let at = |text: &str| ran.err.find(text).unwrap_or_else(|| panic!("no {text} in {}", ran.err));
    assert!(at("hotpass::pipeline::unknown-kind") < at("hotpass::cli::unknown-subject"), "{}", ran.err);
    assert!(ran.err.contains("hotpass.toml:18:"), "{}", ran.err);
    // What does not need it stands, and is shown without a word of it.
    let ran = case.run(&["show", "towns"]).ok();
    assert!(ran.out.contains("There") && ran.err.is_empty(), "{}", ran.all());
}

#[test]
fn check_reads_tests_too() {
    let case = case();
    let test = "[test.tall_people_stay]\nstep = \"tall\"\ngiven.named = \"\"\"\n| name | height |\n| ---- | ------ |\n\
        | ADA  | 170    |\n\"\"\"\nexpect = \"\"\"\n| name |\n| ---- |\n| ADA  |\n\"\"\"\n";
    case.write("tests/people.toml", test);
    let told = |case: &Case| {
        let ran = case.run(&["check"]);
        (ran.code, ran.all())
    };
    let (code, text) = told(&case);
    assert!(code == Some(0) && text.contains("no problems in 1 pipeline, 3 steps, 1 test"), "{text}");
    case.replace("tests/people.toml", "step = \"tall\"", "step = \"tal\"");
    let (code, text) = told(&case);
    assert!(code == Some(2) && text.contains("tests/people.toml:2:"), "{text}");
    // What follows from a hole in the plan is not told of tests; what is no TOML is.
    case.replace("hotpass.toml", "kind = \"filter\"", "kind = \"fliter\"");
    let (_, text) = told(&case);
    assert!(text.contains("fliter") && !text.contains("tests/people.toml"), "{text}");
    case.replace("tests/people.toml", "[test.tall_people_stay]", "[test.tall_people_stay");
    let (_, text) = told(&case);
    assert!(text.contains("fliter") && text.contains("tests/people.toml:1:"), "{text}");
}
