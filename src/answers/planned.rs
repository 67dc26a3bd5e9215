//! `hotpass plan`: what would run, what would be reused and why, by the same rules as `build`.

use std::collections::HashSet;

use serde::{Serialize, Serializer};

use crate::answers::blocks::{self, Blocks};
use crate::answers::decided::{self, Lost, Written};
use crate::answers::guesses::{Guess, doubts};
use crate::answers::problem::ProblemEvent;
use crate::digest::Digest;
use crate::plan::{ExportMap, Operation, Plan, Role, TableId, TableSet};
use crate::problem::Problem;
use crate::run::{self, Standing, State, keys};
use crate::workspace::selectors;
use crate::workspace::session::Session;

/// What would become of one table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// Index in the plan.
    pub table: TableId,
    /// Whether something of it would be made, as far as can be told.
    pub runs: bool,
    /// Columns that would be made; empty when that depends on what inputs turn out to be.
    pub columns: Vec<String>,
    /// What changed since it was last made.
    pub why: Vec<String>,
    /// Its inputs are to be made first, and may come out as they were.
    pub depends: bool,
}

impl Expected {
    /// Whether no table of this name was made before.
    pub fn is_new(&self) -> bool {
        self.why.iter().any(|it| it == "first")
    }
}

/// What would become of every wanted table.
pub fn expected(session: &Session, plan: &Plan, wanted: &TableSet) -> Vec<Expected> {
    // As a build does: what is lost is made again.
    session.journal.forget_lost(&session.paths);
    let states = run::settle(plan, &session.journal);
    let mut acc = Vec::new();
    // What another table would have made by then; it may be there, or be in the making.
    let mut made: HashSet<Digest> = HashSet::new();
    for (index, table) in plan.tables.entries() {
        if !wanted[index] || !table.role.is_listed() {
            continue;
        }
        let look = keys::look(plan, index, &states, &session.journal, false);
        let (columns, depends) = match &look {
            Some(look) => {
                let whole = matches!(table.make, Operation::Read(_) | Operation::Sql(_));
                let missing = |at: &usize| look.digests[*at].is_none() || whole || look.composition.is_some();
                let keys = || look.keys.iter().zip(&look.digests).filter(|(_, known)| known.is_none());
                let keys: Vec<Digest> = keys().filter_map(|(key, _)| *key).collect();
                let shared = !keys.is_empty() && keys.iter().all(|it| made.contains(it));
                made.extend(keys);
                let missing = (0..table.columns.len()).filter(missing);
                (missing.map(|at| table.schema.columns[at].name.clone()).collect(), shared)
            }
            None => (Vec::new(), true),
        };
        let settled = matches!(states[index], State::Materialized(_));
        let name = table.name.to_string();
        let why = match settled {
            true => Vec::new(),
            false if look.is_none() && !session.journal.known(|it| it.preimages.contains_key(&name)) => {
                vec!["first".to_owned()]
            }
            false if look.is_none() => {
                let waits = table.inputs.iter().filter(|it| !matches!(states[**it], State::Materialized(_)));
                waits.map(|it| format!("input:{}", plan.tables[*it].name.name)).collect()
            }
            false => {
                let now = keys::preimage(plan, index, &states);
                session.journal.known(|it| keys::changed(it.preimages.get(&name), &now))
            }
        };
        let columns = if settled { Vec::new() } else { columns };
        acc.push(Expected { table: index, runs: !settled, columns, why, depends });
    }
    acc
}

/// What would become of what was selected.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) steps: Vec<Step>,
    pub(crate) exports: Vec<Export>,
    pub(crate) gates: Vec<Gate>,
    pub(crate) guesses: Vec<Guess>,
    pub(crate) written: Vec<Written>,
    pub(crate) lost: Vec<Lost>,
    pub(crate) blocks: Vec<Blocks>,
    pub(crate) drifts: Vec<ProblemEvent>,
}

impl Serialize for Planned {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let counted = (&self.guesses, &self.written, &self.lost, &self.blocks);
        (&self.steps, &self.exports, &self.gates, counted, &self.drifts).serialize(to)
    }
}

