//! Gates of a plan: what each asks for, and what waits for it.

use super::{CheckId, ExportId, ExportMap, Plan};
use crate::pipeline::QualityGate;

/// A gate: what must hold before anything is published.
#[derive(Clone, PartialEq, Debug)]
pub struct PlannedGate {
    /// The pipeline that declares it.
    pub pipeline: String,
    /// As declared.
    pub declared: QualityGate,
    /// What it asks for.
    pub asks: Vec<PlannedAsk>,
    /// The exports that wait for it, as indices into [`Plan::exports`].
    pub exports: Vec<ExportId>,
}

/// One thing that a gate asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedAsk {
    /// In words: ``checks of `organisations` ``.
    pub words: String,
    /// What is looked at.
    pub asked: Asked,
}

/// What a gate looks at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// Checks that must hold, as indices into [`Plan::expectations`].
    Checks(Vec<CheckId>),
    /// The check that takes its number.
    Number(CheckId),
    /// A check of its own.
    Own(CheckId),
    /// A file.
    File {
        /// Whether it stands, or is an artefact.
        there: bool,
    },
    /// Whether the artefacts that wait for it come out with the same bytes when they are made again.
    Reproducible,
}

impl Asked {
    /// Whether it is a check that a gate takes by itself.
    pub fn takes(&self, check: CheckId) -> bool {
        matches!(self, Asked::Number(it) | Asked::Own(it) if *it == check)
    }
}

impl PlannedGate {
    /// Whether a build asks it: one of its exports is asked for. Without exports it is asked by every build.
    pub fn is_asked(&self, exports: &ExportMap<bool>) -> bool {
        self.exports.is_empty() || self.exports.iter().any(|it| exports[*it])
    }

    /// The check that takes its number, if it asks for one.
    pub fn number(&self) -> Option<CheckId> {
        self.asks.iter().find_map(|it| match it.asked {
            Asked::Number(check) => Some(check),
            _ => None,
        })
    }

    /// The checks that it reads, as indices into [`Plan::expectations`].
    pub fn checks(&self) -> impl Iterator<Item = CheckId> + '_ {
        self.asks
            .iter()
            .flat_map(|it| match &it.asked {
                Asked::Checks(checks) => checks.as_slice(),
                Asked::Number(check) | Asked::Own(check) => std::slice::from_ref(check),
                Asked::File { .. } | Asked::Reproducible => &[],
            })
            .copied()
    }
}

impl Plan {
    /// Gates that a pipeline declares, and those of what it uses, which its exports wait for.
    pub fn gates_of<'a>(&'a self, pipeline: &'a str) -> impl Iterator<Item = &'a PlannedGate> + 'a {
        let waits = move |it: &PlannedGate| it.exports.iter().any(|at| self.exports[*at].name.pipeline == pipeline);
        self.gates.iter().filter(move |it| it.pipeline == pipeline || waits(it))
    }

    /// Whether a check is taken by a gate for itself, which then tells of it.
    pub fn is_of_a_gate(&self, check: CheckId) -> bool {
        self.gates.iter().any(|it| it.asks.iter().any(|it| it.asked.takes(check)))
    }
}
