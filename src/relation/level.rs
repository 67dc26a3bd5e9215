//! How far a value tells personal data: one rule for expressions and for queries (`store/lineage`).
//!
//! Three things are told apart: what is open, what is a personal value as it stands, and what was made of such values or
//! chosen by them. Whether a value is there, and whether two that stand are equal, tells none of them. In an expression
//! a truth value is open too: the answer of a `derive` step is read by whoever wrote the question
//! (docs/explanation/decisions.md, 163). What is made of such an answer is not, in whatever type.

use crate::expr::{Expr, Literal, Mistake};
use crate::model::{Class, Schema, Type};
use crate::relation::Relation;

/// How far a value tells personal data.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Level {
    /// Nothing.
    #[default]
    Open,
    /// A stored value, unchanged.
    Stored,
    /// Made of personal values, or chosen by them.
    Made,
}

use Level::{Made, Open, Stored};

impl Level {
    /// Of what is computed from it.
    #[must_use]
    pub fn made(self) -> Level {
        if self == Open { Open } else { Made }
    }

    /// Of what two values tell when they are held against each other for equality.
    #[must_use]
    pub fn equal(self, other: Level) -> Level {
        if self == other && self != Made { Open } else { Made }
    }

    /// Of a column that holds values of both.
    #[must_use]
    pub fn mixed(self, other: Level) -> Level {
        if self == other { self } else { Made }
    }

    /// Of a stored value.
    pub fn of(class: Class) -> Level {
        if class == Class::Open { Open } else { Stored }
    }

    /// The class of a column of such values.
    pub fn class(self) -> Class {
        if self == Open { Class::Open } else { Class::Personal }
    }
}

/// The class of what an expression gives over a table with these columns.
pub fn class_of(expr: &Expr, schema: &Schema) -> Class {
    match expr.ty(schema) {
        Ok(Type::Boolean) => class_of_truth(expr, schema),
        _ => level(expr, schema).class(),
    }
}

/// Of a truth value: it is open if it is an answer, and as personal as the value if it is a stored one, turned or not.
fn class_of_truth(expr: &Expr, schema: &Schema) -> Class {
    let is_truth = |it: &&Expr| it.ty(schema) == Ok(Type::Boolean);
    let truth = |it: &Expr| class_of_truth(it, schema);
    match expr {
        Expr::Column(name) => schema.get(name).map_or(Class::Open, |it| it.class),
        Expr::Literal(_) => Class::Open,
        Expr::Cast(value, _) if is_truth(&&**value) => truth(value),
        Expr::Cast(value, _) => level(value, schema).class(),
        Expr::Case(branches, otherwise) => {
            let all = branches.iter().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref());
            all.map(truth).max().unwrap_or_default()
        }
        Expr::Call(name, _) if ["is null", "is not null"].contains(&name.as_str()) => Class::Open,
        Expr::Call(_, all) => all.iter().filter(is_truth).map(truth).max().unwrap_or_default(),
    }
}

/// How far an expression over a table with these columns tells personal data.
pub(super) fn level(expr: &Expr, schema: &Schema) -> Level {
    let of = |it: &Expr| level(it, schema);
    match expr {
        Expr::Column(name) => schema.get(name).map_or(Open, |it| Level::of(it.class)),
        Expr::Literal(_) => Open,
        Expr::Cast(value, _) => of(value).made(),
        Expr::Case(branches, otherwise) => {
            let all = branches.iter().flat_map(|(when, then)| [when, then]).chain(otherwise.as_deref());
            all.map(of).max().unwrap_or_default().made()
        }
        Expr::Call(name, all) => match (name.as_str(), all.as_slice()) {
            ("is null" | "is not null", [it]) if of(it) == Stored => Open,
            ("=" | "<>" | "is distinct from", [a, b]) => of(a).equal(of(b)),
            ("in", [value, among @ ..]) => {
                let value = of(value);
                among.iter().map(|it| value.equal(of(it))).max().unwrap_or_default()
            }
            (_, all) => all.iter().map(of).max().unwrap_or_default().made(),
        },
    }
}

/// Whether it gives 1, 0 or nothing: a sum of such answers is how many there are. Any other number would tell which
/// of the values it was.
pub(super) fn is_count(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(it) => matches!(it, Literal::Null | Literal::Integer(0 | 1)),
        Expr::Case(branches, otherwise) => {
            branches.iter().map(|(_, then)| then).chain(otherwise.as_deref()).all(is_count)
        }
        Expr::Cast(value, Type::Integer) => is_count(value),
        _ => false,
    }
}

impl Relation {
    /// The expression of a column, where this is the table that computes it.
    pub(super) fn computed(&self, column: &str) -> Option<(&Relation, &Expr)> {
        match self {
            Relation::Project { from, columns } => columns.named(column).map(|(_, it)| (&**from, it)),
            _ => None,
        }
    }

    /// How far a column tells personal data, also one of answers.
    pub(super) fn level(&self, column: &str, inputs: &[&Schema]) -> Result<Level, Mistake> {
        Ok(match self.computed(column) {
            Some((from, expr)) => level(expr, &from.schema(inputs)?),
            None => self.schema(inputs)?.get(column).map_or(Open, |it| Level::of(it.class)),
        })
    }
}
