//! `correct`: what people know better wins over what the books say, as long as it is meant to.
//!
//! ```toml
//! [source.corrections]           # columns: key, column, value; and reason, who, until
//! path = "corrections.csv"
//!
//! [step.corrected]
//! kind = "correct"
//! from = "organisations"
//! with = "corrections"
//! key = "organization_id"        # a column of `from`
//! as_of = { parameter = "today" }
//! ```
//!
//! Each correction puts a value into one column of the rows with its key; an empty value takes away what is there. Of
//! two corrections of one cell the later line counts. The hidden column `_corrected` names the columns of a row that
//! were corrected. Corrections that cannot be made (no such key or column, a value of another type, over since `until`)
//! are set aside with the reason in `problem`, and can be seen with `show --rejected`.

use serde::Serialize;

use crate::expr::{Expr, Literal};
use crate::fields::keys::{Key, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::{COORDINATES, Column, ROW, Schema, Type};
use crate::profile::Profile;
use crate::relation::{By, Consolidate, Join, Pick, Relation};
use crate::steps::columns::{known, one_input};
use crate::steps::{Decoded, Finding, Holding, Input, Kind, Lowered, Spec, TYPE_MISMATCH, UNSET};

pub(super) const KIND: Kind = Kind {
    name: "correct",
    revision: 1,
    summary: "what people know better wins over what the books say, as long as it is meant to",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    Key::required("from", Takes::Text, "the table it corrects"),
    Key::required("with", Takes::Text, "the corrections, with the columns `key`, `column` and `value`"),
    Key::required("key", Takes::Text, "the column that the corrections' `key` is about"),
    Key::new("as_of", Takes::Text, "the day that `until` of a correction is compared with"),
];

/// The columns of a table of corrections.
const KEY: &str = "key";
const COLUMN: &str = "column";
const VALUE: &str = "value";
const UNTIL: &str = "until";
/// Why a correction changes nothing.
const PROBLEM: &str = "problem";
/// The hidden column with the names of corrected columns.
const CORRECTED: &str = "_corrected";
/// Stands before what a column is corrected to, so that the name is that of no other column.
const TO: &str = "_corrected:";

#[derive(Debug, Serialize)]
struct Correct {
    key: String,
    as_of: Option<String>,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let from = one_input(fields, "from");
    let with = one_input(fields, "with");
    let key = fields.required_text("key");
    let declared = fields.text("as_of");
    let as_of = declared.as_ref().and_then(|text| {
        let day = crate::text::date::date(text, crate::text::date::Order::DayFirst);
        if day.is_none() {
            let help = Some("write it as `2025-12-31`".to_owned());
            fields.problem(&WRONG_VALUE, "as_of", "`as_of` is not a day", "this value", help);
        }
        day
    });
    let mut inputs = from?;
    inputs.extend(with?);
    if as_of.is_none() && declared.is_some() {
        return None;
    }
    Some(Decoded::new(inputs, Correct { key: key?, as_of }))
}

impl Spec for Correct {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let (rows, list) = (&inputs[0], &inputs[1]);
        let before = findings.len();
        if known(rows, &self.key, "key", findings)
            && let Some(column) = rows.schema.get(&self.key).filter(|it| it.ty != Type::Text)
        {
            let message = format!("`{}` is {}, and keys of corrections are text", column.name, column.ty);
            findings.push(Finding::new(&TYPE_MISMATCH, "key", message).label("named here"));
        }
        for name in [KEY, COLUMN, VALUE] {
            if known(list, name, "with", findings) && list.schema.get(name).is_some_and(|it| it.ty != Type::Text) {
                let message = format!("`{name}` of `{}` is not a text", list.name);
                findings.push(Finding::new(&TYPE_MISMATCH, "with", message).label("this table"));
            }
        }
        if list.schema.has(UNTIL) && self.as_of.is_none() {
            let message = format!("`{}` has a column `{UNTIL}`, and nothing says which day it is", list.name);
            let help = "set `as_of` to a day, best to a parameter: `as_of = { parameter = \"today\" }`".to_owned();
            findings.push(Finding::new(&UNSET, "", message).label("in this step").help(help));
        }
        if findings.len() > before {
            return None;
        }
        let corrected: Vec<&Column> = rows.schema.visible().filter(|it| it.name != self.key).collect();
        let relation = self.corrected(rows.schema, list.schema, &corrected);
        let rejects = self.rejected(rows.schema, list.schema, &corrected);
        let holding =
            |column: &str, of: Option<&String>| Holding { input: 1, column: column.to_owned(), of: of.cloned() };
        let holding = vec![holding(KEY, Some(&self.key)), holding(VALUE, None)];
        Some(Lowered { rejects: Some(rejects), holding, ..relation.into() })
    }
}

