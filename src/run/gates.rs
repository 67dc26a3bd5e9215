//! Gates of a build: whether what they ask for holds, told from checks that are taken and from the lock of the last
//! published build. Nothing is counted here.

use std::collections::BTreeMap;

use crate::expectations::{Measure, verdict};
use crate::lock::Lock;
use crate::pipeline::quality::{Metric, SHUT, WAIVED, WARNED};
use crate::plan::{Asked, CheckId, Plan, PlannedGate};
use crate::problem::Problem;
use crate::readers::problems::plural;
use crate::run::checks::about;
use crate::run::learnt::{changed_within, percent};
use crate::run::verdict::{Verdict, Verdicts};
use crate::store::journal::Counts;
use crate::summary::{AskLine, GateLine};

/// What each check counted, by its index: none of what is not known.
type Known = BTreeMap<CheckId, Counts>;

/// What gates are told from.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// What each check counted, by its index.
    pub counts: &'a Known,
    /// Which artefacts come out the same when they are made again, by the index of their export.
    pub again: &'a Verdicts,
}

/// A line for each gate that is asked.
pub fn gates(plan: &Plan, asked: &dyn Fn(&PlannedGate) -> bool, facts: Facts<'_>, recorded: &Lock) -> Vec<GateLine> {
    plan.gates.iter().filter(|it| asked(it)).map(|it| gate(plan, it, facts, recorded)).collect()
}

/// Whether anything that waits for one of these may be published.
pub(super) fn open(lines: &[GateLine]) -> bool {
    !lines.iter().any(|it| it.stops)
}

/// The numbers that the next build is held against, by gate.
pub(super) fn numbers(plan: &Plan, pipeline: &str, counts: &Known, recorded: &Lock) -> BTreeMap<String, String> {
    let own = plan.gates.iter().filter(|it| it.pipeline == pipeline);
    let one = |it: &PlannedGate| {
        it.declared.metric.as_ref().filter(|it| it.max_drop.is_some() || it.max_rise.is_some())?;
        let id = &it.declared.id;
        let before = || recorded.pipeline.get(pipeline)?.gates.get(id).cloned();
        Some((id.clone(), number(it, counts).or_else(before)?))
    };
    own.filter_map(one).collect()
}

/// The number of a gate, as it was counted.
fn number(gate: &PlannedGate, counts: &Known) -> Option<String> {
    counts.get(&gate.number()?)?.observed.clone()
}

fn gate(plan: &Plan, gate: &PlannedGate, Facts { counts, again }: Facts<'_>, recorded: &Lock) -> GateLine {
    let was = recorded.pipeline.get(&gate.pipeline).and_then(|it| it.gates.get(&gate.declared.id));
    let asks: Vec<AskLine> =
        asks(plan, gate, counts, was.map(String::as_str), again).into_iter().map(|it| it.1).collect();
    let held = held(&asks);
    let (pipeline, id) = (gate.pipeline.clone(), gate.declared.id.clone());
    let stops = gate.declared.stops(held);
    let problem = (held != Some(true)).then(|| shut(gate, &asks, held));
    GateLine { pipeline, id, held, stops, asks, problem }
}

/// Whether all of this holds; nothing where some of it cannot be told and the rest holds.
pub(super) fn held<'a>(asks: impl IntoIterator<Item = &'a AskLine>) -> Option<bool> {
    let all: Vec<Option<bool>> = asks.into_iter().map(|it| it.held).collect();
    match all.contains(&Some(false)) {
        true => Some(false),
        false => (!all.contains(&None)).then_some(true),
    }
}

