//! Checks as pages tell of them: what was expected, what was found, and how to mend it.

use std::path::Path;

use super::Known;
use crate::docs::facts::{CheckFacts, Verdict, WaiverFacts};
use crate::expectations::{Measure, Waiver, verdict};
use crate::numbers::{count, number, percent};
use crate::plan::{CheckId, PlannedExpectation, PlannedExport};
use crate::run::checks::{shown_by, tells};
use crate::run::keys::{State, slashed};
use crate::store::journal::Counts;

/// What a check is, and what it found; `pipeline` is the one whose pages these are.
pub(super) fn check(known: Known<'_>, pipeline: &str, at: CheckId) -> CheckFacts {
    let plan = known.plan;
    let check = &plan.expectations[at];
    let declared = &check.declared;
    let counts = known.counts.get(&at);
    let (considered, unexpected) = counts.map_or((0, 0), |it| (it.considered, it.unexpected));
    let mostly = declared.mostly();
    let found = declared.verdict(considered, unexpected);
    let verdict = match (counts, found.held) {
        (None, _) => Verdict::NotRun,
        (Some(it), _) if it.waits() => Verdict::NotRun,
        (_, true) => Verdict::Passed,
        (_, false) if declared.stops(Some(false)) => Verdict::Failed,
        (_, false) => Verdict::Warned,
    };
    let what = match declared.columns.as_slice() {
        [] => format!("`{}`", declared.table),
        columns => columns.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", "),
    };
    let claim = declared.claim();
    let share = match mostly {
        1.0 => String::new(),
        mostly => format!(" in at least {:.1} % of rows", mostly * 100.0),
    };
    let file = plan.pipelines.get(&check.pipeline).map(|it| slashed(it)).unwrap_or_default();
    let behind = |it: &&PlannedExport| it.gates.contains(&at) && it.page().is_none();
    CheckFacts {
        id: declared.id.clone(),
        table: plan.tables[check.about].name.within(pipeline),
        columns: declared.columns.clone(),
        kind: declared.kind.name.to_owned(),
        verdict,
        expected: format!("{what} {}{share}.", claim.should()),
        found: in_words(known, check, counts),
        considered,
        unexpected,
        mostly,
        meaning: declared.meaning.clone(),
        waiver: declared.waiver.as_ref().map(waiver),
        toml: declared.toml.clone(),
        holds_back: match declared.stops(Some(false)) {
            true => plan.exports.iter().filter(behind).map(|it| slashed(Path::new(&it.declared.path))).collect(),
            false => Vec::new(),
        },
        samples: Vec::new(),
        fix: match counts.is_some_and(Counts::waits) {
            true => vec!["Nothing is to be done: each build that publishes something new is learnt from.".to_owned()],
            false => fix(check, verdict, &file),
        },
        file,
    }
}

/// What a check found, in a sentence.
fn in_words(known: Known<'_>, check: &PlannedExpectation, counts: Option<&Counts>) -> String {
    let declared = &check.declared;
    let (considered, unexpected) = counts.map_or((0, 0), |it| (it.considered, it.unexpected));
    let mostly = declared.mostly();
    let found = declared.verdict(considered, unexpected);
    let counts_rows = matches!(check.count.measure, Measure::Count { .. });
    match (counts, counts_rows) {
        (None, _) => match &known.states[check.about] {
            State::Materialized(_) => "The check could not be evaluated, which is no pass.".to_owned(),
            _ => "The check could not be taken, because its table is not built.".to_owned(),
        },
        (Some(Counts { learnt: Some(it), .. }), _) => match it.waits {
            true => format!("There is no verdict yet: {}.", it.words),
            false => format!("It is {}.", it.words),
        },
        (_, true) => match (&known.states[check.count.table], &declared.only, found.held) {
            (State::Materialized(it), None, _) => {
                format!("There {} {}.", if it.rows == 1 { "is" } else { "are" }, count(it.rows, "row"))
            }
            (_, _, true) => "The number of rows is as expected.".to_owned(),
            (_, _, false) => "The number of rows is not as expected.".to_owned(),
        },
        (Some(it), false) if is_of_the_whole(&check.count.measure) => {
            match (&it.observed, tells(known.plan, check), found.held) {
                (Some(number), true, _) => format!("It is {number}."),
                (_, _, true) => "It is as expected.".to_owned(),
                (_, _, false) => "It is not as expected.".to_owned(),
            }
        }
        (_, false) if considered == 0 => "There was no row to look at.".to_owned(),
        (_, false) if unexpected == 0 => match considered {
            1 => "The one row is as expected.".to_owned(),
            n => format!("All {} are as expected.", count(n, "row")),
        },
        (_, false) => {
            let allowed = allowed(considered, mostly);
            let limit = match (mostly < 1.0, allowed) {
                (true, 0) => "; none is allowed".to_owned(),
                (true, most) => format!("; at most {} allowed", number(most)),
                (false, _) => String::new(),
            };
            let (rows, share) = (count(considered, "row"), percent(unexpected, considered));
            let are = if unexpected == 1 { "is" } else { "are" };
            format!("{} of {rows} ({share}) {are} not as expected{limit}.", number(unexpected))
        }
    }
}

pub(super) fn waiver(it: &Waiver) -> WaiverFacts {
    WaiverFacts {
        reason: it.reason.clone(),
        owner: it.owner.clone(),
        until: it.until.clone(),
        active: it.is_active(),
        words: it.words(),
    }
}

/// Whether something is measured of the table or a column as a whole, and rows are not counted one by one.
fn is_of_the_whole(measure: &Measure) -> bool {
    matches!(
        measure,
        Measure::Known { .. }
            | Measure::SameRows
            | Measure::Divergence { .. }
            | Measure::Statistic { .. }
            | Measure::Distinct { .. }
    )
}

/// How many of so many rows may be unexpected.
fn allowed(considered: u64, mostly: f64) -> u64 {
    let guess = ((1.0 - mostly) * considered as f64).floor() as u64;
    let holds = |it: u64| verdict(considered, it, mostly).held;
    // The share is compared as it is computed, so the bound is asked of the same function.
    let mut most = guess.min(considered);
    while most < considered && holds(most + 1) {
        most += 1;
    }
    while most > 0 && !holds(most) {
        most -= 1;
    }
    most
}

fn fix(check: &PlannedExpectation, verdict: Verdict, file: &str) -> Vec<String> {
    let declared = &check.declared;
    let table = format!("{}.{}", check.pipeline, declared.table);
    match verdict {
        Verdict::Passed => Vec::new(),
        Verdict::NotRun => {
            vec![format!("Build the table: `hotpass build {table}` shows what stopped it and at which row.")]
        }
        Verdict::Failed | Verdict::Warned => vec![
            format!(
                "Correct the wrong value in its source, or in the step of `{}` that makes the value.",
                declared.table
            ),
            format!("All rows: `{}`.", shown_by(check)),
            format!("If the rows are right, change the check in `{file}`: `mostly`, `where` or its bounds."),
        ],
    }
}
