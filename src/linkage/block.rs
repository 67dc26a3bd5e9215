//! Candidate pairs: rows that have a key in common, by rules that are given or found.
//!
//! A pair that several rules find is one pair, and keeps a bit for each of them. A block that is too large is not
//! dropped: its rows are put in the order of their values and each is compared with its neighbours, and that is noted.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) use super::candidate::{Candidate, pair, rows};
use super::column::{Column, Parts, by_values, is_liked};
use super::distance::sound;
pub(super) use super::hashing::{Hashes, MOST_KEYS, hash, mix};
use super::like;
use super::list;
use super::parallel::parts;
use super::place;
use super::raw::{Part, RULE_BITS, RULES, Raw, unpacked};
use super::rules::{self, Chosen, MOST_RULES, NEIGHBOURS, Price, crowd, every};
use super::spec::{Comparison, Fitted, Form, Key, Kind, Note, Rule};
use super::values::Value;
use super::words::Vocabulary;

/// Candidates, as the rules are done that find them.
#[derive(Default)]
pub(super) struct Candidates {
    /// What each rule found.
    raw: Raw,
    pub rules: Vec<Rule>,
    pub notes: Vec<Note>,
    /// Rules that would have found too many pairs, and how many.
    pub left_out: Vec<(String, u64)>,
    /// What was asked for its price, with the pairs that its [part](rules::every) of the keys gave.
    pub priced: Vec<(Vec<Key>, Price)>,
    /// Rules of which crowded blocks are split, by place.
    pub crowded: Vec<u32>,
    /// Rows whose pairs were not all compared, each as the share that was not.
    pub beyond: f64,
    /// Pairs that were found, those that several rules found as often as they did.
    pub found: u64,
}

/// All candidates of a table.
pub(super) fn candidates(fitted: &Fitted<'_>, columns: &[Column]) -> Candidates {
    let spec = fitted.spec;
    let keys = Keys::new(fitted, columns);
    let mut priced = Vec::new();
    let chosen = rules::chosen(
        fitted,
        |at| !columns[at].is_empty(),
        |on| {
            let price = keys.price(on);
            priced.push((on.to_vec(), price));
            Some(price)
        },
    );
    let Chosen { rules, left_out } = chosen.unwrap_or_default();
    let mut found = Candidates { priced, raw: Raw::new(fitted.table.rows), ..Candidates::default() };
    for (on, pairs) in left_out {
        found.leave_out(name(fitted, &on), pairs, &keys.entries(&on, 1));
    }
    let budget = budget(fitted);
    for (on, is_crowded) in rules {
        if spec.stop.is_asked() {
            break;
        }
        let most = if is_crowded { crowd(fitted) } else { spec.max_block } as usize;
        let entries = keys.entries(&on, 1);
        let blocks = Blocks::of(&entries, most, fitted.table.rows);
        let all = |act: &mut dyn FnMut(u32, u32)| {
            entries.chunk_by(|a, b| a.0 == b.0).for_each(|it| within(fitted, columns, it, most, act));
        };
        let counts = found.raw.counted(&all);
        let many = counts.iter().map(|it| *it as u64).sum::<u64>();
        if found.found + many > budget {
            found.leave_out(name(fitted, &on), many, &entries);
            continue;
        }
        found.found += many;
        found.raw.add(counts, &all);
        found.crowded.extend(Some(found.rules.len() as u32).filter(|_| is_crowded));
        found.rule(name(fitted, &on), on, None, &blocks);
    }
    if spec.block.is_empty() {
        for (at, _) in columns.iter().enumerate().filter(|(_, it)| is_liked(it.kind)) {
            let name = format!("like {}", spec.compare[at].name);
            if found.rules.len() < MOST_RULES {
                let pairs = like::pairs(fitted, columns, at);
                found.found += pairs.len() as u64;
                let all = |act: &mut dyn FnMut(u32, u32)| {
                    pairs.iter().map(|it| rows(*it)).for_each(|(one, other)| act(one, other));
                };
                found.raw.add(found.raw.counted(&all), &all);
                found.rule(name, Vec::new(), Some(at as u32), &Blocks::default());
            }
        }
    }
    if !found.left_out.is_empty() {
        found.notes.push(Note::TooManyPairs { left_out: found.left_out.len() as u32 });
    }
    found
}

