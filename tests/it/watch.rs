//! `hotpass watch` as a process that is driven: files are saved in the ways of editors, and what it says is waited for.
//!
//! Nothing sleeps: a test blocks until the event comes that it waits for, and the deadline only ends one that failed.

mod adversity;
mod random;
mod saving;

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use serde_json::{Value, json};

use crate::case::Case;
use crate::program::{self, Ran};

use saving::Editor;

/// Longer than anything takes that goes well, on a machine that is busy with other things.
const DEADLINE: Duration = Duration::from_secs(120);

const PIPELINE: &str = r#"
[pipeline]
name = "crm"

[field.name]
value = "organisation_name"
synonyms = ["organisation"]
[field.email]
value = "email"

[source.people]
path = "data/people.csv"

[step.mapped]
kind = "map"
from = "people"

[step.clean]
kind = "normalise"
from = "mapped"

[[expect.clean]]
column = "name"
not_null = true

[export.clean]
from = "clean"
path = "dist/clean.csv"
"#;

const PEOPLE: &str = "Organisation,Correo\nAda,ADA@one.example\nGrace,grace@two.example\n";

fn case() -> Case {
    Case::new(&[("hotpass.toml", PIPELINE), ("data/people.csv", PEOPLE)])
}

/// A running watch.
struct Watch {
    child: Child,
    events: Receiver<Value>,
    log: Vec<Value>,
    /// What is waited for, for whoever reads of a failure.
    hint: String,
}

impl Watch {
    fn start(case: &Case, words: &[&str]) -> Watch {
        Watch::spawn(program::command(&case.asked.root, &[]), case, words)
    }

    /// By a command that becomes the program.
    fn spawn(mut command: Command, case: &Case, words: &[&str]) -> Watch {
        command.args(["watch", "--format", "json"]).args(words).current_dir(&case.asked.root);
        command.env_remove("HOTPASS_STATE_DIR").stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("its events")).lines();
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        Watch { child, events, log: Vec::new(), hint: String::new() }
    }

    /// The next event.
    fn next(&mut self) -> Value {
        match self.events.recv_timeout(DEADLINE) {
            Ok(event) => {
                crate::events::held(&event);
                self.log.push(event.clone());
                event
            }
            Err(RecvTimeoutError::Timeout) => panic!("{}nothing more was said after\n{}", self.hint, self.told()),
            Err(RecvTimeoutError::Disconnected) => panic!("it ended after\n{}", self.told()),
        }
    }

    fn told(&self) -> String {
        let last = self.log.iter().rev().take(40).rev();
        last.map(|it| format!("{it}\n")).collect()
    }

    /// Everything up to the moment when it waits for changes again.
    fn ready(&mut self) -> Vec<Value> {
        self.until(|it| it["event"] == "watch.ready")
    }

    /// Everything up to the first event like this.
    fn until(&mut self, found: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut acc = Vec::new();
        loop {
            acc.push(self.next());
            if found(&acc[acc.len() - 1]) {
                return acc;
            }
        }
    }

    /// Ends it as Ctrl-C does; gives the exit code.
    fn stop(mut self) -> Option<i32> {
        interrupt(&self.child);
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn interrupt(child: &Child) {
    let process = rustix::process::Pid::from_raw(i32::try_from(child.id()).expect("a process")).expect("a process");
    rustix::process::kill_process(process, rustix::process::Signal::INT).expect("told");
}

/// Names of steps and sources that ran.
fn ran(events: &[Value]) -> Vec<String> {
    let ran = events.iter().filter(|it| it["event"] == "step.finished" && it["outcome"] == "ran");
    ran.map(|it| it["step"].as_str().unwrap_or_default().to_owned()).collect()
}

fn of<'a>(events: &'a [Value], name: &str) -> &'a Value {
    events.iter().rev().find(|it| it["event"] == name).unwrap_or_else(|| panic!("no `{name}` in {events:#?}"))
}

#[test]
fn a_saved_synonym_is_seen_in_the_preview_and_the_rest_is_left_alone() {
    let case = case();
    let mut watch = Watch::start(&case, &["--show", "clean"]);
    let first = watch.ready();
    assert_eq!(ran(&first), ["people", "mapped", "clean"]);
    assert_eq!(of(&first, "watch.preview")["rows"][0], json!({"name": "Ada"}));
    case.change("hotpass.toml", "value = \"email\"", "value = \"email\"\nsynonyms = [\"correo\"]");
    let events = watch.ready();
    assert_eq!(of(&events, "watch.changed")["paths"], json!(["hotpass.toml"]));
    assert_eq!(ran(&events), ["mapped", "clean"]);
    assert_eq!(of(&events, "watch.preview")["rows"][0], json!({"name": "Ada", "email": "ada@one.example"}));
    let at = |name: &str| events.iter().position(|it| it["event"] == name).expect("it is told");
    assert!(at("watch.preview") < at("build.summary"), "the preview waits for nothing that is published");
    assert!(case.text("dist/clean.csv").contains("ada@one.example"));
    assert_eq!(watch.stop(), Some(130));
}

