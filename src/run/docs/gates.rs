//! Gates as pages tell of them: what each asks for, what it read and found, and what waits for it.
//!
//! A page must not change because the build that made it is written down, so a number is held against the history and
//! not against the lock; and it cannot say whether artefacts come out the same again, because it is one of them.

use std::path::Path;

use super::Known;
use super::checks::waiver;
use crate::docs::facts::{AskFacts, GateFacts, Verdict};
use crate::plan::{Asked, PlannedGate};
use crate::run::keys::slashed;
use crate::run::verdict::Verdicts;
use crate::run::{gates, learnt};
use crate::summary::AskLine;

/// Said of what is asked after the pages are made.
const LATER: &str = "every build asks this after these pages are made, and publishes nothing unless it holds";

/// The gates that the pages of a pipeline tell of: those that read one of these tables, and those that read none.
pub(super) fn told(known: Known<'_>, pipeline: &str, tables: &[String]) -> Vec<GateFacts> {
    let shown = |it: &GateFacts| it.reads.is_empty() || it.reads.iter().any(|it| tables.contains(it));
    known.plan.gates_of(pipeline).map(|it| gate(known, pipeline, it)).filter(shown).collect()
}

fn gate(known: Known<'_>, pipeline: &str, gate: &PlannedGate) -> GateFacts {
    let plan = known.plan;
    let declared = &gate.declared;
    let was = learnt::before(plan, pipeline, gate, known.states).map(|it| it.to_string());
    let lines = gates::asks(plan, gate, known.counts, was.as_deref(), &Verdicts::new());
    let (later, now): (Vec<_>, Vec<_>) = lines.into_iter().partition(|(asked, _)| **asked == Asked::Reproducible);
    let held = gates::held(now.iter().map(|(_, it)| it));
    let verdict = match held {
        Some(true) => Verdict::Passed,
        Some(false) if declared.stops(held) => Verdict::Failed,
        Some(false) => Verdict::Warned,
        None => Verdict::NotRun,
    };
    let told = |it: AskLine| AskFacts {
        verdict: Some(match it.held {
            Some(true) => Verdict::Passed,
            Some(false) => Verdict::Failed,
            None => Verdict::NotRun,
        }),
        asks: it.words,
        found: it.found,
    };
    let is_told = !now.is_empty();
    let later = later.into_iter().map(|(_, it)| AskFacts { asks: it.words, verdict: None, found: LATER.to_owned() });
    let mut reads: Vec<String> = Vec::new();
    for at in gate.checks() {
        // What is asked of the provenance of a table is asked of the table.
        let name = plan.tables[plan.expectations[at].about].name.within(pipeline);
        let name = name.strip_suffix("__provenance").map_or(name.clone(), str::to_owned);
        if !reads.contains(&name) {
            reads.push(name);
        }
    }
    let waits = gate.exports.iter().map(|it| &plan.exports[*it]).filter(|it| it.is_listed());
    GateFacts {
        id: declared.id.clone(),
        verdict: is_told.then_some(verdict),
        meaning: declared.meaning.clone(),
        asks: now.into_iter().map(|(_, it)| told(it)).chain(later).collect(),
        reads,
        holds_back: waits.map(|it| slashed(Path::new(&it.declared.path))).collect(),
        stops: declared.severity == crate::problem::Severity::Error,
        waiver: declared.waiver.as_ref().map(waiver),
        file: plan.pipelines.get(&gate.pipeline).map(|it| slashed(it)).unwrap_or_default(),
        toml: declared.toml.clone(),
    }
}
