//! What is expected of tables, held against their columns.

use std::collections::BTreeSet;

use super::{NOTHING_SET_ASIDE, Planning};
use crate::expectations::Measure;
use crate::pipeline::Pipeline;
use crate::plan::PlannedExpectation;
use crate::steps::Finding;

impl Planning<'_> {
    pub(super) fn expectations(&mut self, pipeline: &Pipeline) {
        for declared in &pipeline.expectations {
            let path = format!("expect.{}", declared.table);
            let Some(table) = self.find_table(pipeline, &declared.table, &path, "", "an expectation") else { continue };
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
                Ok(measure) => {
                    let reads = measured_columns(&measure);
                    let position = |name: &String| view.schema.names().position(|it| it == name);
                    let positions = reads.iter().filter_map(position).collect();
                    let (pipeline, declared) = (pipeline.name.clone(), declared.clone());
                    let planned = PlannedExpectation { pipeline, declared, table, measure, reads, positions };
                    self.plan.expectations.push(planned);
                }
                Err(finding) => {
                    let path = declared.path.clone();
                    self.find(pipeline, &path, finding);
                }
            }
        }
    }
}

fn measured_columns(measure: &Measure) -> BTreeSet<String> {
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
        Measure::SetAside => (),
    }
    acc.into_iter().map(str::to_owned).collect()
}
