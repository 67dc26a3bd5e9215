//! Rows of a table that were chosen: by a condition, in an order, in some of its columns, or because they failed a
//! check. What is chosen is a relation over what stands, and nothing is made or kept.

use std::collections::BTreeSet;

use arrow_array::RecordBatch;

use super::failing::{self, Failing};
use crate::answers::latest::{Latest, Tables};
use crate::answers::rows::{Answered, Head};
use crate::escape::line;
use crate::model::{Class, Column, Schema};
use crate::plan::{CheckId, TableId};
use crate::problem::{Problem, did_you_mean};
use crate::query::condition;
use crate::relation::aware::askable;
use crate::relation::{By, Relation};
use crate::run::{self, State, checks, keys};
use crate::store::backend::{Engine, EngineError};
use crate::store::fault::Fault;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::UNKNOWN_SUBJECT;

/// What rows are chosen from, and which.
struct Chosen {
    inputs: Vec<TableId>,
    relation: Relation,
    at: Option<BTreeSet<u64>>,
    columns: Vec<Column>,
    /// The check that they fail, as an index into the plan, and as a failure tells it.
    check: Option<(CheckId, String)>,
}

/// Where rows are chosen from.
pub(crate) struct Source<'a> {
    pub(crate) tables: &'a Tables<'a>,
    pub(crate) engine: &'a dyn Engine,
    /// The table, and its place in the plan.
    pub(crate) asked: (Option<TableId>, Latest),
}

/// Which rows are chosen, and what is shown of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) columns: &'a [String],
    /// A condition.
    pub(crate) only: Option<&'a str>,
    pub(crate) sort: &'a [String],
    /// The check that they fail.
    pub(crate) failing: Option<&'a str>,
    pub(crate) unmasked: bool,
    /// How many at most.
    pub(crate) most: u64,
}

/// Rows that were chosen.
#[derive(Debug)]
pub(crate) struct Rows {
    /// The full name of their table.
    pub(crate) table: String,
    pub(crate) answered: Answered,
    /// The check that they fail, as a failure tells it.
    pub(crate) check: Option<String>,
}

/// The rows of a table as it was found.
pub(crate) fn rows(from: Source<'_>, it: &Request<'_>) -> Result<Rows, Failure> {
    let Source { tables, engine, asked: (index, latest) } = from;
    let Tables { session, plan, states, .. } = tables;
    let chosen = chosen(tables, index, &latest, it)?;
    let Latest { table, stored, since, .. } = latest;
    let mut all = vec![stored];
    // What fails a check is chosen from tables that stand as the pipelines make them now.
    if let Some(index) = index.filter(|_| it.failing.is_some()) {
        all.clear();
        for input in &chosen.inputs {
            let State::Materialized(settled) = &states[*input] else { return Err(tables.not_made(index)) };
            all.push(keys::stored(plan, *input, settled, &session.journal, &session.paths).map_err(failed)?);
        }
    }
    let stored = all;
    let head = |it: &Column, unmasked: bool| Head {
        name: it.name.clone(),
        ty: it.ty,
        class: it.class,
        masked: !unmasked && it.class != Class::Open,
    };
    let mut answered = Answered::of(chosen.columns.iter().map(|column| head(column, it.unmasked)).collect());
    let mut worker = engine.worker().map_err(failed)?;
    let skipped = usize::from(chosen.at.is_some());
    let mut add = |batch: RecordBatch| {
        // Rows that are named by their ordinals come behind them.
        let columns: Vec<usize> = (skipped..batch.num_columns()).collect();
        let batch = batch.project(&columns).map_err(|it| crate::store::backend::EngineError::Engine(it.to_string()))?;
        answered.add(&batch, &[], it.unmasked, it.most)
    };
    let looked = worker.look(&chosen.relation, &stored, chosen.at.as_ref(), &mut add);
    let mut stopped = |mut fault: Fault| {
        fault.row = worker.first_fault(&chosen.relation, &stored[0]).map(|row| (0, row));
        let store = (&*session.journal, &session.paths);
        let reason = match chosen.inputs.first().filter(|_| since.is_none()) {
            Some(table) => run::reason(&fault, (plan, *table), states, store, &mut *worker),
            None => fault.to_string(),
        };
        Failure::Problem(Box::new(match &chosen.check {
            Some((check, _)) => checks::not_evaluated(plan, *check, &reason),
            None => {
                let help = "correct the row at its beginning, or choose other rows".to_owned();
                Problem::new(&run::STOPPED, format!("what was asked for cannot be evaluated: {reason}")).help(help)
            }
        }))
    };
    looked.map_err(|error| match error {
        EngineError::Fault(fault) => stopped(*fault),
        other => failed(other),
    })?;
    answered.notes = since.into_iter().collect();
    Ok(Rows { table, answered, check: chosen.check.map(|(_, it)| it) })
}

