//! `matches = 'regex'` and `not_matches`: a search in the value's text, not a full match; RE2 syntax. Nulls are not
//! considered.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, as_text, of_present};
use crate::expr::Expr;
use crate::expr::pattern::wrong;
use crate::fields::keys::Takes;
use crate::fields::{EXPRESSION, Fields};
use crate::steps::{Finding, Input};

pub(super) const MATCHES: Kind = Kind {
    name: "matches",
    revision: 1,
    summary: "a pattern is found in every value",
    takes: Takes::Text,
    decode: matches,
    about: About::Each,
};
pub(super) const NOT_MATCHES: Kind = Kind {
    name: "not_matches",
    revision: 1,
    summary: "a pattern is found in no value",
    takes: Takes::Text,
    decode: not_matches,
    about: About::Each,
};

#[derive(Debug, Serialize)]
struct Matches {
    pattern: String,
    found: bool,
}

fn matches(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    Some(Arc::new(Matches { pattern: pattern(fields, key)?, found: true }))
}

fn not_matches(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    Some(Arc::new(Matches { pattern: pattern(fields, key)?, found: false }))
}

fn pattern(fields: &mut Fields, key: &str) -> Option<String> {
    let text = fields.text(key)?;
    let Some(wrong) = wrong(&text) else { return Some(text) };
    let (line, column) = wrong.place(&text);
    let message = format!("the pattern cannot be read: {} at Line: {line}, Column: {column}", wrong.reason);
    let help = "a backslash before a sign takes it as it is; patterns are those of RE2".to_owned();
    fields.problem(&EXPRESSION, key, message, "in this pattern", Some(help));
    None
}

impl Check for Matches {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let text = as_text(&columns[0], input.schema);
        let found = Expr::call("matches", [text, Expr::text(&self.pattern)]);
        let unexpected = if self.found { Expr::call("not", [found]) } else { found };
        of_present(&columns[0], unexpected, input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Match, format!("'{}'", self.pattern)).negated(!self.found)
    }
}
