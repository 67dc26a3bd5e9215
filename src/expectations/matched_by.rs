//! `matched_by = 1`: rows that a `join` found something for were found by its first key.
//!
//! A row that finds nothing is not considered: how many those are, `used` and `not_null` say. With `mostly` it says how
//! many may fall back on a later key before somebody should look.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure};
use crate::expr::{Expr, Literal};
use crate::fields::keys::Takes;
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{Finding, Input, UNKNOWN_COLUMN};
use crate::steps::MATCHED;

pub(super) const KIND: Kind = Kind {
    name: "matched_by",
    revision: 1,
    summary: "matched rows of a join were found by its first keys",
    takes: Takes::Integer(1, i64::MAX),
    decode,
    about: About::Table,
};

#[derive(Debug, Serialize)]
struct MatchedBy {
    /// How many keys, from the first.
    keys: i64,
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let keys = fields.integer(key)?;
    if keys < 1 {
        let help = "keys are counted from 1, in the order in which the join tries them".to_owned();
        fields.problem(&WRONG_VALUE, key, format!("there is no key {keys}"), "this number", Some(help));
        return None;
    }
    Some(Arc::new(MatchedBy { keys }))
}

impl Check for MatchedBy {
    fn measure(&self, _: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        if !input.schema.has(MATCHED) {
            let message = format!("no column shows by which key rows of `{}` were found", input.name);
            let help = "name the `join` step, or a table that carries its rows on".to_owned();
            return Err(Finding::new(&UNKNOWN_COLUMN, KIND.name, message).label("asked for here").help(help));
        }
        let matched = || Expr::column(MATCHED);
        let considered = Expr::call("is not null", [matched()]);
        let unexpected = Expr::call(">", [matched(), Expr::Literal(Literal::Integer(self.keys))]);
        Ok(Measure::Rows { considered, unexpected })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        match self.keys {
            1 => Claim::new(Verb::Be, "matched by the first key"),
            keys => Claim::new(Verb::Be, format!("matched by one of the first {keys} keys")),
        }
    }
}
