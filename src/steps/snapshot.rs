//! `snapshot`: keeps what a table said before, with the days between which each row held.
//!
//! ```toml
//! [source.known_prices]          # a committed file with the key, the columns, valid_from and valid_to
//! path = "known/prices.csv"
//!
//! [step.prices]                  # the file as it should be from now on
//! kind = "snapshot"
//! from = "price_list"
//! with = "known_prices"
//! key = "article"
//! day = "$day"                   # the day of which `from` tells
//! ```
//!
//! What the file says of the day itself is taken back first. So the result depends on what was known before the day and
//! on the rows of the day, and making it of its own result gives the same.

use serde::Serialize;

use crate::expr::aggregate::Aggregate as Function;
use crate::expr::{Expr, Literal};
use crate::fields::keys::{Key, Takes};
use crate::fields::{Fields, WRONG_VALUE};
use crate::model::{Schema, Type};
use crate::profile::Profile;
use crate::relation::aggregate::Call;
use crate::relation::window::{Along, Window};
use crate::relation::{Join, Relation};
use crate::steps::calls::all_columns;
use crate::steps::columns::{FROM, one_input};
use crate::steps::dedupe::along;
use crate::steps::reasons::{listed, with_reason};
use crate::steps::{
    COLUMN_TWICE, Decoded, Finding, Input, Kind, LATER_HISTORY, Lowered, Notice, Spec, TYPE_MISMATCH, UNKNOWN_COLUMN,
    UNREAD_HISTORY,
};

pub(super) const KIND: Kind = Kind {
    name: "snapshot",
    revision: 1,
    summary: "keeps what a table said before, with the days between which each row held",
    keys: KEYS,
    decode,
};

const KEYS: &[Key] = &[
    FROM,
    Key::required(
        "with",
        Takes::Text,
        "what is known: a table with the columns of the key, those that are kept, `valid_from` and `valid_to`",
    ),
    Key::required("key", Takes::Texts(1), "the columns that identify a row"),
    Key::required("day", Takes::Text, "the day that `from` describes, such as `2025-06-30`, or `$name` of a parameter"),
    Key::new("columns", Takes::Texts(1), "the columns that are kept and compared; all visible ones without it"),
];

/// The columns of the file beside those of the table.
const FROM_DAY: &str = "valid_from";
const TO_DAY: &str = "valid_to";

/// Names of columns in between.
const PLACE: &str = "_place of the key";
const BEGAN: &str = "_began";
const ENDED: &str = "_ended";
const LATE: &str = "_is later";
const LATER: &str = "_has later";
const KNOWN: &str = "_known";

#[derive(Debug, Serialize)]
struct Snapshot {
    key: Vec<String>,
    columns: Option<Vec<String>>,
    /// As `2025-06-30`.
    day: String,
}

fn decode(fields: &mut Fields, _: &Profile) -> Option<Decoded> {
    let from = one_input(fields, "from");
    let with = one_input(fields, "with");
    let day = fields.required_day("day");
    let mut named = |key: &str| {
        let empty = fields.is_empty_list(key);
        if empty {
            let help = Some("name at least one column".to_owned());
            fields.problem(&WRONG_VALUE, key, format!("`{key}` names no column"), "this list", help);
        }
        let names = fields.words(key);
        (!empty).then_some(names)
    };
    let (key, columns) = (named("key"), named("columns"));
    if !fields.required("key") {
        return None;
    }
    let (key, columns) = (key?, columns?);
    let columns = fields.has("columns").then_some(columns);
    let mut inputs = from?;
    inputs.extend(with?);
    Some(Decoded::new(inputs, Snapshot { key, columns, day: day?.to_string() }))
}

