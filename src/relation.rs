//! The relational algebra in which step kinds say what they make.
//!
//! From one value come the output schema, the columns read (so the key), column lineage and the SQL.
//! A relation can be [pruned](Relation::prune) to some of its columns; what a pruned relation reads is exactly what
//! those columns depend on, which is how one column of a table is made again without the others.
//!
//! Every relation has a total row order that depends on its inputs alone: scans keep the order of their table, unions
//! go part by part, joins by left row then right row, survivors by key, sorts break ties by the order beneath.

pub mod number;
pub mod sql;
pub mod trace;
mod unique;
pub mod unnest;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Hasher};
use crate::expr::functions::{Function, Spelling};
use crate::expr::{Expr, Mistake};
use crate::model::{Class, Column, Schema, Type};
use crate::relation::number::Number;
use crate::relation::unnest::Unnest;

/// A table as computed from input tables.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Relation {
    /// Columns of an input table.
    Scan {
        /// Which input of the step.
        input: usize,
        /// Which of its columns, in order.
        columns: Vec<String>,
    },
    /// Row by row: columns computed from the columns beneath.
    Project {
        /// The table beneath.
        from: Box<Relation>,
        /// Output columns, in order.
        columns: Vec<(String, Expr)>,
    },
    /// The rows for which a condition is true.
    Filter {
        /// The table beneath.
        from: Box<Relation>,
        /// The condition.
        keep: Expr,
    },
    /// All rows in another order.
    Sort {
        /// The table beneath.
        from: Box<Relation>,
        /// What decides, first to last.
        by: Vec<By>,
    },
    /// The rows of each part, one part after the other. All parts have the same columns.
    Union(Vec<Relation>),
    /// Rows of two tables that belong together.
    Join(Box<Join>),
    /// One row for each key, made of the rows that share it.
    Survive(Box<Survive>),
    /// Several rows of one: an item of each of its lists a row.
    Unnest(Box<Unnest>),
    /// The same rows, each with its position.
    Number(Box<Number>),
}

/// An ordering by one expression; nulls come last either way.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct By {
    /// What is compared.
    pub expr: Expr,
    /// Greatest first.
    pub descending: bool,
}

/// Every row of `left`, with the rows of `right` that belong to it.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Join {
    /// The table whose rows are all kept.
    pub left: Relation,
    /// The table whose rows are looked for.
    pub right: Relation,
    /// Conditions in order: a right row takes the first one that finds it a left row. Pairs of column names.
    pub on: Vec<Vec<(String, String)>>,
    /// Keeps left rows without a match.
    pub outer: bool,
    /// Output columns taken from the left.
    pub take_left: Vec<String>,
    /// Output columns taken from the right: name there, name here.
    pub take_right: Vec<(String, String)>,
    /// Output column that tells which condition matched (from 1), null for none.
    pub matched: Option<String>,
}

