//! Values of a column that are one in several spellings: by the words that they have, by their pairs of letters, and by
//! a letter or two. Which of them are one is for people to say; this proposes.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::alias::folded;
use super::sounds::{Sound, sounds};
use crate::linkage::damerau_levenshtein;

/// How values are found to be one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Alike {
    /// The same words in any order, without regard to case, accents and punctuation.
    Words,
    /// The same pairs of letters, without regard to spaces.
    Pairs,
    /// A letter differs; in longer values two.
    Near,
    /// The same sounds, by a method that was made for a language.
    Sounds(Sound),
}

impl Alike {
    /// All of them that are of no language, the surest first.
    pub const ALL: [Alike; 3] = [Alike::Words, Alike::Pairs, Alike::Near];
}

/// Values that may be one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The value of most rows.
    pub name: String,
    /// The others with their rows, those of most rows first.
    pub others: Vec<(String, u64)>,
    /// Rows with the name.
    pub rows: u64,
}

/// Letters that a value has at least in which one may be wrong, and in which two may.
const ONE_SLIP: usize = 5;
const TWO_SLIPS: usize = 10;
/// The longest value, in folded bytes, of which neighbours are looked for.
const LONGEST: usize = 80;
/// Letters at either end of which one end is the same in two neighbours.
const ENDS: usize = 3;
/// Values with one end in common beyond which they are not compared one by one.
const MOST: usize = 500;

