//! `same_contents_as = "expected"`: the table has the rows of another one, each as often, in any order, by the columns
//! that people see.
//!
//! What is not as expected are the rows that one of both has more often than the other.

use std::borrow::Cow;
use std::sync::Arc;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, Other};
use crate::fields::keys::Takes;
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{Finding, Input};
use crate::steps::differences;

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
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    Some(Arc::new(SameContents { other: fields.text(key)? }))
}

impl Check for SameContents {
    fn measure(&self, _: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        if input.name == self.other {
            let message = "a table has the same contents as itself".to_owned();
            let finding = Finding::new(&WRONG_VALUE, KIND.name, message).label("this table");
            return Err(finding.help("name another one".to_owned()));
        }
        Ok(Measure::Violations)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", &("same contents", &self.other))
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Have, format!("the rows of `{}`", self.other))
    }

    fn other(&self, table: &str) -> Option<Other<'_>> {
        Some(Other::Query(Cow::Owned(differences(table, &self.other, KIND.name))))
    }
}
