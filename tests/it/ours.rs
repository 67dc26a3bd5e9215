//! Where artefacts and reports may stand, and what they may replace.

use std::fs;

use hotpass::summary::Status;

use crate::case::Case;
use crate::program::{Ran, command};

const PIPELINE: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'data/rows.csv'\n\
    [export.rows]\nfrom = 'rows'\npath = 'PATH'\n";

fn case(path: &str) -> Case {
    Case::new(&[("hotpass.toml", PIPELINE.replace("PATH", path)), ("data/rows.csv", "a\n1\n".to_owned())])
}

fn run(case: &Case, words: &[&str]) -> Ran {
    Ran::from(command(&case.asked.root, &[]).args(words).output().expect("it starts"))
}

#[test]
fn a_path_of_something_else_is_refused_before_anything_is_made() {
    for path in [
        "hotpass.toml",
        "tests/x.toml",
        ".github/workflows/x.csv",
        ".cargo/config.toml",
        ".cargo/x.csv",
        ".bashrc",
        ".GIT/hooks/x.csv",
        "dist/.x.csv",
        "Pipelines/x.csv",
        "TESTS/x.csv",
        "Data/ROWS.csv",
        "./data//rows.csv",
        "dist/run.sh",
        "Makefile",
        "dist/x.xlsx.toml",
    ] {
        for format in ["csv", "tsv", "xlsx", "parquet"] {
            let case = case(path);
            case.replace("hotpass.toml", "from = 'rows'", &format!("from = 'rows'\nformat = '{format}'"));
            let before = case.inputs();
            let report = case.build();
            assert_eq!(report.status, Status::Refused, "{path} as {format}");
            assert!(report.problems.contains("hotpass::export::bad-path"), "{path}: {}", report.problems);
            assert!(case.inputs() == before, "{path}");
        }
    }
}

#[test]
fn a_file_of_a_glob_is_no_place() {
    let case = case("data/out.csv");
    case.replace("hotpass.toml", "data/rows.csv", "data/*.csv");
    assert!(case.problems().contains("hotpass::export::bad-path"), "{}", case.problems());
}

#[test]
fn a_file_that_hotpass_did_not_write_stays() {
    let case = case("dist/rows.csv");
    case.write("dist/rows.csv", "mine\n");
    let ran = run(&case, &["build"]);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(ran.all().contains("hotpass::export::not-ours") && ran.all().contains("--overwrite"), "{}", ran.all());
    assert_eq!(case.text("dist/rows.csv"), "mine\n");
    assert_eq!(case.artefacts().len(), 1, "no manifest beside it");
    let ran = run(&case, &["build", "--overwrite"]);
    assert_eq!((ran.code, case.text("dist/rows.csv")), (Some(0), "a\n1\n".to_owned()), "{}", ran.all());
    // From now on it is ours.
    case.write("data/rows.csv", "a\n2\n");
    let ran = run(&case, &["build"]);
    assert_eq!((ran.code, case.text("dist/rows.csv")), (Some(0), "a\n2\n".to_owned()), "{}", ran.all());
    assert!(!ran.all().contains("warning"), "{}", ran.all());
}

#[test]
fn what_the_manifest_claims_is_ours_only_with_its_bytes() {
    let case = case("dist/rows.csv");
    case.build().ok();
    fs::remove_dir_all(case.path(".hotpass")).expect("removed");
    case.write("data/rows.csv", "a\n2\n");
    // A fresh clone: the recorded artefact stands.
    case.build().ok();
    assert_eq!(case.text("dist/rows.csv"), "a\n2\n");
    fs::remove_dir_all(case.path(".hotpass")).expect("removed");
    case.write("data/rows.csv", "a\n3\n");
    case.write("dist/rows.csv", "the victim\n");
    let report = case.build();
    assert!(report.problems.contains("hotpass::export::not-ours"), "{}", report.problems);
    assert_eq!(case.text("dist/rows.csv"), "the victim\n");
}

