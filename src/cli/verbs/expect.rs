//! `hotpass expect`: checks of other programs as expectations, and expectations as their results.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::answers::expect;
use crate::cli::verb::{Act, Answer, Asked, Budget, Call, Ended, Exit, Limits, Outcome, views};
use crate::escape::{json_line, json_lines};

/// Convert checks of other tools into expectations (checks of hotpass), and print results for other tools
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Expect {
    /// Convert a suite (list of checks) of Great Expectations, a `schema.yml` of dbt or checks of Soda, and report what cannot be converted
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The table that the suite checks
        #[arg(long, value_name = "TABLE")]
        table: Option<String>,
    },
    /// Print the results of the checks of the last build, in the result format of Great Expectations
    Results {
        /// The pipeline; by default all pipelines
        #[arg(value_name = "PIPELINE")]
        pipeline: Option<String>,
        /// Only the checks on this table
        #[arg(long, value_name = "TABLE")]
        table: Vec<String>,
        /// What it may take.
        #[command(flatten)]
        budget: Budget,
    },
}

impl Act for Expect {
    fn limits(&self) -> Limits {
        match self {
            Expect::Results { budget, .. } => (*budget).into(),
            Expect::Import { .. } => Limits::default(),
        }
    }

    fn apart(&self, call: &Call<'_>) -> Option<Ended> {
        match self {
            Expect::Import { file, table } => Some(Ok(import(call, file, table.as_deref()))),
            Expect::Results { .. } => None,
        }
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let Expect::Results { pipeline, table, .. } = self else { return Err(Outcome::Done(Exit::Bug)) };
        call.look(&asked, |of| {
            let found = expect::results::results(of, pipeline.as_deref(), table)?;
            // The form is another program's, so it has no version of ours.
            Ok(Answer::raw(match call.is_json() {
                true => found.iter().map(json_line).collect(),
                false => found.iter().map(json_lines).collect(),
            }))
        })
    }
}

/// `hotpass expect import`: the checks on stdout; on stderr what was dropped, and what is wrong in the file.
fn import(call: &Call<'_>, file: &Path, table: Option<&str>) -> Answer {
    let text = expect::read(file);
    let source = |path: &Path| text.as_ref().ok().filter(|_| path == file).cloned();
    match expect::import(file, &text, table) {
        Err(problem) => Answer::told(&[problem], &source, call.manner()),
        Ok(it) => {
            let wrong = Answer::told(&it.faults, &source, call.manner());
            let answer = call.shown(&it, |it, _| it.toml.clone());
            let answer = Answer { stdout: answer.stdout + &wrong.stdout, ..wrong };
            answer.noted(call.manner(), || views::expect::dropped(&it))
        }
    }
}
