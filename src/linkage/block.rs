//! Candidate pairs: rows that have a key in common, by rules that are given or found.
//!
//! A pair that several rules find is one pair, and keeps a bit for each of them. A block that is too large is not
//! dropped: its rows are put in the order of their values and each is compared with its neighbours, and that is noted.

pub(super) use super::candidate::{Candidate, pair, rows};
use super::column::{Column, Parts, Value};
use super::distance::sound;
use super::like;
use super::parallel::parts;
use super::spec::{Fitted, Form, Key, Kind, Note, Rule};

/// Keys that one value has at most in one form.
const MOST_KEYS: usize = 3;
/// Neighbours that each row of a block too large is compared with.
const NEIGHBOURS: usize = 20;
/// Rules at most, each of which is a bit.
const MOST_RULES: usize = 48;
/// Pairs for each row that one rule found automatically may cost, and all together.
const RULE_COSTS: f64 = 4.0;
const ALL_COST: f64 = 16.0;
/// What a small table may cost all the same.
const CHEAP: f64 = 20_000.0;
/// Rows beyond which costs are estimated from a part of the keys.
const MANY_ROWS: u32 = 65_536;

/// Candidates, sorted, each once.
pub(super) struct Candidates {
    pub pairs: Vec<Candidate>,
    pub rules: Vec<Rule>,
    pub notes: Vec<Note>,
}

/// All candidates of a table.
pub(super) fn candidates(fitted: &Fitted<'_>, columns: &[Column]) -> Candidates {
    let spec = fitted.spec;
    let keys = Keys { fitted, columns };
    let (chosen, mut left_out) = match spec.block.is_empty() {
        true => (automatic(&keys), 0),
        false => (spec.block.iter().take(MOST_RULES - 8).map(|it| it.on.clone()).collect(), 0),
    };
    let mut found = Candidates { pairs: Vec::new(), rules: Vec::new(), notes: Vec::new() };
    let mut order: Option<Vec<u32>> = None;
    let budget = u64::from(spec.max_pairs) * u64::from(fitted.table.rows.max(10_000));
    let mut raw: Vec<(u64, u8)> = Vec::new();
    for on in chosen {
        let mut blocks = Blocks::default();
        let before = raw.len();
        let at = found.rules.len() as u8;
        let entries = keys.entries(&on, 1);
        for block in entries.chunk_by(|a, b| a.0 == b.0).filter(|it| it.len() > 1) {
            blocks.largest = blocks.largest.max(block.len() as u32);
            if block.len() <= spec.max_block as usize {
                for (place, (_, one)) in block.iter().enumerate() {
                    let others = block[place + 1..].iter().filter(|(_, it)| fitted.may_pair(*one, *it));
                    raw.extend(others.map(|(_, other)| (pair(*one, *other), at)));
                }
            } else {
                blocks.split += 1;
                let order = order.get_or_insert_with(|| order_of(columns, fitted.table.rows));
                let mut sorted: Vec<u32> = block.iter().map(|it| it.1).collect();
                sorted.sort_unstable_by_key(|it| order[*it as usize]);
                for (place, one) in sorted.iter().enumerate() {
                    let others = sorted[place + 1..].iter().take(NEIGHBOURS).filter(|it| fitted.may_pair(*one, **it));
                    raw.extend(others.map(|other| (pair(*one, *other), at)));
                }
            }
        }
        if raw.len() as u64 > budget {
            raw.truncate(before);
            left_out += 1;
            continue;
        }
        found.rule(keys.name(&on), on, None, &blocks);
    }
    if spec.block.is_empty() {
        for (at, column) in
            columns.iter().enumerate().filter(|(_, it)| matches!(it.kind, Kind::Organisation | Kind::Text))
        {
            let name = format!("like {}", spec.compare[at].name);
            let rule = found.rules.len() as u8;
            if usize::from(rule) < MOST_RULES {
                let pairs = like::pairs(fitted, column);
                raw.extend(pairs.into_iter().map(|it| (it, rule)));
                found.rule(name, Vec::new(), Some(at as u32), &Blocks::default());
            }
        }
    }
    raw.sort_unstable();
    raw.dedup();
    for run in raw.chunk_by(|a, b| a.0 == b.0) {
        let rules = run.iter().fold(0_u64, |acc, it| acc | 1 << it.1);
        found.pairs.push((run[0].0, rules));
    }
    for (_, rules) in &found.pairs {
        for (_, rule) in found.rules.iter_mut().enumerate().filter(|(at, _)| rules >> at & 1 == 1) {
            rule.pairs += 1;
            rule.alone += u64::from(rules.count_ones() == 1);
        }
    }
    if left_out > 0 {
        found.notes.push(Note::TooManyPairs { left_out });
    }
    found
}

