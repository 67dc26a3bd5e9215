//! `hotpass show STEP --failing CHECK`: the rows that failed a check, as a relation over the tables that it looked at.

use std::collections::BTreeSet;

use crate::escape;
use crate::expectations::Measure;
use crate::expectations::measure::Rule;
use crate::expr::aggregate::Aggregate;
use crate::expr::{Expr, Literal};
use crate::model::Schema;
use crate::plan::{CheckId, Plan, PlannedExpectation, TableId};
use crate::problem::{Problem, did_you_mean};
use crate::relation::aggregate::Call;
use crate::relation::window::{Along, Window};
use crate::relation::{By, Join, Relation};
use crate::run::checks;
use crate::store::journal::Counts;
use crate::workspace::failure::Failure;
use crate::workspace::lookup::UNKNOWN_SUBJECT;

/// How many checks are named where none is near.
const NAMED: usize = 12;

/// The rows of a check.
pub(crate) struct Failing {
    /// The tables that the relation reads, as indices of the plan.
    pub(crate) inputs: Vec<TableId>,
    /// The rows.
    pub(crate) relation: Relation,
    /// Which of the relation's rows, where only some are known: those that the check told of.
    pub(crate) at: Option<BTreeSet<u64>>,
    /// The check, as an index into the plan, and as a failure tells it.
    pub(crate) check: Option<(CheckId, String)>,
}

/// The rows that fail the check of this name.
pub(crate) fn of(
    plan: &Plan,
    step: TableId,
    word: &str,
    counts: &dyn Fn(CheckId) -> Option<Counts>,
) -> Result<Failing, Failure> {
    let index = named(plan, step, word)?;
    let check = &plan.expectations[index];
    let counted = counts(index);
    let message = checks::message(plan, index, counted.as_ref());
    let named = Some((index, message.clone()));
    let table = check.count.table;
    let schema = &plan.tables[table].schema;
    let scan = || Relation::scan(0, schema);
    let of = |inputs: Vec<TableId>, relation: Relation| Failing { inputs, relation, at: None, check: named.clone() };
    let refused = |help: &str| {
        let message = format!("`{}` is about the whole table, and names no rows", escape::line(&check.declared.id));
        Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help.to_owned()))))
    };
    Ok(match &check.count.measure {
        Measure::Rows { considered, unexpected } => {
            of(vec![table], scan().filter(true_of(Expr::call("and", [considered.clone(), unexpected.clone()]))))
        }
        Measure::Repeats { values, only } => of(vec![table], repeated(schema, values, only.as_ref())),
        Measure::Distinct { column, listed, rule: Rule::In | Rule::Equal, only } => {
            let value = Expr::column(column);
            let list = [value.clone()].into_iter().chain(listed.iter().cloned()).collect();
            let other = Expr::call("not", [Expr::Call("in".to_owned(), list)]);
            of(vec![table], restricted(scan(), std::slice::from_ref(column), only.as_ref()).filter(true_of(other)))
        }
        Measure::Absent { columns, there, only } => {
            let Some(other) = &check.count.other else { return refused("`hotpass explain` shows what it reads") };
            of(vec![table, other.table], absent(schema, columns, there, only.as_ref()))
        }
        Measure::Violations => of(vec![table], scan()),
        Measure::SetAside => {
            let Some(rejects) = plan.rejects_of(check.about) else { return refused("no rows are set aside") };
            of(vec![rejects], Relation::scan(0, &plan.tables[rejects].schema))
        }
        Measure::Ordered { .. } | Measure::Outliers { .. } => {
            let at = counted.map(|it| it.sample.into_iter().collect());
            Failing { at: Some(at.unwrap_or_default()), ..of(vec![table], scan()) }
        }
        Measure::Lost => return refused("`--lost` shows the values that could not be read"),
        _ => return refused(&message),
    })
}

