//! Rows of a table that were chosen: by a condition, in an order, in some of its columns, or because they failed a
//! check. What is chosen is a relation over what stands, and nothing is made or kept.

use std::collections::BTreeSet;

use arrow_array::RecordBatch;
use serde_json::json;

use super::failing::{self, Failing};
use crate::cli::Answer;
use crate::cli::answer::{Answered, Head, file, laid_out};
use crate::cli::args::{Format, Global, Show};
use crate::cli::ask;
use crate::cli::json_cell::values;
use crate::model::{Class, Column, Schema};
use crate::plan::Plan;
use crate::problem::{Problem, did_you_mean};
use crate::query::condition;
use crate::relation::{By, Relation};
use crate::run::{self, State, checks, keys};
use crate::show::{self, count};
use crate::store::backend::{Engine, EngineError, Stored};
use crate::store::fault::Fault;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::UNKNOWN_SUBJECT;
use crate::workspace::lookup::not_made;
use crate::workspace::session::Session;

/// What rows are chosen from, and which.
struct Chosen {
    inputs: Vec<usize>,
    relation: Relation,
    at: Option<BTreeSet<u64>>,
    columns: Vec<Column>,
    /// The check that they fail, as an index into the plan, and as a failure tells it.
    check: Option<(usize, String)>,
}

/// The rows, where they were asked for.
pub(super) fn answer(
    session: &Session,
    engine: &dyn Engine,
    plan: &Plan,
    index: usize,
    it: &Show,
    global: &Global,
) -> Result<Answer, Failure> {
    if let Some(path) = &it.output {
        file::check(path, it.overwrite, session)?;
    }
    let states = run::settle(plan, &session.journal);
    let chosen = chosen(session, plan, &states, index, it)?;
    let mut stored: Vec<Stored> = Vec::new();
    for input in &chosen.inputs {
        let State::Materialized(settled) = &states[*input] else { return Err(not_made(&it.step)) };
        stored.push(keys::stored(plan, *input, settled, &session.journal, &session.paths).map_err(failed)?);
    }
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
        answered.add(&batch, &[], it.unmasked, it.most())
    };
    let looked = worker.look(&chosen.relation, &stored, chosen.at.as_ref(), &mut add);
    let mut stopped = |mut fault: Fault| {
        let table = chosen.inputs[0];
        fault.row = worker.first_fault(&chosen.relation, &stored[0]).map(|row| (0, row));
        let store = (&*session.journal, &session.paths);
        let reason = run::reason(&fault, (plan, table), &states, store, &mut *worker);
        Failure::Problem(Box::new(match chosen.check {
            Some((check, _)) => checks::not_evaluated(plan, check, &reason),
            None => {
                let help = "mend the row that it begins with, or ask for other rows".to_owned();
                Problem::new(&run::STOPPED, format!("what was asked for cannot be evaluated: {reason}")).help(help)
            }
        }))
    };
    looked.map_err(|error| match error {
        EngineError::Fault(fault) => stopped(*fault),
        other => failed(other),
    })?;
    let table = plan.tables[index].name.to_string();
    laid(answered, &chosen, &table, it, global)
}

fn chosen(session: &Session, plan: &Plan, states: &[State], index: usize, it: &Show) -> Result<Chosen, Failure> {
    let base = &plan.tables[index];
    let failing = match &it.failing {
        None => Failing { inputs: vec![index], relation: Relation::scan(0, &base.schema), at: None, check: None },
        Some(word) => {
            let counts = checks::counts(plan, states, &session.journal);
            failing::of(plan, index, word, &|at| counts.get(&at).cloned())?
        }
    };
    let Failing { inputs, mut relation, at, check } = failing;
    let schemas: Vec<&Schema> = inputs.iter().map(|it| &plan.tables[*it].schema).collect();
    let schema = plan.tables[inputs[0]].schema.clone();
    if at.is_some() && (it.only.is_some() || !it.sort.is_empty()) {
        let message = "`--where` and `--sort` cannot go with this check: its rows are those beside others".to_owned();
        let help = "leave them out; the first rows that fail it are shown".to_owned();
        return Err(Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help))));
    }
    if let Some(text) = &it.only {
        let file = plan.pipelines.get(&base.name.pipeline).cloned().unwrap_or_default();
        let keep = condition(&session.db, session.settings, &file, (&base.name.name, &schema), text);
        relation = relation.filter(keep.map_err(Failure::Problem)?);
    }
    let unknown = |word: &str| {
        let help = did_you_mean(word, schema.visible().map(|it| it.name.as_str()));
        let message = format!("`{}` has no column `{}`", base.name, show::line(word));
        Failure::Problem(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)))
    };
    if !it.sort.is_empty() {
        let mut by = Vec::new();
        for word in &it.sort {
            let (name, descending) = word.strip_prefix('-').map_or((word.as_str(), false), |name| (name, true));
            if !schema.has(name) {
                return Err(unknown(name));
            }
            by.push(By { expr: crate::expr::Expr::column(name), descending });
        }
        relation = Relation::Sort { from: Box::new(relation), by };
    }
    let mut names: Vec<&str> = Vec::new();
    for word in &it.columns {
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
    let columns = relation.schema(&schemas).map(|it| it.columns).unwrap_or_default();
    Ok(Chosen { inputs, relation, at, columns, check })
}

fn laid(mut answered: Answered, chosen: &Chosen, table: &str, it: &Show, global: &Global) -> Result<Answer, Failure> {
    let told = chosen.check.as_ref().map(|(_, it)| format!("{}\n", show::line(it))).unwrap_or_default();
    if let Some(path) = &it.output {
        let answer = ask::written(answered, path, global)?;
        let stderr = if global.quiet { String::new() } else { format!("{told}{}", answer.stderr) };
        return Ok(Answer { stderr, ..answer });
    }
    let (shown, total) = (answered.rows, answered.rows + answered.left_out);
    match global.format {
        Format::Json => {
            let cells = answered.cells().map_err(failed)?;
            let row = |row: &Vec<Option<String>>| {
                let values = values(chosen.columns.iter(), row);
                show::json_line(&json!({"v": 1, "event": "row", "table": table, "values": values}))
            };
            Ok(Answer::of(cells.iter().map(row).collect()))
        }
        Format::Human => {
            let records = it.records || shown == 1 && (it.only.is_some() || it.rows == Some(1));
            let mut out = told;
            if shown > 0 {
                answered.left_out = 0;
                out.push_str(&laid_out(answered, global, records)?.stdout);
            }
            match shown {
                shown if shown < total => {
                    out.push_str(&format!("{} of {}\n", show::number(shown), count(total, "row")))
                }
                0 => out.push_str("no rows\n"),
                _ => (),
            }
            Ok(Answer::of(out))
        }
        _ => {
            let answer = laid_out(answered, global, false)?;
            Ok(Answer { stderr: format!("{told}{}", answer.stderr), ..answer })
        }
    }
}
