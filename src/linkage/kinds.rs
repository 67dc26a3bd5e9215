//! The levels of agreement of each kind, best first, and where learning starts.
//!
//! The first [`BINS`] levels of every kind are "equal", from rare to common values: two rows that agree on a rare value
//! say more than two that agree on a common one, and as levels of their own that is learnt, not adjusted.

use super::comparison::Kind;

/// Levels that mean "equal".
pub(super) const BINS: usize = 5;
/// Levels of one comparison at most; 0 stands for a missing value.
#[cfg(test)]
pub(super) const MOST_LEVELS: usize = 16;
/// The greatest share of rows that a value of each bin has, but for the last.
const SHARES: [f64; BINS - 1] = [1.0 / 32768.0, 1.0 / 4096.0, 1.0 / 512.0, 1.0 / 64.0];
/// What the bins are called.
const BIN_NAMES: [&str; BINS] = ["equal, very rare", "equal, rare", "equal", "equal, common", "equal, very common"];

/// A level beside "equal".
pub(super) struct Step {
    pub name: &'static str,
    /// The share of matches that have it, before anything is learnt.
    pub start: f64,
    /// Whether two things that differ so differ.
    pub differs: bool,
}

const fn near(name: &'static str, start: f64) -> Step {
    Step { name, start, differs: false }
}

const fn apart(name: &'static str, start: f64) -> Step {
    Step { name, start, differs: true }
}

const EXACT: &[Step] = &[apart("different", 0.1)];
const GIVEN_NAME: &[Step] = &[
    near("nearly equal", 0.06),
    near("initial, nickname, or one of several", 0.03),
    near("alike", 0.02),
    near("swapped with the surname", 0.005),
    apart("different", 0.04),
];
const SURNAME: &[Step] =
    &[near("nearly equal", 0.06), near("one of several", 0.02), near("alike", 0.02), apart("different", 0.05)];
const ORGANISATION: &[Step] = &[
    near("the same words", 0.1),
    near("one has more words, rare head", 0.08),
    near("one has more words, common head", 0.03),
    near("mostly the same words", 0.03),
    near("another name of the same", 0.01),
    apart("the same head, rare, and other words", 0.02),
    apart("the same head, common, and other words", 0.01),
    apart("some words in common", 0.02),
    apart("different", 0.02),
];
const PHONE: &[Step] = &[near("one digit differs", 0.03), near("the same ending", 0.02), apart("different", 0.15)];
const EMAIL: &[Step] = &[
    near("nearly equal", 0.05),
    near("the same mailbox elsewhere", 0.03),
    near("a similar mailbox of the same host", 0.02),
    apart("the same host", 0.03),
    apart("different", 0.1),
];
const HOST: &[Step] = &[near("nearly equal", 0.02), near("the same name elsewhere", 0.03), apart("different", 0.1)];
const DATE: &[Step] = &[
    near("day and month swapped", 0.02),
    near("one digit differs", 0.05),
    near("two digits differ", 0.02),
    near("the same month, or the same day of the year", 0.02),
    apart("within a year", 0.01),
    apart("different", 0.03),
];
const ADDRESS: &[Step] = &[
    near("the same numbers, the same street", 0.12),
    near("the same street, no number", 0.04),
    near("the same numbers, a similar street", 0.03),
    apart("the same street, other numbers", 0.03),
    apart("some words in common", 0.02),
    apart("different", 0.08),
];
const POSTCODE: &[Step] =
    &[near("one character differs", 0.03), near("the same beginning", 0.03), apart("different", 0.1)];
const NUMBER: &[Step] =
    &[near("one character differs", 0.03), near("two characters differ", 0.02), apart("different", 0.04)];
const TEXT: &[Step] = &[
    near("nearly the same words", 0.12),
    near("mostly the same words", 0.07),
    near("half the words", 0.04),
    apart("some words", 0.04),
    apart("different", 0.04),
];
const PLACE: &[Step] = &[
    near("within 100 m", 0.2),
    near("within 1 km", 0.08),
    near("within 10 km", 0.03),
    apart("within 100 km", 0.02),
    apart("different", 0.05),
];
const LIST: &[Step] = &[near("several in common", 0.15), near("one in common", 0.1), apart("none in common", 0.1)];

/// The levels of a kind behind "equal".
pub(super) fn steps(kind: Kind) -> &'static [Step] {
    match kind {
        Kind::Exact => EXACT,
        Kind::GivenName => GIVEN_NAME,
        Kind::Surname => SURNAME,
        Kind::Organisation => ORGANISATION,
        Kind::Phone => PHONE,
        Kind::Email => EMAIL,
        Kind::Host => HOST,
        Kind::Date => DATE,
        Kind::Address => ADDRESS,
        Kind::Postcode => POSTCODE,
        Kind::Number => NUMBER,
        Kind::Text => TEXT,
        Kind::Place => PLACE,
        Kind::List => LIST,
    }
}

/// How many levels a kind has, the one for missing values among them.
pub(super) fn count(kind: Kind) -> usize {
    1 + BINS + steps(kind).len()
}

/// The level of a step, by its place in [`steps`].
pub(super) const fn level(step: u8) -> u8 {
    1 + BINS as u8 + step
}

/// What a level is called.
pub(super) fn name(kind: Kind, level: usize) -> &'static str {
    match level {
        0 => "missing",
        1..=BINS => BIN_NAMES[level - 1],
        _ => steps(kind).get(level - 1 - BINS).map_or("", |it| it.name),
    }
}

/// Whether a level says that two things differ.
pub(super) fn differs(kind: Kind, level: usize) -> bool {
    level.checked_sub(1 + BINS).and_then(|it| steps(kind).get(it)).is_some_and(|it| it.differs)
}

/// The bin of a value that this share of rows has, from 0.
pub(super) fn bin(share: f64) -> usize {
    SHARES.iter().position(|it| share <= *it).unwrap_or(BINS - 1)
}

/// The levels of organisations that have the word that tells most in common and differ in others: sister firms. Of the
/// first that word is rare.
pub(super) const SISTERS: [usize; 2] = [1 + BINS + 5, 1 + BINS + 6];

/// The level "swapped" of given names.
pub(super) const SWAPPED: u8 = level(3);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_fit_and_starts_are_shares() {
        for kind in Kind::ALL {
            assert!(count(kind) <= MOST_LEVELS, "{kind:?}");
            assert!(steps(kind).iter().map(|it| it.start).sum::<f64>() < 0.5, "{kind:?}");
            assert!(differs(kind, count(kind) - 1) && !differs(kind, 1) && !differs(kind, 0), "{kind:?}");
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(name(Kind::GivenName, SWAPPED as usize), "swapped with the surname");
        assert_eq!((bin(0.0), bin(0.5)), (0, BINS - 1));
    }
}
