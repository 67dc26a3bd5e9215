//! Names of several words: how much of each is in the other, where rare words count more than common ones.
//!
//! After Cohen, Ravikumar and Fienberg, *A Comparison of String Distance Metrics for Name-Matching Tasks* (2003), soft
//! TF-IDF, made symmetric, with short forms and words that were run together.

use ahash::{AHashMap, AHashSet};

use super::distance::is_abbreviation;
use super::seen::SeenIn;
use crate::text::similarity::jaro_winkler_from;

/// Words beyond this many of one text are not compared.
const MOST_WORDS: usize = 48;
/// Words of this Jaro-Winkler similarity are one word in two spellings.
const SPELT_OTHERWISE: f64 = 0.88;
/// What a short form counts.
const SHORT: f32 = 0.9;
/// What an initial counts.
const INITIAL: f32 = 0.6;
/// A word is rare that one in a thousand rows have, or in a small table as many rows as one group of firms has.
const RARE: f64 = 0.001;
/// Rows of one group of firms, and their share at most.
const GROUP: (f64, f64) = (6.0, 0.02);
/// What two words count that are one in the other text.
const JOINED: f32 = 0.95;

/// The words of a column and how much each tells.
#[derive(Default)]
pub(super) struct Vocabulary {
    words: Vec<Box<str>>,
    /// Rows with each.
    counts: Vec<u32>,
    weights: Vec<f32>,
    /// What a rare word tells at least.
    rare: f32,
}

/// The words of one text, each once.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct Bag {
    /// Places in the vocabulary, in the order of the text.
    words: Box<[u32]>,
    total: f32,
    /// The place of the word that tells most, in `words`.
    head: u32,
}

/// What two texts have in common.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Likeness {
    /// From 0 to 1, both ways.
    pub soft: f32,
    /// How much of the left one is not in the right one, from 0 to 1.
    pub left_over: f32,
    /// How much of the right one is not in the left one.
    pub right_over: f32,
    /// Whether the most telling word of each is in the other one.
    pub heads: bool,
    /// The least weight of the two most telling words.
    pub telling: f32,
    /// Whether they are two parts of a series: `Fund 1` and `Fund 2`, `part I` and `part II`.
    pub series: bool,
}

impl Likeness {
    /// The same, seen from the right.
    #[cfg(test)]
    fn turned(self) -> Likeness {
        Likeness { left_over: self.right_over, right_over: self.left_over, ..self }
    }
}

/// Similarities of words that were seen before. Each thread has its own.
#[derive(Default)]
pub(super) struct Seen(AHashMap<(u32, u32), f32>);

