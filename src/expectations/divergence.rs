//! `kl_divergence = { values = [...], weights = [...], max = 0.1 }`: the values of a column are distributed as expected,
//! by the relative entropy (Kullback and Leibler) in natural units of what is found to what is expected.
//!
//! Values fall into classes: those of a list, or numbers between the bounds `bins`, each but the last without its upper
//! bound. What falls into none is expected with the share `tail` together, or not at all; then one such value makes the
//! divergence infinite, and the check fails.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::bounds;
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::literal::{Comparison, like};
use crate::expectations::membership::of_one_type;
use crate::expectations::{About, Check, Kind, Measure};
use crate::expr::{Expr, Literal};
use crate::fields::keys::{Key, Keys, Need, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{Finding, Input, TYPE_MISMATCH};
use crate::model::Type;

pub(super) const KIND: Kind = Kind {
    name: "kl_divergence",
    revision: 1,
    summary: "the values of a column are distributed as expected",
    takes: Takes::Table(&KEYS),
    decode,
    about: About::Each,
};

const NUMBERS: Takes = Takes::List(&bounds::NUMBER, 1);
const KEYS: Keys = Keys::of(&[
    Key::required("max", bounds::POSITIVE, "the greatest divergence that is expected"),
    Key::required("weights", Takes::List(&Takes::SHARE, 1), "the share of each class; together 1"),
    Key::new("values", Takes::List(&Takes::Plain, 1), "classes of one value each"),
    Key::new("bins", NUMBERS, "bounds of classes of numbers: one more than classes"),
    Key::new("tail", Takes::SHARE, "the share of what is in no class"),
    Key::new("inside", Takes::SHARE, "the share of classes whose weight is 0, together"),
    Key::new("tails", Takes::List(&Takes::SHARE, 1), "the shares below the first and above the last bound"),
])
.needing(&[Need::one_of(&["values", "bins"])]);

#[derive(Debug, Serialize)]
struct Divergence {
    classes: Classes,
    /// Expected shares.
    weights: Vec<String>,
    tails: Option<Vec<String>>,
    tail: String,
    inside: String,
    max: String,
}

#[derive(Debug, Serialize)]
enum Classes {
    Values(Vec<Literal>),
    Bins(Vec<String>),
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let mut table = fields.table(key)?;
    let max = table.required("max").then(|| table.number("max")).flatten();
    let weights = if table.required("weights") { numbers(&mut table, "weights") } else { None };
    let share = |table: &mut Fields, key: &str| if table.has(key) { table.number(key) } else { Some(0.0) };
    let (tail, inside) = (share(&mut table, "tail"), share(&mut table, "inside"));
    let tails = if table.has("tails") { numbers(&mut table, "tails").map(Some) } else { Some(None) };
    let (has_values, has_bins) = (table.has("values"), table.has("bins"));
    let values = if has_values { table.values("values") } else { Vec::new() };
    let bins = if has_bins { numbers(&mut table, "bins") } else { Some(Vec::new()) };
    table.finish();
    let (max, weights, tail, inside, tails, bins) = (max?, weights?, tail?, inside?, tails?, bins?);
    let refuse = |fact: &str, help: &str| {
        fields.problem(&WRONG_VALUE, key, format!("`{key}` {fact}"), "this table", Some(help.to_owned()));
    };
    if has_values && values.is_empty() {
        refuse("has no values", "name the classes");
        return None;
    }
    if has_values == has_bins {
        refuse("has no classes, or two kinds of them", "give `values`, or give `bins`");
        return None;
    }
    let classes = match has_values {
        true if of_one_type(fields, key, &values) => Classes::Values(values),
        true => return None,
        false => Classes::Bins(bins.iter().map(f64::to_string).collect()),
    };
    let texts = |all: &[f64]| all.iter().map(f64::to_string).collect();
    let (weights, tails) = (texts(&weights), tails.as_deref().map(texts));
    let (tail, inside, max) = (tail.to_string(), inside.to_string(), max.to_string());
    Some(Arc::new(Divergence { classes, weights, tails, tail, inside, max }))
}

/// A list of numbers.
fn numbers(table: &mut Fields, key: &str) -> Option<Vec<f64>> {
    let values = table.values(key);
    let number = |it: &Literal| match it {
        Literal::Integer(it) => Some(*it as f64),
        Literal::Number(it) => it.parse().ok(),
        _ => None,
    };
    let found: Option<Vec<f64>> = values.iter().map(number).collect();
    if found.as_ref().is_none_or(Vec::is_empty) {
        let help = Some("write a list of numbers, as `[0.5, 0.5]`".to_owned());
        table.problem(&WRONG_VALUE, key, format!("`{key}` is not a list of numbers"), "this value", help);
        return None;
    }
    found
}

impl Divergence {
    /// What cannot be of the classes and their shares, and what to do.
    fn odd(&self) -> Option<(&'static str, &'static str)> {
        let number = |it: &String| it.parse::<f64>().unwrap_or(0.0);
        let (bins, classes) = match &self.classes {
            Classes::Values(values) => (Vec::new(), values.len()),
            Classes::Bins(bins) => (bins.iter().map(number).collect::<Vec<_>>(), bins.len().saturating_sub(1)),
        };
        let ends = self.tails.iter().flatten();
        let sum: f64 = self.weights.iter().chain(ends).map(number).sum();
        let rest = number(&self.tail) + number(&self.inside);
        let tails = self.tails.as_ref().is_some_and(|it| it.len() != 2 || bins.is_empty() || number(&self.tail) > 0.0);
        if classes != self.weights.len() {
            return Some((
                "does not have one weight for each class",
                "between the bounds `a, b, c` there are two classes",
            ));
        }
        if bins.windows(2).any(|it| it[0] >= it[1]) {
            return Some(("has bounds that do not rise", "write the bounds from the least to the greatest"));
        }
        if (sum - 1.0).abs() > 1e-6 || rest >= 1.0 {
            return Some(("has weights that are not 1 together", "give shares of the whole, `tails` among them"));
        }
        tails.then_some(("has `tails` that cannot be", "give two shares beside `bins`, and no `tail`"))
    }
}

impl Check for Divergence {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let column = &columns[0];
        if let Some((fact, help)) = self.odd() {
            let finding = Finding::new(&WRONG_VALUE, KIND.name, format!("`{}` {fact}", KIND.name));
            return Err(finding.label("this table").help(help.to_owned()));
        }
        let value = || Expr::column(column);
        let tail: f64 = self.tail.parse().unwrap_or_default();
        let inside: f64 = self.inside.parse().unwrap_or_default();
        let weights: Vec<f64> = self.weights.iter().filter_map(|it| it.parse().ok()).collect();
        let (classes, rest) = match &self.classes {
            Classes::Values(values) => {
                let is = values.iter().zip(&self.weights).map(|(it, weight)| {
                    let it = like(it, column, input.schema, Comparison::Equality, KIND.name)?;
                    Ok((Expr::call("=", [value(), it]), weight.clone()))
                });
                (is.collect::<Result<Vec<_>, Finding>>()?, Some(self.tail.clone()))
            }
            Classes::Bins(bins) => {
                let ty = input.schema.get(column).map_or(Type::Text, |it| it.ty);
                if !ty.is_number() {
                    let message = format!("`{column}` is {ty}, and `bins` are bounds of numbers");
                    let help = "name the classes as `values`, or make a number of the column in a step before";
                    let finding = Finding::new(&TYPE_MISMATCH, KIND.name, message).label("asked for here");
                    return Err(finding.help(help.to_owned()));
                }
                let bound = |at: usize| Expr::Literal(Literal::Number(bins[at].clone()));
                let compared = |operator: &str, at: usize| Expr::call(operator, [value(), bound(at)]);
                let last = bins.len() - 1;
                let [below, above] = match self.tails.as_deref() {
                    Some([below, above]) => [below.clone(), above.clone()],
                    _ => [(tail / 2.0).to_string(), (tail / 2.0).to_string()],
                };
                let empty = weights.iter().filter(|it| **it == 0.0).count().max(1) as f64;
                let mut acc = vec![(compared("<", 0), below)];
                for (at, weight) in weights.iter().enumerate() {
                    let upper = compared(if at + 1 == last { "<=" } else { "<" }, at + 1);
                    let share = if *weight == 0.0 { inside / empty } else { weight * (1.0 - tail - inside) };
                    acc.push((Expr::all([compared(">=", at), upper]), share.to_string()));
                }
                acc.push((compared(">", last), above));
                (acc, None)
            }
        };
        Ok(Measure::Divergence { column: column.clone(), classes, rest, most: self.max.clone(), only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Have, format!("a divergence of at most {} from what is expected", self.max))
    }
}

/// The relative entropy of counts to expected shares: each count with its class, or none for a value that is in no
/// class. `None` where there are no values, or one is found where none is expected.
pub fn entropy(found: &[(Option<usize>, u64)], weights: &[f64], rest: Option<f64>) -> Option<f64> {
    let strangers = found.iter().filter(|it| it.0.is_none()).count();
    let all: f64 = found.iter().map(|it| it.1 as f64).sum();
    let tail = rest.unwrap_or_default();
    let scale = if strangers > 0 { 1.0 - tail } else { 1.0 };
    let expected = |class: &Option<usize>| match class {
        Some(class) => weights.get(*class).copied().unwrap_or_default() * scale,
        None => tail / strangers as f64,
    };
    // Both are made to be 1 together.
    let whole: f64 = weights.iter().sum::<f64>() * scale + if strangers > 0 { tail } else { 0.0 };
    if all == 0.0 {
        return None;
    }
    let terms = found.iter().filter(|it| it.1 > 0).map(|(class, count)| {
        let (share, expected) = (*count as f64 / all, expected(class) / whole);
        share * (share / expected).ln()
    });
    Some(terms.sum::<f64>()).filter(|it| it.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entropy_is_that_of_the_textbook() {
        let check = |found: &[(Option<usize>, u64)], weights: &[f64], rest, expected: Option<f64>| {
            let got = entropy(found, weights, rest);
            let near = match (got, expected) {
                (Some(a), Some(b)) => (a - b).abs() < 1e-12,
                (a, b) => a == b,
            };
            assert!(near, "{got:?} for {expected:?}");
        };
        check(&[(Some(0), 5), (Some(1), 5)], &[0.5, 0.5], Some(0.0), Some(0.0));
        check(&[(Some(0), 10)], &[0.5, 0.5], Some(0.0), Some(2f64.ln()));
        check(&[(Some(0), 5), (None, 5)], &[0.5, 0.5], Some(0.0), None);
        check(&[(Some(0), 5), (None, 5)], &[1.0], Some(0.5), Some(0.0));
        check(&[(None, 1), (None, 1)], &[1.0], Some(0.5), Some(2f64.ln()));
        check(&[], &[1.0], Some(0.5), None);
    }
}
