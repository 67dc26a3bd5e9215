//! `rows = { min = …, max = … }`: the table has so many rows.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure};
use crate::fields::keys::{Key, Keys, Need, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::steps::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "rows",
    revision: 1,
    summary: "the table has so many rows",
    takes: Takes::Table(&BOUNDS),
    decode,
    about: About::Table,
};

const BOUNDS: Keys = Keys::of(&[
    Key::new("min", Takes::INTEGER, "at least so many rows"),
    Key::new("max", Takes::INTEGER, "at most so many rows"),
])
.needing(&[Need::one_of(&["min", "max"])]);

#[derive(Debug, Serialize)]
struct Rows {
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
    Some(Arc::new(Rows { min, max }))
}

impl Check for Rows {
    fn measure(&self, _: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        Ok(Measure::Count { min: self.min, max: self.max, only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let counted = |it: i64| if it == 1 { "1 row".to_owned() } else { format!("{it} rows") };
        let rows = match (self.min, self.max) {
            (Some(min), Some(max)) => format!("{min} to {}", counted(max)),
            (Some(min), None) => format!("at least {}", counted(min)),
            (_, Some(max)) => format!("at most {}", counted(max)),
            _ => "any number of rows".to_owned(),
        };
        Claim::new(Verb::Have, rows)
    }
}
