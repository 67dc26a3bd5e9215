//! An operator over tables: what [`Relation::Apply`] is.
//!
//! What is known of the node follows from what its operator says of itself: columns, types, what is read, lineage.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::expr::Mistake;
use crate::model::Schema;
use crate::relation::operator::{Op, Operator, Rows};
use crate::relation::{Relation, only};

/// The rows that an operator gives.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Apply {
    /// What is done.
    pub op: Op,
    /// The tables beneath, in the order in which the operator knows them.
    pub from: Vec<Relation>,
    /// Output columns that are columns of the first table, where its rows are the rows.
    pub keep: Vec<String>,
    /// Output columns that the operator makes.
    pub take: Vec<String>,
}

impl Relation {
    /// Whether an operator is in it that makes all of its columns [at once](Operator::at_once).
    pub fn is_at_once(&self) -> bool {
        let own = matches!(self, Relation::Apply(it) if it.op.at_once() && !it.take.is_empty());
        own || self.beneath().into_iter().any(Relation::is_at_once)
    }
}

impl Apply {
    /// All columns of the first table, if its rows are the rows, and beside them these that the operator makes.
    pub fn relation(operator: impl Operator + 'static, from: Vec<Relation>, take: &[&str]) -> Relation {
        let op = Op::new(operator);
        let kept = from.first().filter(|_| op.rows() == Rows::Same);
        let keep = kept.map(|it| it.columns().into_iter().map(str::to_owned).collect()).unwrap_or_default();
        let take = take.iter().map(|it| (*it).to_owned()).collect();
        Relation::Apply(Box::new(Apply { op, from, keep, take }))
    }

    /// Names of the output columns, in order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.keep.iter().chain(&self.take).map(String::as_str)
    }

    /// The columns that the operator makes, as asked of it.
    fn made(&self) -> BTreeSet<&str> {
        self.take.iter().map(String::as_str).collect()
    }

    /// For each table beneath, the columns that the operator reads to make what is taken.
    pub fn reads(&self) -> Vec<BTreeSet<&str>> {
        let mut reads = self.op.reads(&self.made());
        reads.resize(self.from.len(), BTreeSet::new());
        reads
    }

    pub(super) fn schema(&self, inputs: &[&Schema]) -> Result<Schema, Mistake> {
        let beneath = self.from.iter().map(|it| it.schema(inputs)).collect::<Result<Vec<_>, _>>()?;
        for (schema, names) in beneath.iter().zip(self.reads()) {
            if let Some(missing) = names.into_iter().find(|it| !schema.has(it)) {
                return Err(Mistake::NoColumn(missing.to_owned()));
            }
        }
        let made = self.op.schema(&beneath)?;
        let first = beneath.into_iter().next().unwrap_or_default();
        let of =
            |schema: &Schema, name: &String| schema.get(name).cloned().ok_or_else(|| Mistake::NoColumn(name.clone()));
        let kept = self.keep.iter().map(|it| of(&first, it));
        kept.chain(self.take.iter().map(|it| of(&made, it))).collect()
    }

    pub(super) fn prune(&self, wanted: &BTreeSet<&str>) -> Relation {
        let (keep, take) = (only(&self.keep, wanted), only(&self.take, wanted));
        if let (Rows::Same, true, Some(first)) = (self.op.rows(), take.is_empty(), self.from.first()) {
            return first.prune(wanted);
        }
        let mut pruned = Apply { op: self.op.clone(), from: Vec::new(), keep, take };
        let mut reads = self.op.reads(&pruned.made());
        reads.resize(self.from.len(), BTreeSet::new());
        if let Some(first) = reads.first_mut() {
            first.extend(self.keep.iter().map(String::as_str).filter(|it| wanted.contains(it)));
        }
        pruned.from = self.from.iter().zip(&reads).map(|(from, reads)| from.prune(reads)).collect();
        Relation::Apply(Box::new(pruned))
    }

    /// The table whose column this output column is, row for row.
    pub(super) fn kept(&self, column: &str) -> Option<&Relation> {
        self.from.first().filter(|_| self.keep.iter().any(|it| it == column))
    }

    /// For each table beneath, its columns whose values reach a column that the operator makes.
    pub(super) fn made_of(&self, column: &str) -> impl Iterator<Item = (&Relation, BTreeSet<&str>)> {
        let made = self.take.iter().find(|it| *it == column);
        made.into_iter().flat_map(|it| self.from.iter().zip(self.op.lineage(it)))
    }

    pub(super) fn is_unique(&self, column: &str) -> bool {
        match self.kept(column) {
            Some(first) => first.is_unique(column),
            None => self.op.is_unique(column),
        }
    }
}
