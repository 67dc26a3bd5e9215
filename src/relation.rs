//! The relational algebra in which step kinds say what they make.
//!
//! From one value come the output schema, the columns read (so the key), column lineage and the SQL.
//! A relation can be [pruned](Relation::prune) to some of its columns; what a pruned relation reads is exactly what
//! those columns depend on, which is how one column of a table is made again without the others.
//!
//! Every relation has a total row order that depends on its inputs alone: scans keep the order of their table, unions
//! go part by part, joins by left row then right row, survivors by key, sorts break ties by the order beneath.

pub mod aggregate;
pub mod apply;
pub mod aware;
mod consolidate;
pub mod explode;
pub mod forms;
mod join;
mod lettered;
pub mod level;
pub mod operator;
mod recipe;
pub mod row_number;
pub mod sql;
pub mod stacked;
pub mod trace;
mod unique;
mod unmarked;
pub mod window;
mod words;
pub mod written;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::expr::functions::DAY_OF_NUMBER;
use crate::expr::{Expr, Mistake};
use crate::model::{Column, KINDS, Named, Schema, Type};
use crate::relation::aggregate::Aggregate;
use crate::relation::apply::Apply;
use crate::relation::explode::Explode;
use crate::relation::window::Window;

pub use consolidate::{Consolidate, PART_SHIFT, Pick};
pub use join::Join;
pub use lettered::delivered;
pub use level::class_of;
pub use written::Written;

/// A table as computed from input tables.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Relation {
    /// Columns of an input table.
    Scan {
        /// Which input of the step.
        input: usize,
        /// Which of its columns, in order.
        columns: Named<String>,
    },
    /// Row by row: columns computed from the columns beneath.
    Project {
        /// The table beneath.
        from: Box<Relation>,
        /// Output columns, in order.
        columns: Named<(String, Expr)>,
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
    Consolidate(Box<Consolidate>),
    /// Several rows of one: an item of each of its lists a row.
    Explode(Box<Explode>),
    /// What an operator makes of whole tables.
    Apply(Box<Apply>),
    /// One row for each group of rows.
    Aggregate(Box<Aggregate>),
    /// The same rows, each with what is made of the rows around it.
    Window(Box<Window>),
}

/// An ordering by one expression; nulls come last either way.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct By {
    /// What is compared.
    pub expr: Expr,
    /// Greatest first.
    pub descending: bool,
}

impl Relation {
    /// All columns of an input.
    pub fn scan(input: usize, schema: &Schema) -> Relation {
        Relation::Scan { input, columns: schema.names().map(str::to_owned).collect() }
    }

    /// Columns computed from the rows of this relation.
    pub fn project(self, columns: Vec<(String, Expr)>) -> Relation {
        Relation::Project { from: Box::new(self), columns: columns.into() }
    }

    /// The rows of this relation for which `keep` is true.
    pub fn filter(self, keep: Expr) -> Relation {
        Relation::Filter { from: Box::new(self), keep }
    }