#[test]
fn a_broken_pipeline_is_told_and_the_last_good_result_stays() {
    let case = case();
    let mut watch = Watch::start(&case, &[]);
    watch.ready();
    let good = case.artefacts();
    case.save("hotpass.toml", PIPELINE.replace("kind = \"normalise\"", "kind = "));
    let events = watch.ready();
    assert_eq!(of(&events, "build.summary")["status"], "refused");
    assert_eq!(of(&events, "problem")["file"], "hotpass.toml");
    assert_eq!(case.artefacts(), good);
    case.save("hotpass.toml", PIPELINE.replace("not_null = true", "unique = true"));
    let events = watch.ready();
    assert_eq!(of(&events, "build.summary")["status"], "ok");
    assert!(ran(&events).is_empty());
    assert_eq!(watch.stop(), Some(130));
}

#[test]
fn every_editor_saves_so_that_it_is_seen_once() {
    let case = case();
    let mut watch = Watch::start(&case, &["--show", "clean"]);
    watch.ready();
    for (round, editor) in saving::EDITORS.into_iter().enumerate() {
        let name = format!("Ada {round}");
        editor.save(&case.path("data/people.csv"), &PEOPLE.replace("Ada", &name));
        let events = watch.ready();
        assert_eq!(of(&events, "watch.preview")["rows"][0], json!({"name": name}), "{editor:?}");
        assert_eq!(of(&events, "build.summary")["status"], "ok", "{editor:?}");
        // One save, one build: what an editor does besides is no news, and no problem is told in between.
        let summaries = events.iter().filter(|it| it["event"] == "build.summary").count();
        assert_eq!(summaries, 1, "{editor:?}: {events:#?}");
        let text = PIPELINE.replace("\"organisation\"", &format!("\"organisation\", \"other {round}\""));
        editor.save(&case.path("hotpass.toml"), &text);
        let events = watch.ready();
        assert_eq!(of(&events, "watch.changed")["paths"], json!(["hotpass.toml"]), "{editor:?}");
        assert!(ran(&events).is_empty(), "{editor:?}: {events:#?}");
    }
}

#[test]
fn a_source_that_goes_is_missing_and_one_that_comes_back_is_read() {
    let case = case();
    let mut watch = Watch::start(&case, &[]);
    watch.ready();
    let good = case.artefacts();
    case.remove("data");
    let events = watch.ready();
    assert_eq!(of(&events, "problem")["code"], "hotpass::source::missing");
    assert_eq!(case.artefacts(), good);
    case.save("data/people.csv", PEOPLE);
    let events = watch.ready();
    assert_eq!(of(&events, "build.summary")["status"], "ok");
    assert!(ran(&events).is_empty(), "it is what it was");
    // The folder is another one now, and is watched as well.
    case.save("data/people.csv", PEOPLE.replace("Grace", "Hopper"));
    let events = watch.ready();
    assert_eq!(ran(&events), ["people", "clean"]);
}

#[test]
fn a_glob_gains_a_file_and_what_is_no_delivery_is_no_news() {
    let case = case();
    case.change("hotpass.toml", "path = \"data/people.csv\"", "path = \"data/*.csv\"\nselect = \"all\"");
    let mut watch = Watch::start(&case, &["--show", "clean"]);
    watch.ready();
    // Neither of these means anything; the third does, and is the first that is told.
    case.save("data/notes.txt", "not a delivery");
    case.save("data/.~lock.people.csv#", "somebody");
    case.save("data/second.csv", "Organisation,Correo\nEdsger,e@three.example\n");
    let events = watch.ready();
    assert_eq!(of(&events, "watch.preview")["total"], 3);
    assert_eq!(of(&events, "build.summary")["sources"]["read"], 1);
    case.remove("data/second.csv");
    let events = watch.ready();
    assert_eq!(of(&events, "watch.preview")["total"], 2);
}

#[test]
fn a_file_that_was_touched_runs_nothing_and_output_is_no_news() {
    let case = case();
    let mut watch = Watch::start(&case, &[]);
    watch.ready();
    let text = case.text("data/people.csv");
    case.save("data/people.csv", text);
    let events = watch.ready();
    assert!(ran(&events).is_empty());
    assert_eq!(of(&events, "build.summary")["steps"]["reused"], 2);
    // What is in the output folder and the store is not looked at; the next thing that is told is the save after it.
    case.save("dist/clean.csv", "somebody was here");
    case.save(".hotpass/note", "and here");
    case.change("data/people.csv", "Grace", "Hopper");
    let events = watch.ready();
    assert_eq!(of(&events, "watch.changed")["paths"], json!(["data/people.csv"]));
    // A slow write may be seen twice; nothing but the book is.
    let mut changes = watch.log.iter().filter(|it| it["event"] == "watch.changed");
    assert!(changes.all(|it| it["paths"] == json!(["data/people.csv"])));
}

