//! The rows that have a key in common with rows that are others than before, without making the blocks of all rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};

use super::base::{Base, Numbers, Texts};
use super::block::{Hashes, form_of, given, mix, pair, plain_form_of};
use super::column::{MISSING, folded, is_wordy, take_apart};
use super::fold::Folds;
use super::moved::{Moved, NOWHERE};
use super::rules::{Price, every};
use super::seen::SeenIn;
use super::spec::{Fitted, Form, Key, Kind};
use super::values::{Mail, Value};
use super::words::{Vocabulary, split};

/// A compared column as it is, by the values of the earlier one.
pub(super) struct Wide<'a> {
    kind: Kind,
    values: &'a Texts<'a>,
    /// Values that were not there, behind those that were.
    new: Vec<String>,
    /// The place of each row's value, or [`MISSING`].
    pub of: Vec<u32>,
    /// Rows that had each value, and that have it.
    was: Vec<u32>,
    now: Vec<u32>,
    /// What words told and what they tell, where they are looked at.
    pub words: Option<[Arc<Vocabulary>; 2]>,
}

impl<'a> Wide<'a> {
    pub fn new(fitted: &Fitted<'_>, at: usize, base: &'a Base<'a>, moved: &Moved, folds: &Folds) -> Wide<'a> {
        let kind = fitted.spec.compare[at].kind;
        let (values, new, of) = (&base.values[at], Vec::new(), Vec::new());
        let mut it = Wide { kind, values, new, of, was: Vec::new(), now: Vec::new(), words: None };
        let earlier = base.of[at];
        it.of.reserve(moved.from.len());
        for (row, from) in moved.from.iter().enumerate() {
            let place = match *from {
                NOWHERE => {
                    let cell = fitted.table.columns[at].get(row).filter(|it| !it.is_empty());
                    cell.and_then(|cell| folded(kind, cell, folds, true)).map_or(MISSING, |text| it.place(text))
                }
                from => earlier.at(from as usize),
            };
            it.of.push(place);
        }
        let none = vec![0; it.values.len() + it.new.len()];
        let count = |places: &mut dyn Iterator<Item = u32>| {
            let mut acc: Vec<u32> = none.clone();
            places.filter(|it| *it != MISSING).for_each(|it| acc[it as usize] += 1);
            acc
        };
        (it.was, it.now) = (count(&mut earlier.all()), count(&mut it.of.iter().copied()));
        let seen = fitted.model.and_then(|it| it.seen.as_ref());
        let seen = seen.and_then(|it| it.of(at, &fitted.spec.compare[at].name));
        it.words =
            seen.filter(|_| is_wordy(kind)).map(|seen| [&it.was, &it.now].map(|counts| it.vocabulary(counts, seen)));
        it
    }

    /// The words of values that so many rows have.
    fn vocabulary(&self, counts: &[u32], seen: SeenIn<'_>) -> Arc<Vocabulary> {
        let texts = counts.iter().enumerate().filter(|it| *it.1 > 0).map(|(at, count)| (self.text(at), *count));
        Arc::new(Vocabulary::new(texts, 0, Some(seen)))
    }

    fn place(&mut self, text: String) -> u32 {
        let known = self.known(&text);
        let place = known.or_else(|| self.new.iter().position(|it| *it == text).map(|it| self.values.len() + it));
        let place = place.unwrap_or_else(|| {
            self.new.push(text);
            self.values.len() + self.new.len() - 1
        });
        place as u32
    }

    fn known(&self, text: &str) -> Option<usize> {
        let (mut from, mut to) = (0, self.values.len());
        while from < to {
            let middle = from + (to - from) / 2;
            match self.values.get(middle).unwrap_or_default().cmp(text) {
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }

    fn text(&self, place: usize) -> &str {
        match place.checked_sub(self.values.len()) {
            Some(new) => self.new.get(new).map_or("", |it| it),
            None => self.values.get(place).unwrap_or_default(),
        }
    }

    /// Whether any row has a value.
    pub fn holds(&self) -> bool {
        self.now.iter().any(|it| *it > 0)
    }

    /// How many rows have a value.
    pub fn count(&self, text: &str) -> u32 {
        let new = || self.new.iter().position(|it| it == text).map(|it| self.values.len() + it);
        self.known(text).or_else(new).map_or(0, |it| self.now[it])
    }

    /// Rows whose value has become rare, or is it no more, or has a word that tells something else.
    pub fn turned(&self, seen: SeenIn<'_>) -> Vec<u32> {
        let words = self.words.as_ref().map(|[was, now]| now.otherwise(was)).unwrap_or_default();
        let turned = |at: &usize| {
            let (was, now, text) = (self.was[*at], self.now[*at], self.text(*at));
            let otherwise = || !words.is_empty() && split(text).any(|it| words.contains(it));
            was.min(now) > 0 && ((was != now && seen.bin(text, was) != seen.bin(text, now)) || otherwise())
        };
        let values: AHashSet<u32> = (0..self.was.len()).filter(turned).map(|it| it as u32).collect();
        if values.is_empty() {
            return Vec::new();
        }
        (0..).zip(&self.of).filter(|it| values.contains(it.1)).map(|it| it.0).collect()
    }

    /// Which values rows have, and earlier rows had.
    fn those_of(&self, rows: &[u32], old: &[u32], earlier: Numbers<'_>) -> Vec<bool> {
        let mut acc = vec![false; self.was.len()];
        let places = rows.iter().map(|it| self.of[*it as usize]).chain(old.iter().map(|it| earlier.at(*it as usize)));
        places.filter(|it| *it != MISSING).for_each(|it| acc[it as usize] = true);
        acc
    }

    /// The keys of a value as it is.
    fn hashes(&self, place: u32, form: Form, folds: &Folds) -> Hashes {
        self.hashes_by(place, form, folds, self.words.as_ref().map(|it| &*it[1]))
    }

    /// The keys that a value had.
    fn earlier(&self, place: u32, form: Form, folds: &Folds) -> Hashes {
        self.hashes_by(place, form, folds, self.words.as_ref().map(|it| &*it[0]))
    }

    fn hashes_by(&self, place: u32, form: Form, folds: &Folds, words: Option<&Vocabulary>) -> Hashes {
        if place == MISSING {
            return Hashes::default();
        }
        let text = self.text(place as usize);
        if let Some(words) = words {
            let parts = &take_apart(self.kind, text, folds, words);
            return form_of(self.kind, words, Value { text, mail: Mail::default(), parts }, form);
        }
        let is_role = || folds.is_role(text.split('@').next().unwrap_or_default());
        plain_form_of(self.kind, text, form, is_role)
    }

    /// Which values have a word in common with those of rows, where words are looked at; others share no key of words.
    fn near(&self, rows: &[u32], old: &[u32], earlier: Numbers<'_>) -> Vec<bool> {
        if self.words.is_none() {
            return vec![true; self.was.len()];
        }
        let those = self.those_of(rows, old, earlier);
        let of_those = |it: &usize| those[*it];
        let words: AHashSet<&str> = (0..those.len()).filter(of_those).flat_map(|it| split(self.text(it))).collect();
        (0..those.len()).map(|it| split(self.text(it)).any(|word| words.contains(word))).collect()
    }
}

/// What mates are found among.
pub(super) struct Rows<'a> {
    pub fitted: &'a Fitted<'a>,
    pub base: &'a Base<'a>,
    pub wide: &'a [Wide<'a>],
    /// Rows that are looked at anew, and earlier ones that are not there any more or are looked at anew; both sorted.
    pub new: &'a [u32],
    pub old: &'a [u32],
}

/// Rows that have a key in common with rows that are looked at anew.
pub(super) struct Mates<'a> {
    rows: &'a Rows<'a>,
    keys: Vec<Key>,
    /// For each key the other rows by its hash.
    others: Vec<AHashMap<u64, Vec<u32>>>,
    /// For each key the hashes of each row that is looked at anew, and of the earlier ones.
    new: Vec<Vec<Hashes>>,
    old: Vec<Vec<Hashes>>,
}