impl Candidates {
    fn rule(&mut self, name: String, on: Vec<Key>, like: Option<u32>, blocks: &Blocks) {
        if blocks.split > 0 {
            let rule = self.rules.len() as u32;
            self.notes.push(Note::SplitBlocks { rule, blocks: blocks.split, largest: blocks.largest });
        }
        let Blocks { largest, split } = *blocks;
        self.rules.push(Rule { on, like, name, pairs: 0, alone: 0, largest, split, matches: 0.0 });
    }
}

#[derive(Default)]
struct Blocks {
    largest: u32,
    split: u32,
}

/// For each row its place when all rows are sorted by what they say.
pub(super) fn order_of(columns: &[Column], rows: u32) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..rows).collect();
    sorted.sort_by(|one, other| {
        let place = |it: &Column, row: u32| it.of[row as usize];
        columns.iter().map(|it| place(it, *one).cmp(&place(it, *other))).find(|it| it.is_ne()).unwrap_or(one.cmp(other))
    });
    let mut acc = vec![0; rows as usize];
    for (place, row) in (0..).zip(sorted) {
        acc[row as usize] = place;
    }
    acc
}

struct Keys<'a> {
    fitted: &'a Fitted<'a>,
    columns: &'a [Column],
}

impl Keys<'_> {
    /// `(hash of the keys, row)` of every row that has them all, sorted; only those whose hash is a multiple of
    /// `every`.
    fn entries(&self, on: &[Key], every: u64) -> Vec<(u64, u32)> {
        let ready: Vec<Vec<[u64; MOST_KEYS]>> = on.iter().map(|it| self.ready(*it)).collect();
        let made = parts(self.fitted.spec.threads, self.fitted.table.rows as usize, 1 << 14, |range| {
            let mut acc = Vec::new();
            for row in range {
                let mut hashes = [0_u64; 27];
                let mut count = 1;
                for (key, ready) in on.iter().zip(&ready) {
                    let own = match key {
                        Key::Compared(at, _) => {
                            let value = self.columns[*at as usize].of[row];
                            ready.get(value as usize).copied().unwrap_or_default()
                        }
                        Key::Given(_) => ready[row],
                    };
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
                    if count == 0 {
                        break;
                    }
                }
                let chosen = hashes[..count].iter().filter(|it| **it % every == 0);
                acc.extend(chosen.map(|it| (*it, row as u32)));
            }
            acc
        });
        let mut acc = made.concat();
        acc.sort_unstable();
        acc.dedup();
        acc
    }

    /// The keys of each value, or of each row for a column that is only a key; 0 = none.
    fn ready(&self, key: Key) -> Vec<[u64; MOST_KEYS]> {
        match key {
            Key::Compared(at, form) => {
                let column = &self.columns[at as usize];
                column.values.iter().map(|it| form_of(column, it, form)).collect()
            }
            Key::Given(at) => {
                let cells = &self.fitted.table.keys[at as usize];
                let hash =
                    |it: &Option<&str>| it.map_or(0, |it| if it.trim().is_empty() { 0 } else { hash(it.as_bytes()) });
                cells.iter().map(|it| [hash(it), 0, 0]).collect()
            }
        }
    }

    /// How many pairs the keys give, blocks too large counted as they are split.
    fn cost(&self, on: &[Key]) -> f64 {
        let every = if self.fitted.table.rows > MANY_ROWS { 8 } else { 1 };
        let entries = self.entries(on, every);
        let limit = u64::from(self.fitted.spec.max_block);
        let pairs = |count: u64| if count > limit { count * limit } else { count * (count - 1) / 2 };
        let sum: u64 = entries.chunk_by(|a, b| a.0 == b.0).map(|it| pairs(it.len() as u64)).sum();
        (sum * every) as f64
    }

    fn name(&self, on: &[Key]) -> String {
        let one = |key: &Key| match key {
            Key::Given(at) => format!("key {}", at + 1),
            Key::Compared(at, form) => {
                let name = &self.fitted.spec.compare[*at as usize].name;
                match form {
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
}

/// The forms that are tried for a kind when nobody gave rules.
fn forms(kind: Kind) -> &'static [Form] {
    match kind {
        Kind::GivenName | Kind::Surname => &[Form::Sound],
        Kind::Organisation | Kind::Text => &[Form::Whole, Form::Words],
        Kind::Email | Kind::Date => &[Form::Whole, Form::Part],
        Kind::Address => &[Form::Part, Form::Words],
        Kind::Exact | Kind::Phone | Kind::Host | Kind::Postcode | Kind::Number => &[Form::Whole],
    }
}

/// Rules that cost little: one key where one is enough, else two or three together.
fn automatic(keys: &Keys<'_>) -> Vec<Vec<Key>> {
    let rows = f64::from(keys.fitted.table.rows);
    let (each, all) = ((RULE_COSTS * rows).max(CHEAP), (ALL_COST * rows).max(4.0 * CHEAP));
    let compared = keys.fitted.spec.compare.iter().enumerate().filter(|(at, _)| !keys.columns[*at].is_empty());
    let singles: Vec<Key> =
        compared.flat_map(|(at, it)| forms(it.kind).iter().map(move |form| Key::Compared(at as u32, *form))).collect();
    let mut chosen: Vec<Vec<Key>> = Vec::new();
    let mut spent = 0.0;
    let mut open: Vec<Vec<Key>> = singles.iter().map(|it| vec![*it]).collect();
    for size in 1..=3 {
        let priced = parts(1, open.len(), 1, |range| (keys.cost(&open[range.start]), open[range.start].clone()));
        let mut priced: Vec<(f64, Vec<Key>)> = priced;
        priced.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        let mut dear: Vec<Vec<Key>> = Vec::new();
        for (cost, on) in priced {
            let known = chosen.iter().any(|it| it.iter().all(|key| on.contains(key)));
            if known || cost == 0.0 {
                continue;
            }
            if cost <= each && spent + cost <= all && chosen.len() < MOST_RULES - 8 {
                spent += cost;
                chosen.push(on);
            } else {
                dear.push(on);
            }
        }
        if size == 3 {
            break;
        }
        open = Vec::new();
        for on in &dear {
            for key in singles.iter().filter(|it| on.last().is_some_and(|last| column(last) < column(it))) {
                let mut longer = on.clone();
                longer.push(*key);
                let known = chosen.iter().any(|it| it.iter().all(|key| longer.contains(key)));
                if !known {
                    open.push(longer);
                }
            }
        }
        open.sort();
        open.dedup();
        open.truncate(120);
    }
    chosen
}

fn column(key: &Key) -> u32 {
    match key {
        Key::Compared(at, _) | Key::Given(at) => *at,
    }
}

fn form_of(column: &Column, value: &Value, form: Form) -> [u64; MOST_KEYS] {
    let text = value.bytes();
    let one = |it: &[u8]| [if it.is_empty() { 0 } else { hash(it) }, 0, 0];
    match form {
        Form::Whole => one(text),
        Form::Prefix(count) => one(&text[..text.len().min(usize::from(count))]),
        Form::Sound => {
            let word = text.split(|it| matches!(it, b' ' | b'/')).next().unwrap_or_default();
            [mix(7, sound(word) + 1), 0, 0]
        }
        Form::Words => {
            let bag = match &value.parts {
                Parts::Names(bag, _) | Parts::Street(bag, _) => bag,
                _ => return one(text),
            };
            let mut acc = [0; MOST_KEYS];
            for (place, word) in acc.iter_mut().zip(column.words.telling(bag, MOST_KEYS)) {
                *place = hash(column.words.word(word).as_bytes());
            }
            acc
        }
        Form::Part => match &value.parts {
            Parts::Mail { host, role, .. } if !role => one(&text[..*host as usize]),
            Parts::Mail { .. } => [0; MOST_KEYS],
            Parts::Street(bag, numbers) => {
                let Some(word) = column.words.telling(bag, 1).first().copied() else { return [0; MOST_KEYS] };
                let word = hash(column.words.word(word).as_bytes());
                let mut acc = [0; MOST_KEYS];
                for (place, number) in acc.iter_mut().zip(numbers.iter()) {
                    *place = mix(word, hash(number.as_bytes()));
                }
                acc
            }
            _ if column.kind == Kind::Date => one(&text[..text.len().min(4)]),
            _ => one(text),
        },
    }
}

/// A hash that is the same everywhere; never 0.
fn hash(bytes: &[u8]) -> u64 {
    let mut acc = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        acc = (acc ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    mix(acc, bytes.len() as u64)
}

fn mix(one: u64, other: u64) -> u64 {
    let mut acc = one ^ other.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    acc = (acc ^ acc >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    acc = (acc ^ acc >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (acc ^ acc >> 31).max(1)
}
