//! What people decided about two rows: read from a table of decisions, found again among the rows, and checked.
//!
//! A decision names each of its two rows by key, by print, or by both. The print is made of what is compared in the row,
//! so a row that changed since is told, and a row whose key changed is found all the same. Of two decisions about the
//! same two rows the later counts. No decision is dropped in silence: what cannot be used is set aside with the reason,
//! and decisions that contradict each other stop the step.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use arrow_array::RecordBatch;
use serde::Serialize;

use crate::digest::Hasher;
use crate::expr::Expr;
use crate::fields::WRONG_VALUE;
use crate::fields::keys::{Key, Takes};
use crate::linkage::{self, Says, Table};
use crate::model::{Class, PLACE, ROW, Type, is_hidden};
use crate::problem::Problem;
use crate::relation::Relation;
use crate::relation::operator::{OperatorError, texts};
use crate::steps::columns::known;
use crate::steps::{CONTRADICTION, Finding, Holding, Input, Notice, STALE_DECISION, TYPE_MISMATCH};

pub(super) const DECISIONS: Key = Key::new(
    "decisions",
    Takes::Text,
    "a table of what people decided about two rows, with the columns `decide`, and `left` and `right`, `left_print` and \
     `right_print`, or all of them",
);

/// The columns of a table of decisions.
pub const DECIDE: &str = "decide";
/// The columns that name the two rows: their keys, and their prints.
pub const SIDES: [[&str; 2]; 2] = [["left", "left_print"], ["right", "right_print"]];
/// What a decision says, as it is written.
pub const WORDS: [&str; 4] = ["same", "different", "related", "unsure"];
/// The hidden column that says what was decided of a row.
pub(super) const DECIDED: &str = "_decided";
/// Why a decision is of no use.
pub(super) const PROBLEM: &str = "problem";
/// The number of the row of a decision, as text.
const LINE: &str = "_line";
/// The word for rows that changed since.
const CHANGED: &str = "changed";
/// Why a decision is of no use that holds a personal value.
const PERSONAL_KEY: &str = "keys of these rows are personal: name the rows by their prints alone";
/// Why a decision is of no use whose key several rows have.
const SEVERAL_ROWS: &str = "different rows have this key: name the row by its print too";
/// Rows that one side of a decision means at most.
const MOST_MEANT: usize = 1000;
/// Contradictions that are told with their places.
const TOLD: usize = 3;

/// How decisions are read.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub(super) struct Deciding {
    /// The columns of the table of decisions that are read, by name.
    columns: Vec<String>,
    /// Whether keys of rows are personal, and so stand in no decision.
    personal: bool,
}

