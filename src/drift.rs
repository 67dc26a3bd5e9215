//! Drift: how a delivery differs from the one before it, column by column, told by names, types and counts.
//!
//! Pure, and without values: what is compared is the form of a source, as `hotpass.lock` records it. Where the two
//! come from and what a change means for a pipeline stands in `query` and `run`.

use std::collections::{BTreeMap, BTreeSet};

use crate::lock::{ColumnForm, Form};
use crate::pipeline::{Drift, Level};
use crate::problem::{Code, Problem, Severity};
use crate::readers::Evidence;
use crate::readers::problems::plural;
use crate::text::shape::Shape;
use crate::text::slug::slug;
use crate::text::words::Words;

/// A column that was not there.
pub const ADDED: Code = Code::warning("hotpass::drift::added");
/// A column that is gone.
pub const LOST: Code = Code::warning("hotpass::drift::lost");
/// A column under another name.
pub const RENAMED: Code = Code::warning("hotpass::drift::renamed");
/// Values of another type or look.
pub const RETYPED: Code = Code::warning("hotpass::drift::retyped");
/// More rows without a value.
pub const EMPTIED: Code = Code::warning("hotpass::drift::emptied");
/// Many more or fewer rows.
pub const ROWS: Code = Code::warning("hotpass::drift::rows");

/// All codes of this module.
pub const CODES: &[&Code] = &[&ADDED, &LOST, &RENAMED, &RETYPED, &EMPTIED, &ROWS];

/// Fewer values or rows than this prove nothing.
const LEAST: u64 = 10;
/// Two names that differ in case, spaces and punctuation only.
const SPELLING: f64 = 0.99;
/// What it counts that values look the same: such that cannot be mistaken for others, and all else.
const TELLING: f64 = 0.75;
const PLAIN: f64 = 0.45;
/// From this share on a shape or a list rules a column.
const RULES: f64 = 0.6;
/// What it counts that a column stands where the other one stood.
const PLACE: f64 = 0.35;
/// Values that are less alike than this are others, and what is left of a likeness then.
const OTHERS: f64 = 0.5;
const AGAINST: f64 = 0.4;
/// So many more values would have to be seen to be sure.
const DOUBT: f64 = 2.0;
/// A candidate below this is not worth telling.
const WORTH: f64 = 0.3;

/// One way in which a delivery differs.
#[derive(Clone, PartialEq, Debug)]
pub enum Change {
    /// A column that was not there, with the share of rows that have a value.
    Added(String, Option<f64>),
    /// A column that is gone, and the new one that might be it.
    Lost(String, Option<(String, f64)>),
    /// A column under another name.
    Renamed(Rename),
    /// Values of another type or look: the column, what it held and what it holds.
    Retyped(String, String, String),
    /// More rows without a value: the shares of those with one.
    Emptied(String, f64, f64),
    /// Many more or fewer rows.
    Rows(u64, u64),
}

/// A column under another name.
#[derive(Clone, PartialEq, Debug)]
pub struct Rename {
    /// As it was.
    pub from: String,
    /// As it is.
    pub to: String,
    /// How sure that is, from 0 to 1.
    pub score: f64,
    /// In words, without values.
    pub why: String,
}

impl Change {
    fn code(&self) -> &'static Code {
        match self {
            Change::Added(..) => &ADDED,
            Change::Lost(..) => &LOST,
            Change::Renamed(_) => &RENAMED,
            Change::Retyped(..) => &RETYPED,
            Change::Emptied(..) => &EMPTIED,
            Change::Rows(..) => &ROWS,
        }
    }

    /// What is declared for it.
    pub fn level(&self, limits: &Drift) -> Level {
        match self {
            Change::Added(..) => limits.added,
            Change::Lost(..) => limits.lost,
            Change::Renamed(_) => limits.renamed,
            Change::Retyped(..) => limits.retyped,
            Change::Emptied(..) => limits.emptied,
            Change::Rows(..) => limits.rows,
        }
    }

    /// The problem that it is; its place and what to do about it are for others to say.
    pub fn problem(&self, source: &str, limits: &Drift) -> Problem {
        let name = |it: &str| it.escape_debug().to_string();
        let message = match self {
            Change::Added(column, filled) => {
                let filled = filled.map(|it| format!(", with a value in {} of the rows", percent(it)));
                format!("`{source}` has a new column `{}`{}", name(column), filled.unwrap_or_default())
            }
            Change::Lost(column, _) => format!("`{source}` has lost its column `{}`", name(column)),
            Change::Renamed(it) => {
                let (from, to) = (name(&it.from), name(&it.to));
                format!(
                    "column `{from}` of `{source}` seems to be called `{to}` now (certainty {:.2}: {})",
                    it.score, it.why
                )
            }
            Change::Retyped(column, was, is) => {
                format!("column `{}` of `{source}` held {was} and holds {is} now", name(column))
            }
            Change::Emptied(column, was, is) => {
                let (was, is) = (percent(*was), percent(*is));
                format!(
                    "column `{}` of `{source}` had a value in {was} of the rows and has one in {is} now",
                    name(column)
                )
            }
            Change::Rows(was, is) => format!("`{source}` has {}, and {was} came before", plural(*is, "row")),
        };
        let mut problem = Problem::new(self.code(), message);
        if self.level(limits) == Level::Fail {
            problem.severity = Severity::Error;
        }
        problem
    }
}

