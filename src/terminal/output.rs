//! Where a verb that takes its time writes while it works: problems and progress to stderr, events to stdout.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use serde::Serialize;

use crate::answers::event;
use crate::answers::problem::ProblemEvent;
use crate::problem::Problem;
use crate::scratch::wait_if_ending;
use crate::show::{self, Style};
use crate::terminal::exit::Exit;
use crate::terminal::interrupt;
use crate::terminal::manner::Manner;

/// How many differences are told; the others are counted.
const MOST: usize = 20;

/// What programs are told on the way.
#[derive(Serialize)]
#[serde(tag = "event")]
enum Notice {
    /// The world failed.
    #[serde(rename = "failure")]
    Failure { message: String },
    /// Something is not as the lock has it.
    #[serde(rename = "lock.difference")]
    LockDifference { message: String },
}

/// Both streams, and how they are to look.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    manner: Manner,
    look: Style,
}

impl Output {
    /// As it is wanted.
    pub fn new(manner: Manner) -> Output {
        Output { manner, look: manner.of_stderr() }
    }

    /// Whether programs read stdout.
    pub fn is_json(&self) -> bool {
        self.manner.json
    }

    /// Whether a person watches stderr.
    pub fn is_terminal(&self) -> bool {
        self.look.terminal && std::io::stderr().is_terminal()
    }

    /// Whether less is wanted.
    pub fn is_quiet(&self) -> bool {
        self.manner.quiet
    }

    /// Whether more is wanted.
    pub fn is_verbose(&self) -> bool {
        self.manner.verbose
    }

    /// How stderr is to look.
    pub fn look(&self) -> Style {
        self.look
    }

    /// Lines of the screen.
    pub fn height(&self) -> usize {
        terminal_size::terminal_size_of(std::io::stderr()).map_or(24, |(_, it)| usize::from(it.0))
    }

    /// Text for a terminal, as it is.
    pub fn paint(&self, text: &str) {
        let mut err = std::io::stderr().lock();
        let _ = err.write_all(text.as_bytes()).and_then(|()| err.flush());
    }

    /// A line for people.
    pub fn say(&self, text: &str) {
        if !self.manner.quiet {
            self.write_stderr(&format!("{text}\n"));
        }
    }

    /// An answer for programs, a line an event. A reader that went away is no failure.
    pub fn event(&self, event: &(impl Serialize + ?Sized)) {
        let _ = self.lines(&event::json(event));
    }

    /// Lines of events as they are.
    ///
    /// # Errors
    ///
    /// That stdout cannot be written.
    pub fn lines(&self, lines: &str) -> io::Result<()> {
        wait_if_ending();
        let mut out = std::io::stdout().lock();
        out.write_all(lines.as_bytes())?;
        out.flush()
    }

    /// Problems, as every verb tells them.
    pub fn problems(&self, problems: &[Problem], sources: &dyn Fn(&Path) -> Option<String>) {
        if self.is_json() {
            self.event(&ProblemEvent::all(problems, sources));
        } else if !problems.is_empty() {
            self.write_stderr(&show::problems(problems, sources, self.look));
        }
    }

    /// What passed a limit and cannot be stopped: it is told, and ends the process.
    pub fn overdue(&self, problem: &Problem) -> ! {
        self.problems(std::slice::from_ref(problem), &|_| None);
        interrupt::end(Exit::Refused)
    }

    /// What is told on the side of an answer, on stderr for programs too.
    pub fn noted<T: Display>(&self, notes: impl IntoIterator<Item = T>) {
        notes.into_iter().filter(|_| !self.manner.quiet).for_each(|it| note(&it.to_string()));
    }

    /// What failed in the world.
    pub fn failure(&self, reason: &str) {
        if self.is_json() {
            self.event(&Notice::Failure { message: show::line(reason) });
        }
        self.write_stderr(&format!("{}: {}\n", self.look.paint("failed", show::Paint::Bad), show::line(reason)));
    }

    /// What is not as `hotpass.lock` has it, and what to do about it.
    pub fn differences(&self, differences: &[String], help: &str) {
        if differences.is_empty() {
            return;
        }
        if self.is_json() {
            let told = differences.iter().map(|it| Notice::LockDifference { message: show::line(it) });
            return self.event(&told.collect::<Vec<_>>());
        }
        let paint = |text| self.look.paint(text, show::Paint::Bad);
        let mut text = format!("{}: this is not what `hotpass.lock` has recorded\n", paint("different"));
        for it in differences.iter().take(MOST) {
            text.push_str(&format!("  - {}\n", show::line(it)));
        }
        if differences.len() > MOST {
            text.push_str(&format!("  - and {} more\n", differences.len() - MOST));
        }
        text.push_str(&format!("  help: {help}\n"));
        self.write_stderr(&text);
    }

    fn write_stderr(&self, text: &str) {
        wait_if_ending();
        let mut err = std::io::stderr().lock();
        let _ = err.write_all(text.as_bytes());
    }
}

/// Tells something on the side.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "      note  {}", crate::show::line(text));
}

/// Tells, before it, that somebody is waited for who has the store alone: that is nobody but `gc`, and not for long.
pub fn waits() {
    let _ = std::io::stderr().lock().write_all(b"   waiting  `hotpass gc` has the store alone; Ctrl-C ends\n");
}
