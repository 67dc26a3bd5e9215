//! How two values of one kind agree: one level out of those of [`kinds`](super::kinds).

use ahash::AHashMap;

use super::column::{Column, MISSING, Parts};
use super::distance::damerau_levenshtein;
use super::kinds::{SWAPPED, level};
use super::list;
use super::place;
use super::spec::Kind;
use super::values::Value;
use super::words::{Likeness, Seen, Vocabulary};
use crate::text::similarity::jaro_winkler_from;

/// What may be left of a name that is wholly in the other.
const NOTHING: f32 = 0.03;

/// What one thread has seen while it compared a column.
#[derive(Default)]
pub(super) struct Memory {
    seen: Seen,
    levels: AHashMap<(u32, u32), u8>,
}

impl Column {
    /// The level of two rows of this column.
    pub fn level(&self, left: u32, right: u32, memory: &mut Memory) -> u8 {
        let (one, other) = (self.of[left as usize], self.of[right as usize]);
        self.level_of(one, other, memory)
    }

    /// The level of two values, by their places.
    pub fn level_of(&self, one: u32, other: u32, memory: &mut Memory) -> u8 {
        if one == MISSING || other == MISSING {
            return 0;
        }
        let (left, right) = (one.min(other) as usize, one.max(other) as usize);
        if left == right {
            return 1 + self.values.bins[left];
        }
        if !matches!(self.kind, Kind::Organisation | Kind::Text | Kind::Address) {
            return level(self.step(self.values.get(left), self.values.get(right), memory));
        }
        let key = (left as u32, right as u32);
        if let Some(found) = memory.levels.get(&key) {
            return *found;
        }
        let found = self.level_of_fresh(one, other, memory);
        memory.levels.insert(key, found);
        found
    }

    /// [`level_of`](Column::level_of) for pairs that are seen once.
    pub fn level_of_fresh(&self, one: u32, other: u32, memory: &mut Memory) -> u8 {
        let (left, right) = (one.min(other) as usize, one.max(other) as usize);
        if left == right {
            return 1 + self.values.bins[left];
        }
        level(self.step(self.values.get(left), self.values.get(right), memory))
    }

    /// The step of two values that are not equal.
    fn step(&self, left: Value<'_>, right: Value<'_>, memory: &mut Memory) -> u8 {
        let (a, b) = (left.bytes(), right.bytes());
        match self.kind {
            Kind::Exact => 0,
            Kind::GivenName => given_name(left, right),
            Kind::Surname => surname(a, b),
            Kind::Organisation => organisation(&self.words, left, right, &mut memory.seen),
            Kind::Phone => phone(a, b),
            Kind::Email => email(left, right),
            Kind::Host => host(a, b),
            Kind::Date => date(a, b),
            Kind::Address => address(&self.words, left, right, &mut memory.seen),
            Kind::Postcode => postcode(a, b),
            Kind::Number => match damerau_levenshtein(a, b, 2) {
                Some(1) if a.len().min(b.len()) > 3 => 0,
                Some(2) if a.len().min(b.len()) > 5 => 1,
                _ => 2,
            },
            Kind::Text => text(&self.words, left, right, &mut memory.seen),
            Kind::Place => match (left.parts, right.parts) {
                (Parts::Point(one), Parts::Point(other)) => place::step(one, other),
                _ => 4,
            },
            Kind::List => list::step(left.text, right.text),
        }
    }
}

/// Looks for given names and surnames that stand in each other's place, and says so in the levels of both.
pub(super) fn swapped(given: &Column, surname: &Column, left: u32, right: u32) -> Option<(u8, u8)> {
    let (Some(a), Some(b)) = (given.value(left), surname.value(right)) else { return None };
    let (Some(c), Some(d)) = (surname.value(left), given.value(right)) else { return None };
    let crossed = a.text == b.text && c.text == d.text && a.text != c.text;
    crossed.then_some((SWAPPED, 0))
}

fn given_name(left: Value<'_>, right: Value<'_>) -> u8 {
    let (a, b) = (left.bytes(), right.bytes());
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.len() == 1 {
        return if long.first() == short.first() { 1 } else { 4 };
    }
    let alike = jaro_winkler_from(0.80, a, b);
    if alike.is_some_and(|it| it >= 0.92) && !is_part(a, b) {
        return 0;
    }
    let nickname = match (left.parts, right.parts) {
        (Parts::Nicknames(one), Parts::Nicknames(other)) => one.iter().any(|it| other.contains(it)),
        _ => false,
    };
    if nickname || is_part(a, b) || initials(a, b) {
        return 1;
    }
    if alike.is_some() { 2 } else { 4 }
}

