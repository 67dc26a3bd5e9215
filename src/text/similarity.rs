//! How much two texts resemble each other, from 0 (nothing in common) to 1 (equal).
//!
//! Not here: thresholds, and blocking, without which comparing all pairs is quadratic.

use super::clean::lined;

/// Jaro similarity with Winkler's bonus for a common prefix (0.1 for each of up to four characters).
///
/// Compares characters as they are: fold first what should not count. Two empty texts are equal.
/// Source: Winkler, *String Comparator Metrics and Enhanced Decision Rules*, 1990.
pub fn jaro_winkler(left: &str, right: &str) -> f64 {
    if left.is_ascii() && right.is_ascii() {
        return jaro_winkler_of(left.as_bytes(), right.as_bytes());
    }
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    jaro_winkler_of(&left, &right)
}

/// [`jaro_winkler`] of sequences of anything.
pub fn jaro_winkler_of<T: PartialEq + Copy>(left: &[T], right: &[T]) -> f64 {
    let prefix = left.iter().zip(right).take(4).take_while(|(left, right)| left == right).count();
    let jaro = jaro(left, right);
    (prefix as f64 * 0.1).mul_add(1.0 - jaro, jaro)
}

/// [`jaro_winkler_of`] two texts where it is at least so much; most that are less alike are known without it.
pub fn jaro_winkler_from(least: f64, left: &[u8], right: &[u8]) -> Option<f64> {
    // No more bytes match than stand in the other text at all.
    let marks = |it: &[u8]| it.iter().fold(0_u64, |acc, it| acc | 1 << (it & 63));
    let within = |it: &[u8], marks: u64| it.iter().filter(|it| marks >> (**it & 63) & 1 == 1).count();
    let matches = within(left, marks(right)).min(within(right, marks(left))) as f64;
    let jaro = (matches / left.len() as f64 + matches / right.len() as f64 + 1.0) / 3.0;
    let prefix = left.iter().zip(right).take(4).take_while(|(left, right)| left == right).count();
    let most = (prefix as f64 * 0.1).mul_add(1.0 - jaro, jaro);
    // A hair more, so that rounding never decides.
    if most + 1e-9 < least {
        return None;
    }
    Some(jaro_winkler_of(left, right)).filter(|it| *it >= least)
}

/// Normalised indel similarity of the words of two texts, sorted: neither order nor case nor punctuation counts.
///
/// `2 × longest common subsequence ÷ total length`, as RapidFuzz's `token_sort_ratio` over 100.
pub fn token_sort(left: &str, right: &str) -> f64 {
    let (left, right) = (sorted_words(left), sorted_words(right));
    if left == right {
        return 1.0;
    }
    let common = common_subsequence(&left, &right);
    2.0 * common as f64 / (left.len() + right.len()) as f64
}

fn jaro<T: PartialEq + Copy>(left: &[T], right: &[T]) -> f64 {
    if left == right {
        return 1.0;
    }
    // Which of the right ones are taken; one word of bits for what is short, as nearly all is.
    let (mut bits, mut many) = (0_u128, vec![false; if right.len() > 128 { right.len() } else { 0 }]);
    let is_used =
        |bits: u128, many: &[bool], at: usize| many.get(at).copied().unwrap_or(at < 128 && bits >> at & 1 == 1);
    // Characters match if they are equal and no further apart than this.
    let window = (left.len().max(right.len()) / 2).saturating_sub(1);
    let (mut matches, mut matched) = (0_usize, [None; 32]);
    let mut further: Vec<T> = Vec::new();
    for (at, it) in left.iter().enumerate() {
        let from = at.saturating_sub(window).min(right.len());
        let to = (at + window + 1).min(right.len());
        let free = (from..to.max(from)).find(|other| right[*other] == *it && !is_used(bits, &many, *other));
        if let Some(other) = free {
            match many.get_mut(other) {
                Some(used) => *used = true,
                None => bits |= 1 << other,
            }
            match matched.get_mut(matches) {
                Some(place) => *place = Some(*it),
                None => further.push(*it),
            }
            matches += 1;
        }
    }
    if matches == 0 {
        return 0.0;
    }
    let in_left_order = matched.iter().flatten().chain(&further);
    let in_right_order = right.iter().enumerate().filter(|(at, _)| is_used(bits, &many, *at)).map(|(_, it)| it);
    let displaced = in_left_order.zip(in_right_order).filter(|(left, right)| left != right).count();
    let matches = matches as f64;
    let transpositions = (displaced / 2) as f64;
    (matches / left.len() as f64 + matches / right.len() as f64 + (matches - transpositions) / matches) / 3.0
}

/// The words of `text` in lower case and in order, joined with spaces.
fn sorted_words(text: &str) -> Vec<char> {
    let text = lined(text).to_lowercase();
    let mut words: Vec<&str> = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
    words.sort_unstable();
    words.join(" ").chars().collect()
}

/// The length of the longest common subsequence.
fn common_subsequence(left: &[char], right: &[char]) -> usize {
    let mut row = vec![0_usize; right.len() + 1];
    for it in left {
        let mut diagonal = 0;
        for (at, other) in right.iter().enumerate() {
            let above = row[at + 1];
            row[at + 1] = if it == other { diagonal + 1 } else { above.max(row[at]) };
            diagonal = above;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(found: f64, expected: f64) {
        assert!((found - expected).abs() < 5e-5, "{found} is not {expected}");
    }

    #[test]
    fn known_pairs() {
        // From Winkler's papers.
        check(jaro_winkler("MARTHA", "MARHTA"), 0.9611);
        check(jaro_winkler("DWAYNE", "DUANE"), 0.84);
        check(jaro_winkler("DIXON", "DICKSONX"), 0.8133);
        check(jaro_winkler("a", "b"), 0.0);
        check(jaro_winkler("", "b"), 0.0);
        check(jaro_winkler("", ""), 1.0);
        check(token_sort("E-mail Address", "address (e mail)"), 1.0);
        check(token_sort("Phone", "Telephone"), 2.0 * 5.0 / 14.0);
        check(token_sort("Phone", ""), 0.0);
        check(token_sort("--", ""), 1.0);
        check(token_sort("abc", "xyz"), 0.0);
    }

    proptest! {
        #[test]
        fn what_is_less_alike_is_left_out_and_nothing_else(
            left in "[a-d1]{0,9}", right in "[a-d1]{0,9}", least in 0.0..1.0_f64
        ) {
            let (left, right) = (left.as_bytes(), right.as_bytes());
            let whole = jaro_winkler_of(left, right);
            prop_assert_eq!(jaro_winkler_from(least, left, right), Some(whole).filter(|it| *it >= least));
            prop_assert_eq!(jaro_winkler_from(whole, left, right), Some(whole));
        }

        #[test]
        fn both_are_measures(left in "[a-dé ]{0,8}|\\PC{0,20}", right in "[a-dé ]{0,8}|\\PC{0,20}") {
            for f in [jaro_winkler, token_sort] {
                let found = f(&left, &right);
                prop_assert!((0.0..=1.0).contains(&found), "{found}");
                prop_assert!((found - f(&right, &left)).abs() < 1e-12);
                prop_assert_eq!(f(&left, &left), 1.0);
            }
            prop_assert_eq!(jaro_winkler(&left, &right) == 1.0, left == right);
        }
    }
}