/// What each thing that a gate asks for came to, beside what is looked at. `was` is what its number is held against.
pub(super) fn asks<'a>(
    plan: &Plan,
    gate: &'a PlannedGate,
    counts: &Known,
    was: Option<&str>,
    again: &Verdicts,
) -> Vec<(&'a Asked, AskLine)> {
    let mut asks = Vec::new();
    for it in &gate.asks {
        let words = it.words.clone();
        match &it.asked {
            Asked::Checks(checks) => asks.push((&it.asked, of_checks(plan, checks, words, counts))),
            Asked::Own(check) => asks.push((&it.asked, of_own(plan, *check, words, counts))),
            Asked::Reproducible => asks.push((&it.asked, of_artefacts(gate, words, again))),
            Asked::File { there } => {
                let found = if *there { "it is there" } else { "it is not there" }.to_owned();
                asks.push((&it.asked, AskLine { words, held: Some(*there), found }));
            }
            Asked::Number(check) => {
                let Some(metric) = &gate.declared.metric else { continue };
                if metric.bounded {
                    asks.push((&it.asked, of_bounds(plan, *check, metric, counts)));
                }
                let is = number(gate, counts);
                let known = counts.contains_key(check);
                for (most, down) in [(metric.max_drop, true), (metric.max_rise, false)] {
                    if let Some(most) = most {
                        asks.push((&it.asked, of_change(metric, (most, down), was, is.as_deref(), known)));
                    }
                }
            }
        }
    }
    asks
}

fn of_checks(plan: &Plan, checks: &[CheckId], words: String, counts: &Known) -> AskLine {
    let (mut failed, mut open, mut waived, mut learning) = (Vec::new(), 0, Vec::new(), 0);
    for at in checks {
        let declared = &plan.expectations[*at].declared;
        match counts.get(at).map(|it| declared.verdict(it.considered, it.unexpected).held) {
            Some(_) if counts.get(at).is_some_and(Counts::waits) => learning += 1,
            Some(true) => (),
            Some(false) if let Some(waiver) = declared.waived() => {
                waived.push(format!("`{}` is {}", declared.id, waiver.words()));
            }
            Some(false) => failed.push(format!("`{}`", declared.id)),
            None => open += 1,
        }
    }
    let all = checks.len();
    let mut found = match (failed.as_slice(), open) {
        ([], 0) => format!("{} of {all} hold", all - learning),
        ([], _) => format!("{open} of {all} not taken"),
        _ => format!("{} of {all} do not hold: {}", failed.len(), listed(&failed)),
    };
    if !waived.is_empty() {
        found += &format!(", {} of them waived: {}", waived.len(), listed(&waived));
    }
    if learning > 0 {
        let have = if learning == 1 { "has" } else { "have" };
        found += &format!(", {learning} {have} no verdict yet: too few builds were published");
    }
    let held = match (failed.is_empty(), open) {
        (false, _) => Some(false),
        (true, 0) => Some(true),
        (true, _) => None,
    };
    AskLine { words, held, found }
}

/// What a check of the gate's own found: counts, never a value.
fn of_own(plan: &Plan, check: CheckId, words: String, counts: &Known) -> AskLine {
    let declared = &plan.expectations[check].declared;
    let Some(it) = counts.get(&check) else {
        return AskLine { words, held: None, found: "not taken".to_owned() };
    };
    let held = declared.verdict(it.considered, it.unexpected).held;
    let found = match (&plan.expectations[check].count.measure, held) {
        (Measure::Rows { .. }, true) => format!("all {} are traced", plural(it.considered, "value")),
        (Measure::Rows { .. }, false) => {
            format!("{} of {} come from a query and no cell", it.unexpected, plural(it.considered, "value"))
        }
        (_, true) => "it is as new".to_owned(),
        (_, false) => "it is older, or there is no value".to_owned(),
    };
    AskLine { words, held: Some(held), found }
}

/// Names that are told at most.
const MOST: usize = 5;

fn listed(names: &[String]) -> String {
    let shown = names[..names.len().min(MOST)].join(", ");
    match names.len().checked_sub(MOST) {
        Some(more) if more > 0 => format!("{shown} and {more} more"),
        _ => shown,
    }
}

