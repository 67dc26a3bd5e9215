//! `hotpass build`: what is built, and what it says of itself to people, to programs and to those around it.

use crate::answers::build::Request;
use crate::cli::args::{Build, FailOn};
use crate::cli::call::{Call, Ended};
use crate::problem::Severity;
use crate::run::LockMode;
use crate::summary::{Status, Summary};
use crate::terminal::answer::Answer;
use crate::terminal::building::{self, Beside};
use crate::terminal::exit::Exit;
use crate::workspace::session::Asked;

/// `hotpass build`.
pub(super) fn build(call: &Call<'_>, asked: Asked, it: &Build) -> Ended {
    let request = request(it, asked);
    let beside = Beside { events: it.events.as_deref(), reports: &it.reports.files };
    let ended = building::build(&call.out, &request, call.factory, beside);
    let (summary, reported) = ended.map_err(|why| call.unanswered(&request.asked.root, why))?;
    Ok(Answer::nothing(if reported { exit(&summary, it.fail_on) } else { Exit::World }))
}

fn request(it: &Build, mut asked: Asked) -> Request {
    asked.jobs = it.jobs.map_or(asked.jobs, usize::from);
    asked.spill = it.spill.as_ref().map(|it| std::path::absolute(it).unwrap_or_else(|_| it.clone()));
    Request {
        asked,
        targets: it.selected.targets.clone(),
        exclude: it.selected.exclude.clone(),
        force: it.force(),
        keep_going: it.keep_going,
        overwrite: it.overwrite,
        publish: it.publish,
        lock: if it.locked { LockMode::Keep } else { LockMode::Write },
    }
}

/// The number that a build ends with.
pub(super) fn exit(summary: &Summary, fail_on: FailOn) -> Exit {
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
