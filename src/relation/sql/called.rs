//! An expression as the body of a function of the engine, for queries that call it.

use std::collections::HashMap;

use super::casts::Over;
use super::{Shared, Tables, Writer, type_name};
use crate::expr::Expr;
use crate::model::{Column, Schema, Type};
use crate::relation::Relation;

/// Arguments are the columns of a table that is never read.
struct Arguments(Schema);

impl Tables for Arguments {
    fn select(&self, _: usize, _: &[(&str, String)], _: bool) -> String {
        String::new()
    }

    fn schema(&self, _: usize) -> Schema {
        self.0.clone()
    }
}

/// `(k0, k1) AS (…)`: names of the arguments, and the expression over them. Each argument has its type; whoever takes
/// numbers takes all of them as they are.
pub fn called(gives: &Expr, takes: &[(String, Type)]) -> String {
    let schema: Schema = takes.iter().map(|(name, ty)| Column::new(name, *ty)).collect();
    let relation = Relation::scan(0, &schema);
    let tables = Arguments(schema);
    let argument = |(at, (name, ty)): (usize, &(String, Type))| {
        let text = match ty {
            Type::Decimal { .. } | Type::Float => format!("k{at}"),
            ty => format!("CAST(k{at} AS {})", type_name(*ty)),
        };
        (name.clone(), text)
    };
    let names: HashMap<String, String> = takes.iter().enumerate().map(argument).collect();
    let mut writer = Writer { tables: &tables, names, aliases: 0, shared: Shared::of(&relation) };
    let text = writer.expr(gives, &Over::new(&relation, &tables));
    let arguments: Vec<_> = (0..takes.len()).map(|at| format!("k{at}")).collect();
    format!("({}) AS ({text})", arguments.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;

    #[test]
    fn a_function_of_the_engine_has_the_expression_as_its_body() {
        let gives = parse::parse("coalesce(said, 'none') || cast(gross / 2 as text)").expect("an expression");
        let takes = [("said".to_owned(), Type::Text), ("gross".to_owned(), Type::Float)];
        let text = called(&gives, &takes);
        assert!(
            text.starts_with("(k0, k1) AS (") && text.contains("CAST(k0 AS VARCHAR)") && text.contains("(k1 / "),
            "{text}"
        );
    }
}
