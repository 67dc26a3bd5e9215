//! `holds = "expression"`: the expression is true in every considered row; null counts as not true.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, EXPECTS_NOTHING, Kind, Measure};
use crate::expr::{Expr, Literal};
use crate::fields::Fields;
use crate::fields::keys::Takes;
use crate::finding::{COMPARE, Finding, Input, TYPE_MISMATCH, mistaken};
use crate::model::Type;

pub(super) const KIND: Kind = Kind {
    name: "holds",
    revision: 1,
    summary: "an expression is true in every row",
    takes: Takes::Text,
    decode,
    about: About::Table,
};

#[derive(Debug, Serialize)]
struct Holds {
    expr: Expr,
    text: String,
}

fn decode(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let text = fields.text(key)?;
    let expr = fields.expr(key)?;
    if is_constant(&expr) {
        let help = Some("name a column in it".to_owned());
        fields.problem(&EXPECTS_NOTHING, key, "this says the same of every row", "reads no column", help);
        return None;
    }
    Some(Arc::new(Holds { expr, text }))
}

/// Whether an expression reads no column, and so says the same of every row.
pub(super) fn is_constant(expr: &Expr) -> bool {
    let mut columns = BTreeSet::new();
    expr.columns(&mut columns);
    columns.is_empty()
}

impl Check for Holds {
    fn measure(&self, _: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        match self.expr.ty(input.schema) {
            Ok(Type::Boolean) => (),
            Ok(_) => {
                return Err(
                    Finding::new(&TYPE_MISMATCH, "holds", "`holds` is not a condition").help(COMPARE.to_owned())
                );
            }
            Err(mistake) => return Err(mistaken(input.name, input.schema, mistake, "holds")),
        }
        let held = Expr::call("coalesce", [self.expr.clone(), Expr::Literal(Literal::Boolean(false))]);
        let considered = Expr::Literal(Literal::Boolean(true));
        Ok(Measure::Rows { considered, unexpected: Expr::call("not", [held]) })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Satisfy, "`").expression(&self.text)
    }
}
