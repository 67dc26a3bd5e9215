//! Checks of a build: what is known is taken from the journal, the rest is counted, one scan a table, and what failed is
//! told. Counts and shares, never values.

use std::collections::BTreeMap;

use crate::expectations::measure::Statistic;
use crate::expectations::{Expectation, FAILED, Measure, NOT_EVALUATED, OnFail, WAIVED, WARNED, verdict};
use crate::model::Class;
use crate::plan::{CheckId, Operation, Plan, PlannedExpectation, TableId, TableMap, TableSet};
use crate::problem::Problem;
use crate::readers::problems::plural;
use crate::run::keys::State;
use crate::run::{LazyEngine, RunError, RunOptions, counts as taking, learnt, notices, schedule};
use crate::store::journal::{Counts, Journal};
use crate::summary::CheckLine;

/// Lines of checks by index, and what each counted.
pub(super) type Checked = (Vec<(CheckId, CheckLine)>, BTreeMap<CheckId, Counts>);

/// Takes all checks on tables that stand, as far as they are not known, and what a build counts by itself.
pub(super) fn checks(
    plan: &Plan,
    wanted: &TableSet,
    outcome: &mut schedule::Outcome,
    journal: &Journal,
    options: &RunOptions<'_>,
    engine: &LazyEngine<'_>,
) -> Result<Checked, RunError> {
    let mut counts: BTreeMap<CheckId, Counts> = BTreeMap::new();
    let mut reused = Vec::new();
    let mut missing = Vec::new();
    for (index, check) in plan.expectations.entries() {
        if !matches!(outcome.states[check.count.table], State::Materialized(_)) {
            continue;
        }
        match counted(plan, check, &outcome.states, journal) {
            Some(known) => {
                counts.insert(index, known);
                reused.push(index);
            }
            // Known from numbers of rows alone, or not at all.
            None if matches!(check.count.measure, Measure::SetAside | Measure::SameRows | Measure::Violations) => {
                reused.push(index);
            }
            None => missing.push((Some(index), &check.count)),
        }
    }
    // What a build tells of by itself is counted in the same scans.
    let told = plan.notices.iter().filter(|it| wanted[it.step]).flat_map(|it| &it.counts);
    let told = told.filter(|it| notices::counted(it, &outcome.states, journal).is_none());
    missing.extend(told.map(|it| (None, it)));
    let taken = taking::take(plan, &missing, outcome, journal, options, engine)?;
    for (index, taken) in taken.counts {
        counts.insert(index, learnt::held(plan, &plan.expectations[index], &outcome.states, taken));
    }
    let mut lines = Vec::new();
    for (index, check) in plan.expectations.entries().filter(|(_, it)| wanted[it.about]) {
        let declared = &check.declared;
        let counted = counts.get(&index);
        let held = counted.and_then(|it| held(check, it));
        let mut line = CheckLine {
            pipeline: check.pipeline.clone(),
            id: declared.id.clone(),
            table: declared.table.clone(),
            held,
            stops: counted.is_none() || declared.blocks() && declared.waived().is_none(),
            reused: reused.contains(&index),
            problem: None,
            considered: counted.map_or(0, |it| it.considered),
            unexpected: counted.map_or(0, |it| it.unexpected),
        };
        // What a gate asks for by itself is told by the gate.
        let tells = !plan.is_of_a_gate(index) && held == Some(false)
            || (declared.on_fail == OnFail::Reject && line.unexpected > 0);
        line.problem = tells.then(|| broken(plan, index, &line, counted));
        if let Some(reason) = taken.stopped.get(&index) {
            line.problem = Some(not_evaluated(plan, index, reason));
        }
        if let Some(learnt) = counted.and_then(|it| it.learnt.as_ref()).filter(|it| it.waits) {
            line.problem = Some(learnt::waits(check, &learnt.words));
        }
        lines.push((index, line));
    }
    Ok((lines, counts))
}

