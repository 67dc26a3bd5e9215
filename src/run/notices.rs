//! What a build tells of columns by itself: how their values are written where nobody said so, and what of them is lost.
//!
//! It is counted like what is expected, and told by every build as long as it is so.

use std::collections::{BTreeMap, BTreeSet};

use crate::expectations::lost::USUAL;
use crate::expr::Expr;
use crate::lock::Lock;
use crate::plan::{Name, Plan, PlannedCount, PlannedNotice, TableId, TableMap, TableSet};
use crate::problem::{Code, Problem};
use crate::readers::problems::plural;
use crate::run::asides;
use crate::run::keys::{self, State};
use crate::steps::{CURRENCIES, Cut, DATE_ORDER, DECIMAL_SIGN, Notice, UNHEARD, unheard_help};
use crate::store::journal::{Counts, Journal};
use crate::text::priced::are_one;

/// So many more values must be lost before it is told.
const LEAST: u64 = 5;

/// A column of which many more values are lost than before.
pub const MORE_LOST: Code = Code::warning("hotpass::drift::losses");
/// A column of which more values are lost than is usual.
pub const LOST: Code = Code::warning("hotpass::step::lost");
/// A column whose numbers had more digits than it holds.
pub const ROUNDED: Code = Code::warning("hotpass::step::rounded");

/// A column whose days had a time beside them.
pub const TIMELESS: Code = Code::warning("hotpass::step::time-left-out");

/// Values that could not be read, by table and column.
type Lost = BTreeMap<String, BTreeMap<String, u64>>;

/// What a count is, as far as it is known without the engine.
pub(super) fn counted(count: &PlannedCount, states: &TableMap<State>, journal: &Journal) -> Option<Counts> {
    let key = keys::count_key(count, states)?;
    journal.known(|it| it.checks.get(&key).cloned())
}

/// What is to be told of wanted steps, with their indices, and how much is lost.
pub(super) fn told(
    plan: &Plan,
    wanted: &TableSet,
    states: &TableMap<State>,
    journal: &Journal,
) -> (Vec<(TableId, Problem)>, Lost) {
    let (mut problems, mut lost) = (Vec::new(), Lost::new());
    for it in plan.notices.iter().filter(|it| wanted[it.step]) {
        let counts: Option<Vec<Counts>> = it.counts.iter().map(|it| counted(it, states, journal)).collect();
        let Some(counts) = counts else { continue };
        let name = &plan.tables[it.step].name;
        match (&it.told, counts.as_slice()) {
            (Notice::Written { .. }, [only, either]) => {
                let fits = [only.considered - only.unexpected.min(only.considered), only.unexpected];
                problems.extend(written(&it.told, fits, either.considered).map(|problem| (it.step, problem)));
            }
            (Notice::ShortYears { column, source, .. }, [count]) => {
                problems.extend(short_years(column, source.as_deref(), count).map(|problem| (it.step, problem)));
            }
            (Notice::Currencies { column, pairs }, counts) => {
                let formats = asides::currencies_behind(plan, journal, &it.origins);
                problems.extend(currencies(name, column, pairs, counts, &formats).map(|problem| (it.step, problem)));
            }
            (Notice::Noted { code, message, help, .. }, [count]) if count.unexpected > 0 => {
                let problem = Problem::new(code, format!("`{}`: {message}", name.name)).help((*help).to_owned());
                problems.push((it.step, problem));
            }
            (Notice::Unheard { column, .. }, [count]) if count.unexpected > 0 => {
                let (of, shown) = (plural(count.unexpected, "value"), column.escape_debug());
                let message = format!(
                    "no field of `{}` takes `{shown}`, where {of} {} that somebody must not be contacted",
                    name.name,
                    if count.unexpected == 1 { "says" } else { "say" }
                );
                problems.push((it.step, Problem::new(&UNHEARD, message).help(unheard_help(column))));
            }
            (Notice::Lost { column, .. }, [count]) if count.unexpected > 0 => {
                lost.entry(name.to_string()).or_default().insert(column.clone(), count.unexpected);
                let share = count.unexpected as f64 / count.considered.max(1) as f64;
                if share > USUAL && !is_expected(plan, it.step, column) {
                    let of = format!("{} of {}", count.unexpected, plural(count.considered, "value"));
                    let shown = format!("`{}.{}`", name.name, column.escape_debug());
                    let (table, percent) = (&plan.tables[it.step], share * 100.0);
                    let message = match table.kind {
                        "lookup" => format!(
                            "for {of} of the key of `{}`, no row has a value for {shown} ({percent:.1} %)",
                            name.name
                        ),
                        _ => format!("{of} of {shown} could not be read ({percent:.1} %)"),
                    };
                    let help = lost_help(name, column, Some(share));
                    problems.push((it.step, Problem::new(&LOST, message).help(help)));
                }
            }
            (Notice::Widened { column, .. }, [count]) if count.unexpected > 0 => {
                problems.push((it.step, widened(name, column, count.unexpected)));
            }
            (Notice::Cut { column, lost: Cut::Digits, .. }, [count]) if count.unexpected > 0 => {
                problems.push((it.step, rounded(name, column, count.unexpected)));
            }
            (Notice::Cut { column, lost: Cut::Time(_), .. }, [count]) if count.unexpected > 0 => {
                problems.push((it.step, timeless(name, column, count.unexpected)));
            }
            _ => (),
        }
    }
    (problems, lost)
}

