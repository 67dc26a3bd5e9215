//! `not_null = true`: every considered row has a value; `null = true`: none has.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::measure::every;
use crate::expectations::{About, Check, Kind, Measure, present};
use crate::expr::Expr;
use crate::fields::keys::Takes;
use crate::finding::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "not_null",
    revision: 1,
    summary: "every row has a value",
    takes: Takes::True,
    decode: |fields, key| fields.flag(key, true).then(|| Arc::new(NotNull) as Arc<dyn Check>),
    about: About::Each,
};
pub(super) const NULL: Kind = Kind {
    name: "null",
    revision: 1,
    summary: "no row has a value",
    takes: Takes::True,
    decode: |fields, key| fields.flag(key, true).then(|| Arc::new(Null) as Arc<dyn Check>),
    about: About::Each,
};

#[derive(Debug, Serialize)]
struct NotNull;

#[derive(Debug, Serialize)]
struct Null;

impl Check for Null {
    fn measure(&self, columns: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        Ok(Measure::Rows { considered: every(), unexpected: present(&columns[0]) })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", &("null", self))
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Be, "null")
    }
}

impl Check for NotNull {
    fn measure(&self, columns: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        let unexpected = Expr::call("is null", [Expr::column(&columns[0])]);
        Ok(Measure::Rows { considered: every(), unexpected })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Be, "null").negated(true)
    }
}
