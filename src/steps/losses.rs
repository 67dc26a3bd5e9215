//! Values that a step could not read: cells that had something in them, and of which nothing came out.
//!
//! A loss is a filled cell that is no declared placeholder, that a value function, a cast or a lookup turned into
//! nothing, and from which no other column of the step got a value: two columns that share a cell between them lose
//! nothing. Only what a column is made of as a whole is looked at; a branch of a `case` or an argument of `coalesce`
//! may well give nothing, but a constant in its place is no value of the cell: `coalesce(decimal(fee), '0')`.

use std::collections::BTreeSet;

use crate::expr::functions::DAY_OF_NUMBER;
use crate::expr::{Expr, Literal};
use crate::model::{Schema, Type, is_hidden};
use crate::profile::DateOrder;
use crate::relation::aware::askable;
use crate::relation::written::is_error;
use crate::steps::{Cut, Input, Notice};

/// Value functions that read a value; what they cannot read is lost.
const READING: &[&str] = &[
    "date",
    "integer",
    "decimal",
    "boolean",
    "email",
    "emails",
    "phone",
    "phones",
    "website",
    "organisation_name",
    "people",
    "person_name",
    "iban",
    "vat",
    "country",
    "currency",
    "language",
    "coordinates",
    "duration",
    "slug",
    "slug_in",
    "lookup",
    "nearest",
];
/// Value functions that take a part of a cell, which need not be there.
const PARTS: &[&str] = &["person_role", "domain"];

/// What stands among lost values for cells with an error, which have none.
pub(crate) const ERROR_CELL: &str = "#ERROR!";

/// What a build counts of the columns of a step, over the rows that it reads. A cell with an error is filled, and nothing
/// can be read of it.
pub(super) fn of(columns: &[(String, Expr)], input: &Input<'_>) -> Vec<Notice> {
    let schema = input.schema;
    let written = askable(input.written, |name| schema.has(name));
    let read = columns.iter().filter(|(name, _)| !is_hidden(name));
    let read: Vec<(&String, Cell, bool)> =
        read.filter_map(|(name, expr)| cell(expr, schema).map(|(it, loses)| (name, it, loses))).collect();
    let sharing = |own: &Cell| -> Vec<String> {
        read.iter().filter(|(_, it, _)| it.columns == own.columns).map(|(name, ..)| (*name).clone()).collect()
    };
    let lost = read.iter().filter(|(.., loses)| *loses);
    lost.flat_map(|(name, it, _)| {
        let mut sharing = sharing(it);
        let expr = columns.iter().find(|(it, _)| it == *name).map(|(_, it)| it);
        let alone = sharing.len() == 1 && expr.is_some_and(|it| is_rounded(it, schema));
        let cut = |lost: Cut| Notice::Cut { column: (*name).clone(), text: it.text.clone(), lost };
        let rounded = alone.then(|| cut(Cut::Digits));
        let told = expr.filter(|_| sharing.len() == 1).and_then(told_of_date);
        let timeless = told.map(|told| cut(Cut::Time(any_order(told))));
        let (mut filled, mut text) = (it.filled.clone(), it.text.clone());
        if let Some(kind) = it.text.kind(&written) {
            filled = Expr::call("or", [filled, is_error(kind.clone())]);
            let shown = Expr::Case(vec![(is_error(kind), Expr::text(ERROR_CELL))], None);
            text = Expr::call("coalesce", [text, shown]);
        }
        if let Some(read) = &it.instead {
            // What stands there instead is no value of the cell.
            sharing.retain(|it| it != *name);
            filled = Expr::call("and", [filled, Expr::call("is null", [read.clone()])]);
        }
        [Some(Notice::Lost { column: (*name).clone(), filled, text, sharing }), rounded, timeless].into_iter().flatten()
    })
    .collect()
}

