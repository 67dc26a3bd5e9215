//! `matches = 'regex'` and `not_matches`: a search in the value's text, not a full match, as Python's `re.search`. Of a list of
//! patterns one is found with `matches`, each with `matches_all`, and none with `not_matches`; `like` and `not_like` are
//! the same with patterns of SQL. Nulls are not considered.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, EXPECTS_NOTHING, Kind, Measure, as_text, of_present};
use crate::expr::Expr;
use crate::expr::python::translated;
use crate::fields::keys::Takes;
use crate::fields::{EXPRESSION, Fields, WRONG_VALUE};
use crate::finding::{Finding, Input};

const fn kind(name: &'static str, summary: &'static str, decode: super::Decode) -> Kind {
    Kind { name, revision: 2, summary, takes: Takes::Texts(1), decode, about: About::Each }
}

pub(super) const MATCHES: Kind =
    kind("matches", "a pattern, or one of several, is found in every value", |fields, key| {
        made(fields, key, Found::One)
    });
pub(super) const MATCHES_ALL: Kind =
    kind("matches_all", "each of several patterns is found in every value", |fields, key| {
        made(fields, key, Found::All)
    });
pub(super) const NOT_MATCHES: Kind =
    kind("not_matches", "a pattern, or any of several, is found in no value", |fields, key| {
        made(fields, key, Found::None)
    });
pub(super) const LIKE: Kind =
    kind("like", "every value is like a pattern of SQL, or like one of several", |fields, key| {
        like(fields, key, false)
    });
pub(super) const NOT_LIKE: Kind =
    kind("not_like", "no value is like a pattern of SQL, or like any of several", |fields, key| {
        like(fields, key, true)
    });

/// How many of the patterns are found.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Found {
    One,
    All,
    None,
}

/// One pattern alone; its recipe is as old as the kind.
#[derive(Debug, Serialize)]
struct Matches {
    pattern: String,
    found: bool,
}

#[derive(Debug, Serialize)]
struct Several {
    function: &'static str,
    patterns: Vec<String>,
    all: bool,
    found: bool,
}

fn made(fields: &mut Fields, key: &str, found: Found) -> Option<Arc<dyn Check>> {
    let texts = texts(fields, key)?;
    // What is wrong with any of them is told.
    let patterns: Vec<Option<String>> = texts.into_iter().map(|it| pattern(fields, key, it)).collect();
    let patterns: Vec<String> = patterns.into_iter().collect::<Option<_>>()?;
    Some(match patterns.as_slice() {
        [pattern] => Arc::new(Matches { pattern: pattern.clone(), found: found != Found::None }),
        _ => {
            let (all, found) = (found == Found::All, found != Found::None);
            Arc::new(Several { function: "matches", patterns, all, found })
        }
    })
}

fn like(fields: &mut Fields, key: &str, not: bool) -> Option<Arc<dyn Check>> {
    Some(Arc::new(Several { function: "like", patterns: texts(fields, key)?, all: false, found: !not }))
}

/// Texts under a key: one at least.
fn texts(fields: &mut Fields, key: &str) -> Option<Vec<String>> {
    let texts = fields.words(key);
    if texts.is_empty() && fields.is_empty_list(key) {
        let help = Some("write one at least".to_owned());
        fields.problem(&WRONG_VALUE, key, format!("`{key}` has no patterns"), "this list", help);
    }
    (!texts.is_empty()).then_some(texts)
}

fn pattern(fields: &Fields, key: &str, text: String) -> Option<String> {
    if text.is_empty() {
        let help = Some("write what should be found".to_owned());
        fields.problem(&EXPECTS_NOTHING, key, "an empty pattern is found in every text", "this pattern", help);
        return None;
    }
    let Err(wrong) = translated(&text) else { return Some(text) };
    let (line, column) = wrong.place(&text);
    let message = format!("the pattern cannot be read: {} at Line: {line}, Column: {column}", wrong.reason);
    let help = "a backslash before a sign takes it literally; patterns are those of Python's `re`".to_owned();
    fields.problem(&EXPRESSION, key, message, "in this pattern", Some(help));
    None
}

/// Whether a pattern is found in a text. One that cannot be read has been refused.
fn search(text: Expr, pattern: &str) -> Expr {
    Expr::call("found in", [text, Expr::text(translated(pattern).unwrap_or_else(|_| pattern.to_owned()))])
}

impl Check for Matches {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let text = as_text(&columns[0], input.schema);
        let found = search(text, &self.pattern);
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

impl Check for Several {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let text = as_text(&columns[0], input.schema);
        let found = self.patterns.iter().map(|it| match self.function {
            "like" => Expr::call("like", [text.clone(), Expr::text(it)]),
            _ => search(text.clone(), it),
        });
        let found =
            found.reduce(|a, b| Expr::call(if self.all { "and" } else { "or" }, [a, b])).unwrap_or(Expr::null());
        let unexpected = if self.found { Expr::call("not", [found]) } else { found };
        of_present(&columns[0], unexpected, input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let patterns = self.patterns.iter().map(|it| format!("'{it}'"));
        let between = if self.all { " and " } else { " or " };
        match self.function {
            "like" => Claim::new(Verb::Be, "like").values(patterns, between).negated(!self.found),
            _ => Claim::new(Verb::Match, patterns.collect::<Vec<_>>().join(between)).negated(!self.found),
        }
    }
}
