//! `unpivot`: several columns of one row become rows: `Contact 1`, `Contact 2` and the addresses beside them.
//!
//! ```toml
//! [step.people]
//! kind = "unpivot"
//! from = "clients"
//! number = "contact_number"      # which of them it was, from 1
//! name = "column"                # the name of the column that it was, the first of those at one place
//!
//! [step.people.columns]          # what stands at one place of these lists belongs together
//! contact_name = ["Contact 1", "Contact 2"]
//! contact_email = ["E-mail 1", "E-mail 2"]
//! ```
//!
//! All other columns are repeated in each row. A place where no list has a value makes no row; `keep = "all"` keeps a
//! row without any value as one row. What cells with several values become is `explode`.

use serde::Serialize;

use crate::expr::Expr;
use crate::fields::keys::{Key, Keys, Takes, words};
use crate::fields::{Fields, WRONG_VALUE};
use crate::finding::{mistaken, unknown_column};
use crate::model::is_hidden;
use crate::profile::Profile;
use crate::relation::Relation;
use crate::relation::explode::{Explode, Items};
use crate::steps::columns::{FROM, one_input, resolve};
use crate::steps::{COLUMN_TWICE, Decoded, Finding, Input, Kind, Lowered, Spec};

pub(super) const KIND: Kind =
    Kind { name: "unpivot", revision: 1, summary: "several columns of one row become rows", keys: KEYS, decode };

const KEYS: &[Key] = &[
    FROM,
    Key::required("columns", Takes::Table(&COLUMNS), "for a new column, the columns that become it, one row each"),
    Key::new("name", Takes::Text, "a new column with the name of the column that a value stood in"),
    NUMBER,
    KEEP,
];

const COLUMNS: Keys = Keys::any(Takes::TEXTS, "a new column, and the columns that become it, one row each");

/// Whether a row without any value stays.
const KEEPS: [(&str, bool); 2] = [("filled", false), ("all", true)];
pub(super) const NUMBER: Key = Key::new("number", Takes::Text, "a new column with the number of the column, from 1");
pub(super) const KEEP: Key =
    Key::new("keep", Takes::Word(&words(&KEEPS)), "whether a row without any value stays").or_text("filled");

#[derive(Debug, Serialize)]
struct Unpivot {
    columns: Vec<(String, Vec<String>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    shape: Shape,
}

/// What `unpivot` and `explode` share.
#[derive(Debug, Serialize)]
pub(super) struct Shape {
    number: Option<String>,
    outer: bool,
}

impl Shape {
    pub(super) fn read(fields: &mut Fields) -> Shape {
        let number = fields.text("number");
        let outer = fields.choice("keep", &KEEPS).unwrap_or(false);
        Shape { number, outer }
    }

    /// The rows of these lists beside all columns of the input but those in `taken`.
    pub(super) fn rows(
        &self,
        input: &Input<'_>,
        lists: Vec<(String, Items)>,
        taken: &[&str],
        findings: &mut Vec<Finding>,
    ) -> Option<Relation> {
        let others = || input.schema.names().filter(|it| !taken.contains(it));
        for name in lists.iter().map(|(name, _)| name).chain(&self.number) {
            if others().any(|it| it == name) {
                let message = format!("`{}` has a column `{name}` already", input.name);
                let help = "give the new column another name".to_owned();
                findings.push(Finding::new(&COLUMN_TWICE, "columns", message).label("made here").help(help));
                return None;
            }
        }
        let take: Vec<String> = lists.iter().map(|(name, _)| name.clone()).collect();
        let (visible, hidden): (Vec<_>, Vec<_>) = others().map(str::to_owned).partition(|it| !is_hidden(it));
        // New columns stand where the first of those stood that they are made of.
        let at = input.schema.names().position(|it| taken.contains(&it)).unwrap_or(0).min(visible.len());
        let mut order = visible.clone();
        order.splice(at..at, take.iter().cloned().chain(self.number.clone()));
        order.extend(hidden.iter().cloned());
        let from = Relation::scan(0, input.schema);
        let keep = visible.into_iter().chain(hidden).collect();
        let unnest = Explode { from, lists, keep, take, place: self.number.clone(), outer: self.outer };
        let relation = Relation::Explode(Box::new(unnest));
        match relation.schema(&[input.schema]) {
            Ok(_) => Some(relation.project(order.into_iter().map(|it| (it.clone(), Expr::column(it))).collect())),
            Err(mistake) => {
                findings.push(mistaken(input.name, input.schema, mistake, "columns"));
                None
            }
        }
    }
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    let columns = fields.lists("columns");
    if columns.iter().all(|(_, words)| words.is_empty()) {
        let help = Some("name a new column and those that it is made of".to_owned());
        let problem = crate::problem::Problem::new(&WRONG_VALUE, "`columns` names no column");
        fields.report(problem.label(&fields.span(), "in this step").help(help));
        return None;
    }
    let name = fields.text("name");
    let shape = Shape::read(fields);
    Some(Decoded::new(inputs?, Unpivot { columns, name, shape }))
}

impl Spec for Unpivot {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        let mut taken = Vec::new();
        let mut lists = Vec::new();
        // For each place the columns that stand at it.
        let mut places: Vec<Vec<&str>> = Vec::new();
        for (name, words) in &self.columns {
            let mut items = Vec::new();
            for word in words {
                match resolve(input.schema, word) {
                    Some(column) => {
                        taken.push(column);
                        if items.len() == places.len() {
                            places.push(Vec::new());
                        }
                        places[items.len()].push(column);
                        items.push(Expr::column(column));
                    }
                    None => findings.push(unknown_column(input.name, input.schema, word, &format!("columns.{name}"))),
                }
            }
            lists.push((name.clone(), Items::Each(items)));
        }
        if findings.len() > before {
            return None;
        }
        if let Some(name) = &self.name {
            let names = places.iter().map(|columns| {
                let there = columns.iter().map(|it| Expr::call("is not null", [Expr::column(*it)]));
                let any = there.reduce(|a, b| Expr::call("or", [a, b]));
                let name = columns.first().copied().unwrap_or_default();
                Expr::Case(any.map(|it| (it, Expr::text(name))).into_iter().collect(), None)
            });
            lists.insert(0, (name.clone(), Items::Each(names.collect())));
        }
        Some(self.shape.rows(input, lists, &taken, findings)?.into())
    }
}