/// Whether the artefacts that wait come out the same: those that the build was not asked for are not looked at.
fn of_artefacts(gate: &PlannedGate, words: String, again: &Verdicts) -> AskLine {
    let told: Vec<&Verdict> = gate.exports.iter().filter_map(|it| again.get(it)).collect();
    let (mut other, mut untold) = (Vec::new(), Vec::new());
    for it in &told {
        match it {
            Verdict::Same => (),
            Verdict::Other(words) => other.push(words.clone()),
            Verdict::Untold(words) => untold.push(words.clone()),
        }
    }
    let all = plural(told.len() as u64, "artefact");
    let (held, mut found) = match (other.as_slice(), untold.as_slice()) {
        ([], []) if told.is_empty() => (None, vec!["nothing was recomputed".to_owned()]),
        ([], []) => (Some(true), vec![format!("{all} came out the same")]),
        ([], _) => (None, untold),
        _ => (Some(false), other),
    };
    found.dedup();
    AskLine { words, held, found: listed(&found) }
}

fn of_bounds(plan: &Plan, check: CheckId, metric: &Metric, counts: &Known) -> AskLine {
    let declared = &plan.expectations[check].declared;
    let words = format!("{} {}", about(declared), declared.claim().should());
    let Some(it) = counts.get(&check) else {
        return AskLine { words, held: None, found: "it is not counted".to_owned() };
    };
    let found = it.observed.clone().unwrap_or_else(|| "there are no values".to_owned());
    AskLine { words, held: Some(verdict(it.considered, it.unexpected, metric.check.mostly()).held), found }
}

/// A number beside the one of the last published build.
fn of_change(metric: &Metric, (most, down): (f64, bool), was: Option<&str>, is: Option<&str>, known: bool) -> AskLine {
    let way = if down { "fall" } else { "rise" };
    let words = format!("{} should {way} by {} at most", metric.words, percent(most));
    let Some(is) = is else {
        // A column without values has no number, which is known; what is not counted is not.
        let (held, found) = match (known, was) {
            (true, None) => (Some(true), "there is no number, and none before"),
            (true, Some(_)) => (Some(false), "there is no number any more"),
            (false, _) => (None, "it is not counted"),
        };
        return AskLine { words, held, found: found.to_owned() };
    };
    let Some(was) = was else {
        let found = format!("{is}; nothing was published before to hold it against");
        return AskLine { words, held: Some(true), found };
    };
    let (Ok(now), Ok(before)) = (is.parse::<f64>(), was.parse::<f64>()) else {
        return AskLine { words, held: None, found: "what is recorded is not a number".to_owned() };
    };
    let held = changed_within(before, now, most, down);
    let told = match now.total_cmp(&before) {
        std::cmp::Ordering::Equal => "as before".to_owned(),
        _ if before == 0.0 => "0 before".to_owned(),
        order => {
            let word = if order.is_lt() { "less" } else { "more" };
            format!("{was} before, {} {word}", percent((now - before).abs() / before.abs()))
        }
    };
    AskLine { words, held: Some(held), found: format!("{is}, {told}") }
}

/// The problem that a shut gate is. Names and numbers, never values.
fn shut(gate: &PlannedGate, asks: &[AskLine], held: Option<bool>) -> Problem {
    let declared = &gate.declared;
    let code = match () {
        () if declared.stops(held) => &SHUT,
        () if held == Some(false) && declared.waived().is_some() => &WAIVED,
        () => &WARNED,
    };
    let told = asks.iter().filter(|it| it.held != Some(true)).map(|it| format!("{}: {}", it.words, it.found));
    let state = if held.is_none() { "has no verdict" } else { "is shut" };
    let mut message = format!("gate `{}` {state}: {}", declared.id, told.collect::<Vec<_>>().join("; "));
    if let Some(meaning) = &declared.meaning {
        message = format!("{message}; {meaning}");
    }
    if let Some(waiver) = &declared.waiver {
        message = format!("{message}; {}", waiver.words());
    }
    let mut help = format!("see what it asks for with `hotpass gate {}`", declared.id);
    if code == &SHUT {
        help += "; nothing that waits for it is published";
    }
    Problem::new(code, message).help(help)
}