impl Correct {
    fn corrected(&self, rows: &Schema, list: &Schema, corrected: &[&Column]) -> Relation {
        // One row for each key, with what each column is corrected to: null for nothing, empty for no value.
        let mut beneath = vec![(KEY.to_owned(), Expr::column(KEY))];
        let mut picks = vec![(KEY.to_owned(), Pick::Key)];
        for column in corrected {
            let name = format!("{TO}{}", column.name);
            let value = Expr::call("coalesce", [Expr::column(VALUE), Expr::text("")]);
            let own = Expr::call("=", [Expr::column(COLUMN), Expr::text(&column.name)]);
            let own = Expr::call("and", [own, fits(column)]);
            beneath.push((name.clone(), Expr::Case(vec![(own, value)], None)));
            picks.push((name.clone(), Pick::First { column: name, prefer: Vec::new() }));
        }
        let mut rank = Vec::new();
        // Where a correction stands goes along, for the latest and for whoever asks where a value is from.
        let places = COORDINATES.iter().filter(|it| list.has(it));
        beneath.extend(places.map(|it| ((*it).to_owned(), Expr::column(*it))));
        if list.has(ROW) {
            rank.push(By { expr: Expr::column(ROW), descending: true });
        }
        let from = Relation::scan(1, list).filter(self.holds(list)).project(beneath);
        let right = Relation::Consolidate(Box::new(Consolidate { from, key: KEY.to_owned(), rank, picks }));
        let take_right = corrected.iter().map(|it| format!("{TO}{}", it.name));
        let join = Join {
            left: Relation::scan(0, rows),
            right,
            on: vec![vec![(self.key.clone(), KEY.to_owned())]],
            outer: true,
            take_left: rows.names().map(str::to_owned).collect(),
            take_right: take_right.map(|it| (it.clone(), it)).collect(),
            matched: None,
        };
        let mut named = vec![Expr::text(", ")];
        let mut columns = Vec::new();
        for column in rows.columns.iter().filter(|it| it.name != CORRECTED) {
            let here = Expr::column(&column.name);
            if !corrected.iter().any(|it| it.name == column.name) {
                columns.push((column.name.clone(), here));
                continue;
            }
            let to = Expr::column(format!("{TO}{}", column.name));
            let kept = Expr::call("is null", [to.clone()]);
            let cleared = Expr::call("=", [to.clone(), Expr::text("")]);
            let null = Expr::Cast(Box::new(Expr::null()), column.ty);
            let value = if column.ty == Type::Text { to.clone() } else { Expr::Cast(Box::new(to.clone()), column.ty) };
            let value = Expr::Case(vec![(kept, here), (cleared, null)], Some(Box::new(value)));
            columns.push((column.name.clone(), value));
            let is = Expr::call("is not null", [to]);
            named.push(Expr::Case(vec![(is, Expr::text(&column.name))], None));
        }
        if named.len() > 1 {
            let all = Expr::call("nullif", [Expr::Call("concat_ws".to_owned(), named), Expr::text("")]);
            columns.push((CORRECTED.to_owned(), all));
        }
        Relation::Join(Box::new(join)).project(columns)
    }

