//! `hotpass explain`: the parts of a step's key and what changed in them, or where a column comes from.

mod cell;
mod code;
mod rows;
mod sources;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::cli::args::Format;
use crate::cli::{Answer, gate};
use crate::expr::Expr;
use crate::expr::aggregate::Aggregate;
use crate::plan::{Operation, Plan};
use crate::problem::{Problem, did_you_mean};
use crate::relation::{Pick, trace};
use crate::run::{self, keys};
use crate::show::{self, Align, Paint, Style, count, line, table};
use crate::store::backend::EngineFactory;
use crate::store::config_snapshot;
use crate::workspace::lookup::{UNKNOWN_SUBJECT, find, meant, unknown};
use crate::workspace::session::Session;

pub use cell::explain as explain_cell;
pub use code::{codes, explain as explain_code, is_code};

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

/// What `explain` answers; of sources it tells as much as can be told without an engine when there is none.
pub fn explain(
    session: &Session,
    subject: &str,
    format: Format,
    look: Style,
    factory: Option<&'static dyn EngineFactory>,
) -> Result<Answer, Box<Problem>> {
    let plan = session.plan();
    if let Some(gate) = gate::meant(&plan, subject) {
        return Ok(gate::explain(&plan, gate?, format, look));
    }
    if let Some(index) = find(&plan, subject) {
        let factory = factory.filter(|_| compares(session, subject));
        let sources = factory.and_then(|it| sources::changes(session, &plan, index, it)).unwrap_or_default();
        return Ok(step(session, &plan, index, &sources, format, look));
    }
    if let Some((name, column)) = subject.rsplit_once('.')
        && let Some(index) = find(&plan, name)
    {
        if plan.tables[index].schema.has(column) {
            return Ok(lineage(&plan, index, column, format, look));
        }
        let help = did_you_mean(column, plan.tables[index].schema.names());
        let message = format!("`{}` has no column `{}`", line(name), line(column));
        return Err(Box::new(Problem::new(&UNKNOWN_SUBJECT, message).help(help)));
    }
    Err(unknown(&plan, subject, "name a step, `pipeline.step`, `step.column` or `step:KEY.column`"))
}

fn step(
    session: &Session,
    plan: &Plan,
    index: usize,
    sources: &[sources::Source],
    format: Format,
    look: Style,
) -> Answer {
    let it = &plan.tables[index];
    let states = run::settle(plan, &session.journal);
    let now = keys::preimage(plan, index, &states);
    let before = session.journal.known(|known| known.preimages.get(&it.name.to_string()).cloned());
    let changed = keys::changed(before.as_ref(), &now);
    let settled = matches!(states[index], run::State::Materialized(_));
    let recipe = before.is_some() && changed.iter().any(|it| it == "recipe");
    let kept = config_snapshot::kept(&session.paths).filter(|_| recipe);
    let written = kept.as_ref().map(|it| written::changes(it, &config_snapshot::of(&session.root), plan, index));
    let why = written.as_deref().unwrap_or_default();
    if format == Format::Json {
        let parts: Vec<_> = now
            .iter()
            .map(|(label, digest)| json!({"part": label, "digest": digest.hex(), "changed": changed.contains(label)}))
            .collect();
        let unmapped: Vec<&str> = it.unmapped.iter().map(|it| it.column.as_str()).collect();
        let value = json!({"v": 1, "event": "explain.step", "step": it.name.to_string(), "kind": it.kind,
            "made": settled, "parts": parts, "changed": changed, "unmapped": unmapped,
            "written": why.iter().map(written::Change::json).collect::<Vec<_>>(), "sources": sources::as_json(sources)});
        return Answer::of(show::json_line(&value));
    }
    let mut out = format!("{}  {}\n", look.paint(&it.name.to_string(), Paint::Strong), it.kind);
    out.push_str(if settled { "made: it would be reused\n\n" } else { "not made: it would run\n\n" });
    // Of an input that is to be made first there is no digest yet.
    let awaited = |label: &str| {
        let (name, column) = label.strip_prefix("input:")?.rsplit_once('.')?;
        let mut inputs = it.inputs.iter().map(|at| (&plan.tables[*at], &states[*at]));
        inputs.find(|(table, _)| table.name.name == name && table.schema.has(column)).map(|(_, state)| state)
    };
    let mut parts: Vec<Part> = now
        .iter()
        .map(|(label, digest)| {
            let since = match &before {
                None => "never made",
                Some(_) if changed.contains(label) => "changed",
                Some(_) => SAME,
            };
            Part { label: label.clone(), digest: Some(digest.short()), since }
        })
        .collect();
    let absent = changed.iter().filter(|it| now.iter().all(|(label, _)| label != *it) && *it != "first");
    parts.extend(absent.map(|label| {
        let waits = matches!(awaited(label), Some(run::State::Unknown));
        Part { label: label.clone(), digest: None, since: if waits { AWAITED } else { "gone" } }
    }));
    let heads = ["part of its key", "digest", "since it was last made"].map(|it| (it.to_owned(), Align::Left));
    let rows = gathered(parts).into_iter().map(|it| vec![Some(it.label), it.digest, Some(it.since.to_owned())]);
    out.push_str(&table(&heads, &rows.collect::<Vec<_>>(), look));
    if !why.is_empty() {
        out.push_str("\nwritten otherwise since then\n");
        why.iter().take(CHANGES).for_each(|it| out.push_str(&format!("  {}\n", line(&it.words()))));
        if why.len() > CHANGES {
            out.push_str(&format!("  and {} more\n", count((why.len() - CHANGES) as u64, "key")));
        }
    } else if recipe {
        out.push_str(match kept {
            Some(_) => {
                "\nno key that is kept says why its recipe is another one; hotpass itself or a table before it may\n"
            }
            None => "\nwhat was written when it was last made is not kept\n",
        });
    }
    let unchanged = !settled && before.is_some() && why.is_empty() && !recipe && sources::all_same(sources);
    if unchanged {
        out.push_str("\nall of its sources hold what they held then, cell for cell\n");
    }
    out.push_str(&sources::words(sources, look));
    Answer::of(look.fold(&out, 4))
}

