//! `aggregate`: makes one row of all rows that have the same values in some columns.
//!
//! ```toml
//! [step.by_region]
//! kind = "aggregate"
//! from = "orders"
//! by = ["region"]                      # without it one row for the whole table
//!
//! [step.by_region.columns]
//! orders = "count(*)"
//! open = "count(*) filter (where status = 'open')"
//! customers = "count(distinct customer)"
//! revenue = "sum(amount)"
//! share = "round(sum(amount) / nullif(count(*), 0), 2)"
//! newest = "last(customer order by day)"
//! ```
//!
//! Nulls count as in SQL: a null among the values of `by` is a group, and aggregates pass over it. Not here: which value
//! of a record survives, by source and rank (`merge`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::expr::aggregate::{Aggregate as Function, Aggregated, Call, call_name};
use crate::expr::{Decides, Expr};
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::unknown_column;
use crate::model::Class;
use crate::profile::Profile;
use crate::relation::Relation;
use crate::relation::aggregate::{self as relation, Aggregate};
use crate::steps::calls::{Rows, all_columns, read, typed};
use crate::steps::columns::{FROM, one_input};
use crate::steps::{COLUMN_TWICE, Decoded, Finding, Input, Kind, Lowered, Spec};

pub(super) const KIND: Kind = Kind {
    name: "aggregate",
    revision: 1,
    summary: "makes one row of all rows that have the same values in some columns",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    FROM,
    Key::new("by", Takes::TEXTS, "the columns whose equal values make a group; by default all rows are one group"),
    Key::required(
        "columns",
        Takes::Table(&COLUMNS),
        "for a new column, the expression with aggregates that gives its value",
    ),
    Key::new("open", Takes::TEXTS, "columns that may be shown"),
    Key::new("personal", Takes::TEXTS, "columns with personal data, which hotpass masks when it shows tables"),
];

pub(super) const COLUMNS: Keys = Keys::any(Takes::Text, "a new column, and the expression that gives its value");

/// The hidden column that counts the rows of a group.
const ROWS: &str = "_rows";

#[derive(Debug, Serialize)]
struct Step {
    by: Vec<String>,
    columns: Vec<(String, Aggregated)>,
    open: Vec<String>,
    personal: Vec<String>,
    /// Whether all columns could be read: what is wrong with the others has been told.
    #[serde(skip)]
    is_whole: bool,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    if !fields.required("columns") {
        return None;
    }
    let by = fields.words("by");
    let (columns, is_whole) = read(fields, "columns", refused);
    if is_whole && columns.is_empty() && by.is_empty() {
        let help = Some("name the columns that make a group under `by`, or what is made of all rows".to_owned());
        fields.problem(&WRONG_VALUE, "columns", "`columns` names no column", "this table", help);
        return None;
    }
    let (open, personal) = (fields.words("open"), fields.words("personal"));
    Some(Decoded::new(inputs?, Step { by, columns, open, personal, is_whole }))
}

pub(super) fn refused(call: &Call) -> Option<(String, String)> {
    let help = "a step of kind `window` keeps all rows and looks at those around each".to_owned();
    match call.over {
        _ if call.function.is_of_window() => {
            Some((format!("`{}` is about the place of a row among others", call.function.name()), help))
        }
        Some(_) => Some(("`over` keeps all rows, and this step makes one of several".to_owned(), help)),
        None => None,
    }
}

impl Spec for Step {
    fn decided_by(&self) -> Vec<(String, Decides<'_>)> {
        ordered(&self.columns)
    }

    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        all_columns(input, &self.by, "by", findings);
        let mut made = Vec::new();
        for (name, aggregated) in &self.columns {
            if self.by.contains(name) {
                let message = format!("`{}` is a column of `by` already", name.escape_debug());
                let help = "give the new column another name".to_owned();
                findings.push(
                    Finding::new(&COLUMN_TWICE, format!("columns.{name}"), message).label("made here").help(help),
                );
            }
            made.extend(typed(input, name, aggregated, &|it| self.by.iter().any(|by| by == it), findings));
        }
        let mut classes = BTreeMap::new();
        for (words, key, class) in [(&self.open, "open", Class::Open), (&self.personal, "personal", Class::Personal)] {
            for name in words {
                if !self.by.contains(name) && !self.columns.iter().any(|(it, _)| it == name) && self.is_whole {
                    let result =
                        made.iter().cloned().chain(self.by.iter().filter_map(|it| input.schema.get(it).cloned()));
                    findings.push(unknown_column("the result", &result.collect(), name, key));
                }
                classes.insert(name.clone(), class);
            }
        }
        if findings.len() > before || !self.is_whole {
            return None;
        }
        let mut rows = Rows::new(input);
        let (mut calls, mut columns) = (Vec::new(), Vec::new());
        columns.extend(self.by.iter().map(|it| (it.clone(), Expr::column(it))));
        for (name, aggregated) in &self.columns {
            let mut names = Vec::new();
            for (at, call) in aggregated.calls.iter().enumerate() {
                // What is nothing but a call needs no name beside its own.
                let alone = aggregated.expr == Expr::column(call_name(at));
                let named = if alone { name.clone() } else { format!("_{name}#{at}") };
                calls.push((named.clone(), rows.call(call, name)));
                names.push(named);
            }
            columns.push((name.clone(), placed(&aggregated.expr, &names)));
        }
        if !self.by.iter().any(|it| it == ROWS) {
            let count = relation::Call {
                function: Function::Count,
                of: None,
                given: None,
                distinct: false,
                order: Vec::new(),
                keep: None,
            };
            calls.push((ROWS.to_owned(), count));
            columns.push((ROWS.to_owned(), Expr::column(ROWS)));
        }
        let (by, keys) = (self.by.clone(), self.by.clone());
        let aggregate = Relation::Aggregate(Box::new(Aggregate { from: rows.relation(), by, keys, calls }));
        Some(Lowered { classes, ..aggregate.project(columns).into() })
    }
}

/// The columns whose order decides what calls give, each with the key of the column that asks.
pub(super) fn ordered(columns: &[(String, Aggregated)]) -> Vec<(String, Decides<'_>)> {
    let mut acc = Vec::new();
    for (name, aggregated) in columns {
        let mut names = BTreeSet::new();
        aggregated.calls.iter().for_each(|it| it.ordered(&mut names));
        acc.extend(names.into_iter().map(|it| (format!("columns.{name}"), it)));
    }
    acc
}

/// Puts the names of calls into what is made of them.
pub(super) fn placed(expr: &Expr, names: &[String]) -> Expr {
    expr.renamed(&|column| (0..names.len()).find(|at| call_name(*at) == *column).map(|at| names[at].clone()))
}