/// The columns of pairs and of decisions that name rows by their keys: they are as personal as the column `of` of the
/// result, which has the same keys.
pub(super) fn holding(inputs: &[Input<'_>], of: &str) -> Vec<Holding> {
    let sides = inputs.iter().enumerate().skip(1).flat_map(|it| SIDES.map(|[name, _]| (it, name)));
    let there = sides.filter(|((_, it), name)| it.schema.has(name));
    there.map(|((input, _), name)| Holding { input, column: name.to_owned(), of: Some(of.to_owned()) }).collect()
}

impl Deciding {
    /// The decisions of the second input; what is wrong goes to `findings`.
    pub(super) fn of(inputs: &[Input<'_>], key: Option<&str>, findings: &mut Vec<Finding>) -> Option<Deciding> {
        let (rows, lines) = (&inputs[0], &inputs[1]);
        let before = findings.len();
        known(lines, DECIDE, "decisions", findings);
        let has = |at: usize| SIDES.iter().all(|it| lines.schema.has(it[at]));
        if !has(0) && !has(1) {
            let message = format!("`{}` does not say which rows its decisions are about", lines.name);
            let help = "it takes the columns `left` and `right` for their keys, or `left_print` and `right_print`";
            findings.push(Finding::new(&WRONG_VALUE, "decisions", message).label("this table").help(help.to_owned()));
        } else if key.is_none() && !has(1) {
            let message = format!("decisions of `{}` name rows by key, and the step has none", lines.name);
            let help = "name the column that identifies a row with `key`".to_owned();
            findings.push(Finding::new(&WRONG_VALUE, "decisions", message).label("this table").help(help));
        }
        let all = SIDES.iter().flatten().copied().chain([DECIDE]);
        let columns: BTreeSet<&str> = all.filter(|it| lines.schema.has(it)).collect();
        for name in &columns {
            if lines.schema.get(name).is_some_and(|it| it.ty != Type::Text) {
                let message = format!("`{name}` of `{}` is not a text", lines.name);
                let help = "read decisions from a file, without a step between".to_owned();
                findings.push(Finding::new(&TYPE_MISMATCH, "decisions", message).label("this table").help(help));
            }
        }
        let class = key.and_then(|it| rows.schema.get(it)).map(|it| it.class).unwrap_or_default();
        let mut columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
        let places = [(PLACE, PLACE), (ROW, LINE)].into_iter().filter(|(it, _)| lines.schema.has(it));
        columns.extend(places.map(|(_, it)| it.to_owned()));
        columns.sort();
        (findings.len() == before).then_some(Deciding { columns, personal: class != Class::Open })
    }

    /// The same where rows are known by their keys alone: prints say nothing.
    pub(super) fn by_key(inputs: &[Input<'_>], key: &str, findings: &mut Vec<Finding>) -> Option<Deciding> {
        let [_, lines] = inputs else { return None };
        if SIDES.iter().any(|it| !lines.schema.has(it[0])) {
            let message = format!("`{}` does not name the rows of its decisions by key", lines.name);
            let help = "it takes the columns `left`, `right` and `decide`; prints are made of compared values, and \
                        nothing is compared here";
            findings.push(Finding::new(&WRONG_VALUE, "decisions", message).label("this table").help(help.to_owned()));
            return None;
        }
        let mut deciding = Deciding::of(inputs, Some(key), findings)?;
        deciding.columns.retain(|it| SIDES.iter().all(|side| it != side[1]));
        Some(deciding)
    }

    /// The decisions as they are read, and all columns beside them.
    pub(super) fn lines(&self, input: usize, lines: &Input<'_>) -> Relation {
        let scan = Relation::scan(input, lines.schema);
        let all = lines.schema.names().map(|it| (it.to_owned(), Expr::column(it)));
        let line = self.columns.iter().filter(|it| *it == LINE);
        let line = line.map(|it| (it.clone(), Expr::Cast(Box::new(Expr::column(ROW)), Type::Text)));
        scan.project(all.chain(line).collect())
    }

    /// The columns that are read of [`lines`](Deciding::lines).
    pub(super) fn columns(&self) -> BTreeSet<&str> {
        self.columns.iter().map(String::as_str).collect()
    }

    /// The columns of a decision that are shown where it is set aside: a personal key is not.
    pub(super) fn shown(&self, lines: &Input<'_>) -> Vec<String> {
        let is_key = |it: &str| self.personal && SIDES.iter().any(|side| side[0] == it);
        let (hidden, visible): (Vec<&str>, Vec<&str>) =
            lines.schema.names().filter(|it| *it != PROBLEM && !is_key(it)).partition(|it| is_hidden(it));
        visible.into_iter().chain(hidden).map(str::to_owned).collect()
    }

    /// Finds the rows of decisions. `keys` is empty where rows have none.
    pub(super) fn find(
        &self,
        lines: &[RecordBatch],
        keys: &[Option<&str>],
        prints: &[Print],
    ) -> Result<Decided, OperatorError> {
        let count: usize = lines.iter().map(RecordBatch::num_rows).sum();
        let column = |name: &str| match self.columns.iter().any(|it| it == name) {
            true => texts(lines, name),
            false => Ok(vec![None; count]),
        };
        let (words, places, numbers) = (column(DECIDE)?, column(PLACE)?, column(LINE)?);
        let mut sides = Vec::new();
        for [key, print] in SIDES {
            sides.push(column(key)?.into_iter().zip(column(print)?).collect::<Vec<_>>());
        }
        let known = Rows::new(sides.iter().flatten().copied(), keys, prints, self.personal);
        let mut acc = Decided { unused: vec![None; count], ..Decided::default() };
        let mut last: BTreeMap<(u32, u32), (usize, bool)> = BTreeMap::new();
        for (at, word) in words.iter().enumerate() {
            let word = word.map(|it| it.trim().to_lowercase());
            let word = word.and_then(|word| WORDS.iter().position(|it| *it == word));
            let found = match word {
                None => Err("`decide` is none of same, different, related, unsure"),
                Some(_) => known.pairs(sides[0][at], sides[1][at]),
            };
            match (found, word) {
                (Ok((pairs, changed)), Some(word)) => {
                    for pair in pairs {
                        last.insert(pair, (at, changed));
                        acc.words.insert(pair, word);
                    }
                }
                (Err(why), _) => acc.unused[at] = Some(why),
                (Ok(_), None) => (),
            }
        }
        let place = |at: usize| {
            let number = numbers[at].map_or_else(|| (at + 1).to_string(), str::to_owned);
            (places[at].map(str::to_owned), number)
        };
        acc.contradiction = contradiction(&acc.words, &|pair| last[pair].0, &place);
        acc.changed = last.into_iter().filter(|it| it.1.1).map(|it| it.0).collect();
        Ok(acc)
    }
}

/// What a row is known by: made of all that is compared in it.
pub(super) type Print = [u8; 32];

/// The print of each row; of one that was there before what it was then.
pub(super) fn prints(table: &Table, known: impl Fn(u32) -> Option<Print>) -> Vec<Print> {
    let print = |row: usize| {
        if let Some(print) = known(row as u32) {
            return print;
        }
        let mut hasher = Hasher::new("hotpass record print v1");
        for column in &table.columns {
            match column.get(row) {
                Some(text) => hasher.text(text),
                // No text is that long.
                None => hasher.number(u64::MAX),
            };
        }
        *hasher.finish().as_bytes()
    };
    (0..table.rows as usize).map(print).collect()
}

/// A print as it stands in a decision.
pub(super) fn print_text(print: &Print) -> String {
    let mut hex = crate::digest::Digest::from(*print).hex();
    hex.truncate(32);
    hex
}

/// The rows that decisions may be about.
struct Rows {
    by_key: HashMap<String, Vec<u32>>,
    by_print: HashMap<String, Vec<u32>>,
    prints: HashMap<u32, String>,
    personal: bool,
    has_keys: bool,
}

/// Two rows, the lesser first.
type RowPair = (u32, u32);

/// How a decision names a row: its key and its print.
type Side<'a> = (Option<&'a str>, Option<&'a str>);

impl Rows {
    fn new<'a>(sides: impl Iterator<Item = Side<'a>>, keys: &[Option<&str>], prints: &[Print], personal: bool) -> Rows {
        let mut acc = Rows {
            by_key: HashMap::new(),
            by_print: HashMap::new(),
            prints: HashMap::new(),
            personal,
            has_keys: !keys.is_empty(),
        };
        for (key, print) in sides {
            if let Some(key) = given(key) {
                acc.by_key.entry(key.to_owned()).or_default();
            }
            if let Some(print) = given(print) {
                acc.by_print.entry(print.to_owned()).or_default();
            }
        }
        if acc.by_key.is_empty() && acc.by_print.is_empty() {
            return acc;
        }
        for (row, print) in (0_u32..).zip(prints) {
            // Blanks around a key are seen nowhere, so nobody writes them.
            let key = given(keys.get(row as usize).copied().flatten());
            let mut is_meant = false;
            if let Some(rows) = key.and_then(|it| acc.by_key.get_mut(it)) {
                rows.push(row);
                is_meant = true;
            }
            let print = print_text(print);
            if let Some(rows) = acc.by_print.get_mut(&print) {
                rows.push(row);
                is_meant = true;
            }
            if is_meant {
                acc.prints.insert(row, print);
            }
        }
        acc
    }

    /// The rows that one side of a decision means, and whether they changed since.
    fn rows(&self, (key, print): Side<'_>) -> Result<(Vec<u32>, bool), &'static str> {
        let (key, print) = (given(key), given(print));
        let with = |print: &str| self.by_print.get(print).cloned().unwrap_or_default();
        let Some(key) = key.filter(|_| self.has_keys) else {
            let print = print.ok_or("it does not say which two rows it is about")?;
            let found = with(print);
            return if found.is_empty() { Err("there is no such row, or it changed") } else { Ok((found, false)) };
        };
        if self.personal {
            return Err(PERSONAL_KEY);
        }
        let by_key = self.by_key.get(key).cloned().unwrap_or_default();
        // Rows that are equal in all that is compared are one; others only seem so by their key.
        let differ = by_key.windows(2).any(|it| self.prints.get(&it[0]) != self.prints.get(&it[1]));
        let Some(print) = print else {
            return match by_key.is_empty() {
                true => Err("there is no row with this key"),
                false if differ => Err(SEVERAL_ROWS),
                false => Ok((by_key, false)),
            };
        };
        let as_they_were: Vec<u32> =
            by_key.iter().copied().filter(|it| self.prints.get(it).is_some_and(|it| it == print)).collect();
        match (as_they_were.is_empty(), by_key.is_empty()) {
            (false, _) => Ok((as_they_were, false)),
            (true, false) if differ => Err(SEVERAL_ROWS),
            (true, false) => Ok((by_key, true)),
            // Who has another key now is known by the rest.
            (true, true) => match with(print) {
                found if found.is_empty() => Err("there is no row with this key or this print"),
                found => Ok((found, false)),
            },
        }
    }

    /// The pairs that a decision is about, the lesser row first, and whether one of their rows changed since.
    fn pairs(&self, left: Side<'_>, right: Side<'_>) -> Result<(Vec<RowPair>, bool), &'static str> {
        let ((left, left_changed), (right, right_changed)) = (self.rows(left)?, self.rows(right)?);
        if left.len().max(right.len()) > MOST_MEANT {
            return Err("it is about more than 1000 rows");
        }
        let mut pairs: Vec<RowPair> = left
            .iter()
            .flat_map(|one| right.iter().map(move |other| (*one.min(other), *one.max(other))))
            .filter(|(one, other)| one != other)
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        if pairs.is_empty() { Err("both are one and the same row") } else { Ok((pairs, left_changed || right_changed)) }
    }
}

fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|it| !it.is_empty())
}