/// Consolidation of the rows that share a key.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Survive {
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
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
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
    /// All distinct values, best first, joined.
    All {
        /// The column beneath.
        column: String,
        /// Stands between two values.
        separator: String,
    },
    /// All distinct values in their own order, joined.
    Sorted {
        /// The column beneath.
        column: String,
        /// Stands between two values.
        separator: String,
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

/// The part of a position: rows of part `p` have positions from `p << PART_SHIFT`.
pub const PART_SHIFT: u32 = 40;

impl Relation {
    /// All columns of an input.
    pub fn scan(input: usize, schema: &Schema) -> Relation {
        Relation::Scan { input, columns: schema.names().map(str::to_owned).collect() }
    }

    /// Columns computed from the rows of this relation.
    pub fn project(self, columns: Vec<(String, Expr)>) -> Relation {
        Relation::Project { from: Box::new(self), columns }
    }

    /// The rows of this relation for which `keep` is true.
    pub fn filter(self, keep: Expr) -> Relation {
        Relation::Filter { from: Box::new(self), keep }
    }

    /// Names of the output columns, in order.
    pub fn columns(&self) -> Vec<&str> {
        match self {
            Relation::Scan { columns, .. } => columns.iter().map(String::as_str).collect(),
            Relation::Project { columns, .. } => columns.iter().map(|(name, _)| name.as_str()).collect(),
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.columns(),
            Relation::Union(parts) => parts.first().map(Relation::columns).unwrap_or_default(),
            Relation::Join(it) => {
                let left = it.take_left.iter().map(String::as_str);
                let right = it.take_right.iter().map(|(_, name)| name.as_str());
                left.chain(right).chain(it.matched.as_deref()).collect()
            }
            Relation::Survive(it) => it.picks.iter().map(|(name, _)| name.as_str()).collect(),
            Relation::Unnest(it) => it.columns().collect(),
            Relation::Number(it) => it.columns(),
        }
    }

    /// The output columns with their types and classes, or the first mistake.
    pub fn schema(&self, inputs: &[&Schema]) -> Result<Schema, Mistake> {
        match self {
            Relation::Scan { input, columns } => columns
                .iter()
                .map(|name| inputs[*input].get(name).cloned().ok_or_else(|| Mistake::NoColumn(name.clone())))
                .collect(),
            Relation::Project { from, columns } => {
                let beneath = from.schema(inputs)?;
                columns
                    .iter()
                    .map(|(name, expr)| Ok(Column::new(name, expr.ty(&beneath)?).classed(class_of(expr, &beneath))))
                    .collect()
            }
            Relation::Filter { from, keep } => {
                let beneath = from.schema(inputs)?;
                match keep.ty(&beneath)? {
                    Type::Boolean => Ok(beneath),
                    got => {
                        let (function, takes) = ("where".to_owned(), "a condition".to_owned());
                        Err(Mistake::WrongType { function, takes, got })
                    }
                }
            }
            Relation::Sort { from, by } => {
                let beneath = from.schema(inputs)?;
                for it in by {
                    it.expr.ty(&beneath)?;
                }
                Ok(beneath)
            }
            Relation::Union(parts) => union_schema(parts, inputs),
            Relation::Join(it) => it.schema(inputs),
            Relation::Survive(it) => it.schema(inputs),
            Relation::Unnest(it) => it.schema(inputs),
            Relation::Number(it) => it.schema(inputs),
        }
    }

    /// The same rows in the same order with only the columns in `wanted`, reading no more than they need.
    pub fn prune(&self, wanted: &BTreeSet<&str>) -> Relation {
        match self {
            Relation::Scan { input, columns } => Relation::Scan { input: *input, columns: only(columns, wanted) },
            Relation::Project { from, columns } => {
                let columns: Vec<_> =
                    columns.iter().filter(|(name, _)| wanted.contains(name.as_str())).cloned().collect();
                let mut needed = BTreeSet::new();
                columns.iter().for_each(|(_, expr)| expr.columns(&mut needed));
                Relation::Project { from: Box::new(from.prune(&needed)), columns }
            }
            Relation::Filter { from, keep } => {
                let mut needed = wanted.clone();
                keep.columns(&mut needed);
                Relation::Filter { from: Box::new(from.prune(&needed)), keep: keep.clone() }.exactly(wanted)
            }
            Relation::Sort { from, by } => {
                let mut needed = wanted.clone();
                by.iter().for_each(|it| it.expr.columns(&mut needed));
                Relation::Sort { from: Box::new(from.prune(&needed)), by: by.clone() }.exactly(wanted)
            }
            Relation::Union(parts) => Relation::Union(parts.iter().map(|it| it.prune(wanted)).collect()),
            // Whoever wants nothing of the right side needs no join where it neither adds nor drops rows.
            Relation::Join(it) if it.keeps_left() && it.takes_left_alone(wanted) => it.left.prune(wanted),
            Relation::Join(it) => Relation::Join(Box::new(it.prune(wanted))),
            Relation::Survive(it) => Relation::Survive(Box::new(it.prune(wanted))),
            Relation::Unnest(it) => Relation::Unnest(Box::new(it.prune(wanted))),
            Relation::Number(it) => it.prune(wanted),
        }
    }

    /// Drops columns that were only needed beneath.
    fn exactly(self, wanted: &BTreeSet<&str>) -> Relation {
        let extra = self.columns().iter().any(|it| !wanted.contains(it));
        if !extra {
            return self;
        }
        let columns = self.columns().into_iter().filter(|it| wanted.contains(it));
        let columns = columns.map(|it| (it.to_owned(), Expr::column(it))).collect();
        self.project(columns)
    }

    /// What is read of each input: column names, sorted. Inputs of which only the row count matters are there too.
    pub fn reads(&self) -> BTreeMap<usize, BTreeSet<&str>> {
        let mut acc = BTreeMap::new();
        self.visit_scans(&mut |input, columns| {
            acc.entry(input).or_insert_with(BTreeSet::new).extend(columns.iter().map(String::as_str));
        });
        acc
    }

    fn visit_scans<'a>(&'a self, visit: &mut impl FnMut(usize, &'a [String])) {
        match self {
            Relation::Scan { input, columns } => visit(*input, columns),
            Relation::Project { from, .. } | Relation::Filter { from, .. } | Relation::Sort { from, .. } => {
                from.visit_scans(visit);
            }
            Relation::Union(parts) => parts.iter().for_each(|it| it.visit_scans(visit)),
            Relation::Join(it) => {
                it.left.visit_scans(visit);
                it.right.visit_scans(visit);
            }
            Relation::Survive(it) => it.from.visit_scans(visit),
            Relation::Unnest(it) => it.from.visit_scans(visit),
            Relation::Number(it) => it.from.visit_scans(visit),
        }
    }

    /// The input column that this output column *is*, row for row: such a column is carried and never stored again.
    pub fn carried(&self, column: &str) -> Option<(usize, &str)> {
        match self {
            Relation::Scan { input, columns } => {
                columns.iter().find(|it| *it == column).map(|it| (*input, it.as_str()))
            }
            Relation::Project { from, columns } => match columns.iter().find(|(name, _)| name == column) {
                Some((_, Expr::Column(beneath))) => from.carried(beneath),
                _ => None,
            },
            Relation::Join(it) if it.keeps_left() && it.take_left.iter().any(|it| it == column) => {
                it.left.carried(column)
            }
            _ => None,
        }
    }

    /// The input column whose value this output column shows in every row, whichever rows there are and in whatever
    /// order.
    pub fn follows(&self, column: &str) -> Option<(usize, &str)> {
        match self {
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.follows(column),
            Relation::Project { from, columns } => match columns.iter().find(|(name, _)| name == column) {
                Some((_, Expr::Column(beneath))) => from.follows(beneath),
                _ => None,
            },
            _ => self.carried(column),
        }
    }

    /// The expression over one row that makes this output column, if one does.
    pub fn expr_of(&self, column: &str) -> Option<&Expr> {
        match self {
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.expr_of(column),
            Relation::Project { columns, .. } => columns.iter().find(|(name, _)| name == column).map(|(_, it)| it),
            _ => None,
        }
    }

    /// The input columns whose values can reach this output column: column lineage, without what only picks rows.
    pub fn lineage(&self, column: &str) -> BTreeSet<(usize, &str)> {
        let mut acc = BTreeSet::new();
        self.reached(column, &mut acc);
        acc
    }

    fn reached<'a>(&'a self, column: &str, acc: &mut BTreeSet<(usize, &'a str)>) {
        match self {
            Relation::Scan { input, columns } => {
                acc.extend(columns.iter().filter(|it| *it == column).map(|it| (*input, it.as_str())));
            }
            Relation::Project { from, columns } => {
                let mut needed = BTreeSet::new();
                columns.iter().filter(|(name, _)| name == column).for_each(|(_, it)| it.columns(&mut needed));
                needed.into_iter().for_each(|it| from.reached(it, acc));
            }
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.reached(column, acc),
            Relation::Union(parts) => parts.iter().for_each(|it| it.reached(column, acc)),
            Relation::Join(it) => match it.take_right.iter().find(|(_, name)| name == column) {
                Some((beneath, _)) => it.right.reached(beneath, acc),
                None => it.left.reached(column, acc),
            },
            Relation::Survive(it) => {
                if let Some((_, pick)) = it.picks.iter().find(|(name, _)| name == column) {
                    let beneath = pick.column().unwrap_or(&it.key);
                    it.from.reached(beneath, acc);
                }
            }
            Relation::Unnest(it) => it.beneath(column).into_iter().for_each(|beneath| it.from.reached(beneath, acc)),
            Relation::Number(it) => it.from.reached(column, acc),
        }
    }

    /// The digest of what is done, free of what it is done to. Covers the revision of every value function in it.
    pub fn recipe(&self) -> Digest {
        let mut hasher = Hasher::new("hotpass relation v1");
        serde_json::to_writer(&mut hasher, self).expect("a relation is plain data");
        self.visit_exprs(&mut |expr| hash_revisions(expr, &mut hasher));
        hasher.finish()
    }

    fn visit_exprs(&self, visit: &mut impl FnMut(&Expr)) {
        match self {
            Relation::Scan { .. } => (),
            Relation::Project { from, columns } => {
                columns.iter().for_each(|(_, it)| visit(it));
                from.visit_exprs(visit);
            }
            Relation::Filter { from, keep } => {
                visit(keep);
                from.visit_exprs(visit);
            }
            Relation::Sort { from, by } => {
                by.iter().for_each(|it| visit(&it.expr));
                from.visit_exprs(visit);
            }
            Relation::Union(parts) => parts.iter().for_each(|it| it.visit_exprs(visit)),
            Relation::Join(it) => {
                it.left.visit_exprs(visit);
                it.right.visit_exprs(visit);
            }
            Relation::Survive(it) => {
                it.picks.iter().flat_map(|(_, it)| it.prefer()).chain(&it.rank).for_each(|it| visit(&it.expr));
                it.from.visit_exprs(visit);
            }
            Relation::Unnest(it) => {
                it.exprs().for_each(&mut *visit);
                it.from.visit_exprs(visit);
            }
            Relation::Number(it) => it.from.visit_exprs(visit),
        }
    }
}

impl Join {
    fn schema(&self, inputs: &[&Schema]) -> Result<Schema, Mistake> {
        let left = self.left.schema(inputs)?;
        let right = self.right.schema(inputs)?;
        let find =
            |schema: &Schema, name: &str| schema.get(name).cloned().ok_or_else(|| Mistake::NoColumn(name.to_owned()));
        for (a, b) in self.on.iter().flatten() {
            let (a, b) = (find(&left, a)?, find(&right, b)?);
            crate::expr::common(Some(a.ty), Some(b.ty))?;
        }
        let mut columns = Vec::new();
        for name in &self.take_left {
            columns.push(find(&left, name)?);
        }
        for (name, here) in &self.take_right {
            let column = find(&right, name)?;
            columns.push(Column { name: here.clone(), ..column });
        }
        columns.extend(self.matched.iter().map(|it| Column::new(it, Type::Integer)));
        Ok(Schema { columns })
    }

    fn prune(&self, wanted: &BTreeSet<&str>) -> Join {
        let take_left = only(&self.take_left, wanted);
        let take_right: Vec<_> =
            self.take_right.iter().filter(|(_, here)| wanted.contains(here.as_str())).cloned().collect();
        let keys = || self.on.iter().flatten();
        let left_needs = take_left.iter().map(String::as_str).chain(keys().map(|(a, _)| a.as_str())).collect();
        let right_needs = take_right.iter().map(|(it, _)| it.as_str()).chain(keys().map(|(_, b)| b.as_str())).collect();
        Join {
            left: self.left.prune(&left_needs),
            right: self.right.prune(&right_needs),
            on: self.on.clone(),
            outer: self.outer,
            matched: self.matched.clone().filter(|it| wanted.contains(it.as_str())),
            take_left,
            take_right,
        }
    }
}

impl Survive {
    fn schema(&self, inputs: &[&Schema]) -> Result<Schema, Mistake> {
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
                    Pick::Distinct(column) | Pick::Filled(column) => {
                        find(column)?;
                        Column::new(name, Type::Integer)
                    }
                    Pick::Position { .. } | Pick::Rows => Column::new(name, Type::Integer),
                })
            })
            .collect()
    }

    fn prune(&self, wanted: &BTreeSet<&str>) -> Survive {
        let picks: Vec<_> = self.picks.iter().filter(|(name, _)| wanted.contains(name.as_str())).cloned().collect();
        let rank = if picks.iter().any(|(_, it)| it.is_ranked()) { self.rank.clone() } else { Vec::new() };
        let mut needed = BTreeSet::from([self.key.as_str()]);
        for by in rank.iter().chain(picks.iter().flat_map(|(_, it)| it.prefer())) {
            by.expr.columns(&mut needed);
        }
        needed.extend(picks.iter().filter_map(|(_, it)| it.column()));
        let from = self.from.prune(&needed);
        Survive { from, key: self.key.clone(), rank, picks }
    }
}

