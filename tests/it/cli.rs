//! Whole commands, as scripts see them: streams, exit codes, events, and what is started for what.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::case::Case;
use crate::program::{Ran, command, command_of};

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

[step.mapped]
kind = "map"
from = "people"

[step.clean]
kind = "normalise"
from = "mapped"

[[expect.clean]]
column = "name"
not_null = true

[export.clean]
from = "clean"
path = "dist/clean.csv"
"#;

const PEOPLE: &str = "name,email\nAda,ADA@one.example\nGrace,grace@two.example\n";

fn case() -> Case {
    Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", PEOPLE)])
}

fn run_with(program: &Path, case: &Case, words: &[&str]) -> Ran {
    command_of(program, &case.asked.root, words).into()
}

fn summary(ran: &Ran) -> Value {
    ran.events().pop().expect("a summary")
}

/// The thin program alone in a folder: no engine beside it, no DuckDB.
fn thin() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("hotpass");
    std::fs::copy(env!("CARGO_BIN_EXE_hotpass"), &program).expect("copied");
    (folder, program)
}

#[test]
fn what_becomes_personal_is_masked_from_the_source_on() {
    let case = case();
    assert_eq!(case.run(&["build"]).code, Some(0));
    for table in ["people", "mapped", "clean"] {
        let shown = case.run(&["show", table]);
        let text = shown.out;
        assert!(text.contains("Ada") && !text.to_lowercase().contains("one.example"), "{table}: {text}");
    }
}