impl Spec for Snapshot {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let (now, file) = (&inputs[0], &inputs[1]);
        let before = findings.len();
        all_columns(now, &self.key, "key", findings);
        if let Some(columns) = &self.columns {
            all_columns(now, columns, "columns", findings);
        }
        let kept = self.kept(now.schema);
        for name in kept.iter().filter(|it| [FROM_DAY, TO_DAY].contains(&it.as_str())) {
            let message = format!("`{}` has a column `{name}`, which is a column of the history", now.name);
            let help = "name the others under `columns`, or give it another name in a step before".to_owned();
            findings.push(Finding::new(&COLUMN_TWICE, "from", message).label("this table").help(help));
        }
        if findings.len() > before {
            return None;
        }
        self.fits(&kept, now, file, findings);
        if findings.len() > before {
            return None;
        }
        let parts = Parts { step: self, kept: &kept, now: now.schema, file: file.schema };
        let told = vec![
            Notice::Noted {
                code: &LATER_HISTORY,
                only: any_of([FROM_DAY, TO_DAY].map(|it| Expr::call(">", [day_in(it), self.day()]))),
                message: "the history contains days after `day`; rows of keys with such days do not change",
                help: "set `day` to the day that the table describes",
            },
            Notice::Noted {
                code: &UNREAD_HISTORY,
                only: any_of([FROM_DAY, TO_DAY].map(|it| Expr::all([present(it), absent(day_in(it))]))),
                message: "the history contains days that hotpass cannot read; it treats them as days before `day`",
                help: "write each day in the form `2025-06-30`; a spreadsheet may have changed the form",
            },
        ];
        let [history, rejects] = [parts.history(), parts.rejects()].map(|it| it.unmarked(1, file.schema));
        Some(Lowered { rejects: Some(rejects), told, ..history.into() })
    }
}

impl Snapshot {
    /// All columns that are kept: the key, and what is compared.
    fn kept(&self, now: &Schema) -> Vec<String> {
        let all = || now.visible().map(|it| it.name.clone()).collect();
        let others: Vec<String> = self.columns.clone().unwrap_or_else(all);
        let new = others.into_iter().filter(|it| !self.key.contains(it));
        self.key.iter().cloned().chain(new).collect()
    }

    /// The file must be able to hold them.
    fn fits(&self, kept: &[String], now: &Input<'_>, file: &Input<'_>, findings: &mut Vec<Finding>) {
        let all: Vec<&str> = kept.iter().map(String::as_str).chain([FROM_DAY, TO_DAY]).collect();
        let missing: Vec<&&str> = all.iter().filter(|it| !file.schema.has(it)).collect();
        if let Some(first) = missing.first() {
            let message = format!("`{}` has no column `{}`", file.name, first.escape_debug());
            let columns = all.iter().map(|it| it.escape_debug().to_string()).collect::<Vec<_>>().join(",");
            let help = format!("its file begins with the line `{columns}`; an empty history is this line alone");
            findings.push(Finding::new(&UNKNOWN_COLUMN, "with", message).label("this table").help(help));
            return;
        }
        for name in kept {
            let (Some(here), Some(there)) = (now.schema.get(name), file.schema.get(name)) else { continue };
            if there.ty != Type::Text && there.ty != here.ty {
                let message = format!("`{}` is {}, and {} in `{}`", name.escape_debug(), here.ty, there.ty, file.name);
                let help = "cast one of the two to the other's type in a step before".to_owned();
                findings.push(Finding::new(&TYPE_MISMATCH, "with", message).label("this table").help(help));
            }
        }
        for name in [FROM_DAY, TO_DAY] {
            let ty = file.schema.get(name).map_or(Type::Text, |it| it.ty);
            if !matches!(ty, Type::Text | Type::Date) {
                let message = format!("`{name}` of `{}` is {ty}, and holds days", file.name);
                let help = format!("cast it in a step before: `{name} = \"cast({name} as date)\"`");
                findings.push(Finding::new(&TYPE_MISMATCH, "with", message).label("this table").help(help));
            }
        }
    }

    fn day(&self) -> Expr {
        Expr::Cast(Box::new(Expr::text(self.day.as_str())), Type::Date)
    }
}

/// What the history is made of.
struct Parts<'a> {
    step: &'a Snapshot,
    kept: &'a [String],
    now: &'a Schema,
    file: &'a Schema,
}

