//! What the shape of a relation alone says of its rows: where they come from, and that some are found at most once.
//!
//! A join that looks something up by a key with one row each keeps the rows of its left side as they are: their
//! columns are carried, and where nothing is taken from the right there is no join at all.

use std::collections::BTreeSet;

use crate::expr::Expr;
use crate::relation::{Join, Pick, Relation};

impl Relation {
    /// The inputs whose rows become the rows of this relation, one for one or fewer.
    pub fn rows_of(&self) -> BTreeSet<usize> {
        match self {
            Relation::Scan { input, .. } => BTreeSet::from([*input]),
            Relation::Project { from, .. } | Relation::Filter { from, .. } | Relation::Sort { from, .. } => {
                from.rows_of()
            }
            Relation::Union(parts) => parts.iter().flat_map(Relation::rows_of).collect(),
            Relation::Join(it) => it.left.rows_of(),
            Relation::Consolidate(it) => it.from.rows_of(),
            Relation::Explode(it) => it.from.rows_of(),
            Relation::Apply(it) => it.from.first().map(Relation::rows_of).unwrap_or_default(),
            Relation::Aggregate(it) => it.from.rows_of(),
            Relation::Window(it) => it.from.rows_of(),
        }
    }

    /// Whether no two rows have the same value in this column, whatever the inputs hold.
    pub(super) fn is_unique(&self, column: &str) -> bool {
        match self {
            Relation::Scan { .. } | Relation::Union(_) | Relation::Explode(_) => false,
            Relation::Project { from, columns } => columns
                .iter()
                .any(|(name, it)| matches!(it, Expr::Column(beneath) if name == column && from.is_unique(beneath))),
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.is_unique(column),
            Relation::Join(it) => {
                it.take_left.iter().any(|name| name == column) && it.finds_one() && it.left.is_unique(column)
            }
            Relation::Consolidate(it) => it.picks.iter().any(|(name, pick)| name == column && *pick == Pick::Key),
            Relation::Apply(it) => it.is_unique(column),
            Relation::Window(it) => !it.makes(column) && it.from.is_unique(column),
            Relation::Aggregate(it) => it.by.len() == 1 && it.keys.iter().any(|key| key == column),
        }
    }
}

impl Join {
    /// Whether every row of the left comes out exactly once: it is kept, and finds one row at most.
    pub(super) fn keeps_left(&self) -> bool {
        self.outer && self.finds_one()
    }

    /// Whether none of these columns is of the right side.
    pub(super) fn takes_left_alone(&self, wanted: &BTreeSet<&str>) -> bool {
        self.matched.as_deref().is_none_or(|it| !wanted.contains(it))
            && self.take_right.iter().all(|(_, here)| !wanted.contains(here.as_str()))
    }

    /// Whether a row of the left finds one of the right at most.
    pub(super) fn finds_one(&self) -> bool {
        self.is_of_one_row()
            || matches!(self.on.as_slice(), [pairs] if pairs.iter().any(|(_, there)| self.right.is_unique(there)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Column, Schema, Type};
    use crate::relation::Consolidate;

    fn lookup(outer: bool, unique: bool) -> Relation {
        let schema: Schema = ["k", "a"].into_iter().map(|it| Column::new(it, Type::Text)).collect();
        let right = match unique {
            true => Relation::Consolidate(Box::new(Consolidate {
                from: Relation::scan(1, &schema),
                key: "k".to_owned(),
                rank: Vec::new(),
                picks: vec![("k".to_owned(), Pick::Key), ("a".to_owned(), Pick::Rows)],
            })),
            false => Relation::scan(1, &schema),
        };
        let pair = |it: &str| (it.to_owned(), it.to_owned());
        Relation::Join(Box::new(Join {
            left: Relation::scan(0, &schema),
            right,
            on: vec![vec![pair("k")]],
            outer,
            take_left: vec!["k".to_owned(), "a".to_owned()],
            take_right: vec![("a".to_owned(), "found".to_owned())],
            matched: None,
        }))
    }

    #[test]
    fn what_is_looked_up_leaves_the_rest_alone() {
        let check = |outer, unique, expected: bool| {
            let relation = lookup(outer, unique);
            let wanted = BTreeSet::from(["a"]);
            let alone = relation.prune(&wanted).reads().keys().eq([&0]);
            assert_eq!(relation.carried("a").is_some(), expected, "outer {outer}, unique {unique}");
            assert_eq!(alone, expected, "outer {outer}, unique {unique}");
            assert_eq!(relation.carried("found"), None);
            assert!(relation.prune(&BTreeSet::from(["found"])).reads().contains_key(&1));
        };
        check(true, true, true);
        check(true, false, false);
        check(false, true, false);
        check(false, false, false);
    }

    #[test]
    fn rows_are_those_of_the_left() {
        let relation = lookup(true, true);
        assert_eq!(relation.rows_of(), BTreeSet::from([0]));
        let both = Relation::Union(vec![relation, lookup(false, false).filter(Expr::column("k"))]);
        assert_eq!(both.rows_of(), BTreeSet::from([0]));
    }
}