/// The pairs of one block, which is split where it has more rows than `most`.
fn within(fitted: &Fitted<'_>, columns: &[Column], block: &[(u64, u32)], most: usize, act: &mut dyn FnMut(u32, u32)) {
    if block.len() <= most {
        for (place, (_, one)) in block.iter().enumerate() {
            let others = block[place + 1..].iter().filter(|(_, it)| fitted.may_pair(*one, *it));
            others.for_each(|(_, other)| act(*one, *other));
        }
        return;
    }
    let mut sorted: Vec<u32> = block.iter().map(|it| it.1).collect();
    sorted.sort_unstable_by(|one, other| by_values(columns, *one, *other));
    for (place, one) in sorted.iter().enumerate() {
        let others = sorted[place + 1..].iter().take(NEIGHBOURS).filter(|it| fitted.may_pair(*one, **it));
        others.for_each(|other| act((*one).min(*other), (*one).max(*other)));
    }
}

/// The largest blocks of a rule, the largest first: how many rows, and the least of them. `times`: how many rows each
/// stands for, one where it is empty.
pub(super) fn largest(
    fitted: &Fitted<'_>,
    columns: &[Column],
    on: &[Key],
    most: usize,
    times: &[u32],
) -> Vec<(u32, u32)> {
    let entries = Keys::new(fitted, columns).entries(on, 1);
    let blocks = entries.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() > 1);
    let rows = |it: &(u64, u32)| times.get(it.1 as usize).copied().unwrap_or(1);
    let mut acc: Vec<(u32, u32)> = blocks.map(|it| (it.iter().map(rows).sum(), it[0].1)).collect();
    acc.sort_unstable_by_key(|(rows, least)| (std::cmp::Reverse(*rows), *least));
    acc.truncate(most);
    acc
}

impl Candidates {
    /// The candidates of the last rows that were not given yet, sorted, each once; of all rows in the end.
    pub fn next(&mut self) -> Option<Part> {
        let (first, raw) = self.raw.next()?;
        let same = |a: &u64, b: &u64| a >> RULE_BITS == b >> RULE_BITS;
        let mut pairs = Vec::with_capacity(raw.chunk_by(same).count());
        for run in raw.chunk_by(same) {
            let rules = run.iter().fold(0_u64, |acc, it| acc | 1 << (it & RULES));
            let (left, right) = unpacked(run[0]);
            pairs.push((pair(first + left, right), rules));
            for (_, rule) in self.rules.iter_mut().enumerate().filter(|(at, _)| rules >> at & 1 == 1) {
                rule.pairs += 1;
                rule.alone += u64::from(rules.count_ones() == 1);
            }
        }
        Some(Part { first, pairs })
    }

    /// A recall with the rows whose pairs were not all compared. `compared`: how many pairs were.
    pub fn less(&self, recall: f64, rows: u32, compared: u64) -> f64 {
        if compared == 0 && !self.left_out.is_empty() { 0.0 } else { less(recall, self.beyond, rows) }
    }

    /// A rule whose pairs are not compared.
    fn leave_out(&mut self, name: String, pairs: u64, entries: &[(u64, u32)]) {
        let blocks = entries.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() > 1);
        self.beyond = self.beyond.max(blocks.map(<[_]>::len).sum::<usize>() as f64);
        self.left_out.push((name, pairs));
    }

    fn rule(&mut self, name: String, on: Vec<Key>, like: Option<u32>, blocks: &Blocks) {
        if blocks.beyond > 0.0 {
            let rule = self.rules.len() as u32;
            self.notes.push(Note::SplitBlocks { rule, blocks: blocks.split, largest: blocks.largest });
        }
        self.beyond = self.beyond.max(blocks.beyond);
        let Blocks { largest, split, .. } = *blocks;
        self.rules.push(Rule { on, like, name, pairs: 0, alone: 0, largest, split, matches: 0.0 });
    }
}

/// A recall where so many rows were not compared with all of their blocks: these have as many matches as other rows.
pub(super) fn less(recall: f64, beyond: f64, rows: u32) -> f64 {
    recall / (1.0 + beyond / f64::from(rows.max(1)))
}

/// Pairs that may be found at most.
pub(super) fn budget(fitted: &Fitted<'_>) -> u64 {
    u64::from(fitted.spec.max_pairs) * u64::from(fitted.table.rows.max(10_000))
}

#[derive(Default)]
struct Blocks {
    largest: u32,
    split: u32,
    /// Rows of those that are split, each as the share of its pairs that is not compared.
    beyond: f64,
}

