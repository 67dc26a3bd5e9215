//! `pivot`: makes columns of the values of a column: one row for each region, one column for each quarter.
//!
//! ```toml
//! [step.by_quarter]
//! kind = "pivot"
//! from = "sales"
//! by = ["region"]                      # what makes a row
//! column = "quarter"                   # whose values become columns
//! values = ["Q1", "Q2", "Q3", "Q4"]    # or `values = { first = "Q1", second = "Q2" }`
//! value = "sum(amount)"                # what stands in them
//! ```
//!
//! The values are declared, so that the columns are known before a row is read. Rows with another value are set aside
//! and can be seen with `show --rejected`.

use serde::Serialize;

use crate::expr::Expr;
use crate::expr::aggregate::{Aggregated, call_name};
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{EXPRESSION, Fields, WRONG_VALUE};
use crate::model::{Type, is_hidden};
use crate::profile::Profile;
use crate::relation::Relation;
use crate::relation::aggregate::Aggregate;
use crate::steps::aggregate::{placed, refused};
use crate::steps::calls::{Rows, all_columns, typed_at};
use crate::steps::columns::{FROM, known, one_input};
use crate::steps::reasons::with_reason;
use crate::steps::{COLUMN_TWICE, Decoded, Finding, Input, Kind, Lowered, Spec};

pub(super) const KIND: Kind =
    Kind { name: "pivot", revision: 1, summary: "makes columns of the values of a column", keys: KEYS, decode };

const KEYS: &[Key] = &[
    FROM,
    Key::required("by", Takes::TEXTS, "the columns whose equal values make a row"),
    Key::required("column", Takes::Text, "the column whose values become columns"),
    Key::required("values", VALUES, "its values, each a column of that name; or for a new column, the value"),
    Key::required("value", Takes::Text, "the expression with aggregates that gives their values"),
];

const VALUES: Takes = Takes::Either(&[Takes::Texts(1), Takes::Table(&NAMES)]);
const NAMES: Keys = Keys::any(Takes::Text, "a new column, and the value that it is about");

#[derive(Debug, Serialize)]
struct Pivot {
    by: Vec<String>,
    column: String,
    /// New columns, each with its value.
    values: Vec<(String, String)>,
    value: Aggregated,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    let column = fields.required_text("column");
    let told = fields.required("by") & fields.required("values") & fields.required("value");
    let by = fields.words("by");
    let mut values: Vec<(String, String)> = Vec::new();
    if fields.is_table("values") {
        if let Some(mut table) = fields.table("values") {
            for name in table.keys() {
                values.extend(table.text(&name).map(|it| (name, it)));
            }
        }
    } else {
        values.extend(fields.words("values").into_iter().map(|it| (it.clone(), it)));
    }
    let value = fields.aggregated("value");
    if !told {
        return None;
    }
    if values.is_empty() {
        let help = Some("name the values that become columns: planning reads no rows".to_owned());
        fields.problem(&WRONG_VALUE, "values", "`values` names no value", "here", help);
        return None;
    }
    let value = value?;
    if let Some((message, help)) = value.calls.iter().find_map(refused) {
        fields.problem(&EXPRESSION, "value", message, "in this expression", Some(help));
        return None;
    }
    Some(Decoded::new(inputs?, Pivot { by, column: column?, values, value }))
}

impl Spec for Pivot {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        all_columns(input, &self.by, "by", findings);
        if known(input, &self.column, "column", findings) && self.by.contains(&self.column) {
            let message = format!("`{}` makes rows and columns", self.column.escape_debug());
            let help = "remove it from `by`".to_owned();
            findings.push(Finding::new(&WRONG_VALUE, "column", message).label("named here").help(help));
        }
        for (at, (name, value)) in self.values.iter().enumerate() {
            let shown = name.escape_debug();
            let wrong = if self.by.contains(name) || self.values[..at].iter().any(|(it, _)| it == name) {
                Some((&COLUMN_TWICE, format!("two columns would be called `{shown}`")))
            } else if name.trim().is_empty() || is_hidden(name) {
                Some((&WRONG_VALUE, format!("`{shown}` is not a name for a column")))
            } else if self.values[..at].iter().any(|(_, it)| it == value) {
                Some((&WRONG_VALUE, format!("`{}` would become two columns", value.escape_debug())))
            } else {
                None
            };
            if let Some((code, message)) = wrong {
                let help = "name columns yourself: `values = { first = \"Q1\" }`".to_owned();
                findings.push(Finding::new(code, "values", message).label("made here").help(help));
            }
        }
        if self.value.calls.is_empty() {
            let help = "such as `sum(amount)`, `count(*)` or `first(name)`".to_owned();
            let message = "`value` says nothing of several rows";
            findings.push(Finding::new(&EXPRESSION, "value", message).label("in this expression").help(help));
            return None;
        }
        typed_at(input, "value", "value", &self.value, &|it| self.by.iter().any(|by| by == it), findings);
        if findings.len() > before {
            return None;
        }
        let text = Expr::Cast(Box::new(Expr::column(&self.column)), Type::Text);
        let mut rows = Rows::new(input);
        let (mut calls, mut columns) = (Vec::new(), Vec::new());
        columns.extend(self.by.iter().map(|it| (it.clone(), Expr::column(it))));
        for (name, value) in &self.values {
            let its = Expr::call("=", [text.clone(), Expr::text(value)]);
            let mut names = Vec::new();
            for (at, call) in self.value.calls.iter().enumerate() {
                let keep = [its.clone()].into_iter().chain(call.keep.clone());
                let call = crate::expr::aggregate::Call { keep: Some(Expr::all(keep)), ..call.clone() };
                let alone = self.value.expr == Expr::column(call_name(at));
                let named = if alone { name.clone() } else { format!("_{name}#{at}") };
                calls.push((named.clone(), rows.call(&call, name)));
                names.push(named);
            }
            columns.push((name.clone(), placed(&self.value.expr, &names)));
        }
        let (by, keys) = (self.by.clone(), self.by.clone());
        let pivoted = Relation::Aggregate(Box::new(Aggregate { from: rows.relation(), by, keys, calls }));
        let declared = self.values.iter().map(|(_, it)| Expr::text(it));
        let is_declared = Expr::call("in", std::iter::once(text).chain(declared));
        let is_declared = Expr::call("coalesce", [is_declared, Expr::Literal(crate::expr::Literal::Boolean(false))]);
        let why = Expr::text(format!("no column is declared for this value of `{}`", self.column.escape_debug()));
        let others = Relation::scan(0, input.schema).filter(Expr::call("not", [is_declared]));
        let rejects = with_reason(others, input.schema, why);
        Some(Lowered { rejects: Some(rejects), ..pivoted.project(columns).into() })
    }
}
