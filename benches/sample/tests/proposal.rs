//! How many columns of books that nobody has seen `hotpass init --from` puts where they belong.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::Case;

const PROFILES: [&str; 3] = ["generic", "south-africa", "aviation"];

/// Fields that the shipped profiles know.
fn known() -> BTreeSet<String> {
    let mut acc = BTreeSet::new();
    for name in PROFILES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("pipelines/profiles/{name}.toml"));
        let profile: toml::Table = std::fs::read_to_string(path).expect("a profile").parse().expect("TOML");
        acc.extend(profile.get("field").and_then(toml::Value::as_table).into_iter().flatten().map(|it| it.0.clone()));
    }
    acc
}

/// What is proposed for the books of a case.
fn proposed(case: &Case) -> toml::Table {
    let program = std::env::current_exe().expect("a program");
    // Tests of examples stand one folder below the programs.
    let folder = program.ancestors().nth(2).expect("a folder");
    let program = folder.join(format!("hotpass{}", std::env::consts::EXE_SUFFIX));
    let workspace = TempDir::new().expect("a folder");
    let mut command = Command::new(program);
    command.arg("-C").arg(workspace.path()).args(["init", "--from"]);
    for book in case.bytes().keys().filter(|it| it.ends_with(".xlsx")) {
        command.arg(case.folder.path().join(book));
    }
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(workspace.path().join("hotpass.toml")).expect("a pipeline");
    text.parse().expect("TOML")
}

fn check(seed: u64) {
    let case = Case::new(200, seed, false);
    let (pipeline, known) = (proposed(&case), known());
    assert_eq!(pipeline["pipeline"]["profile"].as_str(), Some("aviation"), "seed {seed}");
    let table = |kind: &str, name: &str| pipeline[kind][name].as_table().cloned().expect("a table");
    let (mut all, mut wrong) = (0, Vec::new());
    for (name, source) in pipeline["source"].as_table().expect("sources") {
        let Some(sheet) = source.get("sheet").and_then(toml::Value::as_str) else { continue };
        let book = Path::new(source["path"].as_str().expect("a path")).file_stem().expect("a name").to_string_lossy();
        let columns = table("step", &format!("{name}_fields"))["columns"].as_table().cloned().expect("a mapping");
        let mut before = String::new();
        for it in case.table("truth-columns.csv") {
            if it["book"] != book || it["sheet"] != sheet {
                continue;
            }
            all += 1;
            // A column without a name goes by its letter, or by the merged cell that reaches over it.
            let names = match it["header"].as_str() {
                "" => vec![it["column"].clone(), format!("{before}_2")],
                header => vec![header.to_owned()],
            };
            before.clone_from(&it["header"]);
            let went = columns.iter().find(|(_, from)| names.iter().any(|it| from.as_str() == Some(it)));
            let went = went.map(|(field, _)| field.as_str()).filter(|it| known.contains(*it));
            let right: Vec<&str> = it["fields"].split("; ").filter(|it| !it.is_empty()).collect();
            if went.map_or(!right.is_empty(), |it| !right.contains(&it)) {
                wrong.push(format!("{book}#{sheet} `{}` is {right:?}, proposed {went:?}", names[0]));
            }
        }
    }
    assert!(all > 60, "seed {seed}: {all} columns");
    assert!((all - wrong.len()) * 100 >= all * 95, "seed {seed}: {} of {all} are wrong: {wrong:#?}", wrong.len());
}

#[test]
fn the_proposal_for_the_committed_sample_is_right() {
    check(7);
}

#[test]
fn the_proposal_for_books_that_nobody_has_seen_is_right() {
    check(20_251);
}
