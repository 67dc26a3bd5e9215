//! What is told of a folder that is refined.

use std::path::Path;

use crate::answers::refine::recognise::shell;
use crate::answers::refine::{Placed, Recognised};
use crate::show::{bytes, line};
use crate::summary::Summary;

/// A sheet that was taken for a source.
pub(crate) fn recognised(it: &Recognised) -> String {
    format!("{:>10}  {}  {}  {:.2}", "recognised", it.source, line(&it.place), it.score)
}

/// A file that was put in place.
pub(crate) fn placed(it: &Placed) -> String {
    format!("{:>10}  {}  {}", "published", line(&it.path), bytes(it.bytes))
}

/// The one command that shows why nothing was put in place.
pub(crate) fn withheld(workspace: &Path, summary: &Summary) -> String {
    let place = shell(&line(&workspace.display().to_string()));
    let failed = summary.checks.iter().find(|it| it.held == Some(false) && it.stops);
    let look = match failed {
        Some(it) => format!("hotpass -C {place} show {}", it.table),
        None => format!("hotpass -C {place} build"),
    };
    format!("{:>10}  nothing was put in place; `{look}` shows why", "withheld")
}
