//! A compared column: each different value once, in the order of its text, with what comparing it needs.

use std::cmp::Ordering;
use std::sync::Arc;

use super::cells::Cells;
use super::dictionary::Dictionary;
use super::fold::Folds;
use super::kinds;
use super::parallel::parts;
use super::place;
use super::seen::SeenIn;
use super::spec::{Comparison, Fitted, Kind};
pub(super) use super::values::Parts;
use super::values::{Apart, Mail, Value, Values};
use super::words::Vocabulary;

/// The place of a value that is missing.
pub(super) const MISSING: u32 = u32::MAX;

/// The values of one comparison.
pub(super) struct Column {
    pub kind: Kind,
    /// Every different folded value, sorted.
    pub values: Values,
    /// The place of each row's value, or [`MISSING`].
    pub of: Vec<u32>,
    /// Rows with a value.
    pub present: u32,
    pub words: Arc<Vocabulary>,
}

/// All columns of a table.
pub(super) fn columns(fitted: &Fitted<'_>, folds: &Folds) -> Vec<Column> {
    let compare = &fitted.spec.compare;
    let persons = are_persons(compare);
    parts(fitted.spec.threads, compare.len(), 1, |range| {
        let at = range.start;
        let seen = fitted.model.and_then(|it| it.seen.as_ref()).and_then(|it| it.of(at, &compare[at].name));
        Column::new(compare[at].kind, &fitted.table.columns[at], folds, persons, seen)
    })
}

impl Column {
    /// `persons`: mailboxes of offices say nothing. `seen`: how often values were seen before.
    pub fn new(kind: Kind, cells: &Cells, folds: &Folds, persons: bool, seen: Option<SeenIn<'_>>) -> Column {
        let (known, mut of) = known(kind, cells, folds, persons);
        let (texts, moved) = sorted(&known);
        drop(known);
        let mut counts = vec![0_u32; moved.len()];
        for place in of.iter_mut().filter(|it| **it != MISSING) {
            *place = moved[*place as usize];
            counts[*place as usize] += 1;
        }
        let present: u32 = counts.iter().sum();
        let mut values = Values { texts, counts, ..Values::default() };
        let words =
            if is_wordy(kind) { Vocabulary::new(values.counted(), present, seen) } else { Vocabulary::default() };
        let bin = |(text, count): (&str, u32)| match seen {
            Some(seen) => seen.bin(text, count),
            None => kinds::bin(f64::from(count) / f64::from(present.max(1))) as u8,
        };
        values.bins = values.counted().map(bin).collect();
        values.apart = apart(kind, &values.texts, folds, &words);
        Column { kind, values, of, present, words: Arc::new(words) }
    }

    /// Counts each value as it is counted elsewhere: this is a part of a greater column.
    pub fn count(&mut self, count: impl Fn(&str) -> u32, seen: SeenIn<'_>) {
        for at in 0..self.values.len() {
            let counted = count(self.values.text(at));
            self.values.bins[at] = seen.bin(self.values.text(at), counted);
            self.values.counts[at] = counted;
        }
    }

    /// Looks at the words of each value as they are looked at there.
    pub fn read(&mut self, words: &Arc<Vocabulary>, folds: &Folds) {
        self.words = Arc::clone(words);
        self.values.apart = apart(self.kind, &self.values.texts, folds, words);
    }

    /// The value of a row.
    pub fn value(&self, row: u32) -> Option<Value<'_>> {
        let at = *self.of.get(row as usize)? as usize;
        (at < self.values.len()).then(|| self.values.get(at))
    }

    /// Whether the column can be compared.
    pub fn is_empty(&self) -> bool {
        self.values.len() == 0
    }
}

/// Cells that are kept in mind, so that one that comes again is not folded again, unless hardly any does.
const TRIED: usize = 1 << 16;

/// The different values as they are found, and the place of each row's.
fn known(kind: Kind, cells: &Cells, folds: &Folds, persons: bool) -> (Cells, Vec<u32>) {
    let (mut known, mut places) = (Cells::default(), Dictionary::default());
    let mut seen = Some(Dictionary::default());
    let mut of: Vec<u32> = Vec::with_capacity(cells.len());
    for (row, cell) in cells.iter().enumerate() {
        let Some(text) = cell.filter(|it| !it.is_empty()) else {
            of.push(MISSING);
            continue;
        };
        let met = seen.as_ref().map(|it| it.find(text, cells));
        if let Some(Ok(before)) = met {
            of.push(of[before as usize]);
            continue;
        }
        let place = folded(kind, text, folds, persons).map_or(MISSING, |folded| {
            places.find(&folded, &known).unwrap_or_else(|hash| {
                let next = known.len() as u32;
                known.push(Some(&folded));
                places.put(hash, next, &known);
                next
            })
        });
        of.push(place);
        if let (Some(Err(hash)), Some(it)) = (met, seen.as_mut()) {
            it.put(hash, row as u32, cells);
            if it.len() >= TRIED && it.len() * 2 > row {
                seen = None;
            }
        }
    }
    (known, of)
}

