//! Numbers that are made of all values of a column, held against bounds: `mean`, `median`, `stdev`, `sum`, `minimum`,
//! `maximum`, `quantile`, `distinct_count`, `distinct_share` and `filled_share`.
//!
//! Nulls and what is no number are passed over. Where there is nothing to make the number of, the check fails: what
//! could not be evaluated is no pass.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::bounds::{self, Bounds};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::literal::{Comparison, like, shown};
use crate::expectations::measure::Statistic;
use crate::expectations::{About, Check, Kind, Measure};
use crate::expr::{Expr, Literal};
use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Takes};
use crate::finding::{Finding, Input, TYPE_MISMATCH};
use crate::model::Type;

const fn kind(name: &'static str, summary: &'static str, decode: super::Decode) -> Kind {
    Kind { name, revision: 1, summary, takes: Takes::Table(&NUMBERS), decode, about: About::Each }
}

pub(super) const MEAN: Kind =
    kind("mean", "the mean of a column lies within bounds", |fields, key| made(fields, key, Statistic::Mean));
pub(super) const MEDIAN: Kind = kind("median", "the middle value of a column lies within bounds", |fields, key| {
    made(fields, key, Statistic::Median)
});
pub(super) const STDEV: Kind = kind("stdev", "the standard deviation of a column lies within bounds", |fields, key| {
    made(fields, key, Statistic::Deviation)
});
pub(super) const SUM: Kind =
    kind("sum", "the sum of a column lies within bounds", |fields, key| made(fields, key, Statistic::Sum));
pub(super) const DISTINCT_COUNT: Kind =
    kind("distinct_count", "a column has so many different values", |fields, key| {
        made(fields, key, Statistic::Distinct)
    });
pub(super) const DISTINCT_SHARE: Kind =
    kind("distinct_share", "the share of different values among all values lies within bounds", |fields, key| {
        made(fields, key, Statistic::DistinctShare)
    });
pub(super) const FILLED_SHARE: Kind =
    kind("filled_share", "the share of rows with a value lies within bounds", |fields, key| {
        made(fields, key, Statistic::Filled)
    });
pub(super) const MINIMUM: Kind = Kind {
    takes: Takes::Table(&VALUES),
    ..kind("minimum", "the least value of a column lies within bounds", |fields, key| {
        made(fields, key, Statistic::Least)
    })
};
pub(super) const MAXIMUM: Kind = Kind {
    takes: Takes::Table(&VALUES),
    ..kind("maximum", "the greatest value of a column lies within bounds", |fields, key| {
        made(fields, key, Statistic::Greatest)
    })
};
pub(super) const QUANTILE: Kind = Kind {
    takes: Takes::Table(&QUANTILES),
    ..kind("quantile", "the value at a share of the sorted values lies within bounds", quantile)
};

const NUMBERS: Keys = Keys::of(&bounds::keys(bounds::NUMBER)).needing(&bounds::NEEDS);
const VALUES: Keys = Keys::of(&bounds::keys(Takes::Plain)).needing(&bounds::NEEDS);
const QUANTILES: Keys = Keys::of(&PLACE_AND_BOUNDS).needing(&bounds::NEEDS);
const PLACE_AND_BOUNDS: [Key; 6] = {
    let [min, max, above, below, equals] = bounds::keys(bounds::NUMBER);
    let at = Key::required("at", Takes::SHARE, "the share of values that lie before it, from 0 to 1");
    [at, min, max, above, below, equals]
};

#[derive(Debug, Serialize)]
struct Made {
    of: Statistic,
    bounds: Bounds<Literal>,
}

fn made(fields: &mut Fields, key: &str, of: Statistic) -> Option<Arc<dyn Check>> {
    let take = match of {
        Statistic::Least | Statistic::Greatest => |table: &mut Fields, key: &str| table.value(key),
        _ => bounds::number,
    };
    Some(Arc::new(Made { of, bounds: Bounds::decode(fields, key, take)? }))
}

fn quantile(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let mut table = fields.table(key)?;
    let at = table.required("at").then(|| table.number("at")).flatten();
    let (found, asked) = (Bounds::within(&mut table, bounds::number), bounds::is_asked(&table));
    table.finish();
    if found.is_none() && !asked {
        bounds::unbounded(fields, key);
    }
    Some(Arc::new(Made { of: Statistic::Quantile(at?.to_string()), bounds: found? }))
}

impl Made {
    fn name(&self) -> &'static str {
        match self.of {
            Statistic::Mean => MEAN.name,
            Statistic::Median => MEDIAN.name,
            Statistic::Deviation => STDEV.name,
            Statistic::Sum => SUM.name,
            Statistic::Least => MINIMUM.name,
            Statistic::Greatest => MAXIMUM.name,
            Statistic::Quantile(_) => QUANTILE.name,
            Statistic::Distinct => DISTINCT_COUNT.name,
            Statistic::DistinctShare => DISTINCT_SHARE.name,
            Statistic::Filled | Statistic::OfWhole => FILLED_SHARE.name,
        }
    }
}

impl Check for Made {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let (column, name) = (&columns[0], self.name());
        let ty = input.schema.get(column).map_or(Type::Text, |it| it.ty);
        let of_values = matches!(self.of, Statistic::Least | Statistic::Greatest);
        if !of_values && !self.of.is_a_count() && !ty.is_number() {
            let message = format!("`{column}` is {ty}, and `{name}` is made of numbers");
            let help = format!("make a number of it in a step before: `{column} = \"decimal\"` in a `normalise` step");
            return Err(Finding::new(&TYPE_MISMATCH, name, message).label("asked for here").help(help));
        }
        let value = |bound: &Literal| match of_values {
            true => like(bound, column, input.schema, Comparison::Order, name),
            false => Ok(Expr::Literal(bound.clone())),
        };
        let outside = self.bounds.comparisons(value)?;
        Ok(Measure::Statistic { column: column.clone(), of: self.of.clone(), outside, only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let what = match &self.of {
            Statistic::Mean => "a mean".to_owned(),
            Statistic::Median => "a median".to_owned(),
            Statistic::Deviation => "a standard deviation".to_owned(),
            Statistic::Sum => "a sum".to_owned(),
            Statistic::Least => "a least value".to_owned(),
            Statistic::Greatest => "a greatest value".to_owned(),
            Statistic::Quantile(at) => format!("a quantile at {at}"),
            Statistic::Distinct => "a count of different values".to_owned(),
            Statistic::DistinctShare => "a share of different values".to_owned(),
            Statistic::Filled | Statistic::OfWhole => "a share of rows with a value".to_owned(),
        };
        let between = if self.bounds.is_range().is_some() { "" } else { "of " };
        Claim::new(Verb::Have, format!("{what} {between}{}", self.bounds.words(shown)))
    }
}