impl Vocabulary {
    /// `texts` with the number of rows of each; `rows` are all rows with a text. `seen`: how often words were seen before,
    /// which counts in the place of how often they are now.
    pub fn new<'a>(texts: impl Iterator<Item = (&'a str, u32)>, rows: u32, seen: Option<SeenIn<'_>>) -> Vocabulary {
        let mut counts: AHashMap<&str, (u32, usize)> = AHashMap::default();
        for (at, (text, count)) in texts.enumerate() {
            for word in split(text) {
                let (sum, last) = counts.entry(word).or_insert((0, usize::MAX));
                if *last != at {
                    *sum += count;
                    *last = at;
                }
            }
        }
        let mut words: Vec<(&str, u32)> = counts.into_iter().map(|(word, (count, _))| (word, count)).collect();
        words.sort_unstable();
        let rows = seen.map_or(rows, |it| it.rows());
        if let Some(seen) = seen {
            words.iter_mut().for_each(|(word, count)| *count = seen.word(word, *count));
        }
        let weight = |count: u32| {
            let exact = (f64::from(rows.max(1)) / f64::from(count.max(1))).ln() + 0.1;
            // Rounded, so that the last bit of a logarithm never decides.
            ((exact * 1024.0).round() / 1024.0) as f32
        };
        let counts: Vec<u32> = words.iter().map(|(_, count)| *count).collect();
        let weights = counts.iter().map(|it| weight(*it)).collect();
        let all = f64::from(rows);
        let rare = weight((all * RARE).max(GROUP.0.min(all * GROUP.1)) as u32);
        Vocabulary { words: words.into_iter().map(|(word, _)| word.into()).collect(), counts, weights, rare }
    }

    /// Each word with the number of its rows, by word.
    pub fn counts(&self) -> impl Iterator<Item = (&str, u32)> {
        self.words.iter().map(|it| &**it).zip(self.counts.iter().copied())
    }

    /// Words that the other vocabulary has too and that tell something else there.
    pub fn otherwise<'a>(&'a self, other: &Vocabulary) -> AHashSet<&'a str> {
        let differs = |it: &(&'a str, u32)| {
            let there = other.words.binary_search_by(|word| (**word).cmp(it.0));
            there.is_ok_and(|at| other.counts[at] != it.1)
        };
        self.counts().filter(differs).map(|it| it.0).collect()
    }

    /// The words of a text of this column.
    pub fn bag(&self, text: &str) -> Bag {
        let mut acc: Vec<u32> = Vec::new();
        for word in split(text) {
            if let Ok(at) = self.words.binary_search_by(|it| (**it).cmp(word)) {
                let at = at as u32;
                if acc.len() < MOST_WORDS && !acc.contains(&at) {
                    acc.push(at);
                }
            }
        }
        let total = acc.iter().map(|it| self.weight(*it)).sum();
        let mut head = 0;
        for (at, word) in acc.iter().enumerate() {
            if self.weight(*word) > self.weight(acc[head]) {
                head = at;
            }
        }
        Bag { words: acc.into(), total, head: head as u32 }
    }

    /// What a rare word tells at least.
    pub fn rare(&self) -> f32 {
        self.rare
    }

    /// How much a word tells.
    pub fn weight(&self, word: u32) -> f32 {
        self.weights.get(word as usize).copied().unwrap_or(0.0)
    }

    /// The most telling words of a bag, at most `count`.
    pub fn telling(&self, bag: &Bag, count: usize) -> Vec<u32> {
        let mut acc: Vec<u32> = bag.words.to_vec();
        acc.sort_by(|a, b| self.weight(*b).total_cmp(&self.weight(*a)).then(a.cmp(b)));
        acc.truncate(count);
        acc
    }

    /// The text of a word.
    pub fn word(&self, word: u32) -> &str {
        self.words.get(word as usize).map_or("", |it| it)
    }

    /// How much two words have in common, from 0 to 1; 1 only for the same word.
    fn near(&self, one: u32, other: u32, seen: &mut Seen) -> f32 {
        if one == other {
            return 1.0;
        }
        let key = (one.min(other), one.max(other));
        if let Some(found) = seen.0.get(&key) {
            return *found;
        }
        let found = near(self.word(key.0).as_bytes(), self.word(key.1).as_bytes());
        seen.0.insert(key, found);
        found
    }

    /// What two texts have in common.
    pub fn alike(&self, left: &Bag, right: &Bag, seen: &mut Seen) -> Likeness {
        if left.words.is_empty() || right.words.is_empty() {
            return Likeness { left_over: 1.0, right_over: 1.0, ..Likeness::default() };
        }
        let mut in_left = [0_f32; MOST_WORDS];
        let mut in_right = [0_f32; MOST_WORDS];
        // First what is the same, then what was run together, then what is near, best first.
        for (at, word) in left.words.iter().enumerate() {
            if let Some(other) = right.words.iter().position(|it| it == word) {
                in_left[at] = 1.0;
                in_right[other] = 1.0;
            }
        }
        self.join(left, right, &mut in_left, &mut in_right);
        self.join(right, left, &mut in_right, &mut in_left);
        let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
        for (at, word) in left.words.iter().enumerate().filter(|(at, _)| in_left[*at] == 0.0) {
            for (other, near) in right.words.iter().enumerate().filter(|(at, _)| in_right[*at] == 0.0) {
                let near = self.near(*word, *near, seen);
                if near > 0.0 {
                    pairs.push((near, at, other));
                }
            }
        }
        let text = |pair: &(f32, usize, usize)| {
            let (a, b) = (left.words[pair.1], right.words[pair.2]);
            (a.min(b), a.max(b))
        };
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| text(a).cmp(&text(b))));
        for (near, at, other) in pairs {
            if in_left[at] == 0.0 && in_right[other] == 0.0 {
                in_left[at] = near;
                in_right[other] = near;
            }
        }
        let common = |bag: &Bag, found: &[f32]| -> f32 {
            bag.words.iter().zip(found).map(|(word, found)| self.weight(*word) * found).sum()
        };
        let over = |bag: &Bag, found: &[f32]| -> f32 {
            let alone = bag.words.iter().zip(found).filter(|(_, found)| **found == 0.0);
            alone.map(|(word, _)| self.weight(*word)).sum::<f32>() / bag.total.max(f32::MIN_POSITIVE)
        };
        let share = |bag: &Bag, found: &[f32]| (common(bag, found) / bag.total.max(f32::MIN_POSITIVE)).clamp(0.0, 1.0);
        let head = |bag: &Bag| self.weight(bag.words[bag.head as usize]);
        let alone = |bag: &Bag, found: &[f32]| -> Option<Vec<u64>> {
            let alone = bag.words.iter().zip(found).filter(|(_, found)| **found == 0.0);
            alone.map(|(word, _)| number(self.word(*word))).collect()
        };
        // Nothing but numbers differs, and no number is the other one in another spelling.
        let series = match (alone(left, &in_left), alone(right, &in_right)) {
            (Some(one), Some(other)) if !one.is_empty() && !other.is_empty() => {
                !one.iter().any(|it| other.contains(it))
            }
            _ => false,
        };
        Likeness {
            soft: (share(left, &in_left) * share(right, &in_right)).sqrt(),
            left_over: over(left, &in_left),
            right_over: over(right, &in_right),
            heads: in_left[left.head as usize] > 0.0 && in_right[right.head as usize] > 0.0,
            telling: head(left).min(head(right)),
            series,
        }
    }

    /// Finds words that are two neighbours in the other text.
    fn join(&self, one: &Bag, other: &Bag, in_one: &mut [f32], in_other: &mut [f32]) {
        for (at, word) in one.words.iter().enumerate() {
            let word = self.word(*word);
            if in_one[at] != 0.0 || word.len() < 5 {
                continue;
            }
            for (next, pair) in other.words.windows(2).enumerate() {
                let (first, second) = (self.word(pair[0]), self.word(pair[1]));
                let whole = first.len() + second.len() == word.len();
                if whole && word.starts_with(first) && word.ends_with(second) {
                    in_one[at] = JOINED;
                    in_other[next] = in_other[next].max(JOINED);
                    in_other[next + 1] = in_other[next + 1].max(JOINED);
                    break;
                }
            }
        }
    }
}