/// What to do about a delivery that is right although it is another one.
pub fn take(source: &str) -> String {
    format!("if this change is right, accept the delivery: `hotpass adopt {source} --write`")
}

/// How a delivery with these columns differs from what was; of what is ignored, nothing.
pub fn columns(was: &Form, now: &[ColumnForm], limits: &Drift) -> Vec<Change> {
    let find = |all: &[ColumnForm], name: &str| all.iter().position(|it| it.name == name);
    let lost: Vec<usize> = (0..was.columns.len()).filter(|it| find(now, &was.columns[*it].name).is_none()).collect();
    let added: Vec<usize> = (0..now.len()).filter(|it| find(&was.columns, &now[*it].name).is_none()).collect();
    let pairs = pairs(&was.columns, now, &lost, &added);
    let mut renamed: BTreeMap<usize, &Pair> = BTreeMap::new();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for pair in pairs.iter().filter(|it| it.score * 1000.0 >= f64::from(limits.threshold) - 1e-6) {
        if !renamed.contains_key(&pair.was) && taken.insert(pair.now) {
            renamed.insert(pair.was, pair);
        }
    }
    let mut acc = Vec::new();
    for (at, column) in was.columns.iter().enumerate() {
        if let Some(now) = find(now, &column.name).map(|it| &now[it]) {
            acc.extend(retyped(column, now, limits));
            acc.extend(emptied(column, now, limits));
        } else if let Some(pair) = renamed.get(&at) {
            let (from, to) = (column.name.clone(), now[pair.now].name.clone());
            acc.push(Change::Renamed(Rename { from, to, score: pair.score, why: pair.why.clone() }));
        } else {
            let near = pairs.iter().find(|it| it.was == at && !taken.contains(&it.now));
            acc.push(Change::Lost(column.name.clone(), near.map(|it| (now[it.now].name.clone(), it.score))));
        }
    }
    let new = added.iter().filter(|it| !taken.contains(it)).map(|it| &now[*it]);
    acc.extend(new.map(|it| Change::Added(it.name.clone(), it.like.as_ref().map(Evidence::filled))));
    acc.retain(|it| it.level(limits) != Level::Ignore);
    acc
}

/// Whether so many rows are told of.
pub fn rows(was: u64, is: u64, limits: &Drift) -> Option<Change> {
    let (before, now, factor) = (u128::from(was), u128::from(is), u128::from(limits.factor));
    let jumped = now * 1000 > before * factor || now * factor < before * 1000;
    // A source that was empty says nothing of what is usual; one that becomes empty always does.
    let told = was > 0 && (is == 0 || (jumped && was.abs_diff(is) >= LEAST));
    (told && limits.rows != Level::Ignore).then_some(Change::Rows(was, is))
}

/// A lost column and a new one that may be it.
struct Pair {
    was: usize,
    now: usize,
    score: f64,
    why: String,
}

/// All that are worth a word, best first; of equals those that stand first.
fn pairs(was: &[ColumnForm], now: &[ColumnForm], lost: &[usize], added: &[usize]) -> Vec<Pair> {
    let words = Words::new(was.iter().chain(now).map(|it| [it.name.as_str()]));
    let mut acc = Vec::new();
    for at in lost {
        for other in added {
            let same_place = neighbours(was, *at) == neighbours(now, *other) || (at == other && was.len() == now.len());
            let (score, why) = alike(&was[*at], &now[*other], same_place, &words);
            acc.push(Pair { was: *at, now: *other, score, why });
        }
    }
    acc.retain(|it| it.score >= WORTH);
    acc.sort_by(|a, b| b.score.total_cmp(&a.score).then((a.was, a.now).cmp(&(b.was, b.now))));
    acc
}

