//! `sort`: puts all rows in another order. Ties keep the order they had; nulls come last.
//!
//! ```toml
//! [step.by_score]
//! kind = "sort"
//! from = "organisations"
//! by = ["-data_quality_score", "organization_name"]
//! ```

use serde::Serialize;

use crate::expr::{Decides, Expr};
use crate::fields::Fields;
use crate::fields::keys::{Key, Takes};
use crate::profile::Profile;
use crate::relation::{By, Relation};
use crate::steps::columns::{FROM, known, one_input};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec};

pub(super) const KIND: Kind =
    Kind { name: "sort", revision: 1, summary: "puts all rows in another order", keys: KEYS, decode };

const KEYS: &[Key] = &[FROM, Key::required("by", Takes::TEXTS, "the columns that decide, `-name` for greatest first")];

#[derive(Debug, Serialize)]
struct Sort {
    by: Vec<(String, bool)>,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    if !fields.required("by") {
        return None;
    }
    let by = fields.words("by").iter().map(|it| signed(it)).collect();
    Some(Decoded::new(inputs?, Sort { by }))
}

/// `-name` is descending.
pub(super) fn signed(word: &str) -> (String, bool) {
    match word.strip_prefix('-') {
        Some(name) => (name.to_owned(), true),
        None => (word.to_owned(), false),
    }
}

impl Spec for Sort {
    fn decided_by(&self) -> Vec<(String, Decides<'_>)> {
        self.by.iter().map(|(name, _)| ("by".to_owned(), Decides::column(name))).collect()
    }

    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let before = findings.len();
        self.by.iter().for_each(|(name, _)| {
            known(&inputs[0], name, "by", findings);
        });
        if findings.len() > before {
            return None;
        }
        let by = self.by.iter().map(|(name, descending)| By { expr: Expr::column(name), descending: *descending });
        let from = Box::new(Relation::scan(0, inputs[0].schema));
        Some(Relation::Sort { from, by: by.collect() }.into())
    }
}
