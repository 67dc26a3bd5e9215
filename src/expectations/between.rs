//! `between = { min = …, max = … }`: values lie within bounds, both included; one may be left out. Nulls are not
//! considered. Dates are written as texts: `min = "2020-01-01"`.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, like, of_present, shown};
use crate::expr::{Expr, Literal};
use crate::fields::keys::{Key, Keys, Need, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::steps::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "between",
    revision: 1,
    summary: "values lie within bounds",
    takes: Takes::Table(&BOUNDS),
    decode,
    about: About::Each,
};

const BOUNDS: Keys =
    Keys::of(&[Key::new("min", Takes::Plain, "the least value"), Key::new("max", Takes::Plain, "the greatest value")])
        .needing(&[Need::one_of(&["min", "max"])]);

#[derive(Debug, Serialize)]
struct Between {
    min: Option<Literal>,
    max: Option<Literal>,
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let mut bounds = fields.table(key)?;
    let (min, max) = (bounds.value("min"), bounds.value("max"));
    bounds.finish();
    if min.is_none() && max.is_none() {
        let help = Some("give `min`, `max` or both".to_owned());
        fields.problem(&WRONG_VALUE, key, format!("`{key}` has no bounds"), "this table", help);
        return None;
    }
    Some(Arc::new(Between { min, max }))
}

impl Check for Between {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let column = &columns[0];
        let outside = |operator: &str, bound: &Literal| {
            Expr::call(operator, [Expr::column(column), like(bound, column, input.schema)])
        };
        let below = self.min.as_ref().map(|it| outside("<", it));
        let above = self.max.as_ref().map(|it| outside(">", it));
        let unexpected = [below, above].into_iter().flatten().reduce(|a, b| Expr::call("or", [a, b]));
        of_present(column, unexpected.unwrap_or(Expr::null()), input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let range = match (&self.min, &self.max) {
            (Some(min), Some(max)) => format!("between {} and {}", shown(min), shown(max)),
            (Some(min), None) => format!("at least {}", shown(min)),
            (None, Some(max)) => format!("at most {}", shown(max)),
            (None, None) => "anything".to_owned(),
        };
        Claim::new(Verb::Be, range)
    }
}
