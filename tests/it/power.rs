//! How a build stops: a bug in hotpass, threads that cannot be had, time and memory that are used up, Ctrl-C.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rust_xlsxwriter::Workbook;

use crate::case::Case;
use crate::program::{Ran, command};

/// Whatever hangs longer than this hangs for ever.
const HANGS: Duration = Duration::from_secs(120);

/// Two sources, two steps and two artefacts, so that several workers have something to do.
const TWO: &str = "[pipeline]\nname = 'p'\n[source.rows]\npath = 'rows.csv'\n[source.book]\npath = 'book.xlsx'\n\
[step.out]\nkind = 'derive'\nfrom = 'rows'\n[step.out.columns]\nlong = 'Name || Name'\n\
[step.other]\nkind = 'derive'\nfrom = 'book'\n[step.other.columns]\nlong = 'Name || Name'\n\
[export.csv]\nfrom = 'out'\npath = 'dist/out.csv'\n[export.xlsx]\nfrom = 'other'\npath = 'dist/other.xlsx'\n";

fn two() -> Case {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Name").expect("written");
    sheet.write(1, 0, "Aero").expect("written");
    let book = book.save_to_buffer().expect("a book");
    Case::new(&[("hotpass.toml", TWO.as_bytes()), ("rows.csv", b"Name\nAero\n"), ("book.xlsx", &book)])
}

/// Runs a command; one that hangs is a failure.
fn ended(mut command: Command) -> Ran {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    while child.try_wait().expect("a status").is_none() {
        if begun.elapsed() > HANGS {
            child.kill().expect("killed");
            panic!("it hangs: {:?}", Ran::from(child.wait_with_output().expect("an output")));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().expect("an output").into()
}

fn with(case: &Case, words: &[&str], name: &str, value: &str) -> Ran {
    let mut command = command(&case.asked.root, words);
    command.env(name, value);
    ended(command)
}

#[test]
fn a_bug_ends_the_build_and_tells_no_values() {
    for (place, doing) in
        [("worker", "making `p."), ("reader", "making `p.book`"), ("publishing", "writing `dist/"), ("planning", "")]
    {
        let case = two();
        if place == "reader" {
            // Planning reads the head of the book; what it found is known.
            case.run(&["check"]).ok();
            case.run(&["build", "rows"]).ok();
        }
        let ran = with(&case, &["build", "-j", "2"], "HOTPASS_TEST_PANIC", place);
        assert_eq!(ran.code, Some(101), "{place}: {}", ran.all());
        assert!(ran.err.contains("a bug in hotpass ") && ran.err.contains(" at src/"), "{place}: {}", ran.err);
        assert!(ran.err.contains(doing) && ran.err.contains("please report"), "{place}: {}", ran.err);
        assert!(!ran.all().contains("secret"), "{place}: {}", ran.all());
        assert!(case.artefacts().is_empty(), "{place}: something was published");
        case.run(&["build"]).ok();
        assert_eq!(case.artefacts().len(), 4);
    }
}

#[test]
fn a_bug_in_a_watch_ends_it() {
    let case = two();
    let ran = with(&case, &["watch"], "HOTPASS_TEST_PANIC", "worker");
    assert_eq!(ran.code, Some(101), "{}", ran.all());
    assert!(ran.all().contains("a bug in hotpass ") && !ran.all().contains("secret"), "{}", ran.all());
}

#[test]
fn any_number_of_jobs_is_taken() {
    let case = two();
    let ran = case.run(&["build", "-j", "100000"]).ok();
    assert!(ran.err.contains("no more than 256 steps run at a time"), "{}", ran.err);
    assert_eq!(case.run(&["build", "-j", "0"]).code, Some(2));
    case.run(&["build", "-j", "1", "--force"]).ok();
}

#[test]
fn without_threads_a_build_takes_one_step_after_the_other() {
    let case = two();
    let none = |words: &[&str]| with(&case, words, "HOTPASS_TEST_THREADS", "none");
    // Who cannot do without one says so: a workbook is listened to by one, an artefact is read for by one.
    let ran = none(&["build", "-j", "4", "other"]);
    assert_eq!(ran.code, Some(2), "{}", ran.all());
    assert!(ran.err.contains("no thread is left"), "{}", ran.err);
    case.run(&["build", "book"]).ok();
    let ran = none(&["build", "-j", "4", "out", "other"]).ok();
    assert!(ran.err.contains("1 of 4 steps run at a time: no thread is left"), "{}", ran.err);
    let ran = none(&["build", "-j", "4"]);
    assert_eq!(ran.code, Some(1), "{}", ran.all());
    assert!(ran.err.contains("no thread is left") && case.artefacts().is_empty(), "{}", ran.err);
    case.run(&["build"]).ok();
}

#[test]
fn what_a_killed_build_left_beside_artefacts_goes_with_the_next_one() {
    let case = two();
    case.run(&["build"]).ok();
    let stamp = case.path(".hotpass/stamp-v2");
    assert!(stamp.is_file(), "a build with nothing to do looks no further");
    // An artefact is written again, and the build ends in the middle: the next one is to look for itself.
    std::fs::remove_file(case.path("dist/out.csv")).expect("removed");
    let ran = with(&case, &["build"], "HOTPASS_TEST_PANIC", "publishing");
    assert_eq!(ran.code, Some(101), "{ran:?}");
    assert!(!stamp.exists(), "the stamp of the build before is gone");
    case.run(&["build"]).ok();
    std::fs::remove_file(&stamp).expect("removed");
    let left = ["dist/.out.csv.hotpass-abcdefghijkl", "dist/.hotpass-abcdefghijkl.lock", ".hotpass-abcdefghijkl.lock"];
    for it in left {
        std::fs::write(case.path(it), "").expect("written");
    }
    let ran = case.run(&["build"]).ok();
    assert!(ran.err.contains("nothing to do"), "{ran:?}");
    for it in left {
        assert!(!case.path(it).exists(), "{it}");
    }
}
