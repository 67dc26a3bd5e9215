//! `hotpass env`: which environments there are, what differs between two, and promotion from one to another.

use clap::Subcommand;

use crate::answers::env as environments;
use crate::cli::verb::{Act, Answer, Asked, Call, Ended, Exit, Outcome, views};
use crate::pipeline::environment::DEFAULT;
use crate::problem::Problem;
use crate::workspace::session::{self, Session, any_error, text_of};

/// List environments (separate sets of published files), compare two, and copy the files of one to another
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Env {
    /// List the environments of the workspace and what each has published
    List,
    /// Compare what two environments have published, and show the causes of the differences
    Diff {
        /// An environment; `default` means the files that are published without `--env`
        #[arg(value_name = "ENV")]
        from: String,
        /// Another environment
        #[arg(value_name = "ENV")]
        to: String,
    },
    /// Copy the published files of one environment to another, if all checks of the first one passed
    Promote {
        /// The environment to copy from
        #[arg(value_name = "FROM")]
        from: String,
        /// The environment to copy to; `default` means the files that are published without `--env`
        #[arg(value_name = "TO")]
        to: String,
    },
}

impl Act for Env {
    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let asked = &asked;
        match self {
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
