//! `hotpass build`: what is built, and what it says of itself to people, to programs and to those around it.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::answers::build::Request;
use crate::cli::args::{FailOn, Reports, SELECTORS, Selected};
use crate::cli::verb::{Act, Answer, Asked, Call, Ended, Exit, Limits};
use crate::cli::verbs::plan;
use crate::problem::Severity;
use crate::run::LockMode;
use crate::store::layout::Depth;
use crate::summary::{Status, Summary};
use crate::terminal::building::{self, Beside};

/// Run the steps that are out of date, check the results, publish the exports
#[derive(Clone, PartialEq, Debug, Default, Args)]
#[command(after_help = SELECTORS)]
pub struct Build {
    #[command(flatten)]
    selected: Selected,
    /// How many steps run at the same time [default: one for each processor]
    #[arg(long, short, value_name = "N", env = "HOTPASS_JOBS", hide_env_values = true)]
    jobs: Option<NonZeroUsize>,
    /// Run steps even if they are up to date: all targets, or only the steps named here
    #[arg(long, value_name = "STEP", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    force: Vec<String>,
    /// After a failure, continue with the steps that do not depend on the failed step
    #[arg(long)]
    keep_going: bool,
    /// Replace existing files at the paths of exports even if hotpass did not write them
    #[arg(long)]
    overwrite: bool,
    /// Replace the published files even if they were made with another `--set` or `--profile`; without this flag, the build refuses to replace such files
    #[arg(long)]
    publish: bool,
    /// The lowest severity that gives an exit code other than 0; with `warn`, a build with warnings publishes and ends with 4
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: FailOn,
    #[command(flatten)]
    limits: Limits,
    /// A folder for temporary data that does not fit into memory
    #[arg(long, value_name = "DIR")]
    spill: Option<PathBuf>,
    /// Show what would run, and run nothing, as `plan` does
    #[arg(long)]
    dry_run: bool,
    /// Publish nothing and end with 3 if anything differs from `hotpass.lock`, the record of the last build
    #[arg(long)]
    locked: bool,
    /// Write everything that happens during the build to this file, one JSON object for each line
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    #[command(flatten)]
    reports: Reports,
}

impl Act for Build {
    fn limits(&self) -> Limits {
        self.limits
    }

    /// A build with nothing to do opens no segment, and looks at none.
    fn depth(&self) -> Depth {
        if self.dry_run { Depth::All } else { Depth::Names }
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        if self.dry_run {
            return plan::planned(call, &asked, &self.selected);
        }
        let request = self.request(asked);
        let beside = Beside { events: self.events.as_deref(), reports: &self.reports.files };
        let ended = building::build(&call.out, &request, call.factory, beside);
        let (summary, reported) = ended.map_err(|why| call.unanswered(&request.asked.root, why))?;
        Ok(Answer::nothing(if reported { exit(&summary, self.fail_on) } else { Exit::World }))
    }
}

impl Build {
    /// `--force` and `--force=STEP`: everything that is asked for, or what these selectors name.
    pub fn force(&self) -> Option<Vec<String>> {
        match self.force.as_slice() {
            [] => None,
            words if words.iter().any(String::is_empty) => Some(self.selected.targets.clone()),
            words => Some(words.to_vec()),
        }
    }

    fn request(&self, mut asked: Asked) -> Request {
        asked.jobs = self.jobs.map_or(asked.jobs, usize::from);
        asked.spill = self.spill.as_ref().map(|it| std::path::absolute(it).unwrap_or_else(|_| it.clone()));
        Request {
            asked,
            targets: self.selected.targets.clone(),
            exclude: self.selected.exclude.clone(),
            force: self.force(),
            keep_going: self.keep_going,
            overwrite: self.overwrite,
            publish: self.publish,
            lock: if self.locked { LockMode::Keep } else { LockMode::Write },
        }
    }
}

/// The number that a build ends with.
pub(in crate::cli) fn exit(summary: &Summary, fail_on: FailOn) -> Exit {
    let warned = summary.problems.iter().any(|it| it.severity == Severity::Warning);
    match summary.status {
        Status::Ok if warned && fail_on == FailOn::Warn => Exit::Warned,
        Status::Ok => Exit::Done,
        Status::Refused if !summary.differences.is_empty() => Exit::Different,
        Status::Refused => Exit::Refused,
        Status::Failed => Exit::World,
        Status::Interrupted => Exit::Interrupted,
    }
}
