//! `used = true`: every row that the step takes in is used, and none set aside.
//!
//! Of a `join` these are the rows of `with` that no key finds anything for, so this is its coverage; of a `merge` the
//! rows without a key.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure};
use crate::fields::Fields;
use crate::fields::keys::Takes;
use crate::finding::{Finding, Input};

pub(super) const KIND: Kind =
    Kind { name: "used", revision: 1, summary: "no row is set aside", takes: Takes::True, decode, about: About::Table };

#[derive(Debug, Serialize)]
struct Used;

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    fields.flag(key, true).then(|| Arc::new(Used) as Arc<dyn Check>)
}

impl Check for Used {
    fn measure(&self, _: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        Ok(Measure::SetAside)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Use, "all rows that it takes in")
    }
}