    /// Whether each row of it is made of one row of its one input and of nothing else.
    pub fn takes_row_by_row(&self) -> bool {
        match self {
            Relation::Scan { input, .. } => *input == 0,
            Relation::Project { from, .. } | Relation::Filter { from, .. } => from.takes_row_by_row(),
            _ => false,
        }
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
            Relation::Consolidate(it) => it.picks.iter().map(|(name, _)| name.as_str()).collect(),
            Relation::Explode(it) => it.columns().collect(),
            Relation::Apply(it) => it.columns().collect(),
            Relation::Aggregate(it) => it.columns().collect(),
            Relation::Window(it) => it.columns(),
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
            Relation::Consolidate(it) => it.schema(inputs),
            Relation::Explode(it) => it.schema(inputs),
            Relation::Apply(it) => it.schema(inputs),
            Relation::Aggregate(it) => it.schema(inputs),
            Relation::Window(it) => it.schema(inputs),
        }
    }

    /// The same rows in the same order with only the columns in `wanted`, reading no more than they need.
    pub fn prune(&self, wanted: &BTreeSet<&str>) -> Relation {
        match self {
            Relation::Scan { input, columns } => {
                Relation::Scan { input: *input, columns: only(columns, wanted).into() }
            }
            Relation::Project { from, columns } => {
                let columns: Named<_> =
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
            Relation::Consolidate(it) => Relation::Consolidate(Box::new(it.prune(wanted))),
            Relation::Explode(it) => Relation::Explode(Box::new(it.prune(wanted))),
            Relation::Apply(it) => it.prune(wanted),
            Relation::Aggregate(it) => Relation::Aggregate(Box::new(it.prune(wanted))),
            Relation::Window(it) => it.prune(wanted),
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

    /// The same relation with each relation directly beneath it replaced.
    ///
    /// # Errors
    ///
    /// The first error of `with`.
    pub fn over<E>(&self, with: &mut impl FnMut(&Relation) -> Result<Relation, E>) -> Result<Relation, E> {
        Ok(match self {
            Relation::Scan { .. } => self.clone(),
            Relation::Project { from, columns } => with(from)?.project(columns.to_vec()),
            Relation::Filter { from, keep } => with(from)?.filter(keep.clone()),
            Relation::Sort { from, by } => Relation::Sort { from: Box::new(with(from)?), by: by.clone() },
            Relation::Union(parts) => Relation::Union(parts.iter().map(with).collect::<Result<_, E>>()?),
            Relation::Join(it) => {
                let (left, right) = (with(&it.left)?, with(&it.right)?);
                Relation::Join(Box::new(Join { left, right, ..(**it).clone() }))
            }
            Relation::Consolidate(it) => {
                Relation::Consolidate(Box::new(Consolidate { from: with(&it.from)?, ..(**it).clone() }))
            }
            Relation::Explode(it) => Relation::Explode(Box::new(Explode { from: with(&it.from)?, ..(**it).clone() })),
            Relation::Apply(it) => {
                let from = it.from.iter().map(with).collect::<Result<_, E>>()?;
                Relation::Apply(Box::new(Apply { from, ..(**it).clone() }))
            }
            Relation::Aggregate(it) => {
                Relation::Aggregate(Box::new(Aggregate { from: with(&it.from)?, ..(**it).clone() }))
            }
            Relation::Window(it) => Relation::Window(Box::new(Window { from: with(&it.from)?, ..(**it).clone() })),
        })
    }

    /// The relations directly beneath, in order.
    fn beneath(&self) -> Vec<&Relation> {
        match self {
            Relation::Scan { .. } => Vec::new(),
            Relation::Project { from, .. } | Relation::Filter { from, .. } | Relation::Sort { from, .. } => vec![from],
            Relation::Union(parts) => parts.iter().collect(),
            Relation::Join(it) => vec![&it.left, &it.right],
            Relation::Consolidate(it) => vec![&it.from],
            Relation::Explode(it) => vec![&it.from],
            Relation::Apply(it) => it.from.iter().collect(),
            Relation::Aggregate(it) => vec![&it.from],
            Relation::Window(it) => vec![&it.from],
        }
    }

    fn visit_scans<'a>(&'a self, visit: &mut impl FnMut(usize, &'a [String])) {
        if let Relation::Scan { input, columns } = self {
            visit(*input, columns);
        }
        self.beneath().into_iter().for_each(|it| it.visit_scans(visit));
    }

    /// The input column that this output column *is*, row for row: such a column is carried and never stored again.
    pub fn carried(&self, column: &str) -> Option<(usize, &str)> {
        match self {
            Relation::Scan { input, columns } => columns.named(column).map(|it| (*input, it.as_str())),
            Relation::Project { from, columns } => match columns.named(column) {
                Some((_, Expr::Column(beneath))) => from.carried(beneath),
                _ => None,
            },
            Relation::Join(it) if it.keeps_left() && it.take_left.iter().any(|it| it == column) => {
                it.left.carried(column)
            }
            Relation::Apply(it) => it.kept(column)?.carried(column),
            Relation::Window(it) if !it.makes(column) => it.from.carried(column),
            _ => None,
        }
    }

    /// The input column whose value this output column shows in every row, whichever rows there are and in whatever
    /// order.
    pub fn follows(&self, column: &str) -> Option<(usize, &str)> {
        match self {
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.follows(column),
            Relation::Apply(it) => it.kept(column)?.follows(column),
            Relation::Project { from, columns } => match columns.named(column) {
                Some((_, Expr::Column(beneath))) => from.follows(beneath),
                _ => None,
            },
            _ => self.carried(column),
        }
    }

    /// The same, also where a join may repeat rows of its left side.
    pub fn repeats(&self, column: &str) -> Option<(usize, &str)> {
        match self {
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.repeats(column),
            Relation::Apply(it) => it.kept(column)?.repeats(column),
            Relation::Project { from, columns } => match columns.named(column) {
                Some((_, Expr::Column(beneath))) => from.repeats(beneath),
                _ => None,
            },
            Relation::Join(it) if it.take_left.iter().any(|it| it == column) => it.left.repeats(column),
            _ => self.carried(column),
        }
    }

    /// The input columns whose texts this output column shows: cleaned, chosen between or consolidated, but each as
    /// somebody wrote it.
    pub fn shown(&self, column: &str) -> BTreeSet<(usize, &str)> {
        let mut acc = BTreeSet::new();
        self.shows(column, &mut acc);
        acc
    }

    fn shows<'a>(&'a self, column: &str, acc: &mut BTreeSet<(usize, &'a str)>) {
        match self {
            Relation::Project { from, columns } => {
                let mut beneath = BTreeSet::new();
                columns.named(column).into_iter().for_each(|(_, it)| it.shows(&mut beneath));
                beneath.into_iter().for_each(|it| from.shows(it, acc));
            }
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.shows(column, acc),
            Relation::Union(parts) => parts.iter().for_each(|it| it.shows(column, acc)),
            Relation::Join(it) => match it.take_right.iter().find(|(_, name)| name == column) {
                Some((beneath, _)) => it.right.shows(beneath, acc),
                None => it.left.shows(column, acc),
            },
            Relation::Consolidate(it) => match it.picks.iter().find(|(name, _)| name == column).map(|(_, pick)| pick) {
                Some(Pick::Key) => it.from.shows(&it.key, acc),
                Some(
                    Pick::First { column, .. } | Pick::Of { column, .. } | Pick::Least(column) | Pick::Greatest(column),
                ) => it.from.shows(column, acc),
                _ => (),
            },
            Relation::Explode(it) => it.shows(column).into_iter().for_each(|beneath| it.from.shows(beneath, acc)),
            Relation::Apply(it) => it.kept(column).into_iter().for_each(|from| from.shows(column, acc)),
            Relation::Aggregate(it) => match it.calls.iter().find(|(name, _)| name == column) {
                Some((_, call)) if !call.shows_one() => (),
                _ => it.beneath(column).into_iter().for_each(|beneath| it.from.shows(beneath, acc)),
            },
            Relation::Window(it) => match it.calls.iter().find(|(name, _)| name == column) {
                Some((_, along)) if !along.call.shows_one() => (),
                _ => it.beneath(column).into_iter().for_each(|beneath| it.from.shows(beneath, acc)),
            },
            Relation::Scan { .. } => acc.extend(self.carried(column)),
        }
    }

    /// The expression over one row that makes this output column, if one does.
    pub fn expr_of(&self, column: &str) -> Option<&Expr> {
        match self {
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.expr_of(column),
            Relation::Project { from, columns } if is_lettered(columns) && column != KINDS => from.expr_of(column),
            Relation::Project { from, columns } => match columns.named(column) {
                Some((_, Expr::Column(beneath))) if beneath.starts_with(DERIVED) => from.expr_of(beneath),
                known => known.map(|(_, it)| it),
            },
            _ => None,
        }
    }

    /// The same for people to read: what all rows decide together (a join with one row) is a name for what it decides,
    /// and what is computed beneath has the name that it was declared with.
    pub fn shown_expr_of(&self, column: &str) -> Option<Expr> {
        match self {
            Relation::Project { from, columns } if is_lettered(columns) => return from.shown_expr_of(column),
            _ => (),
        }
        let expr = self.expr_of(column)?;
        let mut decided: BTreeSet<&str> = match self {
            Relation::Project { from, .. } => match &**from {
                Relation::Join(it) if it.is_of_one_row() => it.take_right.iter().map(|(_, it)| it.as_str()).collect(),
                _ => BTreeSet::new(),
            },
            _ => BTreeSet::new(),
        };
        decided.insert(KINDS);
        Some(named(expr, &decided).renamed(&|name| name.strip_prefix(DERIVED).map(str::to_owned)))
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
                // What cells were says how they are read, and is no value of them.
                let values = columns.iter().filter(|(name, _)| name == column && needed.contains(KINDS));
                let values: Vec<Expr> = values.map(|(_, it)| named(it, &BTreeSet::from([KINDS]))).collect();
                if let Some(values) = values.first() {
                    let mut read = BTreeSet::new();
                    values.columns(&mut read);
                    needed.retain(|it| read.contains(it));
                }
                needed.into_iter().for_each(|it| from.reached(it, acc));
            }
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.reached(column, acc),
            Relation::Union(parts) => parts.iter().for_each(|it| it.reached(column, acc)),
            Relation::Join(it) => match it.take_right.iter().find(|(_, name)| name == column) {
                // What is one for the whole table says how values are read, and is none of them.
                Some(_) if it.is_of_one_row() => (),
                Some((beneath, _)) => it.right.reached(beneath, acc),
                None => it.left.reached(column, acc),
            },
            Relation::Consolidate(it) => {
                if let Some((_, pick)) = it.picks.iter().find(|(name, _)| name == column) {
                    let beneath = pick.column().unwrap_or(&it.key);
                    it.from.reached(beneath, acc);
                }
            }
            Relation::Explode(it) => it.beneath(column).into_iter().for_each(|beneath| it.from.reached(beneath, acc)),
            Relation::Apply(it) => match it.kept(column) {
                Some(first) => first.reached(column, acc),
                None => it.made_of(column).for_each(|(from, names)| {
                    names.into_iter().for_each(|it| from.reached(it, acc));
                }),
            },
            Relation::Aggregate(it) => it.beneath(column).into_iter().for_each(|beneath| it.from.reached(beneath, acc)),
            Relation::Window(it) => it.beneath(column).into_iter().for_each(|beneath| it.from.reached(beneath, acc)),
        }
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

/// Whether these are the columns beneath, and beside them what their cells were.
fn is_lettered(columns: &Named<(String, Expr)>) -> bool {
    let is_letter = |name: &str| name == KINDS || name.starts_with(written::LETTER);
    let stays = |(name, it): &(String, Expr)| is_letter(name) || matches!(it, Expr::Column(it) if it == name);
    columns.iter().any(|(name, _)| name.starts_with(written::LETTER)) && columns.iter().all(stays)
        || !written::columns_of(columns).is_empty()
}

/// Stands before the name of a column that is computed beneath for those above it that name it.
pub const DERIVED: &str = "_derived:";

/// What stands for what the rows of a column decide together.
const AS_WRITTEN: &str = "as_written";

/// The expression with a name in the place of every `case` that asks for one of these columns.
fn named(expr: &Expr, decided: &BTreeSet<&str>) -> Expr {
    let mut read = BTreeSet::new();
    expr.columns(&mut read);
    match expr {
        _ if read.is_disjoint(decided) => expr.clone(),
        Expr::Call(name, arguments) => match arguments.as_slice() {
            [date, Expr::Call(function, _)] if function == DAY_OF_NUMBER => named(date, decided),
            _ => Expr::Call(name.clone(), arguments.iter().map(|it| named(it, decided)).collect()),
        },
        Expr::Cast(value, ty) => Expr::Cast(Box::new(named(value, decided)), *ty),
        Expr::Column(_) | Expr::Literal(_) | Expr::Case(..) => Expr::column(AS_WRITTEN),
    }
}