#[test]
fn sums_that_say_what_is_so_are_nobodys() {
    // What a power cut leaves between the sums and the manifest, where the journal never reached the disk.
    let case = case("dist/rows.csv");
    case.build().ok();
    let whole = case.artefacts();
    fs::remove_dir_all(case.path(".hotpass")).expect("removed");
    fs::remove_file(case.path("dist/manifest.json")).expect("removed");
    case.build().ok();
    assert!(case.artefacts() == whole);
    // Sums of other bytes are somebody's.
    fs::remove_dir_all(case.path(".hotpass")).expect("removed");
    fs::remove_file(case.path("dist/manifest.json")).expect("removed");
    case.write("dist/SHA256SUMS", "mine\n");
    let report = case.build();
    assert!(report.problems.contains("hotpass::export::not-ours"), "{}", report.problems);
    assert_eq!(case.text("dist/SHA256SUMS"), "mine\n");
}

#[test]
fn an_artefact_that_somebody_changed_is_kept_and_told_once() {
    let case = case("dist/rows.csv");
    run(&case, &["build"]);
    case.write("dist/rows.csv", "a\nchanged by hand\n");
    case.write("data/rows.csv", "a\n2\n");
    let ran = run(&case, &["build"]);
    assert_eq!((ran.code, case.text("dist/rows.csv")), (Some(0), "a\n2\n".to_owned()), "{}", ran.all());
    assert!(ran.all().contains("hotpass::export::replaced"), "{}", ran.all());
    let kept: Vec<_> = fs::read_dir(case.path(".hotpass/replaced")).expect("kept").flatten().collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(fs::read_to_string(kept[0].path()).expect("text"), "a\nchanged by hand\n");
    for _ in 0..2 {
        let ran = run(&case, &["build"]);
        assert!(!ran.all().contains("hotpass::export::replaced"), "{}", ran.all());
    }
}

#[test]
fn a_manifest_of_something_else_stays() {
    for name in ["manifest.json", "SHA256SUMS"] {
        let case = case("out/rows.csv");
        case.write(&format!("dist/{name}"), "{\"name\": \"my app\"}\n");
        let report = case.build();
        assert!(report.problems.contains("hotpass::export::not-ours"), "{name}: {}", report.problems);
        assert_eq!(case.text(&format!("dist/{name}")), "{\"name\": \"my app\"}\n");
        assert!(!case.path("out/rows.csv").exists());
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_hidden_folder_is_not_followed() {
    let case = case("dist/rows.csv");
    fs::create_dir_all(case.path(".github/workflows")).expect("made");
    std::os::unix::fs::symlink(".github/workflows", case.path("dist")).expect("linked");
    let ran = run(&case, &["build"]);
    assert_ne!(ran.code, Some(0), "{}", ran.all());
    assert_eq!(fs::read_dir(case.path(".github/workflows")).expect("a folder").count(), 0);
}

#[cfg(unix)]
#[test]
fn a_link_to_what_is_read_is_not_written_through() {
    let case = case("dist/rows.csv");
    std::os::unix::fs::symlink("data", case.path("dist")).expect("linked");
    let ran = run(&case, &["build", "--overwrite"]);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert_eq!(case.text("data/rows.csv"), "a\n1\n");
}

#[test]
fn no_report_replaces_a_file_of_another_kind() {
    for flag in ["--report-junit", "--report-sarif", "--events"] {
        let case = case("dist/rows.csv");
        for victim in ["hotpass.toml", "data/rows.csv"] {
            let before = case.text(victim);
            run(&case, &["build", flag, victim]);
            assert_eq!(case.text(victim), before, "{flag} {victim}");
        }
        for _ in 0..2 {
            run(&case, &["build", flag, "report"]);
            assert!(case.text("report").len() > 20, "{flag} is written, and again");
            case.write("data/rows.csv", "a\n7\n");
        }
    }
}