/// What was decided, of rows by their numbers.
#[derive(Default)]
pub(super) struct Decided {
    /// What the last decision about a pair says, as a place in [`WORDS`].
    words: BTreeMap<(u32, u32), usize>,
    /// Pairs of which a row changed since.
    changed: BTreeSet<(u32, u32)>,
    /// Why they cannot all be followed.
    contradiction: Option<Problem>,
    /// For each decision why it is of no use.
    pub unused: Vec<Option<&'static str>>,
}

impl Decided {
    /// For linkage.
    ///
    /// # Errors
    /// When they cannot all be followed.
    pub(super) fn decisions(&self) -> Result<Vec<linkage::Decision>, OperatorError> {
        if let Some(problem) = &self.contradiction {
            return Err(OperatorError::Refused(Box::new(problem.clone())));
        }
        let says = |(pair, word): (&(u32, u32), &usize)| {
            Some(linkage::Decision { left: pair.0, right: pair.1, says: says(*word)? })
        };
        Ok(self.words.iter().filter_map(says).collect())
    }

    /// What was decided of a pair, and whether a row of it changed since.
    pub(super) fn of(&self, pair: (u32, u32)) -> Option<String> {
        let mut told = WORDS[*self.words.get(&pair)?].to_owned();
        if self.changed.contains(&pair) {
            told = format!("{told}; {CHANGED}");
        }
        Some(told)
    }

