//! `hotpass link report`: a page about all that a step found, for whoever answers for the data.

use std::io::Write as _;

use serde_json::json;

use super::{Step, unwritten};
use crate::cli::Answer;
use crate::cli::answer::MASK;
use crate::cli::args::{Format, Global, LinkReport};
use crate::docs::linkage::{Linkage, page};
use crate::publish::own_files::PAGE;
use crate::show::{self, count, line};
use crate::steps::asking::Question;
use crate::workspace::failure::Failure;

/// What `link report` answers.
pub(super) fn report(global: &Global, step: &Step<'_>, it: &LinkReport) -> Result<Answer, Failure> {
    let mut report: Linkage = step.ask(Question::Report)?;
    if !it.unmasked {
        masked(&mut report, step);
    }
    let text = page(&step.name(), &report, it.unmasked);
    let written = PAGE.place(&it.output, |file| file.write_all(text.as_bytes()));
    written.map_err(|error| unwritten(&it.output, &error))?;
    let path = it.output.display().to_string();
    if global.format == Format::Json {
        let value = json!({"v": 1, "event": "link.report", "step": step.name(), "path": path, "report": report});
        return Ok(Answer::of(show::json_line(&value)));
    }
    let (found, open) = (count(report.verdicts[0], "pair"), count(report.open, "pair"));
    Ok(Answer::of(format!("{}  {found} called one, {open} to review\n", line(&path))))
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
