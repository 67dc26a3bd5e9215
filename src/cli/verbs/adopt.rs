//! `hotpass adopt`: what a delivery broke is mended by what is written down of it, so only other errors are in the way.

use clap::Args;

use crate::answers::adopt;
use crate::cli::verb::{Act, Answer, Asked, Call, Ended, Exit, views};
use crate::workspace::session::any_error;

/// Show the settings that hotpass detected or guessed, as a change of the pipelines; `--write` makes the change
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Adopt {
    /// Sources and `map` steps; a source includes the steps that map it; by default all of them
    #[arg(value_name = "SOURCE|STEP")]
    targets: Vec<String>,
    /// Make the change in the files, and accept deliveries that differ from the previous ones
    #[arg(long)]
    write: bool,
}

impl Act for Adopt {
    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let mut mended = false;
        let ended = call.plan(&asked, true, |session| {
            let refused = any_error(&session.problems()) && session.drifts().is_empty();
            if refused {
                return Ok(Answer::nothing(Exit::Refused));
            }
            let adopted = adopt::adopt(session, &self.targets, self.write)?;
            mended = true;
            let answer = call.shown(&adopted, |it, _| it.difference.clone());
            Ok(Answer { stderr: views::adopt::notes(&adopted), ..answer })
        });
        ended.map(|answer| if mended { answer.ending(Exit::Done) } else { answer })
    }
}