fn chosen(tables: &Tables<'_>, index: Option<TableId>, latest: &Latest, it: &Request<'_>) -> Result<Chosen, Failure> {
    let Tables { session, plan, states, .. } = tables;
    let kept = Schema { columns: latest.columns.clone().into() };
    let failing = match (it.failing, index) {
        (None, _) | (_, None) => {
            let inputs = index.into_iter().collect();
            Failing { inputs, relation: Relation::scan(0, &kept), at: None, check: None }
        }
        (Some(_), Some(index)) if latest.since.is_some() => return Err(tables.not_made(index)),
        (Some(word), Some(index)) => {
            let counts = checks::counts(plan, states, &session.journal);
            failing::of(plan, index, word, &|at| counts.get(&at).cloned())?
        }
    };
    let Failing { inputs, mut relation, at, check } = failing;
    let schemas: Vec<&Schema> = match it.failing.is_some() && !inputs.is_empty() {
        true => inputs.iter().map(|it| &plan.tables[*it].schema).collect(),
        false => vec![&kept],
    };
    let schema = schemas[0].clone();
    let (pipeline, step) = latest.table.split_once('.').unwrap_or(("", &latest.table));
    if at.is_some() && (it.only.is_some() || !it.sort.is_empty()) {
        let message = "`--where` and `--sort` cannot go with this check: its rows are those beside others".to_owned();
        let help = "leave them out; the first rows that fail it are shown".to_owned();
        return Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help))));
    }
    if let Some(text) = it.only {
        let file = plan.pipelines.get(pipeline).cloned().unwrap_or_default();
        let keep = condition(&session.db, session.settings, &file, (step, &schema), text);
        let written = inputs.first().map(|it| askable(&plan.tables[*it].written, |name| schema.has(name)));
        let written = written.unwrap_or_default();
        let told = keep.map_err(Failure::Problem)?.aware(&written).map_err(|_| {
            let problem = Problem::new(&UNKNOWN_SUBJECT, "the condition of `--where` is too long".to_owned());
            Failure::Problem(Box::new(problem.help("ask for less at once".to_owned())))
        });
        relation = relation.filter(told?);
    }
    let unknown = |word: &str| {
        let help = did_you_mean(word, schema.visible().map(|it| it.name.as_str()));
        let message = format!("`{}` has no column `{}`", line(&latest.table), line(word));
        Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)))
    };
    if !it.sort.is_empty() {
        let mut by = Vec::new();
        for word in it.sort {
            let (name, descending) = word.strip_prefix('-').map_or((word.as_str(), false), |name| (name, true));
            if !schema.has(name) {
                return Err(unknown(name));
            }
            by.push(By { expr: crate::expr::Expr::column(name), descending });
        }
        relation = Relation::Sort { from: Box::new(relation), by };
    }
    let mut names: Vec<&str> = Vec::new();
    for word in it.columns {
        let glob = globset::Glob::new(word).ok().map(|it| it.compile_matcher());
        let visible = schema.visible().map(|it| it.name.as_str());
        let mut found: Vec<&str> = visible.filter(|name| glob.as_ref().is_some_and(|it| it.is_match(name))).collect();
        if let Some(column) = schema.get(word) {
            found = vec![&column.name];
        }
        if found.is_empty() {
            return Err(unknown(word));
        }
        names.extend(found);
    }
    if it.columns.is_empty() {
        names = schema.visible().map(|it| it.name.as_str()).collect();
    }
    let mut seen = BTreeSet::new();
    names.retain(|it| seen.insert(*it));
    let columns = names.iter().map(|name| ((*name).to_owned(), crate::expr::Expr::column(*name))).collect();
    let relation = relation.project(columns).prune(&names.iter().copied().collect());
    let columns = relation.schema(&schemas).map(|it| it.columns.to_vec()).unwrap_or_default();
    Ok(Chosen { inputs, relation, at, columns, check })
}
