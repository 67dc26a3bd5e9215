//! `length = { min = …, max = … }`: texts have so many characters. Nulls are not considered.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, as_text, of_present};
use crate::expr::Expr;
use crate::fields::keys::{Key, Keys, Need, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::steps::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "length",
    revision: 1,
    summary: "texts have so many characters",
    takes: Takes::Table(&BOUNDS),
    decode,
    about: About::Each,
};

const BOUNDS: Keys = Keys::of(&[
    Key::new("min", Takes::INTEGER, "at least so many characters"),
    Key::new("max", Takes::INTEGER, "at most so many characters"),
])
.needing(&[Need::one_of(&["min", "max"])]);

#[derive(Debug, Serialize)]
struct Length {
    min: Option<i64>,
    max: Option<i64>,
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let mut bounds = fields.table(key)?;
    let (min, max) = (bounds.integer("min"), bounds.integer("max"));
    bounds.finish();
    if min.is_none() && max.is_none() {
        let help = Some("give `min`, `max` or both".to_owned());
        fields.problem(&WRONG_VALUE, key, format!("`{key}` has no bounds"), "this table", help);
        return None;
    }
    Some(Arc::new(Length { min, max }))
}

impl Check for Length {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let length = Expr::call("length", [as_text(&columns[0], input.schema)]);
        let short = self.min.map(|it| Expr::call("<", [length.clone(), Expr::integer(it)]));
        let long = self.max.map(|it| Expr::call(">", [length.clone(), Expr::integer(it)]));
        let unexpected = [short, long].into_iter().flatten().reduce(|a, b| Expr::call("or", [a, b]));
        of_present(&columns[0], unexpected.unwrap_or(Expr::null()), input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let length = match (self.min, self.max) {
            (Some(min), Some(max)) => format!("{min} to {max} characters"),
            (Some(min), None) => format!("at least {min} characters"),
            (_, Some(max)) => format!("at most {max} characters"),
            _ => "any length".to_owned(),
        };
        Claim::new(Verb::Have, length)
    }
}
