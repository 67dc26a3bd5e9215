//! Columns of text that stand for values of another type: a check compares the values, so `2` and `2.0` are one number.
//!
//! A text that stands for no value has no value here; that it does not is a check of its own.

use std::collections::BTreeMap;

use crate::expectations::{Check, Measure};
use crate::expr::Expr;
use crate::finding::{Finding, Input};
use crate::model::{Schema, Type};

/// Digits behind the point that decimals are tried with, the fewest first: what is cut off nowhere is the number.
const SCALES: [u8; 7] = [2, 6, 12, 18, 24, 30, 37];
/// What a decimal looks like, blanks left out.
const DECIMAL: &str = r"^\s*[+-]?[0-9]+([.][0-9]+)?\s*$";
/// Digits that a decimal has at most, with and without zeros at its ends.
const DIGITS: &str = r"^\s*[+-]?0*([0-9][.]?){0,38}0*\s*$";

/// What `check` counts, where texts of `columns` are values of the types that `texts` has for them.
pub(super) fn measure(
    check: &dyn Check,
    columns: &[String],
    texts: &BTreeMap<String, Type>,
    input: &Input<'_>,
) -> Result<Measure, Finding> {
    // Columns that have a type of their own are as they are.
    let is_text = |name: &str| input.schema.get(name).is_some_and(|it| it.ty == Type::Text);
    let stands_for = |name: &str| texts.get(name).copied().filter(|_| is_text(name));
    let typed = |scale: u8| -> Schema {
        let ty = |name: &str| match stands_for(name)? {
            Type::Decimal { .. } => Some(Type::Decimal { scale }),
            ty => Some(ty),
        };
        let columns = input.schema.columns.iter().cloned();
        columns.map(|it| crate::model::Column { ty: ty(&it.name).unwrap_or(it.ty), ..it }).collect()
    };
    let read = |name: &str, scale: u8| match stands_for(name)? {
        Type::Decimal { .. } => Some(Expr::Cast(Box::new(Expr::column(name)), Type::Decimal { scale })),
        ty => Some(Expr::Cast(Box::new(Expr::column(name)), ty)),
    };
    let measured = |scale: u8| check.measure(columns, &Input { schema: &typed(scale), ..*input });
    let decimal = columns.iter().find(|it| matches!(stands_for(it), Some(Type::Decimal { .. })));
    Ok(match (measured(SCALES[0])?, decimal) {
        (Measure::Repeats { values, only }, _) => {
            let value = |name: &str| match stands_for(name)? {
                Type::Decimal { .. } => Some(digits(name)),
                _ => read(name, SCALES[0]),
            };
            Measure::Repeats { values: values.iter().map(|it| it.replaced(&value)).collect(), only }
        }
        (Measure::Rows { considered, .. }, Some(column)) => {
            let mut branches = Vec::new();
            for scale in SCALES {
                let Measure::Rows { unexpected, .. } = measured(scale)? else { continue };
                let is = Expr::call("is not null", read(column, scale));
                branches.push((is, unexpected.replaced(&|name| read(name, scale))));
            }
            let is = is_one(&Expr::column(column), Type::Decimal { scale: 0 });
            Measure::Rows { considered: Expr::call("and", [considered, is]), unexpected: Expr::Case(branches, None) }
        }
        (Measure::Rows { considered, unexpected }, None) => {
            let [considered, unexpected] =
                [considered, unexpected].map(|it| it.replaced(&|name| read(name, SCALES[0])));
            Measure::Rows { considered, unexpected }
        }
        (other, _) => other,
    })
}

/// Whether a text is one as values of a type are published.
pub(super) fn is_one(text: &Expr, ty: Type) -> Expr {
    match ty {
        Type::Decimal { .. } => {
            let is = |pattern: &str| Expr::call("matches", [text.clone(), Expr::text(pattern)]);
            Expr::call("and", [is(DECIMAL), is(DIGITS)])
        }
        ty => Expr::call("is not null", [Expr::Cast(Box::new(text.clone()), ty)]),
    }
}

/// The digits of a decimal, the same for all ways to write it; no value of what is none.
fn digits(column: &str) -> Expr {
    let replaced =
        |of: Expr, pattern: &str, by: &str| Expr::call("regexp_replace", [of, Expr::text(pattern), Expr::text(by)]);
    let text = Expr::column(column);
    // Blanks, the sign of what is more than nothing, zeros at both ends, and the sign of nothing.
    let cuts =
        [(r"[\s+]", ""), (r"[.]0*$", ""), (r"([.][0-9]*[1-9])0+$", r"\1"), ("^(-?)0+([0-9])", r"\1\2"), ("^-0$", "0")];
    let bare = cuts.into_iter().fold(text.clone(), |of, (pattern, by)| replaced(of, pattern, by));
    Expr::Case(vec![(is_one(&text, Type::Decimal { scale: 0 }), bare)], None)
}