#[test]
fn a_line_of_the_history_is_no_news_and_stops_no_build() {
    let case = case();
    case.save("hotpass.toml", format!("{PIPELINE}[export.docs]\nabout = \"docs\"\n"));
    let mut watch = Watch::start(&case, &[]);
    watch.ready();
    for (from, to, lines) in [("Grace", "Hopper", 2), ("Ada", "Lovelace", 3)] {
        case.change("data/people.csv", from, to);
        let events = watch.ready();
        assert_eq!(of(&events, "watch.changed")["paths"], json!(["data/people.csv"]));
        assert_eq!(of(&events, "build.summary")["status"], "ok");
        assert_eq!(case.text("history.ndjson").lines().count(), lines);
    }
    let summaries = watch.log.iter().filter(|it| it["event"] == "build.summary").count();
    assert_eq!(summaries, 3, "{}", watch.told());
}

#[test]
fn a_history_that_grew_is_no_reason_to_build_what_did_not_change() {
    let case = case();
    let pipeline = PIPELINE.replace("path = \"data/people.csv\"", "path = \"data/*.csv\"");
    case.write("hotpass.toml", format!("{pipeline}[export.docs]\nabout = \"docs\"\n"));
    let mut watch = Watch::start(&case, &[]);
    watch.ready();
    // The folder is looked at again, and with it the line that the first build wrote.
    case.write("data/notes.txt", "not a delivery");
    std::thread::sleep(Duration::from_millis(300));
    case.replace("data/people.csv", "Grace", "Hopper");
    let events = watch.ready();
    assert_eq!(of(&events, "watch.changed")["paths"], json!(["data/people.csv"]), "{}", watch.told());
    assert_eq!(ran(&events), ["people", "clean"]);
}

#[test]
fn a_workbook_that_is_still_copied_is_waited_for() {
    let book = |name: &str| {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (at, text) in ["Organisation", name].into_iter().enumerate() {
            sheet.write(at as u32, 0, text).expect("written");
        }
        book.save_to_buffer().expect("a workbook")
    };
    let case = case();
    case.change("hotpass.toml", "data/people.csv", "data/people.xlsx");
    case.save("data/people.xlsx", book("Ada"));
    let mut watch = Watch::start(&case, &["--show", "clean"]);
    watch.ready();
    let whole = book("Grace");
    case.save("data/people.xlsx", &whole[..whole.len() / 2]);
    let waits = watch.until(|it| it["event"] == "watch.waiting");
    assert_eq!(of(&waits, "watch.waiting")["path"], "data/people.xlsx");
    case.save("data/people.xlsx", &whole);
    let events = watch.ready();
    assert!(!events.iter().any(|it| it["event"] == "problem"), "{events:#?}");
    assert_eq!(of(&events, "watch.preview")["rows"][0]["name"], "Grace");
    // One that stays as it is, is damaged.
    case.save("data/people.xlsx", &whole[..whole.len() / 2]);
    let events = watch.ready();
    assert_eq!(of(&events, "build.summary")["status"], "refused");
}

#[test]
fn others_build_beside_it_and_what_they_made_is_taken() {
    let case = case();
    let mut watch = Watch::start(&case, &[]);
    watch.ready();
    case.save("hotpass.toml", "[pipeline");
    watch.ready();
    // While this workspace is broken, somebody builds the mended one with the same store.
    let other = case.fresh();
    other.write(
        "hotpass.toml",
        PIPELINE.replace("kind = \"normalise\"", "kind = \"filter\"\nwhere = \"name <> 'Ada'\""),
    );
    let mut command = program::command(&other.asked.root, &["build"]);
    command.env("HOTPASS_STATE_DIR", case.path(".hotpass"));
    Ran::from(command).ok();
    case.save("hotpass.toml", other.text("hotpass.toml"));
    let events = watch.ready();
    assert_eq!(of(&events, "build.summary")["status"], "ok", "{events:#?}");
    assert!(ran(&events).is_empty(), "{events:#?}");
    assert_eq!(case.text("dist/clean.csv"), "name\nGrace\n");
}

#[test]
fn without_events_changes_are_looked_for() {
    let case = case();
    let mut watch = Watch::start(&case, &["--poll", "0.05"]);
    assert_eq!(of(&watch.ready(), "watch.ready")["by"], "polling");
    Editor::Rename.save(&case.path("data/people.csv"), &PEOPLE.replace("Grace", "Hopper"));
    assert_eq!(ran(&watch.ready()), ["people", "clean"]);
}

