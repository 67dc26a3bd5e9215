//! `hotpass doctor`: what is missing or odd here, each with the remedy. It changes nothing.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::cli::Answer;
use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::show::{self, line};
use crate::store::Paths;
use crate::store::journal::Journal;
use crate::store::segments::{Trust, verified};
use crate::workspace::programs;
use crate::workspace::session::{Asked, Session, any_error};

/// How it stands with one thing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Fine,
    /// Worth a word; nothing is in the way.
    Odd,
    /// A build would end like this.
    Broken(Exit),
}

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    state: State,
    fact: String,
    remedy: Option<String>,
}

impl Finding {
    fn fine(what: &'static str, fact: impl Into<String>) -> Finding {
        Finding { what, state: State::Fine, fact: fact.into(), remedy: None }
    }

    fn odd(what: &'static str, fact: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { what, state: State::Odd, fact: fact.into(), remedy: Some(remedy.into()) }
    }

    fn broken(what: &'static str, fact: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { state: State::Broken(Exit::World), ..Finding::odd(what, fact, remedy) }
    }
}

/// What `doctor` answers. It ends as a build would that nothing but what it found is in the way of.
pub fn doctor(asked: &Asked, format: Format) -> Answer {
    let paths = Paths::new(&asked.root, asked.state.as_deref());
    let findings = [engine(), store(&paths), journal(&paths), leftovers(&paths), pipelines(asked)];
    let broken = findings.iter().find_map(|it| if let State::Broken(exit) = it.state { Some(exit) } else { None });
    let exit = broken.unwrap_or(Exit::Done);
    let mut out = String::new();
    for it in &findings {
        if format == Format::Json {
            let state = match it.state {
                State::Fine => "fine",
                State::Odd => "odd",
                State::Broken(_) => "broken",
            };
            let value = json!({"v": 1, "event": "doctor.finding", "what": it.what, "ok": it.state == State::Fine,
                "state": state, "fact": it.fact, "remedy": it.remedy});
            out.push_str(&show::json_line(&value));
            continue;
        }
        let mark = match it.state {
            State::Fine => "ok  ",
            State::Odd => "odd ",
            State::Broken(_) => "bad ",
        };
        out.push_str(&format!("{mark} {:<10} {}\n", it.what, line(&it.fact)));
        if let Some(remedy) = &it.remedy {
            out.push_str(&format!("     {:<10} {}\n", "", line(remedy)));
        }
    }
    Answer { stdout: out, stderr: String::new(), exit }
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
                    "nothing to do: what they told is found out again; `hotpass gc` writes the journal anew",
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
    let count = std::fs::read_dir(paths.scratch()).map_or(0, Iterator::count);
    match count {
        0 => Finding::fine("scratch", "it is empty"),
        _ => {
            let fact = format!("{} of a build that runs, or was killed", show::count(count as u64, "file"));
            Finding::odd("scratch", fact, "nothing to do: the next build removes what nobody uses")
        }
    }
}

fn pipelines(asked: &Asked) -> Finding {
    let remedy = "`hotpass check` tells all of them, with their places";
    match Session::open(asked, None, false) {
        Ok(session) => {
            let problems = session.problems();
            match any_error(&problems) {
                false => Finding::fine("pipelines", "they can be planned"),
                true => {
                    let fact = show::count(problems.len() as u64, "problem");
                    Finding { state: State::Broken(Exit::Refused), ..Finding::odd("pipelines", fact, remedy) }
                }
            }
        }
        Err(error) => Finding::broken("pipelines", error.to_string(), remedy),
    }
}