/// The names beside a column.
fn neighbours(columns: &[ColumnForm], at: usize) -> [Option<&str>; 2] {
    let name = |at: Option<usize>| at.and_then(|it| columns.get(it)).map(|it| it.name.as_str());
    [name(at.checked_sub(1)), name(Some(at + 1))]
}

/// How sure it is that two columns are one, and why.
fn alike(was: &ColumnForm, now: &ColumnForm, same_place: bool, words: &Words) -> (f64, String) {
    let spelling = slug(&was.name).is_some() && slug(&was.name) == slug(&now.name);
    let named = if spelling { SPELLING } else { words.alike(&was.name, &now.name) };
    let mut why = Vec::new();
    match () {
        () if spelling => why.push("the same name in another spelling"),
        () if named > 0.0 => why.push("similar names"),
        () => (),
    }
    let mut score = named;
    if let (Some(before), Some(after)) = (&was.like, &now.like)
        && before.valued > 0
        && after.valued > 0
    {
        let same = same_look(before, after);
        if same < OTHERS || was.ty != now.ty {
            why.push("but different values");
            return (round(named * AGAINST), why.join(", "));
        }
        let seen = before.valued.min(after.valued) as f64;
        let strength = if is_telling(before) { TELLING } else { PLAIN };
        why.push("similar values");
        score += (1.0 - score) * strength * same * seen / (seen + DOUBT);
    }
    if same_place {
        why.push("same position");
        score += (1.0 - score) * PLACE;
    }
    (round(score.min(SPELLING)), why.join(", "))
}

