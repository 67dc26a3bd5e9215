//! `length = { min = …, max = … }`: texts have so many characters. Nulls are not considered.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::bounds::{self, Bounds};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, as_text, of_present};
use crate::expr::Expr;
use crate::fields::Fields;
use crate::fields::keys::{Keys, Takes};
use crate::finding::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "length",
    revision: 1,
    summary: "texts have so many characters",
    takes: Takes::Table(&BOUNDS),
    decode,
    about: About::Each,
};

const BOUNDS: Keys = Keys::of(&bounds::keys(Takes::INTEGER)).needing(&bounds::NEEDS);

#[derive(Debug, Serialize)]
struct Length(Bounds<i64>);

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    Some(Arc::new(Length(Bounds::decode(fields, key, |table, key| table.integer(key))?)))
}

impl Check for Length {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let length = Expr::call("length", [as_text(&columns[0], input.schema)]);
        let compared = |operator: &str, it: &i64| Ok(Expr::call(operator, [length.clone(), Expr::integer(*it)]));
        let unexpected = self.0.outside(compared)?;
        of_present(&columns[0], unexpected, input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let length = match self.0.is_range() {
            Some((min, max)) => format!("{min} to {max}"),
            None => self.0.open(i64::to_string),
        };
        Claim::new(Verb::Have, format!("{length} characters"))
    }
}
