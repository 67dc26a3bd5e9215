//! Origins of what an operator makes: of the same rows, those of the cells beside it; of others, those of the cells in
//! the rows whose ordinals the operator tells.

use std::collections::BTreeSet;

use super::{Tracer, bound, joined, nothing, of, origins};
use crate::expr::Expr;
use crate::relation::apply::Apply;
use crate::relation::operator::Rows;
use crate::relation::row_number::numbered;
use crate::relation::{Join, Relation};

/// Ordinals of the rows beneath.
const ORDINAL: &str = "_ordinal";

impl Tracer<'_> {
    pub(super) fn apply(&self, apply: &Apply, wanted: &BTreeSet<&str>) -> Relation {
        let traced = match apply.op.rows() {
            Rows::Same => self.same(apply, wanted),
            Rows::Other => self.others(apply, wanted),
        };
        nothing(traced, wanted)
    }

    fn same(&self, apply: &Apply, wanted: &BTreeSet<&str>) -> Relation {
        let kept: BTreeSet<&str> = apply.keep.iter().map(String::as_str).filter(|it| wanted.contains(it)).collect();
        let made = apply.take.iter().filter(|it| wanted.contains(it.as_str()));
        let made = made.map(|it| (it.as_str(), apply.op.lineage(it).into_iter().next().unwrap_or_default()));
        let made: Vec<(&str, BTreeSet<&str>)> = made.collect();
        let beneath: BTreeSet<&str> = kept.iter().chain(made.iter().flat_map(|(_, read)| read)).copied().collect();
        let mut traced = apply.clone();
        if let Some(first) = traced.from.first_mut() {
            *first = self.relation(first, &beneath);
        }
        traced.keep.extend(beneath.iter().map(|it| origins(it)));
        let told = made.into_iter().map(|(name, read)| (origins(name), self.made(name, read.into_iter().map(of))));
        let kept = kept.iter().map(|it| (origins(it), of(it)));
        let columns = same(apply).chain(kept).chain(told).collect();
        Relation::Apply(Box::new(traced)).project(columns)
    }

    fn others(&self, apply: &Apply, wanted: &BTreeSet<&str>) -> Relation {
        // For each way to rows beneath, the input, the column that tells the ordinal, and the columns of those rows.
        let mut ways: Vec<(usize, &str, BTreeSet<&str>)> = Vec::new();
        let mut made: Vec<(&str, Vec<Expr>)> = Vec::new();
        for name in apply.take.iter().filter(|it| wanted.contains(it.as_str())) {
            let lineage = apply.op.lineage(name);
            let mut told = Vec::new();
            for (input, ordinal) in apply.op.origins(name) {
                let (Some(read), true) = (lineage.get(input), input < apply.from.len()) else { continue };
                let known = ways.iter().position(|(it, at, _)| (*it, *at) == (input, ordinal));
                let way = known.unwrap_or_else(|| {
                    ways.push((input, ordinal, BTreeSet::new()));
                    ways.len() - 1
                });
                ways[way].2.extend(read);
                told.extend(read.iter().map(|it| Expr::column(along(way, it))));
            }
            made.push((name, told));
        }
        let mut traced = apply.clone();
        let missing = ways.iter().map(|(_, ordinal, _)| (*ordinal).to_owned());
        let missing: BTreeSet<String> = missing.filter(|it| !apply.take.contains(it)).collect();
        traced.take.extend(missing);
        let mut rows = Relation::Apply(Box::new(traced));
        for (way, (input, ordinal, read)) in ways.iter().enumerate() {
            // From here on a row has no coordinates of its own.
            let beneath = bound(self.relation(&apply.from[*input], read), read, false);
            rows = Relation::Join(Box::new(Join {
                take_left: rows.columns().into_iter().map(str::to_owned).collect(),
                left: rows,
                right: numbered(beneath, ORDINAL),
                on: vec![vec![((*ordinal).to_owned(), ORDINAL.to_owned())]],
                outer: true,
                take_right: read.iter().map(|it| (origins(it), along(way, it))).collect(),
                matched: None,
            }));
        }
        let told = made.into_iter().map(|(name, of)| (origins(name), self.made(name, of.into_iter())));
        rows.project(same(apply).chain(told).collect())
    }

    /// The origins of a value that was made of these; a constant where there are none.
    fn made(&self, column: &str, of: impl Iterator<Item = Expr>) -> Expr {
        let value = joined(of.collect());
        match self.constant {
            Some(constant) => Expr::call("coalesce", [value, Expr::text(constant(column))]),
            None => value,
        }
    }
}

fn same(apply: &Apply) -> impl Iterator<Item = (String, Expr)> {
    apply.columns().map(|it| (it.to_owned(), Expr::column(it)))
}

/// The name of the origins of a column of the rows that a way leads to.
fn along(way: usize, column: &str) -> String {
    format!("_of:{way}:{column}")
}
