//! `json_schema = '{"type": "object"}'`: every text is JSON that a JSON Schema allows. Nulls are not considered.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, as_text, of_present};
use crate::expr::Expr;
use crate::fields::keys::Takes;
use crate::fields::{EXPRESSION, Fields};
use crate::finding::{Finding, Input};
use crate::text::json_schema::Schema;

pub(super) const KIND: Kind = Kind {
    name: "json_schema",
    revision: 1,
    summary: "every text is JSON that a JSON Schema allows",
    takes: Takes::Text,
    decode,
    about: About::Each,
};

#[derive(Debug, Serialize)]
struct Fits {
    /// The schema, without its layout.
    schema: String,
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let text = fields.text(key)?;
    if let Err(reason) = Schema::new(&text) {
        let help = "write the schema as JSON, in three apostrophes: '''{\"type\": \"object\"}'''".to_owned();
        let message = format!("the schema cannot be read: {reason}");
        fields.problem(&EXPRESSION, key, message, "in this schema", Some(help));
        return None;
    }
    let schema: serde_json::Value = serde_json::from_str(&text).ok()?;
    Some(Arc::new(Fits { schema: schema.to_string() }))
}

impl Check for Fits {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let fits = Expr::call("fits schema", [as_text(&columns[0], input.schema), Expr::text(&self.schema)]);
        of_present(&columns[0], Expr::call("not", [fits]), input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Be, "JSON that the schema allows")
    }
}
