//! Literals that stand beside a column in a check: of its type, or refused. A literal that its column cannot hold would
//! be null, and a comparison with null never fails.

use crate::expr::{Expr, Literal};
use crate::finding::{Finding, TYPE_MISMATCH};
use crate::model::{Class, Schema, Type};
use crate::text::cast;
use crate::text::pattern::pattern;

/// What a literal is compared for.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Comparison {
    /// Whether it is the same: every value is also a text.
    Equality,
    /// Which comes first: texts have another order than numbers.
    Order,
}

/// The literal as a value of the column's type: texts are read as dates and numbers. A finding at `key` where it is none.
pub(super) fn like(
    literal: &Literal,
    column: &str,
    schema: &Schema,
    comparison: Comparison,
    key: &str,
) -> Result<Expr, Finding> {
    let ty = schema.get(column).map_or(Type::Text, |it| it.ty);
    let of_people = schema.get(column).is_some_and(|it| it.class != Class::Open);
    let told = |it: &str| if of_people { pattern(it) } else { it.to_owned() };
    let expr = Expr::Literal(literal.clone());
    let refused = |message: String, help: String| {
        let finding = Finding::new(&TYPE_MISMATCH, key, message).label("compared here").of_people(of_people);
        Err(finding.help(Some(help)))
    };
    match (literal, ty) {
        (Literal::Null, _) | (Literal::Text(_), Type::Text) => Ok(expr),
        (Literal::Text(text), _) if cast::spells(text, ty) => Ok(Expr::Cast(Box::new(expr), ty)),
        (Literal::Text(_), _) => refused(
            format!("`{column}` is {ty}, and {} is not", told(&shown(literal))),
            format!("write {}", example(ty)),
        ),
        (Literal::Number(it), Type::Integer) if comparison == Comparison::Equality && !is_whole(it) => {
            refused(format!("`{column}` is {ty}, and {} is not", told(it)), format!("write {}", example(ty)))
        }
        // A number has all its digits beside exact ones.
        (Literal::Number(it), Type::Decimal { .. }) if cast::spells(it, ty) => {
            Ok(Expr::Cast(Box::new(Expr::text(it)), ty))
        }
        (_, Type::Text) if comparison == Comparison::Equality => Ok(Expr::text(bare(literal))),
        (_, Type::Text) => refused(
            format!("`{column}` is text, which has another order than numbers"),
            format!("make a number of it in a step before: `{column} = \"decimal\"` in a `normalise` step"),
        ),
        _ => Ok(expr),
    }
}

/// Whether a number as it is written has no fraction, as `70.0`.
fn is_whole(number: &str) -> bool {
    number.parse::<f64>().is_ok_and(|it| it.fract() == 0.0)
}

/// How a value of a type is written.
fn example(ty: Type) -> &'static str {
    match ty {
        Type::Text => "any text",
        Type::Integer => "a whole number, as `12`",
        Type::Decimal { .. } | Type::Float => "a number, as `12.5`",
        Type::Boolean => "`true` or `false`",
        Type::Date => "a day, as `2025-01-31`",
        Type::Timestamp => "a time, as `2025-01-31T08:00:00`",
    }
}

/// A literal as people write it.
pub(super) fn shown(literal: &Literal) -> String {
    match literal {
        Literal::Text(it) => format!("'{it}'"),
        _ => bare(literal),
    }
}

fn bare(literal: &Literal) -> String {
    literal.plain().unwrap_or_else(|| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Column;

    #[test]
    fn what_a_column_cannot_hold_is_refused() {
        let check = |ty: Type, literal: Literal, comparison: Comparison, expected: bool| {
            let schema: Schema = [Column::new("c", ty)].into_iter().collect();
            let made = like(&literal, "c", &schema, comparison, "in");
            assert_eq!(made.is_ok(), expected, "{literal:?} beside {ty}");
        };
        let text = |it: &str| Literal::Text(it.to_owned());
        for (ty, good, bad) in [
            (Type::Date, "2025-01-31", "31/01/2025"),
            (Type::Date, "2024-02-29", "2025-02-29"),
            (Type::Integer, "-12", "12.5"),
            (Type::Integer, "9223372036854775807", "9223372036854775808"),
            (Type::Float, "12.5", "twelve"),
            (Type::Decimal { scale: 2 }, "0.01", "1e3"),
            (Type::Boolean, "true", "yes"),
            (Type::Timestamp, "2025-01-31T08:00:00", "8:00"),
        ] {
            check(ty, text(good), Comparison::Order, true);
            check(ty, text(bad), Comparison::Order, false);
            check(ty, text(bad), Comparison::Equality, false);
        }
        check(Type::Text, Literal::Integer(6), Comparison::Order, false);
        check(Type::Text, Literal::Integer(6), Comparison::Equality, true);
        check(Type::Text, text("m"), Comparison::Order, true);
        let number = |it: &str| Literal::Number(it.to_owned());
        check(Type::Integer, number("70.5"), Comparison::Equality, false);
        check(Type::Integer, number("70.0"), Comparison::Equality, true);
        check(Type::Integer, number("70.5"), Comparison::Order, true);
    }
}
