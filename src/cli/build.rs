//! `hotpass build`: what is built, and what it says of itself to people, to programs and to those around it.

use std::path::Path;

use crate::answers::build::{Request, build as built};
use crate::cli::args::{Build, FailOn};
use crate::cli::call::{Call, Ended};
use crate::problem::Severity;
use crate::report::Files;
use crate::run::LockMode;
use crate::summary::{Status, Summary};
use crate::terminal::answer::Answer;
use crate::terminal::exit::Exit;
use crate::terminal::progress::Progress;
use crate::workspace::session::Asked;

/// `hotpass build`.
pub(super) fn build(call: &Call<'_>, asked: Asked, it: &Build) -> Ended {
    let request = request(it, asked);
    let root = request.asked.root.clone();
    let progress = Progress::new(&call.out, it.events.as_deref());
    match built(&request, call.factory, &progress) {
        Ok(summary) => Ok(Answer::nothing(told(&summary, &root, &progress, (&it.reports.files, it.fail_on)))),
        Err(why) => Err(call.unanswered(&root, why)),
    }
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

/// Shows what a build says of itself, and gives its exit code.
pub(super) fn told(summary: &Summary, root: &Path, progress: &Progress<'_>, it: (&Files, FailOn)) -> Exit {
    let (reports, fail_on) = it;
    if progress.ended(summary, root, reports).is_err() {
        return Exit::World;
    }
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
