//! Checks that learn: their numbers held against those of earlier published builds; and what a build adds to the
//! history. Counts, shares and what is made of many values; never a value of a cell.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Hasher;
use crate::expectations::TOO_LITTLE_HISTORY;
use crate::expectations::learnt::Against;
use crate::history::band::Band;
use crate::history::{Counted, Entry, History};
use crate::plan::{CheckId, Plan, PlannedExpectation, PlannedGate, Role, TableId, TableMap};
use crate::problem::Problem;
use crate::readers::problems::plural;
use crate::run::keys::State;
use crate::store::counts::{Counts, Learnt};

/// What the number of a check that learns comes to beside earlier builds; other counts as they are.
pub(super) fn held(plan: &Plan, check: &PlannedExpectation, states: &TableMap<State>, counts: Counts) -> Counts {
    let Some(learnt) = check.declared.learnt() else { return counts };
    let name = plan.tables[check.about].name.within(&check.pipeline);
    let now = content(plan, check.about, states);
    let earlier = plan.history.earlier(&check.pipeline, &name, now.as_deref());
    let number = check.declared.number();
    let value = |it: &&Entry| match is_of_table(check) {
        true => it.tables.get(&name).map(|it| it.rows as f64),
        false => it.numbers.get(number.as_ref()?).copied(),
    };
    let before: Vec<f64> = earlier.iter().filter_map(value).collect();
    let observed = counts.observed.as_deref().and_then(finite);
    let (held, words) = match learnt.against {
        Against::Last { max_drop, max_rise } => match (before.last(), observed) {
            (None, _) => (None, "no earlier build was published that it could be compared with".to_owned()),
            (_, None) => (Some(false), "there are no values".to_owned()),
            (Some(before), Some(now)) => {
                let fits = |most: Option<f64>, down| most.is_none_or(|most| changed_within(*before, now, most, down));
                (Some(fits(max_drop, true) && fits(max_rise, false)), compared(*before, now))
            }
        },
        Against::Band { within, slack, least, builds } => {
            let numbers = &before[before.len().saturating_sub(builds)..];
            match (Band::of(numbers, within, slack), observed) {
                _ if numbers.len() < least => {
                    (None, format!("{} of {least} earlier published builds that are needed", numbers.len()))
                }
                (Some(band), Some(now)) => {
                    let builds = plural(numbers.len() as u64, "earlier build");
                    let words = format!("{}, {builds} give {} to {}", short(now), short(band.low), short(band.high));
                    (Some(band.holds(now)), words)
                }
                _ => (Some(false), "there are no values".to_owned()),
            }
        }
    };
    let unexpected = u64::from(held == Some(false));
    Counts {
        considered: u64::from(held.is_some()),
        unexpected,
        learnt: Some(Learnt { words, waits: held.is_none() }),
        ..counts
    }
}

/// Whether a check asks for the rows of a table, which the history has of every table.
fn is_of_table(check: &PlannedExpectation) -> bool {
    check.declared.only.is_none() && check.declared.learnt().is_some_and(|it| it.of == "rows")
}

/// What is reported of a check that cannot tell yet.
pub(super) fn waits(check: &PlannedExpectation, words: &str) -> Problem {
    let declared = &check.declared;
    let what = match declared.columns.as_slice() {
        [] => format!("`{}`", declared.table),
        columns => format!("`{}.{}`", declared.table, columns.join(", ").escape_debug()),
    };
    let message = format!("{what} {}, and there is no verdict yet: {words}", declared.claim().should());
    let help = "nothing is held back; each build that publishes something new adds a line to `history.ndjson`, \
                which you commit";
    Problem::new(&TOO_LITTLE_HISTORY, message).help(help.to_owned())
}

/// Whether a number fell or rose by no more than a share of what was before.
pub(super) fn changed_within(before: f64, now: f64, most: f64, down: bool) -> bool {
    let change = if down { before - now } else { now - before };
    // What was nothing and is something has risen by more than any share.
    change <= 0.0 || (before != 0.0 && change / before.abs() <= most + 1e-12)
}

/// `16, 18 before, 11.1 % less`.
fn compared(before: f64, now: f64) -> String {
    let (is, was) = (short(now), short(before));
    match now.total_cmp(&before) {
        std::cmp::Ordering::Equal => format!("{is}, as before"),
        _ if before == 0.0 => format!("{is}, 0 before"),
        options => {
            let word = if options.is_lt() { "less" } else { "more" };
            format!("{is}, {was} before, {} {word}", percent((now - before).abs() / before.abs()))
        }
    }
}

/// `2 %`, `0.5 %`.
pub(super) fn percent(share: f64) -> String {
    let text = format!("{:.1}", share * 100.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text))
}

/// A number as people read it, with four digits behind the point at most.
fn short(number: f64) -> String {
    let text = format!("{number:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match number != 0.0 && (number.abs() >= 1e15 || number.abs() < 5e-5) {
        true => format!("{number:e}"),
        false if text == "-0" => "0".to_owned(),
        false => text.to_owned(),
    }
}

fn finite(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|it| it.is_finite())
}

/// Stands for what people see of a table that is made.
fn content(plan: &Plan, table: TableId, states: &TableMap<State>) -> Option<String> {
    let State::Materialized(settled) = &states[table] else { return None };
    let mut hasher = Hasher::new("hotpass history content v1");
    hasher.number(settled.rows);
    let columns = plan.tables[table].schema.columns.iter().zip(&settled.columns);
    for (column, digest) in columns.filter(|(it, _)| !it.is_hidden()) {
        hasher.text(&column.name).digest(digest);
    }
    let mut hex = hasher.finish().hex();
    hex.truncate(16);
    Some(hex)
}

