//! The edge of the program: what was typed, what is answered, and the number it ends with.
//!
//! Nothing here plans, runs or reads data. Each verb turns plain data into an [`Answer`]; [`Answer::print`] is the
//! only place that writes to a stream.

pub mod adopt;
mod answer;
pub mod archive;
pub mod args;
mod ask;
pub mod attest;
pub mod build;
pub mod check;
pub mod cluster;
mod columns;
mod compare;
mod complete;
pub mod completions;
pub mod contract;
mod decided;
pub mod diff;
mod difference;
pub mod docs;
pub mod doctor;
mod env;
pub mod exit;
mod expect;
pub mod explain;
pub mod gate;
pub mod gc;
pub mod graph;
pub mod guesses;
pub mod init;
pub mod interrupt;
pub mod json_cell;
pub mod link;
pub mod list;
mod looked;
mod man;
pub mod outcome;
pub mod output;
mod pager;
pub mod planned;
mod planning;
pub mod profile;
pub mod progress;
pub mod refine;
pub mod report;
pub mod schema;
pub mod state;
pub mod table;
pub mod test;
#[cfg(test)]
pub(crate) mod test_plan;
mod verbs;
pub mod verify;
pub mod watch;
#[cfg(test)]
mod world;

pub use verbs::main;

use std::io::{self, IsTerminal, Write};

use crate::cli::args::{Global, When};
use crate::cli::exit::Exit;
use crate::problem::Code;
use crate::scratch::wait_if_ending;
use crate::show::Style;
use crate::workspace::{git, lookup, moves, root, selectors};

/// All codes of the command line.
pub const CODES: &[&[&Code]] = &[
    root::CODES,
    lookup::CODES,
    crate::watch::CODES,
    selectors::CODES,
    moves::CODES,
    init::CODES,
    refine::CODES,
    diff::CODES,
    git::CODES,
    schema::CODES,
    verify::CODES,
    crate::store::layout::CODES,
    crate::profile::lint::CODES,
    profile::import::CODES,
    expect::CODES,
    profile::files::CODES,
    contract::CODES,
    gate::CODES,
    ask::CODES,
    link::CODES,
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

/// How stdout is to look.
pub fn look_of_stdout(global: &Global) -> Style {
    look(global, io::stdout().is_terminal(), width(terminal_size::terminal_size_of(io::stdout())))
}

/// How stderr is to look.
pub fn look_of_stderr(global: &Global) -> Style {
    look(global, io::stderr().is_terminal(), width(terminal_size::terminal_size_of(io::stderr())))
}

/// A path as it is shown.
fn show_place(path: &std::path::Path) -> String {
    crate::show::line(&path.display().to_string())
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
