//! What a step that finds rows that are one estimates of its whole answer. It stands in hidden columns, the same in every
//! row, so that expectations can be held against it wherever the rows are carried on.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array};

use crate::linkage::{Pair, Verdict};
use crate::model::{Column, Type};
use crate::steps::matching::Found;

/// The expected share of true pairs among those that are called one.
pub const ESTIMATED_PRECISION: &str = "_estimated_precision";
/// The expected share of true pairs that are called one.
pub const ESTIMATED_RECALL: &str = "_estimated_recall";
/// How many pairs are worth a look and are not decided.
pub const REVIEW_OPEN: &str = "_review_open";

pub(super) const ALL: [&str; 3] = [ESTIMATED_PRECISION, ESTIMATED_RECALL, REVIEW_OPEN];

/// The estimates of one answer.
#[derive(Clone, Copy)]
pub(super) struct Estimates {
    precision: f64,
    recall: f64,
    open: u64,
}

impl Estimates {
    pub(super) fn of(found: &Found<'_>) -> Estimates {
        let [precision, recall] = [found.found.precision, found.found.recall].map(shown);
        Estimates { precision, recall, open: open(found) }
    }

    /// The column of so many rows; nothing for a name that is not one of [`ALL`].
    pub(super) fn array(&self, name: &str, rows: usize) -> Option<ArrayRef> {
        let share = |it: f64| Arc::new(Float64Array::from(vec![it; rows])) as ArrayRef;
        match name {
            ESTIMATED_PRECISION => Some(share(self.precision)),
            ESTIMATED_RECALL => Some(share(self.recall)),
            REVIEW_OPEN => Some(Arc::new(Int64Array::from(vec![i64::try_from(self.open).unwrap_or(i64::MAX); rows]))),
            _ => None,
        }
    }
}

/// The declared columns.
pub(super) fn columns() -> impl Iterator<Item = Column> {
    let ty = |name: &str| if name == REVIEW_OPEN { Type::Integer } else { Type::Float };
    ALL.into_iter().map(move |name| Column::new(name, ty(name)))
}

/// Pairs that may be one, and that nobody has decided.
pub(super) fn open(found: &Found<'_>) -> u64 {
    let is_open = |it: &&Pair| it.verdict == Verdict::Review && found.decided.of((it.left, it.right)).is_none();
    found.found.pairs.iter().filter(is_open).count() as u64
}

/// As exact as anybody reads it, and never more than it is.
fn shown(share: f64) -> f64 {
    (share * 1e4 + 1e-6).floor() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_never_shown_as_more_than_it_is() {
        for (share, expected) in [(0.98, 0.98), (0.979_99, 0.9799), (1.0, 1.0), (0.0, 0.0), (0.999_999, 0.9999)] {
            assert_eq!(shown(share), expected);
        }
    }
}
