//! `{ min = …, max = … }`: bounds, of which some may be open; `above` and `below` leave the bound itself out, and
//! `equals` is both at once.

use serde::Serialize;

use crate::expr::{Expr, Literal};
use crate::fields::keys::{Key, Need, Takes};
use crate::fields::{Fields, WRONG_VALUE};

/// What is expected; at least one of them is there.
#[derive(Debug, Serialize)]
pub(super) struct Bounds<T> {
    pub(super) min: Option<T>,
    pub(super) max: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) above: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) below: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) equals: Option<T>,
}

/// The keys of such a table, whose bounds are `takes`.
pub(super) const fn keys(takes: Takes) -> [Key; 5] {
    [
        Key::new("min", takes, "the least that is expected"),
        Key::new("max", takes, "the greatest that is expected"),
        Key::new("above", takes, "what is expected is greater than this"),
        Key::new("below", takes, "what is expected is less than this"),
        Key::new("equals", takes, "exactly this is expected"),
    ]
}

/// One of them at least.
pub(super) const NEEDS: [Need; 1] = [Need::one_of(&["min", "max", "above", "below", "equals"])];

impl<T> Bounds<T> {
    /// Reads the table under `key`, each bound with `take`.
    pub(super) fn decode(
        fields: &mut Fields,
        key: &str,
        take: fn(&mut Fields, &str) -> Option<T>,
    ) -> Option<Bounds<T>> {
        let mut table = fields.table(key)?;
        let (found, asked) = (Bounds::within(&mut table, take), is_asked(&table));
        table.finish();
        if found.is_none() && !asked {
            unbounded(fields, key);
        }
        found
    }

    /// Reads the bounds in a table; `None` where there are none.
    pub(super) fn within(table: &mut Fields, take: fn(&mut Fields, &str) -> Option<T>) -> Option<Bounds<T>> {
        let mut take = |key: &str| take(table, key);
        let (min, max) = (take("min"), take("max"));
        let (above, below, equals) = (take("above"), take("below"), take("equals"));
        let found = Bounds { min, max, above, below, equals };
        (!found.all().is_empty()).then_some(found)
    }

    /// Each bound with the operator that is true of what lies outside.
    fn all(&self) -> Vec<(&'static str, &T)> {
        let all = [
            ("<", &self.min),
            (">", &self.max),
            ("<=", &self.above),
            (">=", &self.below),
            ("is distinct from", &self.equals),
        ];
        all.into_iter().filter_map(|(operator, bound)| Some((operator, bound.as_ref()?))).collect()
    }

    /// Operators and bounds: something is outside where one of these is true of it. `value` makes an expression of a
    /// bound.
    pub(super) fn comparisons<E>(&self, value: impl Fn(&T) -> Result<Expr, E>) -> Result<Vec<(String, Expr)>, E> {
        self.all().into_iter().map(|(operator, bound)| Ok((operator.to_owned(), value(bound)?))).collect()
    }

    /// Whether something lies outside: `compare` gives its comparison with a bound, by an operator.
    pub(super) fn outside<E>(&self, compare: impl Fn(&str, &T) -> Result<Expr, E>) -> Result<Expr, E> {
        let all =
            self.all().into_iter().map(|(operator, bound)| compare(operator, bound)).collect::<Result<Vec<_>, _>>();
        Ok(all?.into_iter().reduce(|a, b| Expr::call("or", [a, b])).unwrap_or(Expr::null()))
    }

    /// In words, where it is not just a least and a greatest.
    pub(super) fn open(&self, shown: impl Fn(&T) -> String) -> String {
        let word = |operator| match operator {
            "<" => "at least ",
            ">" => "at most ",
            "<=" => "more than ",
            ">=" => "less than ",
            _ => "",
        };
        let all: Vec<_> =
            self.all().into_iter().map(|(operator, it)| format!("{}{}", word(operator), shown(it))).collect();
        all.join(" and ")
    }

    /// Whether there are just a least and a greatest.
    pub(super) fn is_range(&self) -> Option<(&T, &T)> {
        match (&self.min, &self.max, &self.above, &self.below, &self.equals) {
            (Some(min), Some(max), None, None, None) => Some((min, max)),
            _ => None,
        }
    }

    /// In words: `between 1 and 2`, `at least 1`.
    pub(super) fn words(&self, shown: impl Fn(&T) -> String) -> String {
        match self.is_range() {
            Some((min, max)) => format!("between {} and {}", shown(min), shown(max)),
            None => self.open(shown),
        }
    }
}

