//! No answer is written over what the workspace reads or publishes, in any of its environments.

use std::fs;

use crate::case::Case;

const PIPELINE: &str = r#"
[pipeline]
name = "p"

[environment.dev.source.s]
path = "samples/d.csv"

[source.s]
path = "data/s.csv"

[source.parts]
path = "data/part-*.csv"
select = "newest"

[export.s]
from = "s"
path = "dist/s.csv"

[export.parts]
from = "parts"
path = "out/parts"
format = "parquet"
partition_by = ["town"]
"#;

const ROWS: &str = "id,town\n1,Basel\n2,Ghent\n";

fn case() -> Case {
    let files = [
        ("hotpass.toml", "[environment.dev]\ndestination = \"dev\"\n"),
        ("pipelines/p.toml", PIPELINE),
        ("data/s.csv", ROWS),
        ("data/part-1.csv", ROWS),
        ("data/part-2.csv", ROWS),
        ("samples/d.csv", ROWS),
        ("tests/rows.csv", ROWS),
        ("notes.csv", ROWS),
    ];
    let case = Case::new(&files);
    case.run(&["build"]).ok();
    case.run(&["build", "--env", "dev"]).ok();
    case
}

/// Files of the workspace that may not be replaced.
fn held(case: &Case) -> Vec<String> {
    let all = crate::case::files_beneath(&case.asked.root).into_keys();
    let ends = |it: &String| [".csv", ".json", ".ndjson", ".parquet"].iter().any(|end| it.ends_with(end));
    all.filter(|it| ends(it) && !it.starts_with(".hotpass/") && it != "notes.csv").collect()
}

fn refused(case: &Case, path: &str, more: &[&str]) {
    let place = case.asked.root.join(path);
    let before = fs::read(&place).ok();
    for begin in [&["query", "select 1 as x"][..], &["show", "s"]] {
        let words: Vec<&str> = begin.iter().chain(&["-o", path, "--overwrite"]).chain(more).copied().collect();
        let ran = case.run(&words);
        assert!(ran.code == Some(2) && ran.err.contains("hotpass::query::file-in-use"), "{words:?}: {ran:?}");
        assert_eq!(fs::read(&place).ok(), before, "{words:?}");
    }
}

#[test]
fn no_answer_replaces_what_an_environment_reads_or_publishes() {
    let case = case();
    let held = held(&case);
    for path in ["dist/s.csv", "dist/manifest.json", "dev/dist/s.csv", "samples/d.csv", "data/part-1.csv"] {
        assert!(held.iter().any(|it| it == path), "{path}: {held:?}");
    }
    assert!(held.iter().any(|it| it.starts_with("out/parts/town=Basel/")), "{held:?}");
    for path in &held {
        refused(&case, path, &[]);
        refused(&case, path, &["--env", "dev"]);
    }
    case.prints(&["query", "select 1 as x", "-o", "notes.csv", "--overwrite"]);
    assert_eq!(case.text("notes.csv"), "x\n1\n");
}

#[test]
fn what_is_declared_to_be_published_is_no_place_without_a_manifest_either() {
    let case = case();
    let held: Vec<String> =
        held(&case).into_iter().filter(|it| it.contains("dist/") || it.starts_with("out/")).collect();
    for it in ["dist/manifest.json", "dev/dist/manifest.json", "hotpass.lock", "hotpass.dev.lock"] {
        fs::remove_file(case.asked.root.join(it)).expect("removed");
    }
    held.iter().for_each(|it| refused(&case, it, &[]));
    // Where nothing stands yet, the answer would be a file of somebody else for the next build.
    fs::remove_file(case.asked.root.join("dist/s.csv")).expect("removed");
    refused(&case, "dist/s.csv", &[]);
}
