//! `hotpass archive`: the exact inputs of the last build in one file.

use std::path::PathBuf;

use clap::Args;

use crate::answers::archive;
use crate::cli::verb::{Act, Answer, Asked, Call, Ended, Exit, views};

/// Write the exact inputs of the last build into one file
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Archive {
    /// The file to write [default: `hotpass-archive.zip` in the workspace]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Act for Archive {
    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let session = call.sound(&asked)?;
        let plan = session.plan();
        let differences = archive::unrecorded(&session, &plan);
        if !differences.is_empty() {
            call.out.differences(&differences, archive::BUILD_FIRST);
            return Ok(Answer::nothing(Exit::Different));
        }
        let path = self.output.clone().unwrap_or_else(|| asked.root.join("hotpass-archive.zip"));
        let archived = archive::archive(&session, &plan, &path).map_err(|it| call.failed(&it))?;
        call.said(&archived, views::archive::archived);
        Ok(Answer::nothing(Exit::Done))
    }
}