/// How many keys are told; the others are counted.
const CHANGES: usize = 8;
/// From how many on the columns of one input are one line, where nothing is to be told of any.
const MANY: usize = 6;
const SAME: &str = "the same";
const AWAITED: &str = "to be made first";

/// A part of a key.
struct Part {
    label: String,
    digest: Option<String>,
    since: &'static str,
}

/// The parts, with one line for many columns of one input that are all the same, or all to be made first.
fn gathered(parts: Vec<Part>) -> Vec<Part> {
    let input = |it: &Part| -> Option<(String, &'static str)> {
        let (name, _) = it.label.strip_prefix("input:")?.rsplit_once('.')?;
        matches!(it.since, SAME | AWAITED).then(|| (name.to_owned(), it.since))
    };
    let mut counts: BTreeMap<(String, &'static str), usize> = BTreeMap::new();
    parts.iter().filter_map(input).for_each(|it| *counts.entry(it).or_default() += 1);
    let mut acc: Vec<Part> = Vec::new();
    for part in parts {
        let Some((name, since)) = input(&part).filter(|it| counts[it] >= MANY) else {
            acc.push(part);
            continue;
        };
        // The first of them stands for all.
        if let Some(columns) = counts.remove(&(name.clone(), since)) {
            counts.insert((name.clone(), since), usize::MAX);
            if columns < usize::MAX {
                let label = format!("input:{name}, {}", count(columns as u64, "column"));
                acc.push(Part { label, digest: None, since });
            }
        }
    }
    acc
}

/// What a step does to make a column; nothing where values only pass through.
fn by(plan: &Plan, index: usize, column: &str) -> Option<String> {
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
fn lineage(plan: &Plan, index: usize, column: &str, format: Format, look: Style) -> Answer {
    let mut lines: Vec<(usize, String, String)> = Vec::new();
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
            let at = table.schema.names().position(|it| it == column);
            rest = cells(reading, at);
        }
        lines.push((depth, name, rest));
        if !seen.insert((index, column.clone())) {
            continue;
        }
        let mut next: Vec<(usize, String)> = match &table.make {
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
    if format == Format::Json {
        let out = lines.iter().map(|(depth, name, rest)| {
            show::json_line(&json!({"v": 1, "event": "explain.column", "depth": depth, "column": name, "by": rest}))
        });
        return Answer::of(out.collect());
    }
    let out = lines.iter().map(|(depth, name, rest)| {
        let text = format!("{}{}  {}\n", "  ".repeat(*depth), line(name), look.paint(&line(rest), Paint::Dim));
        look.fold(&text, 2 * depth + 4)
    });
    Answer::of(out.collect())
}

/// The cells that a column of a source is, which stands at this place: file, sheet and letter.
fn cells(reading: &crate::plan::Reading, at: Option<usize>) -> String {
    let places = reading.files.iter().map(|file| match at.and_then(|at| file.letter(at)) {
        Some(letter) => format!("{}!{letter}", file.place()),
        None => file.place(),
    });
    places.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_columns_of_one_input_are_one_line() {
        let part = |label: &str, since| Part { label: label.to_owned(), digest: Some("d".to_owned()), since };
        let many = |input: &str, count: usize, since| {
            (0..count).map(move |at| part(&format!("input:{input}.c{at}"), since)).collect::<Vec<_>>()
        };
        let check = |parts: Vec<Part>, expected: &str| {
            let told: Vec<_> = gathered(parts).into_iter().map(|it| format!("{} {}", it.label, it.since)).collect();
            assert_eq!(told.join("; "), expected);
        };
        check(many("a", 2, SAME), "input:a.c0 the same; input:a.c1 the same");
        check(many("a", MANY, SAME), "input:a, 6 columns the same");
        let mut parts = vec![part("engine", SAME), part("recipe", "changed")];
        parts.extend(many("a", 7, AWAITED));
        parts.push(part("input:a.x", "changed"));
        parts.extend(many("b", 8, SAME));
        parts.extend(many("a", 7, SAME));
        check(
            parts,
            "engine the same; recipe changed; input:a, 7 columns to be made first; input:a.x changed; \
             input:b, 8 columns the same; input:a, 7 columns the same",
        );
        // What changed is always told by name.
        assert_eq!(gathered(many("a", 9, "changed")).len(), 9);
    }
}
