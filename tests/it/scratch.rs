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

/// The folders that engines spill into, in the state folder.
fn spills(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = names.filter_map(|it| it.file_name().into_string().ok());
    names.filter(|it| it.starts_with("spill-")).collect()
}

#[test]
fn the_next_build_clears_what_dead_ones_spilled_and_nothing_of_a_living_one() {
    let toml = format!(
        "{TOML}[step.many]\nkind = 'sql'\nfrom = ['people']\n\
        query = 'select count(*) as n from people a, people b, people c where length(a.name) > length(b.name || c.name)'\n\
        [export.many]\nfrom = 'many'\npath = 'dist/many.csv'\n"
    );
    let rows: String = (0..4_000).map(|it| format!("name {it},mail{it}@one.example,{it}\n")).collect();
    let people = format!("name,email,n\n{rows}");
    for place in ["inside", "beside"] {
        let case = Case::new(&[("hotpass.toml", TOML), ("data/people.csv", people.as_str())]);
        let folder = if place == "inside" { case.path(".hotpass/tmp") } else { case.path("spilled") };
        let flags: &[&str] = if place == "inside" { &[] } else { &["--spill", "spilled"] };
        case.run(&[&["build"], flags].concat()).ok();
        assert_eq!(spills(&folder), [""; 0]);
        // A build that goes on, one that is killed, and one with something to do, then one with nothing to do.
        case.write("hotpass.toml", &toml);
        let begin = || {
            let before = spills(&folder);
            let mut command = command(&case.asked.root, &[&["build"], flags].concat());
            command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
            let child = command.spawn().expect("it starts");
            let begun = Instant::now();
            while !spills(&folder).iter().any(|it| !before.contains(it)) {
                assert!(begun.elapsed() < Duration::from_secs(60), "nothing is spilled into {place}");
                std::thread::sleep(Duration::from_millis(1));
            }
            // By then it no longer plans, which spills too.
            std::thread::sleep(Duration::from_secs(4));
            child
        };
        let mut living = begin();
        let own = spills(&folder);
        let mut killed = begin();
        kill_process(Pid::from_child(&killed), Signal::KILL).expect("sent");
        killed.wait().expect("it ends");
        assert!(spills(&folder).len() > own.len(), "{place}");
        case.write("hotpass.toml", TOML);
        case.run(&[&["build"], flags].concat()).ok();
        let left = spills(&folder);
        assert!(own.iter().all(|it| left.contains(it)), "{place}: {left:?} and not {own:?}");
        kill_process(Pid::from_child(&living), Signal::KILL).expect("sent");
        living.wait().expect("it ends");
        case.run(&[&["build"], flags].concat()).ok();
        assert_eq!(spills(&folder), [""; 0], "{place}");
        // An interrupt leaves nothing by itself.
        case.write("hotpass.toml", &toml);
        let mut stopped = begin();
        kill_process(Pid::from_child(&stopped), Signal::INT).expect("sent");
        stopped.wait().expect("it ends");
        assert_eq!(spills(&folder), [""; 0], "{place}");
    }
}
