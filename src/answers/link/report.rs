//! `hotpass link report`: a page about all that a step found, for whoever answers for the data.

use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use super::{Step, unwritten};
use crate::answers::rows::MASK;
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
        masked(&mut report, step);
    }
    let text = page(&step.name(), &report, unmasked);
    let written = PAGE.place(output, |file| file.write_all(text.as_bytes()));
    written.map_err(|error| unwritten(output, &error))?;
    Ok(Report { step: step.name(), path: output.display().to_string(), report })
}

/// Takes personal values out.
fn masked(report: &mut Linkage, step: &Step<'_>) {
    let open: Vec<bool> = report.columns.iter().map(|it| step.is_open(&it.name)).collect();
    let no_key = step.learning.asks.key().is_some_and(|it| !step.is_open(it));
    for member in report.largest.iter_mut().flat_map(|it| &mut it.members) {
        for (value, _) in member.values.iter_mut().zip(&open).filter(|(value, open)| !**open && value.is_some()) {
            *value = Some(MASK.to_owned());
        }
        if no_key {
            member.key = None;
        }
    }
}
