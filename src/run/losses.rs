//! The values that a step could not read, looked for again: nothing of them is stored.

use std::collections::BTreeMap;

use arrow_array::RecordBatch;

use crate::expr::Expr;
use crate::model::{Class, PLACE, ROW, Type};
use crate::plan::{Plan, TableId, made};
use crate::publish::cell_texts;
use crate::relation::{Relation, class_of};
use crate::run::keys::{self, Materialized};
use crate::steps::{Cut, Notice};
use crate::store::Paths;
use crate::store::backend::{EngineError, Worker};
use crate::store::journal::Journal;

/// A value that was lost.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lost {
    /// The column that it was to be in.
    pub column: String,
    /// Whether it may be told.
    pub class: Class,
    /// As it stands in its cell.
    pub value: String,
    /// What of it.
    pub what: What,
    /// In how many cells it stands.
    pub count: u64,
    /// The first of them: its file, and the number of its row, as far as they are known.
    pub first: (Option<String>, Option<String>),
}

/// What of a value is lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// All of it.
    Value,
    /// Some of its digits.
    Digits,
    /// The time beside its day.
    Time,
}

/// What a step lost, column by column, the most frequent first. `beside` is the table with what it read beside what it
/// made.
///
/// # Errors
///
/// The engine or the disk said no.
pub fn lost(
    plan: &Plan,
    (step, beside): (TableId, TableId),
    settled: &Materialized,
    (journal, paths): (&Journal, &Paths),
    worker: &mut dyn Worker,
) -> Result<Vec<Lost>, EngineError> {
    let table = &plan.tables[beside];
    let stored = keys::stored(plan, beside, settled, journal, paths)?;
    let mut acc = Vec::new();
    for it in plan.notices.iter().filter(|it| it.step == step) {
        let none = |name: &String| Expr::call("is null", [Expr::column(made(name))]);
        let (column, text, keep) = match &it.told {
            Notice::Lost { column, filled, text, sharing } => {
                (column, text, Expr::all(sharing.iter().map(none).chain([filled.clone()])))
            }
            Notice::Cut { column, text, lost } => (column, text, lost.condition(text, &Expr::column(made(column)))),
            Notice::Written { .. }
            | Notice::ShortYears { .. }
            | Notice::Currencies { .. }
            | Notice::Noted { .. }
            | Notice::Unheard { .. }
            | Notice::Widened { .. } => continue,
        };
        let what = match &it.told {
            Notice::Cut { lost: Cut::Digits, .. } => What::Digits,
            Notice::Cut { lost: Cut::Time(_), .. } => What::Time,
            _ => What::Value,
        };
        let place = |name: &str| {
            let there = if table.schema.has(name) { Expr::column(name) } else { Expr::null() };
            Expr::Cast(Box::new(there), Type::Text)
        };
        let columns = [("value", text.clone()), ("place", place(PLACE)), ("row", place(ROW))];
        let columns: Vec<_> = columns.into_iter().map(|(name, expr)| (name.to_owned(), expr)).collect();
        let wanted = columns.iter().map(|(name, _)| name.as_str()).collect();
        let relation = Relation::scan(0, &table.schema).filter(keep).project(columns.clone()).prune(&wanted);
        let class = table.schema.get(&made(column)).map_or(Class::Personal, |it| it.class);
        let read = class_of(text, &table.schema);
        let mut values: BTreeMap<String, Lost> = BTreeMap::new();
        let mut order: Vec<String> = Vec::new();
        worker.look(&relation, std::slice::from_ref(&stored), None, &mut |batch: RecordBatch| {
            for row in cell_texts(&batch).map_err(EngineError::Engine)? {
                let [Some(value), place, row] = row.as_slice() else { continue };
                let entry = values.entry(value.clone()).or_insert_with(|| {
                    order.push(value.clone());
                    let (column, class) = (column.clone(), class.max(read));
                    let (value, first) = (value.clone(), (place.clone(), row.clone()));
                    Lost { column, class, value, what, count: 0, first }
                });
                entry.count += 1;
            }
            Ok(())
        })?;
        let mut found: Vec<Lost> = order.iter().filter_map(|it| values.remove(it)).collect();
        // Stable: values of one count stand in the order of their rows.
        found.sort_by_key(|it| std::cmp::Reverse(it.count));
        acc.append(&mut found);
    }
    Ok(acc)
}
