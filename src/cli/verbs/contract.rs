//! `hotpass contract`: which contracts there are, whether a file keeps one, how others write them, and what another version changes.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::answers::contract::{self as contracts, Own, file};
use crate::cli::args::Format;
use crate::cli::verb::{Act, Answer, Asked, Budget, Call, Ended, Exit, Limits, views};
use crate::contracts::emit::Form;
use crate::workspace::failure::Failure;
use crate::workspace::session::Session;

/// List, check, write, compare and convert contracts (promises about tables)
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Contract {
    /// List contracts, and the tables and exports that they apply to
    List,
    /// Check a file against a contract
    Check {
        /// The file: a workbook, delimited text, JSON or Parquet
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The contract, or a file with one [default: the contract of the workspace, if there is only one]
        #[arg(long, value_name = "NAME|FILE")]
        contract: Option<String>,
        /// The sheet of a workbook [default: the only visible sheet]
        #[arg(long, value_name = "NAME")]
        sheet: Option<String>,
        /// What it may take.
        #[command(flatten)]
        budget: Budget,
    },
    /// Write contracts in formats of other programs
    #[command(
        before_help = "Formats of this command: `--format` takes `table-schema`, `json-schema`, `odcs`, `csvw`, `sql`, `markdown` \
                       or `toml`; the default is `toml`."
    )]
    Emit {
        /// Contracts, or files with contracts; by default all of them
        #[arg(value_name = "NAME|FILE")]
        names: Vec<String>,
        /// Write one file for each contract into this folder, and not to stdout
        #[arg(long, short, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Compare two versions of a contract: a change is `breaking` (a promise is broken), `additive` (the promise is extended) or `none` (only descriptions change)
    #[command(
        after_help = "A and B are each the name of a contract, a file, or `git:REV` (a branch, a tag or a commit). If a \
                      breaking change comes without a higher major version, the exit code is 2."
    )]
    Diff {
        /// The old version: a name, a file or `git:REV`
        a: String,
        /// The new version: a name, a file or `git:REV`
        b: String,
    },
    /// Convert a contract of the Open Data Contract Standard or a Table Schema, and report what cannot be converted
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

impl Act for Contract {
    fn limits(&self) -> Limits {
        match self {
            Contract::Check { budget, .. } => (*budget).into(),
            _ => Limits::default(),
        }
    }

    fn apart(&self, call: &Call<'_>) -> Option<Ended> {
        if let Contract::Import { file } = self { Some(Ok(imported(call, file))) } else { None }
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let engine = if matches!(self, Contract::Check { .. }) { Some(call.engine()?) } else { None };
        let session = Session::open(&asked, None, false).map_err(|it| call.failed(&it))?;
        let own = Own::of(&session);
        let answer = match (self, engine) {
            (Contract::Import { file }, _) => Ok(imported(call, file)),
            (Contract::List, _) => Ok(call.shown(&contracts::list(&own), |it, look| views::contract::list(it, look))),
            (Contract::Emit { names, out }, _) => {
                contracts::written(&own, names, form(call.global.format), out.as_deref())
                    .map(|it| Answer::raw(it.text).noted(call.manner(), || views::contract::left_out(&it.left_out)))
            }
            (Contract::Diff { a, b }, _) => contracts::differ(&own, a, b).map(|it| {
                let answer = call.shown(&it, |it, _| views::contract::difference(it));
                answer.ending(if it.refused { Exit::Refused } else { Exit::Done })
            }),
            (Contract::Check { file, contract, sheet, budget: _ }, engine) => {
                let found = own.one_or_only(contract.as_deref());
                let factory = engine.map_or_else(|| call.engine(), Ok)?;
                let checked = found.and_then(|it| file::check(&it, file, sheet.as_deref(), asked.limits, factory));
                checked.map(|it| {
                    let answer = call.shown(&it, |it, _| views::contract::checked(it));
                    answer.ending(if it.is_kept() { Exit::Done } else { Exit::Refused })
                })
            }
        };
        answer.map_err(|failure| match failure {
            Failure::Problem(problem) => {
                // A contract that cannot be read is not there.
                let mut told = contracts::wrong(&session);
                if !told.contains(&problem) {
                    told.push(*problem);
                }
                call.refused(&asked.root, &told)
            }
            other => call.unanswered(&asked.root, other.into()),
        })
    }
}

/// `hotpass contract import`, which needs no workspace.
fn imported(call: &Call<'_>, file: &Path) -> Answer {
    match contracts::imported(file) {
        Ok(it) => call.shown(&it, |it, _| it.toml.clone()).noted(call.manner(), || views::contract::dropped(&it)),
        Err(problem) => call.told(problem),
    }
}

fn form(format: Format) -> Form {
    match format {
        Format::TableSchema => Form::TableSchema,
        Format::JsonSchema => Form::JsonSchema,
        Format::Odcs => Form::Odcs,
        Format::Csvw => Form::Csvw,
        Format::Sql => Form::Sql,
        Format::Markdown => Form::Markdown,
        _ => Form::Toml,
    }
}