    /// What was decided of pairs with one of these rows, by pair.
    pub(super) fn about(&self, rows: &[u32]) -> Vec<((u32, u32), String)> {
        let about = self.words.keys().filter(|it| rows.contains(&it.0) || rows.contains(&it.1));
        about.filter_map(|pair| Some((*pair, self.of(*pair)?))).collect()
    }

    /// What was decided of each row, in the same words.
    pub(super) fn of_rows(&self, rows: usize) -> Vec<Option<String>> {
        let mut told: BTreeMap<u32, (BTreeSet<usize>, bool)> = BTreeMap::new();
        for (pair, word) in &self.words {
            for row in [pair.0, pair.1] {
                let it = told.entry(row).or_default();
                it.0.insert(*word);
                it.1 |= self.changed.contains(pair);
            }
        }
        let text = |(words, changed): &(BTreeSet<usize>, bool)| {
            let words = words.iter().map(|it| WORDS[*it]);
            words.chain(changed.then_some(CHANGED)).collect::<Vec<_>>().join("; ")
        };
        (0..rows as u32).map(|row| told.get(&row).map(text)).collect()
    }
}

/// What a word says to linkage; those who are related are two.
fn says(word: usize) -> Option<Says> {
    match WORDS[word] {
        "same" => Some(Says::Same),
        "unsure" => None,
        _ => Some(Says::Different),
    }
}

