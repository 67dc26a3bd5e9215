//! `in = [...]` and `not_in = [...]`: values belong to a closed list, or to none of it. Nulls are not considered.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::literal::{Comparison, like, shown};
use crate::expectations::{About, Check, Kind, MIXED_VALUES, Measure, of_present};
use crate::expr::{Expr, Literal};
use crate::fields::keys::Takes;
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{Finding, Input};

pub(super) const IN: Kind = Kind {
    name: "in",
    revision: 1,
    summary: "values belong to a closed list",
    takes: Takes::List(&Takes::Plain, 1),
    decode: inside,
    about: About::Each,
};
pub(super) const NOT_IN: Kind = Kind {
    name: "not_in",
    revision: 1,
    summary: "values belong to none of a list",
    takes: Takes::List(&Takes::Plain, 1),
    decode: outside,
    about: About::Each,
};

#[derive(Debug, Serialize)]
struct Membership {
    values: Vec<Literal>,
    inside: bool,
}

fn inside(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    decode(fields, key, true)
}

fn outside(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    decode(fields, key, false)
}

fn decode(fields: &mut Fields, key: &str, inside: bool) -> Option<Arc<dyn Check>> {
    let values = fields.values(key);
    if values.is_empty() {
        let help = Some("name the values".to_owned());
        fields.problem(&WRONG_VALUE, key, format!("`{key}` has no values"), "this list", help);
        return None;
    }
    of_one_type(fields, key, &values).then(|| Arc::new(Membership { values, inside }) as Arc<dyn Check>)
}

/// Whether all values of a list are texts, or all numbers, or all truth values; else says so. `"0"` beside `0` means
/// one of the two, and nobody can tell which.
pub(super) fn of_one_type(fields: &Fields, key: &str, values: &[Literal]) -> bool {
    let family = |it: &Literal| match it {
        Literal::Null => 0,
        Literal::Text(_) => 1,
        Literal::Integer(_) | Literal::Number(_) => 2,
        Literal::Boolean(_) => 3,
    };
    let mixed = values.windows(2).any(|it| family(&it[0]) != family(&it[1]));
    if mixed {
        let help = "write all of them as texts, or all as numbers: texts are read as values of the column's type";
        let message = format!("the values of `{key}` are of several types");
        fields.problem(&MIXED_VALUES, key, message, "this list", Some(help.to_owned()));
    }
    !mixed
}

impl Check for Membership {
    fn measure(&self, columns: &[String], input: &Input<'_>) -> Result<Measure, Finding> {
        let column = &columns[0];
        let key = if self.inside { IN.name } else { NOT_IN.name };
        let values = self.values.iter().map(|it| like(it, column, input.schema, Comparison::Equality, key));
        let arguments = std::iter::once(Ok(Expr::column(column))).chain(values).collect::<Result<_, _>>()?;
        let belongs = Expr::Call("in".to_owned(), arguments);
        let unexpected = if self.inside { Expr::call("not", [belongs]) } else { belongs };
        of_present(column, unexpected, input.schema, input.name)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Be, "in").values(self.values.iter().map(shown), ", ").negated(!self.inside)
    }
}
