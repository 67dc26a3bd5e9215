//! What a verb answers, and how it gets onto both streams.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::path::Path;

use serde::Serialize;

use crate::answers::event;
use crate::answers::problem::ProblemEvent;
use crate::escape::{coloured_screen, screen};
use crate::problem::Problem;
use crate::scratch::wait_if_ending;
use crate::show::{self, Style};
use crate::terminal::exit::Exit;
use crate::terminal::manner::Manner;
use crate::terminal::pager;
use crate::workspace::session::any_error;

/// What a verb answers: stdout carries what was asked for, stderr everything else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer {
    /// What was asked for: text, or NDJSON.
    pub stdout: String,
    /// All else.
    pub stderr: String,
    /// How the program ends.
    pub exit: Exit,
    /// Whether a person who looks at more lines than the screen has is given a pager.
    pub paged: bool,
    /// Whether what was asked for has a form of its own, such as CSV: no colour in it is ours.
    pub is_raw: bool,
}

impl Answer {
    /// What was asked for, and nothing else.
    pub fn of(stdout: String) -> Answer {
        Answer { stdout, stderr: String::new(), exit: Exit::Done, paged: false, is_raw: false }
    }

    /// What was asked for, in a form of its own: data, or a document.
    pub fn raw(stdout: String) -> Answer {
        Answer { is_raw: true, ..Answer::of(stdout) }
    }

    /// Nothing: all was said on the way.
    pub fn nothing(exit: Exit) -> Answer {
        Answer::of(String::new()).ending(exit)
    }

    /// An answer: its events for programs, a view of it for people.
    pub(crate) fn shown<T: Serialize + ?Sized>(
        answer: &T,
        manner: Manner,
        view: impl FnOnce(&T, Style) -> String,
    ) -> Answer {
        Answer::of(if manner.json { event::json(answer) } else { view(answer, manner.of_stdout()) })
    }

    /// Problems alone, as every verb tells them; [`Exit::Refused`] if any is an error.
    pub fn told(problems: &[Problem], sources: &dyn Fn(&Path) -> Option<String>, manner: Manner) -> Answer {
        let exit = if any_error(problems) { Exit::Refused } else { Exit::Done };
        if manner.json {
            return Answer::of(event::json(&ProblemEvent::all(problems, sources))).ending(exit);
        }
        let mut stderr = show::problems(problems, sources, manner.of_stderr());
        if !stderr.is_empty() {
            stderr.push('\n');
        }
        Answer { stderr, ..Answer::nothing(exit) }
    }

    /// With what people are told beside it.
    pub fn noted(self, manner: Manner, notes: impl FnOnce() -> String) -> Answer {
        if manner.json { self } else { Answer { stderr: self.stderr + &notes(), ..self } }
    }

    /// With this number at the end.
    pub fn ending(self, exit: Exit) -> Answer {
        Answer { exit, ..self }
    }

    /// Through a pager, where it is long.
    pub fn paged(self) -> Answer {
        Answer { paged: true, ..self }
    }

    /// Behind what was told before it.
    pub fn after(self, before: Answer) -> Answer {
        Answer { stdout: before.stdout + &self.stdout, stderr: before.stderr + &self.stderr, ..before }
    }

    /// Writes both streams, stderr first. A reader that went away (`| head`) is no failure.
    pub fn print(&self) -> io::Result<Exit> {
        wait_if_ending();
        let (mut out, mut err) = (io::stdout().lock(), io::stderr().lock());
        // What goes into a file or to a program stays as it is.
        let stdout = match (io::stdout().is_terminal(), self.is_raw) {
            (false, _) => Cow::from(&self.stdout),
            (true, true) => screen(&self.stdout).into(),
            (true, false) => coloured_screen(&self.stdout).into(),
        };
        let stderr = match io::stderr().is_terminal() {
            false => Cow::from(&self.stderr),
            true => coloured_screen(&self.stderr).into(),
        };
        let mut written = err.write_all(stderr.as_bytes()).and_then(|()| err.flush());
        drop(err);
        if written.is_ok() && self.paged {
            drop(out);
            if pager::shown(&stdout)? {
                return Ok(self.exit);
            }
            out = io::stdout().lock();
        }
        written = written.and_then(|()| out.write_all(stdout.as_bytes())).and_then(|()| out.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(self.exit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Code;

    const BAD: Code = Code::error("hotpass::a::bad");
    const ODD: Code = Code::warning("hotpass::a::odd");

    fn told(problems: &[Problem], json: bool) -> Answer {
        Answer::told(problems, &|_| None, Manner { json, ..Manner::default() })
    }

    #[test]
    fn errors_refuse_and_warnings_do_not() {
        let warned = told(&[Problem::new(&ODD, "an odd thing")], false);
        assert_eq!((warned.exit, warned.stdout.as_str()), (Exit::Done, ""));
        assert!(warned.stderr.contains("an odd thing"));
        assert_eq!(told(&[Problem::new(&ODD, "odd"), Problem::new(&BAD, "bad")], false).exit.code(), 2);
    }

    #[test]
    fn json_has_one_object_a_line_and_nothing_on_stderr() {
        let answer = told(&[Problem::new(&BAD, "a\nb")], true);
        let lines: Vec<serde_json::Value> =
            answer.stdout.lines().map(|it| serde_json::from_str(it).expect("JSON")).collect();
        let events: Vec<_> = lines.iter().map(|it| (it["v"].clone(), it["event"].as_str())).collect();
        assert_eq!(events, [(1.into(), Some("problem"))]);
        assert_eq!((answer.stderr.as_str(), answer.exit), ("", Exit::Refused));
    }
}
