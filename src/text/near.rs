//! The entry of a closed list that a text means though it says more, or less: a town beside a province, a slip of the pen.
//!
//! A text means an entry where it leaves no other. What could be two is none.
//!
//! Not here: any such list, and texts that mean an entry without its letters.

use std::collections::BTreeSet;

use super::alias::{Aliases, folded};
use super::clean::lined;

/// Letters and digits that a part of a text has at least, where it does not stand between marks.
const LEAST: usize = 4;
/// So long is a text in which one letter may be wrong, and one in which two may.
const ONE_SLIP: usize = 5;
const TWO_SLIPS: usize = 10;
/// What is longer is a note. It bounds the work on a cell.
const MOST: usize = 200;

impl Aliases {
    /// The canonical name that `text` stands for, that stands in it, or that it misses by a letter or two.
    ///
    /// `None` where two names fit as well, and for texts of more than 200 bytes that are in no list.
    pub fn near(&self, text: &str) -> Option<&str> {
        if let Some(found) = self.find(text) {
            return Some(found);
        }
        let text = lined(text);
        if text.len() > MOST {
            return None;
        }
        let parts = text.split(|it: char| "(),;/|[]–—".contains(it)).flat_map(|it| it.split(" - "));
        let parts: BTreeSet<&str> = parts.filter(|it| !it.trim().is_empty()).filter_map(|it| self.find(it)).collect();
        self.only(&parts).or_else(|| self.only(&self.within(&text))).or_else(|| self.slip(&text))
    }

    /// The only one of `found`, as it stands in the list.
    fn only(&self, found: &BTreeSet<&str>) -> Option<&str> {
        let one = found.first().filter(|_| found.len() == 1)?;
        self.names().find(|it| it == one)
    }

    /// The names that words of `text` that follow each other stand for; a longer run goes before what stands within it.
    fn within(&self, text: &str) -> BTreeSet<&str> {
        let words: Vec<&str> = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
        let (mut found, mut at) = (BTreeSet::new(), 0);
        while at < words.len() {
            let runs = (at + 1..=words.len()).rev().map(|end| (end, words[at..end].join(" ")));
            let hit = runs.filter(|(_, it)| folded(it).chars().count() >= LEAST);
            let hit = hit.filter_map(|(end, it)| Some((end, self.find(&it)?))).next();
            match hit {
                Some((end, name)) => {
                    found.insert(name);
                    at = end;
                }
                None => at += 1,
            }
        }
        found
    }

    /// The name whose spelling is the nearest, if it is near and no other is as near.
    fn slip(&self, text: &str) -> Option<&str> {
        let text: Vec<char> = folded(text).chars().collect();
        let most = usize::from(text.len() >= ONE_SLIP) + usize::from(text.len() >= TWO_SLIPS);
        let (mut least, mut found) = (most + 1, BTreeSet::new());
        for (spelling, name) in self.spellings() {
            let spelling: Vec<char> = spelling.chars().collect();
            if spelling.len() < ONE_SLIP || spelling.len().abs_diff(text.len()) > most {
                continue;
            }
            let slips = slips(&text, &spelling);
            if slips < least {
                least = slips;
                found.clear();
            }
            if slips == least && slips <= most {
                found.insert(name);
            }
        }
        self.only(&found)
    }
}

/// How many letters are wrong, too many, missing, or have changed places with their neighbour.
fn slips(left: &[char], right: &[char]) -> usize {
    let width = right.len() + 1;
    let mut rows = vec![(0..width).collect::<Vec<_>>()];
    for (at, it) in left.iter().enumerate() {
        let above = &rows[at];
        let mut row = vec![at + 1; width];
        for (to, other) in right.iter().enumerate() {
            let mut best = (above[to] + usize::from(it != other)).min(above[to + 1] + 1).min(row[to] + 1);
            if at > 0 && to > 0 && *it == right[to - 1] && left[at - 1] == *other {
                best = best.min(rows[at - 1][to - 1] + 1);
            }
            row[to + 1] = best;
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIST: &str = "Upland\nUL\tUpland\nEast Cape\nWest Cape\nNorth West\nLong Island\nlongisle\tLong Island\n\
        Mountainside\n";

    fn check(text: &str, expected: &str) {
        assert_eq!(Aliases::parse(LIST).near(text).unwrap_or_default(), expected, "{text:?}");
    }

    #[test]
    fn what_leaves_no_other_is_meant() {
        check("upland", "Upland");
        check("Hilltown, Upland", "Upland");
        check("Hilltown (UL)", "Upland");
        check("Hilltown / Upland / Upland", "Upland");
        check("Hilltown Upland", "Upland");
        check("Port East Cape side", "East Cape");
        check("Uplnad", "Upland");
        check("Uplands", "Upland");
        check("Mountanside", "Mountainside");
        check("Muontainsied", "Mountainside");
        check("Longisland", "Long Island");
        check("north - west", "North West");
        for text in
            ["", "Hilltown", "UL town", "ULL", "East Cape, West Cape", "est Cape", "Uplxxd", "North", "Cape", "Up"]
        {
            check(text, "");
        }
        check(&format!("Upland {}", "x".repeat(200)), "");
    }

    #[test]
    fn letters_are_counted() {
        let count = |left: &str, right: &str| {
            let of = |it: &str| it.chars().collect::<Vec<_>>();
            slips(&of(left), &of(right))
        };
        for (left, right, expected) in
            [("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("abc", "abd", 1), ("abc", "ab", 1), ("abcd", "badc", 2)]
        {
            assert_eq!(count(left, right), expected, "{left} {right}");
            assert_eq!(count(right, left), expected, "{right} {left}");
        }
    }

    proptest! {
        #[test]
        fn what_is_found_is_in_the_list_and_stays_itself(text in "[UuplandEstW CapeoriNhg,/()-]{0,24}|\\PC{0,40}") {
            let list = Aliases::parse(LIST);
            if let Some(found) = list.near(&text) {
                prop_assert!(list.names().any(|it| it == found));
                prop_assert_eq!(list.near(found), Some(found));
            }
        }
    }
}