/// Whether a table has a bound, whatever it says.
pub(super) fn is_asked(table: &Fields) -> bool {
    NEEDS.iter().flat_map(|it| it.one_of).any(|it| table.has(it))
}

/// Tells that the table under `key` has no bounds.
pub(super) fn unbounded(fields: &Fields, key: &str) {
    let help = Some("give `min`, `max` or both".to_owned());
    fields.problem(&WRONG_VALUE, key, format!("`{key}` has no bounds"), "this table", help);
}

impl Bounds<i64> {
    /// Whether a count lies within.
    pub(super) fn hold(&self, count: i64) -> bool {
        self.all().into_iter().all(|(operator, bound)| match operator {
            "<" => count >= *bound,
            ">" => count <= *bound,
            "<=" => count > *bound,
            ">=" => count < *bound,
            _ => count == *bound,
        })
    }

    /// The least and the greatest count within, both included.
    pub(super) fn included(&self) -> (Option<i64>, Option<i64>) {
        let least = [self.min, self.above.map(|it| it.saturating_add(1)), self.equals];
        let greatest = [self.max, self.below.map(|it| it.saturating_sub(1)), self.equals];
        (least.into_iter().flatten().max(), greatest.into_iter().flatten().min())
    }
}

/// How far from zero a number may lie that is a bound.
const FARTHEST: f64 = 1e18;
/// Any number that is a bound.
pub(super) const NUMBER: Takes = Takes::Number(-FARTHEST, FARTHEST);
/// Any number that is a distance.
pub(super) const POSITIVE: Takes = Takes::Number(0.0, FARTHEST);

/// A number as a bound.
pub(super) fn number(fields: &mut Fields, key: &str) -> Option<Literal> {
    let lies_within = |it: &Literal| match it {
        Literal::Integer(it) => (*it as f64).abs() <= FARTHEST,
        Literal::Number(it) => it.parse::<f64>().is_ok_and(|it| it.abs() <= FARTHEST),
        _ => false,
    };
    match fields.value(key)? {
        it if lies_within(&it) => Some(it),
        it => {
            let is_far = matches!(it, Literal::Integer(_) | Literal::Number(_));
            let what = if is_far { "is farther from 0 than 1e18" } else { "is not a number" };
            let help = Some("write a number, as `12` or `12.5`".to_owned());
            fields.problem(&WRONG_VALUE, key, format!("`{key}` {what}"), "this value", help);
            None
        }
    }
}

/// The one bound of a table that has just this key: a share from 0 to 1, as it was written.
pub(super) fn share(fields: &mut Fields, key: &str, bound: &str) -> Option<String> {
    let mut table = fields.table(key)?;
    let written = table.value(bound);
    let share = match &written {
        Some(Literal::Integer(share @ (0 | 1))) => Some(share.to_string()),
        Some(Literal::Number(it)) if it.parse::<f64>().is_ok_and(|it| (0.0..=1.0).contains(&it)) => Some(it.clone()),
        Some(_) => {
            let help = Some("give a share from 0 to 1".to_owned());
            table.problem(&WRONG_VALUE, bound, format!("`{bound}` is not a share"), "this value", help);
            None
        }
        None => None,
    };
    table.finish();
    if written.is_none() {
        let help = Some(format!("give `{bound}`, a share from 0 to 1"));
        fields.problem(&WRONG_VALUE, key, format!("`{key}` has no bound"), "this table", help);
    }
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_lies_within_what_is_included() {
        let none = || Bounds { min: None, max: None, above: None, below: None, equals: None };
        let check = |bounds: Bounds<i64>, expected: &[i64], included: (Option<i64>, Option<i64>)| {
            let held: Vec<i64> = (0..6).filter(|it| bounds.hold(*it)).collect();
            assert_eq!((held.as_slice(), bounds.included()), (expected, included));
        };
        check(Bounds { min: Some(2), max: Some(3), ..none() }, &[2, 3], (Some(2), Some(3)));
        check(Bounds { above: Some(2), below: Some(5), ..none() }, &[3, 4], (Some(3), Some(4)));
        check(Bounds { equals: Some(4), ..none() }, &[4], (Some(4), Some(4)));
        check(Bounds { min: Some(1), above: Some(3), ..none() }, &[4, 5], (Some(4), None));
    }
}
