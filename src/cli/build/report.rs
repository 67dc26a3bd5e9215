//! What a build says of itself when it has ended: to people, to programs, and to those around it.

use std::path::Path;

use crate::answers::build::Built;
use crate::cli::build::BuildConfig;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::progress::Progress;
use crate::problem::Severity;
use crate::report;
use crate::summary::{Status, Summary};
use crate::views;
use crate::workspace::session::text_of;

/// Shows what a build says of itself, and gives its exit code.
pub(super) fn tell(summary: &Summary, root: &Path, out: &Output, progress: &Progress, config: &BuildConfig) -> Exit {
    let text = |path: &Path| text_of(root, path);
    progress.done();
    out.problems(&summary.problems, &text);
    for failure in &summary.failures {
        out.failure(failure);
    }
    out.differences(&summary.differences);
    progress.event(&Built::of(summary));
    if !out.is_json() {
        views::build::lines(summary).iter().for_each(|it| out.say(it));
    }
    if let Err(error) = report::write(&config.reports, summary, root, &text) {
        out.failure(&error.to_string());
        return Exit::World;
    }
    let warned = summary.problems.iter().any(|it| it.severity == Severity::Warning);
    match summary.status {
        Status::Ok if warned && config.fail_on_warn => Exit::Warned,
        Status::Ok => Exit::Done,
        Status::Refused if !summary.differences.is_empty() => Exit::Different,
        Status::Refused => Exit::Refused,
        Status::Failed => Exit::World,
        Status::Interrupted => Exit::Interrupted,
    }
}
