//! How alike two names are: word by word, whatever their order, and rare words count more than common ones.
//!
//! Not here: what only a person knows to mean the same is a synonym. Which words look alike and are others is data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::clean::line;
use super::similarity::jaro_winkler;

/// Words that are this alike are one word in two spellings: `organisation` and `organization`.
const SAME: f64 = 0.92;
/// What a word counts that stands in no known name.
const STRANGE: f64 = 0.7;
/// What two words have in common of which one is the beginning of the other: `tel` and `telephone`.
const BEGINNING: f64 = 0.7;
/// The same for the end of a word: `phone` and `telephone`.
const END: f64 = 0.6;
/// No two different names are more alike than this.
const MOST: f64 = 0.9;
/// What is left of a likeness where each name has a word that the other one lacks.
const APART: f64 = 0.7;

/// Words that differ in a letter or two, each with its line and its group: those of two groups of one line are no
/// spellings of each other.
static OTHER_WORDS: LazyLock<BTreeMap<&str, (usize, usize)>> = LazyLock::new(|| {
    let lines = include_str!("other_words.txt").lines().filter(|it| !it.starts_with('#')).enumerate();
    let groups = lines.flat_map(|(line, it)| it.split('|').enumerate().map(move |(group, it)| ((line, group), it)));
    groups.flat_map(|(at, it)| it.split_whitespace().map(move |word| (word, at))).collect()
});

/// Words that stand between others and name nothing by themselves.
const BETWEEN: [&str; 15] =
    ["from", "of", "to", "by", "for", "the", "in", "on", "at", "and", "or", "with", "as", "is", "an"];

/// The words of all known names, and how much each tells.
pub struct Words {
    weights: BTreeMap<String, f64>,
    negations: BTreeSet<String>,
}

/// The words of one name, and how much each tells.
#[derive(Clone, PartialEq, Debug)]
pub struct Name {
    words: Vec<(String, f64)>,
    /// Whether one of them says the opposite of the others.
    is_negated: bool,
}

impl Words {
    /// `things` go by several names each; a word of many things tells little.
    pub fn new<'a, N: IntoIterator<Item = &'a str>>(things: impl IntoIterator<Item = N>) -> Words {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for names in things {
            let own: BTreeSet<String> = names.into_iter().flat_map(words).collect();
            own.into_iter().for_each(|it| *counts.entry(it).or_default() += 1);
        }
        let weights = counts.into_iter().map(|(word, count)| (word, 1.0 / f64::from(count).sqrt())).collect();
        Words { weights, negations: BTreeSet::new() }
    }

    /// The same where these words say the opposite of what stands beside them: a name with one is like none without.
    #[must_use]
    pub fn negated_by(mut self, negations: &[String]) -> Words {
        self.negations = negations.iter().flat_map(|it| words(it)).collect();
        self
    }

    /// How much two names have in common, as [`Name::alike`].
    pub fn alike(&self, left: &str, right: &str) -> f64 {
        self.name(left).alike(&self.name(right))
    }

    /// A name that is to be compared. To weigh it costs more than to compare it, so whoever compares many does it once.
    pub fn name(&self, name: &str) -> Name {
        let weight = |word: &String| {
            let exact = self.weights.get(word).copied();
            let spelt = || self.weights.iter().find(|(it, _)| spellings(it, word).is_some()).map(|(_, weight)| *weight);
            exact.or_else(spelt).unwrap_or(STRANGE)
        };
        let mut acc: Vec<String> = Vec::new();
        for word in words(name) {
            // Two words that are known as one: `web site`.
            let joined = acc.last().map(|it| format!("{it}{word}")).filter(|it| self.weights.contains_key(it));
            match (joined, acc.last_mut()) {
                (Some(joined), Some(last)) => *last = joined,
                _ => acc.push(word),
            }
        }
        let is_negated = acc.iter().any(|it| self.negations.contains(it));
        let words = acc.into_iter().map(|word| (weight(&word), word)).map(|(weight, word)| (word, weight)).collect();
        Name { words, is_negated }
    }
}

impl Name {
    /// From 0 to 0.9: half of it how much of both names is common, half how much of the lesser one is.
    pub fn alike(&self, other: &Name) -> f64 {
        self.common(other).0
    }

    /// How far the names may be those of one thing, and whether each has a word that the other lacks, as `order date` and
    /// `delivery date` do: then it is less than they are alike. Numbers are no words.
    pub fn names(&self, other: &Name) -> (f64, bool) {
        match self.common(other) {
            (alike, [true, true]) => (alike * APART, true),
            (alike, _) => (alike, false),
        }
    }

