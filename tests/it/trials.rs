//! `hotpass test` as people use it: what passes, what fails and how it is shown, what is kept, what is written.

use insta::assert_snapshot;
use serde_json::{Value, json};

use hotpass::plan::test_case::{Expected, Rows, TestCase, splice};
use hotpass::span::Span;

use crate::case::Case;
use crate::program::{Ran, command_of};

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[field.name]
value = "organisation_name"
[field.email]
value = "email"
class = "personal"

[source.people]
path = "data/people.csv"
priority = 1

[source.register]
path = "data/register.csv"
priority = 2

[step.mapped]
kind = "map"
from = "people"

[step.official]
kind = "map"
from = "register"

[step.clean]
kind = "normalise"
from = "mapped"

[step.merged]
kind = "merge"
from = ["clean", "official"]
key = "name"

[step.longest]
kind = "sql"
query = "select name, length(name) as letters, 1 / length(name) as share from merged order by letters desc"

[step.dated]
kind = "derive"
from = "merged"
columns.day = "date(email, 'day_first')"
"#;

const TESTS: &str = r#"# What must hold.

[test.addresses_are_tidied] # a comment
step = "clean"
given.people = """
| email           |
| ADA@One.Example |
| nobody          |
"""
expect = """
| email           |
| ada@one.example |
|                 |
"""

[test.the_register_goes_first]
step = "merged"
given.people = """
| name | email           |
| Ada  | ada@old.example |
"""
given.register = """
| name | email           |
| Ada  | ada@new.example |
|      | no@name.example |
"""
expect = [{ name = "Ada", email = "ada@new.example" }]
rejected = "| email |\n| no@name.example |"

[test.a_query_is_tested_too]
step = "longest"
order = "any"
given.merged = """
| name |
| Bo   |
| Ada  |
"""
expect = """
| name | letters | share |
| Bo   | 2       | 0.50  |
| Ada  | 3       | 0.33  |
"""
"#;

fn case() -> Case {
    Case::new(&[
        ("hotpass.toml", PIPELINE),
        ("data/people.csv", "name,email\nAda Lovelace,ADA@one.example\nGrace Hopper,grace@two.example\n"),
        ("data/register.csv", "name,email\nAda Lovelace,office@one.example\n"),
        ("tests/crm.toml", TESTS),
    ])
}

/// What a command says, and how it ends.
fn said(case: &Case, words: &[&str]) -> String {
    let ran = case.run(words);
    format!("{}ends with {}", ran.all(), ran.code.unwrap_or(-1))
}

/// What stands behind a query is known when the engine has seen the query, and not before.
#[test]
fn tests_of_steps_behind_a_query_are_checked_in_a_new_workspace() {
    let behind = "[step.short]\nkind = \"filter\"\nfrom = \"longest\"\nwhere = \"letters < 9\"\n";
    let test = "[test.short_ones]\nstep = \"short\"\ngiven.longest = \"| name | letters |\\n| Bo | 2 |\\n\"\nexpect = [{ name = \"Bo\" }]\n";
    let case = Case::new(&[
        ("hotpass.toml", format!("{PIPELINE}\n{behind}").as_str()),
        ("data/people.csv", "name,email\nAda Lovelace,ADA@one.example\n"),
        ("data/register.csv", "name,email\nAda Lovelace,office@one.example\n"),
        ("tests/crm.toml", test),
    ]);
    case.run(&["check"]).ok();
}

