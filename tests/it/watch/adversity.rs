//! What a machine does to a watch: storms, events that are lost, limits, others who hold the store.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use hotpass::store::Paths;

use crate::program;

use super::saving::Editor;
use super::{PEOPLE, Watch, case, of, ran};

/// Files of a storm.
const MANY: usize = 10_000;
/// Renames of one file, two events each: more than the kernel keeps for one who does not listen.
const MORE_THAN_KEPT: usize = 10_000;

#[test]
fn a_storm_of_files_costs_a_look_and_no_build() {
    let case = case();
    case.replace("hotpass.toml", "path = \"data/people.csv\"", "path = \"data/*.csv\"\nselect = \"all\"");
    let mut watch = Watch::start(&case, &["--show", "clean"]);
    watch.ready();
    for at in 0..MANY {
        let path = case.path(&format!("data/n{at}.txt"));
        fs::write(&path, "no delivery").expect("written");
        match at % 3 {
            0 => fs::rename(&path, path.with_extension("old")).expect("renamed"),
            1 => fs::remove_file(&path).expect("removed"),
            _ => (),
        }
    }
    case.write("data/second.csv", "Organisation,Correo\nEdsger,e@three.example\n");
    let events = watch.until(|it| it["event"] == "watch.preview" && it["total"] == 3);
    let summaries = events.iter().filter(|it| it["event"] == "build.summary").count();
    assert!(summaries <= 2, "{summaries} builds were told");
    watch.ready();
    Editor::Rename.save(&case.path("data/people.csv"), &PEOPLE.replace("Grace", "Hopper"));
    assert_eq!(ran(&watch.ready()), ["people", "clean"]);
    assert_eq!(watch.stop(), Some(130));
}

#[cfg(target_os = "linux")]
#[test]
fn events_that_the_system_lost_are_made_up_for() {
    let case = case();
    let mut watch = Watch::start(&case, &["--show", "clean"]);
    watch.ready();
    let process = Pid::from_raw(i32::try_from(watch.child.id()).expect("a process")).expect("a process");
    let signal = |it: Signal| kill_process(process, it).expect("told");
    let (here, there) = (case.path("data/here.txt"), case.path("data/there.txt"));
    fs::write(&here, "no delivery").expect("written");
    signal(Signal::STOP);
    for _ in 0..MORE_THAN_KEPT / 2 {
        fs::rename(&here, &there).and_then(|()| fs::rename(&there, &here)).expect("renamed");
    }
    // Nobody is told of this one.
    case.replace("data/people.csv", "Grace", "Hopper");
    signal(Signal::CONT);
    let events = watch.until(|it| it["event"] == "build.summary");
    assert_eq!(of(&events, "watch.changed")["paths"], json!(["data/people.csv"]));
    assert_eq!(ran(&events), ["people", "clean"]);
    watch.ready();
    assert_eq!(watch.stop(), Some(130));
}

/// A shell that may watch one folder only, and becomes the program behind it.
#[cfg(target_os = "linux")]
const ONE_WATCH: &str = "echo 1 > /proc/sys/user/max_inotify_watches && exec \"$@\"";

#[cfg(target_os = "linux")]
#[test]
fn without_watches_left_it_is_told_and_changes_are_looked_for() {
    let limited = |words: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "sh", "-c", ONE_WATCH, "sh"]).args(words);
        command
    };
    if !limited(&["true"]).output().is_ok_and(|it| it.status.success()) {
        return; // This machine lets nobody set limits of their own.
    }
    let case = case();
    let mut watch = Watch::spawn(limited(&[env!("CARGO_BIN_EXE_hotpass")]), &case, &[]);
    let events = watch.ready();
    assert_eq!(of(&events, "problem")["code"], "hotpass::watch::polling");
    assert_eq!(of(&events, "watch.ready")["by"], "polling");
    case.replace("data/people.csv", "Grace", "Hopper");
    assert_eq!(ran(&watch.ready()), ["people", "clean"]);
}

#[test]
fn who_waits_for_the_store_says_so() {
    let case = case();
    case.build().ok();
    let paths = Paths::new(&case.asked.root, None);
    case.replace("data/people.csv", "Grace", "Hopper");
    let alone = paths.alone().expect("a lock").expect("nobody builds");
    let mut command = program::command(&case.asked.root, &["build"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stderr.take().expect("what it says")).lines().map_while(Result::ok);
    let told = lines.find(|it| it.contains("waiting")).expect("it says so");
    assert_eq!(told, "   waiting  `hotpass gc` has the store alone; Ctrl-C ends");
    assert!(case.text("dist/clean.csv").contains("Grace"), "nothing was made yet");
    drop(alone);
    assert_eq!(lines.filter(|it| it.contains("waiting")).count(), 0, "it says so once");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    assert!(case.text("dist/clean.csv").contains("Hopper"));
}

#[test]
fn a_build_beside_a_watch_waits_for_nobody_and_readers_are_let_in() {
    let case = case();
    let mut watch = Watch::start(&case, &[]);
    watch.ready();
    let warehouse = Paths::new(&case.asked.root, None).warehouse();
    let reader = File::open(&warehouse).expect("the warehouse");
    reader.lock_shared().expect("a lock");
    case.replace("data/people.csv", "Grace", "Hopper");
    let told = case.run(&["build"]).ok().err;
    assert!(!told.contains("waiting"), "{told}");
    let events = watch.until(|it| it["event"] == "build.summary");
    assert_eq!(of(&events, "build.summary")["status"], "ok");
    let open = duckdb::Config::default().access_mode(duckdb::AccessMode::ReadOnly).expect("a setting");
    let open = duckdb::Connection::open_with_flags(&warehouse, open).expect("the warehouse, while it is watched");
    let rows: i64 = open.query_row("select count(*) from crm.clean", [], |row| row.get(0)).expect("a count");
    assert_eq!(rows, 2);
    drop(reader);
    assert_eq!(watch.stop(), Some(130));
}