    /// How alike they are, and whether words of each are left that the other one lacks.
    fn common(&self, other: &Name) -> (f64, [bool; 2]) {
        let (left, right) = (&self.words, &other.words);
        let (in_left, in_right): (f64, f64) = (total(left), total(right));
        let is_hollow = |it: &[(String, f64)]| it.iter().all(|(word, _)| BETWEEN.contains(&word.as_str()));
        let is_hollow = is_hollow(left) != is_hollow(right);
        if in_left == 0.0 || in_right == 0.0 || is_hollow || self.is_negated != other.is_negated {
            return (0.0, [!left.is_empty(), !right.is_empty()]);
        }
        let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
        for (at, (a, _)) in left.iter().enumerate() {
            pairs.extend(right.iter().enumerate().map(|(other, (b, _))| (word_alike(a, b), at, other)));
        }
        pairs.retain(|(alike, ..)| *alike > 0.0);
        pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let (mut used_left, mut used_right) = (BTreeSet::new(), BTreeSet::new());
        let mut common = 0.0;
        for (alike, at, other) in pairs {
            if used_left.contains(&at) || used_right.contains(&other) {
                continue;
            }
            used_left.insert(at);
            used_right.insert(other);
            common += alike * left[at].1.min(right[other].1);
        }
        let both = 2.0 * common / (in_left + in_right);
        let lesser = (common / in_left.min(in_right)).min(1.0);
        let rest = |words: &[(String, f64)], used: &BTreeSet<usize>| {
            let word = |it: &String| it.contains(char::is_alphabetic);
            words.iter().enumerate().any(|(at, (it, _))| !used.contains(&at) && word(it))
        };
        (((both + lesser) / 2.0).min(MOST), [rest(left, &used_left), rest(right, &used_right)])
    }
}

fn total(words: &[(String, f64)]) -> f64 {
    words.iter().map(|(_, weight)| weight).sum()
}

fn word_alike(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let length = short.chars().count();
    let alike = spellings(a, b);
    match () {
        () if let Some(alike) = alike => alike,
        () if length >= 3 && long.starts_with(short) => BEGINNING,
        () if length >= 4 && long.ends_with(short) => END,
        () => 0.0,
    }
}

/// How alike two words are that are one word in two spellings.
fn spellings(a: &str, b: &str) -> Option<f64> {
    let alike = Some(jaro_winkler(a, b)).filter(|it| *it >= SAME)?;
    match (OTHER_WORDS.get(a), OTHER_WORDS.get(b)) {
        (Some((line, group)), Some((other, of))) if line == other && group != of => None,
        _ => Some(alike),
    }
}

/// Whether a column is headed by what stands over the one to its left: cells that were merged, or a name given twice.
/// Such columns are numbered where they are read: `Airport`, `Airport_2`, `Airport_3`.
pub fn goes_on(left: &str, column: &str) -> bool {
    let number = |name: &str, stem: &str| name.strip_prefix(stem)?.strip_prefix('_')?.parse::<u32>().ok();
    let stem = left.rsplit_once('_').filter(|it| it.1.parse::<u32>().is_ok()).map_or(left, |it| it.0);
    [left, stem].into_iter().any(|it| match (number(left, it), number(column, it)) {
        (None, Some(second)) => second == 2 && it == left,
        (Some(before), Some(after)) => after == before + 1,
        _ => false,
    })
}

/// Whether a column has no name of its own and is called by its letter. It stands at a place counted from 0, and columns
/// to its left may have been left out, though hardly more than are there: `FAX` is a name. Text has no merged cells: what
/// they headed has no name there.
pub fn nameless(column: &str, place: usize) -> bool {
    let letters = (1..=3).contains(&column.len()) && column.bytes().all(|it| it.is_ascii_uppercase());
    let number = || column.bytes().fold(0, |acc, it| acc * 26 + usize::from(it - b'A') + 1);
    letters && (place + 1..=2 * place + 1).contains(&number())
}

/// Whether two names begin with the same word, and are more than that.
pub fn begin_alike(left: &str, right: &str) -> bool {
    let (left, right) = (words(left), words(right));
    left.len() > 1 && right.len() > 1 && left[0] == right[0]
}

/// The words of a name in lower case and in the singular: `CellNumbers_2` is `cell`, `number` and `2`. A letter alone
/// belongs to what follows it: `e-mail` is one word.
fn words(name: &str) -> Vec<String> {
    let name = line(name).unwrap_or_default();
    let mut acc: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut before = ' ';
    for it in name.chars().chain([' ']) {
        let turns = (before.is_lowercase() && it.is_uppercase()) || (before.is_numeric() != it.is_numeric());
        if (!it.is_alphanumeric() || turns) && !word.is_empty() {
            let letter = acc.last().is_some_and(|it| it.chars().count() == 1 && it.chars().all(char::is_alphabetic));
            let word = std::mem::take(&mut word);
            match acc.last_mut().filter(|_| letter) {
                Some(last) => last.push_str(&word),
                None => acc.push(word),
            }
        }
        if it.is_alphanumeric() {
            word.extend(it.to_lowercase());
        }
        before = it;
    }
    acc.into_iter().map(singular).collect()
}

