//! What a step learns that finds rows that are one, and why two rows are one.

pub(crate) mod explain;
pub(crate) mod measure;
pub(crate) mod review;
pub(crate) mod train;

use crate::answers::link::plan::Plan;
use crate::answers::link::report::Report;
use crate::show::{Style, count, line};
use crate::views;

/// What the rules of a step find.
pub(crate) fn costs(it: &Plan, look: Style) -> String {
    views::blocks::counted(it, look)
}

/// The page that was written.
pub(crate) fn report(it: &Report) -> String {
    let (found, open) = (count(it.report.verdicts[0], "pair"), count(it.report.open, "pair"));
    format!("{}  {found} called a match, {open} to review\n", line(&it.path))
}