/// Groups of values that are alike in one of these ways, those of most rows first. `preferred`: names that go before
/// others, whatever their rows. Beside them, how many values were not compared with all that may be near.
pub fn groups(values: &BTreeMap<String, u64>, by: &[Alike], preferred: &BTreeSet<String>) -> (Vec<Group>, usize) {
    let all: Vec<(&String, u64)> = values.iter().map(|(it, rows)| (it, *rows)).collect();
    let keys: Vec<String> = all.iter().map(|it| words(it.0)).collect();
    let mut above: Vec<usize> = (0..all.len()).collect();
    let mut left_out = 0;
    for how in by {
        match how {
            Alike::Words => by_key(&mut above, keys.iter().map(|it| it.replace(' ', "\u{1f}"))),
            Alike::Pairs => by_key(&mut above, all.iter().map(|it| pairs(it.0))),
            Alike::Near => left_out = near(&mut above, &keys),
            Alike::Sounds(by) => by_key(&mut above, all.iter().map(|it| sounds(it.0, *by))),
        }
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for at in 0..all.len() {
        members.entry(top(&mut above, at)).or_default().push(at);
    }
    let mut acc: Vec<Group> = Vec::new();
    for mut of in members.into_values().filter(|it| it.len() > 1) {
        of.sort_by_key(|at| (!preferred.contains(all[*at].0), std::cmp::Reverse(all[*at].1), all[*at].0));
        let (name, rows) = all[of[0]];
        let others = of[1..].iter().map(|at| (all[*at].0.clone(), all[*at].1)).collect();
        acc.push(Group { name: name.clone(), others, rows });
    }
    let rows = |it: &Group| it.rows + it.others.iter().map(|it| it.1).sum::<u64>();
    acc.sort_by(|a, b| rows(b).cmp(&rows(a)).then_with(|| a.name.cmp(&b.name)));
    (acc, left_out)
}

fn top(above: &mut [usize], mut at: usize) -> usize {
    while above[at] != at {
        above[at] = above[above[at]];
        at = above[at];
    }
    at
}

fn join(above: &mut [usize], one: usize, other: usize) {
    let (one, other) = (top(above, one), top(above, other));
    above[one.max(other)] = one.min(other);
}

fn by_key(above: &mut [usize], keys: impl Iterator<Item = String>) {
    let mut first: HashMap<String, usize> = HashMap::new();
    for (at, key) in keys.enumerate().filter(|(_, it)| !it.is_empty()) {
        let known = *first.entry(key).or_insert(at);
        join(above, known, at);
    }
}

/// The different words of a value, folded and sorted.
fn words(value: &str) -> String {
    let words: BTreeSet<Box<str>> =
        value.split(|it: char| !it.is_alphanumeric()).map(folded).filter(|it| !it.is_empty()).collect();
    words.iter().map(|it| &**it).collect::<Vec<_>>().join(" ")
}

/// The different pairs of letters of a value, sorted; nothing of one that is too short to tell.
fn pairs(value: &str) -> String {
    let letters: Vec<char> = folded(value).chars().collect();
    if letters.len() < ONE_SLIP {
        return String::new();
    }
    let pairs: BTreeSet<String> = letters.windows(2).map(|it| it.iter().collect()).collect();
    pairs.into_iter().collect::<Vec<_>>().join("")
}

/// Joins values of which a letter differs, or two; gives how many were not compared by one of their ends, because too
/// many have it. A number that differs is another one.
fn near(above: &mut [usize], keys: &[String]) -> usize {
    let mut by_part: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, key) in keys.iter().enumerate() {
        let letters: Vec<char> = key.chars().collect();
        if !(ONE_SLIP..=LONGEST).contains(&letters.len()) {
            continue;
        }
        for part in [&letters[..ENDS], &letters[letters.len() - ENDS..]] {
            by_part.entry(part.iter().collect()).or_default().push(at);
        }
    }
    let digits = |it: &str| it.chars().filter(char::is_ascii_digit).collect::<String>();
    let (mut by_part, large): (Vec<Vec<usize>>, Vec<Vec<usize>>) =
        by_part.into_values().partition(|it| it.len() <= MOST);
    by_part.sort_unstable();
    for of in by_part {
        for (place, one) in of.iter().enumerate() {
            for other in &of[place + 1..] {
                let (a, b) = (&keys[*one], &keys[*other]);
                let most = if a.chars().count().min(b.chars().count()) >= TWO_SLIPS { 2 } else { 1 };
                if damerau_levenshtein(a.as_bytes(), b.as_bytes(), most).is_some() && digits(a) == digits(b) {
                    join(above, *one, *other);
                }
            }
        }
    }
    large.iter().map(Vec::len).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[(&str, u64)], by: &[Alike], expected: &str) {
        let values = values.iter().map(|(it, rows)| ((*it).to_owned(), *rows)).collect();
        let told = groups(&values, by, &BTreeSet::new()).0.into_iter().map(|it| {
            let others: Vec<String> = it.others.into_iter().map(|it| it.0).collect();
            format!("{}: {}", it.name, others.join(", "))
        });
        assert_eq!(told.collect::<Vec<_>>().join(" / "), expected);
    }

    #[test]
    fn values_in_several_spellings_are_found() {
        let values = [("Cape Town", 9), ("cape  town", 2), ("Town, Cape", 1), ("CapeTown", 3), ("Durban", 4)];
        check(&values, &[Alike::Words], "Cape Town: cape  town, Town, Cape");
        check(&values, &[Alike::Pairs], "Cape Town: CapeTown, cape  town");
        check(&values, &Alike::ALL, "Cape Town: CapeTown, cape  town, Town, Cape");
        check(&[("Perdeblom", 5), ("Perdebolm", 1), ("Perdblom", 1)], &[Alike::Near], "Perdeblom: Perdblom, Perdebolm");
        check(&[("Kestrel Avenue", 5), ("Kestral Avenu", 1)], &[Alike::Near], "Kestrel Avenue: Kestral Avenu");
        // Short ones, numbers, and what is nothing.
        check(&[("Ada", 5), ("Adi", 1)], &Alike::ALL, "");
        check(&[("Route 61", 5), ("Route 62", 1)], &Alike::ALL, "");
        check(&[("", 5), (" ", 1), ("-", 1), ("--", 1)], &Alike::ALL, "");
        check(&[("Zoë", 1), ("zoe", 4)], &Alike::ALL, "zoe: Zoë");
    }

    #[test]
    fn values_that_sound_alike_are_found_by_the_method_of_a_language() {
        let values = [("Knight Street", 5), ("Nite Street", 1), ("Kestrel Street", 2)];
        check(&values, &[Alike::Sounds(Sound::Metaphone)], "Knight Street: Nite Street");
        check(&values, &[Alike::Words, Alike::Pairs], "");
        check(&[("Maier", 2), ("Meyer", 1)], &[Alike::Sounds(Sound::Cologne)], "Maier: Meyer");
    }

    #[test]
    fn a_name_that_is_known_goes_before_one_of_more_rows() {
        let values = BTreeMap::from([("Zoe".to_owned(), 9), ("zoë".to_owned(), 1)]);
        let found = groups(&values, &[Alike::Words], &BTreeSet::from(["zoë".to_owned()])).0;
        assert_eq!((found[0].name.as_str(), found[0].rows), ("zoë", 1));
    }
}