/// What to do about lost values: look at them, or write down that so many may be lost. `share` is how many are, from 0
/// to 1; it is written as the next whole number of percent.
fn lost_help(table: &Name, column: &str, share: Option<f64>) -> String {
    let at_most = share.map_or_else(
        || "SHARE }`, where SHARE is from 0 to 1".to_owned(),
        |it| format!("{} }}`", (it * 100.0).ceil().min(100.0) / 100.0),
    );
    format!(
        "`hotpass show {table} --lost` shows them; if it is all right that so many cannot be read, write below \
         `[[expect.{}]]`: `column = \"{}\"` and `lost = {{ at_most = {at_most}",
        table.name,
        column.escape_debug()
    )
}

/// Dates of which each can have the day or the year first: nothing but what is usual says which.
fn short_years(column: &str, source: Option<&str>, count: &Counts) -> Option<Problem> {
    if count.considered == 0 || count.unexpected < count.considered {
        return None;
    }
    let name = column.escape_debug();
    let whose = source.map_or_else(String::new, |it| format!(" from `{}`", it.escape_debug()));
    let message = format!(
        "{} of `{name}`{whose} can be read with the day first and with a year of two digits first, and no other value \
         shows which is right: read with the day first",
        plural(count.considered, "date")
    );
    let help = format!("set it in the step: `day_first = [\"{name}\"]` or `year_first = [\"{name}\"]`");
    Some(Problem::new(&DATE_ORDER, message).help(help))
}