/// Without the `s` of a plural, as far as its look tells.
fn singular(mut word: String) -> String {
    let plural = word.len() > 3 && word.ends_with('s') && !["ss", "us", "is"].iter().any(|it| word.ends_with(it));
    if plural {
        word.pop();
    }
    word
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known() -> Words {
        Words::new([
            vec!["organization_name"],
            vec!["organization_type"],
            vec!["contact_emails", "E-mail"],
            vec!["contact_phones"],
            vec!["contact_name"],
            vec!["website"],
        ])
    }

    #[test]
    fn names_are_cut_into_words() {
        let check = |name: &str, expected: &[&str]| assert_eq!(words(name), expected, "{name}");
        check("CellNumbers_2", &["cell", "number", "2"]);
        check("E-mail Address", &["email", "address"]);
        check("  Website\nURL ", &["website", "url"]);
        check("STATUS", &["status"]);
        check("", &[]);
        check("—", &[]);
    }

    #[test]
    fn the_nearer_name_is_more_alike() {
        let known = known();
        let check = |column: &str, near: &str, far: &str| {
            let (near_by, far_by) = (known.alike(column, near), known.alike(column, far));
            assert!(near_by > far_by && near_by >= 0.6, "{column}: {near} {near_by}, {far} {far_by}");
        };
        check("Name of Organisation", "organization_name", "organization_type");
        check("Contact Email Address", "contact_emails", "contact_phones");
        check("Telephone number", "phone_number", "contact_name");
        check("Web-Site URL", "website", "contact_name");
        assert_eq!(known.alike("Distance", "website"), 0.0);
        assert_eq!(known.alike("from", "removed from list"), 0.0);
    }

    #[test]
    fn a_name_is_not_like_its_opposite() {
        let known = || Words::new([vec!["contact_refused", "do not call", "no contact"], vec!["contact_person"]]);
        let negated = known().negated_by(&["not".to_owned()]);
        let check = |column: &str, expected: bool| {
            assert!(known().alike(column, "do not call") >= 0.6, "{column}");
            assert_eq!(negated.alike(column, "do not call") >= 0.6, expected, "{column}");
        };
        check("Call", false);
        check("Do not call list date", true);
        check("NOT TO CALL", true);
    }

    #[test]
    fn words_that_look_alike_may_be_others() {
        let words = Words::new([vec!["contact", "country", "payee"]]);
        for (left, right) in
            [("Contract", "contact"), ("Contracts", "Contacts"), ("County", "country"), ("payer", "payee")]
        {
            assert_eq!(words.alike(left, right), 0.0, "{left}");
        }
        assert!(words.alike("Contcat", "contact") > 0.5 && words.alike("Countrys", "country") > 0.5);
    }

    #[test]
    fn names_with_words_of_their_own_are_rather_of_two_things() {
        let known = Words::new([vec!["delivery date", "phone number"]]);
        let check = |left: &str, right: &str, less: bool| {
            let (left, right) = (known.name(left), known.name(right));
            assert_eq!(left.names(&right).0 < left.alike(&right), less, "{left:?} {right:?}");
        };
        check("Order date", "delivery date", true);
        check("Date", "delivery date", false);
        check("Date of the delivery", "delivery date", false);
        check("Phone 2", "phone number", false);
        check("Order", "delivery date", false);
    }

    #[test]
    fn headers_over_several_columns_go_on() {
        let check = |left: &str, column: &str, expected: bool| assert_eq!(goes_on(left, column), expected, "{column}");
        check("Airport", "Airport_2", true);
        check("Airport_2", "Airport_3", true);
        check("line_1", "line_1_2", true);
        check("line_1", "line_2", true);
        check("Airport", "Airport_3", false);
        check("Airport", "Airport_x", false);
        check("Airport", "Port_2", false);
        assert!(begin_alike("address_primary", "address_town") && !begin_alike("address", "address_town"));
    }

    #[test]
    fn letters_of_a_place_are_no_names() {
        let check = |column: &str, place: usize, expected: bool| {
            assert_eq!(nameless(column, place), expected, "{column} at {place}");
        };
        check("B", 1, true);
        check("C", 1, true);
        check("AC", 28, true);
        check("AC", 20, true);
        check("B", 2, false);
        check("M", 2, false);
        check("AC", 3, false);
        check("FAX", 2, false);
        check("b", 1, false);
        check("", 0, false);
    }

    proptest! {
        #[test]
        fn likeness_is_a_measure(left in "[a-d_A-D ]{0,12}|\\PC{0,12}", right in "[a-d_A-D ]{0,12}|\\PC{0,12}") {
            let known = known();
            let found = known.alike(&left, &right);
            prop_assert!((0.0..=MOST).contains(&found), "{found}");
            prop_assert!((found - known.alike(&right, &left)).abs() < 1e-12);
        }
    }
}
