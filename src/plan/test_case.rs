//! Tests of steps, known to fit their plan: the part of it that makes what is tested, cut out and put over small tables.
//!
//! There is no second planner: the cut-out steps are those of the plan, column plans and recipes included, so a test that
//! was run once is known like any other outcome.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use crate::digest::digest_of;
use crate::graph;
use crate::model::{ROW, SOURCE};
use crate::plan::{ColumnPlan, Name, Operation, Plan, Role, Table, TableId};
use crate::span::Span;

/// A test of a step.
#[derive(Clone, PartialEq, Debug)]
pub struct TestCase {
    /// What it shows.
    pub name: String,
    /// The file it stands in.
    pub file: PathBuf,
    /// Where it stands there.
    pub span: Span,
    /// The step, as an index into the plan.
    pub step: TableId,
    /// Rows of tables of the plan.
    pub given: BTreeMap<TableId, Rows>,
    /// What is to come out.
    pub expected: Vec<Expected>,
    /// Whether rows are to come in this order.
    pub ordered: bool,
}

/// Some columns of a small table.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rows {
    /// Names.
    pub columns: Vec<String>,
    /// Cells, each a value of its column's type.
    pub rows: Vec<Vec<Option<String>>>,
}

/// Rows that a table is to have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// The key that says so: `expect` or `rejected`.
    pub key: &'static str,
    /// The table, as an index into the plan.
    pub table: TableId,
    /// What it is to hold.
    pub rows: Rows,
}

/// Tests as one plan of small tables.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Grafted {
    /// The plan.
    pub plan: Plan,
    /// For each test, its tables.
    pub tables: Vec<Range<TableId>>,
    /// For each test, the table of each of its expectations.
    pub expected: Vec<Vec<TableId>>,
}

/// Cuts out of a plan what tests need, and puts it over what they give. What is not given is read nowhere: a source
/// without rows in the test has none.
pub fn splice(plan: &Plan, trials: &[TestCase]) -> Grafted {
    let mut acc = Grafted::default();
    let needs = plan.needs();
    for trial in trials {
        // Nothing above a table that is given is needed.
        let mut own = needs.clone();
        trial.given.keys().for_each(|it| own[*it].clear());
        let needed = graph::upstream(trial.expected.iter().map(|it| it.table), &own);
        let begins = acc.plan.tables.next();
        let mut place: BTreeMap<TableId, TableId> = BTreeMap::new();
        for (at, table) in plan.tables.entries().filter(|(at, _)| needed[*at]) {
            let none = Rows::default();
            let mut table = match (trial.given.get(&at), &table.make) {
                (Some(rows), _) => given(table, rows),
                (None, Operation::Read(_)) => given(table, &none),
                // What a table reads comes before it.
                _ => Table { inputs: own[at].iter().map(|it| place[it]).collect(), ..table.clone() },
            };
            table.name = Name { pipeline: format!("{} {}", trial.file.display(), trial.name), ..table.name };
            table.role = Role::TestCase;
            place.insert(at, acc.plan.tables.push(table));
        }
        acc.tables.push(begins..acc.plan.tables.next());
        acc.expected.push(trial.expected.iter().map(|it| place[&it.table]).collect());
    }
    acc
}

/// A table with these rows in the place of its own. What is not said of a column is nothing, but for the coordinates:
/// rows count from 1, and come from the only source that they can come from.
fn given(table: &Table, rows: &Rows) -> Table {
    let source = match table.sources.keys().collect::<Vec<_>>().as_slice() {
        [one] => Some((*one).clone()),
        _ => None,
    };
    let cell = |column: &str, at: usize, row: &[Option<String>]| match rows.columns.iter().position(|it| it == column) {
        Some(stated) => row[stated].clone(),
        None if column == ROW => Some((at + 1).to_string()),
        None if column == SOURCE => source.clone(),
        None => None,
    };
    let whole: Vec<Vec<Option<String>>> = rows
        .rows
        .iter()
        .enumerate()
        .map(|(at, row)| table.schema.names().map(|name| cell(name, at, row)).collect())
        .collect();
    let columns = table.schema.columns.iter().enumerate().map(|(at, column)| {
        let cells: Vec<&Option<String>> = whole.iter().map(|row| &row[at]).collect();
        // No values of one type are other content than no values of another.
        ColumnPlan::Made { recipe: digest_of("hotpass given v2", &(column.ty, &cells)), reads: BTreeMap::new() }
    });
    let columns = columns.collect();
    Table { inputs: Vec::new(), make: Operation::Values(whole), columns, ..table.clone() }
}
