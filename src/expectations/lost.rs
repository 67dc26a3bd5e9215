//! `lost = { at_most = 0.01 }`: at most this share of the values that a step reads into a column is lost.
//!
//! A value is lost where a filled cell gave nothing (`steps::losses`). Without an expectation a build tells of it from
//! [`USUAL`] on.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure};
use crate::expr::Literal;
use crate::fields::keys::{Key, Keys, Need, Takes};
use crate::fields::{Fields, WRONG_VALUE};
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
    let mut table = fields.table(key)?;
    let written = table.value("at_most");
    let at_most = match &written {
        Some(Literal::Integer(share @ (0 | 1))) => Some(share.to_string()),
        Some(Literal::Number(it)) if it.parse::<f64>().is_ok_and(|it| (0.0..=1.0).contains(&it)) => Some(it.clone()),
        Some(_) => {
            let help = Some("give the share of values that may be lost, from 0 to 1".to_owned());
            table.problem(&WRONG_VALUE, "at_most", "`at_most` is not a share", "this value", help);
            None
        }
        None => None,
    };
    table.finish();
    if written.is_none() {
        let help = Some("give `at_most`, a share from 0 to 1".to_owned());
        fields.problem(&WRONG_VALUE, key, format!("`{key}` has no bound"), "this table", help);
    }
    Some(Arc::new(Lost { at_most: at_most? }))
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
