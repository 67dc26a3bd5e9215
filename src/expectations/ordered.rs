//! `increasing = true` and `decreasing = true`: no value comes before that of the last row that has one; with
//! `"strictly"` none is the same again. Nulls are passed over.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure};
use crate::fields::Fields;
use crate::fields::keys::Takes;
use crate::finding::{Finding, Input};

pub(super) const INCREASING: Kind = Kind {
    name: "increasing",
    revision: 1,
    summary: "no value is less than the one before",
    takes: TAKES,
    decode: |fields, key| decode(fields, key, false),
    about: About::Each,
};
pub(super) const DECREASING: Kind = Kind {
    name: "decreasing",
    revision: 1,
    summary: "no value is greater than the one before",
    takes: TAKES,
    decode: |fields, key| decode(fields, key, true),
    about: About::Each,
};

const TAKES: Takes = Takes::Either(&[Takes::True, Takes::Word(&["strictly"])]);

#[derive(Debug, Serialize)]
struct Ordered {
    descending: bool,
    strictly: bool,
}

fn decode(fields: &mut Fields, key: &str, descending: bool) -> Option<Arc<dyn Check>> {
    let strictly = match fields.is_text(key) {
        true => fields.choice(key, &[("strictly", true)])?,
        false if fields.flag(key, true) => false,
        false => return None,
    };
    Some(Arc::new(Ordered { descending, strictly }))
}

impl Check for Ordered {
    fn measure(&self, columns: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        let (descending, strictly) = (self.descending, self.strictly);
        Ok(Measure::Ordered { column: columns[0].clone(), descending, strictly, only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let strictly = if self.strictly { "strictly " } else { "" };
        Claim::new(Verb::Be, format!("{strictly}{}", if self.descending { "decreasing" } else { "increasing" }))
    }
}