/// The check on a table that a word names: by its whole name, or by the end of it that no other has.
fn named(plan: &Plan, step: TableId, word: &str) -> Result<CheckId, Failure> {
    let name = &plan.tables[step].name;
    let own: Vec<(CheckId, &PlannedExpectation)> = plan
        .expectations
        .entries()
        .filter(|(_, it)| it.about == step || it.pipeline == name.pipeline && it.declared.table == name.name)
        .collect();
    let id = |it: &PlannedExpectation| it.declared.id.clone();
    if let Some((index, _)) = own.iter().find(|(_, it)| it.declared.id == word || short(it) == word) {
        return Ok(*index);
    }
    let ends = |it: &PlannedExpectation| it.declared.id.ends_with(&format!(".{word}")) || it.declared.kind.name == word;
    let found: Vec<_> = own.iter().filter(|(_, it)| ends(it)).collect();
    if let [(index, _)] = found.as_slice() {
        return Ok(*index);
    }
    let named = |all: &mut dyn Iterator<Item = &PlannedExpectation>| {
        let names: Vec<String> = all.map(|it| format!("`{}`", escape::line(short(it)))).collect();
        let more = if names.len() > NAMED { ", …" } else { "" };
        format!("{}{more}", names.into_iter().take(NAMED).collect::<Vec<_>>().join(", "))
    };
    let (message, help) = match (own.is_empty(), found.is_empty()) {
        (true, _) => {
            (format!("nothing is expected of `{name}`"), format!("`[[expect.{}]]` says what should hold", name.name))
        }
        (_, true) => {
            let ids: Vec<String> = own.iter().flat_map(|(_, it)| [id(it), short(it).to_owned()]).collect();
            let near = did_you_mean(word, ids.iter().map(String::as_str));
            let all = || format!("there are {}", named(&mut own.iter().map(|(_, it)| *it)));
            (format!("`{name}` has no check `{}`", escape::line(word)), near.unwrap_or_else(all))
        }
        _ => {
            let message = format!("`{}` names several checks of `{name}`", escape::line(word));
            (message, format!("name one: {}", named(&mut found.iter().map(|(_, it)| *it))))
        }
    };
    Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help))))
}

/// The name of a check without that of its table.
fn short(check: &PlannedExpectation) -> &str {
    crate::run::checks::short(&check.declared)
}

fn true_of(condition: Expr) -> Expr {
    Expr::call("coalesce", [condition, Expr::Literal(Literal::Boolean(false))])
}

/// The rows that a condition leaves and that have a value in each of these columns.
fn restricted(rows: Relation, columns: &[String], only: Option<&Expr>) -> Relation {
    let rows = match only {
        Some(only) => rows.filter(true_of(only.clone())),
        None => rows,
    };
    rows.filter(Expr::all(columns.iter().map(|it| Expr::call("is not null", [Expr::column(it)]))))
}

/// All rows whose values stand in several, those with the same values together.
fn repeated(schema: &Schema, values: &[Expr], only: Option<&Expr>) -> Relation {
    let count = free(schema, "_rows");
    // What texts stand for is a column of its own.
    let name = |(at, it): (usize, &Expr)| match it {
        Expr::Column(name) => name.clone(),
        _ => free(schema, &format!("_value{at}")),
    };
    let columns: Vec<String> = values.iter().enumerate().map(name).collect();
    let own = schema.names().map(|it| (it.to_owned(), Expr::column(it)));
    let made = columns.iter().zip(values).filter(|(_, it)| !matches!(it, Expr::Column(_)));
    let rows = Relation::scan(0, schema);
    let rows = match made.clone().next() {
        Some(_) => rows.project(own.chain(made.map(|(name, it)| (name.clone(), it.clone()))).collect()),
        None => rows,
    };
    let call =
        Call { function: Aggregate::Count, of: None, given: None, distinct: false, order: Vec::new(), keep: None };
    let along = Along { call, otherwise: None, by: columns.clone(), frame: None };
    let from = restricted(rows, &columns, only);
    let counted = Relation::Window(Box::new(Window { from, calls: vec![(count.clone(), along)] }));
    let several = counted.filter(Expr::call(">", [Expr::column(&count), Expr::integer(1)]));
    let by = columns.iter().map(|it| By { expr: Expr::column(it), descending: false }).collect();
    Relation::Sort { from: Box::new(several), by }
}

/// The rows whose values no row of the second table has.
fn absent(schema: &Schema, columns: &[String], there: &[String], only: Option<&Expr>) -> Relation {
    let matched = free(schema, "_found");
    let join = Join {
        left: restricted(Relation::scan(0, schema), columns, only),
        right: Relation::Scan { input: 1, columns: there.to_vec().into() },
        on: vec![columns.iter().cloned().zip(there.iter().cloned()).collect()],
        outer: true,
        take_left: schema.names().map(str::to_owned).collect(),
        take_right: Vec::new(),
        matched: Some(matched.clone()),
    };
    Relation::Join(Box::new(join)).filter(Expr::call("is null", [Expr::column(&matched)]))
}

/// A hidden name that no column has.
fn free(schema: &Schema, name: &str) -> String {
    let mut name = name.to_owned();
    while schema.has(&name) {
        name.push('_');
    }
    name
}