impl Pick {
    /// The column beneath whose values it takes.
    pub fn column(&self) -> Option<&str> {
        match self {
            Pick::Key | Pick::Rows | Pick::Position { column: None, .. } => None,
            Pick::First { column, .. }
            | Pick::Of { column, .. }
            | Pick::Position { column: Some(column), .. }
            | Pick::All { column, .. }
            | Pick::Sorted { column, .. }
            | Pick::Least(column)
            | Pick::Greatest(column)
            | Pick::Filled(column)
            | Pick::Distinct(column) => Some(column),
        }
    }

    /// What ranks before the common rank.
    pub fn prefer(&self) -> &[By] {
        match self {
            Pick::First { prefer, .. } | Pick::Of { prefer, .. } | Pick::Position { prefer, .. } => prefer,
            _ => &[],
        }
    }

    fn is_ranked(&self) -> bool {
        matches!(self, Pick::First { .. } | Pick::Of { .. } | Pick::Position { .. } | Pick::All { .. })
    }
}

fn only(columns: &[String], wanted: &BTreeSet<&str>) -> Vec<String> {
    columns.iter().filter(|it| wanted.contains(it.as_str())).cloned().collect()
}

fn union_schema(parts: &[Relation], inputs: &[&Schema]) -> Result<Schema, Mistake> {
    let mut joint: Option<Schema> = None;
    for part in parts {
        let schema = part.schema(inputs)?;
        joint = Some(match joint {
            None => schema,
            Some(joint) => joint
                .columns
                .into_iter()
                .zip(schema.columns)
                .map(|(a, b)| {
                    let ty = crate::expr::common(Some(a.ty), Some(b.ty))?.unwrap_or(a.ty);
                    Ok(Column { ty, class: a.class.max(b.class), name: a.name })
                })
                .collect::<Result<_, _>>()?,
        });
    }
    Ok(joint.unwrap_or_default())
}

