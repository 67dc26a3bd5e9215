//! `hotpass init`: writes a small workspace, or one that is proposed of workbooks.

use std::path::PathBuf;

use clap::Args;

use crate::answers::init::propose::VerbError;
use crate::answers::init::{self as inits, Request};
use crate::cli::verb::{Act, Call, Ended, Limits, Outcome, views};

/// Write a small workspace that you can build immediately
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Init {
    /// The template of the workspace: `contacts` or `minimal`
    #[arg(long, value_name = "NAME", default_value = DEFAULT)]
    template: String,
    /// Read these files, and propose a pipeline for them: sources, fields of the columns, and checks
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "template")]
    from: Vec<PathBuf>,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    limits: Limits,
}

impl Act for Init {
    fn limits(&self) -> Limits {
        self.limits
    }

    fn apart(&self, call: &Call<'_>) -> Option<Ended> {
        Some(self.init(call))
    }
}

/// The template that is written unless another one is named.
const DEFAULT: &str = "contacts";

impl Init {
    fn init(&self, call: &Call<'_>) -> Ended {
        let folder = call.global.directory.clone().unwrap_or_else(|| PathBuf::from("."));
        if self.from.is_empty() {
            return match inits::init(&folder, &self.template, self.force) {
                Ok(it) => Ok(call.shown(&inits::Written::from(it), |it, _| views::init::written(it))),
                Err(inits::InitError::Problem(problem)) => Ok(call.told(*problem)),
                Err(error) => Err(call.failed(&error)),
            };
        }
        let profile = call.global.profile.as_deref();
        let request = Request { from: &self.from, profile, force: self.force, limits: self.limits.into() };
        let proposed = inits::proposed(&folder, &request, call.factory);
        match proposed.map_err(|why: VerbError| call.unanswered(&folder, why.into()))? {
            None => Err(Outcome::NeedsEngine),
            Some(it) => Ok(call.shown(&it, views::init::proposed)),
        }
    }
}
