//! The pages that were written.

use crate::answers::docs::Written;
use crate::show::{count, line};

/// A line for each pipeline.
pub(crate) fn written(all: &[Written]) -> String {
    let one = |it: &Written| format!("{}  {}, {}\n", line(&it.path), count(it.pages as u64, "page"), lower(&it.words));
    all.iter().map(one).collect()
}

fn lower(text: &str) -> String {
    let mut letters = text.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |it| it.to_lowercase().chain(letters).collect())
}