fn surname(a: &[u8], b: &[u8]) -> u8 {
    if is_part(a, b) {
        return 1;
    }
    match jaro_winkler_from(0.80, a, b) {
        Some(alike) if alike >= 0.92 => 0,
        Some(_) => 2,
        None => 3,
    }
}

/// Whether every word of one is a word of the other.
fn is_part(a: &[u8], b: &[u8]) -> bool {
    if !a.contains(&b' ') && !b.contains(&b' ') {
        return false;
    }
    let words = |it| <[u8]>::split(it, |it: &u8| *it == b' ');
    let within = |one, other| words(one).all(|it| words(other).any(|other| other == it));
    within(a, b) || within(b, a)
}

/// Whether one has initials of the other: `j m` and `john michael`.
fn initials(a: &[u8], b: &[u8]) -> bool {
    if !a.contains(&b' ') && !b.contains(&b' ') {
        return false;
    }
    let words = |it| <[u8]>::split(it, |it: &u8| *it == b' ');
    let fits =
        |(one, other): (&[u8], &[u8])| one == other || one.first() == other.first() && one.len().min(other.len()) == 1;
    words(a).zip(words(b)).all(fits)
}

fn phone(a: &[u8], b: &[u8]) -> u8 {
    let end = |it: &[u8]| it.len() >= 7;
    let same_end = end(a) && end(b) && a[a.len() - 7..] == b[b.len() - 7..];
    match () {
        () if damerau_levenshtein(a, b, 1).is_some() => 0,
        () if same_end => 1,
        () => 2,
    }
}

fn email(left: Value<'_>, right: Value<'_>) -> u8 {
    let (a, b) = (left.bytes(), right.bytes());
    let (local_a, host_a) = a.split_at(left.mail.host(a.len()));
    let (local_b, host_b) = b.split_at(right.mail.host(b.len()));
    let long = local_a.len().min(local_b.len()) > 5;
    // Numbers stand in mailboxes to tell people of one name apart.
    if long && same_digits(local_a, local_b) && damerau_levenshtein(a, b, 2).is_some() {
        return 0;
    }
    if local_a == local_b && long && !left.mail.is_role() {
        return 1;
    }
    if host_a != host_b || left.mail.is_free() {
        return 4;
    }
    // A mailbox of the same letters and another number is that of somebody else.
    if !numbered_apart(local_a, local_b) && jaro_winkler_from(0.88, local_a, local_b).is_some() { 2 } else { 3 }
}

/// Whether two mailboxes have the same letters, and each a number that the other has not.
fn numbered_apart(a: &[u8], b: &[u8]) -> bool {
    let numbered = |it: &[u8]| it.iter().any(u8::is_ascii_digit);
    let letters = |it: &&u8| !it.is_ascii_digit();
    numbered(a) && numbered(b) && !same_digits(a, b) && a.iter().filter(letters).eq(b.iter().filter(letters))
}

fn same_digits(a: &[u8], b: &[u8]) -> bool {
    let digits = |it: &u8| it.is_ascii_digit();
    a.iter().copied().filter(digits).eq(b.iter().copied().filter(digits))
}

fn host(a: &[u8], b: &[u8]) -> u8 {
    let name = |it: &[u8]| it.split(|it| *it == b'.').next().map(<[u8]>::len).unwrap_or_default();
    let (one, other) = (&a[..name(a)], &b[..name(b)]);
    match () {
        () if one == other && one.len() > 3 => 1,
        () if a.len().min(b.len()) > 7 && damerau_levenshtein(a, b, 1).is_some() => 0,
        () => 2,
    }
}

