//! `lost = { at_most = 0.01 }`: at most this share of the values that a step reads into a column is lost.
//!
//! A value is lost where a filled cell gave nothing (`steps::losses`). Without an expectation a build tells of it from
//! [`USUAL`] on.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, bounds};
use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Need, Takes};
use crate::finding::{Finding, Input};

/// The share of the values of a column that may be lost before a build warns of it, where nothing else is expected.
pub const USUAL: f64 = 0.05;

pub(super) const KIND: Kind = Kind {
    name: "lost",
    revision: 1,
    summary: "not more than this share of the values read into a column is lost",
    takes: Takes::Table(&SHARE),
    decode,
    about: About::Each,
};

const SHARE: Keys = Keys::of(&[Key::new("at_most", Takes::SHARE, "the share of values that may be lost, from 0 to 1")])
    .needing(&[Need::one_of(&["at_most"])]);

#[derive(Debug, Serialize)]
struct Lost {
    /// As it was written: 0 to 1.
    at_most: String,
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let at_most = bounds::share(fields, key, "at_most")?;
    Some(Arc::new(Lost { at_most }))
}

impl Check for Lost {
    fn measure(&self, _: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        Ok(Measure::Lost)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let percent = self.at_most.parse::<f64>().unwrap_or_default() * 100.0;
        Claim::new(Verb::Lose, format!("at most {} % of its values", (percent * 1000.0).round() / 1000.0))
    }

    fn share(&self) -> Option<f64> {
        self.at_most.parse().ok().map(|it: f64| 1.0 - it)
    }
}
