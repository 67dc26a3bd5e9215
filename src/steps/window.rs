//! `window`: adds columns made of the rows around each row: ranks, the row before, running sums.
//!
//! ```toml
//! [step.ranked]
//! kind = "window"
//! from = "orders"
//! by = ["customer"]                    # rows that belong together; without it all
//! order = ["day", "-amount"]           # `-` for greatest first; without it as they stand
//!
//! [step.ranked.columns]
//! number = "row_number()"
//! before = "lag(amount)"
//! so_far = "sum(amount)"               # along the order, up to this row
//! share = "amount / sum(amount) over (partition by customer)"
//! week = "mean(amount) over (order by day rows between 6 preceding and current row)"
//! ```
//!
//! All rows stay in their order. What stands behind `over` counts in the place of `by` and `order`.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::expr::aggregate::{Aggregate as Function, Aggregated, Call, Frame};
use crate::expr::{Decides, Expr};
use crate::fields::keys::{Key, Takes};
use crate::fields::{EXPRESSION, Fields, WRONG_VALUE};
use crate::finding::unknown_column;
use crate::model::{Class, is_hidden};
use crate::profile::Profile;
use crate::relation::Relation;
use crate::relation::window::{Along, Window};
use crate::steps::aggregate::{COLUMNS, ordered, placed};
use crate::steps::calls::{Rows, all_columns, read, typed};
use crate::steps::columns::{FROM, known, one_input};
use crate::steps::sort::signed;
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, Spec};

pub(super) const KIND: Kind = Kind {
    name: "window",
    revision: 1,
    summary: "adds columns made of the rows around each row: ranks, the row before, running sums",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    FROM,
    Key::new("by", Takes::TEXTS, "the columns whose equal values make rows belong together; without it all do"),
    Key::new("order", Takes::TEXTS, "the columns that order them, `-name` for greatest first; ties keep their order"),
    Key::required(
        "columns",
        Takes::Table(&COLUMNS),
        "for a new column, the expression with windows that gives its value",
    ),
    Key::new("open", Takes::TEXTS, "columns that may be shown"),
    Key::new("personal", Takes::TEXTS, "columns with personal data, which hotpass masks when it shows tables"),
];

#[derive(Debug, Serialize)]
struct Step {
    by: Vec<String>,
    order: Vec<(String, bool)>,
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
    let order: Vec<_> = fields.words("order").iter().map(|it| signed(it)).collect();
    let (columns, is_whole) = read(fields, "columns", refused);
    if is_whole && columns.is_empty() {
        let help = Some("name a new column, such as `number = \"row_number()\"`".to_owned());
        fields.problem(&WRONG_VALUE, "columns", "`columns` names no column", "this table", help);
        return None;
    }
    let (open, personal) = (fields.words("open"), fields.words("personal"));
    Some(Decoded::new(inputs?, Step { by, order, columns, open, personal, is_whole }))
}

fn refused(call: &Call) -> Option<(String, String)> {
    let name = call.function.name();
    if !call.function.goes_along() {
        let help = "make it with a step of kind `aggregate`, and join that by its key".to_owned();
        return Some((format!("`{name}` is not made along rows"), help));
    }
    if call.distinct {
        let help = "count them with a step of kind `aggregate`, and join that by its key".to_owned();
        return Some(("`distinct` is not counted along rows".to_owned(), help));
    }
    if !call.order.is_empty() {
        let help = "write the order under `order`, or after `over`".to_owned();
        return Some((format!("`{name}` has its order outside of its brackets here"), help));
    }
    if call.function.is_of_window() && call.over.as_ref().is_some_and(|it| it.frame.is_some()) {
        let help = "remove `rows between … and …`".to_owned();
        return Some((format!("`{name}` is about all rows that belong together"), help));
    }
    None
}

impl Spec for Step {
    fn decided_by(&self) -> Vec<(String, Decides<'_>)> {
        let own = self.order.iter().map(|(name, _)| ("order".to_owned(), Decides::column(name)));
        own.chain(ordered(&self.columns)).collect()
    }

    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        all_columns(input, &self.by, "by", findings);
        for (name, _) in &self.order {
            known(input, name, "order", findings);
        }
        let mut made = Vec::new();
        for (name, aggregated) in &self.columns {
            self.ordered(name, aggregated, findings);
            made.extend(typed(input, name, aggregated, &|_| true, findings));
        }
        let mut classes = BTreeMap::new();
        for (words, key, class) in [(&self.open, "open", Class::Open), (&self.personal, "personal", Class::Personal)] {
            for name in words {
                if !input.schema.has(name) && !self.columns.iter().any(|(it, _)| it == name) && self.is_whole {
                    let result = input.schema.columns.iter().chain(&made).cloned().collect();
                    findings.push(unknown_column("the result", &result, name, key));
                }
                classes.insert(name.clone(), class);
            }
        }
        if findings.len() > before || !self.is_whole {
            return None;
        }
        let mut rows = Rows::new(input);
        let mut calls = Vec::new();
        let mut derived = Vec::new();
        for (name, aggregated) in &self.columns {
            let mut names = Vec::new();
            for (at, call) in aggregated.calls.iter().enumerate() {
                let named = format!("_{name}#{at}");
                calls.push((named.clone(), self.along(call, name, &mut rows)));
                names.push(named);
            }
            derived.push((name.clone(), placed(&aggregated.expr, &names)));
        }
        let mut columns: Vec<(String, Expr)> = Vec::new();
        for name in input.schema.names() {
            columns.push(match derived.iter().position(|(it, _)| it == name) {
                Some(at) => derived.remove(at),
                None => (name.to_owned(), Expr::column(name)),
            });
        }
        // Visible columns stand before hidden ones.
        let hidden = columns.iter().position(|(name, _)| is_hidden(name)).unwrap_or(columns.len());
        columns.splice(hidden..hidden, derived);
        let window = Relation::Window(Box::new(Window { from: rows.relation(), calls }));
        Some(Lowered { classes, ..window.project(columns).into() })
    }
}

impl Step {
    /// A rank is one in an order.
    fn ordered(&self, name: &str, aggregated: &Aggregated, findings: &mut Vec<Finding>) {
        for call in &aggregated.calls {
            let order = match &call.over {
                None => self.order.len(),
                Some(over) => over.order.len(),
            };
            let ranks = matches!(call.function, Function::Rank | Function::DenseRank | Function::PercentRank);
            if ranks && order == 0 {
                let function = call.function.name();
                let message = format!("`{function}` has no order, so all rows have one rank");
                let help = format!("say it: `order = [\"-amount\"]`, or `{function}() over (order by amount desc)`");
                findings.push(
                    Finding::new(&EXPRESSION, format!("columns.{name}"), message)
                        .label("in this expression")
                        .help(help),
                );
            }
        }
    }

    fn along(&self, call: &Call, about: &str, rows: &mut Rows<'_>) -> Along {
        let mut made = rows.call(call, about);
        let otherwise = call.otherwise.as_ref().map(|it| rows.column(it, about));
        let (by, frame) = match &call.over {
            None => {
                made.order.clone_from(&self.order);
                (self.by.clone(), None)
            }
            Some(over) => {
                made.order = over.order.iter().map(|(it, descending)| (rows.column(it, about), *descending)).collect();
                (over.by.iter().map(|it| rows.column(it, about)).collect(), over.frame)
            }
        };
        // In an order a value is that of the rows up to this one.
        let frame = frame.or((!made.order.is_empty()).then_some(Frame { from: None, to: Some(0) }));
        let frame = frame.filter(|_| !call.function.is_of_window());
        Along { call: made, otherwise, by, frame }
    }
}
