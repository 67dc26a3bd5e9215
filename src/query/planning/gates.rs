//! What gates ask for, found among the checks, contracts and exports of their pipeline.

use std::path::Path;

use super::Planning;
use crate::expectations::{Expectation, Measure};
use crate::fields::WRONG_VALUE;
use crate::model::Class;
use crate::pipeline::Pipeline;
use crate::pipeline::quality::{QualityGate, Traced, UNKNOWN_CHECK};
use crate::plan::{Asked, CheckId, ExportId, PlannedAsk, PlannedCount, PlannedGate};
use crate::problem::did_you_mean;
use crate::query;
use crate::readers::reach::Place;
use crate::steps::Finding;

impl Planning<'_> {
    /// Plans the gates of a pipeline; its checks, contracts and exports are planned by then. What they name is held
    /// against what is declared: a plan may have holes, and what made them is told by itself.
    pub(super) fn quality_gates(&mut self, pipeline: &Pipeline) {
        for declared in &pipeline.quality {
            let exports = self.waiting(pipeline, declared);
            let mut asks = Vec::new();
            for name in &declared.expectations {
                let own = |it: &Expectation| pipeline.quality.iter().any(|gate| gate.takes(it));
                let named = |it: &Expectation| it.id == *name || it.table == *name && !own(it);
                if !pipeline.expectations.iter().any(named) {
                    self.unknown(pipeline, declared, "expectations", name);
                    continue;
                }
                let checks = self.checks(pipeline, |it| named(&it.declared));
                asks.push(PlannedAsk { words: format!("checks of `{name}`"), asked: Asked::Checks(checks) });
            }
            for name in &declared.contracts {
                if !pipeline.gates.iter().any(|it| it.gate.contract == *name) {
                    self.unknown(pipeline, declared, "contract", name);
                    continue;
                }
                let checks = self.checks(pipeline, |it| it.declared.contract.as_ref() == Some(name));
                asks.push(PlannedAsk { words: format!("contract `{name}`"), asked: Asked::Checks(checks) });
            }
            for path in &declared.files {
                if let Some(asked) = self.file(pipeline, declared, path) {
                    asks.push(PlannedAsk { words: format!("file `{path}`"), asked });
                }
            }
            if let Some(metric) = &declared.metric {
                // What is wrong with its table or column has been told of the check.
                if let Some(check) = self.checks(pipeline, |it| it.declared == metric.check).first().copied() {
                    let planned = &self.plan.expectations[check];
                    if let Measure::Statistic { column, of, .. } = &planned.count.measure
                        && !of.is_a_count()
                        && self.plan.tables[planned.about].schema.get(column).is_some_and(|it| it.class != Class::Open)
                    {
                        let message = format!("`{column}` is personal, and the number would be written down");
                        let help = "ask for a count of it, or expect it with `[[expect]]`".to_owned();
                        let finding =
                            Finding::new(&WRONG_VALUE, "metric.of", message).label("asked for here").help(help);
                        self.find(pipeline, &declared.path, finding);
                        continue;
                    }
                    let words = metric.words.clone();
                    asks.push(PlannedAsk { words, asked: Asked::Number(check) });
                }
            }
            if let Some(fresh) = &declared.freshness {
                let checks = self.checks(pipeline, |it| it.declared == fresh.check);
                asks.extend(
                    checks.into_iter().map(|it| PlannedAsk { words: fresh.words.clone(), asked: Asked::Own(it) }),
                );
            }
            for it in &declared.provenance {
                if let Some(check) = self.traced(pipeline, declared, it) {
                    asks.push(PlannedAsk { words: format!("provenance of `{}`", it.table), asked: Asked::Own(check) });
                }
            }
            if declared.reproducible {
                if pipeline.exports.is_empty() {
                    let message = "`reproducible` asks for artefacts, and this pipeline publishes none".to_owned();
                    let finding = Finding::new(&WRONG_VALUE, "reproducible", message).label("asked for here");
                    let help = "declare an export, or remove it".to_owned();
                    self.find(pipeline, &declared.path, finding.help(help));
                }
                asks.push(PlannedAsk { words: "artefacts recomputed".to_owned(), asked: Asked::Reproducible });
            }
            let (pipeline, declared) = (pipeline.name.clone(), declared.clone());
            self.plan.gates.push(PlannedGate { pipeline, declared, asks, exports });
        }
    }

    /// The check over the provenance of a table, which is planned for it.
    fn traced(&mut self, pipeline: &Pipeline, declared: &QualityGate, it: &Traced) -> Option<CheckId> {
        let table = self.find_table(pipeline, &it.table, &declared.path, "provenance", "a gate")?;
        let about = self.provenance(table)?;
        let measure = it.check.measure(&self.plan.tables[about].as_input(&it.check.table)).ok()?;
        let count = PlannedCount { revision: it.check.kind.revision, ..self.count(about, measure) };
        Some(self.expect(pipeline, &it.check, about, count))
    }

    /// The exports that wait for a gate.
    fn waiting(&mut self, pipeline: &Pipeline, declared: &QualityGate) -> Vec<ExportId> {
        for name in &declared.exports {
            if !pipeline.exports.iter().any(|(it, _)| it == name) {
                let help = did_you_mean(name, pipeline.exports.iter().map(|(it, _)| it.as_str()));
                let message = format!("there is no export `{}`", name.escape_debug());
                let finding = Finding::new(&UNKNOWN_CHECK, "exports", message).label("named here");
                let help = help.unwrap_or_else(|| "name an export of this pipeline".to_owned());
                self.find(pipeline, &declared.path, finding.help(help));
            }
        }
        // What a used pipeline asks for holds back what the using one publishes.
        let exports = self.publisher(&pipeline.name);
        let own = self.plan.exports.entries().filter(|(_, it)| it.name.pipeline == exports);
        let own = own.filter(|(_, it)| declared.exports.is_empty() || declared.exports.contains(&it.name.name));
        own.map(|(index, _)| index).collect()
    }

    fn checks(&self, pipeline: &Pipeline, of: impl Fn(&crate::plan::PlannedExpectation) -> bool) -> Vec<CheckId> {
        let own = self.plan.expectations.entries().filter(|(_, it)| it.pipeline == pipeline.name);
        own.filter(|(_, it)| of(it)).map(|(index, _)| index).collect()
    }

    fn unknown(&mut self, pipeline: &Pipeline, declared: &QualityGate, key: &str, name: &str) {
        let shown = name.escape_debug();
        let message = match key {
            "contract" => format!("no table keeps the contract `{shown}`"),
            _ => format!("nothing is expected of `{shown}`, and no check has this name"),
        };
        let known: Vec<String> = match key {
            "contract" => pipeline.contracts.keys().cloned().collect(),
            _ => {
                let checks = pipeline.expectations.iter();
                checks.flat_map(|it| [it.id.clone(), it.table.clone()]).collect()
            }
        };
        let near = did_you_mean(name, known.iter().map(String::as_str).filter(|it| *it != name));
        let help = near.unwrap_or_else(|| match key {
            "contract" => format!("say `contract = \"{shown}\"` at a source, a step or an export"),
            _ => "expect something of it, or name a table or a check of which something is expected".to_owned(),
        });
        let finding = Finding::new(&UNKNOWN_CHECK, key, message).label("named here").help(help);
        self.find(pipeline, &declared.path, finding);
    }

    /// A file that must be there: an artefact that is published with the rest, or one that stands in the workspace.
    fn file(&mut self, pipeline: &Pipeline, declared: &QualityGate, path: &str) -> Option<Asked> {
        if self.plan.exports.iter().any(|it| Path::new(&it.declared.path) == Path::new(path)) {
            return Some(Asked::File { there: true });
        }
        let within = Path::new(path);
        let plain = within.components().all(|it| matches!(it, std::path::Component::Normal(_)));
        if !plain || path.is_empty() {
            let message = format!("`{}` is not a file of the workspace", path.escape_debug());
            let finding = Finding::new(&WRONG_VALUE, "files", message).label("named here");
            let help = "name it as seen from the workspace, as `docs/terms.md`".to_owned();
            self.find(pipeline, &declared.path, finding.help(help));
            return None;
        }
        // Under this very name, as a file, and not as a link to what the workspace may not read.
        let listed = query::listing(self.db, self.db.file(within.parent().unwrap_or(Path::new(""))));
        let there = query::exists(self.db, self.db.file(within))
            && listed.iter().any(|it| within.file_name().is_some_and(|name| name == it.as_str()))
            && !matches!(self.db.system().place(within), Place::Outside);
        Some(Asked::File { there })
    }
}
