//! `filter`: keeps the rows for which a condition is true.
//!
//! ```toml
//! [step.active]
//! kind = "filter"
//! from = "clients"
//! where = "status <> 'Closed' and organization_name is not null"
//! ```

use std::collections::BTreeSet;

use serde::Serialize;

use crate::expr::{Decides, Expr};
use crate::fields::Fields;
use crate::fields::keys::{Key, Takes};
use crate::finding::COMPARE;
use crate::model::Type;
use crate::profile::Profile;
use crate::relation::Relation;
use crate::steps::columns::{FROM, one_input, typed};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec, TYPE_MISMATCH};

pub(super) const KIND: Kind =
    Kind { name: "filter", revision: 1, summary: "keeps the rows for which a condition is true", keys: KEYS, decode };

const KEYS: &[Key] = &[FROM, Key::required("where", Takes::Text, "the condition for a row to stay")];

#[derive(Debug, Serialize)]
struct Filter {
    keep: Expr,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    if !fields.required("where") {
        return None;
    }
    let keep = fields.expr("where")?;
    Some(Decoded::new(inputs?, Filter { keep }))
}

impl Spec for Filter {
    fn decided_by(&self) -> Vec<(String, Decides<'_>)> {
        let mut names = BTreeSet::new();
        self.keep.ordered(&mut names);
        names.into_iter().map(|it| ("where".to_owned(), it)).collect()
    }

    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        if !typed(input, &self.keep, "where", findings) {
            return None;
        }
        if self.keep.ty(input.schema) != Ok(Type::Boolean) {
            findings.push(
                Finding::new(&TYPE_MISMATCH, "where", "`where` is not a condition")
                    .label("not true or false")
                    .help(COMPARE.to_owned()),
            );
            return None;
        }
        Some(Relation::scan(0, input.schema).filter(self.keep.clone()).into())
    }
}
