//! `lookup`: takes values out of another table by a key, as out of a dictionary.
//!
//! ```toml
//! [step.placed]
//! kind = "lookup"
//! from = "orders"
//! with = "countries"                   # a row for each key
//! on = "country = code"                # or the name that both have
//!
//! [step.placed.columns]                # a new column, and the one of `with` that gives its value
//! country_name = "name"
//! continent = "continent"
//!
//! [step.placed.default]                # what stands there for keys that `with` does not have
//! continent = "unknown"
//! ```
//!
//! All rows stay, each once. Keys that are not found are counted as losses and can be seen with `show --lost`; rows of
//! `with` whose key stands there already are set aside. Not here: several rows for a key, and several keys (`join`).

use serde::Serialize;

use crate::expr::aggregate::Aggregate as Function;
use crate::expr::{Expr, Literal, common};
use crate::fields::keys::{Key, Keys, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::{Type, is_hidden};
use crate::profile::Profile;
use crate::relation::window::Window;
use crate::relation::{Consolidate, Join, Pick, Relation};
use crate::steps::columns::{known, one_input};
use crate::steps::dedupe::along;
use crate::steps::reasons::with_reason;
use crate::steps::{Decoded, Finding, Input, Kind, Lowered, MATCHED, Notice, Spec, TYPE_MISMATCH};

pub(super) const KIND: Kind = Kind {
    name: "lookup",
    revision: 1,
    summary: "takes values out of another table by a key, as out of a dictionary",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    Key::required("from", Takes::Text, "the table whose rows are kept"),
    Key::required("with", Takes::Text, "the table that values are taken out of"),
    Key::required("on", Takes::Text, "the key: a column that both have, or `here = there`"),
    Key::required("columns", Takes::Table(&COLUMNS), "for a new column, the column of `with` that gives its value"),
    Key::new("default", Takes::Table(&DEFAULT), "for a new column, its value for keys that are not found"),
];

const COLUMNS: Keys = Keys::any(Takes::Text, "a new column, and the column of `with` that gives its value");
const DEFAULT: Keys = Keys::any(Takes::Plain, "a new column, and its value for keys that are not found");

/// The key of the dictionary, and which row of a key it is.
const KEY: &str = "_key";
const PLACE: &str = "_place of the key";

#[derive(Debug, Serialize)]
struct Lookup {
    here: String,
    there: String,
    columns: Vec<(String, String)>,
    default: Vec<(String, Literal)>,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let from = one_input(fields, "from");
    let with = one_input(fields, "with");
    let on = fields.required_text("on");
    if !fields.required("columns") {
        return None;
    }
    let mut columns = Vec::new();
    if let Some(mut table) = fields.table("columns") {
        for name in table.keys() {
            columns.extend(table.text(&name).map(|it| (name, it)));
        }
    }
    let mut default = Vec::new();
    if let Some(mut table) = fields.table("default") {
        for name in table.keys() {
            let value = table.value(&name);
            default.extend(value.map(|it| (name, it)));
        }
    }
    let on = on?;
    let mut sides = on.split('=').map(str::trim);
    let (here, there) = match (sides.next(), sides.next(), sides.next()) {
        (Some(a), None, _) if !a.is_empty() => (a.to_owned(), a.to_owned()),
        (Some(a), Some(b), None) if !a.is_empty() && !b.is_empty() => (a.to_owned(), b.to_owned()),
        _ => {
            let help = Some("write `column` or `column here = column there`".to_owned());
            fields.problem(&WRONG_VALUE, "on", format!("`{}` is not a key", on.escape_debug()), "this key", help);
            return None;
        }
    };
    if columns.is_empty() {
        let help = Some("name a new column and the column of `with` that gives its value".to_owned());
        fields.problem(&WRONG_VALUE, "columns", "`columns` names no column", "this table", help);
        return None;
    }
    let mut inputs = from?;
    inputs.extend(with?);
    Some(Decoded::new(inputs, Lookup { here, there, columns, default }))
}

impl Spec for Lookup {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let (left, right) = (&inputs[0], &inputs[1]);
        let before = findings.len();
        self.judge(left, right, findings);
        if findings.len() > before {
            return None;
        }
        let taken = |name: &str| format!("_{name}#0");
        let of = |column: &String| Pick::Of { column: column.clone(), prefer: Vec::new() };
        let picks = self.columns.iter().map(|(name, column)| (taken(name), of(column)));
        let dictionary = Relation::Consolidate(Box::new(Consolidate {
            from: Relation::scan(1, right.schema),
            key: self.there.clone(),
            rank: Vec::new(),
            picks: std::iter::once((KEY.to_owned(), Pick::Key)).chain(picks).collect(),
        }));
        let own: Vec<String> = left.schema.names().filter(|it| *it != MATCHED).map(str::to_owned).collect();
        let join = Relation::Join(Box::new(Join {
            left: Relation::scan(0, left.schema),
            right: dictionary,
            on: vec![vec![(self.here.clone(), KEY.to_owned())]],
            outer: true,
            take_left: own.clone(),
            take_right: self.columns.iter().map(|(name, _)| (taken(name), taken(name))).collect(),
            matched: Some(MATCHED.to_owned()),
        }));
        let filled = Expr::call("is not null", [Expr::column(&self.here)]);
        let value = |name: &str| match self.default.iter().find(|(it, _)| it == name) {
            None => Expr::column(taken(name)),
            Some((_, default)) => {
                let none = Expr::call("is null", [Expr::column(MATCHED)]);
                let missing = Expr::call("and", [none, filled.clone()]);
                let default = Expr::Literal(default.clone());
                Expr::Case(vec![(missing, default)], Some(Box::new(Expr::column(taken(name)))))
            }
        };
        let mut columns: Vec<(String, Expr)> = Vec::new();
        for name in &own {
            let made = self.columns.iter().any(|(it, _)| it == name);
            columns.push((name.clone(), if made { value(name) } else { Expr::column(name) }));
        }
        // Visible columns stand before hidden ones.
        let hidden = columns.iter().position(|(name, _)| is_hidden(name)).unwrap_or(columns.len());
        let new = self.columns.iter().filter(|(name, _)| !own.contains(name));
        columns.splice(hidden..hidden, new.map(|(name, _)| (name.clone(), value(name))).collect::<Vec<_>>());
        columns.push((MATCHED.to_owned(), Expr::column(MATCHED)));
        let told = Notice::Lost {
            column: self.columns[0].0.clone(),
            filled,
            text: Expr::Cast(Box::new(Expr::column(&self.here)), Type::Text),
            sharing: vec![MATCHED.to_owned()],
        };
        let rejects = Some(self.repeated(right));
        Some(Lowered { rejects, told: vec![told], ..join.project(columns).into() })
    }
}