impl Blocks {
    /// The blocks of a rule, of which those of more than `most` rows are split. A row that has another key is found by
    /// that, such as a firm by the rarer words of its name: nothing of it is lost.
    fn of(entries: &[(u64, u32)], most: usize, rows: u32) -> Blocks {
        let all = || entries.chunk_by(|a, b| a.0 == b.0);
        let mut acc = Blocks::default();
        let mut has_another = Vec::new();
        if all().any(|it| it.len() > most) {
            has_another = vec![false; rows as usize];
            all().filter(|it| it.len() <= most).flatten().for_each(|it| has_another[it.1 as usize] = true);
        }
        for block in all().filter(|it| it.len() > 1) {
            let rows = block.len();
            acc.largest = acc.largest.max(rows as u32);
            if rows > most {
                acc.split += 1;
                let alone = block.iter().filter(|it| !has_another[it.1 as usize]).count();
                acc.beyond += alone as f64 * (1.0 - (2 * NEIGHBOURS) as f64 / (rows - 1) as f64).max(0.0);
            }
        }
        acc
    }
}

struct Keys<'a> {
    fitted: &'a Fitted<'a>,
    columns: &'a [Column],
    /// Keys that were made.
    made: RefCell<BTreeMap<Key, Rc<Ready>>>,
}

/// The keys of each value, or of each row for a column that is only a key; 0 = none.
enum Ready {
    /// One at most.
    One(Vec<u64>),
    Several(Vec<Hashes>),
}

impl Ready {
    fn single(&self) -> Option<&[u64]> {
        match self {
            Ready::One(all) => Some(all),
            Ready::Several(_) => None,
        }
    }

    fn of(&self, at: usize) -> Hashes {
        match self {
            Ready::One(all) => [all.get(at).copied().unwrap_or_default(), 0, 0],
            Ready::Several(all) => all.get(at).copied().unwrap_or_default(),
        }
    }
}

impl<'a> Keys<'a> {
    fn new(fitted: &'a Fitted<'a>, columns: &'a [Column]) -> Keys<'a> {
        Keys { fitted, columns, made: RefCell::default() }
    }

    /// `(hash of the keys, row)` of every row that has them all, sorted; only those whose hash is a multiple of
    /// `every`. A row that is alone with one of them may be missing.
    fn entries(&self, on: &[Key], every: u64) -> Vec<(u64, u32)> {
        let ready: Vec<Rc<Ready>> = on.iter().map(|it| self.ready(*it)).collect();
        let ready: Vec<&Ready> = ready.iter().map(|it| &**it).collect();
        let of: Vec<Option<&[u32]>> = on.iter().map(|it| self.values_of(*it)).collect();
        let single: Option<Vec<&[u64]>> = ready.iter().map(|it| it.single()).collect();
        let made = parts(self.fitted.spec.threads, self.fitted.table.rows as usize, 1 << 14, |range| {
            let mut acc = Vec::new();
            for row in range {
                let place = |of: &Option<&[u32]>| of.map_or(row, |it| it[row] as usize);
                if let Some(single) = &single {
                    let mut own = of.iter().zip(single).map(|(of, it)| it.get(place(of)).copied().unwrap_or_default());
                    let hash = own.try_fold(0, |acc, it| (it != 0).then(|| mix(acc, it)));
                    acc.extend(hash.filter(|it| it % every == 0).map(|it| (it, row as u32)));
                    continue;
                }
                let (hashes, count) = together(of.iter().zip(&ready).map(|(of, it)| it.of(place(of))));
                let chosen = hashes[..count].iter().filter(|it| **it % every == 0);
                acc.extend(chosen.map(|it| (*it, row as u32)));
            }
            acc
        });
        let mut acc = Vec::with_capacity(made.iter().map(Vec::len).sum());
        made.into_iter().for_each(|it| acc.extend(it));
        acc.sort_unstable();
        acc.dedup();
        acc
    }

    /// The place of each row's value; nothing for a column that is only a key.
    fn values_of(&self, key: Key) -> Option<&'a [u32]> {
        match key {
            Key::Compared(at, _) => Some(&self.columns[at as usize].of),
            Key::Given(_) => None,
        }
    }

    fn ready(&self, key: Key) -> Rc<Ready> {
        Rc::clone(self.made.borrow_mut().entry(key).or_insert_with(|| {
            let all: Vec<Hashes> = match key {
                Key::Compared(at, form) if is_several(self.columns[at as usize].kind, form) => {
                    let Column { kind, words, values, .. } = &self.columns[at as usize];
                    (0..values.len()).map(|it| form_of(*kind, words, values.get(it), form)).collect()
                }
                Key::Compared(at, form) => {
                    let Column { kind, words, values, .. } = &self.columns[at as usize];
                    // The only row with a whole value shares it with none.
                    let alone = |it: usize| form == Form::Whole && values.counts[it] == 1;
                    let one = |it| if alone(it) { 0 } else { form_of(*kind, words, values.get(it), form)[0] };
                    return Rc::new(Ready::One((0..values.len()).map(one).collect()));
                }
                Key::Given(at) => {
                    let cells = self.fitted.table.keys[at as usize].iter();
                    return Rc::new(Ready::One(cells.map(|it| given(it)[0]).collect()));
                }
            };
            Rc::new(Ready::Several(all))
        }))
    }

