//! Casts as SQL: what the engine reads is what it wrote itself, all else is read by functions of ours.
//!
//! The engine's own casts take what people never meant (a date with any text behind it, `inf`, `0x1F`) and round what
//! does not fit. Only where neither can happen are they used.

use std::cell::OnceCell;

use crate::expr::{Expr, Literal};
use crate::model::{Schema, Type};
use crate::relation::Relation;
use crate::relation::sql::{Tables, type_name};

/// Raised when a cast or an operator of the engine's comes to mean something else: part of the keys of what has one.
pub(in crate::relation) const REVISION: u64 = 3;

/// The rows that an expression is about.
pub(super) struct Over<'a> {
    relation: &'a Relation,
    tables: &'a dyn Tables,
    schema: OnceCell<Schema>,
}

impl<'a> Over<'a> {
    pub(super) fn new(relation: &'a Relation, tables: &'a dyn Tables) -> Over<'a> {
        Over { relation, tables, schema: OnceCell::new() }
    }

    /// `value`, which is `expr` in SQL, as a value of this type; null where it does not fit.
    pub(super) fn cast(&self, expr: &Expr, value: &str, ty: Type) -> String {
        match expr {
            Expr::Literal(Literal::Null) => plain(value, ty),
            _ => cast(value, expr.ty(self.schema()).unwrap_or(Type::Text), ty),
        }
    }

    /// Their columns.
    pub(super) fn schema(&self) -> &Schema {
        self.schema.get_or_init(|| {
            let inputs = self.relation.reads().into_keys().next_back().map_or(0, |it| it + 1);
            let schemas: Vec<Schema> = (0..inputs).map(|it| self.tables.schema(it)).collect();
            self.relation.schema(&schemas.iter().collect::<Vec<_>>()).unwrap_or_default()
        })
    }
}

fn cast(value: &str, from: Type, to: Type) -> String {
    match (from, to) {
        (_, Type::Text) => plain(value, to),
        (Type::Text, Type::Integer) | (Type::Decimal { .. }, Type::Integer) => ours("integer", value),
        (Type::Text, Type::Float) => ours("float", value),
        (Type::Text, Type::Boolean) => ours("boolean", value),
        (Type::Text, Type::Date) => ours("date", value),
        (Type::Text, Type::Timestamp) => ours("timestamp", value),
        (Type::Text, Type::Decimal { scale }) => decimal(value, scale),
        (Type::Decimal { scale: from }, Type::Decimal { scale }) if scale < from => decimal(value, scale),
        (Type::Float, Type::Integer) => ours("whole", value),
        (_, Type::Boolean) if from.is_number() => format!("(CASE {value} WHEN 1 THEN true WHEN 0 THEN false END)"),
        _ => plain(value, to),
    }
}

fn plain(value: &str, ty: Type) -> String {
    format!("TRY_CAST({value} AS {})", type_name(ty))
}

fn ours(name: &str, value: &str) -> String {
    format!("as_{name}(CAST({value} AS VARCHAR))")
}

fn decimal(value: &str, scale: u8) -> String {
    ours(&format!("decimal_{scale}"), value)
}
