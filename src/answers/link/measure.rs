//! `hotpass link measure`: clusters held against pairs of which somebody knows whether they are one.

use std::path::Path;

use serde::Serialize;

use super::{BAD_ANSWERS, Step, answers};
use crate::escape::line;
use crate::problem::Problem;
use crate::steps::asking::{MOST_LABELS, Measured, Question};
use crate::workspace::failure::Failure;

/// What was measured of a step.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "link.measure")]
pub(crate) struct Measure {
    pub(crate) step: String,
    pub(crate) measured: Measured,
}

/// How many of the pairs of a file are found.
pub(crate) fn measure(step: &Step<'_>, file: &Path) -> Result<Measure, Failure> {
    let labels = answers::labels(step.factory, file)?;
    if labels.len() > MOST_LABELS {
        let message = format!("`{}` has more than {MOST_LABELS} pairs", line(&file.display().to_string()));
        return Err(Failure::Problem(Box::new(Problem::new(&BAD_ANSWERS, message))));
    }
    Ok(Measure { step: step.name(), measured: step.ask(Question::Measure { labels })? })
}