/// Texts by what they say, and for each the place that it has then.
fn sorted(known: &Cells) -> (Cells, Vec<u32>) {
    let text = |at: u32| known.get(at as usize).unwrap_or_default();
    // The first bytes decide most of it, and are at hand.
    let first = |text: &str| {
        let mut acc = [0; 8];
        acc.iter_mut().zip(text.bytes()).for_each(|(place, it)| *place = it);
        u64::from_be_bytes(acc)
    };
    let mut order: Vec<(u64, u32)> = (0..known.len() as u32).map(|it| (first(text(it)), it)).collect();
    order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| text(a.1).cmp(text(b.1))));
    let mut moved = vec![0; order.len()];
    for (now, (_, before)) in (0..).zip(&order) {
        moved[*before as usize] = now;
    }
    (order.iter().map(|it| Some(text(it.1))).collect(), moved)
}

/// A cell as it is compared.
pub(super) fn folded(kind: Kind, text: &str, folds: &Folds, persons: bool) -> Option<String> {
    folds.value(kind, text).filter(|it| !persons || !office(kind, it, folds))
}

/// Whether mailboxes of offices say nothing, because people are compared.
pub(super) fn are_persons(compare: &[Comparison]) -> bool {
    !compare.iter().any(|it| it.kind == Kind::Organisation)
}

/// Whether values of a kind are looked at word by word.
pub(super) fn is_wordy(kind: Kind) -> bool {
    matches!(kind, Kind::Organisation | Kind::Text | Kind::Address)
}

/// Whether candidates are also found by how alike values of a kind are: which are alike moves with all others.
pub(super) fn is_liked(kind: Kind) -> bool {
    matches!(kind, Kind::Organisation | Kind::Text)
}

/// The order of rows by what they say.
pub(super) fn by_values(columns: &[Column], one: u32, other: u32) -> Ordering {
    let place = |it: &Column, row: u32| it.of[row as usize];
    columns.iter().map(|it| place(it, one).cmp(&place(it, other))).find(|it| it.is_ne()).unwrap_or(one.cmp(&other))
}

fn office(kind: Kind, folded: &str, folds: &Folds) -> bool {
    kind == Kind::Email && folded.split('@').next().is_some_and(|it| folds.is_role(it))
}

/// What comparing values of a kind needs beside their texts.
fn apart(kind: Kind, texts: &Cells, folds: &Folds, words: &Vocabulary) -> Apart {
    let texts = texts.iter().map(Option::unwrap_or_default);
    match kind {
        Kind::Email => {
            let mail = |it: &str| {
                let (local, host) = it.rsplit_once('@').unwrap_or((it, ""));
                Mail::new(it, folds.is_free(host), folds.is_role(local))
            };
            Apart::Mails(texts.map(mail).collect())
        }
        Kind::Organisation | Kind::Text | Kind::Address | Kind::GivenName | Kind::Place => {
            Apart::Parts(texts.map(|it| take_apart(kind, it, folds, words)).collect())
        }
        _ => Apart::None,
    }
}

pub(super) fn take_apart(kind: Kind, text: &str, folds: &Folds, words: &Vocabulary) -> Parts {
    match kind {
        Kind::Organisation | Kind::Text => {
            let others =
                if text.contains('/') { text.split('/').map(|it| words.bag(it)).collect() } else { Box::default() };
            Parts::Names(words.bag(text), others)
        }
        Kind::Address => {
            let (numbers, street): (Vec<&str>, Vec<&str>) =
                text.split(' ').partition(|it| it.bytes().any(|it| it.is_ascii_digit()));
            Parts::Street(words.bag(&street.join(" ")), numbers.into_iter().map(Into::into).collect())
        }
        Kind::GivenName => {
            Parts::Nicknames(folds.nicknames.get(text).map(|it| it.as_slice().into()).unwrap_or_default())
        }
        Kind::Place => Parts::Point(place::point(text)),
        _ => Parts::None,
    }
}
