//! `filter`: keeps the rows for which a condition is true.
//!
//! ```toml
//! [step.active]
//! kind = "filter"
//! from = "clients"
//! where = "status <> 'Closed' and organization_name is not null"
//! ```

use serde::Serialize;

use crate::expr::Expr;
use crate::fields::Fields;
use crate::model::Type;
use crate::profile::Profile;
use crate::relation::Relation;
use crate::steps::columns::{one_input, typed};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec, TYPE_MISMATCH};

pub(super) const KIND: Kind =
    Kind { name: "filter", revision: 1, summary: "keeps the rows for which a condition is true", decode };

#[derive(Debug, Serialize)]
struct Filter {
    keep: Expr,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    if !fields.has("where") {
        fields.required_text("where", "the condition for a row to stay");
        return None;
    }
    let keep = fields.expr("where")?;
    Some(Decoded::new(inputs?, Filter { keep }))
}

impl Spec for Filter {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        if !typed(input, &self.keep, "where", findings) {
            return None;
        }
        if self.keep.ty(input.schema) != Ok(Type::Boolean) {
            findings
                .push(Finding::new(&TYPE_MISMATCH, "where", "`where` is not a condition").label("not true or false"));
            return None;
        }
        Some(Relation::scan(0, input.schema).filter(self.keep.clone()).into())
    }
}
