//! What a step learns that finds rows that are one, and why two rows are one.

pub(crate) mod explain;
pub(crate) mod measure;
pub(crate) mod review;
pub(crate) mod train;

use crate::answers::link::report::Report;
use crate::show::{count, line};

/// The page that was written.
pub(crate) fn report(it: &Report) -> String {
    let (found, open) = (count(it.report.verdicts[0], "pair"), count(it.report.open, "pair"));
    format!("{}  {found} called one, {open} to review\n", line(&it.path))
}
