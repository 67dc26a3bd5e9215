//! `sql = "select …"`: a query that gives the rows that are not as expected; there should be none.
//!
//! It is planned, guarded and run as a `sql` step is, and its rows are kept as those of a step are. The rows of the
//! table that the check is about are those that it is counted against.

use std::borrow::Cow;
use std::sync::Arc;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, Other};
use crate::fields::Fields;
use crate::fields::keys::Takes;
use crate::finding::{Finding, Input};
use crate::steps::{Decoded, query_under};

pub(super) const KIND: Kind = Kind {
    name: "sql",
    revision: 1,
    summary: "a query of your own gives no row: those it gives are not as expected",
    takes: Takes::Text,
    decode,
    about: About::Table,
};

#[derive(Debug)]
struct Query {
    step: Decoded,
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    Some(Arc::new(Query { step: query_under(fields, key)? }))
}

impl Check for Query {
    fn measure(&self, _: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        Ok(Measure::Violations)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", &("sql", self.step.recipe))
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Be, "found by the query").negated(true)
    }

    fn other(&self, _: &str) -> Option<Other<'_>> {
        Some(Other::Query(Cow::Borrowed(&self.step)))
    }
}
