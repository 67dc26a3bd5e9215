//! `hotpass docs`: Data Docs of the last build.

use std::path::PathBuf;

use clap::Args;

use crate::answers::docs;
use crate::cli::verb::{Act, Asked, Budget, Call, Ended, Limits, views};

/// Write Data Docs, web pages about the tables of the last build, also if a check failed
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Docs {
    /// The pipeline; by default all pipelines
    #[arg(value_name = "PIPELINE")]
    pipeline: Option<String>,
    /// The folder to write to [default: `.hotpass/docs`, or `docs` in the folder that `HOTPASS_STATE_DIR` names]
    #[arg(long, short, value_name = "DIR")]
    output: Option<PathBuf>,
    #[command(flatten)]
    budget: Budget,
}

impl Act for Docs {
    fn limits(&self) -> Limits {
        self.budget.into()
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        call.look(&asked, |of| {
            let written = docs::docs(of, self.pipeline.as_deref(), self.output.as_deref())?;
            Ok(call.shown(&written, |it, _| views::docs::written(it)))
        })
    }
}
