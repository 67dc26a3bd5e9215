//! `hotpass profile`: the profiles there are, what one comes to, what is odd in it, and how others wrote one.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::answers::profile;
use crate::cli::verb::{Act, Answer, Asked, Call, Ended, views};

/// List, show, check and convert profiles (lists of fields and words for a country or an industry)
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Profile {
    /// List the profiles of the workspace and those that come with hotpass
    List,
    /// Print a profile with everything that it takes from other profiles; each line shows the file from which it comes
    Show {
        /// The profile
        name: String,
    },
    /// Report problems in profiles
    Lint {
        /// Profiles; by default those of the workspace, or those that come with hotpass if the workspace has none
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Convert a profile from YAML, and report what cannot be converted
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

impl Act for Profile {
    fn apart(&self, call: &Call<'_>) -> Option<Ended> {
        if let Profile::Import { file } = self { Some(Ok(imported(call, file))) } else { None }
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        call.plan(&asked, true, |session| match self {
            Profile::List => Ok(call.shown(&profile::list(session), |it, look| views::profile::list(it, look))),
            Profile::Show { name } => Ok(call.shown(&profile::show(session, name)?, |it, _| views::profile::shown(it))),
            Profile::Lint { names } => {
                let (problems, linted) = profile::lint(session, names);
                let told = Answer::told(&problems, &|path| session.text(path), call.manner());
                Ok(call.shown(&linted, |it, _| views::profile::linted(it)).after(told))
            }
            Profile::Import { file } => Ok(imported(call, file)),
        })
    }
}

/// `hotpass profile import`.
fn imported(call: &Call<'_>, file: &Path) -> Answer {
    match profile::import::import(file) {
        Ok(it) => call.shown(&it, |it, _| it.toml.clone()).noted(call.manner(), || views::profile::dropped(&it)),
        Err(problem) => call.told(*problem),
    }
}