#[test]
fn a_build_with_nothing_to_do_needs_no_engine() {
    let case = case();
    assert_eq!(case.run(&["build"]).code, Some(0));
    let (_folder, thin) = thin();
    let again = run_with(&thin, &case, &["build", "--format", "json"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(summary(&again)["steps"]["ran"], 0);
    // Neither does a build after an edit that changes nothing of the plan.
    case.write("hotpass.toml", format!("# why\n{PIPELINE}"));
    let again = run_with(&thin, &case, &["build", "--format", "json"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(summary(&again)["steps"]["reused"], 2);
    // A touched source is looked at, and is what it was.
    case.write("data/people.csv", PEOPLE);
    let again = run_with(&thin, &case, &["build", "--format", "json"]);
    assert_eq!(summary(&again)["steps"]["ran"], 0, "{again:?}");
}

/// Builds until the stamp counts: what a build wrote just before it may be written once more, so the next one plans again.
fn settled(case: &Case) {
    assert_eq!(case.run(&["build"]).code, Some(0));
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(case.run(&["build"]).code, Some(0));
}

/// Whether a build has nothing to do and plans nothing: whoever plans within a time needs a thread that looks after it,
/// and here is none.
fn plans_nothing(case: &Case) -> bool {
    let mut command = command(&case.asked.root, &["build", "--timeout", "10m"]);
    let ran = Ran::from(command.env("HOTPASS_TEST_THREADS", "none").output().expect("it runs"));
    match ran.code {
        Some(0) if ran.err.contains("nothing to do") => true,
        Some(1) if ran.err.contains("no thread is left") => false,
        _ => panic!("{ran:?}"),
    }
}

#[test]
fn a_source_that_is_saved_again_plans_nothing() {
    let case = case();
    settled(&case);
    case.write("data/people.csv", PEOPLE);
    assert!(plans_nothing(&case));
    case.write("data/people.csv", PEOPLE.replace("Ada", "Eve"));
    assert!(!plans_nothing(&case));
}

#[test]
fn layout_of_a_query_plans_nothing_and_places_stay_right() {
    let query = "\n[step.names]\nkind = \"sql\"\nquery = \"\"\"\nselect name, '--  ' as mark\nfrom clean\n\"\"\"\n";
    let check = "\n[[expect.names]]\nsql = \"select * from names where mark  is null\"\n";
    let case = case();
    case.write("hotpass.toml", format!("{PIPELINE}{query}{check}"));
    settled(&case);
    case.replace("hotpass.toml", "select name, '", "-- who\n  select name , /* why */ '");
    assert!(plans_nothing(&case));
    case.replace("hotpass.toml", "\nfrom clean", " from clean");
    assert!(plans_nothing(&case));
    case.replace("hotpass.toml", "'--  '", "'-- '");
    assert!(!plans_nothing(&case), "a text");
    settled(&case);
    // Results of checks are written with the query of each as it stands.
    case.replace("hotpass.toml", "mark  is", "mark is");
    assert!(!plans_nothing(&case), "a check");
    settled(&case);
    case.replace("hotpass.toml", "-- who\n", "-- who\n\n\n");
    assert!(plans_nothing(&case));
    case.replace("hotpass.toml", "select name ", "select nome ");
    let told = case.run(&["build"]);
    let text = case.text("hotpass.toml");
    let line = text.lines().position(|it| it.contains("nome")).expect("there") + 1;
    assert!(told.code == Some(2) && told.err.contains(&format!("hotpass.toml:{line}:")), "{line} {told:?}");
}

#[test]
fn work_without_an_engine_is_said_clearly() {
    let (_folder, thin) = thin();
    let output = run_with(&thin, &case(), &["build"]);
    assert_eq!(output.code, Some(1));
    let said = output.err;
    assert!(said.contains("hotpass-engine") && said.contains("beside"), "{said}");
}

#[test]
fn every_line_on_stdout_is_an_event() {
    let case = case();
    let output = case.run(&["build", "--format", "json"]);
    let events = output.events();
    assert!(events.iter().all(|it| it["v"] == 1 && it["event"].is_string()));
    let steps: Vec<_> = events.iter().filter(|it| it["event"] == "step.finished").collect();
    assert_eq!(steps.len(), 3);
    let clean = steps.iter().find(|it| it["step"] == "clean").expect("the step");
    assert_eq!((&clean["outcome"], &clean["rows"]), (&Value::from("ran"), &Value::from(2)));
    assert_eq!(clean["why"], serde_json::json!(["first"]));
    let summary = events.last().expect("a summary");
    assert_eq!(summary["event"], "build.summary");
    assert_eq!(summary["status"], "ok");
    assert_eq!(summary["expectations"]["passed"], 1);
    let artefact = &summary["artefacts"][0];
    assert_eq!((&artefact["path"], &artefact["rows"]), (&Value::from("dist/clean.csv"), &Value::from(2)));
    let bytes = case.read("dist/clean.csv");
    assert_eq!(artefact["blake3"], blake3::hash(&bytes).to_hex().to_string());
}

#[test]
fn what_changed_is_told() {
    let case = case();
    case.run(&["build"]);
    case.replace("data/people.csv", "Grace", "Hopper");
    let output = case.run(&["build", "--format", "json"]);
    let events = output.events();
    let of = |step: &str| events.iter().find(|it| it["step"] == step).expect("the step").clone();
    assert_eq!(of("people")["why"], serde_json::json!(["source:data/people.csv"]));
    assert_eq!(of("clean")["why"], serde_json::json!(["input:mapped.name"]));
    assert_eq!(of("clean")["columns"], serde_json::json!(["name"]));
}

#[test]
fn exit_codes_are_those_of_the_contract() {
    let case = case();
    let code = |words: &[&str]| case.run(words).code;
    assert_eq!(code(&["check"]), Some(0));
    assert_eq!(code(&["build", "cleen"]), Some(2));
    assert_eq!(code(&["bild"]), Some(2));
    assert_eq!(code(&["build", "clean"]), Some(0));
    assert_eq!(code(&["show", "clean"]), Some(0));
    assert_eq!(code(&["query", "select nothing from clean"]), Some(2));
    assert_eq!(code(&["explain", "clean.email"]), Some(0));
    assert_eq!(code(&["explain", "clean.emial"]), Some(2));
    assert_eq!(code(&["doctor"]), Some(0));
    assert_eq!(code(&["gc", "--dry-run"]), Some(0));
    assert_eq!(code(&["plan"]), Some(0));
    assert_eq!(code(&["list"]), Some(0));
    assert_eq!(code(&["graph", "--format", "svg"]), Some(0));
    assert_eq!(code(&[]), Some(0));
    case.write("hotpass.toml", PIPELINE.replace("from = \"mapped\"", "from = \"maped\""));
    assert_eq!(code(&["check"]), Some(2));
    assert_eq!(code(&["build"]), Some(2));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_workspace_is_refused_unless_it_is_allowed_and_a_pipe_is_not_waited_for() {
    let case = case();
    let outside = tempfile::tempdir().expect("a folder");
    let secret = outside.path().join("people.csv");
    std::fs::write(&secret, PEOPLE).expect("a file");
    let place = case.asked.root.join("data/people.csv");
    std::fs::remove_file(&place).expect("it was there");
    std::os::unix::fs::symlink(&secret, &place).expect("a link");
    let output = case.run(&["build"]);
    assert_eq!(output.code, Some(2));
    let said = output.err;
    assert!(said.contains("hotpass::source::outside") && !said.contains("one.example"), "{said}");
    // A workspace does not allow itself anything: it says what it wants, and is told how that is granted.
    let wants = format!("[workspace]\nallow = [{:?}]\n{PIPELINE}", outside.path());
    case.write("hotpass.toml", wants);
    let flag = format!("--allow={}", outside.path().display());
    let said = case.run(&["check"]);
    assert_eq!(said.code, Some(2));
    assert!(said.all().contains(&flag.replace('=', " ")), "{}", said.all());
    assert_eq!(case.run(&["build", &flag]).code, Some(0));
    assert_eq!(case.run(&["build", &flag]).code, Some(0));
    assert_eq!(case.run(&["build"]).code, Some(2), "what was allowed once is not allowed for ever");
    let mut command = crate::program::command(&case.asked.root, &["build"]);
    command.env("HOTPASS_ALLOW", outside.path());
    assert_eq!(crate::program::Ran::from(command).code, Some(0));
    let pipe = case.asked.root.join("hotpass.toml");
    std::fs::remove_file(&pipe).expect("it was there");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a pipe");
    let ended = case.run(&["-C", ".", "build"]).code;
    assert_eq!(ended, Some(2));
}

#[test]
fn rows_that_are_set_aside_end_with_four_where_warnings_are_failures() {
    let case = case();
    let code = |words: &[&str]| case.run(words).code;
    assert_eq!(code(&["build", "--fail-on", "warn"]), Some(0));
    // A field too many: the row is set aside, and the rest is published whatever is asked for.
    case.write("data/people.csv", format!("{PEOPLE}Al,al@three.example,x\nJo,jo@four.example\n"));
    assert_eq!(code(&["build", "--fail-on", "warn"]), Some(4));
    assert_eq!(String::from_utf8_lossy(&case.read("dist/clean.csv")).lines().count(), 4);
    // Nothing to do is still done with a row aside.
    assert_eq!(code(&["build", "--fail-on", "warn"]), Some(4));
    assert_eq!(code(&["build"]), Some(0));
    assert_eq!(code(&["build", "--fail-on", "error"]), Some(0));
}

#[test]
fn a_failed_check_refuses_and_leaves_the_artefacts() {
    let case = case();
    case.run(&["build"]);
    let before = case.artefacts();
    case.write("data/people.csv", "name,email\n,ada@one.example\nGrace,grace@two.example\n");
    let output = case.run(&["build"]);
    assert_eq!(output.code, Some(2));
    let said = output.err;
    assert!(said.contains("hotpass::expect::failed") && said.contains("1 of 2 rows"), "{said}");
    assert_eq!(case.artefacts(), before);
}

#[test]
fn personal_data_is_masked_unless_asked_for() {
    let case = case();
    case.run(&["build"]);
    let said = |words: &[&str]| case.run(words).out;
    assert!(!said(&["show", "clean"]).contains("ada@one.example"));
    assert!(!said(&["query", "select lower(email) as e from clean"]).contains("ada@one.example"));
    assert!(said(&["show", "clean", "--unmasked"]).contains("ada@one.example"));
    assert!(said(&["query", "select name from clean"]).contains("Ada"));
}

#[test]
fn a_query_reads_tables_and_nothing_else() {
    let case = case();
    case.run(&["build"]);
    let code = |sql: &str| case.run(&["query", sql]).code;
    assert_eq!(code("select count(*) from crm.clean"), Some(0));
    for sql in [
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('data/people.csv')",
        "copy (select 1) to 'out.csv'",
        "attach 'x.duckdb'",
        "select 1; select 2",
        "from '/etc/passwd'",
        "create table t as select 1",
    ] {
        assert_ne!(code(sql), Some(0), "{sql}");
    }
    assert!(!case.path("out.csv").exists());
}

#[test]
fn a_workspace_from_init_builds_at_once() {
    let case = Case::new::<&str>(&[]);
    assert_eq!(case.run(&["init"]).code, Some(0));
    let output = case.run(&["build"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(!case.artefacts().is_empty());
    assert_eq!(case.run(&["init"]).code, Some(2), "it never overwrites");
}

#[test]
fn the_shipped_sample_builds() {
    let case = crate::sample::workspace(&Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines/sample"));
    let output = case.run(&["build", "--format", "json"]);
    assert_eq!(output.code, Some(0), "{}", output.err);
    let summary = summary(&output);
    assert_eq!(summary["expectations"]["failed"], 0);
    assert_eq!(summary["artefacts"].as_array().map(Vec::len), Some(14));
    let again = case.run(&["build", "--format", "json"]);
    assert_eq!(self::summary(&again)["steps"]["ran"], 0);
}
