//! `same_contents_as = "expected"`: the table has the rows of another one, each as often, in any order, by the columns
//! that people see.
//!
//! What is not as expected are the rows that one of both has more often than the other.

use std::sync::Arc;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, Other};
use crate::fields::keys::Takes;
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{Finding, Input};
use crate::steps::{Decoded, differences};

pub(super) const KIND: Kind = Kind {
    name: "same_contents_as",
    revision: 1,
    summary: "the table has the same rows as another one, in any order",
    takes: Takes::Text,
    decode,
    about: About::Table,
};

#[derive(Debug)]
struct SameContents {
    other: String,
    step: Decoded,
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let other = fields.text(key)?;
    // `expect.TABLE.0`: the table that the check is about.
    let own = fields.path().strip_prefix("expect.")?.rsplit_once('.')?.0.to_owned();
    if own == other {
        let help = "name another one".to_owned();
        fields.problem(&WRONG_VALUE, key, "a table has the same contents as itself", "this table", Some(help));
        return None;
    }
    let step = differences(&own, &other, key);
    Some(Arc::new(SameContents { other, step }))
}

impl Check for SameContents {
    fn measure(&self, _: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        Ok(Measure::Violations)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", &("same contents", &self.step.inputs, self.step.recipe))
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Have, format!("the rows of `{}`", self.other))
    }

    fn other(&self) -> Option<Other<'_>> {
        Some(Other::Query(&self.step))
    }
}