fn round(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

/// From 0 to 1: how alike the values of two columns look, in what differs most.
fn same_look(was: &Evidence, now: &Evidence) -> f64 {
    let apart = |a: u64, b: u64| (was.share(a) - now.share(b)).abs();
    let lists = was.lists.keys().chain(now.lists.keys()).map(|it| apart(was.listed(it), now.listed(it)));
    let different = apart(was.distinct, now.distinct) / 2.0;
    let filled = (was.filled() - now.filled()).abs() / 2.0;
    let most = lists.chain([shifted(was, now, |it| it), different, filled]).fold(0.0, f64::max);
    1.0 - most
}

/// The share of values whose shape is another one; `of` may take several shapes for one.
fn shifted(was: &Evidence, now: &Evidence, of: impl Fn(Shape) -> Shape) -> f64 {
    let mut shares: BTreeMap<Shape, f64> = BTreeMap::new();
    for (shape, count) in &was.shapes {
        *shares.entry(of(*shape)).or_default() += was.share(*count);
    }
    for (shape, count) in &now.shapes {
        *shares.entry(of(*shape)).or_default() -= now.share(*count);
    }
    shares.values().map(|it| it.abs()).sum::<f64>() / 2.0
}

/// Whether values are such that cannot be mistaken for others.
fn is_telling(it: &Evidence) -> bool {
    let shapes = [Shape::Email, Shape::Website, Shape::Phone, Shape::Date].map(|shape| it.of(shape));
    shapes.into_iter().chain(it.lists.values().copied()).any(|count| it.share(count) >= RULES)
}

/// One word or several, letters or marks: text is text.
fn text_is_text(shape: Shape) -> Shape {
    match shape {
        Shape::Street | Shape::Word | Shape::Words | Shape::Other => Shape::Words,
        other => other,
    }
}

fn retyped(was: &ColumnForm, now: &ColumnForm, limits: &Drift) -> Option<Change> {
    if was.ty != now.ty {
        return Some(Change::Retyped(was.name.clone(), format!("`{}`", was.ty), format!("`{}`", now.ty)));
    }
    let (before, after) = (was.like.as_ref()?, now.like.as_ref()?);
    let few = before.valued.min(after.valued) < LEAST;
    if few || shifted(before, after, text_is_text) * 1000.0 < f64::from(limits.shapes) {
        return None;
    }
    Some(Change::Retyped(was.name.clone(), held(before), held(after)))
}

/// What most of the values are.
fn held(it: &Evidence) -> String {
    let mut counts: BTreeMap<Shape, u64> = BTreeMap::new();
    it.shapes.iter().for_each(|(shape, count)| *counts.entry(text_is_text(*shape)).or_default() += count);
    match counts.into_iter().rev().max_by_key(|(_, count)| *count) {
        Some((shape, count)) => format!("{} ({} of its values)", shape.plural(), percent(it.share(count))),
        None => "nothing".to_owned(),
    }
}

fn emptied(was: &ColumnForm, now: &ColumnForm, limits: &Drift) -> Option<Change> {
    let (before, after) = (was.like.as_ref()?, now.like.as_ref()?);
    let gone = before.filled() - after.filled();
    let few = before.rows.min(after.rows) < LEAST;
    let told = !few && gone > 0.0 && gone * 1000.0 >= f64::from(limits.gaps);
    told.then(|| Change::Emptied(was.name.clone(), before.filled(), after.filled()))
}

/// Rounded down, so that only all are `100 %`.
fn percent(share: f64) -> String {
    format!("{} %", (share * 100.0 + 1e-9).floor())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A column of 40 rows with values of these shapes, all different.
    fn look(name: &str, shapes: &[(Shape, u64)]) -> ColumnForm {
        let valued = shapes.iter().map(|(_, count)| count).sum();
        let shapes = shapes.iter().copied().collect();
        let like = Evidence { rows: 40, valued, distinct: valued, shapes, ..Evidence::default() };
        ColumnForm { name: name.to_owned(), ty: "text".to_owned(), like: Some(like) }
    }

    fn names() -> ColumnForm {
        look("Company", &[(Shape::Words, 30), (Shape::Word, 10)])
    }

    fn emails(name: &str) -> ColumnForm {
        look(name, &[(Shape::Email, 38), (Shape::Words, 1)])
    }

    fn phones(name: &str) -> ColumnForm {
        look(name, &[(Shape::Phone, 36), (Shape::Words, 2)])
    }

    fn form(columns: &[ColumnForm]) -> Form {
        Form { rows: 40, columns: columns.to_vec() }
    }

    /// What is told, as words; `Drift` as it is if nobody says.
    fn check(was: &[ColumnForm], now: &[ColumnForm], expected: &[&str]) {
        let limits = Drift::default();
        let told = columns(&form(was), now, &limits);
        let told: Vec<_> = told.iter().map(|it| it.problem("people", &limits).message).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_as_it_was_is_not_told() {
        let columns = [names(), emails("E-mail"), phones("Phone")];
        check(&columns, &columns, &[]);
        let mut moved = columns.clone();
        moved.reverse();
        check(&columns, &moved, &[]);
        check(&columns, &[names(), look("E-mail", &[(Shape::Email, 30)]), phones("Phone")], &[]);
    }

    #[test]
    fn a_new_name_is_known_by_the_old_one_by_values_and_by_its_place() {
        check(
            &[names(), emails("E-mail"), phones("Phone")],
            &[names(), emails("E-mail Address"), phones("Phone")],
            &["column `E-mail` of `people` seems to be called `E-mail Address` now (certainty 0.96: similar names, \
               similar values, same position)"],
        );
        check(
            &[names(), emails("E-mail"), phones("Phone")],
            &[phones("Call"), names(), emails("Write")],
            &[
                "column `E-mail` of `people` seems to be called `Write` now (certainty 0.71: similar values)",
                "column `Phone` of `people` seems to be called `Call` now (certainty 0.71: similar values)",
            ],
        );
        let other = ColumnForm { name: "Organisation".to_owned(), ..names() };
        check(
            &[names(), emails("E-mail")],
            &[other, emails("E-mail")],
            &["column `Company` of `people` seems to be called `Organisation` now (certainty 0.63: similar values, \
               same position)"],
        );
        check(
            &[names(), emails("E-mail")],
            &[names(), emails("e mail")],
            &[
                "column `E-mail` of `people` seems to be called `e mail` now (certainty 0.99: the same name in another spelling, \
               similar values, same position)",
            ],
        );
    }

    #[test]
    fn values_of_another_look_are_another_column() {
        check(
            &[names(), emails("Contact")],
            &[names(), phones("Contact 2")],
            &[
                "`people` has lost its column `Contact`",
                "`people` has a new column `Contact 2`, with a value in 95 % of the rows",
            ],
        );
    }

    #[test]
    fn two_new_names_go_to_the_columns_that_fit_best() {
        check(
            &[emails("Mail 1"), emails("Mail 2")],
            &[emails("Mail address 2"), emails("Mail address 1")],
            &[
                "column `Mail 1` of `people` seems to be called `Mail address 1` now (certainty 0.97: similar names, \
                 similar values)",
                "column `Mail 2` of `people` seems to be called `Mail address 2` now (certainty 0.97: similar names, \
                 similar values)",
            ],
        );
    }

    #[test]
    fn types_looks_and_gaps_are_told_with_shares() {
        check(
            &[emails("Reach"), phones("Phone")],
            &[phones("Reach"), look("Phone", &[(Shape::Phone, 5)])],
            &[
                "column `Reach` of `people` held e-mail addresses (97 % of its values) and holds telephone numbers \
                 (94 % of its values) now",
                "column `Phone` of `people` had a value in 95 % of the rows and has one in 12 % now",
            ],
        );
        let number = ColumnForm { ty: "integer".to_owned(), like: None, ..names() };
        check(&[names()], &[number], &["column `Company` of `people` held `text` and holds `integer` now"]);
        // One word or several, that is no news; neither is what a few values say.
        check(&[look("a", &[(Shape::Words, 40)])], &[look("a", &[(Shape::Word, 40)])], &[]);
        check(&[look("a", &[(Shape::Words, 9)])], &[look("a", &[(Shape::Date, 9)])], &[]);
    }

    #[test]
    fn what_is_ignored_is_not_told_and_what_fails_is_an_error() {
        let (was, now) = ([names(), emails("E-mail")], [names(), phones("Phone")]);
        let limits = Drift { added: Level::Ignore, lost: Level::Fail, ..Drift::default() };
        let told = columns(&form(&was), &now, &limits);
        let told: Vec<_> =
            told.iter().map(|it| it.problem("people", &limits)).map(|it| (it.code, it.severity)).collect();
        assert_eq!(told, [("hotpass::drift::lost".to_owned(), Severity::Error)]);
    }

    #[test]
    fn rows_jump_by_a_factor() {
        let check = |was: u64, is: u64, expected: bool| {
            assert_eq!(rows(was, is, &Drift::default()).is_some(), expected, "{was} {is}");
        };
        for (was, is) in [(100, 201), (100, 49), (1, 0), (5, 0), (10, 21)] {
            check(was, is, true);
        }
        for (was, is) in [(100, 200), (100, 50), (0, 1000), (2, 8), (8, 2), (0, 0), (u64::MAX, u64::MAX)] {
            check(was, is, false);
        }
    }

    fn any_look() -> impl Strategy<Value = ColumnForm> {
        let shapes = proptest::collection::btree_map(0..9_usize, 0..20_u64, 0..4);
        ("[a-e ]{1,6}", shapes).prop_map(|(name, shapes)| {
            let shapes: Vec<_> = shapes.into_iter().map(|(at, count)| (Shape::ALL[at], count)).collect();
            look(&name, &shapes)
        })
    }

    proptest! {
        #[test]
        fn every_column_is_accounted_for_once(
            was in proptest::collection::vec(any_look(), 0..6),
            now in proptest::collection::vec(any_look(), 0..6),
        ) {
            let once = |all: Vec<ColumnForm>| -> Vec<ColumnForm> {
                let mut seen = BTreeSet::new();
                all.into_iter().filter(|it| seen.insert(it.name.clone())).collect()
            };
            let (was, now) = (once(was), once(now));
            let told = columns(&form(&was), &now, &Drift::default());
            let (mut gone, mut new) = (Vec::new(), Vec::new());
            for change in &told {
                match change {
                    Change::Lost(column, _) => gone.push(column.clone()),
                    Change::Added(column, _) => new.push(column.clone()),
                    Change::Renamed(it) => {
                        prop_assert!((0.6..=1.0).contains(&it.score));
                        gone.push(it.from.clone());
                        new.push(it.to.clone());
                    }
                    _ => (),
                }
            }
            let only = |all: &[ColumnForm], others: &[ColumnForm]| -> Vec<String> {
                let kept = all.iter().filter(|it| others.iter().all(|other| other.name != it.name));
                let mut names: Vec<_> = kept.map(|it| it.name.clone()).collect();
                names.sort();
                names
            };
            gone.sort();
            new.sort();
            prop_assert_eq!(gone, only(&was, &now));
            prop_assert_eq!(new, only(&now, &was));
            prop_assert_eq!(columns(&form(&was), &was, &Drift::default()), []);
        }
    }
}
