//! Copies of deliveries in the temporary folder: none is left behind, however a command ends.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::case::{Case, files_beneath};
use crate::program::{Ran, command};

const TOML: &str = "[pipeline]\nname = 'crm'\n[source.people]\npath = 'data/people.csv'\n\
                    [step.clean]\nkind = 'derive'\nfrom = 'people'\ncolumns = { up = 'upper(name)' }\n\
                    [export.out]\nfrom = 'clean'\npath = 'dist/out.csv'\n";

/// Whether a copy of the delivery stands beneath a folder.
fn holds_a_copy(folder: &Path) -> bool {
    files_beneath(folder).keys().any(|it| it.ends_with("people.csv"))
}

/// Ends a command by a signal while copies stand; how it ended.
fn ended(case: &Case, words: &[&str], temporary: &Path, signal: Signal) -> Option<i32> {
    let mut command = command(&case.asked.root, words);
    command.env("TMPDIR", temporary).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    let mut child = command.spawn().expect("it starts");
    let begun = Instant::now();
    while !holds_a_copy(temporary) {
        assert!(begun.elapsed() < Duration::from_secs(60), "{words:?} makes no copy");
        assert!(child.try_wait().expect("a child").is_none(), "{words:?} ends without a copy");
        std::thread::sleep(Duration::from_millis(1));
    }
    kill_process(Pid::from_child(&child), signal).expect("sent");
    let ended = child.wait().expect("it ends").code();
    assert!(begun.elapsed() < Duration::from_secs(120), "{words:?} goes on");
    ended
}

#[test]
fn no_signal_leaves_copies_behind() {
    let rows: String = (0..60_000).map(|it| format!("name {it},mail{it}@one.example,{it}\n")).collect();
    let case = Case::new(&[("hotpass.toml", TOML), ("data/people.csv", format!("name,email,n\n{rows}").as_str())]);
    case.run(&["build"]).ok();
    let other = tempfile::tempdir().expect("a folder");
    let place = other.path().join("new").display().to_string();
    let output = other.path().join("out.xlsx").display().to_string();
    let verbs: [&[&str]; 3] = [
        &["verify", "--rebuild"],
        &["-C", &place, "init", "--from", "data"],
        &["refine", "--input-dir", "data", "--output-path", &output],
    ];
    for words in verbs {
        for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::KILL] {
            let temporary = tempfile::tempdir().expect("a folder");
            let code = ended(&case, words, temporary.path(), signal);
            if signal == Signal::KILL {
                assert!(holds_a_copy(temporary.path()), "{words:?} was not killed in time");
                let mut again = command(&case.asked.root, &["verify"]);
                again.env("TMPDIR", temporary.path());
                Ran::from(again).ok();
            } else {
                assert_eq!(code, Some(130), "{words:?}, {signal:?}");
            }
            let left: Vec<_> = std::fs::read_dir(temporary.path()).expect("a folder").flatten().collect();
            assert!(left.is_empty(), "{words:?}, {signal:?}: {left:?}");
        }
    }
}
