//! `not_null = true`: every considered row has a value.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure};
use crate::expr::{Expr, Literal};
use crate::fields::Fields;
use crate::fields::keys::Takes;
use crate::steps::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "not_null",
    revision: 1,
    summary: "every row has a value",
    takes: Takes::Flag,
    decode,
    about: About::Each,
};

#[derive(Debug, Serialize)]
struct NotNull;

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    fields.flag(key, true).then(|| Arc::new(NotNull) as Arc<dyn Check>)
}

impl Check for NotNull {
    fn measure(&self, columns: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        let unexpected = Expr::call("is null", [Expr::column(&columns[0])]);
        Ok(Measure::Rows { considered: Expr::Literal(Literal::Boolean(true)), unexpected })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Be, "null").negated(true)
    }
}
