//! `hotpass explain`: the parts of a step's key and what changed in them, or where a column comes from.

pub(crate) mod cell;
pub(crate) mod code;
mod rows;
pub(crate) mod sources;
pub(crate) mod written;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::answers::gate;
use crate::escape::line;
use crate::expr::Expr;
use crate::expr::aggregate::Aggregate;
use crate::plan::{Operation, Plan, TableId};
use crate::problem::{Problem, did_you_mean};
use crate::relation::{Pick, trace};
use crate::run::{self, keys};
use crate::store::backend::EngineFactory;
use crate::store::config_snapshot;
use crate::workspace::lookup::{UNKNOWN_SUBJECT, find, meant, unknown};
use crate::workspace::session::Session;

/// Whether a cell or a record is asked for, which only stored rows can tell. Steps come first, and columns.
pub fn is_cell(session: &Session, subject: &str) -> bool {
    let plan = session.plan();
    gate::meant(&plan, subject).is_none()
        && meant(&plan, subject).is_empty()
        && subject.contains(':')
        && !is_column(&plan, subject)
}

fn is_column(plan: &Plan, subject: &str) -> bool {
    let column = subject.rsplit_once('.').and_then(|(name, column)| Some((find(plan, name)?, column)));
    column.is_some_and(|(index, column)| plan.tables[index].schema.has(column))
}

/// Whether cells of sources are compared: a step is asked for that was made and would be made again.
pub fn compares(session: &Session, subject: &str) -> bool {
    let plan = session.plan();
    let Some(index) = find(&plan, subject) else { return false };
    let name = plan.tables[index].name.to_string();
    let made = session.journal.known(|known| known.preimages.contains_key(&name));
    made && !matches!(run::settle(&plan, &session.journal)[index], run::State::Materialized(_))
}

/// What is known of what was named.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Explained {
    Gate(gate::Explained),
    Step(Step),
    /// A column, and those that it comes from.
    Column(Vec<Column>),
}

/// What a step is made of, and what of it changed.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "explain.step")]
pub(crate) struct Step {
    pub(crate) step: String,
    pub(crate) kind: &'static str,
    /// Whether it would be reused.
    pub(crate) made: bool,
    parts: Vec<Part>,
    changed: Vec<String>,
    unmapped: Vec<String>,
    pub(crate) written: Vec<written::Change>,
    pub(crate) sources: sources::Sources,
    /// The parts with those that are gone or awaited.
    #[serde(skip)]
    pub(crate) key: Vec<KeyPart>,
    /// Whether it was ever made.
    #[serde(skip)]
    pub(crate) was_made: bool,
    /// Whether its recipe is another one, and whether what was written then is kept.
    #[serde(skip)]
    pub(crate) recipe: Option<bool>,
}

/// A part of its key.
#[derive(Debug, Serialize)]
struct Part {
    part: String,
    digest: String,
    changed: bool,
}

/// What a part of its key is since it was last made.
#[derive(Debug)]
pub(crate) struct KeyPart {
    pub(crate) label: String,
    /// In short; nothing of what is gone or to be made first.
    pub(crate) digest: Option<String>,
    pub(crate) since: Since,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Since {
    New,
    Changed,
    Same,
    Awaited,
    Gone,
}

/// A column on the way.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "explain.column")]
pub(crate) struct Column {
    pub(crate) depth: usize,
    pub(crate) column: String,
    /// How it was made.
    pub(crate) by: String,
}

/// What is known of a gate, a step or a column; of sources as much as can be told without an engine when there is none.
pub(crate) fn explain(
    session: &Session,
    subject: &str,
    factory: Option<&'static dyn EngineFactory>,
) -> Result<Explained, Box<Problem>> {
    let plan = session.plan();
    if let Some(gate) = gate::meant(&plan, subject) {
        return Ok(Explained::Gate(gate::explain(&plan, gate?)));
    }
    if let Some(index) = find(&plan, subject) {
        let factory = factory.filter(|_| compares(session, subject));
        let sources = factory.and_then(|it| sources::changes(session, &plan, index, it)).unwrap_or_default();
        return Ok(Explained::Step(step(session, &plan, index, sources)));
    }
    if let Some((name, column)) = subject.rsplit_once('.')
        && let Some(index) = find(&plan, name)
    {
        if plan.tables[index].schema.has(column) {
            return Ok(Explained::Column(lineage(&plan, index, column)));
        }
        let help = did_you_mean(column, plan.tables[index].schema.names());
        let message = format!("`{}` has no column `{}`", line(name), line(column));
        return Err(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)));
    }
    Err(unknown(&plan, subject, "name a step, `pipeline.step`, `step.column` or `step:KEY.column`"))
}

