//! `estimated_precision = { at_least = 0.98 }`, `estimated_recall = { at_least = 0.9 }` and
//! `review_open = { at_most = 200 }`: what a `resolve` or `link` step estimates of its own answer lies within a bound.
//!
//! The numbers are expected values of what the step learnt, and no measurement: `hotpass link measure` holds the answer
//! against pairs of which somebody knows the truth. A table without rows calls nothing one and leaves nothing to decide.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::literal::shown;
use crate::expectations::measure::Statistic;
use crate::expectations::{About, Check, Kind, Measure, bounds};
use crate::expr::{Expr, Literal};
use crate::fields::keys::{Key, Keys, Need, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{Finding, Input, UNKNOWN_COLUMN};
use crate::steps::{ESTIMATED_PRECISION, ESTIMATED_RECALL, REVIEW_OPEN};

pub(super) const PRECISION: Kind = Kind {
    name: "estimated_precision",
    revision: 1,
    summary: "of the pairs that a linkage calls one, this share is expected to be true",
    takes: Takes::Table(&SHARE),
    decode: |fields, key| share(fields, key, ESTIMATED_PRECISION),
    about: About::Table,
};
pub(super) const RECALL: Kind = Kind {
    name: "estimated_recall",
    revision: 1,
    summary: "a linkage is expected to find this share of the matching pairs",
    takes: Takes::Table(&SHARE),
    decode: |fields, key| share(fields, key, ESTIMATED_RECALL),
    about: About::Table,
};
pub(super) const OPEN: Kind = Kind {
    name: "review_open",
    revision: 1,
    summary: "a linkage leaves not more than so many pairs for people to decide",
    takes: Takes::Table(&COUNT),
    decode: count,
    about: About::Table,
};

const SHARE: Keys = Keys::of(&[Key::new("at_least", Takes::SHARE, "the least share that is expected, from 0 to 1")])
    .needing(&[Need::one_of(&["at_least"])]);
const COUNT: Keys = Keys::of(&[Key::new("at_most", Takes::Integer(0, i64::MAX), "how many pairs at most")])
    .needing(&[Need::one_of(&["at_most"])]);

#[derive(Debug, Serialize)]
struct Estimated {
    /// The hidden column of the number.
    column: &'static str,
    /// The bound, as it was written.
    bound: Literal,
}

fn share(fields: &mut Fields, key: &str, column: &'static str) -> Option<Arc<dyn Check>> {
    let bound = bounds::share(fields, key, "at_least")?;
    let bound =
        if bound == "0" || bound == "1" { Literal::Integer(bound.parse().ok()?) } else { Literal::Number(bound) };
    Some(Arc::new(Estimated { column, bound }))
}

fn count(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let mut table = fields.table(key)?;
    let asked = table.has("at_most");
    let most = table.integer("at_most");
    if most.is_some_and(|it| it < 0) {
        let help = Some("give a number from 0 on".to_owned());
        table.problem(&WRONG_VALUE, "at_most", "`at_most` is not a number of pairs", "this value", help);
    }
    table.finish();
    if !asked {
        let help = Some("give `at_most`, a number of pairs".to_owned());
        fields.problem(&WRONG_VALUE, key, format!("`{key}` has no bound"), "this table", help);
    }
    let bound = Literal::Integer(most.filter(|it| *it >= 0)?);
    Some(Arc::new(Estimated { column: REVIEW_OPEN, bound }))
}

impl Estimated {
    fn name(&self) -> &'static str {
        match self.column {
            ESTIMATED_PRECISION => PRECISION.name,
            ESTIMATED_RECALL => RECALL.name,
            _ => OPEN.name,
        }
    }
}

impl Check for Estimated {
    fn measure(&self, _: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        if !input.schema.has(self.column) {
            let message = format!("no step estimates which rows of `{}` match", input.name);
            let help = "name the `resolve` or `link` step, or a table that carries its rows on".to_owned();
            return Err(Finding::new(&UNKNOWN_COLUMN, self.name(), message).label("asked for here").help(help));
        }
        let operator = if self.column == REVIEW_OPEN { ">" } else { "<" };
        let outside = vec![(operator.to_owned(), Expr::Literal(self.bound.clone()))];
        Ok(Measure::Statistic { column: self.column.to_owned(), of: Statistic::OfWhole, outside, only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let bound = shown(&self.bound);
        match self.column {
            ESTIMATED_PRECISION => Claim::new(Verb::Have, format!("an estimated precision of at least {bound}")),
            ESTIMATED_RECALL => Claim::new(Verb::Have, format!("an estimated recall of at least {bound}")),
            _ if bound == "1" => Claim::new(Verb::Have, "at most 1 pair to review"),
            _ => Claim::new(Verb::Have, format!("at most {bound} pairs to review")),
        }
    }
}