/// What an expectation counts, as far as it is known without the engine.
pub(super) fn counted(
    plan: &Plan,
    check: &PlannedExpectation,
    states: &TableMap<State>,
    journal: &Journal,
) -> Option<Counts> {
    match check.count.measure {
        Measure::SetAside => set_aside(plan, check.about, states),
        Measure::SameRows => {
            let rows = |table: TableId| match &states[table] {
                State::Materialized(settled) => Some(settled.rows),
                _ => None,
            };
            let same = rows(check.about)? == rows(check.count.other.as_ref()?.table)?;
            Some(Counts { considered: 1, unexpected: u64::from(!same), ..Counts::default() })
        }
        Measure::Violations => match (&states[check.about], &states[check.count.table]) {
            (State::Materialized(all), State::Materialized(found)) => {
                Some(Counts { considered: all.rows.max(found.rows), unexpected: found.rows, ..Counts::default() })
            }
            _ => None,
        },
        Measure::Known { held } => Some(Counts { considered: 1, unexpected: u64::from(!held), ..Counts::default() }),
        _ => notices::counted(&check.count, states, journal).map(|it| learnt::held(plan, check, states, it)),
    }
}

/// Whether a check held; `None` where nothing can be said yet.
pub(super) fn held(check: &PlannedExpectation, counts: &Counts) -> Option<bool> {
    (!counts.waits()).then(|| check.declared.verdict(counts.considered, counts.unexpected).held)
}

/// What each expectation of a plan counts, as far as it is known without the engine, by its index.
pub fn counts(plan: &Plan, states: &TableMap<State>, journal: &Journal) -> BTreeMap<CheckId, Counts> {
    let checks = plan.expectations.entries();
    checks.filter_map(|(at, it)| Some((at, counted(plan, it, states, journal)?))).collect()
}

/// How many rows a step takes in that it could set aside, and how many it does.
fn set_aside(plan: &Plan, step: TableId, states: &TableMap<State>) -> Option<Counts> {
    let rows = |table: TableId| match &states[table] {
        State::Materialized(settled) => Some(settled.rows),
        _ => None,
    };
    let rejects = plan.rejects_of(step)?;
    let Operation::Relation(relation) = &plan.tables[rejects].make else { return None };
    let inputs = relation.rows_of();
    let considered = inputs.iter().map(|it| rows(plan.tables[rejects].inputs[*it])).sum::<Option<u64>>()?;
    Some(Counts { considered, unexpected: rows(rejects)?, ..Counts::default() })
}

/// What a check says of its table, as a failure tells it: with its counts where they are known.
pub fn message(plan: &Plan, index: CheckId, counts: Option<&Counts>) -> String {
    let check = &plan.expectations[index];
    let declared = &check.declared;
    let held = counts.map(|it| declared.verdict(it.considered, it.unexpected).held);
    let line = CheckLine {
        pipeline: check.pipeline.clone(),
        id: declared.id.clone(),
        table: declared.table.clone(),
        held,
        stops: declared.blocks(),
        reused: true,
        problem: None,
        considered: counts.map_or(0, |it| it.considered),
        unexpected: counts.map_or(0, |it| it.unexpected),
    };
    match counts {
        Some(counts) if counts.unexpected > 0 => broken(plan, index, &line, Some(counts)).message,
        Some(_) => format!("{} {}, and no row fails it", about(declared), declared.claim().should()),
        None => format!("{} {}", about(declared), declared.claim().should()),
    }
}

/// The name of a check without that of its table, which `hotpass show TABLE --failing` takes.
pub fn short(declared: &Expectation) -> &str {
    let rest = declared.id.strip_prefix(&declared.table).and_then(|it| it.strip_prefix('.'));
    rest.filter(|it| !it.is_empty()).unwrap_or(&declared.id)
}

/// What shows the rows that are not as expected.
pub(super) fn shown_by(check: &PlannedExpectation) -> String {
    let declared = &check.declared;
    let which = match declared.kind.name {
        _ if declared.on_fail == OnFail::Reject => " --rejected".to_owned(),
        "lost" => " --lost".to_owned(),
        _ if check.count.measure == Measure::SetAside => " --rejected".to_owned(),
        _ if check.count.measure.names_rows() => format!(" --failing {}", typed(short(declared))),
        _ => String::new(),
    };
    format!("hotpass show {}.{}{which}", check.pipeline, declared.table)
}

