//! Whole numbers and decimals that meet floats in one column: they become floats, which hold 15 digits, or a few more.
//! A build counts which of them lose digits by it.

use std::collections::BTreeSet;

use super::Planning;
use crate::expr::{Expr, common};
use crate::model::{Schema, Type};
use crate::plan::{Operation, TableId};
use crate::steps::Notice;

/// Functions that give one of their arguments.
const CHOOSING: &[&str] = &["coalesce", "greatest", "least", "nullif"];

fn is_exact(ty: Type) -> bool {
    matches!(ty, Type::Integer | Type::Decimal { .. })
}

impl Planning<'_> {
    /// What is to be counted of a step: columns of several tables that come together as floats, and values of one that
    /// stand beside floats in an expression.
    pub(super) fn widened(&self, step: TableId) -> Vec<Notice> {
        let table = &self.plan.tables[step];
        let Operation::Relation(relation) = &table.make else { return Vec::new() };
        let schema = |input: usize| &self.plan.tables[table.inputs[input]].schema;
        let mut found: Vec<(usize, String, Expr)> = Vec::new();
        if table.inputs.len() > 1 {
            for (column, plan) in table.schema.visible().zip(&table.columns).filter(|(it, _)| it.ty == Type::Float) {
                let own = plan.reads().filter(|(_, name)| *name == column.name);
                let exact = own.filter(|(input, name)| schema(*input).get(name).is_some_and(|it| is_exact(it.ty)));
                found.extend(exact.map(|(input, name)| (input, name.to_owned(), Expr::column(name))));
            }
        } else if !table.inputs.is_empty() {
            let mut values = Vec::new();
            relation.exprs().into_iter().for_each(|it| beside_floats(it, schema(0), &mut values));
            for value in values {
                let mut columns = BTreeSet::new();
                value.columns(&mut columns);
                let Some(column) = columns.into_iter().next() else { continue };
                let it = (0, column.to_owned(), value.clone());
                if !found.contains(&it) {
                    found.push(it);
                }
            }
        }
        found.into_iter().map(|(input, column, value)| Notice::Widened { input, column, value }).collect()
    }
}

/// The whole numbers and decimals that an expression makes floats of, because they stand beside floats.
fn beside_floats<'a>(expr: &'a Expr, schema: &Schema, acc: &mut Vec<&'a Expr>) {
    let chosen: Vec<&Expr> = match expr {
        Expr::Column(_) | Expr::Literal(_) => return,
        Expr::Cast(value, _) => return beside_floats(value, schema, acc),
        Expr::Case(branches, otherwise) => {
            branches.iter().for_each(|(when, _)| beside_floats(when, schema, acc));
            branches.iter().map(|(_, then)| then).chain(otherwise.as_deref()).collect()
        }
        Expr::Call(name, arguments) if CHOOSING.contains(&name.as_str()) => arguments.iter().collect(),
        Expr::Call(_, arguments) => return arguments.iter().for_each(|it| beside_floats(it, schema, acc)),
    };
    let types: Vec<Option<Type>> = chosen.iter().map(|it| it.ty(schema).ok()).collect();
    let joint = types.iter().try_fold(None, |joint, ty| common(joint, *ty)).ok().flatten();
    for (it, ty) in chosen.into_iter().zip(types) {
        if joint == Some(Type::Float) && ty.is_some_and(is_exact) {
            acc.push(it);
        }
        beside_floats(it, schema, acc);
    }
}
