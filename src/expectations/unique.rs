//! `unique = true`: no two rows have the same values in the columns. Rows with a null are not considered.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure};
use crate::expr::Expr;
use crate::fields::Fields;
use crate::fields::keys::Takes;
use crate::finding::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "unique",
    revision: 1,
    summary: "no two rows have the same values",
    takes: Takes::True,
    decode,
    about: About::All,
};

#[derive(Debug, Serialize)]
struct Unique;

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    fields.flag(key, true).then(|| Arc::new(Unique) as Arc<dyn Check>)
}

impl Check for Unique {
    fn measure(&self, columns: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        Ok(Measure::Repeats { values: columns.iter().map(Expr::column).collect(), only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Be, "unique")
    }
}
