//! Every verb that takes steps takes the selectors of the command line, and means the same by them.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[field.id]
[field.name]
value = "line"

[source.list]
path = "list.csv"

[step.mapped]
kind = "map"
from = "list"
tags = ["daily"]

[step.clean]
kind = "normalise"
from = "mapped"
tags = ["daily"]

[step.schools]
kind = "merge"
from = "clean"
key = "id"

[export.schools_csv]
from = "schools"
path = "dist/schools.csv"
"#;

const TESTS: &str = r#"
[test.mapping]
step = "mapped"
given.list = """
| id | name |
| a  | Aero |
"""
expect = """
| id | name |
| a  | Aero |
"""

[test.merging]
step = "schools"
given.clean = """
| id | name |
| a  | Aero |
"""
expect = """
| id | name |
| a  | Aero |
"""
"#;

/// Selectors, the steps they name, and the sources.
const SELECTORS: [(&str, &str, &str); 11] = [
    ("mapped", "mapped", ""),
    ("crm.mapped", "mapped", ""),
    ("schools_csv", "schools", ""),
    ("+clean", "mapped clean", "list"),
    ("clean+", "clean schools", ""),
    ("kind:map", "mapped", ""),
    ("kind:source", "", "list"),
    ("tag:daily", "mapped clean", ""),
    ("*a*", "mapped clean", ""),
    ("crm.[cs]*", "clean schools", ""),
    ("changed", "clean schools", ""),
];

/// A workspace in which `clean` and what needs it would run.
fn case() -> Case {
    let case = Case::new(&[("hotpass.toml", PIPELINE), ("list.csv", "id,name\na,Aero\n"), ("tests/all.toml", TESTS)]);
    case.build().ok();
    case.replace("hotpass.toml", "from = \"mapped\"", "from = \"mapped\"\ncolumns.name = \"text\"");
    case
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(' ').filter(|it| !it.is_empty()).collect()
}

/// Values of a member of the events of these kinds.
fn told<'a>(events: &'a [Value], kinds: &[&str], member: &str) -> BTreeSet<&'a str> {
    let of = |it: &&Value| kinds.iter().any(|kind| it["event"] == *kind);
    events.iter().filter(of).filter_map(|it| it[member].as_str()).map(|it| it.trim_start_matches("crm.")).collect()
}

#[test]
fn verbs_that_take_several_steps_take_selectors() {
    for (selector, steps, sources) in SELECTORS {
        let case = case();
        let all: BTreeSet<&str> = words(steps).union(&words(sources)).copied().collect();
        let events = |verb: &[&str]| case.run(&[verb, &[selector, "--format", "json"]].concat()).events();
        let listed = events(&["list"]);
        assert_eq!(told(&listed, &["step", "source"], "name"), all, "list {selector}");
        let graph: Value = serde_json::from_str(&case.prints(&["graph", selector, "--format", "json"])).expect("JSON");
        let nodes = graph["nodes"].as_array().expect("nodes").iter();
        let nodes: BTreeSet<&str> =
            nodes.filter(|it| it["role"] != "export").filter_map(|it| it["name"].as_str()).collect();
        assert_eq!(nodes, all, "graph {selector}");
        // What stands in no run is in no comparison; all of these are.
        let compared = events(&["diff"]);
        assert_eq!(told(&compared, &["diff.summary"], "table"), all, "diff {selector}");
        let tested = events(&["test"]);
        let tests: BTreeSet<&str> = words(steps).into_iter().filter(|it| ["mapped", "schools"].contains(it)).collect();
        assert_eq!(told(&tested, &["test.finished"], "step"), tests, "test {selector}: {tested:?}");
        // What a step needs is planned and built with it.
        let planned = events(&["plan"]);
        assert!(told(&planned, &["plan.step"], "step").is_superset(&all), "plan {selector}");
        let adopted = case.run(&["adopt", selector]);
        assert_eq!(adopted.code, Some(if selector == "changed" { 2 } else { 0 }), "adopt {selector}: {}", adopted.err);
        let forced = format!("--force={selector}");
        let built = case.run(&["build", &forced, "--format", "json"]).ok().events();
        let ran: Vec<&Value> = built.iter().filter(|it| it["outcome"] == "ran").collect();
        let ran: BTreeSet<&str> = ran.into_iter().filter_map(|it| it["step"].as_str()).collect();
        assert!(ran.is_superset(&all), "build --force={selector}: {ran:?}");
        // By now nothing would run.
        let built = case.run(&["build", selector, "--format", "json"]).ok().events();
        assert!(
            selector == "changed" || told(&built, &["step.finished"], "step").is_superset(&all),
            "build {selector}"
        );
    }
}

#[test]
fn verbs_that_take_one_step_take_a_selector_that_names_one() {
    let case = case();
    case.build().ok();
    for (selector, steps, sources) in SELECTORS.into_iter().filter(|it| it.0 != "changed") {
        let all: Vec<&str> = words(steps).union(&words(sources)).copied().collect();
        let verbs: [&[&str]; 3] = [&["show"], &["explain"], &["test", "--scaffold"]];
        for verb in verbs {
            if all == ["list"] && verb[0] == "test" {
                continue;
            }
            let ran = case.run(&[verb, &[selector]].concat());
            match all.as_slice() {
                [one] => {
                    assert_eq!(ran.code, Some(0), "{verb:?} {selector}: {}", ran.err);
                    assert!(
                        ran.out.contains(if verb[0] == "show" { "Aero" } else { one }),
                        "{verb:?} {selector}: {}",
                        ran.out
                    );
                }
                _ => {
                    assert_eq!(ran.code, Some(2), "{verb:?} {selector}");
                    let told = format!("`{selector}` names 2 tables, and one is asked for");
                    let told_of_three = told.replace("2 tables", "3 tables");
                    assert!(
                        ran.err.contains(&told) || ran.err.contains(&told_of_three),
                        "{verb:?} {selector}: {}",
                        ran.err
                    );
                }
            }
        }
    }
}

#[test]
fn what_names_nothing_is_refused_by_every_verb() {
    let case = case();
    let verbs: [&[&str]; 11] = [
        &["build"],
        &["plan"],
        &["list"],
        &["graph"],
        &["diff"],
        &["test"],
        &["adopt"],
        &["show"],
        &["explain"],
        &["test", "--scaffold"],
        &["build", "--dry-run"],
    ];
    for verb in verbs {
        for selector in ["claen", "kind:mpa", "tag:dialy", "x*", "other.clean"] {
            let ran = case.run(&[verb, &[selector]].concat());
            assert_eq!(ran.code, Some(2), "{verb:?} {selector}: {}", ran.all());
        }
    }
}
