//! What a build counts of a step by itself, planned: how columns are written, and what of them is lost.

use std::collections::BTreeSet;

use super::Planning;
use super::forms::origins;
use crate::expectations::Measure;
use crate::expr::functions::LOSES_DIGITS;
use crate::expr::{Expr, Literal};
use crate::model::{Column, PLACE, ROW, SOURCE, Schema, Type};
use crate::plan::{ColumnPlan, Operation, PlannedCount, PlannedNotice, Role, Table, TableId, made};
use crate::steps::Notice;

/// Raised when the same measure counts something else.
const REVISION: u32 = 1;

impl Planning<'_> {
    pub(super) fn told(&mut self, step: TableId, told: Vec<Notice>) {
        if told.is_empty() {
            return;
        }
        let input = self.plan.tables[step].inputs[0];
        let beside = self.beside(step, input, &told);
        for it in told {
            let counts = match &it {
                Notice::Written { only: (considered, unexpected), either, .. } => {
                    let not = Expr::call("is null", [either.clone()]);
                    vec![
                        self.count(
                            input,
                            Measure::Rows { considered: considered.clone(), unexpected: unexpected.clone() },
                        ),
                        self.count(input, Measure::Rows { considered: either.clone(), unexpected: not }),
                    ]
                }
                Notice::ShortYears { days, years, .. } => {
                    vec![self.count(input, Measure::Rows { considered: days.clone(), unexpected: years.clone() })]
                }
                Notice::Currencies { pairs, .. } => {
                    let rows = |(_, considered, unexpected): &(_, Expr, Expr)| Measure::Rows {
                        considered: considered.clone(),
                        unexpected: unexpected.clone(),
                    };
                    pairs.iter().map(|it| self.count(input, rows(it))).collect()
                }
                Notice::Noted { only, .. } => {
                    let (considered, unexpected) = (Expr::Literal(Literal::Boolean(true)), only.clone());
                    vec![self.count(step, Measure::Rows { considered, unexpected })]
                }
                Notice::Widened { input, value, .. } => {
                    let considered = Expr::call("is not null", [value.clone()]);
                    let cast = |ty: Type| Expr::Cast(Box::new(value.clone()), ty);
                    let unexpected = Expr::call(LOSES_DIGITS, [cast(Type::Text), cast(Type::Float)]);
                    let input = self.plan.tables[step].inputs[*input];
                    vec![self.count(input, Measure::Rows { considered, unexpected })]
                }
                Notice::Unheard { column, only } => {
                    let considered = Expr::call("is not null", [Expr::column(column)]);
                    vec![self.count(input, Measure::Rows { considered, unexpected: only.clone() })]
                }
                Notice::Lost { column, filled, sharing, .. } => {
                    let none = |name: &String| Expr::call("is null", [Expr::column(made(name))]);
                    let got = Expr::call("is not null", [Expr::column(made(column))]);
                    // What was read is not asked whether it was filled.
                    let considered = Expr::call("or", [got, filled.clone()]);
                    let unexpected = Expr::all(sharing.iter().map(none));
                    beside.map(|it| self.count(it, Measure::Rows { considered, unexpected })).into_iter().collect()
                }
                Notice::Cut { column, text, lost } => {
                    let made = Expr::column(made(column));
                    let considered = Expr::call("is not null", [made.clone()]);
                    let unexpected = lost.condition(text, &made);
                    beside.map(|it| self.count(it, Measure::Rows { considered, unexpected })).into_iter().collect()
                }
            };
            let origins = match &it {
                Notice::Currencies { column, .. } => {
                    let column = std::iter::once((input, column.clone()));
                    origins(column, &self.plan.tables).into_keys().collect()
                }
                _ => Vec::new(),
            };
            self.plan.notices.push(PlannedNotice { step, told: it, counts, origins });
        }
    }

    pub(super) fn count(&self, table: TableId, measure: Measure) -> PlannedCount {
        let reads = measure.columns();
        let schema = &self.plan.tables[table].schema;
        let positions = reads.iter().filter_map(|name| schema.place(name)).collect();
        PlannedCount { table, measure, revision: REVISION, reads, positions, other: None }
    }

    /// The table with what a step read, beside what it made of it: no column of it is made.
    fn beside(&mut self, step: TableId, input: TableId, told: &[Notice]) -> Option<TableId> {
        let (mut read, mut own) = (BTreeSet::new(), BTreeSet::new());
        for it in told {
            match it {
                Notice::Lost { column, filled, text, sharing } => {
                    filled.columns(&mut read);
                    text.columns(&mut read);
                    own.extend(sharing);
                    own.insert(column);
                }
                Notice::Cut { column, text, .. } => {
                    text.columns(&mut read);
                    own.insert(column);
                }
                Notice::Written { .. }
                | Notice::ShortYears { .. }
                | Notice::Currencies { .. }
                | Notice::Noted { .. }
                | Notice::Unheard { .. }
                | Notice::Widened { .. } => (),
            }
        }
        if own.is_empty() {
            return None;
        }
        let (from, table) = (&self.plan.tables[input], &self.plan.tables[step]);
        let kept = |it: &&Column| read.contains(it.name.as_str()) || [SOURCE, PLACE, ROW].contains(&it.name.as_str());
        let mut schema = Schema::default();
        let mut columns = Vec::new();
        for column in from.schema.columns.iter().filter(kept) {
            schema.columns.push(column.clone());
            columns.push(ColumnPlan::Carried { input: 0, column: column.name.clone() });
        }
        for name in own {
            let column = table.schema.get(name)?;
            schema.columns.push(Column { name: made(name), ..column.clone() });
            columns.push(ColumnPlan::Carried { input: 1, column: name.clone() });
        }
        let bare = Table::bare(table.name.clone(), Role::Beside, table.kind, Operation::Beside);
        let (inputs, sources) = (vec![input, step], table.sources.clone());
        Some(self.push(Table { inputs, schema, columns, sources, ..bare }))
    }
}