/// Says which decisions cannot all be followed: two rows that are decided to be two, and are one by others.
fn contradiction(
    words: &BTreeMap<(u32, u32), usize>,
    line: &dyn Fn(&(u32, u32)) -> usize,
    place: &dyn Fn(usize) -> (Option<String>, String),
) -> Option<Problem> {
    let of = |wanted: Says| words.iter().filter(move |it| says(*it.1) == Some(wanted)).map(|it| it.0);
    let mut near: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (left, right) in of(Says::Same) {
        near.entry(*left).or_default().push(*right);
        near.entry(*right).or_default().push(*left);
    }
    let mut found: BTreeSet<(usize, Vec<usize>)> = BTreeSet::new();
    for pair in of(Says::Different) {
        let mut before: BTreeMap<u32, u32> = BTreeMap::from([(pair.0, pair.0)]);
        let mut open = VecDeque::from([pair.0]);
        while let Some(row) = open.pop_front().filter(|_| !before.contains_key(&pair.1)) {
            for next in near.get(&row).into_iter().flatten() {
                if !before.contains_key(next) {
                    before.insert(*next, row);
                    open.push_back(*next);
                }
            }
        }
        let (mut row, mut lines) = (pair.1, BTreeSet::new());
        while let Some(above) = before.get(&row).filter(|it| **it != row) {
            lines.insert(line(&(row.min(*above), row.max(*above))));
            row = *above;
        }
        if !lines.is_empty() {
            found.insert((line(pair), lines.into_iter().collect()));
        }
    }
    if found.is_empty() {
        return None;
    }
    let told = found.iter().take(TOLD).map(|(apart, one)| {
        let one = places(one.iter().map(|it| place(*it)));
        format!("by {one} two rows match, and by {} they do not", places([place(*apart)].into_iter()))
    });
    let mut message = format!("decisions contradict each other: {}", told.collect::<Vec<_>>().join("; "));
    if found.len() > TOLD {
        message += &format!("; and {} more", found.len() - TOLD);
    }
    let help = "decide again about one of these pairs with a row at the end: of two decisions about one pair the later \
                counts";
    Some(Problem::new(&CONTRADICTION, message).help(help.to_owned()))
}

/// ``rows 2 and 4 of `decided.csv` ``.
fn places(all: impl Iterator<Item = (Option<String>, String)>) -> String {
    let mut by_file: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
    all.for_each(|(file, number)| by_file.entry(file).or_default().push(number));
    let told = by_file.into_iter().map(|(file, numbers)| {
        let rows = match numbers.as_slice() {
            [one] => format!("row {one}"),
            [others @ .., last] => format!("rows {} and {last}", others.join(", ")),
            [] => String::new(),
        };
        file.map_or_else(|| format!("{rows} of the decisions"), |file| format!("{rows} of `{}`", file.escape_debug()))
    });
    told.collect::<Vec<_>>().join(" and ")
}

