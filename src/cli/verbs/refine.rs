//! `hotpass refine`: what is refined, and what is told of it on the way.

use std::cell::Cell;
use std::path::PathBuf;

use clap::Args;

use crate::answers::refine::{Audience, Recognised, Request, refine};
use crate::cli::args::FailOn;
use crate::cli::verb::{Act, Answer, Asked, Call, Ended, Exit, Limits, views};
use crate::cli::verbs::build::exit;
use crate::problem::Problem;
use crate::report::Files;
use crate::summary::Status;
use crate::terminal::building::{self, Beside};
use crate::threads;

/// Clean a folder of workbooks with the pipeline that comes with hotpass; no workspace is needed
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Refine {
    /// The folder of workbooks
    #[arg(long, value_name = "DIR")]
    input_dir: PathBuf,
    /// The workbook to write; all other files go into the same folder, and their names begin with the name of this workbook
    #[arg(long, value_name = "FILE")]
    output_path: PathBuf,
    /// Also write the exact inputs into one file
    #[arg(long)]
    archive: bool,
    /// Read a source from this sheet, even if the sheet has other columns than expected: `register=old.xlsx#Cleaned` reads `register` from the sheet `Cleaned`
    #[arg(long = "source", value_name = "NAME=FILE#SHEET")]
    sources: Vec<String>,
    /// The lowest severity that gives an exit code other than 0
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: FailOn,
    #[command(flatten)]
    limits: Limits,
}

impl Act for Refine {
    fn limits(&self) -> Limits {
        self.limits
    }

    fn apart(&self, call: &Call<'_>) -> Option<Ended> {
        Some(self.refine(call))
    }
}

impl Refine {
    fn refine(&self, call: &Call<'_>) -> Ended {
        let factory = call.engine()?;
        let request = Request {
            asked: Asked {
                profile: call.global.profile.clone(),
                set: call.global.settings(),
                jobs: threads::processors(),
                limits: self.limits.into(),
                ..Asked::default()
            },
            input: self.input_dir.clone(),
            output: self.output_path.clone(),
            archive: self.archive,
            sources: self.sources.clone(),
        };
        let ends = Cell::new(Exit::Done);
        let mut audience = Audience {
            problems: &|problems: &[Problem]| call.out.problems(problems, &|_| None),
            recognised: &|it: &Recognised| call.said(it, views::refine::recognised),
            build: &mut |request| {
                let beside = Beside { events: None, reports: &Files::new() };
                let (summary, _) = building::build(&call.out, request, Some(factory), beside)?;
                ends.set(exit(&summary, self.fail_on));
                Ok(summary)
            },
        };
        let done = refine(&request, factory, &mut audience).map_err(|why| call.unanswered(&self.output_path, why))?;
        done.placed.iter().for_each(|it| call.said(it, views::refine::placed));
        let exit = match (done.summary.status, ends.get()) {
            (Status::Ok, Exit::Done) if self.fail_on == FailOn::Warn && done.odd => Exit::Warned,
            (Status::Ok | Status::Interrupted, exit) => exit,
            (_, exit) if call.is_json() => exit,
            (_, exit) => {
                call.out.say(&views::refine::withheld(&done.workspace, &done.summary));
                exit
            }
        };
        Ok(Answer::nothing(exit))
    }
}