fn date(a: &[u8], b: &[u8]) -> u8 {
    if a.len() != 8 || b.len() != 8 {
        return 5;
    }
    let year = |it: &[u8]| it[..4].iter().fold(0_i32, |acc, it| acc * 10 + i32::from(it - b'0'));
    let crossed = a[..4] == b[..4] && a[4..6] == b[6..] && a[6..] == b[4..6];
    let differ = a.iter().zip(b).filter(|(a, b)| a != b).count();
    match () {
        () if crossed => 0,
        () if differ == 1 || damerau_levenshtein(a, b, 1).is_some() => 1,
        () if a[4..] == b[4..] && (year(a) - year(b)).abs() <= 1 => 1,
        () if differ == 2 => 2,
        () if a[..6] == b[..6] || a[4..] == b[4..] => 3,
        () if (year(a) - year(b)).abs() <= 1 => 4,
        () => 5,
    }
}

fn postcode(a: &[u8], b: &[u8]) -> u8 {
    let most = a.len().min(b.len());
    let common = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    match () {
        () if most > 3 && damerau_levenshtein(a, b, 1).is_some() => 0,
        () if most > 2 && common * 2 >= most => 1,
        () => 2,
    }
}

fn text(words: &Vocabulary, left: Value<'_>, right: Value<'_>, seen: &mut Seen) -> u8 {
    let (Parts::Names(one, _), Parts::Names(other, _)) = (left.parts, right.parts) else { return 4 };
    let found = words.alike(one, other, seen);
    // Two parts of one work are two works.
    let found = if found.series { found.soft.min(0.49) } else { found.soft };
    match () {
        () if found >= 0.9 => 0,
        () if found >= 0.75 => 1,
        () if found >= 0.5 => 2,
        () if found >= 0.25 => 3,
        () => 4,
    }
}

fn organisation(words: &Vocabulary, left: Value<'_>, right: Value<'_>, seen: &mut Seen) -> u8 {
    let (Parts::Names(one, ones), Parts::Names(other, others)) = (left.parts, right.parts) else { return 8 };
    let rare = words.rare();
    let mut best = names(&words.alike(one, other, seen), rare);
    // Another name of the same: the best of all with all.
    let single = |bag, bags: &[_]| if bags.is_empty() { vec![bag] } else { bags.to_vec() };
    if !ones.is_empty() || !others.is_empty() {
        for one in single(one.clone(), ones) {
            for other in single(other.clone(), others) {
                let found = names(&words.alike(&one, &other, seen), rare);
                // What one of its names says of the other: as much as it says where it stands alone, and no more than
                // "another name of the same".
                best = best.min(found.max(4));
            }
        }
    }
    if best >= 7 && acronym(left.text, right.text) { 4 } else { best }
}

fn names(found: &Likeness, rare: f32) -> u8 {
    let least = found.left_over.min(found.right_over);
    let most = found.left_over.max(found.right_over);
    let rare = found.telling >= rare;
    match () {
        // Two of a series are two, such as sister firms are.
        () if found.series && found.heads => {
            if rare {
                5
            } else {
                6
            }
        }
        () if most <= NOTHING => 0,
        () if found.heads && least <= NOTHING => {
            if rare {
                1
            } else {
                2
            }
        }
        () if found.soft >= 0.8 => 3,
        () if found.heads => {
            if rare {
                5
            } else {
                6
            }
        }
        () if found.soft >= 0.3 => 7,
        () => 8,
    }
}

/// Whether one name is made of the first letters of the other one's words, three at least.
fn acronym(left: &str, right: &str) -> bool {
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    let first = short.split(' ').next().unwrap_or_default();
    let letters = long.split(' ').filter_map(|it| it.bytes().next());
    first.len() >= 3 && long.split(' ').count() == first.len() && letters.eq(first.bytes())
}

fn address(words: &Vocabulary, left: Value<'_>, right: Value<'_>, seen: &mut Seen) -> u8 {
    let (Parts::Street(one, ones), Parts::Street(other, others)) = (left.parts, right.parts) else { return 5 };
    let street = words.alike(one, other, seen);
    let within = |a: &[Box<str>], b: &[Box<str>]| a.iter().all(|it| b.contains(it));
    let same = !ones.is_empty() && !others.is_empty() && (within(ones, others) || within(others, ones));
    let none = ones.is_empty() || others.is_empty();
    let part = street.heads && street.left_over.min(street.right_over) <= NOTHING;
    let near = street.soft >= 0.8 || part;
    match () {
        () if near && same => 0,
        () if near && none => 1,
        () if same && street.soft >= 0.4 => 2,
        () if near => 3,
        () if street.soft >= 0.4 || (same && street.soft > 0.0) => 4,
        () => 5,
    }
}