fn step(session: &Session, plan: &Plan, index: TableId, sources: sources::Sources) -> Step {
    let it = &plan.tables[index];
    let states = run::settle(plan, &session.journal);
    let now = keys::preimage(plan, index, &states);
    let before = session.journal.known(|known| known.preimages.get(&it.name.to_string()).cloned());
    let changed = keys::changed(before.as_ref(), &now);
    let is_recipe = before.is_some() && changed.iter().any(|it| it == "recipe");
    let kept = config_snapshot::kept(&session.paths).filter(|_| is_recipe);
    let written = kept.as_ref().map(|it| written::changes(it, &config_snapshot::of(&session.root), plan, index));
    // Of an input that is to be made first there is no digest yet.
    let awaited = |label: &str| {
        let (name, column) = label.strip_prefix("input:")?.rsplit_once('.')?;
        let mut inputs = it.inputs.iter().map(|at| (&plan.tables[*at], &states[*at]));
        inputs.find(|(table, _)| table.name.name == name && table.schema.has(column)).map(|(_, state)| state)
    };
    let mut key: Vec<KeyPart> = now
        .iter()
        .map(|(label, digest)| {
            let since = match &before {
                None => Since::New,
                Some(_) if changed.contains(label) => Since::Changed,
                Some(_) => Since::Same,
            };
            KeyPart { label: label.clone(), digest: Some(digest.short()), since }
        })
        .collect();
    let absent = changed.iter().filter(|it| now.iter().all(|(label, _)| label != *it) && *it != "first");
    key.extend(absent.map(|label| {
        let waits = matches!(awaited(label), Some(run::State::Unknown));
        KeyPart { label: label.clone(), digest: None, since: if waits { Since::Awaited } else { Since::Gone } }
    }));
    let part = |(label, digest): (&String, &crate::digest::Digest)| Part {
        part: label.clone(),
        digest: digest.hex(),
        changed: changed.contains(label),
    };
    Step {
        step: it.name.to_string(),
        kind: it.kind,
        made: matches!(states[index], run::State::Materialized(_)),
        parts: now.iter().map(|(label, digest)| part((label, digest))).collect(),
        unmapped: it.unmapped.iter().map(|it| it.column.clone()).collect(),
        written: written.unwrap_or_default(),
        sources,
        key,
        was_made: before.is_some(),
        recipe: is_recipe.then_some(kept.is_some()),
        changed,
    }
}

/// What a step does to make a column; nothing where values only pass through.
fn by(plan: &Plan, index: TableId, column: &str) -> Option<String> {
    let table = &plan.tables[index];
    let Operation::Relation(relation) = &table.make else {
        return Some(
            if matches!(table.make, Operation::Sql(_)) { "sql: a query of its own" } else { "source" }.to_owned(),
        );
    };
    if let Some(pick) = trace::pick(relation, column) {
        return Some(format!("{}: {}", table.kind, pick_words(pick)));
    }
    if let Some(words) = relation.over_rows(column) {
        return Some(format!("{}: {words}", table.kind));
    }
    let expr = relation.shown_expr_of(column).filter(|it| !matches!(it, Expr::Column(_)));
    match (table.rules.get(column), expr) {
        (Some(rule), Some(Expr::Call(name, parts))) if table.kind == "map" && name == "coalesce" => {
            let mut names = Vec::new();
            parts.iter().for_each(|it| in_order(it, &mut names));
            Some(format!("{}: {rule}, the first of {} that has a value", table.kind, names.join(", ")))
        }
        (Some(rule), Some(expr)) => Some(format!("{}: {rule}, {expr}", table.kind)),
        (Some(rule), None) => Some(format!("{}: {rule}", table.kind)),
        (None, Some(expr)) => Some(format!("{}: {expr}", table.kind)),
        (None, None) => relation
            .follows(column)
            .and_then(|(_, beneath)| (beneath != column).then(|| format!("{}: `{beneath}` renamed", table.kind))),
    }
}

