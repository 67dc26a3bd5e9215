//! `hotpass link explain`: why two rows are one, or two. Values are masked as `show` masks them.

use serde::Serialize;

use super::{Step, refused};
use crate::escape::line;
use crate::model::MASK;
use crate::steps::asking::{Explained, ExplainedPair, Question};
use crate::workspace::failure::Failure;

/// Two rows, and what is known of them.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "link.pair")]
pub(crate) struct Pair {
    pub(crate) step: String,
    pub(crate) pair: Box<ExplainedPair>,
}

/// Why two rows are one, or two.
pub(crate) fn explain(step: &Step<'_>, left: &str, right: &str, unmasked: bool) -> Result<Pair, Failure> {
    let explained: Explained = step.ask(Question::Pair(left.to_owned(), right.to_owned()))?;
    let words = [left, right];
    let table = line(&step.rows().name.to_string());
    let mut pair = match explained {
        Explained::Pair(pair) => pair,
        Explained::OneRow => {
            let message = format!("both name the same row of `{table}`");
            return Err(refused(message, "name two rows: by key, by print, or `#N` for the N-th row".to_owned()));
        }
        Explained::NoRow(side) => {
            let message = format!("`{table}` has no row `{}`", line(words[side.min(1)]));
            let by = match step.learning.asks.key() {
                Some(key) => format!("by `{}`, ", line(key)),
                None => String::new(),
            };
            let help = format!("rows are named {by}by print, or `#N` for the N-th row: `hotpass show {table}`");
            return Err(refused(message, help));
        }
    };
    if !unmasked {
        masked(&mut pair, step);
    }
    Ok(Pair { step: step.name(), pair })
}

/// Takes personal values out.
fn masked(pair: &mut ExplainedPair, step: &Step<'_>) {
    for part in &mut pair.parts {
        let open = part.column.as_ref().is_none_or(|it| step.is_open(it));
        for value in [&mut part.left, &mut part.right] {
            if !open && value.is_some() {
                *value = Some(MASK.to_owned());
            }
        }
    }
    if step.learning.asks.key().is_some_and(|it| !step.is_open(it)) {
        let edges = pair.path.iter_mut().flat_map(|it| [&mut it.from, &mut it.to]);
        let decided = pair.decisions.iter_mut().flat_map(|it| [&mut it.left, &mut it.right]);
        for row in edges.chain(decided).chain([&mut pair.left, &mut pair.right]) {
            row.key = None;
        }
    }
}