impl Parts<'_> {
    /// What is known, with the day on which it ended where it did, then what begins on the day.
    fn history(&self) -> Relation {
        let beside = self.beside();
        let columns = |last: [(&str, Expr); 2]| {
            let kept = self.kept.iter().map(|it| (it.clone(), Expr::column(it)));
            kept.chain(last.map(|(name, it)| (name.to_owned(), it))).collect::<Vec<_>>()
        };
        let later = Expr::call("=", [Expr::column(LATER), Expr::integer(1)]);
        let ended = Expr::Case(
            vec![(Expr::all([self.current(), self.same()]), Expr::null()), (self.current(), self.day_as(TO_DAY))],
            Some(Box::new(Expr::column(TO_DAY))),
        );
        let stays = any_of([later.clone(), negated(self.on_day(BEGAN))]);
        let old = beside.clone().filter(stays).project(columns([(FROM_DAY, Expr::column(FROM_DAY)), (TO_DAY, ended)]));
        let holds = any_of([later, Expr::all([self.current(), self.same()])]);
        let known: Vec<String> = self.step.key.iter().map(|it| format!("{KNOWN} {it}")).collect();
        let keys = self.step.key.iter().zip(&known).map(|(it, known)| (known.clone(), Expr::column(it))).collect();
        let once = self.first(beside.filter(holds).project(keys), &known);
        let now: Vec<String> = self.kept.iter().map(|it| today(it)).collect();
        let begun = Relation::Join(Box::new(Join {
            left: self.today(),
            right: once,
            on: vec![self.step.key.iter().zip(&known).map(|(it, known)| (today(it), known.clone())).collect()],
            outer: true,
            take_left: now.clone(),
            take_right: vec![(known[0].clone(), KNOWN.to_owned())],
            matched: None,
        }));
        let begun = begun.filter(absent(Expr::column(KNOWN)));
        let new = self.kept.iter().map(|it| (it.clone(), Expr::column(today(it))));
        let days = [(FROM_DAY, self.day_as(FROM_DAY)), (TO_DAY, self.none())];
        let new = new.chain(days.map(|(name, it)| (name.to_owned(), it))).collect();
        Relation::Union(vec![old, begun.project(new)])
    }

    /// Rows without a whole key, and those whose key stands there already.
    fn rejects(&self) -> Relation {
        let calls = vec![(PLACE.to_owned(), along(Function::RowNumber, &self.step.key, &[]))];
        let rows = Relation::Window(Box::new(Window { from: Relation::scan(0, self.now), calls }));
        let key = listed(&self.step.key);
        let there = Expr::all(self.step.key.iter().map(|it| present(it)));
        let twice = Expr::text(format!("an earlier row has the same key {key}"));
        let missing = match self.step.key.as_slice() {
            [_] => Expr::text(format!("the key {key} has no value")),
            _ => Expr::text(format!("a part of the key {key} has no value")),
        };
        let why = Expr::Case(vec![(there, twice)], Some(Box::new(missing)));
        with_reason(rows.filter(negated(self.is_used())), self.now, why)
    }

    fn is_used(&self) -> Expr {
        let first = Expr::call("=", [Expr::column(PLACE), Expr::integer(1)]);
        Expr::all(self.step.key.iter().map(|it| present(it)).chain([first]))
    }

    /// The rows of the day, each key once, as the file would hold them.
    fn today(&self) -> Relation {
        let calls = vec![(PLACE.to_owned(), along(Function::RowNumber, &self.step.key, &[]))];
        let rows = Relation::Window(Box::new(Window { from: Relation::scan(0, self.now), calls }));
        let as_kept = |name: &String| {
            let own = self.now.get(name).map_or(Type::Text, |it| it.ty);
            let is_text = self.file.get(name).is_none_or(|it| it.ty == Type::Text);
            let value = match is_text && own != Type::Text {
                true => Expr::Cast(Box::new(Expr::column(name)), Type::Text),
                false => Expr::column(name),
            };
            // A file knows no text without letters.
            let value = if is_text { Expr::call("nullif", [value, Expr::text("")]) } else { value };
            (today(name), value)
        };
        rows.filter(self.is_used()).project(self.kept.iter().map(as_kept).collect())
    }

    /// The rows of the file, each with its days as days, whether its key has later ones, and what is said today.
    fn beside(&self) -> Relation {
        let names = self.kept.iter().map(String::as_str).chain([FROM_DAY, TO_DAY]);
        let mut columns: Vec<_> = names.map(|it| (it.to_owned(), Expr::column(it))).collect();
        let is_later = any_of([FROM_DAY, TO_DAY].map(|it| Expr::call(">", [day_in(it), self.step.day()])));
        columns.extend([
            (BEGAN.to_owned(), day_in(FROM_DAY)),
            (ENDED.to_owned(), day_in(TO_DAY)),
            (LATE.to_owned(), Expr::Case(vec![(is_later, Expr::integer(1))], Some(Box::new(Expr::integer(0))))),
        ]);
        let call = Call {
            function: Function::Max,
            of: Some(LATE.to_owned()),
            given: None::<Literal>,
            distinct: false,
            order: Vec::new(),
            keep: None,
        };
        let along = Along { call, otherwise: None, by: self.step.key.clone(), frame: None };
        let from = Relation::scan(1, self.file).project(columns);
        let rows = Relation::Window(Box::new(Window { from, calls: vec![(LATER.to_owned(), along)] }));
        let take_left = rows.columns().into_iter().map(str::to_owned).collect();
        Relation::Join(Box::new(Join {
            left: rows,
            right: self.today(),
            on: vec![self.step.key.iter().map(|it| (it.clone(), today(it))).collect()],
            outer: true,
            take_left,
            take_right: self.kept.iter().map(|it| (today(it), today(it))).collect(),
            matched: None,
        }))
    }

    /// Of rows with equal values in `by` the first.
    fn first(&self, from: Relation, by: &[String]) -> Relation {
        let calls = vec![(PLACE.to_owned(), along(Function::RowNumber, by, &[]))];
        let rows = Relation::Window(Box::new(Window { from, calls }));
        rows.filter(Expr::call("=", [Expr::column(PLACE), Expr::integer(1)]))
    }

    /// Whether a row of the file held until the day.
    fn current(&self) -> Expr {
        let open = any_of([absent(Expr::column(TO_DAY)), self.on_day(ENDED)]);
        let not_later = Expr::call("=", [Expr::column(LATER), Expr::integer(0)]);
        Expr::all([open, negated(self.on_day(BEGAN)), not_later])
    }

    /// Whether the table says the same today.
    fn same(&self) -> Expr {
        let found = present(&today(&self.step.key[0]));
        let others = self.kept.iter().filter(|it| !self.step.key.contains(it));
        let equal =
            others.map(|it| negated(Expr::call("is distinct from", [Expr::column(it), Expr::column(today(it))])));
        Expr::all(std::iter::once(found).chain(equal))
    }

    fn on_day(&self, column: &str) -> Expr {
        negated(Expr::call("is distinct from", [Expr::column(column), self.step.day()]))
    }

    /// The day in the type of a column of the file.
    fn day_as(&self, column: &str) -> Expr {
        match self.file.get(column).map(|it| it.ty) {
            Some(Type::Date) => self.step.day(),
            _ => Expr::text(self.step.day.as_str()),
        }
    }

    fn none(&self) -> Expr {
        Expr::Cast(Box::new(Expr::null()), self.file.get(TO_DAY).map_or(Type::Text, |it| it.ty))
    }
}

/// The column with what is said today.
fn today(column: &str) -> String {
    format!("_today {column}")
}

fn day_in(column: &str) -> Expr {
    Expr::Cast(Box::new(Expr::column(column)), Type::Date)
}

fn present(column: &str) -> Expr {
    Expr::call("is not null", [Expr::column(column)])
}

fn absent(value: Expr) -> Expr {
    Expr::call("is null", [value])
}

fn negated(condition: Expr) -> Expr {
    Expr::call("not", [condition])
}

/// Whether one of the two is true, where none of them may be known.
fn any_of([a, b]: [Expr; 2]) -> Expr {
    let known = |it: Expr| Expr::call("coalesce", [it, Expr::Literal(Literal::Boolean(false))]);
    Expr::call("or", [known(a), known(b)])
}
