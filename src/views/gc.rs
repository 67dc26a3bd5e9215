//! What was dropped.

use crate::answers::gc::Collected;
use crate::show::{bytes, count};

/// In one line.
pub(crate) fn collected(it: &Collected) -> String {
    let verb = if it.dry_run { "would drop" } else { "dropped" };
    format!("{verb} {} and {}, {}\n", count(it.segments, "segment"), count(it.runs, "run"), bytes(it.bytes))
}
