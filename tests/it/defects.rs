//! The defects of the system that this one replaces: each has a test of what goes right now, or a reason to have none.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How many defects the specification lists.
const DEFECTS: usize = 50;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path, ending: &str, acc: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        match entry.path() {
            path if path.is_dir() => files(&path, ending, acc),
            path if path.extension().is_some_and(|it| it == ending) => acc.push(path),
            _ => (),
        }
    }
}

fn texts(folders: &[&str], ending: &str) -> Vec<String> {
    let mut acc = Vec::new();
    folders.iter().for_each(|it| files(&root().join(it), ending, &mut acc));
    acc.iter().map(|it| fs::read_to_string(it).expect("text")).collect()
}

/// The functions that stand right below `#[test]`.
fn tests() -> BTreeSet<String> {
    let mut acc = BTreeSet::new();
    for text in texts(&["src", "tests", "benches"], "rs") {
        let mut lines = text.lines().map(str::trim_start);
        while let Some(line) = lines.next() {
            if line == "#[test]" {
                let name = lines.find_map(|it| it.strip_prefix("fn ")?.split('(').next().map(str::to_owned));
                acc.extend(name);
            }
        }
    }
    acc
}

/// The sections of the specification that is run.
fn sections() -> BTreeSet<String> {
    let mut acc = BTreeSet::new();
    for text in texts(&["tests/it/spec"], "md") {
        let mut inside = false;
        for line in text.lines() {
            inside ^= line.starts_with("```");
            acc.extend(line.strip_prefix("# ").filter(|_| !inside).map(str::to_owned));
        }
    }
    acc
}

#[test]
fn every_defect_of_the_old_system_has_a_test_of_what_goes_right_now() {
    let (tests, sections) = (tests(), sections());
    let text = fs::read_to_string(root().join("tests/it/defects.md")).expect("the table");
    let mut told = Vec::new();
    for line in text.lines().filter(|it| it.starts_with("| D-")) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [defect, right, test] = cells.as_slice() else { panic!("three cells: {line}") };
        told.push((*defect).to_owned());
        let shown = match test.strip_prefix("spec: ") {
            Some(section) => sections.contains(section),
            None => test.strip_prefix('`').and_then(|it| it.strip_suffix('`')).is_some_and(|it| tests.contains(it)),
        };
        match *right {
            "—" => assert!(!test.is_empty() && !test.contains('`'), "{defect} has neither a test nor a reason"),
            _ => assert!(shown, "{defect} names a test that is not there: {test}"),
        }
    }
    let all: Vec<String> = (1..=DEFECTS).map(|it| format!("D-{it}")).collect();
    assert_eq!(told, all);
}
