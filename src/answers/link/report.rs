//! `hotpass link report`: a page about all that a step found, for whoever answers for the data.

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use super::{Step, unwritten};
use crate::docs::linkage::{Linkage, page};
use crate::publish::own_files::PAGE;
use crate::steps::asking::Question;
use crate::workspace::failure::Failure;

/// A page that was written.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "link.report")]
pub(crate) struct Report {
    step: String,
    pub(crate) path: String,
    pub(crate) report: Linkage,
}

/// Writes the page.
pub(crate) fn report(step: &Step<'_>, output: &Path, unmasked: bool) -> Result<Report, Failure> {
    let mut report: Linkage = step.ask(Question::Report)?;
    if !unmasked {
        report.mask(&|it| step.is_open(it), step.learning.asks.key());
    }
    let text = page(&step.name(), &report, unmasked);
    let written = PAGE.place(output, |file| file.write_all(text.as_bytes()));
    written.map_err(|error| unwritten(output, &error))?;
    Ok(Report { step: step.name(), path: output.display().to_string(), report })
}
