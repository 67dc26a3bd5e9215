//! `hotpass plan`: what would run, what would be reused and why, by the same rules as `build`.

use serde_json::json;

use crate::cli::Answer;
use crate::cli::args::Format;
use crate::cli::guesses;
use crate::cli::selectors;
use crate::cli::session::Session;
use crate::plan::{Make, Plan, Role};
use crate::problem::Problem;
use crate::run::{self, State, keys};
use crate::show::{self, Align, Look, count, line, table};

/// What would become of one table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// Index in the plan.
    pub table: usize,
    /// Whether something of it would be made, as far as can be told.
    pub runs: bool,
    /// Columns that would be made; empty when that depends on what inputs turn out to be.
    pub columns: Vec<String>,
    /// What changed since it was last made.
    pub why: Vec<String>,
    /// Its inputs are to be made first, and may come out as they were.
    pub depends: bool,
}

/// What would become of every wanted table.
pub fn expected(session: &Session, plan: &Plan, wanted: &[bool]) -> Vec<Expected> {
    let states = run::settle(plan, &session.journal);
    let mut acc = Vec::new();
    for (index, table) in plan.tables.iter().enumerate() {
        if !wanted[index] || !table.role.is_listed() {
            continue;
        }
        let look = keys::look(plan, index, &states, &session.journal, false);
        let (columns, depends) = match &look {
            Some(look) => {
                let whole = matches!(table.make, Make::Read(_) | Make::Sql(_));
                let missing = |at: &usize| look.digests[*at].is_none() || whole || look.composition.is_some();
                let made = (0..table.columns.len()).filter(missing);
                (made.map(|at| table.schema.columns[at].name.clone()).collect(), false)
            }
            None => (Vec::new(), true),
        };
        let settled = matches!(states[index], State::Settled(_));
        let name = table.name.to_string();
        let why = match (settled, depends) {
            (false, false) => {
                let now = keys::preimage(plan, index, &states);
                session.journal.known(|it| keys::changed(it.preimages.get(&name), &now))
            }
            (false, true) => {
                let waits = table.inputs.iter().filter(|it| !matches!(states[**it], State::Settled(_)));
                waits.map(|it| format!("input:{}", plan.tables[*it].name.name)).collect()
            }
            _ => Vec::new(),
        };
        let columns = if settled { Vec::new() } else { columns };
        acc.push(Expected { table: index, runs: !settled, columns, why, depends });
    }
    acc
}

/// What `plan` answers.
pub fn plan(session: &Session, targets: &[String], format: Format, look: Look) -> Result<Answer, Box<Problem>> {
    let plan = session.plan();
    let states = run::settle(&plan, &session.journal);
    let changed = |table: usize| !matches!(states[table], State::Settled(_));
    let selection = selectors::select(&plan, targets, &changed)?;
    let exports = plan.exports.iter().zip(&selection.exports).filter(|(_, it)| **it).map(|(it, _)| it.table);
    let tables = selection.tables.iter().enumerate().filter(|(_, it)| **it).map(|(index, _)| index);
    let wanted = crate::graph::upstream(tables.chain(exports), &plan.needs());
    let expected = expected(session, &plan, &wanted);
    let standing = run::standing(&plan, &states, &session.journal, &session.root);
    let exports = plan.exports.iter().zip(&standing).zip(&selection.exports).filter(|(_, it)| **it).map(|(it, _)| it);
    if format == Format::Json {
        let mut out = String::new();
        for it in &expected {
            let table = &plan.tables[it.table];
            let outcome = if it.runs { "run" } else { "reuse" };
            let value = json!({"v": 1, "event": "plan.step", "pipeline": table.name.pipeline, "step": table.name.name,
                "kind": table.kind, "outcome": outcome, "depends": it.depends, "columns": it.columns, "why": it.why});
            out.push_str(&show::json_line(&value));
        }
        for (export, stands) in exports {
            let outcome = if stands.is_some() { "stands" } else { "write" };
            let value = json!({"v": 1, "event": "plan.export", "pipeline": export.name.pipeline,
                "export": export.name.name, "path": export.declared.path, "outcome": outcome});
            out.push_str(&show::json_line(&value));
        }
        out.push_str(&guesses::shown(&plan, &|it| wanted[it], format, look));
        return Ok(Answer::of(out));
    }
    let heads = ["", "step", "kind", "columns", "because of"].map(|it| (it.to_owned(), Align::Left));
    let mut rows = Vec::new();
    for it in expected.iter().filter(|it| it.runs) {
        let table = &plan.tables[it.table];
        let what = match (it.depends, table.role) {
            (true, _) => "may run",
            (false, Role::Source) => "read",
            (false, _) => "run",
        };
        let columns = match it.columns.len() {
            0 => "depends on its inputs".to_owned(),
            n if n == table.columns.len() => "all".to_owned(),
            _ => it.columns.join(", "),
        };
        let cells =
            [what, &table.name.to_string(), table.kind, &columns, &it.why.join(", ")].map(|it| Some(it.to_owned()));
        rows.push(cells.to_vec());
    }
    let mut out = String::new();
    if !rows.is_empty() {
        out.push_str(&table(&heads, &rows, look));
    }
    for (export, stands) in exports.filter(|(_, it)| it.is_none()) {
        debug_assert!(stands.is_none());
        out.push_str(&format!("write  {}\n", line(&export.declared.path)));
    }
    let steps = |runs: bool| {
        let of = |it: &&Expected| it.runs == runs && plan.tables[it.table].role == Role::Step;
        expected.iter().filter(of).count() as u64
    };
    let (run, reuse) = (steps(true), steps(false));
    out.push_str(&format!("{} to run, {} to reuse\n", count(run, "step"), count(reuse, "step")));
    out.push_str(&guesses::shown(&plan, &|it| wanted[it], format, look));
    Ok(Answer::of(out))
}