/// The words of a folded text; `/` stands between two names.
pub(super) fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '/']).filter(|it| !it.is_empty())
}

/// The number that a word is, in digits or as a Roman one below 40.
fn number(word: &str) -> Option<u64> {
    if word.bytes().all(|it| it.is_ascii_digit()) {
        return word.parse().ok();
    }
    is_roman(word.as_bytes()).then_some(())?;
    let digit = |it: u8| match it {
        b'i' => 1,
        b'v' => 5,
        _ => 10,
    };
    let digits: Vec<u64> = word.bytes().map(digit).collect();
    let before = |at: usize| digits.get(at + 1).is_some_and(|next| *next > digits[at]);
    let (less, more): (Vec<usize>, Vec<usize>) = (0..digits.len()).partition(|at| before(*at));
    let sum = |of: Vec<usize>| of.into_iter().map(|at| digits[at]).sum::<u64>();
    sum(more).checked_sub(sum(less))
}

fn is_roman(word: &[u8]) -> bool {
    word.iter().all(|it| b"ivx".contains(it))
}

fn near(one: &[u8], other: &[u8]) -> f32 {
    let number = |it: &[u8]| it.iter().any(u8::is_ascii_digit);
    if number(one) || number(other) {
        return 0.0;
    }
    // `II` is no other form of `I`, nor its initial.
    if is_roman(one) && is_roman(other) {
        return 0.0;
    }
    if one.len() == 1 || other.len() == 1 {
        return if one.first() == other.first() { INITIAL } else { 0.0 };
    }
    if is_abbreviation(one, other) {
        return SHORT;
    }
    if one.len().min(other.len()) < 4 {
        return 0.0;
    }
    jaro_winkler_from(SPELT_OTHERWISE, one, other).map_or(0.0, |it| it.min(0.999) as f32)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn likeness(texts: &[&str], left: &str, right: &str) -> Likeness {
        let words = Vocabulary::new(texts.iter().map(|it| (*it, 1)), texts.len() as u32, None);
        words.alike(&words.bag(left), &words.bag(right), &mut Seen::default())
    }

    const NAMES: [&str; 6] = [
        "bavu aviation school",
        "bavu logistics school",
        "bavu aviation sch",
        "tomo aviation services",
        "bavuaviation school",
        "kale mining services",
    ];

    #[test]
    fn heads_and_trades() {
        let found = likeness(&NAMES, NAMES[0], NAMES[2]);
        assert!(found.heads && found.left_over == 0.0 && found.right_over == 0.0 && found.soft > 0.9, "{found:?}");
        let found = likeness(&NAMES, NAMES[0], NAMES[1]);
        assert!(found.left_over > 0.1 && found.right_over > 0.1, "{found:?}");
        let found = likeness(&NAMES, NAMES[0], NAMES[4]);
        assert!(found.left_over == 0.0 && found.right_over == 0.0, "{found:?}");
        let found = likeness(&NAMES, NAMES[0], NAMES[5]);
        assert_eq!((found.soft, found.heads), (0.0, false));
    }

    #[test]
    fn parts_of_a_series_differ() {
        for (one, other) in [("i", "ii"), ("ii", "iii"), ("v", "vi"), ("x", "xi"), ("iv", "vi"), ("1", "2")] {
            assert_eq!(near(one.as_bytes(), other.as_bytes()), 0.0, "{one} {other}");
        }
        assert!(near(b"i", b"ivan") > 0.0 && near(b"v", b"victor") > 0.0);
        let texts =
            ["oak fund 1", "oak fund 2", "oak fund ii", "oak fund", "elm fund 02", "oak growth fund 2", "ash fund ix"];
        let series = |left: usize, right: usize| likeness(&texts, texts[left], texts[right]).series;
        assert!(series(0, 1) && series(1, 0) && series(0, 2));
        assert!(
            !series(1, 2) && !series(0, 3) && !series(1, 4) && !series(0, 5) && !series(0, 6),
            "one number, or more differs"
        );
        assert_eq!(
            ["14", "iv", "ix", "xxxi", "mix", "ba2"].map(number),
            [Some(14), Some(4), Some(9), Some(31), None, None]
        );
    }

    proptest! {
        #[test]
        fn both_sides_see_the_same(left in "[ab]{1,5}( [ab]{1,5}){0,4}", right in "[ab]{1,5}( [ab]{1,5}){0,4}") {
            let texts = [left.as_str(), right.as_str(), "ab"];
            let found = likeness(&texts, &left, &right);
            let turned = likeness(&texts, &right, &left).turned();
            prop_assert!((0.0..=1.0).contains(&found.soft));
            prop_assert!((found.soft - turned.soft).abs() < 1e-4, "{found:?} {turned:?}");
            prop_assert!((likeness(&texts, &left, &left).soft - 1.0).abs() < 1e-6);
        }
    }
}
