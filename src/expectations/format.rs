//! `format = "email"`: values are in the normal form of their kind: `email`, `website`, `iban`, `organisation_name`,
//! or `phone` for E.164. A value is as expected when its value function gives it back unchanged. Nulls are not
//! considered.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, as_text, of_present};
use crate::expr::Expr;
use crate::fields::Fields;
use crate::fields::keys::{Takes, words};
use crate::finding::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "format",
    revision: 1,
    summary: "values are in the normal form of their kind",
    takes: Takes::Word(&words(&FORMATS)),
    decode,
    about: About::Each,
};

const FORMATS: [(&str, &str); 14] = [
    ("email", "email"),
    ("website", "website"),
    ("slug", "slug"),
    ("organisation_name", "organisation_name"),
    ("person_name", "person_name"),
    ("line", "line"),
    ("phone", "phone"),
    ("iban", "iban"),
    ("vat", "vat"),
    ("country", "country"),
    ("currency", "currency"),
    ("language", "language"),
    ("coordinates", "coordinates"),
    ("duration", "duration"),
];

#[derive(Debug, Serialize)]
struct Format {
    function: &'static str,
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    Some(Arc::new(Format { function: fields.choice(key, &FORMATS)? }))
}

impl Check for Format {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let text = as_text(&columns[0], input.schema);
        // An E.164 number is the same number in every region; `ZZ` is libphonenumber's "no region".
        let arguments = match self.function {
            "phone" => vec![text.clone(), Expr::text("ZZ")],
            _ => vec![text.clone()],
        };
        let normal = Expr::Call(self.function.to_owned(), arguments);
        let unexpected = Expr::call("is distinct from", [normal, text]);
        of_present(&columns[0], unexpected, input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Be, format!("in the normal form of `{}`", self.function))
    }
}
