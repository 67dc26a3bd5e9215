//! What is expected of tables, held against their columns.

use std::collections::BTreeSet;

use super::{NOTHING_READ, NOTHING_SET_ASIDE, Planning};
use crate::expectations::{Expectation, Measure};
use crate::pipeline::Pipeline;
use crate::plan::{PlannedCount, PlannedExpectation};
use crate::steps::{Finding, Told};

impl Planning<'_> {
    pub(super) fn expectations(&mut self, pipeline: &Pipeline) {
        for declared in &pipeline.expectations {
            let path = format!("expect.{}", declared.table);
            let Some(table) = self.find_table(pipeline, &declared.table, &path, "", "an expectation") else { continue };
            if let Some(contract) = &declared.contract
                && !self.is_askable(table, contract, &declared.columns)
            {
                continue;
            }
            let view = &self.plan.tables[table];
            let input = view.as_input(&declared.table);
            match declared.measure(&input) {
                Ok(Measure::SetAside) if self.plan.rejects_of(table).is_none() => {
                    let message = format!("`{}` sets no rows aside", declared.table);
                    let finding = Finding::new(&NOTHING_SET_ASIDE, "used", message).label("asked for here");
                    let help = "a `join` sets rows aside that find nothing, a `merge` those without a key".to_owned();
                    let path = declared.path.clone();
                    self.find(pipeline, &path, finding.help(help));
                }
                Ok(Measure::Lost) => match self.count_of_losses(table, &declared.columns[0]) {
                    Some(count) => self.expect(pipeline, declared, table, count),
                    None => {
                        let column = declared.columns[0].escape_debug();
                        let message = format!("step `{}` reads `{column}` out of no cell", declared.table);
                        let finding = Finding::new(&NOTHING_READ, "lost", message).label("asked for here");
                        let help = "a `normalise` step loses what has no normal form, a `derive` step what a cast or a \
                                    value function cannot read; ask it of the step that reads the column";
                        let path = declared.path.clone();
                        self.find(pipeline, &path, finding.help(help.to_owned()));
                    }
                },
                Ok(measure) => {
                    let count = PlannedCount { revision: declared.kind.revision, ..self.count(table, measure) };
                    self.expect(pipeline, declared, table, count);
                }
                Err(finding) => {
                    let path = declared.path.clone();
                    self.find(pipeline, &path, finding);
                }
            }
        }
    }
}

impl Planning<'_> {
    fn expect(&mut self, pipeline: &Pipeline, declared: &Expectation, about: usize, count: PlannedCount) {
        let (pipeline, declared) = (pipeline.name.clone(), declared.clone());
        self.plan.expectations.push(PlannedExpectation { pipeline, declared, about, count });
    }

    fn count_of_losses(&self, step: usize, column: &str) -> Option<PlannedCount> {
        let of_column = |told: &Told| matches!(told, Told::Lost { column: it, .. } if it == column);
        let told = self.plan.told.iter().find(|it| it.step == step && of_column(&it.told))?;
        told.counts.first().cloned()
    }
}

pub(super) fn measured_columns(measure: &Measure) -> BTreeSet<String> {
    let mut acc = BTreeSet::new();
    match measure {
        Measure::Rows { considered, unexpected } => {
            considered.columns(&mut acc);
            unexpected.columns(&mut acc);
        }
        Measure::Repeats { columns, only } => {
            acc.extend(columns.iter().map(String::as_str));
            only.iter().for_each(|it| it.columns(&mut acc));
        }
        Measure::Count { only, .. } => only.iter().for_each(|it| it.columns(&mut acc)),
        Measure::SetAside | Measure::Lost => (),
    }
    acc.into_iter().map(str::to_owned).collect()
}
