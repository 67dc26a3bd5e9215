//! What a CI job gets: reports for its panels, lines for GitHub's log, exit codes, and a sample workflow that is sound.

use std::path::Path;

use serde_json::Value;
use yaml_rust2::{Yaml, YamlLoader};

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[source.people]
path = "data/people.csv"

[[expect.people]]
column = "name"
not_null = true

[[expect.people]]
column = "email"
unique = true
severity = "warn"

[export.people]
from = "people"
path = "dist/people.csv"
"#;

const PEOPLE: &str = "name,email\nAda,a@one.example\n,a@one.example\n";

fn case() -> Case {
    Case::new(&[("sub/hotpass.toml", PIPELINE), ("sub/data/people.csv", PEOPLE)])
}

/// Runs in `sub`, as GitHub would run it in the checkout above.
fn run(case: &Case, words: &[&str]) -> Ran {
    let mut command = command(&case.path("sub"), words);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_WORKSPACE", &case.asked.root);
    command.env("GITHUB_STEP_SUMMARY", case.path("summary.md"));
    command.into()
}

#[test]
fn github_shows_problems_at_their_places() {
    let case = case();
    let output = run(&case, &["build", "--format", "json"]);
    assert_eq!(output.code, Some(2));
    let text = output.err;
    let error = text.lines().find(|it| it.starts_with("::error ")).unwrap_or_else(|| panic!("{text}"));
    assert!(error.contains("file=sub/hotpass.toml,line=10,"), "{error}");
    assert!(error.contains("::`people.name` should not be null"), "{error}");
    let warning = text.lines().find(|it| it.starts_with("::warning ")).unwrap_or_else(|| panic!("{text}"));
    assert!(warning.contains("file=sub/hotpass.toml,line=14,"), "{warning}");
    // stdout is for programs, and stays what it is.
    let lines = output.out;
    assert!(lines.lines().all(|it| serde_json::from_str::<Value>(it).is_ok()), "{lines}");
    let page = case.text("summary.md");
    assert!(page.starts_with("### hotpass: refused in "), "{page}");
    assert!(page.contains("| error | [hotpass::expect::failed]"), "{page}");
}

#[test]
fn github_shows_problems_of_the_plan_too() {
    let case = case();
    case.replace("sub/hotpass.toml", "from = \"people\"", "from = \"peple\"");
    for verb in ["build", "check"] {
        let output = run(&case, &[verb]);
        assert_eq!(output.code, Some(2));
        let text = output.err;
        assert!(text.contains("::error title=hotpass%3A%3Agraph%3A%3Aunknown-table,file=sub/hotpass.toml,"), "{text}");
    }
}

#[test]
fn nothing_is_said_to_github_elsewhere() {
    let case = case();
    let mut command = command(&case.path("sub"), &["build"]);
    command.env("GITHUB_STEP_SUMMARY", case.path("summary.md"));
    let text = Ran::from(command).err;
    assert!(!text.contains("::error") && !text.contains("::warning") && !case.path("summary.md").exists(), "{text}");
}

/// The element's attributes, wherever it stands: no parser is needed for what we write ourselves.
fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!("<{name} ");
    xml.split(open.as_str()).skip(1).map(|it| it.split('>').next().unwrap_or_default()).collect()
}

#[test]
fn junit_has_a_case_for_each_step_and_expectation() {
    let case = case();
    run(&case, &["build", "--report-junit", "junit.xml"]);
    let xml = case.text("sub/junit.xml");
    let suites = elements(&xml, "testsuites");
    assert!(suites[0].contains("tests=\"3\" failures=\"1\" errors=\"0\""), "{xml}");
    let cases = elements(&xml, "testcase");
    assert!(cases[0].contains("classname=\"crm.source\" name=\"people\""), "{xml}");
    assert!(cases[1].contains("classname=\"crm.expect\" name=\"people.name.not_null\""), "{xml}");
    assert_eq!(elements(&xml, "failure").len(), 1);
    assert!(xml.contains("<system-out>warning: `people.email`"), "{xml}");
    // A workspace that cannot be planned has no step, and still a report that fails.
    case.replace("sub/hotpass.toml", "from = \"people\"", "from = \"a < \\\"b\\\" &\"");
    run(&case, &["build", "--report-junit", "junit.xml"]);
    let xml = case.text("sub/junit.xml");
    assert!(elements(&xml, "testsuites")[0].contains("tests=\"1\" failures=\"1\""), "{xml}");
    assert!(xml.contains("a &lt; "), "{xml}");
}