/// A word as it is typed into a shell.
fn typed(word: &str) -> String {
    match word.chars().all(|it| it.is_alphanumeric() || "._-".contains(it)) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// The table, or its columns, that something is expected of.
pub(super) fn about(declared: &Expectation) -> String {
    match declared.columns.as_slice() {
        [] => format!("`{}`", declared.table),
        columns => format!("`{}.{}`", declared.table, columns.join(", ")),
    }
}

/// The problem that a failed expectation is. Counts and shares, never values.
fn broken(plan: &Plan, index: CheckId, line: &CheckLine, counts: Option<&Counts>) -> Problem {
    let check = &plan.expectations[index];
    let declared = &check.declared;
    let what = about(declared);
    let share = verdict(line.considered, line.unexpected, declared.mostly()).share;
    let claim = declared.claim();
    let learnt = counts.and_then(|it| it.learnt.as_ref());
    let counted = match &check.count.measure {
        _ if let Some(it) = learnt => format!(" and does not: {}", it.words),
        Measure::Known { .. } | Measure::SameRows | Measure::Divergence { .. } => format!(" and {}", claim.fails()),
        Measure::Distinct { .. } if line.considered > 1 => {
            format!(": {} of {} missing or not listed", line.unexpected, plural(line.considered, "value"))
        }
        Measure::Count { .. } | Measure::Statistic { .. } | Measure::Distinct { .. } => {
            let observed = counts.and_then(|it| it.observed.as_deref());
            match (observed, tells(plan, check)) {
                (Some(number), true) => format!(" and does not: it is {number}"),
                (None, _) if matches!(check.count.measure, Measure::Statistic { .. }) => {
                    " and does not: there are no values".to_owned()
                }
                _ => " and does not".to_owned(),
            }
        }
        _ => {
            let rows = format!("{} of {}", line.unexpected, plural(line.considered, "row"));
            let wanted = match declared.mostly() {
                1.0 => String::new(),
                mostly => format!(" ({} pass, at least {} required)", percent(share), percent(mostly)),
            };
            format!(": {rows} {}{wanted}", if line.unexpected == 1 { "fails" } else { "fail" })
        }
    };
    let is_held = line.held != Some(false);
    let code = match declared.waived() {
        Some(_) if !is_held => &WAIVED,
        _ if line.stops && !is_held => &FAILED,
        _ => &WARNED,
    };
    let message = format!("{what} {}{counted}", claim.should());
    let table = format!("{}.{}", check.pipeline, declared.table);
    let learns = plan.learning.iter().any(|it| it.step == check.about);
    let mut help = match &check.count.measure {
        Measure::Statistic { of: Statistic::OfWhole, .. } if learns => {
            format!("see the least certain pairs with `hotpass link review {table}`")
        }
        _ => format!("see the rows with `{}`", shown_by(check)),
    };
    if code == &FAILED {
        help += "; a build that publishes this table or one downstream publishes nothing";
    }
    let mut problem = Problem::new(code, message).help(help);
    if let Some(meaning) = &declared.meaning {
        problem.message = format!("{}; {meaning}", problem.message);
    }
    if let Some(waiver) = declared.waiver.as_ref().filter(|it| !is_held || it.is_active()) {
        problem.message = format!("{}; {}", problem.message, waiver.words());
    }
    if declared.on_fail == OnFail::Reject {
        problem.message = format!("{}; they are set aside", problem.message);
    }
    problem
}

/// The problem that a check is which a value stopped.
pub fn not_evaluated(plan: &Plan, index: CheckId, reason: &str) -> Problem {
    let declared = &plan.expectations[index].declared;
    let what = format!("{} {}", about(declared), declared.claim().should());
    let message = format!("{what}, and that could not be evaluated: {reason}");
    let help = "correct the row, or exclude it with `where`; a check that could not be evaluated has not passed, whatever its \
                severity: a build that publishes this table or one downstream publishes nothing";
    Problem::new(&NOT_EVALUATED, message).help(help.to_owned())
}

/// Whether the number that a check is about may be told: counts may, values of cells never, and what is made of many
/// values only of columns that are not personal.
pub(super) fn tells(plan: &Plan, check: &PlannedExpectation) -> bool {
    let Measure::Statistic { column, of, .. } = &check.count.measure else { return false };
    let open = || plan.tables[check.about].schema.get(column).is_some_and(|it| it.class == Class::Open);
    of.is_a_count() || (!of.is_a_cell() && open())
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
