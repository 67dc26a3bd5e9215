//! What is expected of tables, held against their columns.

use super::{Declared, NOTHING_READ, NOTHING_SET_ASIDE, Node, Planning};
use crate::expectations::{Expectation, Measure, NOT_REJECTABLE, OnFail, Other};
use crate::model::{Class, Schema};
use crate::pipeline::{Pipeline, Step};
use crate::plan::{CheckId, Name, OtherTable, PlannedCount, PlannedExpectation, Role, TableId};
use crate::steps::{Decoded, Finding, Notice, QUERY};

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
            let measure = declared.measure(&input);
            if let Ok(measure) = &measure {
                let key = |it| (declared.kind.name.to_owned(), it);
                for finding in self.misordered(measure.ordered().into_iter().map(key).collect(), &[table]) {
                    self.find(pipeline, &declared.path, finding);
                }
            }
            if declared.on_fail == OnFail::Reject {
                self.set_aside_by(pipeline, declared, table, measure);
                continue;
            }
            match (measure, declared.other()) {
                (Ok(measure), Some(other)) => {
                    if let Some(count) = self.beside_another(pipeline, declared, table, (measure, &other)) {
                        self.expect(pipeline, declared, table, count);
                    }
                    continue;
                }
                (measure, _) => self.held_against(pipeline, declared, table, measure),
            }
        }
    }

    /// A check whose unexpected rows the table lacks: it is counted over the table as it was before.
    fn set_aside_by(
        &mut self,
        pipeline: &Pipeline,
        declared: &Expectation,
        table: TableId,
        measure: Result<Measure, Finding>,
    ) {
        let before = self.before_rejecting(table);
        let finding = match measure {
            Ok(measure @ Measure::Rows { .. }) if before != table => {
                let count = PlannedCount { revision: declared.kind.revision, ..self.count(before, measure) };
                self.expect(pipeline, declared, table, count);
                return;
            }
            // That the table sets rows aside for other reasons has been told.
            Ok(Measure::Rows { .. }) if self.plan.rejects_of(table).is_some() => return,
            Ok(Measure::Rows { .. }) => {
                let message = format!("`{}` belongs to another pipeline", declared.table);
                let help = "expect it there".to_owned();
                Finding::new(&NOT_REJECTABLE, "on_fail", message).label("asked for here").help(help)
            }
            Ok(_) => {
                let message = format!("`{}` names no rows that could be set aside", declared.kind.name);
                let help = "remove `on_fail`, or ask for it with a kind that looks at single rows".to_owned();
                Finding::new(&NOT_REJECTABLE, "on_fail", message).label("asked for here").help(help)
            }
            Err(finding) => finding,
        };
        self.find(pipeline, &declared.path, finding);
    }

    fn held_against(
        &mut self,
        pipeline: &Pipeline,
        declared: &Expectation,
        table: TableId,
        measure: Result<Measure, Finding>,
    ) {
        match measure {
            Ok(Measure::SetAside) if self.plan.rejects_of(table).is_none() => {
                let message = format!("`{}` sets no rows aside", declared.table);
                let finding = Finding::new(&NOTHING_SET_ASIDE, "used", message).label("asked for here");
                let help = "a `join` sets rows aside that find nothing, a `merge` those without a key".to_owned();
                let path = declared.path.clone();
                self.find(pipeline, &path, finding.help(help));
            }
            Ok(Measure::Lost) => match self.count_of_losses(table, &declared.columns[0]) {
                Some(count) => {
                    self.expect(pipeline, declared, table, count);
                }
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

impl Planning<'_> {
    /// A count that looks at something beside its table; `None` where that cannot be, which has been told.
    fn beside_another(
        &mut self,
        pipeline: &Pipeline,
        declared: &Expectation,
        table: TableId,
        (measure, other): (Measure, &Other<'_>),
    ) -> Option<PlannedCount> {
        let revision = declared.kind.revision;
        let name = match other {
            Other::Table(name) => *name,
            Other::Query(step) => {
                let violations = self.violations(pipeline, declared, step)?;
                return Some(PlannedCount { revision, ..self.count(violations, measure) });
            }
        };
        let key = declared.kind.name;
        let there = self.find_table(pipeline, name, &declared.path, key, "an expectation")?;
        let mut positions = Vec::new();
        if let Measure::Absent { columns, there: names, .. } = &measure {
            let (own, schema) = (&self.plan.tables[table].schema, &self.plan.tables[there].schema);
            for (column, named) in columns.iter().zip(names) {
                let (Some(at), Some(ty)) = (schema.place(named), own.get(column).map(|it| it.ty)) else {
                    let finding = crate::steps::unknown_column(name, schema, named, key);
                    self.find(pipeline, &declared.path, finding);
                    return None;
                };
                let other = schema.columns[at].ty;
                if other != ty && !(other.is_number() && ty.is_number()) {
                    let message = format!("`{column}` is {ty}, and `{name}.{named}` is {other}");
                    let help = "make one type of them in a step before, with a cast".to_owned();
                    let finding = Finding::new(&crate::steps::TYPE_MISMATCH, key, message).label("asked for here");
                    self.find(pipeline, &declared.path, finding.help(help));
                    return None;
                }
                positions.push(at);
            }
        }
        let other = Some(OtherTable { table: there, positions });
        Some(PlannedCount { revision, other, ..self.count(table, measure) })
    }

    /// The table of the rows that a query gives, which nobody meets under a name.
    fn violations(&mut self, pipeline: &Pipeline, declared: &Expectation, step: &Decoded) -> Option<TableId> {
        let path = &declared.path;
        let inputs = step.inputs.iter().map(|(name, key)| self.find_table(pipeline, name, path, key, "an expectation"));
        let inputs: Vec<TableId> = inputs.collect::<Option<_>>()?;
        let name = Name { pipeline: pipeline.name.clone(), name: format!("{} violations", declared.id) };
        let step = Step { kind: QUERY, decoded: step.clone(), tags: Vec::new(), description: None, grain: None };
        let inner = step.decoded.inputs.clone();
        let node = Node {
            pipeline,
            scope: pipeline,
            name: name.clone(),
            path: path.clone(),
            inputs: inner,
            what: Declared::Step(&step),
        };
        let table = self.step(&node, &step, inputs)?;
        self.plan.tables[table].role = Role::Violations;
        self.index.remove(&name.to_string());
        Some(table)
    }

    pub(super) fn expect(
        &mut self,
        pipeline: &Pipeline,
        declared: &Expectation,
        about: TableId,
        count: PlannedCount,
    ) -> CheckId {
        let (pipeline, declared) = (pipeline.name.clone(), declared.clone());
        let declared = if self.is_about_people(about, &count) { declared.masked() } else { declared };
        self.plan.expectations.push(PlannedExpectation { pipeline, declared, about, count })
    }

    /// Whether a check looks at a personal column; a query is taken to look at all columns of what it reads.
    fn is_about_people(&self, about: TableId, count: &PlannedCount) -> bool {
        let table = &self.plan.tables[count.table];
        let personal = |schema: &Schema, name: &str| schema.get(name).is_some_and(|it| it.class != Class::Open);
        let read = table.inputs.iter().map(|it| &self.plan.tables[*it].schema);
        let read = read.filter(|_| table.role == Role::Violations).chain([&self.plan.tables[about].schema]);
        match count.measure {
            Measure::Violations => read.into_iter().any(|it| it.visible().any(|it| it.class != Class::Open)),
            _ => count.reads.iter().any(|it| personal(&table.schema, it)),
        }
    }

    fn count_of_losses(&self, step: TableId, column: &str) -> Option<PlannedCount> {
        let of_column = |told: &Notice| matches!(told, Notice::Lost { column: it, .. } if it == column);
        let step = self.as_made(step);
        let told = self.plan.notices.iter().find(|it| it.step == step && of_column(&it.told))?;
        told.counts.first().cloned()
    }
}