#[test]
fn what_is_built_and_what_is_shown_is_named_by_selectors() {
    let check = |targets: &[&str], show: Option<&str>, made: &[&str], shown: Option<&str>| {
        let case = case();
        let words: Vec<&str> = targets.iter().copied().chain(show.map(|_| "--show")).chain(show).collect();
        let mut watch = Watch::start(&case, &words);
        let events = watch.ready();
        assert_eq!(ran(&events), made, "{words:?}");
        let preview = events.iter().find(|it| it["event"] == "watch.preview");
        assert_eq!(preview.and_then(|it| it["table"].as_str()), shown, "{words:?}");
        // The same are built again, and no more.
        case.change("hotpass.toml", "value = \"email\"", "value = \"email\"\nsynonyms = [\"correo\"]");
        let again = watch.until(|it| it["event"] == "watch.ready");
        assert!(ran(&again).iter().all(|it| made.contains(&it.as_str())), "{words:?}: {again:#?}");
        assert_eq!(case.path("dist/clean.csv").exists(), made.contains(&"clean"), "{words:?}");
        assert_eq!(watch.stop(), Some(130), "{words:?}");
    };
    let all = ["people", "mapped", "clean"];
    check(&["mapped"], None, &all[..2], None);
    check(&["kind:map"], None, &all[..2], None);
    check(&["crm.people"], None, &all[..1], None);
    check(&["+cl*"], Some("kind:normalise"), &all, Some("crm.clean"));
    check(&["clean"], Some("crm.map*"), &all, Some("crm.mapped"));
    check(&[], Some("crm.clean"), &all, Some("crm.clean"));
}

#[test]
fn what_names_nothing_is_told_once_for_each_save() {
    for words in [&["--show", "claen"][..], &["--show", "kind:mpa"], &["claen"], &["tag:dialy"]] {
        let case = case();
        let mut watch = Watch::start(&case, words);
        watch.ready();
        // What was saved just now is looked at once more, lest it changes again unseen.
        Editor::Rename.save(&case.path("data/people.csv"), &PEOPLE.replace("Ada", "Hopper"));
        watch.ready();
        Editor::Rename.save(&case.path("hotpass.toml"), &PIPELINE.replace("\"organisation\"", "\"club\""));
        watch.ready();
        Editor::Rename.save(&case.path("hotpass.toml"), PIPELINE);
        watch.ready();
        let count = |name: &str| watch.log.iter().filter(|it| it["event"] == name).count();
        // A save that is seen while its build begins stops this build, which is told by the next one: one problem for each
        // build that ended, and none without a save before it.
        let told = count("problem");
        assert_eq!(told, count("build.summary"), "{words:?}: {:#?}", watch.log);
        assert!((2..=count("watch.changed") + 1).contains(&told), "{words:?}: {:#?}", watch.log);
        let names = ["problem", "watch.changed"];
        let seen: Vec<_> = watch.log.iter().filter(|it| names.iter().any(|name| it["event"] == *name)).collect();
        let twice = |it: &[&serde_json::Value]| it[0]["event"] == "problem" && it[1]["event"] == "problem";
        assert!(!seen.windows(2).any(twice), "{words:?}: {:#?}", watch.log);
        assert!(seen.last().is_some_and(|it| it["event"] == "problem"), "{words:?}: {:#?}", watch.log);
        assert!(!case.path("dist").exists(), "{words:?}");
    }
}

#[test]
fn between_builds_the_store_is_tidied_and_the_next_build_knows() {
    let case = case();
    let mut watch = Watch::start(&case, &["--show", "clean"]);
    watch.ready();
    for name in ["Hopper", "Edsger", "Barbara"] {
        case.save("data/people.csv", PEOPLE.replace("Grace", name));
        watch.ready();
    }
    let told = case.run(&["gc", "--keep-runs", "1", "--format", "json"]).ok().events();
    assert!(of(&told, "gc.summary")["segments"].as_u64() > Some(0), "{told:?}");
    // What was made of this is gone, and made again.
    case.save("data/people.csv", PEOPLE.replace("Grace", "Hopper"));
    let events = watch.ready();
    assert_eq!(of(&events, "build.summary")["status"], "ok", "{events:#?}");
    assert_eq!(ran(&events), ["people", "clean"]);
    assert_eq!(of(&events, "watch.preview")["rows"][1], json!({"name": "Hopper"}));
    // What is left is what a build finds that begins now.
    let built = case.run(&["build", "--format", "json"]).ok().events();
    assert!(ran(&built).is_empty(), "{built:#?}");
    assert_eq!(watch.stop(), Some(130));
}