/// Whether a float is made of the digits of a text.
fn is_rounded(expr: &Expr, schema: &Schema) -> bool {
    let Expr::Cast(value, Type::Float) = expr else { return false };
    match &**value {
        Expr::Call(name, arguments) if name == "decimal" => {
            arguments.first().is_some_and(|it| text(it).ty(schema) == Ok(Type::Text))
        }
        Expr::Column(_) => value.ty(schema) == Ok(Type::Text),
        _ => false,
    }
}

/// What `date` is told, where a column is the day of a text.
fn told_of_date(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Cast(value, _) => told_of_date(value),
        Expr::Call(name, arguments) if name == "coalesce" => told_of_date(arguments.first()?),
        Expr::Call(name, arguments) if name == "date" => arguments.get(1),
        _ => None,
    }
}

/// What `date` is told but for the order, which may be counted: a time stands beside a date in any.
fn any_order(told: &Expr) -> Expr {
    let order = DateOrder::DayFirst.word();
    let words = match told {
        Expr::Literal(Literal::Text(told)) => told.find('\n').map(|at| &told[at..]),
        Expr::Call(_, parts) => match parts.last() {
            Some(Expr::Literal(Literal::Text(words))) if words.starts_with('\n') => Some(words.as_str()),
            _ => None,
        },
        _ => None,
    };
    Expr::text(format!("{order}{}", words.unwrap_or_default()))
}

/// What a column is made of.
struct Cell {
    /// The columns beneath.
    columns: BTreeSet<String>,
    /// The value as text.
    text: Expr,
    /// Whether there is something in it.
    filled: Expr,
    /// Where a constant stands for what cannot be read, what is read.
    instead: Option<Expr>,
}

/// The cell that a column reads, and whether it may lose it; `None` for what reads none as a whole.
fn cell(expr: &Expr, schema: &Schema) -> Option<(Cell, bool)> {
    let (beneath, loses) = match expr {
        Expr::Cast(value, ty) => match cell(value, schema) {
            Some(known) => return Some(known),
            None => (&**value, value.ty(schema).ok()? != *ty && *ty != Type::Text),
        },
        // Of days there may be numbers.
        Expr::Call(name, arguments) if name == "coalesce" && is_day_of_number(&arguments[1..]) => {
            return cell(&arguments[0], schema);
        }
        // What cannot be read is lost also where a constant takes its place.
        Expr::Call(name, arguments) if name == "coalesce" && arguments[1..].iter().all(is_constant) => {
            let (known, loses) = cell(&arguments[0], schema)?;
            return Some((Cell { instead: Some(arguments[0].clone()), ..known }, loses));
        }
        Expr::Call(name, arguments) if READING.contains(&name.as_str()) => (&arguments[0], true),
        Expr::Call(name, arguments) if PARTS.contains(&name.as_str()) => (&arguments[0], false),
        _ => return None,
    };
    let text = text(beneath);
    let mut columns = BTreeSet::new();
    text.columns(&mut columns);
    let columns: BTreeSet<String> = columns.into_iter().map(str::to_owned).collect();
    let is_text = text.ty(schema) == Ok(Type::Text);
    let filled = match &text {
        Expr::Call(name, _) if name == "unless_listed" => text.clone(),
        _ if is_text => Expr::call("unless_listed", [text.clone(), Expr::text("")]),
        _ => text.clone(),
    };
    let text = if is_text { text } else { Expr::Cast(Box::new(text), Type::Text) };
    let filled = Expr::call("is not null", [filled]);
    (!columns.is_empty()).then_some((Cell { columns, text, filled, instead: None }, loses))
}

fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(it) => *it != Literal::Null,
        Expr::Cast(value, _) => is_constant(value),
        _ => false,
    }
}

fn is_day_of_number(arguments: &[Expr]) -> bool {
    matches!(arguments, [Expr::Call(name, _)] if name == DAY_OF_NUMBER)
}

/// The value before anything was read out of it.
fn text(expr: &Expr) -> Expr {
    match expr {
        Expr::Call(name, arguments) if READING.contains(&name.as_str()) || PARTS.contains(&name.as_str()) => {
            text(&arguments[0])
        }
        Expr::Case(_, Some(otherwise)) => text(otherwise),
        _ => expr.clone(),
    }
}
