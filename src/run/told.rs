//! What a build tells of columns by itself: how their values are written where nobody said so, and what of them is lost.
//!
//! It is counted like what is expected, and told by every build as long as it is so.

use std::collections::BTreeMap;

use crate::border::problems::plural;
use crate::expectations::lost::USUAL;
use crate::plan::{Plan, PlannedCount};
use crate::problem::{Code, Problem};
use crate::run::keys::{self, State};
use crate::steps::{DATE_ORDER, Told};
use crate::store::journal::{Counts, Journal};

/// A column of which more values are lost than is usual.
pub const LOST: Code = Code::warning("hotpass::step::lost");

/// Values that could not be read, by table and column.
type Lost = BTreeMap<String, BTreeMap<String, u64>>;

/// What a count is, as far as it is known without the engine.
pub(super) fn counted(count: &PlannedCount, states: &[State], journal: &Journal) -> Option<Counts> {
    let key = keys::count_key(count, states)?;
    journal.known(|it| it.checks.get(&key).cloned())
}

/// What is to be told of wanted steps, with their indices, and how much is lost.
pub(super) fn told(plan: &Plan, wanted: &[bool], states: &[State], journal: &Journal) -> (Vec<(usize, Problem)>, Lost) {
    let (mut problems, mut lost) = (Vec::new(), Lost::new());
    for it in plan.told.iter().filter(|it| wanted[it.step]) {
        let counts: Option<Vec<Counts>> = it.counts.iter().map(|it| counted(it, states, journal)).collect();
        let Some(counts) = counts else { continue };
        let name = &plan.tables[it.step].name;
        match (&it.told, counts.as_slice()) {
            (Told::Written { .. }, [only, either]) => {
                let fits = [only.considered - only.unexpected.min(only.considered), only.unexpected];
                problems.extend(written(&it.told, fits, either.considered).map(|problem| (it.step, problem)));
            }
            (Told::Noted { code, message, help, .. }, [count]) if count.unexpected > 0 => {
                let problem = Problem::new(code, format!("`{}`: {message}", name.name)).help((*help).to_owned());
                problems.push((it.step, problem));
            }
            (Told::Lost { column, .. }, [count]) if count.unexpected > 0 => {
                lost.entry(name.to_string()).or_default().insert(column.clone(), count.unexpected);
                let is_expected = plan.expectations.iter().any(|check| {
                    let about = plan.tables[check.about].name == *name
                        && check.declared.columns == std::slice::from_ref(column);
                    about && check.declared.kind.name == "lost"
                });
                let share = count.unexpected as f64 / count.considered.max(1) as f64;
                if share > USUAL && !is_expected {
                    let of = format!("{} of {}", count.unexpected, plural(count.considered, "value"));
                    let column = format!("`{}.{}`", name.name, column.escape_debug());
                    let message = format!("{of} of {column} could not be read ({:.1} %)", share * 100.0);
                    let help = format!(
                        "see them with `hotpass show {name} --lost`; the expectation `lost` says how many may be lost"
                    );
                    problems.push((it.step, Problem::new(&LOST, message).help(help)));
                }
            }
            _ => (),
        }
    }
    (problems, lost)
}

/// How the values of a column are written, as all of them said when they were counted last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// The step, as an index into the plan.
    pub step: usize,
    /// The column.
    pub column: String,
    /// The source whose rows are meant, where several meet.
    pub source: Option<String>,
    /// The key of the step that would say so: `month_first`.
    pub key: &'static str,
    /// How many values can be read in this way only.
    pub only: u64,
}

/// What the values of columns decided of how they are written, as far as it was counted; where no value tells, nothing is
/// decided.
pub fn decided(plan: &Plan, states: &[State], journal: &Journal) -> Vec<Decided> {
    let mut acc = Vec::new();
    for it in &plan.told {
        let Told::Written { column, source, code, usual, .. } = &it.told else { continue };
        let Some(Some(counts)) = it.counts.first().map(|it| counted(it, states, journal)) else { continue };
        let fits = [counts.considered - counts.unexpected.min(counts.considered), counts.unexpected];
        let way = if fits[*usual] == 0 { 1 - usual } else { *usual };
        if fits[way] > 0 {
            let key = keys_of(code)[way];
            let (column, source) = (column.clone(), source.clone());
            acc.push(Decided { step: it.step, column, source, key, only: fits[way] });
        }
    }
    acc
}

/// How many values of which column each step lost, by index into the plan, as far as it was counted.
pub fn losses(plan: &Plan, states: &[State], journal: &Journal) -> BTreeMap<(usize, String), Counts> {
    let lost = plan.told.iter().filter_map(|it| {
        let Told::Lost { column, .. } = &it.told else { return None };
        let counts = counted(it.counts.first()?, states, journal).filter(|it| it.unexpected > 0)?;
        Some(((it.step, column.clone()), counts))
    });
    lost.collect()
}

/// The keys of a step that say how a column is written.
fn keys_of(code: &Code) -> [&'static str; 2] {
    if *code == DATE_ORDER { ["day_first", "month_first"] } else { ["point", "comma"] }
}

/// What is to be told of how a column is written: `fits` values are written in one way only, and `either` in both.
fn written(told: &Told, fits: [u64; 2], either: u64) -> Option<Problem> {
    let Told::Written { column, source, code, usual, is_said, .. } = told else { return None };
    let (noun, ways) = match code {
        it if **it == DATE_ORDER => ("date", ["the day first", "the month first"]),
        _ => ("number", ["a decimal point", "a decimal comma"]),
    };
    let keys = keys_of(code);
    let other = 1 - usual;
    let name = column.escape_debug().to_string();
    let whose = match source {
        Some(source) => format!("of `{name}` from `{}`", source.escape_debug()),
        None => format!("of `{name}`"),
    };
    let have = |count: u64| if count == 1 { "has" } else { "have" };
    let message = match (fits[*usual], fits[other], either) {
        (_, 0, _) if fits[*usual] > 0 => return None,
        (0, 0, 0) => return None,
        (0, 0, open) => format!(
            "{} {whose} can be read with {} and with {}, and no other value tells which: read with {}",
            plural(open, noun),
            ways[0],
            ways[1],
            ways[*usual],
        ),
        (0, _, _) if !is_said => return None,
        (0, found, _) => format!(
            "{} {whose} {} {} and none has {}: the column is read so, and not as `[normal]` says",
            plural(found, noun),
            have(found),
            ways[other],
            ways[*usual],
        ),
        (own, found, _) => format!(
            "{} {whose} {} {}, and {own} {} {}: all are read with {}, and what does not fit is lost",
            plural(found, noun),
            have(found),
            ways[other],
            have(own),
            ways[*usual],
            ways[*usual],
        ),
    };
    let help = format!("say it in the step: `{} = [\"{name}\"]` or `{} = [\"{name}\"]`", keys[0], keys[1]);
    Some(Problem::new(code, message).help(help))
}
