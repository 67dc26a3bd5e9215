//! `no_personal_data = true`: no text holds an e-mail address or a phone number. Nulls are not considered.
//!
//! What is found is what the value functions `emails` and `phones` find in a text. Names of people cannot be told from
//! other words, so they are not looked for.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, as_text, of_present};
use crate::expr::Expr;
use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Takes};
use crate::finding::{Finding, Input};

pub(super) const KIND: Kind = Kind {
    name: "no_personal_data",
    revision: 1,
    summary: "no text holds an e-mail address or a phone number",
    takes: Takes::Either(&[Takes::True, Takes::Table(&REGION)]),
    decode,
    about: About::Each,
};

const REGION: Keys = Keys::of(&[Key::new(
    "region",
    Takes::Text,
    "the country whose numbers are found without its code; without it numbers need one",
)]);

#[derive(Debug, Serialize)]
struct NoPersonalData {
    /// `ZZ` is libphonenumber's "no region".
    region: String,
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let region = match fields.is_table(key) {
        true => {
            let mut table = fields.table(key)?;
            let region = table.text("region");
            table.finish();
            region
        }
        false if fields.flag(key, true) => None,
        false => return None,
    };
    Some(Arc::new(NoPersonalData { region: region.unwrap_or_else(|| "ZZ".to_owned()) }))
}

impl Check for NoPersonalData {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let text = || as_text(&columns[0], input.schema);
        let found = [Expr::call("emails", [text()]), Expr::call("phones", [text(), Expr::text(&self.region)])];
        let found = found.map(|it| Expr::call("is not null", [it]));
        of_present(&columns[0], Expr::call("or", found), input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Have, "an e-mail address or a phone number").negated(true)
    }
}
