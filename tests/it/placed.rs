//! Problems of a build: each has its place, all are told at once, and a build says them wherever it runs.

use std::sync::Mutex;

use hotpass::answers::build::{Audience, Request, Stop, build};
use hotpass::run::LockMode;
use hotpass::run::event::{Event, EventSink};
use hotpass::scratch::SignalHook;
use hotpass::store::engine::DuckDb;
use hotpass::summary::Status;
use serde_json::Value;

use crate::case::Case;

/// The problems that a build or a check tells.
fn problems(case: &Case, words: &[&str]) -> Vec<Value> {
    let ran = case.run(&[words, &["--format", "json"]].concat());
    ran.events().into_iter().filter(|it| it["event"] == "problem").collect()
}

#[test]
fn two_failed_checks_with_one_message_have_a_place_each() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.a]\npath = 'a.csv'\n[source.b]\npath = 'a.csv'\n\
        [[expect.a]]\nid = 'one'\nrows = { min = 5 }\n[[expect.a]]\nid = 'two'\nrows = { min = 5 }\n\
        [[expect.a]]\nid = 'three'\ncolumn = 'n'\ndistinct_count = { min = 9 }\n\
        [[expect.a]]\nid = 'four'\ncolumn = 'n'\ndistinct_count = { min = 9 }\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("a.csv", "n\n1\n2\n")]);
    let told = problems(&case, &["build"]);
    let lines: Vec<_> = told.iter().map(|it| (it["message"].as_str(), it["line"].as_u64())).collect();
    assert_eq!(lines.len(), 4, "{told:#?}");
    assert_eq!((lines[0].0, lines[2].0), (lines[1].0, lines[3].0), "{told:#?}");
    assert_eq!(lines.iter().map(|it| it.1).collect::<Vec<_>>(), [Some(9), Some(12), Some(16), Some(20)], "{told:#?}");
}

#[test]
fn every_problem_of_a_build_has_a_place() {
    let pipeline = "[pipeline]\nname = 'p'\n[field.name]\n[field.day]\nvalue = 'date'\n[field.mail]\nvalue = 'email'\n\
        [source.rows]\npath = 'rows.csv'\n[step.mapped]\nkind = 'map'\nfrom = 'rows'\n\
        [step.clean]\nkind = 'normalise'\nfrom = 'mapped'\n[step.one]\nkind = 'merge'\nfrom = ['clean']\nkey = 'mail'\n\
        [[expect.clean]]\ncolumn = 'mail'\nnot_null = true\nseverity = 'warn'\n\
        [export.one]\nfrom = 'one'\npath = 'dist/one.csv'\n";
    let rows = "name,day,mail\na,1/2/2024,a@one.example\nb,3/4/2024,nobody\nc,never,c@one.example\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("rows.csv", rows)]);
    case.write("dist/one.csv", "somebody's");
    let told = problems(&case, &["build"]);
    let codes: Vec<_> = told.iter().filter_map(|it| it["code"].as_str()).collect();
    for code in ["hotpass::table::set-aside", "hotpass::expect::warned", "hotpass::export::not-ours"] {
        assert!(codes.contains(&code), "{codes:?}");
    }
    let without: Vec<_> = told.iter().filter(|it| it["file"].is_null()).collect();
    assert!(without.is_empty(), "{without:#?}");
    // What stopped a source is told where it is declared.
    case.write("rows.csv", b"name,day,mail\n\"a,1/2/2024,a@one.example\n");
    let told = problems(&case, &["build"]);
    assert!(told.iter().any(|it| it["severity"] == "error"), "{told:#?}");
    let without: Vec<_> = told.iter().filter(|it| it["file"].is_null()).collect();
    assert!(without.is_empty(), "{without:#?}");
}

#[test]
fn an_unknown_kind_hides_no_unknown_input_and_no_unknown_column() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.a]\npath = 'a.csv'\n[step.b]\nkind = 'nope'\nfrom = 'a'\n\
        [step.c]\nkind = 'filter'\nfrom = 'missing'\nwhere = 'n = 1'\n\
        [step.d]\nkind = 'filter'\nfrom = 'a'\nwhere = 'absent = 1'\n\
        [step.e]\nkind = 'filter'\nfrom = 'b'\nwhere = 'n = 1'\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("a.csv", "n\n1\n")]);
    let told = problems(&case, &["check"]);
    let codes: Vec<_> = told.iter().map(|it| (it["code"].as_str().unwrap_or_default(), it["line"].as_u64())).collect();
    let all = ["hotpass::pipeline::unknown-kind", "hotpass::graph::unknown-table", "hotpass::step::unknown-column"];
    assert_eq!(codes, [(all[0], Some(6)), (all[1], Some(10)), (all[2], Some(15))], "{told:#?}");
}