/// What a build tells of decisions about rows that changed.
pub(super) fn told() -> Notice {
    Notice::Noted {
        code: &STALE_DECISION,
        only: Expr::call("contains", [Expr::column(DECIDED), Expr::text(CHANGED)]),
        message: "rows changed since people decided about them; what they decided still holds",
        help: "look at them again and decide again with a row at the end; `_decided` says `changed` of these rows",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, StringArray};

    use super::*;
    use crate::relation::operator::batch;

    /// Rows `a`, `b`, `c`, `d`, of which `c` and `d` look alike.
    fn prints() -> Vec<Print> {
        vec![[1; 32], [2; 32], [3; 32], [3; 32]]
    }

    /// What is decided by lines of `left | left_print | right | right_print | decide`, and what is of no use; or why it
    /// is refused.
    fn check(personal: bool, lines: &[&str], expected: &str) {
        let names = ["left", "left_print", "right", "right_print", "decide"];
        let mut columns: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
        for line in lines {
            let cells = line.split('|').map(str::trim).map(|it| match it.parse::<u8>() {
                Ok(row) => print_text(&[row; 32]),
                Err(_) => it.to_owned(),
            });
            columns.iter_mut().zip(cells).for_each(|(column, it)| column.push((!it.is_empty()).then_some(it)));
        }
        let arrays = columns.into_iter().map(|it| Arc::new(it.into_iter().collect::<StringArray>()) as ArrayRef);
        let rows = batch(names, arrays.collect(), lines.len()).expect("columns of one length");
        let deciding = Deciding { columns: names.map(str::to_owned).to_vec(), personal };
        let found = deciding.find(&[rows], &["a", "b", "c", "d"].map(Some), &prints());
        let told = match found {
            Err(other) => format!("{other:?}"),
            Ok(Decided { contradiction: Some(problem), .. }) => problem.message,
            Ok(it) => {
                let pairs = it.words.keys().filter_map(|pair| Some(format!("{pair:?} {}", it.of(*pair)?)));
                let unused = it.unused.iter().flatten().map(|it| (*it).to_owned());
                pairs.chain(unused).collect::<Vec<_>>().join(" / ")
            }
        };
        assert_eq!(told, expected, "{lines:?}");
    }

    #[test]
    fn decisions_find_their_rows_by_key_and_by_print() {
        check(false, &["a||b||same"], "(0, 1) same");
        check(false, &["b|2|a|1|Different "], "(0, 1) different");
        check(false, &["|1||2|related"], "(0, 1) related");
        // The record behind a key changed; a record has another key; rows that look alike.
        check(false, &["a|9|b|2|same"], "(0, 1) same; changed");
        check(false, &["gone|1|b|2|same"], "(0, 1) same");
        check(false, &["|3||1|same"], "(0, 2) same / (0, 3) same");
        check(false, &["c|3|a|1|same"], "(0, 2) same");
        check(false, &["|3||3|different"], "(2, 3) different");
        // The later counts, whichever row stands first.
        check(false, &["a||b||same", "b||a||different"], "(0, 1) different");
        check(false, &["a||b||same", "b||a||unsure"], "(0, 1) unsure");
    }

    #[test]
    fn what_is_of_no_use_is_told() {
        check(false, &["a||b||maybe"], "`decide` is none of same, different, related, unsure");
        check(false, &["a||||same"], "it does not say which two rows it is about");
        check(false, &["a||x||same"], "there is no row with this key");
        check(false, &["a||x|9|same"], "there is no row with this key or this print");
        check(false, &["|1||9|same"], "there is no such row, or it changed");
        check(false, &["a||a||same"], "both are one and the same row");
        check(true, &["a||b||same"], PERSONAL_KEY);
        check(true, &["|1||2|same"], "(0, 1) same");
    }

    #[test]
    fn what_cannot_all_be_followed_is_refused_with_its_places() {
        let told = |one: &str, other: &str| {
            format!(
                "decisions contradict each other: by {one} of the decisions two rows match, and by {other} of the \
                 decisions they do not"
            )
        };
        let lines = ["a||b||same", "c||d||unsure", "b||c||same", "c||a||different"];
        check(false, &lines, &told("rows 1 and 3", "row 4"));
        // Taken back by a later one.
        check(
            false,
            &[&lines[..], &["b||c||unsure"]].concat(),
            "(0, 1) same / (0, 2) different / (1, 2) unsure / (2, 3) unsure",
        );
        // Rows that look alike, and are told apart by nothing.
        check(false, &["|3||1|same", "|3||3|different"], &told("row 1", "row 2"));
    }
}