    /// Whether a correction is still meant.
    fn holds(&self, list: &Schema) -> Expr {
        let (Some(until), Some(as_of)) = (list.get(UNTIL), &self.as_of) else {
            return Expr::Literal(Literal::Boolean(true));
        };
        let holds = Expr::call(">=", [day_of(until), Expr::Cast(Box::new(Expr::text(as_of)), Type::Date)]);
        let open = Expr::call("is null", [Expr::column(&until.name)]);
        Expr::call("or", [open, Expr::call("coalesce", [holds, Expr::Literal(Literal::Boolean(false))])])
    }

    fn rejected(&self, rows: &Schema, list: &Schema, corrected: &[&Column]) -> Relation {
        let keys = Consolidate {
            from: Relation::scan(0, rows),
            key: self.key.clone(),
            rank: Vec::new(),
            picks: vec![(self.key.clone(), Pick::Key)],
        };
        // No table has a column without a name.
        let found = "";
        let names = || list.names().filter(|it| *it != PROBLEM);
        let join = Join {
            left: Relation::scan(1, list),
            right: Relation::Consolidate(Box::new(keys)),
            on: vec![vec![(KEY.to_owned(), self.key.clone())]],
            outer: true,
            take_left: list.names().map(str::to_owned).collect(),
            take_right: vec![(self.key.clone(), found.to_owned())],
            matched: None,
        };
        let missing = |name: &str| Expr::call("is null", [Expr::column(name)]);
        let not = |it: Expr| Expr::call("not", [it]);
        let columns = corrected.iter().map(|it| Expr::text(&it.name));
        let one_of = Expr::Call("in".to_owned(), std::iter::once(Expr::column(COLUMN)).chain(columns).collect());
        let is_key = Expr::call("=", [Expr::column(COLUMN), Expr::text(&self.key)]);
        let mut branches = vec![
            (Expr::call("or", [missing(KEY), missing(COLUMN)]), Expr::text("it does not say what it corrects")),
            (is_key, Expr::text("the column is the key, by which rows are found, and is not corrected")),
            (not(one_of), Expr::text("there is no such column")),
            (missing(found), Expr::text("there is no such key")),
        ];
        if let (Some(until), Some(_)) = (list.get(UNTIL), &self.as_of) {
            let day = day_of(until);
            let said = Expr::call("is not null", [Expr::column(&until.name)]);
            let no_day = Expr::call("and", [said, Expr::call("is null", [day])]);
            branches.insert(1, (no_day, Expr::text("`until` is no day")));
            branches.insert(2, (not(self.holds(list)), Expr::text("it is over")));
        }
        for column in corrected.iter().filter(|it| it.ty != Type::Text) {
            let own = Expr::call("=", [Expr::column(COLUMN), Expr::text(&column.name)]);
            let unfit = Expr::call("and", [own, not(fits(column))]);
            branches.push((unfit, Expr::text(format!("the value is no {}", column.ty))));
        }
        let mut columns: Vec<_> = names().map(|it| (it.to_owned(), Expr::column(it))).collect();
        columns.insert(0, (PROBLEM.to_owned(), Expr::Case(branches, None)));
        Relation::Join(Box::new(join)).project(columns).filter(Expr::call("is not null", [Expr::column(PROBLEM)]))
    }
}

/// The day of a column, also where a time stands behind it, as programs write days into workbooks.
fn day_of(column: &Column) -> Expr {
    let cast = |it: Expr, ty| Expr::Cast(Box::new(it), ty);
    let own = || Expr::column(&column.name);
    match column.ty {
        Type::Text => Expr::call("coalesce", [cast(own(), Type::Date), cast(cast(own(), Type::Timestamp), Type::Date)]),
        _ => cast(own(), Type::Date),
    }
}

/// Whether a value can stand in a column: none at all always can.
fn fits(column: &Column) -> Expr {
    if column.ty == Type::Text {
        return Expr::Literal(Literal::Boolean(true));
    }
    let none = Expr::call("is null", [Expr::column(VALUE)]);
    let cast = Expr::Cast(Box::new(Expr::column(VALUE)), column.ty);
    Expr::call("or", [none, Expr::call("is not null", [cast])])
}
