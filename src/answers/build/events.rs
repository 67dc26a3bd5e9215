//! What programs are told of a build: each step as it ends, and all of it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::digest::hex;
use crate::summary::{CheckLine, Status, StepLine, StepStatus, Summary};

/// A finished step or source.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "step.finished")]
pub(crate) struct Finished<'a> {
    pipeline: &'a str,
    step: &'a str,
    kind: &'a str,
    key: Option<String>,
    outcome: StepStatus,
    rows: Option<u64>,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pieces: Option<Pieces>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<&'a BTreeMap<String, u64>>,
}

/// Of how many pieces of a step with a grain how many were computed; of how many files of a source how many were read.
#[derive(Debug, Serialize)]
struct Pieces {
    made: u64,
    all: u64,
}

impl<'a> Finished<'a> {
    /// What its line says.
    pub(crate) fn of(it: &'a StepLine) -> Finished<'a> {
        let ran = it.outcome == StepStatus::Ran;
        Finished {
            pipeline: &it.pipeline,
            step: &it.step,
            kind: &it.kind,
            key: it.key.map(|it| it.hex()),
            outcome: it.outcome,
            rows: it.rows,
            duration_ms: it.duration_ms,
            why: ran.then_some(&it.why[..]),
            columns: ran.then_some(&it.columns[..]),
            pieces: it.pieces.map(|(made, all)| Pieces { made, all }),
            left_out: Some(&it.left_out).filter(|it| !it.is_empty()),
        }
    }
}

/// A build that ended.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "build.summary")]
pub(crate) struct Built<'a> {
    status: Status,
    run_id: &'a str,
    duration_ms: u64,
    steps: Steps,
    sources: Sources,
    set_aside: &'a BTreeMap<String, u64>,
    lost: &'a BTreeMap<String, BTreeMap<String, u64>>,
    expectations: Expectations,
    artefacts: Vec<Artefact<'a>>,
    withheld: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    learnt: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gates: Option<Vec<Gate<'a>>>,
}

#[derive(Debug, Serialize)]
struct Steps {
    total: usize,
    ran: usize,
    reused: usize,
    failed: usize,
    skipped: usize,
}

#[derive(Debug, Serialize)]
struct Sources {
    read: usize,
    failed: usize,
    total: usize,
}

#[derive(Debug, Serialize)]
struct Expectations {
    total: usize,
    passed: usize,
    failed: usize,
    warned: usize,
    not_evaluated: usize,
    reused: usize,
}

#[derive(Debug, Serialize)]
struct Artefact<'a> {
    path: &'a str,
    blake3: String,
    sha256: String,
    bytes: u64,
    rows: u64,
}

#[derive(Debug, Serialize)]
struct Gate<'a> {
    pipeline: &'a str,
    gate: &'a str,
    held: Option<bool>,
    blocks: bool,
}

impl<'a> Built<'a> {
    /// What a summary says.
    pub(crate) fn of(summary: &'a Summary) -> Built<'a> {
        let artefact = |it: &'a crate::summary::ArtefactLine| Artefact {
            path: &it.path,
            blake3: it.blake3.hex(),
            sha256: hex(&it.sha256),
            bytes: it.bytes,
            rows: it.rows,
        };
        let gate = |it: &'a crate::summary::GateLine| Gate {
            pipeline: &it.pipeline,
            gate: &it.id,
            held: it.held,
            blocks: it.stops,
        };
        Built {
            status: summary.status,
            run_id: &summary.run_id,
            duration_ms: summary.duration_ms,
            steps: Steps {
                total: summary.step_count(),
                ran: summary.steps_with(StepStatus::Ran),
                reused: summary.steps_with(StepStatus::Reused),
                failed: summary.steps_with(StepStatus::Failed),
                skipped: summary.steps_with(StepStatus::Skipped),
            },
            sources: Sources {
                read: summary.sources_read(),
                failed: summary.sources_with(StepStatus::Failed),
                total: summary.steps.len() - summary.step_count(),
            },
            set_aside: &summary.set_aside,
            lost: &summary.lost,
            expectations: expectations(&summary.checks),
            artefacts: summary.artefacts.iter().map(artefact).collect(),
            withheld: summary.withheld,
            learnt: Some(&summary.learnt[..]).filter(|it| !it.is_empty()),
            gates: (!summary.gates.is_empty()).then(|| summary.gates.iter().map(gate).collect()),
        }
    }
}

fn expectations(checks: &[CheckLine]) -> Expectations {
    let with = |held: Option<bool>, stops: Option<bool>| {
        let of = |it: &&CheckLine| it.held == held && stops.is_none_or(|stops| it.stops == stops);
        checks.iter().filter(of).count()
    };
    Expectations {
        total: checks.len(),
        passed: with(Some(true), None),
        failed: with(Some(false), Some(true)),
        warned: with(Some(false), Some(false)),
        not_evaluated: with(None, Some(true)),
        reused: checks.iter().filter(|it| it.reused).count(),
    }
}
