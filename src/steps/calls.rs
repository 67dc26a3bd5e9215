//! What kinds share whose expressions are over several rows: the columns beneath that calls read, and what is made of
//! them.
//!
//! A call names columns alone, so whatever else it is about is computed beneath, under a hidden name.

use crate::expr::Expr;
use crate::expr::aggregate::{Aggregated, Call, call_name};
use crate::fields::{EXPRESSION, Fields};
use crate::finding::{mistaken, unknown_column};
use crate::model::{Class, Column, Schema, Type};
use crate::relation::{Relation, aggregate, class_of};
use crate::steps::columns::known;
use crate::steps::{Finding, Input, TYPE_MISMATCH};

/// The expressions of a table of them, with those left out that cannot be read; `refuse` says what is wrong with a call.
pub(super) fn read(
    fields: &mut Fields,
    key: &str,
    refuse: impl Fn(&Call) -> Option<(String, String)>,
) -> (Vec<(String, Aggregated)>, bool) {
    let (mut columns, mut whole) = (Vec::new(), true);
    let Some(mut table) = fields.table(key) else { return (columns, true) };
    for name in table.keys() {
        let Some(read) = table.aggregated(&name) else {
            whole = false;
            continue;
        };
        match read.calls.iter().find_map(&refuse) {
            None => columns.push((name, read)),
            Some((message, help)) => {
                table.problem(&EXPRESSION, &name, message, "in this expression", Some(help));
                whole = false;
            }
        }
    }
    (columns, whole)
}

/// The rows of an input, with what is computed of them for calls.
pub(super) struct Rows<'a> {
    input: &'a Input<'a>,
    columns: Vec<(String, Expr)>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(input: &'a Input<'a>) -> Rows<'a> {
        let columns = input.schema.names().map(|it| (it.to_owned(), Expr::column(it))).collect();
        Rows { input, columns }
    }

    /// The column beneath that holds this expression, which belongs to the output column `about`.
    pub(super) fn column(&mut self, expr: &Expr, about: &str) -> String {
        if let Some((name, _)) = self.columns.iter().find(|(_, it)| it == expr) {
            return name.clone();
        }
        let numbered = (0..).map(|it| format!("_{about}.{it}"));
        let free = |name: &String| !self.columns.iter().any(|(it, _)| it == name);
        let name = numbered.into_iter().find(free).unwrap_or_default();
        self.columns.push((name.clone(), expr.clone()));
        name
    }

    /// The call over columns.
    pub(super) fn call(&mut self, call: &Call, about: &str) -> aggregate::Call {
        aggregate::Call {
            function: call.function,
            of: call.of.as_ref().map(|it| self.column(it, about)),
            given: call.given.clone(),
            distinct: call.distinct,
            order: call.order.iter().map(|(it, descending)| (self.column(it, about), *descending)).collect(),
            keep: call.keep.as_ref().map(|it| self.column(it, about)),
        }
    }

    /// The rows, as a relation.
    pub(super) fn relation(self) -> Relation {
        let scan = Relation::scan(0, self.input.schema);
        match self.columns.len() == self.input.schema.columns.len() {
            true => scan,
            false => scan.project(self.columns),
        }
    }
}

/// The type and class of an expression over several rows, where it may name `beside` its calls; says what is wrong.
pub(super) fn typed(
    input: &Input<'_>,
    name: &str,
    aggregated: &Aggregated,
    beside: &dyn Fn(&str) -> bool,
    findings: &mut Vec<Finding>,
) -> Option<Column> {
    typed_at(input, name, &format!("columns.{name}"), aggregated, beside, findings)
}

/// The same of an expression under any key.
pub(super) fn typed_at(
    input: &Input<'_>,
    name: &str,
    key: &str,
    aggregated: &Aggregated,
    beside: &dyn Fn(&str) -> bool,
    findings: &mut Vec<Finding>,
) -> Option<Column> {
    let before = findings.len();
    let mut seen: Schema = input.schema.columns.iter().filter(|it| beside(&it.name)).cloned().collect();
    for (at, call) in aggregated.calls.iter().enumerate() {
        let mut types = Vec::new();
        for expr in call.exprs() {
            match expr.ty(input.schema) {
                Ok(ty) => types.push(ty),
                Err(mistake) => findings.push(mistaken(input.name, input.schema, mistake, key)),
            }
        }
        if findings.len() > before {
            continue;
        }
        if let Some(keep) = &call.keep
            && keep.ty(input.schema) != Ok(Type::Boolean)
        {
            let message = "the expression after `filter (where` is not a condition";
            findings.push(Finding::new(&TYPE_MISMATCH, key, message).label("in this expression"));
        }
        let of = call.of.as_ref().map(|it| it.ty(input.schema).unwrap_or(Type::Text));
        let otherwise = call.otherwise.as_ref().map(|it| it.ty(input.schema).unwrap_or(Type::Text));
        let ty = call.function.ty(of).and_then(|it| crate::expr::common(Some(it), otherwise));
        match ty.map(|it| it.unwrap_or(Type::Text)) {
            Ok(ty) => {
                let exprs = call.of.iter().chain(&call.otherwise).filter(|_| !call.function.only_counts());
                let class = exprs.map(|it| class_of(it, input.schema)).max().unwrap_or(Class::Open);
                seen.columns.push(Column::new(call_name(at), ty).classed(class));
            }
            Err(mistake) => findings.push(mistaken(input.name, input.schema, mistake, key)),
        }
    }
    if findings.len() > before {
        return None;
    }
    match aggregated.expr.ty(&seen) {
        Ok(ty) => Some(Column::new(name, ty).classed(class_of(&aggregated.expr, &seen))),
        Err(crate::expr::Mistake::NoColumn(column)) if input.schema.has(&column) => {
            let shown = column.escape_debug();
            let message = format!("`{shown}` has many values in a group, and nothing says which one is meant");
            let help = format!("add `{shown}` to `by`, or name one: `first({shown})`, `max({shown})`");
            findings.push(Finding::new(&TYPE_MISMATCH, key, message).label("in this expression").help(help));
            None
        }
        Err(crate::expr::Mistake::NoColumn(column)) => {
            findings.push(unknown_column(input.name, input.schema, &column, key));
            None
        }
        Err(mistake) => {
            findings.push(mistaken(input.name, &seen, mistake, key));
            None
        }
    }
}

/// Whether all of these are columns of the input, each once; says so if not.
pub(super) fn all_columns(input: &Input<'_>, names: &[String], key: &str, findings: &mut Vec<Finding>) -> bool {
    let before = findings.len();
    for (at, name) in names.iter().enumerate() {
        if known(input, name, key, findings) && names[..at].contains(name) {
            let message = format!("`{key}` names `{}` twice", name.escape_debug());
            let help = "remove one of the two".to_owned();
            findings.push(Finding::new(&crate::steps::COLUMN_TWICE, key, message).label("named here").help(help));
        }
    }
    findings.len() == before
}
