//! `hotpass.lock` and `manifest.json`: what a build writes down, when it leaves them alone, and what `--locked` refuses.

use hotpass::lock::{HeaderRow, Lock};
use hotpass::publish::Manifest;
use hotpass::run::LockMode;
use hotpass::summary::Status;

use crate::case::{Case, Report};

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[lookup.tier]
gold = ["Gold", "Au"]

[field.name]
value = "organisation_name"

[source.people]
path = "data/people.csv"

[source.orders]
path = "data/orders.csv"

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

[export.orders]
from = "orders"
path = "dist/orders.parquet"
"#;

const PEOPLE: &str = "name,email\nAda,ada@one.example\nGrace,grace@two.example\n";

fn case() -> Case {
    Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", PEOPLE), ("data/orders.csv", "id;sum\n1;2\n")])
}

fn lock(case: &Case) -> Lock {
    Lock::read(&case.asked.root, None).expect("it is read").expect("it is there")
}

fn locked(case: &Case) -> Report {
    case.build_as(|_, options| options.lock = LockMode::Keep)
}

/// The artefacts that the manifest lists.
fn listed(case: &Case, folder: &str) -> Vec<String> {
    let manifest = Manifest::from_json(&case.text(&format!("{folder}/manifest.json"))).expect("a manifest");
    manifest.pipelines().flat_map(|(_, it)| it.artefacts.iter().map(|it| it.path.clone())).collect()
}

fn differences(report: &Report) -> Vec<&str> {
    report.summary().differences.iter().map(String::as_str).collect()
}

#[test]
fn a_build_writes_what_it_was_made_from() {
    let case = case();
    case.build().ok();
    let lock = lock(&case);
    let people = lock.source("crm", "people").expect("the source");
    let names: Vec<_> = people.columns.iter().map(|it| it.name.as_str()).collect();
    assert_eq!((people.rows, names), (2, vec!["name", "email"]));
    assert_eq!(people.files[0].path, "data/people.csv");
    assert_eq!((people.files[0].delimiter, people.files[0].header_row), (Some(','), Some(HeaderRow::One(1))));
    let orders = lock.source("crm", "orders").expect("the source");
    assert_eq!(orders.files[0].delimiter, Some(';'));
    let artefact = &lock.artefact["dist/clean.csv"];
    assert_eq!(artefact.bytes, case.read("dist/clean.csv").len() as u64);
    assert_eq!(lock.pipeline["crm"].lookups.keys().collect::<Vec<_>>(), ["tier"]);
    let text = case.text("hotpass.lock");
    assert!(!text.contains("Ada"), "no value of a cell stands in it:\n{text}");
    assert!(!text.contains(&case.asked.root.display().to_string()), "no absolute path stands in it");
}

#[test]
fn a_comment_and_a_fresh_copy_change_no_lock() {
    let case = case();
    case.build().ok();
    let before = case.read("hotpass.lock");
    case.write("hotpass.toml", format!("# why\n{PIPELINE}"));
    case.build().ok();
    assert_eq!(case.read("hotpass.lock"), before);
    let fresh = case.fresh();
    fresh.build().ok();
    assert_eq!(fresh.text("hotpass.lock"), String::from_utf8(before).expect("text"));
}

#[test]
fn a_lock_that_is_gone_or_in_conflict_is_written_again_without_making_anything() {
    let case = case();
    case.build().ok();
    let before = case.text("hotpass.lock");
    for text in [None, Some("<<<<<<< ours\n"), Some("version = 1\n")] {
        match text {
            Some(text) => case.write("hotpass.lock", text),
            None => case.remove("hotpass.lock"),
        }
        // Without an engine: nothing is made.
        let report = case.build_as(|_, options| options.factory = None).ok();
        assert_eq!((report.ran(), report.written()), ("nothing".to_owned(), "nothing".to_owned()));
        assert_eq!(case.text("hotpass.lock"), before);
    }
}

#[test]
fn what_is_not_compared_for_want_of_a_lock_is_told() {
    let case = case();
    let told = |words: &[&str]| {
        let ran = case.run(words).ok();
        ran.err.lines().filter(|it| it.contains("hotpass.lock")).collect::<Vec<_>>().join("\n").trim().to_owned()
    };
    // There never was one, nor is there one after a build of a part.
    assert_eq!(told(&["build", "orders"]), "");
    assert_eq!(told(&["build"]), "");
    let lost = "`crm.people`, `crm.orders` are not compared with earlier builds, and differences that nobody accepted are \
                forgotten; to compare them, put the file back and build again";
    case.remove("hotpass.lock");
    assert_eq!(told(&["build"]), format!("note  `hotpass.lock` is not there any more: {lost}"));
    assert_eq!(told(&["build"]), "");
    case.remove("hotpass.lock");
    assert_eq!(told(&["build", "--format", "json"]).matches("is not there any more").count(), 1);
    case.write("hotpass.lock", "<<<<<<< ours\n");
    let conflict = told(&["build"]);
    assert!(conflict.starts_with("note  `hotpass.lock` cannot be read (") && conflict.ends_with(lost), "{conflict}");
    // Nothing is compared of a source whose drift is ignored.
    for source in ["people", "orders"] {
        let from = format!("[source.{source}]\n");
        case.replace("hotpass.toml", &from, &format!("{from}drift = \"ignore\"\n"));
    }
    case.remove("hotpass.lock");
    assert_eq!(told(&["build"]), "");
    // Another copy has no state, and so nothing to know of.
    let fresh = case.fresh();
    assert!(!fresh.run(&["build"]).ok().err.contains("not there any more"));
}