impl Lookup {
    /// Says which columns are not there, and which types and defaults do not fit.
    fn judge(&self, left: &Input<'_>, right: &Input<'_>, findings: &mut Vec<Finding>) {
        if known(left, &self.here, "on", findings) & known(right, &self.there, "on", findings)
            && let (Some(a), Some(b)) = (left.schema.get(&self.here), right.schema.get(&self.there))
            && a.ty != b.ty
        {
            let message = format!("`{}` is {} and `{}` is {}", a.name, a.ty, b.name, b.ty);
            let help = "cast one of the two to the other's type in an earlier step".to_owned();
            findings.push(Finding::new(&TYPE_MISMATCH, "on", message).label("this key").help(help));
        }
        for (name, _) in self.default.iter().filter(|(name, _)| !self.columns.iter().any(|(it, _)| it == name)) {
            let message = format!("`{}` is not a new column", name.escape_debug());
            let help = format!("add `{}` to `columns`", name.escape_debug());
            let key = format!("default.{name}");
            findings.push(Finding::new(&WRONG_VALUE, key, message).label("nothing reads this").help(help));
        }
        for (name, column) in &self.columns {
            known(right, column, &format!("columns.{name}"), findings);
            let default = self.default.iter().find(|(it, _)| it == name).map(|(_, it)| Expr::Literal(it.clone()));
            if let (Some(column), Some(default)) = (right.schema.get(column), default)
                && let Ok(ty) = default.ty(left.schema)
                && common(Some(column.ty), Some(ty)).is_err()
            {
                let message = format!("`{}` is {}, and its default is {ty}", column.name.escape_debug(), column.ty);
                let help =
                    "write the default as a value of that type, or cast the column in an earlier step".to_owned();
                let key = format!("default.{name}");
                findings.push(Finding::new(&TYPE_MISMATCH, key, message).label("this value").help(help));
            }
        }
    }

    /// Rows of the dictionary whose key stands there already.
    fn repeated(&self, right: &Input<'_>) -> Relation {
        let keys = std::slice::from_ref(&self.there);
        let calls = vec![(PLACE.to_owned(), along(Function::RowNumber, keys, &[]))];
        let window = Relation::Window(Box::new(Window { from: Relation::scan(1, right.schema), calls }));
        let again = Expr::call(">", [Expr::column(PLACE), Expr::integer(1)]);
        let has_key = Expr::call("is not null", [Expr::column(&self.there)]);
        let why = Expr::text(format!("an earlier row has the same `{}`", self.there.escape_debug()));
        with_reason(window.filter(Expr::call("and", [again, has_key])), right.schema, why)
    }
}