#[test]
fn tests_of_every_kind_of_step_pass() {
    let case = case();
    assert_snapshot!(said(&case, &["test", "-v"]), @r"
    passed: addresses_are_tidied  `crm.clean`  tests/crm.toml:3
    passed: the_register_goes_first  `crm.merged`  tests/crm.toml:16
    passed: a_query_is_tested_too  `crm.longest`  tests/crm.toml:30
    3 tests passed
    ends with 0
    ");
}

#[test]
fn what_differs_is_shown_cell_by_cell() {
    let case = case();
    case.replace("tests/crm.toml", "| ada@one.example |\n", "| ada@two.example |\n");
    case.replace("tests/crm.toml", "| no@name.example |\"", "\"");
    case.replace("tests/crm.toml", "| Ada  | 3       | 0.33  |", "| Ada  | 3       | 0.34  |\n| Eve | 3 | 0.33 |");
    assert_snapshot!(said(&case, &["test"]), @r"
    failed: addresses_are_tidied  `crm.clean`  tests/crm.toml:3
      expect: 1 of 2 rows differs
          | email           |
        - | ada@two.example |
        + | ada@one.example |
            ~~~~~~~~~~~~~~~
          |                 |

    failed: the_register_goes_first  `crm.merged`  tests/crm.toml:16
      rejected: 1 row too many
          | email           |
        + | no@name.example |

    failed: a_query_is_tested_too  `crm.longest`  tests/crm.toml:30
      expect: 1 of 3 rows differs, 1 row missing
          | name | letters | share              |
          | Bo   | 2       | 0.50               |
        - | Ada  | 3       | 0.34               |
        + | Ada  | 3       | 0.3333333333333333 |
                             ~~~~~~~~~~~~~~~~~~
        - | Eve  | 3       | 0.33               |

    0 of 3 tests passed
    ends with 2
    ");
}

#[test]
fn a_test_that_held_needs_no_engine_until_something_it_reads_changes() {
    let case = case();
    let reused = |case: &Case| -> Vec<bool> {
        let output = case.run(&["test", "--format", "json"]);
        let text = output.out;
        let events = text.lines().map(|it| serde_json::from_str::<Value>(it).expect("JSON"));
        events.filter(|it| it["event"] == "test.finished").map(|it| it["reused"] == true).collect()
    };
    assert_eq!(reused(&case), [false, false, false]);
    assert_eq!(reused(&case), [true, true, true]);
    // The thin program alone can tell now.
    let folder = tempfile::tempdir().expect("a folder");
    let thin = folder.path().join("hotpass");
    std::fs::copy(env!("CARGO_BIN_EXE_hotpass"), &thin).expect("copied");
    let output = Ran::from(command_of(&thin, &case.asked.root, &["test"]));
    assert_eq!(output.out, "3 tests passed\n");
    case.replace("hotpass.toml", "length(name) as letters", "length(name) + 0 as letters");
    assert_eq!(reused(&case), [true, true, true], "it is made again and comes out as it was");
    case.replace("tests/crm.toml", "| 3       | 0.33  |", "| 3       | 0.333 |");
    assert_eq!(reused(&case), [true, true, false]);
    case.replace("hotpass.toml", "priority = 2", "priority = 3");
    case.replace("data/people.csv", "Grace", "Gracia");
    assert_eq!(reused(&case), [true, true, true], "deliveries are nothing to a test");
}

#[test]
fn update_writes_what_came_out_and_leaves_the_rest() {
    let case = case();
    // The same tests, expecting something else in each of the ways in which a table can be written.
    case.replace("tests/crm.toml", "| ada@one.example |\n|                 |\n", "| x |\n");
    case.replace("tests/crm.toml", "email = \"ada@new.example\"", "email = \"ada@old.example\"");
    case.replace("tests/crm.toml", "| no@name.example |\"", "\"");
    assert_eq!(case.run(&["test", "--update"]).code, Some(0));
    let expected = TESTS
        .replace("| email           |\n| ada@one", "| email           |\n| --------------- |\n| ada@one")
        .replace(
            "[{ name = \"Ada\", email = \"ada@new.example\" }]",
            "[\n  { name = \"Ada\", email = \"ada@new.example\" },\n]",
        )
        .replace(
            "\"| email |\\n| no@name.example |\"",
            "\"\"\"\n| email           |\n| --------------- |\n| no@name.example |\n\"\"\"",
        );
    assert_eq!(case.text("tests/crm.toml"), expected);
    assert_eq!(case.run(&["test"]).code, Some(0));
    assert_eq!(case.run(&["test", "--update"]).code, Some(0));
    assert_eq!(case.text("tests/crm.toml"), expected, "nothing differs, nothing is written");
}

#[test]
fn tests_are_named_by_themselves_and_by_their_steps() {
    let case = case();
    let check = |words: &[&str], passed: &str| {
        let said = said(&case, &[&["test"], words].concat());
        assert_eq!(said, format!("{passed} passed\nends with 0"), "{words:?}");
    };
    check(&["addresses_are_tidied"], "1 test");
    check(&["*_first", "clean"], "2 tests");
    check(&["crm.longest"], "1 test");
    check(&["kind:merge"], "1 test");
    check(&["+merged"], "2 tests");
    let said = said(&case, &["test", "addresses_are_tidy"]);
    assert!(said.contains("did you mean `addresses_are_tidied`?") && said.ends_with("ends with 2"), "{said}");
}

#[test]
fn a_step_that_fails_fails_its_tests_and_no_others() {
    let case = case();
    case.replace("hotpass.toml", "1 / length(name) as share", "cast(name as double) as share");
    let said = said(&case, &["test"]);
    assert!(said.contains("failed: a_query_is_tested_too"), "{said}");
    assert!(said.contains(".longest` cannot be made: ") && said.contains("2 of 3 tests passed"), "{said}");
    assert!(!said.contains("Ada"), "no values in messages: {said}");
}

#[test]
fn a_broken_test_is_told_and_the_others_run() {
    let case = case();
    case.replace("tests/crm.toml", "| letters | share |", "| lettres | share |");
    let said = said(&case, &["test"]);
    assert!(said.contains("hotpass::test::unknown-column") && said.contains("did you mean `letters`?"), "{said}");
    assert!(said.ends_with("2 of 2 tests passed, 1 problem in the files\nends with 2"), "{said}");
}

#[test]
fn a_scaffold_holds_no_personal_value_and_passes() {
    let case = case();
    case.build().ok();
    for step in ["mapped", "merged", "longest", "dated"] {
        let output = case.run(&["test", "--scaffold", step, "--rows", "2"]);
        let text = output.out;
        assert_eq!(output.code, Some(0), "{}", output.err);
        for secret in ["one.example", "two.example", "office@"] {
            assert!(!text.to_lowercase().contains(secret), "{step}: {text}");
        }
        assert!(text.contains("Ada Lovelace"), "open columns are as they are: {text}");
        case.write("tests/crm.toml", &text);
        assert_eq!(said(&case, &["test"]), "1 test passed\nends with 0", "{text}");
        let again = case.run(&["test", "--scaffold", step, "--rows", "2"]);
        assert_eq!(again.out, text, "it is the same every time");
    }
    let said = said(&case, &["test", "--scaffold", "people"]);
    assert!(said.contains("`crm.people` is not a step") && said.ends_with("ends with 2"), "{said}");
}

#[test]
fn reports_for_programs_say_the_same() {
    let case = case();
    case.replace("tests/crm.toml", "| Ada  | 3       |", "| Ada  | 4       |");
    let output = case.run(&["test", "--format", "json", "--report-junit", "tests.xml"]);
    assert_eq!(output.code, Some(2));
    let text = output.out;
    let events: Vec<Value> = text.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
    let failed = events.iter().find(|it| it["status"] == "failed").expect("one failed");
    let differences = json!([
        {"table": "expect", "change": "changed", "row": 2, "column": "letters", "expected": "4", "got": "3"}
    ]);
    assert_eq!(failed["differences"], differences);
    assert_eq!((&failed["test"], &failed["place"]), (&json!("a_query_is_tested_too"), &json!("tests/crm.toml:30")));
    let summary = events.last().expect("a summary");
    assert_eq!(*summary, json!({"v": 1, "event": "test.summary", "tests": 3, "passed": 2, "failed": 1, "problems": 0}));
    let junit = case.text("tests.xml");
    assert!(junit.contains(r#"<testsuite name="tests" tests="3" failures="1" errors="0""#), "{junit}");
    assert!(junit.contains(r#"<testcase classname="crm.longest" name="a_query_is_tested_too""#), "{junit}");
    assert!(junit.contains("- | Ada  | 4       |"), "{junit}");
}

#[test]
fn shipped_pipelines_pass_their_tests() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines");
    for (name, least) in [("sample", 12), ("templates/contacts", 3), ("templates/minimal", 1)] {
        let files = crate::case::files_beneath(&root.join(name));
        let mut files: Vec<_> = files.iter().map(|(path, bytes)| (path.as_str(), bytes)).collect();
        files.retain(|(path, _)| !path.starts_with(".hotpass/") && !path.starts_with("dist/"));
        let case = Case::new(&files);
        let output = case.run(&["test", "--format", "json"]);
        let text = output.out;
        assert_eq!(output.code, Some(0), "{name}: {text}");
        let summary: serde_json::Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
        assert!(summary["passed"].as_u64() >= Some(least), "{name}: {summary}");
    }
}

#[test]
fn tests_leave_builds_as_they_are() {
    let case = case();
    case.build().ok();
    let before = case.tables(true);
    assert_eq!(case.run(&["test"]).code, Some(0));
    let report = case.build().ok();
    assert_eq!(report.ran(), "nothing");
    assert_eq!(case.tables(true), before);
}

#[test]
fn no_values_of_one_type_are_others_than_no_values_of_another() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\n\
        [step.typed]\nkind = 'derive'\nfrom = 'rows'\ncolumns.day = \"cast(name as date)\"\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("rows.csv", "name,other\nJo,1\n")]);
    let plan = case.open().plan();
    let typed = plan.table("p.typed").expect("a table");
    let rows = Rows { columns: Vec::new(), rows: vec![Vec::new(); 3] };
    let expected = vec![Expected { key: "expect", table: typed, rows: rows.clone() }];
    let (name, file) = ("it".to_owned(), "tests/p.toml".into());
    let given = [(typed, rows)].into();
    let trial = TestCase {
        name,
        file,
        span: Span::new(&std::sync::Arc::new("tests/p.toml".into()), 0..1),
        step: typed,
        given,
        expected,
        ordered: true,
    };
    let table = splice(&plan, &[trial]).plan.tables.into_iter().next().expect("a table");
    let made = |name: &str| &table.columns[table.schema.names().position(|it| it == name).expect("a column")];
    assert_eq!(made("name"), made("other"));
    assert_ne!(made("name"), made("day"), "what is kept of one column would be taken for the other");
}
