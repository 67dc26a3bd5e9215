//! Columns of one row beside each other: `equal`, `greater`, `greater_or_equal`, `pair_in`, `unique_in_row` and
//! `row_sum`. Rows in which all of the columns are null are not considered; a null beside a value is not as expected.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::bounds::{self, Bounds};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::literal::{Comparison, like, shown};
use crate::expectations::{About, Check, Kind, Measure, WRONG_COLUMNS, present};
use crate::expr::{Expr, Literal};
use crate::fields::keys::{Keys, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{Finding, Input, mistaken};

const fn kind(name: &'static str, summary: &'static str, decode: super::Decode) -> Kind {
    Kind { name, revision: 1, summary, takes: Takes::True, decode, about: About::All }
}

pub(super) const EQUAL: Kind =
    kind("equal", "the columns of a row have the same value", |fields, key| flag(fields, key, Across::Equal));
pub(super) const GREATER: Kind =
    kind("greater", "of two columns the first is greater", |fields, key| flag(fields, key, Across::Greater(false)));
pub(super) const GREATER_OR_EQUAL: Kind =
    kind("greater_or_equal", "of two columns the first is not less", |fields, key| {
        flag(fields, key, Across::Greater(true))
    });
pub(super) const UNIQUE_IN_ROW: Kind =
    kind("unique_in_row", "the columns of a row have different values", |fields, key| {
        flag(fields, key, Across::Unique)
    });
pub(super) const PAIR_IN: Kind = Kind {
    takes: Takes::List(&Takes::List(&Takes::Plain, 1), 1),
    ..kind("pair_in", "two columns have together one of these pairs of values", pairs)
};
pub(super) const ROW_SUM: Kind = Kind {
    takes: Takes::Table(&BOUNDS),
    ..kind("row_sum", "the sum of the columns of a row lies within bounds", |fields, key| {
        Some(Arc::new(Across::Sum(Bounds::decode(fields, key, bounds::number)?)))
    })
};

const BOUNDS: Keys = Keys::of(&bounds::keys(bounds::NUMBER)).needing(&bounds::NEEDS);

#[derive(Debug, Serialize)]
enum Across {
    Equal,
    Greater(bool),
    Unique,
    In(Vec<Vec<Literal>>),
    Sum(Bounds<Literal>),
}

fn flag(fields: &mut Fields, key: &str, across: Across) -> Option<Arc<dyn Check>> {
    fields.flag(key, true).then(|| Arc::new(across) as Arc<dyn Check>)
}

fn pairs(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let pairs = fields.nested_values(key);
    if pairs.is_empty() && fields.is_empty_list(key) {
        let help = Some("write `[[\"a\", \"b\"], [\"c\", \"d\"]]`: a value for each of the columns".to_owned());
        fields.problem(&WRONG_VALUE, key, format!("`{key}` has no pairs"), "this list", help);
    }
    if pairs.is_empty() {
        return None;
    }
    Some(Arc::new(Across::In(pairs)))
}

impl Across {
    fn name(&self) -> &'static str {
        match self {
            Across::Equal => EQUAL.name,
            Across::Greater(false) => GREATER.name,
            Across::Greater(true) => GREATER_OR_EQUAL.name,
            Across::Unique => UNIQUE_IN_ROW.name,
            Across::In(_) => PAIR_IN.name,
            Across::Sum(_) => ROW_SUM.name,
        }
    }

    /// Whether a row is as expected; null counts as not.
    fn expected(&self, columns: &[String], input: &Input<'_>) -> Result<Expr, Finding> {
        let column = |at: usize| Expr::column(&columns[at]);
        Ok(match self {
            Across::Equal => Expr::all((1..columns.len()).map(|at| Expr::call("=", [column(0), column(at)]))),
            Across::Greater(or_equal) => Expr::call(if *or_equal { ">=" } else { ">" }, [column(0), column(1)]),
            Across::Unique => {
                let pairs = (0..columns.len()).flat_map(|a| (a + 1..columns.len()).map(move |b| (a, b)));
                Expr::all(pairs.map(|(a, b)| Expr::call("is distinct from", [column(a), column(b)])))
            }
            Across::In(pairs) => {
                let same = |at: usize, value: &Literal| {
                    let value = like(value, &columns[at], input.schema, Comparison::Equality, PAIR_IN.name)?;
                    Ok(Expr::call("=", [column(at), value]))
                };
                let all = pairs.iter().map(|pair| {
                    let parts = pair.iter().enumerate().map(|(at, it)| same(at, it));
                    Ok(Expr::all(parts.collect::<Result<Vec<_>, Finding>>()?))
                });
                let all = all.collect::<Result<Vec<_>, Finding>>()?;
                all.into_iter().reduce(|a, b| Expr::call("or", [a, b])).unwrap_or(Expr::null())
            }
            Across::Sum(bounds) => {
                let sum = (1..columns.len()).fold(column(0), |sum, at| Expr::call("+", [sum, column(at)]));
                let outside = bounds.outside(|operator, bound| {
                    Ok::<_, Finding>(Expr::call(operator, [sum.clone(), Expr::Literal(bound.clone())]))
                })?;
                Expr::all([Expr::call("is not null", [sum]), Expr::call("not", [outside])])
            }
        })
    }
}

impl Check for Across {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        if let Across::In(pairs) = self
            && pairs.iter().any(|it| it.len() != columns.len())
        {
            let message = format!("a pair of `{}` has not one value for each column", PAIR_IN.name);
            let help = "write `[[\"a\", \"b\"], [\"c\", \"d\"]]`: a value for each of the columns".to_owned();
            return Err(Finding::new(&WRONG_COLUMNS, PAIR_IN.name, message).label("this list").help(help));
        }
        let two = matches!(self, Across::Greater(_));
        if columns.len() < 2 || (two && columns.len() > 2) {
            let needs = if two { "two columns" } else { "two columns or more" };
            let message = format!(
                "`{}` is about {needs}, and {} named",
                self.name(),
                match columns.len() {
                    1 => "one is".to_owned(),
                    many => format!("{many} are"),
                }
            );
            let help = "name them in their order: `columns = [\"a\", \"b\"]`".to_owned();
            return Err(Finding::new(&WRONG_COLUMNS, self.name(), message).label("asked for here").help(help));
        }
        let expected = self.expected(columns, input)?;
        if let Err(mistake) = expected.ty(input.schema) {
            return Err(mistaken(input.name, input.schema, mistake, self.name()));
        }
        let some = columns.iter().map(|it| present(it)).reduce(|a, b| Expr::call("or", [a, b]));
        let held = Expr::call("coalesce", [expected, Expr::Literal(Literal::Boolean(false))]);
        Ok(Measure::Rows { considered: some.unwrap_or(Expr::null()), unexpected: Expr::call("not", [held]) })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        match self {
            Across::Equal => Claim::new(Verb::Be, "equal"),
            Across::Greater(false) => Claim::new(Verb::Have, "the greater value first"),
            Across::Greater(true) => Claim::new(Verb::Have, "no smaller value first"),
            Across::Unique => Claim::new(Verb::Be, "different within a row"),
            Across::In(pairs) => {
                let pair = |it: &Vec<Literal>| format!("({})", it.iter().map(shown).collect::<Vec<_>>().join(", "));
                Claim::new(Verb::Be, "one of the pairs").values(pairs.iter().map(pair), ", ")
            }
            Across::Sum(bounds) => {
                let of = if bounds.is_range().is_some() { "" } else { "of " };
                Claim::new(Verb::Have, format!("a sum {of}{}", bounds.words(shown)))
            }
        }
    }
}
