//! `explode`: a cell with several values becomes rows with one each.
//!
//! ```toml
//! [step.people]
//! kind = "explode"
//! from = "records"
//! columns = ["contact_people", "contact_emails"]   # side by side: the first with the first
//! separator = ";"                                  # without it `;`
//! number = "contact_number"                        # which of them it was, from 1
//! keep = "all"                                     # a row without any value stays; without it `filled`
//! ```
//!
//! All other columns are repeated in each row. Several columns of one row become rows with `unpivot`.

use serde::Serialize;

use crate::expr::Expr;
use crate::fields::keys::{Key, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::Type;
use crate::profile::Profile;
use crate::relation::explode::Items;
use crate::steps::columns::{FROM, known, one_input};
use crate::steps::unpivot::{KEEP, NUMBER, Shape};
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec, TYPE_MISMATCH};

pub(super) const KIND: Kind = Kind {
    name: "explode",
    revision: 1,
    summary: "a cell with several values becomes rows with one each",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    FROM,
    Key::required("columns", Takes::Texts(1), "the columns whose cells have several values"),
    Key::new("separator", Takes::Text, "the text between two values").or_text(";"),
    NUMBER,
    KEEP,
];

#[derive(Debug, Serialize)]
struct ExplodeSpec {
    columns: Vec<String>,
    separator: String,
    shape: Shape,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    if !fields.required("columns") {
        return None;
    }
    let columns = fields.words("columns");
    let separator = fields.text("separator").unwrap_or_else(|| ";".to_owned());
    if columns.is_empty() || separator.is_empty() {
        let (key, what) = if columns.is_empty() { ("columns", "names no column") } else { ("separator", "is empty") };
        fields.problem(&WRONG_VALUE, key, format!("`{key}` {what}"), "this value", None);
        return None;
    }
    let shape = Shape::read(fields);
    Some(Decoded::new(inputs?, ExplodeSpec { columns, separator, shape }))
}

impl Spec for ExplodeSpec {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        for name in &self.columns {
            let ty = input.schema.get(name).map(|it| it.ty);
            if known(input, name, "columns", findings) && ty != Some(Type::Text) {
                let message = format!("`{name}` is {}, which has no parts", ty.unwrap_or(Type::Text));
                findings.push(Finding::new(&TYPE_MISMATCH, "columns", message).label("named here"));
            }
        }
        if findings.len() > before {
            return None;
        }
        let split = |name: &String| {
            let (text, separator) = (Expr::column(name), self.separator.clone());
            (name.clone(), Items::Split { text, separator })
        };
        let lists = self.columns.iter().map(split).collect();
        let taken: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        Some(self.shape.rows(input, lists, &taken, findings)?.into())
    }
}
