//! `z_score = { below = 3 }` and `outliers = { times = 1.5 }`: no value lies far from the others.
//!
//! Where a column has no spread (one value, or the same everywhere), no value lies far.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::bounds;
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::measure::Centre;
use crate::expectations::{About, Check, Kind, Measure};
use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Takes};
use crate::finding::{Finding, Input, TYPE_MISMATCH};
use crate::model::Type;

pub(super) const Z_SCORE: Kind = Kind {
    name: "z_score",
    revision: 1,
    summary: "no value lies so many standard deviations or more from the mean",
    takes: Takes::Table(&SCORES),
    decode: z_score,
    about: About::Each,
};
pub(super) const OUTLIERS: Kind = Kind {
    name: "outliers",
    revision: 1,
    summary: "no value lies more than so many times the distance of the quartiles outside of them",
    takes: Takes::Table(&TIMES),
    decode: quartiles,
    about: About::Each,
};

const SCORES: Keys = Keys::of(&[
    Key::required("below", bounds::POSITIVE, "how many standard deviations are too many"),
    Key::new("above_only", Takes::Flag, "whether only values above the mean count"),
]);
const TIMES: Keys =
    Keys::of(&[Key::required("times", bounds::POSITIVE, "how many distances of the quartiles they may lie outside")]);

#[derive(Debug, Serialize)]
struct Outliers {
    from: Centre,
    times: String,
}

fn z_score(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let mut table = fields.table(key)?;
    let times = table.required("below").then(|| table.number("below")).flatten();
    let from = if table.flag("above_only", false) { Centre::AboveMean } else { Centre::Mean };
    table.finish();
    Some(Arc::new(Outliers { from, times: times?.to_string() }))
}

fn quartiles(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let mut table = fields.table(key)?;
    let times = table.required("times").then(|| table.number("times")).flatten();
    table.finish();
    Some(Arc::new(Outliers { from: Centre::Quartiles, times: times?.to_string() }))
}

impl Check for Outliers {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let column = &columns[0];
        let ty = input.schema.get(column).map_or(Type::Text, |it| it.ty);
        if !ty.is_number() {
            let key = if self.from == Centre::Quartiles { OUTLIERS.name } else { Z_SCORE.name };
            let message = format!("`{column}` is {ty}, and `{key}` is made of numbers");
            let help = format!("make a number of it in a step before: `{column} = \"decimal\"` in a `normalise` step");
            return Err(Finding::new(&TYPE_MISMATCH, key, message).label("asked for here").help(help));
        }
        Ok(Measure::Outliers { column: column.clone(), from: self.from, times: self.times.clone(), only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let times = &self.times;
        let range = match self.from {
            Centre::Mean => format!("less than {times} standard deviations from the mean"),
            Centre::AboveMean => format!("less than {times} standard deviations above the mean"),
            Centre::Quartiles => format!("at most {times} times the distance of the quartiles outside of them"),
        };
        Claim::new(Verb::Be, range)
    }
}
