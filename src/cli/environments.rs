//! `hotpass env`: which environments there are, what differs between two, and promotion from one to another.

use crate::answers::env as environments;
use crate::cli::args::Env;
use crate::cli::call::{Call, Ended, Outcome};
use crate::pipeline::environment::DEFAULT;
use crate::problem::Problem;
use crate::terminal::answer::Answer;
use crate::terminal::exit::Exit;
use crate::views;
use crate::workspace::session::{self, Asked, Session, any_error, text_of};

/// `hotpass env`.
pub(super) fn env(call: &Call<'_>, asked: &Asked, it: &Env) -> Ended {
    match it {
        Env::List => Ok(call.shown(&environments::list(asked), |it, _| views::env::list(it))),
        Env::Diff { from, to } => {
            let (one, other) = (side(call, asked, from)?, side(call, asked, to)?);
            let found = environments::differences((from, &one), (to, &other));
            let found = found.map_err(|problem| refused(call, asked, &[problem]))?;
            Ok(call.shown(&found, |it, _| views::env::differences(it, from, to)))
        }
        Env::Promote { from, to } => {
            environments::check_names(from, to).map_err(|problem| refused(call, asked, &[problem]))?;
            let (one, other) = (side(call, asked, from)?, side(call, asked, to)?);
            let moved = environments::promote((from, &one), (to, &other)).map_err(|error| call.failed(&error))?;
            let moved = moved.map_err(|problems| refused(call, asked, &problems))?;
            Ok(call.shown(&moved, |it, _| views::env::promoted(it)))
        }
    }
}

/// An environment that is open, or how the command ends without one.
fn side(call: &Call<'_>, asked: &Asked, name: &str) -> Result<Session, Outcome> {
    let environment = Some(name).filter(|it| *it != DEFAULT).map(str::to_owned);
    let problems = environment.as_deref().map_or_else(Vec::new, |it| session::missing_environment(&asked.root, it));
    if !problems.is_empty() {
        return Err(refused(call, asked, &problems));
    }
    let asked = Asked { environment, ..asked.clone() };
    let session = call.opened(&asked)?;
    let problems = session.problems();
    if any_error(&problems) { Err(refused(call, &asked, &problems)) } else { Ok(session) }
}

fn refused(call: &Call<'_>, asked: &Asked, problems: &[Problem]) -> Outcome {
    let answer = Answer::told(problems, &|path| text_of(&asked.root, path), call.manner());
    Outcome::Done(answer.print().map_or(Exit::World, |_| Exit::Refused))
}
