//! `rows = { min = …, max = … }`: the table has so many rows.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::bounds::{self, Bounds};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure};
use crate::fields::Fields;
use crate::fields::keys::{Keys, Takes};
use crate::finding::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "rows",
    revision: 1,
    summary: "the table has so many rows",
    takes: Takes::Table(&BOUNDS),
    decode,
    about: About::Table,
};

const BOUNDS: Keys = Keys::of(&bounds::keys(Takes::INTEGER)).needing(&bounds::NEEDS);

#[derive(Debug, Serialize)]
struct Rows(Bounds<i64>);

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    Some(Arc::new(Rows(Bounds::decode(fields, key, |table, key| table.integer(key))?)))
}

impl Check for Rows {
    fn measure(&self, _: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        let (min, max) = self.0.included();
        Ok(Measure::Count { min, max, only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Have, counted(&self.0, "row"))
    }
}

/// So many of something: `1 to 3 rows`.
pub(super) fn counted(bounds: &Bounds<i64>, noun: &str) -> String {
    let counted = |it: &i64| if *it == 1 { format!("1 {noun}") } else { format!("{it} {noun}s") };
    match bounds.is_range() {
        Some((min, max)) => format!("{min} to {}", counted(max)),
        None => bounds.open(counted),
    }
}
