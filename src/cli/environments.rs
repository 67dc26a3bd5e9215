//! `hotpass env`: which environments there are, what differs between two, and promotion from one to another.

use crate::answers::env;
use crate::cli::args::{Env, Global};
use crate::cli::exit::Exit;
use crate::cli::outcome::{Outcome, opened, world_failed};
use crate::cli::output::Output;
use crate::cli::{Answer, printed};
use crate::pipeline::environment::DEFAULT;
use crate::problem::Problem;
use crate::store::backend::EngineFactory;
use crate::views;
use crate::workspace::session::{self, Asked, Session, any_error, text_of};

/// `hotpass env`.
pub(super) fn env(global: &Global, asked: &Asked, it: &Env, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let answered = match it {
        Env::List => Ok(Answer::shown(&env::list(asked), global, |it, _| views::env::list(it))),
        Env::Diff { from, to } => diff(global, asked, (from, to), factory),
        Env::Promote { from, to } => promote(global, asked, (from, to), factory),
    };
    answered.map_or_else(|outcome| outcome, printed)
}

/// An environment that is open, or how the command ends without one.
fn side(
    global: &Global,
    asked: &Asked,
    name: &str,
    factory: Option<&'static dyn EngineFactory>,
) -> Result<Session, Outcome> {
    let environment = Some(name).filter(|it| *it != DEFAULT).map(str::to_owned);
    let problems = environment.as_deref().map_or_else(Vec::new, |it| session::missing_environment(&asked.root, it));
    if !problems.is_empty() {
        return Err(refused(global, asked, &problems));
    }
    let asked = Asked { environment, ..asked.clone() };
    let session = opened(&asked, factory, &Output::new(global))?;
    let problems = session.problems();
    if any_error(&problems) {
        return Err(refused(global, &asked, &problems));
    }
    Ok(session)
}

fn refused(global: &Global, asked: &Asked, problems: &[Problem]) -> Outcome {
    let answer = Answer::told(problems, &|path| text_of(&asked.root, path), global);
    Outcome::Done(answer.print().map_or(Exit::World, |_| Exit::Refused))
}

fn promote(
    global: &Global,
    asked: &Asked,
    (from, to): (&str, &str),
    factory: Option<&'static dyn EngineFactory>,
) -> Result<Answer, Outcome> {
    env::check_names(from, to).map_err(|problem| refused(global, asked, &[problem]))?;
    let (one, other) = (side(global, asked, from, factory)?, side(global, asked, to, factory)?);
    match env::promote((from, &one), (to, &other)) {
        Err(error) => Err(Outcome::Done(world_failed(&error, &Output::new(global)))),
        Ok(Err(problems)) => Err(refused(global, asked, &problems)),
        Ok(Ok(moved)) => Ok(Answer::shown(&moved, global, |it, _| views::env::promoted(it))),
    }
}

fn diff(
    global: &Global,
    asked: &Asked,
    (from, to): (&str, &str),
    factory: Option<&'static dyn EngineFactory>,
) -> Result<Answer, Outcome> {
    let (one, other) = (side(global, asked, from, factory)?, side(global, asked, to, factory)?);
    let found = env::differences((from, &one), (to, &other));
    let found = found.map_err(|problem| refused(global, asked, &[problem]))?;
    Ok(Answer::shown(&found, global, |it, _| views::env::differences(it, from, to)))
}