/// A value computed from personal data is personal, unless all it tells is true or false.
pub fn class_of(expr: &Expr, schema: &Schema) -> Class {
    match expr {
        Expr::Column(name) => schema.get(name).map_or(Class::Open, |it| it.class),
        Expr::Literal(_) => Class::Open,
        Expr::Cast(value, _) => class_of(value, schema),
        Expr::Case(branches, otherwise) => {
            let values = branches.iter().map(|(_, then)| then).chain(otherwise.as_deref());
            values.map(|it| class_of(it, schema)).max().unwrap_or_default()
        }
        Expr::Call(..) if expr.ty(schema) == Ok(Type::Boolean) => Class::Open,
        Expr::Call(_, arguments) => arguments.iter().map(|it| class_of(it, schema)).max().unwrap_or_default(),
    }
}

fn hash_revisions(expr: &Expr, hasher: &mut Hasher) {
    match expr {
        Expr::Column(_) | Expr::Literal(_) => (),
        Expr::Call(name, arguments) => {
            match Function::get(name).map(|it| it.spelling) {
                Some(Spelling::Value(revision)) => {
                    hasher.text(name).number(u64::from(revision));
                }
                // It gave the empty text for nothing once.
                Some(Spelling::Part(_)) => {
                    hasher.text(name).number(2);
                }
                _ => (),
            }
            arguments.iter().for_each(|it| hash_revisions(it, hasher));
        }
        Expr::Case(branches, otherwise) => {
            for (when, then) in branches {
                hash_revisions(when, hasher);
                hash_revisions(then, hasher);
            }
            otherwise.iter().for_each(|it| hash_revisions(it, hasher));
        }
        Expr::Cast(value, _) => hash_revisions(value, hasher),
    }
}