/// Amounts in several currencies. A sign that several of them have is told from none of them alone.
fn currencies(
    table: &Name,
    column: &str,
    pairs: &[([&'static str; 2], Expr, Expr)],
    counts: &[Counts],
    formats: &[BTreeSet<String>],
) -> Option<Problem> {
    let both = |(([first, second], ..), it): (&([&'static str; 2], Expr, Expr), &Counts)| {
        let others = it.considered - it.unexpected.min(it.considered);
        [(*first, others), (*second, it.unexpected)]
    };
    let mut found: Vec<(&str, u64)> = pairs.iter().zip(counts).flat_map(both).filter(|(_, it)| *it > 0).collect();
    let mut named: BTreeSet<&str> = found.iter().map(|(it, _)| *it).collect();
    let is_of_texts = named.len() > 1;
    named.extend(formats.iter().flatten().map(String::as_str));
    // A source that has several by itself is told by itself.
    let is_told = !is_of_texts && formats.iter().any(|it| it.len() > 1 && found.is_empty());
    let all: Vec<&str> = named.iter().copied().collect();
    if all.len() < 2 || is_told || are_one(&all) {
        return None;
    }
    // How many cells have a format is not counted.
    found.extend(
        named
            .into_iter()
            .filter(|it| !found.iter().any(|(known, _)| known == it))
            .map(|it| (it, 0))
            .collect::<Vec<_>>(),
    );
    found.sort_by_key(|(name, count)| (*name == OTHERS, std::cmp::Reverse(*count), *name));
    let words = |(name, count): &(&str, u64)| match *name {
        OTHERS => format!("{count} in other currencies"),
        name if *count == 0 => format!("{name} in number formats"),
        name => format!("{count} {name}"),
    };
    let list: Vec<String> = found.iter().map(words).collect();
    let column = column.escape_debug();
    let message = format!(
        "the numbers of `{}.{column}` have several currencies beside them: {}; the step keeps only the numbers",
        table.name,
        list.join(", ")
    );
    let help = format!(
        "keep the currency in a column of its own, in a `derive` step before: `currency = \"currency_of({column})\"`, and \
         group sums by it"
    );
    Some(Problem::new(&CURRENCIES, message).help(help))
}

/// Stands for every currency that is not counted by itself.
const OTHERS: &str = "others";

/// Numbers that are not all there any more.
fn rounded(table: &Name, column: &str, count: u64) -> Problem {
    let (of, column) = (plural(count, "number"), column.escape_debug());
    let message = format!("{of} of `{}.{column}` lost digits: a float holds 15 of them, or a few more", table.name);
    let help = format!(
        "see them with `hotpass show {table} --lost`; a column of `decimal(2)` keeps all digits, two of them after the \
         point"
    );
    Problem::new(&ROUNDED, message).help(help)
}

/// Days that had a time beside them.
fn timeless(table: &Name, column: &str, count: u64) -> Problem {
    let (of, column) = (plural(count, "date"), column.escape_debug());
    let have = if count == 1 { "has" } else { "have" };
    let message = format!("{of} of `{}.{column}` {have} a time, which a date does not hold", table.name);
    let help = format!(
        "see them with `hotpass show {table} --lost`; `cast({column} as timestamp)` in a `derive` step keeps the time of \
         `2024-01-31 08:30`, and `cast(… as date)` of this time is its day, without this warning"
    );
    Problem::new(&TIMELESS, message).help(help)
}

/// Whole numbers and decimals that are not all there any more beside floats.
fn widened(table: &Name, column: &str, count: u64) -> Problem {
    let (of, column) = (plural(count, "number"), column.escape_debug());
    let message = format!(
        "{of} of `{column}` lost digits in `{}`, where floats stand beside them: a float holds 15 of them, or a few more",
        table.name
    );
    let help = "make decimals of the floats in a step before, `cast(… as decimal(2))`, or texts of both".to_owned();
    Problem::new(&ROUNDED, message).help(help)
}

/// How many values of a column were lost before, as far as the lock says it and the step is as it was: what somebody
/// edits is no drift.
fn lost_before(plan: &Plan, step: TableId, column: &str, recorded: &Lock) -> Option<u64> {
    let name = &plan.tables[step].name;
    let was = recorded.pipeline.get(&name.pipeline)?;
    let own = plan.table(&name.to_string())?;
    if *was.steps.get(&name.name)? != keys::locked_recipe(plan, &plan.tables[own]) {
        return None;
    }
    let of = |all: &BTreeMap<String, BTreeMap<String, u64>>| all.get(&name.name)?.get(column).copied();
    Some(of(&was.lost_before).or_else(|| of(&was.lost)).unwrap_or(0))
}

/// Whether something is expected of the losses of a column, which then says how many there may be.
fn is_expected(plan: &Plan, step: TableId, column: &str) -> bool {
    plan.expectations.iter().any(|check| {
        let about = plan.tables[check.about].name == plan.tables[step].name && check.declared.columns == [column];
        about && check.declared.kind.name == "lost"
    })
}

/// Columns of steps of which many more values are lost than before, with how many that were. It goes on being so until
/// fewer are lost, the step changes, or somebody expects it.
pub(super) fn more_lost(
    plan: &Plan,
    states: &TableMap<State>,
    journal: &Journal,
    recorded: &Lock,
) -> BTreeMap<(TableId, String), (u64, u64)> {
    let more = |((step, column), counts): ((TableId, String), Counts)| {
        let (was, now) = (lost_before(plan, step, &column, recorded)?, counts.unexpected);
        let told = now > was.saturating_mul(2) && now - was >= LEAST && !is_expected(plan, step, &column);
        told.then_some(((step, column), (was, now)))
    };
    losses_of_all(plan, states, journal).into_iter().filter_map(more).collect()
}

/// What is to be told of them, with the indices of the steps.
pub(super) fn told_of_more_lost(
    plan: &Plan,
    wanted: &TableSet,
    states: &TableMap<State>,
    journal: &Journal,
    recorded: &Lock,
) -> Vec<(TableId, Problem)> {
    let more = more_lost(plan, states, journal, recorded).into_iter().filter(|((step, _), _)| wanted[*step]);
    let told = more.map(|((step, column), (was, now))| {
        let name = &plan.tables[step].name;
        let (digits, times) = (column.strip_prefix(DIGITS), column.strip_prefix(TIMES));
        let of = format!("`{}.{}`", name.name, digits.or(times).unwrap_or(&column).escape_debug());
        let (what, verb) = match (digits, times) {
            (Some(_), _) => ("number", "lost digits"),
            (_, Some(_)) => ("date", "lost a time"),
            _ => ("value", "could not be read"),
        };
        let message = format!("{} of {of} {verb}, and {was} before", plural(now, what));
        let see = format!("see them with `hotpass show {name} --lost`");
        let help = match (digits, times) {
            (Some(_), _) => format!("{see}; a column of `decimal(2)` keeps all digits, two of them after the point"),
            (_, Some(column)) => format!("{see}; `cast({column} as timestamp)` keeps the time"),
            _ => lost_help(name, &column, None),
        };
        (step, Problem::new(&MORE_LOST, message).help(help))
    });
    told.collect()
}

/// How the values of a column are written, as all of them said when they were counted last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decided {
    /// The step, as an index into the plan.
    pub step: TableId,
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
pub fn decided(plan: &Plan, states: &TableMap<State>, journal: &Journal) -> Vec<Decided> {
    let mut acc = Vec::new();
    for it in &plan.notices {
        let Notice::Written { column, source, code, usual, .. } = &it.told else { continue };
        let Some(Some(counts)) = it.counts.first().map(|it| counted(it, states, journal)) else { continue };
        let fits = [counts.considered - counts.unexpected.min(counts.considered), counts.unexpected];
        let way = match (usual, fits) {
            (Some(usual), _) if fits[*usual] > 0 => *usual,
            (Some(usual), _) => 1 - usual,
            (None, [_, 0]) => 0,
            (None, [0, _]) => 1,
            (None, _) => continue,
        };
        if fits[way] > 0 {
            let key = keys_of(code)[way];
            let (column, source) = (column.clone(), source.clone());
            acc.push(Decided { step: it.step, column, source, key, only: fits[way] });
        }
    }
    acc
}

/// How many values of which column each step lost, by index into the plan, as far as it was counted.
pub fn losses(plan: &Plan, states: &TableMap<State>, journal: &Journal) -> BTreeMap<(TableId, String), Counts> {
    let lost = plan.notices.iter().filter_map(|it| match &it.told {
        Notice::Lost { column, .. } => found(it, column.clone(), states, journal),
        _ => None,
    });
    lost.collect()
}

/// The same, and how many numbers of a column lost digits, under a name of its own.
pub(super) fn losses_of_all(
    plan: &Plan,
    states: &TableMap<State>,
    journal: &Journal,
) -> BTreeMap<(TableId, String), Counts> {
    let all = plan.notices.iter().filter_map(|it| found(it, lost_name(&it.told)?, states, journal));
    all.collect()
}

fn found(
    it: &PlannedNotice,
    name: String,
    states: &TableMap<State>,
    journal: &Journal,
) -> Option<((TableId, String), Counts)> {
    let counts = counted(it.counts.first()?, states, journal).filter(|it| it.unexpected > 0)?;
    Some(((it.step, name), counts))
}

/// Stands before the name of a column whose numbers lost digits.
const DIGITS: &str = "digits of ";
/// Stands before the name of a column whose days lost a time.
const TIMES: &str = "times of ";

/// How the lock names what is lost.
pub(super) fn lost_name(told: &Notice) -> Option<String> {
    match told {
        Notice::Lost { column, .. } => Some(column.clone()),
        Notice::Cut { column, lost: Cut::Digits, .. } => Some(format!("{DIGITS}{column}")),
        Notice::Cut { column, lost: Cut::Time(_), .. } => Some(format!("{TIMES}{column}")),
        Notice::Written { .. }
        | Notice::ShortYears { .. }
        | Notice::Currencies { .. }
        | Notice::Noted { .. }
        | Notice::Unheard { .. }
        | Notice::Widened { .. } => None,
    }
}

/// The keys of a step that say how a column is written.
fn keys_of(code: &Code) -> [&'static str; 2] {
    if *code == DATE_ORDER { ["day_first", "month_first"] } else { ["point", "comma"] }
}

/// What is to be told of how a column is written: `fits` values are written in one way only, and `either` in both.
fn written(told: &Notice, fits: [u64; 2], either: u64) -> Option<Problem> {
    let Notice::Written { column, source, code, usual, is_said, .. } = told else { return None };
    let (noun, ways) = match code {
        it if **it == DATE_ORDER => ("date", ["the day first", "the month first"]),
        _ => ("number", ["a decimal point", "a decimal comma"]),
    };
    let keys = keys_of(code);
    let name = column.escape_debug().to_string();
    let whose = match source {
        Some(source) => format!("of `{name}` from `{}`", source.escape_debug()),
        None => format!("of `{name}`"),
    };
    let have = |count: u64| if count == 1 { "has" } else { "have" };
    let help = format!("set it in the step: `{} = [\"{name}\"]` or `{} = [\"{name}\"]`", keys[0], keys[1]);
    let Some(usual) = *usual else {
        let message = match (fits, either) {
            ([0, 0], 0) => return None,
            ([0, 0], open) => format!(
                "{} {whose} can be read with {} and with {}, and no other value shows which is right: hotpass drops each \
                 {noun} that differs between the two",
                plural(open, noun),
                ways[0],
                ways[1],
            ),
            ([0, _] | [_, 0], _) => return None,
            ([first, second], _) => format!(
                "{} {whose} {} {}, and {first} {} {}: no other value shows which is right, and hotpass drops \
                 each {noun} that differs between the two",
                plural(second, noun),
                have(second),
                ways[1],
                have(first),
                ways[0],
            ),
        };
        return Some(Problem::new(code, message).help(help));
    };
    let other = 1 - usual;
    let message = match (fits[usual], fits[other], either) {
        (_, 0, _) if fits[usual] > 0 => return None,
        (0, 0, 0) => return None,
        // Of numbers a country has one way; of dates there are two in many.
        (0, 0, _) if *is_said && **code == DECIMAL_SIGN => return None,
        (0, 0, open) => format!(
            "{} {whose} can be read with {} and with {}, and no other value shows which is right: read with {}",
            plural(open, noun),
            ways[0],
            ways[1],
            ways[usual],
        ),
        (0, _, _) if !is_said => return None,
        (0, found, _) => format!(
            "{} {whose} {} {} and none has {}: the column is read so, and not as `[normal]` says",
            plural(found, noun),
            have(found),
            ways[other],
            ways[usual],
        ),
        (own, found, _) => format!(
            "{} {whose} {} {}, and {own} {} {}: all are read with {}, and what does not fit is lost",
            plural(found, noun),
            have(found),
            ways[other],
            have(own),
            ways[usual],
            ways[usual],
        ),
    };
    Some(Problem::new(code, message).help(help))
}
