//! A build with all who hear of it: people, programs, and those around it.

use std::path::Path;

use crate::answers::build::{self, Request};
use crate::report::{Files, Reports};
use crate::run::event::EventSink;
use crate::store::backend::EngineFactory;
use crate::summary::Summary;
use crate::terminal::interrupt::Stoppable;
use crate::terminal::output::Output;
use crate::terminal::programs::Programs;
use crate::terminal::progress::Progress;
use crate::workspace::failure::Unanswered;
use crate::workspace::session::text_of;

/// Who hears of a build beside those who look at the streams.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    /// The file of `--events`.
    pub events: Option<&'a Path>,
    /// Files of reports.
    pub reports: &'a Files,
}

/// Builds; what came of it, and whether all events and reports could be written. What could not is beside.
///
/// # Errors
///
/// As [`build::build`].
pub fn build(
    out: &Output,
    request: &Request,
    factory: Option<&'static dyn EngineFactory>,
    beside: Beside<'_>,
) -> Result<(Summary, bool), Unanswered> {
    let root = &request.asked.root;
    let text = |path: &Path| text_of(root, path);
    let people = Progress::new(out, root);
    let programs = Programs::new(out, beside.events);
    let reports = Reports::new(beside.reports, root, &text);
    let all: [&dyn EventSink; 3] = [&people, &programs, &reports];
    let summary = build::build(request, factory, &Stoppable(all))?;
    let failure = reports.failure();
    if let Some(error) = &failure {
        out.failure(&error.to_string());
    }
    Ok((summary, failure.is_none() && programs.were_told()))
}
