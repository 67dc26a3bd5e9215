//! `hotpass gate`: gates, what they ask for, and whether it holds of what is built now. It counts nothing itself: what
//! no build has counted yet is told as such, and is no pass.

use serde::Serialize;

use crate::escape::line;
use crate::lock::Lock;
use crate::plan::{Asked, Plan, PlannedGate, slashed};
use crate::problem::{Code, Problem, did_you_mean};
use crate::run::{self, Facts};
use crate::summary::GateLine;
use crate::workspace::session::Session;

/// A gate that is not declared.
pub const UNKNOWN_GATE: Code = Code::error("hotpass::cli::unknown-gate");

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_GATE];

/// How `explain` is asked for a gate.
pub(crate) const SUBJECT: &str = "gate:";

/// A gate, and whether it is open.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "gate")]
pub(crate) struct Gate {
    pub(crate) pipeline: String,
    pub(crate) gate: String,
    /// Nothing where it cannot be told.
    pub(crate) held: Option<bool>,
    /// Whether what waits for it is held back.
    pub(crate) blocks: bool,
    pub(crate) asks: Vec<Ask>,
    problem: Option<Shut>,
}

/// One thing that a gate asks for.
#[derive(Debug, Serialize)]
pub(crate) struct Ask {
    pub(crate) asks: String,
    pub(crate) held: Option<bool>,
    pub(crate) found: String,
}

#[derive(Debug, Serialize)]
struct Shut {
    code: String,
    message: String,
}

impl From<GateLine> for Gate {
    fn from(it: GateLine) -> Gate {
        let ask = |it: crate::summary::AskLine| Ask { asks: it.words, held: it.held, found: it.found };
        Gate {
            pipeline: it.pipeline,
            gate: it.id,
            held: it.held,
            blocks: it.stops,
            asks: it.asks.into_iter().map(ask).collect(),
            problem: it.problem.map(|it| Shut { code: it.code, message: it.message }),
        }
    }
}

/// The gates of these names, or all.
pub(crate) fn gates(session: &Session, ids: &[String]) -> Result<Vec<Gate>, Box<Problem>> {
    let plan = session.plan();
    for id in ids {
        named(&plan, id)?;
    }
    let states = run::settle(&plan, &session.journal);
    let counts = run::counts(&plan, &states, &session.journal);
    let again = run::known_again(&plan, &states, &counts, &session.journal, &session.paths);
    let recorded = Lock::read(&session.root, session.environment()).ok().flatten().unwrap_or_default();
    let asked = |it: &PlannedGate| ids.is_empty() || ids.iter().any(|id| is_called(it, id));
    let lines = run::gates(&plan, &asked, Facts { counts: &counts, again: &again }, &recorded);
    Ok(lines.into_iter().map(Gate::from).collect())
}

/// The gate that is meant by `gate:NAME`, if `explain` is asked for one.
pub(crate) fn meant<'a>(plan: &'a Plan, subject: &str) -> Option<Result<&'a PlannedGate, Box<Problem>>> {
    Some(named(plan, subject.strip_prefix(SUBJECT)?))
}

/// What a gate reads, and what waits for it.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "explain.gate")]
pub(crate) struct Explained {
    pub(crate) pipeline: String,
    pub(crate) gate: String,
    pub(crate) file: String,
    pub(crate) asks: Vec<String>,
    pub(crate) tables: Vec<String>,
    pub(crate) checks: Vec<String>,
    pub(crate) exports: Vec<String>,
}

/// What `explain gate:NAME` answers.
pub(crate) fn explain(plan: &Plan, gate: &PlannedGate) -> Explained {
    let mut tables: Vec<String> =
        gate.checks().map(|it| plan.tables[plan.expectations[it].about].name.to_string()).collect();
    if gate.asks.iter().any(|it| it.asked == Asked::Reproducible) {
        let own = gate.exports.iter().flat_map(|it| plan.exports[*it].tables());
        tables.extend(own.map(|it| plan.tables[it].name.to_string()));
    }
    tables.sort();
    tables.dedup();
    let mut checks: Vec<String> = gate.checks().map(|it| plan.expectations[it].declared.id.clone()).collect();
    checks.sort_unstable();
    checks.dedup();
    let files = gate.exports.iter().map(|it| &plan.exports[*it]).filter(|it| it.is_listed());
    Explained {
        pipeline: gate.pipeline.clone(),
        gate: gate.declared.id.clone(),
        file: plan.pipelines.get(&gate.pipeline).map(|it| slashed(it)).unwrap_or_default(),
        asks: gate.asks.iter().map(|it| it.words.clone()).collect(),
        tables,
        checks,
        exports: files.map(|it| it.declared.path.clone()).collect(),
    }
}

fn is_called(gate: &PlannedGate, id: &str) -> bool {
    gate.declared.id == id || format!("{}.{}", gate.pipeline, gate.declared.id) == id
}

fn named<'a>(plan: &'a Plan, id: &str) -> Result<&'a PlannedGate, Box<Problem>> {
    if let Some(it) = plan.gates.iter().find(|it| is_called(it, id)) {
        return Ok(it);
    }
    let message = format!("there is no gate `{}`", line(id));
    let help = did_you_mean(id, plan.gates.iter().map(|it| it.declared.id.as_str()));
    let help = help.unwrap_or_else(|| match plan.gates.is_empty() {
        true => "declare one with `[[gate]]` in a pipeline".to_owned(),
        false => "`hotpass gate` lists them".to_owned(),
    });
    Err(Box::new(Problem::new(&UNKNOWN_GATE, message).help(help)))
}
