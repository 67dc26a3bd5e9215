//! `hotpass doctor`: what is missing or odd here, each with the remedy. It changes nothing.

use std::process::{Command, Stdio};

use serde::Serialize;

use crate::numbers::count;
use crate::store::Paths;
use crate::store::journal::Journal;
use crate::store::segments::{Trust, verified};
use crate::workspace::programs;
use crate::workspace::session::{Asked, Session, any_error};

/// How it stands with one thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Fine,
    /// Worth a word; nothing is in the way.
    Odd,
    /// In the way of a build.
    Broken,
}

/// What a build would end with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fault {
    /// The world is in its way.
    World,
    /// What is written is.
    Written,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "doctor.finding")]
pub(crate) struct Finding {
    pub(crate) what: &'static str,
    ok: bool,
    pub(crate) state: State,
    pub(crate) fact: String,
    pub(crate) remedy: Option<String>,
    #[serde(skip)]
    pub(crate) fault: Option<Fault>,
}

impl Finding {
    fn fine(what: &'static str, fact: impl Into<String>) -> Finding {
        Finding { what, ok: true, state: State::Fine, fact: fact.into(), remedy: None, fault: None }
    }

    fn odd(what: &'static str, fact: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { ok: false, state: State::Odd, remedy: Some(remedy.into()), ..Finding::fine(what, fact) }
    }

    fn broken(what: &'static str, fact: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { state: State::Broken, fault: Some(Fault::World), ..Finding::odd(what, fact, remedy) }
    }
}

/// All that is looked at.
pub(crate) fn doctor(asked: &Asked) -> Vec<Finding> {
    let paths = Paths::new(&asked.root, asked.state.as_deref());
    vec![engine(), store(&paths), journal(&paths), leftovers(&paths), pipelines(asked)]
}

fn engine() -> Finding {
    let Ok(program) = programs::engine() else {
        return Finding::broken("engine", "this program cannot be found", "start it by its full path");
    };
    if !program.is_file() {
        let fact = "`hotpass-engine` is not beside `hotpass`, nor in `../lib/hotpass`";
        return Finding::broken("engine", fact, "install both programs together");
    }
    let started = Command::new(&program).arg("--version").stdin(Stdio::null()).output();
    match started {
        Ok(output) if output.status.success() => Finding::fine("engine", "it starts"),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            let first = text.lines().next().unwrap_or("it ends at once").to_owned();
            Finding::broken("engine", first, "put DuckDB's library beside it: `.ci/duckdb` fetches it")
        }
        Err(error) => Finding::broken("engine", error.to_string(), "install both programs together"),
    }
}

fn store(paths: &Paths) -> Finding {
    let root = paths.root();
    if !root.exists() {
        return Finding::fine("store", "nothing is built yet");
    }
    match tempfile::tempfile_in(root) {
        Ok(_) => Finding::fine("store", format!("`{}` can be written", root.display())),
        Err(error) => Finding::broken("store", error.to_string(), "make the folder yours, or delete it"),
    }
}

fn journal(paths: &Paths) -> Finding {
    match Journal::open(&paths.journal()) {
        Ok(journal) => {
            let (columns, segments) = journal.known(|it| (it.columns.len(), it.segments.len()));
            let lost = journal.known(|it| verified(&it.segments, paths, Trust::Marks).lost.len());
            let damaged = journal.damaged();
            match lost {
                0 if damaged > 0 => Finding::odd(
                    "journal",
                    format!("{damaged} of its records are damaged and passed over"),
                    "nothing to do: hotpass collects this information again; `hotpass gc` writes the journal again",
                ),
                0 => Finding::fine("journal", format!("{columns} columns in {segments} segments")),
                _ => Finding::odd(
                    "journal",
                    format!("{lost} of {segments} segments are missing or damaged"),
                    "nothing to do: the next build makes them again",
                ),
            }
        }
        Err(error) => {
            Finding::broken("journal", error.to_string(), "delete `.hotpass/`: that loses time, nothing else")
        }
    }
}

fn leftovers(paths: &Paths) -> Finding {
    let files = std::fs::read_dir(paths.scratch()).map_or(0, Iterator::count);
    match files {
        0 => Finding::fine("scratch", "it is empty"),
        _ => {
            let fact = format!("{} of a build that runs, or was killed", count(files as u64, "file"));
            Finding::odd("scratch", fact, "nothing to do: the next build removes what nobody uses")
        }
    }
}

fn pipelines(asked: &Asked) -> Finding {
    let remedy = "`hotpass check` lists all of them, with their places";
    match Session::open(asked, None, false) {
        Ok(session) => {
            let problems = session.problems();
            match any_error(&problems) {
                false => Finding::fine("pipelines", "they can be planned"),
                true => {
                    let fact = count(problems.len() as u64, "problem");
                    Finding { fault: Some(Fault::Written), ..Finding::broken("pipelines", fact, remedy) }
                }
            }
        }
        Err(error) => Finding::broken("pipelines", error.to_string(), remedy),
    }
}
