//! `rows = { min = …, max = … }`: the table has so many rows.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::bounds::Bounds;
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure};
use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Need, Takes};
use crate::steps::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "rows",
    revision: 1,
    summary: "the table has so many rows",
    takes: Takes::Table(&BOUNDS),
    decode,
    about: About::Table,
};

const BOUNDS: Keys = Keys::of(&[
    Key::new("min", Takes::INTEGER, "at least so many rows"),
    Key::new("max", Takes::INTEGER, "at most so many rows"),
])
.needing(&[Need::one_of(&["min", "max"])]);

#[derive(Debug, Serialize)]
struct Rows(Bounds<i64>);

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    Some(Arc::new(Rows(Bounds::decode(fields, key, |table, key| table.integer(key))?)))
}

impl Check for Rows {
    fn measure(&self, _: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        Ok(Measure::Count { min: self.0.min, max: self.0.max, only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let counted = |it: &i64| if *it == 1 { "1 row".to_owned() } else { format!("{it} rows") };
        let rows = match (self.0.min, self.0.max) {
            (Some(min), Some(max)) => format!("{min} to {}", counted(&max)),
            _ => self.0.open(counted),
        };
        Claim::new(Verb::Have, rows)
    }
}
