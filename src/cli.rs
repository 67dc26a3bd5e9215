//! The edge of the program: what was typed, on which stream it is answered, and the number it ends with.
//!
//! Nothing here plans, runs or reads data: questions have their answers in `answers`, and what people see of these is in
//! `views`. A verb takes its arguments apart, asks, and gives its answer to `Answer::shown`.

mod adopt;
pub mod args;
mod ask;
pub mod build;
mod complete;
mod completions;
mod contract;
mod diff;
mod environments;
pub mod exit;
mod init;
mod interrupt;
mod kept;
mod link;
mod looked;
mod man;
mod outcome;
mod output;
mod pager;
mod planned;
mod planning;
mod progress;
mod refine;
mod table;
mod test;
mod verbs;
mod watch;

pub use verbs::main;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use serde::Serialize;

use crate::answers::problem::ProblemEvent;
use crate::answers::{
    cluster, contract as contracts, diff as differences, event, expect, gate, init as templates, link as links,
    profile, schema, verify,
};
use crate::cli::args::{Format, Global, When};
use crate::cli::exit::Exit;
use crate::cli::outcome::Outcome;
use crate::problem::{Code, Problem};
use crate::scratch::wait_if_ending;
use crate::show::{self, Style};
use crate::workspace::session::any_error;
use crate::workspace::{git, lookup, moves, root, selectors};

/// All codes of the command line.
pub const CODES: &[&[&Code]] = &[
    root::CODES,
    lookup::CODES,
    crate::watch::CODES,
    selectors::CODES,
    moves::CODES,
    templates::CODES,
    refine::CODES,
    differences::CODES,
    git::CODES,
    schema::CODES,
    verify::CODES,
    crate::store::layout::CODES,
    crate::profile::lint::CODES,
    profile::import::CODES,
    expect::CODES,
    profile::files::CODES,
    contracts::CODES,
    gate::CODES,
    ask::CODES,
    links::CODES,
    cluster::CODES,
];

/// What a verb answers: stdout carries what was asked for, stderr everything else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What was asked for: text, or NDJSON.
    pub stdout: String,
    /// All else.
    pub stderr: String,
    /// How the program ends.
    pub exit: Exit,
}

impl Answer {
    /// What was asked for, and nothing else.
    pub fn of(stdout: String) -> Answer {
        Answer { stdout, stderr: String::new(), exit: Exit::Done }
    }

    /// An answer: its events for programs, a view of it for people.
    fn shown<T: Serialize + ?Sized>(answer: &T, global: &Global, view: impl FnOnce(&T, Style) -> String) -> Answer {
        Answer::of(match global.format {
            Format::Json => event::json(answer),
            _ => view(answer, look_of_stdout(global)),
        })
    }

    /// With what people are told beside it.
    fn noted(self, global: &Global, notes: impl FnOnce() -> String) -> Answer {
        match global.format {
            Format::Json => self,
            _ => Answer { stderr: self.stderr + &notes(), ..self },
        }
    }

    /// With this number at the end.
    fn ending(self, exit: Exit) -> Answer {
        Answer { exit, ..self }
    }

    /// Problems alone, as every verb tells them; [`Exit::Refused`] if any is an error.
    fn told(problems: &[Problem], sources: &dyn Fn(&Path) -> Option<String>, global: &Global) -> Answer {
        let exit = if any_error(problems) { Exit::Refused } else { Exit::Done };
        if global.format == Format::Json {
            return Answer::of(event::json(&ProblemEvent::all(problems, sources))).ending(exit);
        }
        let mut stderr = show::problems(problems, sources, look_of_stderr(global));
        if !stderr.is_empty() {
            stderr.push('\n');
        }
        Answer { stdout: String::new(), stderr, exit }
    }

    /// Behind what was told before it.
    fn after(self, before: Answer) -> Answer {
        Answer { stdout: before.stdout + &self.stdout, stderr: before.stderr + &self.stderr, exit: before.exit }
    }

    /// Writes both streams, stderr first. A reader that went away (`| head`) is no failure.
    pub fn print(&self) -> io::Result<Exit> {
        wait_if_ending();
        let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
        let written = err.write_all(self.stderr.as_bytes()).and_then(|()| err.flush());
        let written = written.and_then(|()| out.write_all(self.stdout.as_bytes())).and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(self.exit),
        }
    }
}

/// Prints an answer.
fn printed(answer: Answer) -> Outcome {
    Outcome::Done(answer.print().unwrap_or(Exit::World))
}

/// How stdout is to look.
fn look_of_stdout(global: &Global) -> Style {
    look(global, io::stdout().is_terminal(), width(terminal_size::terminal_size_of(io::stdout())))
}

/// How stderr is to look.
fn look_of_stderr(global: &Global) -> Style {
    look(global, io::stderr().is_terminal(), width(terminal_size::terminal_size_of(io::stderr())))
}

fn width(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    size.map(|(width, _)| usize::from(width.0))
}

fn look(global: &Global, terminal: bool, width: Option<usize>) -> Style {
    // https://no-color.org: any value but the empty one.
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|it| !it.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|it| it == "dumb");
    let colour = match global.color {
        When::Always => true,
        When::Never => false,
        When::Auto => terminal && !no_color && !dumb,
    };
    let terminal = terminal && !dumb;
    Style { colour, terminal, width: width.filter(|it| *it >= 40).unwrap_or(Style::PLAIN.width) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args;

    const BAD: Code = Code::error("hotpass::a::bad");
    const ODD: Code = Code::warning("hotpass::a::odd");

    fn told(problems: &[Problem], words: &[&str]) -> Answer {
        let words = ["hotpass", "check"].iter().chain(words);
        let cli = args::parse(words.map(std::ffi::OsString::from)).expect("words");
        Answer::told(problems, &|_| None, &cli.global)
    }

    #[test]
    fn errors_refuse_and_warnings_do_not() {
        let warned = told(&[Problem::new(&ODD, "an odd thing")], &[]);
        assert_eq!((warned.exit, warned.stdout.as_str()), (Exit::Done, ""));
        assert!(warned.stderr.contains("an odd thing"));
        assert_eq!(told(&[Problem::new(&ODD, "odd"), Problem::new(&BAD, "bad")], &[]).exit.code(), 2);
    }

    #[test]
    fn json_has_one_object_a_line_and_nothing_on_stderr() {
        let answer = told(&[Problem::new(&BAD, "a\nb")], &["--format", "json"]);
        let lines: Vec<serde_json::Value> =
            answer.stdout.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
        let events: Vec<_> = lines.iter().map(|it| (it["v"].clone(), it["event"].as_str())).collect();
        assert_eq!(events, [(1.into(), Some("problem"))]);
        assert_eq!((answer.stderr.as_str(), answer.exit), ("", Exit::Refused));
    }
}