/// What would become of a source or a step.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "plan.step")]
pub(crate) struct Step {
    pub(crate) pipeline: String,
    pub(crate) step: String,
    pub(crate) kind: &'static str,
    pub(crate) outcome: StepOutcome,
    /// Its inputs are to be made first, and may come out as they were.
    pub(crate) depends: bool,
    /// Columns that would be made; empty when that depends on what inputs turn out to be.
    pub(crate) columns: Vec<String>,
    /// What changed since it was last made.
    pub(crate) why: Vec<String>,
    /// Whether nothing of this name was made before.
    #[serde(skip)]
    pub(crate) is_new: bool,
    #[serde(skip)]
    pub(crate) is_source: bool,
    /// Whether all of its columns would be made.
    #[serde(skip)]
    pub(crate) is_whole: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepOutcome {
    Run,
    Reuse,
}

/// What would become of an artefact.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "plan.export")]
pub(crate) struct Export {
    pub(crate) pipeline: String,
    pub(crate) export: String,
    pub(crate) path: String,
    pub(crate) outcome: ExportOutcome,
    pub(crate) depends: bool,
    /// Whether its table is made.
    #[serde(skip)]
    pub(crate) is_made: bool,
    /// Whether only its checks may stop it from standing.
    #[serde(skip)]
    pub(crate) perhaps: bool,
    /// Whether something is there.
    #[serde(skip)]
    pub(crate) is_there: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExportOutcome {
    Stands,
    Write,
}

/// A gate that would be asked.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "plan.gate")]
pub(crate) struct Gate {
    pub(crate) pipeline: String,
    pub(crate) gate: String,
    pub(crate) asks: Vec<String>,
    /// How many artefacts wait for it.
    exports: usize,
}

/// What a build of these selectors would do.
pub(crate) fn plan(session: &Session, targets: &[String], but: &[String]) -> Result<Planned, Box<Problem>> {
    let plan = session.plan();
    let states = run::settle(&plan, &session.journal);
    let changed = |table: TableId| !matches!(states[table], State::Materialized(_));
    let selection = selectors::select_but(&plan, targets, but, &changed)?;
    let exports = plan.exports.iter().zip(&selection.exports).filter(|(_, it)| **it).flat_map(|(it, _)| it.tables());
    let tables = selection.tables.marked();
    let wanted = crate::graph::upstream(tables.chain(exports), &plan.needs());
    let steps = expected(session, &plan, &wanted).into_iter().map(|it| step(&plan, it)).collect();
    let standing = run::standing(&plan, &states, &session.journal, &session.root, &session.paths);
    let exports = plan.exports.iter().zip(as_one(&plan, standing)).zip(&selection.exports);
    let exports = exports.filter(|((it, _), wanted)| **wanted && it.is_listed()).map(|((export, stands), _)| {
        let is_made = matches!(states[export.table], State::Materialized(_));
        let perhaps = stands == Standing::Perhaps;
        Export {
            pipeline: export.name.pipeline.clone(),
            export: export.name.name.clone(),
            path: export.declared.path.clone(),
            outcome: match stands {
                Standing::Exists => ExportOutcome::Stands,
                _ => ExportOutcome::Write,
            },
            depends: perhaps || !is_made,
            is_made,
            perhaps,
            is_there: session.root.join(&export.declared.path).exists(),
        }
    });
    let exports = exports.collect();
    let gates = plan.gates.iter().filter(|it| it.is_asked(&selection.exports)).map(|it| Gate {
        pipeline: it.pipeline.clone(),
        gate: it.declared.id.clone(),
        asks: it.asks.iter().map(|it| it.words.clone()).collect(),
        exports: it.exports.len(),
    });
    let gates = gates.collect();
    let is_wanted = |it: TableId| wanted[it];
    let (written, lost) = decided::counted(&plan, &states, &session.journal, &is_wanted);
    let blocks = blocks::blocks(&plan, &session.journal, &is_wanted);
    let drifts = ProblemEvent::all(&drifted(session, &wanted), &|path| session.text(path));
    let guesses = doubts(&plan, &is_wanted);
    Ok(Planned { steps, exports, gates, guesses, written, lost, blocks, drifts })
}

fn step(plan: &Plan, it: Expected) -> Step {
    let table = &plan.tables[it.table];
    Step {
        pipeline: table.name.pipeline.clone(),
        step: table.name.name.clone(),
        kind: table.kind,
        outcome: if it.runs { StepOutcome::Run } else { StepOutcome::Reuse },
        depends: it.depends,
        is_new: it.is_new(),
        is_source: table.role != Role::Step,
        is_whole: it.columns.len() == table.columns.len(),
        columns: it.columns,
        why: it.why,
    }
}

/// The index of pages stands when all of them do: it is told in the place of the others.
fn as_one(plan: &Plan, mut standing: ExportMap<Standing>) -> ExportMap<Standing> {
    for at in standing.places() {
        let export = &plan.exports[at];
        if !export.page().is_some_and(|_| export.is_listed()) {
            continue;
        }
        let others = plan.exports.iter().zip(&standing).filter(|(it, _)| it.name == export.name);
        let other = others.map(|(_, it)| it).find(|it| !matches!(it, Standing::Exists));
        standing[at] = other.cloned().unwrap_or_else(|| standing[at].clone());
    }
    standing
}

/// What is told of wanted sources that are not as they were.
fn drifted(session: &Session, wanted: &TableSet) -> Vec<Problem> {
    let drifts = session.drifts().into_iter().filter(|it| wanted[it.table]);
    drifts.flat_map(|it| it.problems(&session.db, session.settings)).collect()
}