/// How many rows a table had in earlier published builds that held something else than the one before, oldest first,
/// and how many it has now: nothing where no earlier build is known.
pub(super) fn trend(plan: &Plan, pipeline: &str, table: TableId, states: &TableMap<State>) -> Vec<u64> {
    let State::Materialized(settled) = &states[table] else { return Vec::new() };
    let (name, now) = (plan.tables[table].name.within(pipeline), content(plan, table, states));
    let earlier = plan.history.earlier(pipeline, &name, now.as_deref());
    let earlier = &earlier[earlier.len().saturating_sub(SHOWN - 1)..];
    if earlier.is_empty() {
        return Vec::new();
    }
    earlier.iter().filter_map(|it| Some(it.tables.get(&name)?.rows)).chain([settled.rows]).collect()
}

/// What the number of a gate was in the last published build in which its table held something else: what pages hold it
/// against, so that they stay as they are when this build is written down.
pub(super) fn before(plan: &Plan, pipeline: &str, gate: &PlannedGate, states: &TableMap<State>) -> Option<f64> {
    let check = &plan.expectations[gate.number()?];
    let (name, now) = (plan.tables[check.about].name.within(pipeline), content(plan, check.about, states));
    let last = *plan.history.earlier(pipeline, &name, now.as_deref()).last()?;
    match number_of(plan, pipeline, gate)? {
        None => last.tables.get(&name).map(|it| it.rows as f64),
        Some(number) => last.numbers.get(&number).copied(),
    }
}

/// How the history of a pipeline names the number of a gate that may not change too far; rows stand beside their table.
fn number_of(plan: &Plan, pipeline: &str, gate: &PlannedGate) -> Option<Option<String>> {
    gate.declared.metric.as_ref().filter(|it| it.max_drop.is_some() || it.max_rise.is_some())?;
    let check = &plan.expectations[gate.number()?];
    let table = plan.tables[check.about].name.within(pipeline);
    let of = check.declared.kind.name;
    Some(check.declared.columns.first().map(|column| format!("{of} of {table}.{column}")))
}

/// Builds that a trend shows at most, this one too.
const SHOWN: usize = 30;

/// What a whole build that publishes adds to a history: a line for each pipeline that keeps one and whose tables do not
/// hold what its last line says.
pub(super) fn added(
    plan: &Plan,
    states: &TableMap<State>,
    counts: &BTreeMap<CheckId, Counts>,
    written: &History,
) -> Vec<Entry> {
    let keeping = plan.pipelines.keys().filter(|it| plan.keeps_history(it));
    let entries = keeping.filter_map(|it| entry(plan, it, states, counts));
    entries.filter(|it| written.last(&it.pipeline).is_none_or(|last| last.tables != it.tables)).collect()
}

/// What is published of a pipeline now; `None` while some of it is not made.
fn entry(plan: &Plan, pipeline: &str, states: &TableMap<State>, counts: &BTreeMap<CheckId, Counts>) -> Option<Entry> {
    let own = |it: &TableId| matches!(plan.tables[*it].role, Role::Source | Role::Step);
    let exported = plan.exports.iter().filter(|it| it.name.pipeline == pipeline).map(|it| it.table);
    let learning = || {
        let checks = plan.expectations.entries();
        checks.filter(|(_, it)| it.pipeline == pipeline && it.declared.learnt().is_some())
    };
    let gates = || plan.gates_of(pipeline).filter_map(|it| Some((it.number()?, number_of(plan, pipeline, it)?)));
    let held = gates().map(|(at, _)| plan.expectations[at].about);
    let tables: BTreeSet<TableId> =
        exported.filter(own).chain(learning().map(|(_, it)| it.about)).chain(held).collect();
    let counted = |table: TableId| {
        let State::Materialized(settled) = &states[table] else { return None };
        let rejected = plan.rejects_of(table).and_then(|it| match &states[it] {
            State::Materialized(it) => Some(it.rows),
            _ => None,
        });
        let content = content(plan, table, states)?;
        Some((plan.tables[table].name.within(pipeline), Counted { rows: settled.rows, rejected, content }))
    };
    let tables: BTreeMap<String, Counted> = tables.into_iter().map(counted).collect::<Option<_>>()?;
    let number = |(at, it): (CheckId, &PlannedExpectation)| {
        if is_of_table(it) {
            return None;
        }
        Some((it.declared.number()?, finite(counts.get(&at)?.observed.as_deref()?)?))
    };
    let of_gate = |(at, name): (CheckId, Option<String>)| Some((name?, finite(counts.get(&at)?.observed.as_deref()?)?));
    Some(Entry::new(pipeline, tables, learning().filter_map(number).chain(gates().filter_map(of_gate)).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_people_read_them() {
        let told = [0.0, -0.0, 20.0, 0.95, 1.0 / 3.0, -2.5, 1e300, 1e-9].map(short);
        assert_eq!(told, ["0", "0", "20", "0.95", "0.3333", "-2.5", "1e300", "1e-9"]);
        assert_eq!([percent(0.02), percent(0.005), percent(1.0)], ["2 %", "0.5 %", "100 %"]);
    }

    #[test]
    fn a_change_is_told_beside_what_was_before() {
        assert_eq!(compared(18.0, 16.0), "16, 18 before, 11.1 % less");
        assert_eq!([compared(0.0, 3.0), compared(3.0, 3.0)], ["3, 0 before", "3, as before"]);
        assert!(changed_within(20.0, 18.0, 0.1, true) && !changed_within(20.0, 17.0, 0.1, true));
        assert!(changed_within(20.0, 40.0, 0.1, true) && !changed_within(0.0, 1.0, 9.0, false));
    }
}