    /// What a [part](every) of the keys costs.
    fn price(&self, on: &[Key]) -> Price {
        let entries = self.entries(on, every(self.fitted.table.rows));
        Price::of(entries.chunk_by(|a, b| a.0 == b.0).map(|it| it.len() as u64), self.fitted)
    }
}

/// Whether a value may have several keys in a form.
fn is_several(kind: Kind, form: Form) -> bool {
    match form {
        Form::Words => true,
        Form::Part => matches!(kind, Kind::Address | Kind::Place),
        Form::Whole | Form::Prefix(_) | Form::Sound => false,
    }
}

/// A rule in words.
pub(super) fn name(fitted: &Fitted<'_>, on: &[Key]) -> String {
    let one = |key: &Key| match key {
        Key::Given(at) => {
            let known = fitted.spec.key_names.get(*at as usize);
            known.cloned().unwrap_or_else(|| format!("key {}", at + 1))
        }
        Key::Compared(at, form) => {
            let Comparison { name, kind, .. } = &fitted.spec.compare[*at as usize];
            match form {
                Form::Words if *kind == Kind::List => format!("{name} (one of it)"),
                Form::Part if *kind == Kind::Place => format!("{name} (nearby)"),
                Form::Whole => name.clone(),
                Form::Prefix(count) => format!("{name} (first {count})"),
                Form::Sound => format!("{name} (sound)"),
                Form::Words => format!("{name} (a word)"),
                Form::Part => format!("{name} (part)"),
            }
        }
    };
    on.iter().map(one).collect::<Vec<_>>().join(" + ")
}

/// All keys that are made of one of each: their hashes, and how many there are.
pub(super) fn together(parts: impl Iterator<Item = Hashes>) -> ([u64; 27], usize) {
    let mut hashes = [0_u64; 27];
    let mut count = 1;
    for own in parts {
        let before = hashes;
        let mut next = 0;
        for hash in &before[..count] {
            for own in own.iter().filter(|it| **it != 0) {
                if let Some(place) = hashes.get_mut(next) {
                    *place = mix(*hash, *own);
                    next += 1;
                }
            }
        }
        count = next;
    }
    (hashes, count)
}

/// The key of a cell of a column that is only a key.
pub(super) fn given(cell: Option<&str>) -> Hashes {
    [cell.filter(|it| !it.trim().is_empty()).map_or(0, |it| hash(it.as_bytes())), 0, 0]
}

/// The keys of a value in one form.
pub(super) fn form_of(kind: Kind, words: &Vocabulary, value: Value<'_>, form: Form) -> Hashes {
    match (form, value.parts) {
        (Form::Words, Parts::Names(bag, _) | Parts::Street(bag, _)) => {
            let mut acc = [0; MOST_KEYS];
            for (place, word) in acc.iter_mut().zip(words.telling(bag, MOST_KEYS)) {
                *place = hash(words.word(word).as_bytes());
            }
            acc
        }
        (Form::Part, Parts::Street(bag, numbers)) => {
            let Some(word) = words.telling(bag, 1).first().copied() else { return [0; MOST_KEYS] };
            let word = hash(words.word(word).as_bytes());
            let mut acc = [0; MOST_KEYS];
            for (place, number) in acc.iter_mut().zip(numbers.iter()) {
                *place = mix(word, hash(number.as_bytes()));
            }
            acc
        }
        _ => plain_form_of(kind, value.text, form, || value.mail.is_role()),
    }
}

/// The keys of a value that is not looked at word by word.
pub(super) fn plain_form_of(kind: Kind, text: &str, form: Form, is_role: impl Fn() -> bool) -> Hashes {
    let bytes = text.as_bytes();
    let one = |it: &[u8]| [if it.is_empty() { 0 } else { hash(it) }, 0, 0];
    match form {
        Form::Words if kind == Kind::List => list::keys(text),
        Form::Part if kind == Kind::Place => place::cells(text),
        Form::Whole | Form::Words => one(bytes),
        Form::Prefix(count) => one(&bytes[..bytes.len().min(usize::from(count))]),
        Form::Sound => {
            let word = bytes.split(|it| matches!(it, b' ' | b'/')).next().unwrap_or_default();
            [mix(7, sound(word) + 1), 0, 0]
        }
        Form::Part => match kind {
            Kind::Email if is_role() => [0; MOST_KEYS],
            Kind::Email => one(&bytes[..text.rfind('@').map_or(bytes.len(), |it| it + 1)]),
            Kind::Date => one(&bytes[..bytes.len().min(4)]),
            _ => one(bytes),
        },
    }
}
