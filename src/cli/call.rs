//! What a verb is called with, and how it ends: the one way from an answer, a problem or a fault to streams and a number.

use std::fmt::Display;
use std::path::Path;

use serde::Serialize;

use crate::cli::args::{Format, Global};
use crate::problem::Problem;
use crate::show::Style;
use crate::store::backend::EngineFactory;
use crate::terminal::answer::Answer;
use crate::terminal::exit::Exit;
use crate::terminal::manner::Manner;
use crate::terminal::output::Output;
use crate::workspace::failure::{Failure, Unanswered};
use crate::workspace::looking;
use crate::workspace::planning::planned;
use crate::workspace::session::{Asked, Open, Session, any_error, text_of};

/// The engine, in the program that has one.
pub(super) type Engine = Option<&'static dyn EngineFactory>;

/// How a command ended that printed what there was to print.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is done.
    Done(Exit),
    /// There is work that this program cannot do: the engine must be started.
    NeedsEngine,
}

/// What a verb gives: an answer, or how it ended without one.
pub(super) type Ended = Result<Answer, Outcome>;

/// What every verb is called with.
pub(super) struct Call<'a> {
    pub(super) global: &'a Global,
    pub(super) factory: Engine,
    pub(super) out: Output,
}

impl<'a> Call<'a> {
    pub(super) fn new(global: &'a Global, factory: Engine) -> Call<'a> {
        Call { global, factory, out: Output::new(global.manner()) }
    }

    pub(super) fn manner(&self) -> Manner {
        self.global.manner()
    }

    /// Whether programs read the answer.
    pub(super) fn is_json(&self) -> bool {
        self.global.format == Format::Json
    }

    /// The engine, or the end of this program.
    pub(super) fn engine(&self) -> Result<&'static dyn EngineFactory, Outcome> {
        self.factory.ok_or(Outcome::NeedsEngine)
    }

    /// An answer: its events for programs, a view of it for people.
    pub(super) fn shown<T: Serialize + ?Sized>(&self, answer: &T, view: impl FnOnce(&T, Style) -> String) -> Answer {
        Answer::shown(answer, self.manner(), view)
    }

    /// An answer of one line for people, who may want to hear less.
    pub(super) fn said<T: Serialize>(&self, answer: &T, view: impl FnOnce(&T) -> String) {
        if self.is_json() { self.out.event(answer) } else { self.out.say(&view(answer)) }
    }

    /// A problem that needs no workspace.
    pub(super) fn told(&self, problem: Problem) -> Answer {
        Answer::told(&[problem], &|_| None, self.manner())
    }

    /// The world failed.
    pub(super) fn failed(&self, error: &dyn Display) -> Outcome {
        self.out.failure(&error.to_string());
        Outcome::Done(Exit::World)
    }

    /// Problems of a workspace are in the way.
    pub(super) fn refused(&self, root: &Path, problems: &[Problem]) -> Outcome {
        self.out.problems(problems, &|path| text_of(root, path));
        Outcome::Done(Exit::Refused)
    }

    /// There is no answer.
    pub(super) fn unanswered(&self, root: &Path, why: Unanswered) -> Outcome {
        match why {
            Unanswered::NeedsEngine => Outcome::NeedsEngine,
            Unanswered::Refused(problems) => self.refused(root, &problems),
            Unanswered::World(reason) => self.failed(&reason),
        }
    }

    /// An open workspace whose plan has no holes.
    pub(super) fn opened(&self, asked: &Asked) -> Result<Session, Outcome> {
        planned(asked, self.factory, &|it| self.out.overdue(it)).map_err(|it| self.unanswered(&asked.root, it))
    }

    /// The same with nothing wrong in it.
    pub(super) fn sound(&self, asked: &Asked) -> Result<Session, Outcome> {
        let session = self.opened(asked)?;
        let problems = session.problems();
        if any_error(&problems) { Err(self.refused(&asked.root, &problems)) } else { Ok(session) }
    }

    /// Answers from the plan. Problems are told first; errors end the command, unless `anyway`.
    pub(super) fn plan(
        &self,
        asked: &Asked,
        anyway: bool,
        answer: impl FnOnce(&Session) -> Result<Answer, Box<Problem>>,
    ) -> Ended {
        let session = self.opened(asked)?;
        let problems = session.problems();
        let refused = any_error(&problems);
        if refused {
            let outcome = self.refused(&asked.root, &problems);
            if !anyway {
                return Err(outcome);
            }
        }
        match answer(&session) {
            Ok(answer) if refused => Ok(answer.ending(Exit::Refused)),
            Ok(answer) => Ok(answer),
            Err(problem) => Err(self.refused(&asked.root, &[*problem])),
        }
    }

    /// Answers from what stands, through the engine.
    pub(super) fn look(&self, asked: &Asked, answer: impl FnOnce(Open<'_>) -> Result<Answer, Failure>) -> Ended {
        self.look_at(asked, &|_| None, answer)
    }

    /// The same; `typed` gives texts that were typed, by what they are called where they are pointed into.
    pub(super) fn look_at(
        &self,
        asked: &Asked,
        typed: &dyn Fn(&Path) -> Option<String>,
        answer: impl FnOnce(Open<'_>) -> Result<Answer, Failure>,
    ) -> Ended {
        let answered = looking::look(asked, self.engine()?, &|it| self.out.overdue(it), answer);
        answered.map(Answer::paged).map_err(|why| match why {
            Unanswered::Refused(problems) => {
                self.out.problems(&problems, &|path| typed(path).or_else(|| text_of(&asked.root, path)));
                Outcome::Done(Exit::Refused)
            }
            other => self.unanswered(&asked.root, other),
        })
    }
}
