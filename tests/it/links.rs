//! Links, pipes and folders in the place of what the store has: refused by name before anything is touched, by every
//! verb.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::case::{Case, files_beneath};
use crate::program::command;

/// What the store has, and what may be put in its place.
const NAMES: [&str; 11] = [
    "tmp",
    "segments",
    "runs",
    "replaced",
    "journal-v2",
    "lock",
    "tmp-lock",
    "stamp-v2",
    "texts-v2",
    "warehouse-v1.duckdb",
    "segments/ab",
];

fn case() -> Case {
    let pipeline = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n\
        [step.kept]\nkind = 'filter'\nfrom = 'rows'\nwhere = 'true'\n\
        [export.rows]\nfrom = 'kept'\npath = 'dist/rows.csv'\n";
    Case::new(&[("hotpass.toml", pipeline), ("data/rows.csv", "a\n1\n")])
}

fn put(what: &str, victim: &Path, place: &Path) {
    let _ = fs::remove_file(place);
    let _ = fs::remove_dir_all(place);
    match what {
        "a link to a folder" => symlink(victim, place).expect("a link"),
        "a link to a file" => symlink(victim.join("kept"), place).expect("a link"),
        "a dangling link" => symlink(victim.join("new"), place).expect("a link"),
        _ => {
            let made = std::process::Command::new("mkfifo").arg(place).status();
            assert!(made.is_ok_and(|it| it.success()), "a pipe");
        }
    }
}

#[test]
fn what_is_foreign_in_the_store_is_refused_before_anything_is_touched() {
    let victim = tempfile::tempdir().expect("a folder");
    fs::write(victim.path().join("kept"), "kept").expect("written");
    let before = files_beneath(victim.path());
    let verbs: [&[&str]; 4] = [&["build"], &["gc"], &["query", "select 1"], &["explain", "kept"]];
    for (at, name) in NAMES.into_iter().enumerate() {
        for (turn, what) in
            ["a link to a folder", "a link to a file", "a dangling link", "a pipe"].into_iter().enumerate()
        {
            let case = case();
            fs::create_dir_all(case.path(".hotpass/segments")).expect("made");
            put(what, victim.path(), &case.path(".hotpass").join(name));
            let words = verbs[(at + turn) % verbs.len()];
            let output = command(&case.path(""), words).output().expect("it runs");
            let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.code(), Some(2), "{name} as {what}: {all}");
            let last = name.rsplit('/').next().unwrap_or(name);
            assert!(all.contains("hotpass::store::foreign") && all.contains(last), "{name} as {what}: {all}");
            assert_eq!(files_beneath(victim.path()), before, "{name} as {what}");
            assert!(!case.path("dist").exists());
        }
    }
}

#[test]
fn a_store_that_is_a_link_is_refused() {
    let victim = tempfile::tempdir().expect("a folder");
    let case = case();
    symlink(victim.path(), case.path(".hotpass")).expect("a link");
    for words in [&["build"][..], &["gc"], &["check"], &["plan"]] {
        let output = command(&case.path(""), words).output().expect("it runs");
        let all = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(2), "{words:?}: {all}");
        assert!(all.contains("linked-state") || all.contains("hotpass::store::foreign"), "{words:?}: {all}");
    }
    assert_eq!(fs::read_dir(victim.path()).expect("a folder").count(), 0);
}

#[test]
fn what_was_put_into_a_store_that_stood_is_seen_by_the_next_build() {
    let victim = tempfile::tempdir().expect("a folder");
    fs::write(victim.path().join("kept"), "kept").expect("written");
    let case = case();
    let build = || command(&case.path(""), &["build"]).output().expect("it runs").status.code();
    assert_eq!(build(), Some(0));
    put("a link to a folder", victim.path(), &case.path(".hotpass/tmp"));
    case.write("data/rows.csv", "a\n2\n");
    assert_eq!(build(), Some(2));
    assert_eq!(fs::read_to_string(victim.path().join("kept")).expect("text"), "kept");
    fs::remove_file(case.path(".hotpass/tmp")).expect("removed");
    assert_eq!(build(), Some(0));
    assert_eq!(case.text("dist/rows.csv"), "a\n2\n");
}
