//! `between = { min = …, max = … }`: values lie within bounds, both included; one may be left out. Nulls are not
//! considered. Dates are written as texts: `min = "2020-01-01"`. `above` and `below` leave the bound out.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::bounds::{self, Bounds};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::literal::{Comparison, like, shown};
use crate::expectations::{About, Check, Kind, Measure, of_present};
use crate::expr::{Expr, Literal};
use crate::fields::Fields;
use crate::fields::keys::{Keys, Takes};
use crate::finding::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "between",
    revision: 1,
    summary: "values lie within bounds",
    takes: Takes::Table(&BOUNDS),
    decode,
    about: About::Each,
};

const BOUNDS: Keys = Keys::of(&bounds::keys(Takes::Plain)).needing(&bounds::NEEDS);

#[derive(Debug, Serialize)]
struct Between(Bounds<Literal>);

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    Some(Arc::new(Between(Bounds::decode(fields, key, |table, key| table.value(key))?)))
}

impl Check for Between {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let column = &columns[0];
        let compared = |operator: &str, bound: &Literal| {
            let bound = like(bound, column, input.schema, Comparison::Order, KIND.name)?;
            Ok(Expr::call(operator, [Expr::column(column), bound]))
        };
        let unexpected = self.0.outside(compared)?;
        of_present(column, unexpected, input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Be, self.0.words(shown))
    }
}
