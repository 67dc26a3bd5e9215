//! Rows out of lists: what [`Relation::Explode`] is.
//!
//! Lists of one row go side by side, item by item, as aligned columns do: the name, the number and the address of one
//! person stand at one place of three lists. Not here: what makes a list of a cell; that is an expression beneath.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::expr::{Expr, Mistake, common};
use crate::model::{Class, Column, Schema, Type};
use crate::relation::{Relation, class_of, only};

/// For every row beneath, one row for each place at which one of its lists has a value.
///
/// Rows come out in the order of the rows beneath, then of the places.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub struct Explode {
    /// The table beneath.
    pub from: Relation,
    /// All lists, by the names that their items have. All of them decide which rows there are.
    pub lists: Vec<(String, Items)>,
    /// Output columns that are columns beneath, the same in each row that comes of a row.
    pub keep: Vec<String>,
    /// Output columns that are items of lists.
    pub take: Vec<String>,
    /// Output column that tells the place in the lists, from 1.
    pub place: Option<String>,
    /// Keeps a row beneath whose lists have no value at all, as one row at place 1.
    pub outer: bool,
}

/// What is in a list.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize)]
pub enum Items {
    /// These values, null for an empty place.
    Each(Vec<Expr>),
    /// The parts of a text, without blanks around them; nothing but blanks is an empty place. Those of a list of JSON
    /// are its items, whatever the separator.
    #[serde(rename = "Split2")]
    Split {
        /// The text.
        text: Expr,
        /// Stands between two parts.
        separator: String,
    },
}

impl Items {
    /// The expressions over the table beneath.
    pub fn exprs(&self) -> &[Expr] {
        match self {
            Items::Each(all) => all,
            Items::Split { text, .. } => std::slice::from_ref(text),
        }
    }

    /// The same, to be told more.
    pub(super) fn exprs_mut(&mut self) -> &mut [Expr] {
        match self {
            Items::Each(all) => all,
            Items::Split { text, .. } => std::slice::from_mut(text),
        }
    }

    fn column(&self, name: &str, beneath: &Schema) -> Result<Column, Mistake> {
        let mut joint = None;
        for expr in self.exprs() {
            joint = common(joint, Some(expr.ty(beneath)?))?;
        }
        let ty = joint.unwrap_or(Type::Text);
        if matches!(self, Items::Split { .. }) && ty != Type::Text {
            let (function, takes) = ("split".to_owned(), "text".to_owned());
            return Err(Mistake::WrongType { function, takes, got: ty });
        }
        let class = self.exprs().iter().map(|it| class_of(it, beneath)).max().unwrap_or(Class::Open);
        Ok(Column::new(name, ty).classed(class))
    }
}

impl Explode {
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.keep.iter().chain(&self.take).map(String::as_str).chain(self.place.as_deref())
    }

    pub(super) fn schema(&self, inputs: &[&Schema]) -> Result<Schema, Mistake> {
        let beneath = self.from.schema(inputs)?;
        let mut columns = Vec::new();
        for name in &self.keep {
            columns.push(beneath.get(name).cloned().ok_or_else(|| Mistake::NoColumn(name.clone()))?);
        }
        for (name, items) in &self.lists {
            let column = items.column(name, &beneath)?;
            columns.extend(self.take.contains(name).then_some(column));
        }
        columns.extend(self.place.iter().map(|it| Column::new(it, Type::Integer)));
        Ok(Schema { columns: columns.into() })
    }

    pub(super) fn prune(&self, wanted: &BTreeSet<&str>) -> Explode {
        let keep = only(&self.keep, wanted);
        let mut needed: BTreeSet<&str> = keep.iter().map(String::as_str).collect();
        // Whether there is a row at all depends on every list.
        self.exprs().for_each(|it| it.columns(&mut needed));
        Explode {
            from: self.from.prune(&needed),
            lists: self.lists.clone(),
            take: only(&self.take, wanted),
            place: self.place.clone().filter(|it| wanted.contains(it.as_str())),
            outer: self.outer,
            keep,
        }
    }

    /// Columns beneath whose values reach an output column.
    pub(super) fn beneath<'a>(&'a self, column: &'a str) -> BTreeSet<&'a str> {
        let mut acc = BTreeSet::new();
        if self.take.iter().any(|it| it == column) {
            let items = self.lists.iter().filter(|(name, _)| name == column);
            items.flat_map(|(_, it)| it.exprs()).for_each(|it| it.columns(&mut acc));
        } else if self.keep.iter().any(|it| it == column) {
            acc.insert(column);
        }
        acc
    }

    /// Columns beneath whose whole values an output column shows: parts of them are values of their own.
    pub(super) fn shows<'a>(&'a self, column: &'a str) -> BTreeSet<&'a str> {
        let mut acc = BTreeSet::new();
        match self.lists.iter().find(|(name, _)| name == column && self.take.contains(name)) {
            Some((_, Items::Each(all))) => all.iter().for_each(|it| it.shows(&mut acc)),
            Some((_, Items::Split { .. })) => (),
            None => acc.extend(self.keep.iter().filter(|it| *it == column).map(String::as_str)),
        }
        acc
    }

    pub(super) fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.lists.iter().flat_map(|(_, it)| it.exprs())
    }
}
