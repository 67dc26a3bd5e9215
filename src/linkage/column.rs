//! A compared column: each different value once, in the order of its text, with what comparing it needs.

use std::sync::Arc;

use ahash::AHashMap;

use super::fold::Folds;
use super::kinds;
use super::parallel::parts;
use super::place;
use super::seen::SeenIn;
use super::spec::{Comparison, Fitted, Kind};
use super::words::{Bag, Vocabulary};

/// The place of a value that is missing.
pub(super) const MISSING: u32 = u32::MAX;

/// The values of one comparison.
pub(super) struct Column {
    pub kind: Kind,
    /// Every different folded value, sorted.
    pub values: Vec<Value>,
    /// The place of each row's value, or [`MISSING`].
    pub of: Vec<u32>,
    /// Rows with a value.
    pub present: u32,
    pub words: Arc<Vocabulary>,
}

/// A folded value.
pub(super) struct Value {
    pub text: Box<str>,
    /// Rows that have it.
    pub count: u32,
    /// Which of the levels "equal" it has, from 0.
    pub bin: u8,
    pub parts: Parts,
}

/// What comparing a value needs beside its text.
pub(super) enum Parts {
    /// Nothing.
    None,
    /// Where the host begins, and whether it gives mailboxes to anybody.
    Mail { host: u32, free: bool, role: bool },
    /// The words, and those of other names of the same.
    Names(Bag, Box<[Bag]>),
    /// The words that are no numbers, and the numbers.
    Street(Bag, Box<[Box<str>]>),
    /// Where it is.
    Point(place::Point),
    /// The groups of nicknames.
    Nicknames(Box<[u32]>),
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
    pub fn new(kind: Kind, cells: &[Option<&str>], folds: &Folds, persons: bool, seen: Option<SeenIn<'_>>) -> Column {
        let mut raw: AHashMap<&str, u32> = AHashMap::default();
        let mut known: AHashMap<String, u32> = AHashMap::default();
        let mut of = Vec::with_capacity(cells.len());
        for cell in cells {
            let place = cell.filter(|it| !it.is_empty()).map_or(MISSING, |text| {
                *raw.entry(text).or_insert_with(|| {
                    folded(kind, text, folds, persons).map_or(MISSING, |folded| {
                        let next = known.len() as u32;
                        *known.entry(folded).or_insert(next)
                    })
                })
            });
            of.push(place);
        }
        drop(raw);
        let mut sorted: Vec<(String, u32)> = known.into_iter().collect();
        sorted.sort_unstable();
        let mut moved = vec![0_u32; sorted.len()];
        for (now, (_, before)) in (0..).zip(&sorted) {
            moved[*before as usize] = now;
        }
        let mut counts = vec![0_u32; sorted.len()];
        for place in of.iter_mut().filter(|it| **it != MISSING) {
            *place = moved[*place as usize];
            counts[*place as usize] += 1;
        }
        let present: u32 = counts.iter().sum();
        let words = match is_wordy(kind) {
            true => {
                let texts = sorted.iter().zip(&counts).map(|((text, _), count)| (text.as_str(), *count));
                Vocabulary::new(texts, present, seen)
            }
            false => Vocabulary::default(),
        };
        let made = sorted.into_iter().zip(&counts).map(|((text, _), count)| Value {
            bin: match seen {
                Some(seen) => seen.bin(&text, *count),
                None => kinds::bin(f64::from(*count) / f64::from(present.max(1))) as u8,
            },
            parts: take_apart(kind, &text, folds, &words),
            text: text.into(),
            count: *count,
        });
        let values = made.collect();
        Column { kind, values, of, present, words: Arc::new(words) }
    }

    /// Counts each value as it is counted elsewhere: this is a part of a greater column.
    pub fn count(&mut self, count: impl Fn(&str) -> u32, seen: SeenIn<'_>) {
        for it in &mut self.values {
            it.count = count(&it.text);
            it.bin = seen.bin(&it.text, it.count);
        }
    }

    /// Looks at the words of each value as they are looked at there.
    pub fn read(&mut self, words: &Arc<Vocabulary>, folds: &Folds) {
        self.words = Arc::clone(words);
        for it in &mut self.values {
            it.parts = take_apart(self.kind, &it.text, folds, words);
        }
    }

    /// The value of a row.
    pub fn value(&self, row: u32) -> Option<&Value> {
        self.of.get(row as usize).and_then(|it| self.values.get(*it as usize))
    }

    /// Whether the column can be compared.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl Value {
    pub fn bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }
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

fn office(kind: Kind, folded: &str, folds: &Folds) -> bool {
    kind == Kind::Email && folded.split('@').next().is_some_and(|it| folds.is_role(it))
}

pub(super) fn take_apart(kind: Kind, text: &str, folds: &Folds, words: &Vocabulary) -> Parts {
    match kind {
        Kind::Email => {
            let (local, host) = text.rsplit_once('@').unwrap_or((text, ""));
            Parts::Mail { host: local.len() as u32 + 1, free: folds.is_free(host), role: folds.is_role(local) }
        }
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
