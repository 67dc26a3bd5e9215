//! `freshness = { as_of = "2025-06-30", within = 7 }`: the newest value is not older than so many days before a declared
//! day. Never the clock: the same data gives the same verdict on every day. What lies behind that day does not count: one
//! year that is mistyped would make a table fresh for ever.

use std::sync::Arc;

use jiff::{Span, civil};
use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::measure::Statistic;
use crate::expectations::{About, Check, Kind, Measure};
use crate::expr::{Expr, Literal};
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{Finding, Input, TYPE_MISMATCH};
use crate::model::Type;

pub(super) const KIND: Kind = Kind {
    name: "freshness",
    revision: 2,
    summary: "the newest value is not older than so many days before a declared day",
    takes: Takes::Table(&KEYS),
    decode,
    about: About::Each,
};

const KEYS: Keys = Keys::of(&[
    Key::required("as_of", Takes::Text, "the day that it is compared with, as `2025-06-30`, or `$name` of a parameter"),
    Key::new(
        "within",
        Takes::Integer(0, 1_000_000),
        "how many days before it the newest value may lie; none without it",
    ),
]);

#[derive(Debug, Serialize)]
struct Freshness {
    /// As `2025-06-30`.
    day: String,
    within: i64,
    /// The first day that is fresh.
    since: String,
    /// The first day that does not count any more.
    end: String,
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let mut table = fields.table(key)?;
    let day = table.required_day("as_of");
    let within = if table.has("within") { table.integer("within") } else { Some(0) };
    let within = within.filter(|it| (0..=1_000_000).contains(it));
    if table.has("within") && within.is_none() {
        let help = Some("give a number of days from 0 on".to_owned());
        table.problem(&WRONG_VALUE, "within", "`within` is not a number of days", "this value", help);
    }
    table.finish();
    let (day, within) = (day?, within?);
    let since: civil::Date = day.saturating_sub(Span::new().days(within));
    let end: civil::Date = day.saturating_add(Span::new().days(1));
    Some(Arc::new(Freshness { day: day.to_string(), within, since: since.to_string(), end: end.to_string() }))
}

impl Check for Freshness {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let column = &columns[0];
        let ty = input.schema.get(column).map_or(Type::Text, |it| it.ty);
        if !matches!(ty, Type::Date | Type::Timestamp) {
            let message = format!("`{column}` is {ty}, and only dates and times have a newest value");
            let help = format!("make a date of it in a step before: `{column} = \"date\"` in a `normalise` step");
            return Err(Finding::new(&TYPE_MISMATCH, KIND.name, message).label("asked for here").help(help));
        }
        let day = |it: &str| Expr::Cast(Box::new(Expr::Literal(Literal::Text(it.to_owned()))), ty);
        let outside = vec![("<".to_owned(), day(&self.since))];
        let only = Some(Expr::call("<", [Expr::column(column), day(&self.end)]));
        Ok(Measure::Statistic { column: column.clone(), of: Statistic::Greatest, outside, only })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let days = if self.within == 1 { "1 day".to_owned() } else { format!("{} days", self.within) };
        Claim::new(Verb::Have, format!("a newest value within {days} of {}", self.day))
    }
}
