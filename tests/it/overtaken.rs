//! An input that changes while a build runs: the build begins again, and takes what stands then.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::Value;

use crate::case::Case;
use crate::program::command;

const PIPELINE: &str = "[pipeline]\nname = 'p'\n[source.first]\npath = 'first.csv'\n[source.second]\npath = 'second.csv'\n\
    [step.all]\nkind = 'union'\nfrom = ['first', 'second']\n[export.all]\nfrom = 'all'\npath = 'dist/all.csv'\n";

/// So many rows that they are still being read when the one row of the first source has been.
const ROWS: usize = 200_000;

fn rows(text: &str) -> String {
    format!("a\n{}", format!("{text}\n").repeat(ROWS))
}

/// Builds, and replaces the second source each time that the first one has been read or found, as often as there are
/// texts: how it ended, and what it said.
fn built(case: &Case, texts: &[&str]) -> (Option<i32>, String) {
    let mut command = command(&case.asked.root, &["build", "-j", "1", "--format", "json"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut texts = texts.iter();
    for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
        let event: Value = serde_json::from_str(&line.expect("text")).expect("JSON");
        if event["event"] == "step.finished" && event["step"] == "first" {
            let Some(text) = texts.next() else { continue };
            case.write("new.csv", rows(text));
            std::fs::rename(case.path("new.csv"), case.path("second.csv")).expect("renamed");
        }
    }
    let mut said = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
    (child.wait().expect("it ends").code(), said)
}

fn case() -> Case {
    Case::new(&[("hotpass.toml", PIPELINE.to_owned()), ("first.csv", "a\n1\n".to_owned()), ("second.csv", rows("old"))])
}

#[test]
fn a_build_begins_again_and_publishes_what_stands() {
    let case = case();
    let (code, said) = built(&case, &["new"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("`second.csv` changed while the build ran, which begins again"), "{said}");
    let all = case.text("dist/all.csv");
    assert!(all.starts_with("a\n1\nnew\n") && !all.contains("old") && all.lines().count() == ROWS + 2);
    let (code, said) = built(&case, &[]);
    assert_eq!((code, said.contains("begins again")), (Some(0), false), "{said}");
}

#[test]
fn who_never_stops_writing_keeps_no_build_for_ever() {
    let case = case();
    let (code, said) = built(&case, &["one", "two", "three", "four"]);
    assert_eq!(said.matches("begins again").count(), 2, "{said}");
    assert!(matches!(code, Some(1 | 2)), "{said}");
    assert!(!case.path("dist").exists());
}