#[test]
fn sarif_has_a_result_for_each_problem() {
    let case = case();
    run(&case, &["build", "--report-sarif", "out.sarif"]);
    let sarif: Value = serde_json::from_str(&case.text("sub/out.sarif")).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().expect("results");
    let levels: Vec<_> = results.iter().map(|it| it["level"].as_str().expect("a level")).collect();
    assert_eq!(levels, ["error", "warning"]);
    for it in results {
        let rule = it["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], it["ruleId"]);
        let place = &it["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "sub/hotpass.toml");
    }
    assert_eq!(results[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 10);
}

#[test]
fn a_report_that_cannot_be_written_is_told() {
    let case = case();
    let output = run(&case, &["build", "--report-sarif", "nowhere/out.sarif"]);
    assert_eq!(output.code, Some(1));
    assert!(output.err.contains("`nowhere/out.sarif` cannot be written"), "{}", output.err);
}

#[test]
fn what_is_withheld_is_said() {
    let case = case();
    let text = run(&case, &["build"]).err;
    assert!(
        text.contains("withheld  1 artefact: a build publishes all artefacts or none, so the earlier files stay"),
        "{text}"
    );
    assert!(!case.path("sub/dist").exists());
}

#[test]
fn every_build_has_a_name() {
    let case = case();
    case.replace("sub/hotpass.toml", "from = \"people\"", "from = \"peple\"");
    let output = run(&case, &["build", "--format", "json"]);
    let text = output.out;
    let summary: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
    assert_eq!((&summary["event"], &summary["status"]), (&"build.summary".into(), &"refused".into()));
    assert!(summary["run_id"].is_string(), "{summary}");
}

#[test]
fn looking_at_a_broken_workspace_shows_it_and_ends_so() {
    let case = case();
    for verb in ["list", "graph"] {
        assert_eq!(run(&case, &[verb]).code, Some(0), "{verb}");
    }
    case.replace("sub/hotpass.toml", "from = \"people\"", "from = \"peple\"");
    for verb in ["list", "graph"] {
        let output = run(&case, &[verb]);
        assert_eq!(output.code, Some(2), "{verb}");
        assert!(output.out.contains("people"), "{verb} shows what there is");
    }
}

#[test]
fn the_doctor_ends_as_a_build_would() {
    let case = case();
    assert_eq!(run(&case, &["doctor"]).code, Some(0));
    run(&case, &["build"]);
    case.write("sub/.hotpass/tmp/left", "over");
    let output = run(&case, &["doctor"]);
    assert_eq!(output.code, Some(0), "what is only odd is in nobody's way");
    assert!(output.out.contains("\nodd    scratch"), "{output:?}");
    case.replace("sub/hotpass.toml", "from = \"people\"", "from = \"peple\"");
    let output = run(&case, &["doctor"]);
    assert!(output.code == Some(2) && output.out.contains("\nbroken pipelines"), "{output:?}");
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/how-to/use-it-in-ci.md");
    std::fs::read_to_string(path).expect("the page")
}

fn fences<'a>(page: &'a str, kind: &str) -> Vec<&'a str> {
    let open = format!("```{kind}\n");
    page.split(open.as_str()).skip(1).map(|it| it.split("```").next().unwrap_or_default()).collect()
}

fn steps(workflow: &Yaml) -> Vec<&Yaml> {
    let jobs = workflow["jobs"].as_hash().expect("jobs");
    jobs.values().flat_map(|it| it["steps"].as_vec().expect("steps")).collect()
}

#[test]
fn the_sample_workflow_is_sound() {
    let page = page();
    let workflows = fences(&page, "yaml");
    assert!(!workflows.is_empty());
    for text in workflows {
        let documents = YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        let workflow = &documents[0];
        assert!(!workflow["on"].is_badvalue() && workflow["permissions"].as_hash().is_some(), "{text}");
        for step in steps(workflow) {
            assert!(step["name"].as_str().is_some(), "{step:?} has no name");
            match (step["uses"].as_str(), step["run"].as_str()) {
                // An action of the repository itself is that of the commit; every other one is pinned.
                (Some(uses), None) => assert_eq!(uses.contains('@'), !uses.starts_with("./"), "`{uses}`"),
                (None, Some(_)) => (),
                _ => panic!("{step:?} neither uses nor runs something, or both"),
            }
        }
        // What is kept of a failed build makes the next one quick: it is saved whatever happened.
        let uses = |name: &str| {
            let all = steps(workflow);
            let at = all.iter().position(|it| it["uses"].as_str().is_some_and(|it| it.starts_with(name)));
            at.unwrap_or_else(|| panic!("no step uses {name}"))
        };
        let build =
            steps(workflow).iter().position(|it| it["run"].as_str().is_some_and(|it| it.contains("hotpass build")));
        let build = build.expect("a build");
        assert!(uses("actions/cache/restore") < build && build < uses("actions/cache/save"));
        assert_eq!(steps(workflow)[uses("actions/cache/save")]["if"].as_str(), Some("always()"));
    }
}

#[test]
fn every_command_on_the_page_can_be_typed() {
    let page = page();
    let mut commands = 0;
    let workflows: Vec<Yaml> =
        fences(&page, "yaml").iter().flat_map(|it| YamlLoader::load_from_str(it).expect("YAML")).collect();
    let scripts = workflows.iter().flat_map(steps).filter_map(|it| it["run"].as_str());
    for line in scripts.chain(fences(&page, "sh")).flat_map(str::lines) {
        let Some(at) = line.find("hotpass ") else { continue };
        let command = line[at..].split(['&', '|', ')', ';', '#']).next().unwrap_or_default();
        let words = command.split_whitespace().map(|it| it.trim_matches('"').into());
        if let Err(error) = hotpass::cli::typed::parse(words) {
            panic!("`{command}`: {error}");
        }
        commands += 1;
    }
    assert!(commands > 5, "only {commands} commands were found");
}

/// Queries that fail on what stands in a cell, each in another way.
const FAILING: [&str; 6] = [
    "select cast(note as integer) as n from people",
    "select regexp_matches('x', note) as n from people",
    "select string_split_regex('x', note) as n from people",
    "select strptime('2020', note) as n from people",
    "select json_extract('{}', note) as n from people",
    "select n from (select 1 as n, * from people) where cast(note as date) > date '2020-01-01'",
];

#[test]
fn no_report_shows_what_stands_in_a_cell() {
    for query in FAILING {
        let pipeline = format!(
            "[pipeline]\nname = 'crm'\n[source.people]\npath = 'people.csv'\nclass = {{ note = 'personal' }}\n\
             [step.made]\nkind = 'sql'\nquery = \"\"\"{query}\"\"\"\n"
        );
        let people = "name,note\nAda,qzxjk(\nBo,%Q[qzxjk\n";
        let case = Case::new(&[("sub/hotpass.toml", pipeline.as_str()), ("sub/people.csv", people)]);
        let words = ["build", "--report-junit", "junit.xml", "--report-sarif", "out.sarif"];
        let text = run(&case, &words);
        let json = run(&case, &[&words[..], &["--format", "json"]].concat());
        assert!(text.code != Some(0), "{query}: {}", text.err);
        let told =
            [&text.out, &text.err, &json.out, &json.err, &case.text("sub/junit.xml"), &case.text("sub/out.sarif")]
                .map(|it| it.to_lowercase())
                .join("\n");
        assert!(!told.contains("qzxjk"), "{query}\n{told}");
        assert!(!case.text("summary.md").to_lowercase().contains("qzxjk"), "{query}");
    }
}
