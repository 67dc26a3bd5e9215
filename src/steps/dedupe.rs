//! `dedupe`: keeps one of the rows that are equal in some columns.
//!
//! ```toml
//! [step.once]
//! kind = "dedupe"
//! from = "contacts"
//! by = ["name", "email"]               # without it all columns
//! order = ["-changed"]                 # the first in this order is kept; without it the first that stands there
//! count = "copies"                     # a new column: how many rows each row stands for
//!
//! [step.once.normal]                   # what is compared in the place of a column
//! name = "match_key(name)"
//! email = "lower(trim(email))"
//! ```
//!
//! Rows that are left out are set aside and can be seen with `show --rejected`. Not here: rows that are alike and not
//! equal, and records made of several rows (`merge`).

use serde::Serialize;

use crate::expr::aggregate::Aggregate as Function;
use crate::expr::{Decides, Expr, Literal};
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::is_hidden;
use crate::profile::Profile;
use crate::relation::Relation;
use crate::relation::aggregate::Call;
use crate::relation::window::{Along, Window};
use crate::steps::calls::{Rows, all_columns};
use crate::steps::columns::{FROM, known, one_input, typed};
use crate::steps::reasons::{listed, with_reason};
use crate::steps::sort::signed;
use crate::steps::{COLUMN_TWICE, Decoded, Finding, Input, Kind, Lowered, Spec};

pub(super) const KIND: Kind = Kind {
    name: "dedupe",
    revision: 1,
    summary: "keeps one of the rows that are equal in some columns",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    FROM,
    Key::new("by", Takes::Texts(1), "the columns in which equal rows are equal; without it all"),
    Key::new("normal", Takes::Table(&NORMAL), "for a column of `by`, the expression that is compared in its place"),
    Key::new("order", Takes::TEXTS, "columns that say which row stays, `-name` for greatest first; else the first row"),
    Key::new("count", Takes::Text, "a new column with the number of rows that were merged into a row"),
];

const NORMAL: Keys = Keys::any(Takes::Text, "a column, and the expression that is compared in its place");

/// Which row of the equal ones it is, and how many there are.
const PLACE: &str = "_place of equal rows";
const COPIES: &str = "_number of equal rows";

#[derive(Debug, Serialize)]
struct Dedupe {
    by: Option<Vec<String>>,
    normal: Vec<(String, Expr)>,
    order: Vec<(String, bool)>,
    count: Option<String>,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let inputs = one_input(fields, "from");
    if fields.is_empty_list("by") {
        let help = Some("remove `by` to compare all columns".to_owned());
        fields.problem(&WRONG_VALUE, "by", "`by` names no column", "this list", help);
        return None;
    }
    let by = fields.has("by").then(|| fields.words("by"));
    let (mut normal, mut is_whole) = (Vec::new(), true);
    if let Some(mut table) = fields.table("normal") {
        for name in table.keys() {
            let read = table.expr(&name);
            is_whole &= read.is_some();
            normal.extend(read.map(|it| (name, it)));
        }
    }
    let order = fields.words("order").iter().map(|it| signed(it)).collect();
    let count = fields.text("count");
    is_whole.then_some(())?;
    Some(Decoded::new(inputs?, Dedupe { by, normal, order, count }))
}

impl Spec for Dedupe {
    fn decided_by(&self) -> Vec<(String, Decides<'_>)> {
        self.order.iter().map(|(name, _)| ("order".to_owned(), Decides::column(name))).collect()
    }

    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let input = &inputs[0];
        let before = findings.len();
        let by = self.by.clone().unwrap_or_else(|| visible(input));
        all_columns(input, &by, "by", findings);
        for (name, _) in &self.order {
            known(input, name, "order", findings);
        }
        for (name, expr) in &self.normal {
            let key = format!("normal.{name}");
            if known(input, name, &key, findings) && !by.contains(name) {
                let message =
                    format!("`{}` is compared by no other form, since `by` does not name it", name.escape_debug());
                let help = format!("add `{}` to `by`", name.escape_debug());
                findings.push(Finding::new(&WRONG_VALUE, &key, message).label("nothing reads this").help(help));
            }
            typed(input, expr, &key, findings);
        }
        if let Some(count) = self.count.as_ref().filter(|it| input.schema.has(it)) {
            let message = format!("`{}` has a column `{}` already", input.name, count.escape_debug());
            let help = "give the new column another name".to_owned();
            findings.push(Finding::new(&COLUMN_TWICE, "count", message).label("made here").help(help));
        }
        if findings.len() > before {
            return None;
        }
        let mut rows = Rows::new(input);
        let compared = |name: &String| {
            let normal = self.normal.iter().find(|(it, _)| it == name).map(|(_, it)| it.clone());
            normal.unwrap_or_else(|| Expr::column(name))
        };
        let keys: Vec<String> = by.iter().map(|name| rows.column(&compared(name), name)).collect();
        let window = Relation::Window(Box::new(Window {
            from: rows.relation(),
            calls: vec![
                (PLACE.to_owned(), along(Function::RowNumber, &keys, &self.order)),
                (COPIES.to_owned(), along(Function::Count, &keys, &[])),
            ],
        }));
        // What says nothing of itself is equal to nothing.
        let nothing = Expr::all(keys.iter().map(|it| Expr::call("is null", [Expr::column(it)])));
        let first = Expr::call("=", [Expr::column(PLACE), Expr::integer(1)]);
        let stays = Expr::call("or", [first, nothing.clone()]);
        let all = || input.schema.names().map(|it| (it.to_owned(), Expr::column(it)));
        let mut columns: Vec<(String, Expr)> = all().collect();
        if let Some(count) = &self.count {
            let copies = Expr::Case(vec![(nothing, Expr::integer(1))], Some(Box::new(Expr::column(COPIES))));
            let hidden = columns.iter().position(|(name, _)| is_hidden(name)).unwrap_or(columns.len());
            columns.insert(hidden, (count.clone(), copies));
        }
        let equal = self.by.as_ref().map_or_else(|| "all columns".to_owned(), listed);
        let why = Expr::text(format!("another row is equal in {equal}, and that one stays"));
        let rejects = with_reason(window.clone().filter(Expr::call("not", [stays.clone()])), input.schema, why);
        Some(Lowered { rejects: Some(rejects), ..window.filter(stays).project(columns).into() })
    }
}

/// All columns that people see, in an order that does not depend on where they stand.
pub(super) fn visible(input: &Input<'_>) -> Vec<String> {
    let mut names: Vec<String> = input.schema.visible().map(|it| it.name.clone()).collect();
    names.sort();
    names
}

/// A call over the rows that are equal in `by`.
pub(super) fn along(function: Function, by: &[String], order: &[(String, bool)]) -> Along {
    let given = None::<Literal>;
    let call = Call { function, of: None, given, distinct: false, order: order.to_vec(), keep: None };
    Along { call, otherwise: None, by: by.to_vec(), frame: None }
}
