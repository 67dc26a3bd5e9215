//! `hotpass doctor`: what is missing or odd here, each with the remedy. It changes nothing.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::cli::Answer;
use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::cli::session::{Asked, Session, any_error};
use crate::show::{self, line};
use crate::store::Paths;
use crate::store::journal::Journal;

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    fine: bool,
    fact: String,
    remedy: Option<String>,
}

impl Finding {
    fn fine(what: &'static str, fact: impl Into<String>) -> Finding {
        Finding { what, fine: true, fact: fact.into(), remedy: None }
    }

    fn odd(what: &'static str, fact: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { what, fine: false, fact: fact.into(), remedy: Some(remedy.into()) }
    }
}

/// What `doctor` answers; [`Exit::World`] if anything is odd.
pub fn doctor(asked: &Asked, format: Format) -> Answer {
    let paths = Paths::new(&asked.root, asked.state.as_deref());
    let findings = [engine(), store(&paths), journal(&paths), leftovers(&paths), pipelines(asked)];
    let exit = if findings.iter().all(|it| it.fine) { Exit::Done } else { Exit::World };
    let mut out = String::new();
    for it in &findings {
        if format == Format::Json {
            let value = json!({"v": 1, "event": "doctor.finding", "what": it.what, "ok": it.fine, "fact": it.fact,
                "remedy": it.remedy});
            out.push_str(&show::json_line(&value));
            continue;
        }
        let mark = if it.fine { "ok  " } else { "odd " };
        out.push_str(&format!("{mark} {:<10} {}\n", it.what, line(&it.fact)));
        if let Some(remedy) = &it.remedy {
            out.push_str(&format!("     {:<10} {}\n", "", line(remedy)));
        }
    }
    Answer { stdout: out, stderr: String::new(), exit }
}

fn engine() -> Finding {
    let name = format!("hotpass-engine{}", std::env::consts::EXE_SUFFIX);
    let Ok(program) = std::env::current_exe().map(|it| it.with_file_name(&name)) else {
        return Finding::odd("engine", "this program cannot be found", "start it by its full path");
    };
    if !program.is_file() {
        return Finding::odd("engine", format!("`{name}` is not beside `hotpass`"), "install both programs together");
    }
    let started = Command::new(&program).arg("--version").stdin(Stdio::null()).output();
    match started {
        Ok(output) if output.status.success() => Finding::fine("engine", "it starts"),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            let first = text.lines().next().unwrap_or("it ends at once").to_owned();
            Finding::odd("engine", first, "put DuckDB's library beside it: `.ci/duckdb` fetches it")
        }
        Err(error) => Finding::odd("engine", error.to_string(), "install both programs together"),
    }
}

fn store(paths: &Paths) -> Finding {
    let root = paths.root();
    if !root.exists() {
        return Finding::fine("store", "nothing is built yet");
    }
    match tempfile::tempfile_in(root) {
        Ok(_) => Finding::fine("store", format!("`{}` can be written", root.display())),
        Err(error) => Finding::odd("store", error.to_string(), "make the folder yours, or delete it"),
    }
}

fn journal(paths: &Paths) -> Finding {
    match Journal::open(&paths.journal()) {
        Ok(journal) => {
            let (columns, segments) = journal.known(|it| (it.columns.len(), it.segments.len()));
            let lost = journal.known(|it| {
                let stands = |id, bytes: u64| std::fs::metadata(paths.segment(id)).is_ok_and(|it| it.len() == bytes);
                it.segments.iter().filter(|(id, bytes)| !stands(*id, **bytes)).count()
            });
            match lost {
                0 => Finding::fine("journal", format!("{columns} columns in {segments} segments")),
                _ => Finding::odd(
                    "journal",
                    format!("{lost} of {segments} segments are missing or damaged"),
                    "nothing to do: the next build makes them again",
                ),
            }
        }
        Err(error) => Finding::odd("journal", error.to_string(), "delete `.hotpass/`: that loses time, nothing else"),
    }
}

fn leftovers(paths: &Paths) -> Finding {
    let count = std::fs::read_dir(paths.scratch()).map_or(0, Iterator::count);
    match count {
        0 => Finding::fine("scratch", "it is empty"),
        _ => {
            Finding::odd("scratch", format!("{count} files were left by a killed build"), "the next build removes them")
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
                true => Finding::odd("pipelines", format!("{} problems", problems.len()), remedy),
            }
        }
        Err(error) => Finding::odd("pipelines", error.to_string(), remedy),
    }
}