/// Stops the build as soon as its first step begins, if it is to.
#[derive(Default)]
struct Impatient {
    stops: bool,
    stop: Mutex<Option<Stop>>,
}

impl EventSink for Impatient {
    fn take(&self, event: &Event<'_>) {
        if let (Event::Started { .. }, true) = (event, self.stops)
            && let Some(stop) = self.stop.lock().expect("whole").as_ref()
        {
            stop();
        }
    }
}

impl Audience for Impatient {
    fn stoppable(&self, stop: Stop) -> Option<SignalHook> {
        *self.stop.lock().expect("whole") = Some(stop);
        None
    }
}

/// Keeps what happens, in words.
#[derive(Default)]
struct Keeping(Mutex<Vec<String>>);

impl EventSink for Keeping {
    fn take(&self, event: &Event<'_>) {
        self.0.lock().expect("whole").push(match event {
            Event::Started { step, .. } => format!("{step} begins"),
            Event::Rows { step, rows, .. } => format!("{step} has {rows}"),
            Event::Finished(line) => format!("{} {:?}", line.step, line.outcome),
            Event::Made { .. } | Event::Notice(_) | Event::Overdue(_) => "else".to_owned(),
            Event::Ended(it) => format!("ended with {} steps, {} artefacts", it.steps.len(), it.artefacts.len()),
        });
    }
}

impl Audience for Keeping {
    fn stoppable(&self, _: Stop) -> Option<SignalHook> {
        None
    }
}

#[test]
fn a_build_is_its_events_and_the_last_of_them_is_that_it_ended() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.a]\npath = 'a.csv'\n\
        [step.sorted]\nkind = 'sort'\nfrom = 'a'\nby = 'n'\n[export.sorted]\nfrom = 'sorted'\npath = 'dist/a.csv'\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("a.csv", "n\n2\n1\n")]);
    let built = || {
        let audience = Keeping::default();
        let request = request(&case, None);
        build(&request, Some(&DuckDb), &audience).expect("a build");
        audience.0.into_inner().expect("whole")
    };
    let ended = "ended with 2 steps, 1 artefacts";
    assert_eq!(built(), ["a begins", "a has 2", "a Ran", "sorted begins", "sorted Ran", ended]);
    // Also of a build that only says again what the one before it said.
    assert_eq!(built(), ["a Reused", "sorted Reused", ended]);
    let (a, b) = (Keeping::default(), Keeping::default());
    let both: [&dyn EventSink; 2] = [&a, &b];
    both.take(&Event::Notice("x"));
    assert_eq!([a, b].map(|it| it.0.into_inner().expect("whole").len()), [1, 1]);
}

fn request(case: &Case, force: Option<Vec<String>>) -> Request {
    Request {
        asked: case.asked.clone(),
        targets: Vec::new(),
        exclude: Vec::new(),
        force,
        keep_going: false,
        overwrite: false,
        publish: false,
        lock: LockMode::Write,
    }
}

#[test]
fn every_build_of_a_process_can_be_stopped_and_none_stops_another() {
    let pipeline = "[pipeline]\nname = 'p'\n[source.a]\npath = 'a.csv'\n\
        [step.sorted]\nkind = 'sort'\nfrom = 'a'\nby = 'n'\n[export.sorted]\nfrom = 'sorted'\npath = 'dist/a.csv'\n";
    let case = Case::new(&[("hotpass.toml", pipeline), ("a.csv", "n\n2\n1\n")]);
    let built = |stops: bool| {
        let request = request(&case, Some(Vec::new()));
        let audience = Impatient { stops, ..Impatient::default() };
        build(&request, Some(&DuckDb), &audience).expect("a build").status
    };
    assert_eq!(built(false), Status::Ok);
    let before = case.artefacts();
    case.write("a.csv", "n\n4\n3\n");
    assert_eq!(built(true), Status::Interrupted);
    assert_eq!(built(true), Status::Interrupted);
    assert_eq!(case.artefacts(), before, "what is stopped publishes nothing");
    assert_eq!(built(false), Status::Ok);
    assert_eq!(case.text("dist/a.csv"), "n\n3\n4\n");
}