/// Rows with all keys in common.
#[derive(Default)]
struct Met {
    others: Vec<u32>,
    /// By their places among the rows that are looked at anew.
    new: Vec<u32>,
    old: u64,
}

impl<'a> Mates<'a> {
    pub fn new(rows: &'a Rows<'a>, keys: Vec<Key>, folds: &Folds) -> Mates<'a> {
        let mut acc = Mates { rows, keys, others: Vec::new(), new: Vec::new(), old: Vec::new() };
        let mut is_new = vec![false; rows.fitted.table.rows as usize];
        rows.new.iter().for_each(|it| is_new[*it as usize] = true);
        for key in acc.keys.clone() {
            let (new, old): (Vec<Hashes>, Vec<Hashes>) = match key {
                Key::Compared(at, form) => {
                    let (wide, earlier) = (&rows.wide[at as usize], rows.base.of[at as usize]);
                    let new = rows.new.iter().map(|it| wide.hashes(wide.of[*it as usize], form, folds));
                    (
                        new.collect(),
                        rows.old.iter().map(|it| wide.earlier(earlier.at(*it as usize), form, folds)).collect(),
                    )
                }
                Key::Given(at) => {
                    let cells = &rows.fitted.table.keys[at as usize];
                    let earlier = &rows.base.cells[rows.wide.len() + at as usize];
                    let new = rows.new.iter().map(|it| given(cells.get(*it as usize)));
                    (new.collect(), rows.old.iter().map(|it| given(earlier.get(*it as usize))).collect())
                }
            };
            let wanted: AHashSet<u64> = new.iter().chain(&old).flatten().copied().filter(|it| *it != 0).collect();
            let mut others: AHashMap<u64, Vec<u32>> = wanted.iter().map(|it| (*it, Vec::new())).collect();
            let mut meet = |row: u32, hashes: Hashes| {
                for hash in hashes.iter().filter(|it| wanted.contains(it)) {
                    others.entry(*hash).or_default().push(row);
                }
            };
            match key {
                Key::Compared(at, form) => {
                    let (wide, earlier) = (&rows.wide[at as usize], rows.base.of[at as usize]);
                    let many = wide.was.len() as u32;
                    let near = wide.near(rows.new, rows.old, earlier);
                    let known = |it: u32| {
                        near[it as usize] && wide.hashes(it, form, folds).iter().any(|it| wanted.contains(it))
                    };
                    let known: Vec<bool> = match form {
                        // Another value is another key.
                        Form::Whole => wide.those_of(rows.new, rows.old, earlier),
                        _ => (0..many).map(known).collect(),
                    };
                    for (row, place) in (0..).zip(&wide.of) {
                        if known.get(*place as usize) == Some(&true) && !is_new[row as usize] {
                            meet(row, wide.hashes(*place, form, folds));
                        }
                    }
                }
                Key::Given(at) => {
                    let cells = (0..).zip(rows.fitted.table.keys[at as usize].iter());
                    cells.filter(|it| !is_new[it.0 as usize]).for_each(|(row, cell)| meet(row, given(cell)));
                }
            }
            acc.others.push(others);
            acc.new.push(new);
            acc.old.push(old);
        }
        acc
    }

    /// The blocks of some keys in which rows are looked at anew, by the hash of the keys.
    fn blocks(&self, on: &[Key]) -> Option<BTreeMap<u64, Met>> {
        let places: Vec<usize> =
            on.iter().map(|it| self.keys.iter().position(|key| key == it)).collect::<Option<_>>()?;
        let mut acc: BTreeMap<u64, Met> = BTreeMap::new();
        let mut met = |of: &[Vec<Hashes>], row: usize, add: &dyn Fn(&mut Met)| {
            let mut known: Vec<u64> = Vec::new();
            for (hash, parts) in self.together(&places, of, row) {
                if !known.contains(&hash) {
                    known.push(hash);
                    add(acc
                        .entry(hash)
                        .or_insert_with(|| Met { others: self.with(&places, &parts), ..Met::default() }));
                }
            }
        };
        for row in 0..self.rows.new.len() {
            met(&self.new, row, &|it| it.new.push(row as u32));
        }
        for row in 0..self.rows.old.len() {
            met(&self.old, row, &|it| it.old += 1);
        }
        Some(acc)
    }

    /// All keys of a row that are made of one of each, each with its parts.
    fn together(&self, places: &[usize], of: &[Vec<Hashes>], row: usize) -> Vec<(u64, Vec<u64>)> {
        let mut acc: Vec<(u64, Vec<u64>)> = vec![(0, Vec::new())];
        for place in places {
            let mut next = Vec::new();
            for (hash, parts) in &acc {
                for own in of[*place][row].iter().filter(|it| **it != 0) {
                    next.push((mix(*hash, *own), parts.iter().copied().chain([*own]).collect()));
                }
            }
            acc = next;
        }
        acc
    }

    /// The other rows that have all of these keys.
    fn with(&self, places: &[usize], parts: &[u64]) -> Vec<u32> {
        let lists = places.iter().zip(parts).map(|(place, hash)| self.others[*place].get(hash));
        let Some(mut lists) = lists.collect::<Option<Vec<&Vec<u32>>>>() else { return Vec::new() };
        lists.sort_by_key(|it| it.len());
        let Some((least, more)) = lists.split_first() else { return Vec::new() };
        least.iter().copied().filter(|row| more.iter().all(|it| it.binary_search(row).is_ok())).collect()
    }

    /// What a part of some keys costs; nothing where that was not known before.
    pub fn price(&self, on: &[Key]) -> Option<Price> {
        let head = &self.rows.base.head;
        let known = head.priced.iter().find(|it| it.0 == on)?.1;
        let every = every(self.rows.fitted.table.rows);
        let blocks = self.blocks(on)?;
        let of = |rows: &dyn Fn(&Met) -> u64| {
            Price::of(blocks.iter().filter(|it| it.0 % every == 0).map(|it| rows(it.1)), self.rows.fitted)
        };
        let less = of(&|it| it.others.len() as u64 + it.old);
        let more = of(&|it| (it.others.len() + it.new.len()) as u64);
        known.changed(more, less)
    }

    /// The candidates among rows that are looked at anew and others, each with the rules that found it, sorted; and how
    /// often they were found. Nothing where a block is too large.
    pub fn candidates(&self, rules: &[Vec<Key>]) -> Option<(Vec<(u64, u64)>, u64)> {
        let fitted = self.rows.fitted;
        let most = u64::from(fitted.spec.max_block);
        let mut raw: Vec<(u64, u64)> = Vec::new();
        for (rule, on) in rules.iter().enumerate() {
            for met in self.blocks(on)?.values() {
                let others = met.others.len() as u64;
                if (others + met.old).max(others + met.new.len() as u64) > most {
                    return None;
                }
                for (at, one) in met.new.iter().enumerate() {
                    let one = self.rows.new[*one as usize];
                    let later = met.new[at + 1..].iter().map(|it| self.rows.new[*it as usize]);
                    let with = met.others.iter().copied().chain(later).filter(|it| fitted.may_pair(one, *it));
                    raw.extend(with.map(|it| (pair(one, it), 1 << rule)));
                }
            }
        }
        let found = raw.len() as u64;
        raw.sort_unstable();
        raw.dedup_by(|next, first| {
            let same = next.0 == first.0;
            first.1 |= if same { next.1 } else { 0 };
            same
        });
        Some((raw, found))
    }
}