/// The columns of an expression, in the order in which they stand in it.
fn in_order(expr: &Expr, acc: &mut Vec<String>) {
    match expr {
        Expr::Column(name) => acc.push(format!("`{}`", line(name))),
        Expr::Call(_, parts) => parts.iter().for_each(|it| in_order(it, acc)),
        _ => (),
    }
}

fn pick_words(pick: &Pick) -> &'static str {
    match pick {
        Pick::Key => "the key",
        Pick::First { .. } => "the value of the best row that has one",
        Pick::Of { .. } => "the value of the best row, together with its others",
        Pick::Position { .. } => "the position of the best row",
        Pick::All { .. } => "all values, best first",
        Pick::Sorted { .. } => "all values, sorted",
        Pick::Made { function, .. } => match function {
            Aggregate::Sum => "the sum of all values",
            Aggregate::Mean => "the mean of all values",
            _ => "the value of most rows, of several that of the best row",
        },
        Pick::Least(_) => "the least value",
        Pick::Greatest(_) => "the greatest value",
        Pick::Filled(_) => "how many rows have a value",
        Pick::Distinct(_) => "how many values there are",
        Pick::Rows => "how many rows there are",
    }
}

/// Where a column comes from, back to the cells of sources.
fn lineage(plan: &Plan, index: TableId, column: &str) -> Vec<Column> {
    let mut acc = Vec::new();
    let mut open = vec![(0, index, column.to_owned())];
    let mut seen = BTreeSet::new();
    let own = plan.tables[index].name.pipeline.clone();
    while let Some((depth, index, column)) = open.pop() {
        let table = &plan.tables[index];
        // A table of another pipeline has its whole name.
        let name = match table.name.pipeline == own {
            true => format!("{}.{column}", table.name.name),
            false => format!("{}.{column}", table.name),
        };
        let mut rest = by(plan, index, &column).unwrap_or_else(|| table.kind.to_owned());
        if let Operation::Read(reading) = &table.make {
            let at = table.schema.place(&column);
            rest = cells(reading, at);
        }
        acc.push(Column { depth, column: name, by: rest });
        if !seen.insert((index, column.clone())) {
            continue;
        }
        let mut next: Vec<(TableId, String)> = match &table.make {
            Operation::Relation(relation) => {
                let traced = relation.lineage(&column);
                traced.into_iter().map(|(input, name)| (table.inputs[input], name.to_owned())).collect()
            }
            // A query may take a column from anything it reads.
            Operation::Sql(query) => {
                let all =
                    table.inputs.iter().flat_map(|it| plan.tables[*it].schema.visible().map(move |c| (*it, &c.name)));
                all.filter(|(_, name)| query.reads(name)).map(|(it, name)| (it, name.clone())).collect()
            }
            Operation::Read(_) | Operation::Beside | Operation::Values(_) => Vec::new(),
        };
        next.reverse();
        open.extend(next.into_iter().map(|(index, column)| (depth + 1, index, column)));
    }
    acc
}

/// The cells that a column of a source is, which stands at this place: file, sheet and letter.
fn cells(reading: &crate::plan::Reading, at: Option<usize>) -> String {
    let places = reading.files.iter().map(|file| match at.and_then(|at| file.letter(at)) {
        Some(letter) => format!("{}!{letter}", file.place()),
        None => file.place(),
    });
    places.collect::<Vec<_>>().join(", ")
}