#[test]
fn a_locked_build_passes_when_all_is_as_recorded() {
    let case = case();
    case.build().ok();
    let fresh = case.fresh();
    fresh.write("hotpass.lock", case.read("hotpass.lock"));
    locked(&fresh).ok();
    assert_eq!(fresh.artefacts(), case.artefacts());
}

#[test]
fn a_locked_build_publishes_nothing_that_is_not_recorded() {
    let check = |change: &dyn Fn(&Case), expected: &[&str]| {
        let case = case();
        case.build().ok();
        let (published, recorded) = (case.artefacts(), case.read("hotpass.lock"));
        change(&case);
        let report = locked(&case);
        assert_eq!(differences(&report), expected);
        assert_eq!(report.status, Status::Refused);
        assert_eq!(case.artefacts(), published);
        assert_eq!(case.path("hotpass.lock").exists().then(|| case.read("hotpass.lock")), {
            let gone = expected[0].starts_with("there is no");
            (!gone).then_some(recorded)
        });
    };
    check(
        &|it| it.replace("data/people.csv", "Grace", "Joan"),
        &[
            "source `crm.people` has other cells in column `name`",
            "artefact `dist/clean.csv` differs from the recorded one",
        ],
    );
    check(
        &|it| it.write("data/people.csv", format!("{PEOPLE}Alan,alan@one.example\n")),
        &[
            "source `crm.people` has 3 rows, and 2 are recorded",
            "artefact `dist/clean.csv` differs from the recorded one",
        ],
    );
    // What the plan alone can tell is told before anything is made.
    check(
        &|it| it.replace("hotpass.toml", "not_null", "unique"),
        &[
            "expectation `crm.clean.name.not_null` is recorded and gone",
            "expectation `crm.clean.name.unique` is not recorded",
        ],
    );
    check(&|it| it.replace("hotpass.toml", "\"Au\"", "\"Gd\""), &["lookup `crm.tier` differs from the recorded one"]);
    check(&|it| it.remove("hotpass.lock"), &["there is no `hotpass.lock`"]);
}

#[test]
fn settings_are_recorded() {
    let mut case = case();
    case.write("hotpass.toml", format!("{PIPELINE}\n[parameters]\nleast = 1\n"));
    case.build().ok();
    case.asked.set.insert("least".to_owned(), "2".to_owned());
    assert_eq!(differences(&locked(&case)), ["parameter `least` is not recorded"]);
}

#[test]
fn a_build_of_some_targets_leaves_the_lock_and_keeps_what_is_listed() {
    let case = case();
    case.build().ok();
    let before = case.read("hotpass.lock");
    case.replace("data/people.csv", "Grace", "Joan");
    let only_clean = |plan: &hotpass::plan::Plan, options: &mut hotpass::run::RunOptions<'_>| {
        options.tables = plan.tables.map(|_| false);
        options.exports = plan.exports.iter().map(|it| it.name.name == "clean").collect();
    };
    let report = case.build_as(only_clean).ok();
    assert_eq!(report.written(), "dist/clean.csv");
    assert_eq!(case.read("hotpass.lock"), before);
    assert_eq!(listed(&case, "dist"), ["dist/clean.csv", "dist/orders.parquet"]);
}

#[test]
fn an_export_that_is_taken_out_is_not_listed_any_more() {
    let case = case();
    case.build().ok();
    let at = PIPELINE.find("[export.orders]").expect("it is there");
    case.write("hotpass.toml", &PIPELINE[..at]);
    // Nothing else is due, and no engine is needed for it.
    case.build_as(|_, options| options.factory = None).ok();
    assert_eq!(listed(&case, "dist"), ["dist/clean.csv"]);
    assert!(!case.text("dist/SHA256SUMS").contains("orders"));
    assert!(!lock(&case).artefact.contains_key("dist/orders.parquet"));
    assert!(case.path("dist/orders.parquet").is_file(), "what was published once is the user's");
}

#[test]
fn a_pipeline_that_is_gone_is_not_listed_any_more() {
    let case = case();
    let other = PIPELINE.replace("\"crm\"", "\"other\"").replace("dist/", "dist/other/");
    case.write("pipelines/other.toml", other);
    case.build().ok();
    assert_eq!(listed(&case, "dist").len(), 4);
    case.remove("pipelines/other.toml");
    case.build().ok();
    assert_eq!(listed(&case, "dist"), ["dist/clean.csv", "dist/orders.parquet"]);
}

#[test]
fn the_folder_of_the_manifest_can_be_named() {
    let case = case();
    case.write("hotpass.toml", PIPELINE.replace("dist/", "out/files/") + "\n[workspace]\ndist = 'out'\n");
    case.build().ok();
    assert!(!case.path("dist").exists());
    assert_eq!(listed(&case, "out"), ["out/files/clean.csv", "out/files/orders.parquet"]);
    assert!(case.text("out/SHA256SUMS").contains("  files/clean.csv\n"));
    case.replace("hotpass.toml", "'out'", "'../out'");
    assert!(case.problems().contains("the manifest cannot be written to `../out`"), "{}", case.problems());
}
