//! One row for each key: which row, or which values, of those that share it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{By, Relation, aggregate};
use crate::expr::Mistake;
use crate::expr::aggregate::Aggregate;
use crate::model::{Column, Schema, Type};

/// Consolidation of the rows that share a key.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Consolidate {
    /// The table beneath.
    pub from: Relation,
    /// Its key column; rows without a key make no record.
    pub key: String,
    /// Ranks rows of one key, best first; ties go to the earlier row.
    pub rank: Vec<By>,
    /// Output columns.
    pub picks: Vec<(String, Pick)>,
}

/// How a column of a surviving record is made.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Pick {
    /// The key.
    Key,
    /// The value of the best row that has one; `prefer` ranks before the common rank.
    First {
        /// The column beneath.
        column: String,
        /// Ranks before the common rank.
        prefer: Vec<By>,
    },
    /// The value in the best row, also when it is null; `prefer` ranks before the common rank.
    Of {
        /// The column beneath.
        column: String,
        /// Ranks before the common rank.
        prefer: Vec<By>,
    },
    /// The position of the row that [`Pick::First`] takes its value from: part of the union, then ordinal.
    Position {
        /// The column beneath; `None` for the best row whatever it holds.
        column: Option<String>,
        /// Ranks before the common rank.
        prefer: Vec<By>,
    },
    /// All distinct values, best first, joined; `prefer` ranks before the common rank.
    All {
        /// The column beneath.
        column: String,
        /// Stands between two values.
        separator: String,
        /// Ranks before the common rank.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        prefer: Vec<By>,
    },
    /// All distinct values in their own order, joined.
    Sorted {
        /// The column beneath.
        column: String,
        /// Stands between two values.
        separator: String,
    },
    /// What is made of all values, in the order of the rows.
    Made {
        /// The column beneath.
        column: String,
        /// What is made.
        function: Aggregate,
    },
    /// The least value.
    Least(String),
    /// The greatest value.
    Greatest(String),
    /// How many rows have a value.
    Filled(String),
    /// How many distinct values there are.
    Distinct(String),
    /// How many rows share the key.
    Rows,
}

/// The part of a position: rows of part `p` of a union have positions from `p << PART_SHIFT`, and those of a part that
/// is a union itself are counted each.
pub const PART_SHIFT: u32 = 40;

impl Consolidate {
    pub(super) fn schema(&self, inputs: &[&Schema]) -> Result<Schema, Mistake> {
        let beneath = self.from.schema(inputs)?;
        let find = |name: &str| beneath.get(name).ok_or_else(|| Mistake::NoColumn(name.to_owned()));
        let key = find(&self.key)?;
        let prefers = self.picks.iter().flat_map(|(_, pick)| pick.prefer());
        for it in self.rank.iter().chain(prefers) {
            it.expr.ty(&beneath)?;
        }
        self.picks
            .iter()
            .map(|(name, pick)| {
                Ok(match pick {
                    Pick::Key => Column { name: name.clone(), ..key.clone() },
                    Pick::First { column, .. }
                    | Pick::Of { column, .. }
                    | Pick::Least(column)
                    | Pick::Greatest(column) => Column { name: name.clone(), ..find(column)?.clone() },
                    Pick::All { column, .. } | Pick::Sorted { column, .. } => {
                        Column::new(name, Type::Text).classed(find(column)?.class)
                    }
                    Pick::Made { column, function } => aggregate::made(name, *function, Some(find(column)?))?,
                    Pick::Distinct(column) | Pick::Filled(column) => {
                        find(column)?;
                        Column::new(name, Type::Integer)
                    }
                    Pick::Position { .. } | Pick::Rows => Column::new(name, Type::Integer),
                })
            })
            .collect()
    }

    pub(super) fn prune(&self, wanted: &BTreeSet<&str>) -> Consolidate {
        let picks: Vec<_> = self.picks.iter().filter(|(name, _)| wanted.contains(name.as_str())).cloned().collect();
        let rank = if picks.iter().any(|(_, it)| it.is_ranked()) { self.rank.clone() } else { Vec::new() };
        let mut needed = BTreeSet::from([self.key.as_str()]);
        for by in rank.iter().chain(picks.iter().flat_map(|(_, it)| it.prefer())) {
            by.expr.columns(&mut needed);
        }
        needed.extend(picks.iter().filter_map(|(_, it)| it.column()));
        let from = self.from.prune(&needed);
        Consolidate { from, key: self.key.clone(), rank, picks }
    }
}

impl Pick {
    /// What ranks before the common rank, where the kind has that.
    pub(super) fn prefer_mut(&mut self) -> Option<&mut Vec<By>> {
        match self {
            Pick::First { prefer, .. }
            | Pick::Of { prefer, .. }
            | Pick::Position { prefer, .. }
            | Pick::All { prefer, .. } => Some(prefer),
            _ => None,
        }
    }

    /// The column beneath whose values it takes.
    pub fn column(&self) -> Option<&str> {
        match self {
            Pick::Key | Pick::Rows | Pick::Position { column: None, .. } => None,
            Pick::First { column, .. }
            | Pick::Of { column, .. }
            | Pick::Position { column: Some(column), .. }
            | Pick::All { column, .. }
            | Pick::Sorted { column, .. }
            | Pick::Made { column, .. }
            | Pick::Least(column)
            | Pick::Greatest(column)
            | Pick::Filled(column)
            | Pick::Distinct(column) => Some(column),
        }
    }

    /// What ranks before the common rank.
    pub fn prefer(&self) -> &[By] {
        match self {
            Pick::First { prefer, .. }
            | Pick::Of { prefer, .. }
            | Pick::Position { prefer, .. }
            | Pick::All { prefer, .. } => prefer,
            _ => &[],
        }
    }

    pub(super) fn is_ranked(&self) -> bool {
        match self {
            Pick::First { .. } | Pick::Of { .. } | Pick::Position { .. } | Pick::All { .. } => true,
            Pick::Made { function, .. } => function.is_ordered(),
            _ => false,
        }
    }
}
