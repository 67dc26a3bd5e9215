//! Distances between folded texts, over bytes: what is compared is ASCII.
//!
//! Jaro-Winkler stands in [`text::similarity`](crate::text::similarity).

/// Insertions, deletions, substitutions and swaps of neighbours that make one text of another, up to `limit`.
///
/// `None` when it takes more. The unrestricted distance of Damerau (1964) in the form of Lowrance and Wagner (1975): a
/// swap may have other edits between its letters, so `ca` becomes `abc` in two.
pub fn damerau_levenshtein(left: &[u8], right: &[u8], limit: usize) -> Option<usize> {
    if left.len().abs_diff(right.len()) > limit {
        return None;
    }
    let prefix = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[prefix..], &right[prefix..]);
    let suffix = left.iter().rev().zip(right.iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (&left[..left.len() - suffix], &right[..right.len() - suffix]);
    if left.is_empty() || right.is_empty() {
        let distance = left.len().max(right.len());
        return (distance <= limit).then_some(distance);
    }
    if limit == 0 {
        return None;
    }
    if limit == 1 {
        // With what is common at both ends gone, one edit is all there is.
        let swapped = matches!((left, right), ([a, b], [c, d]) if a == d && b == c);
        return (swapped || (left.len() == 1 && right.len() == 1)).then_some(1);
    }
    if limit == 2 {
        return by_first(left, right, limit);
    }
    let distance = whole(left, right);
    (distance <= limit).then_some(distance)
}

/// The distance of two texts that begin differently, by what was done to their first letters: left out, put in, replaced,
/// or swapped with a letter behind, with other edits between. Each costs at least one, so few are worth a try where the
/// limit is low.
fn by_first(left: &[u8], right: &[u8], limit: usize) -> Option<usize> {
    let rest = |from: usize, to: usize, cost: usize| {
        let more = damerau_levenshtein(left.get(from..)?, right.get(to..)?, limit.checked_sub(cost)?)?;
        Some(more + cost)
    };
    let swapped = (0..limit).flat_map(|gone| (0..limit - gone).map(move |new| (gone, new)));
    let swapped =
        swapped.filter(|(gone, new)| left.get(1 + gone) == right.first() && right.get(1 + new) == left.first());
    let swapped = swapped.map(|(gone, new)| rest(2 + gone, 2 + new, 1 + gone + new));
    [rest(1, 1, 1), rest(1, 0, 1), rest(0, 1, 1)].into_iter().chain(swapped).flatten().min()
}

fn whole(left: &[u8], right: &[u8]) -> usize {
    let width = right.len() + 2;
    let most = left.len() + right.len();
    let mut cells = vec![0_usize; (left.len() + 2) * width];
    cells[0] = most;
    for row in 0..=left.len() {
        cells[(row + 1) * width] = most;
        cells[(row + 1) * width + 1] = row;
    }
    for column in 0..=right.len() {
        cells[column + 1] = most;
        cells[width + column + 1] = column;
    }
    // The last row in which each byte stood on the left.
    let mut seen = [0_usize; 256];
    for row in 1..=left.len() {
        let mut last = 0;
        for column in 1..=right.len() {
            let above = seen[usize::from(right[column - 1])];
            let before = last;
            let equal = left[row - 1] == right[column - 1];
            if equal {
                last = column;
            }
            let substituted = cells[row * width + column] + usize::from(!equal);
            let inserted = cells[(row + 1) * width + column] + 1;
            let deleted = cells[row * width + column + 1] + 1;
            let swapped = cells[above * width + before] + (row - above - 1) + 1 + (column - before - 1);
            cells[(row + 1) * width + column + 1] = substituted.min(inserted).min(deleted).min(swapped);
        }
        seen[usize::from(left[row - 1])] = row;
    }
    cells[(left.len() + 1) * width + right.len() + 1]
}

/// Whether one word is short for the other: its letters stand in the other one in the same order, beginning with the
/// first, and it has at most two thirds as many, or it is its beginning. `intl` is short for `international`.
pub fn is_abbreviation(one: &[u8], other: &[u8]) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    if short.len() < 2 || short.len() * 3 > long.len() * 2 || short[0] != long[0] {
        return false;
    }
    if long.starts_with(short) {
        return true;
    }
    let mut rest = long.iter();
    // The last letters agree too, or anything would be short for a long word.
    let vowels = short.iter().skip(1).filter(|it| b"aeiou".contains(it)).count();
    short.iter().all(|it| rest.any(|other| other == it)) && short.last() == long.last() && vowels <= 1
}

/// How a word sounds, roughly: its first letter and up to four classes of consonants. Vowels, doubled letters and what
/// is often written for each other do not count.
pub(super) fn sound(word: &[u8]) -> u64 {
    let class = |it: u8| match it {
        b'b' | b'f' | b'p' | b'v' | b'w' => 1,
        b'c' | b'g' | b'j' | b'k' | b'q' | b's' | b'x' | b'z' => 2,
        b'd' | b't' => 3,
        b'l' => 4,
        b'm' | b'n' => 5,
        b'r' => 6,
        b'0'..=b'9' => 7 + u64::from(it - b'0'),
        _ => 0,
    };
    let Some((first, rest)) = word.split_first() else { return 0 };
    let mut last = class(*first);
    let mut acc = u64::from(if last == 0 { *first } else { 128 + last as u8 });
    let mut count = 0;
    for it in rest {
        let now = class(*it);
        if now != 0 && now != last && count < 4 {
            acc = acc * 32 + now;
            count += 1;
        }
        if *it != b'h' {
            last = now;
        }
    }
    acc
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn distance(left: &str, right: &str) -> usize {
        damerau_levenshtein(left.as_bytes(), right.as_bytes(), 99).expect("a short text")
    }

    #[test]
    fn known_distances() {
        // Damerau 1964 counts a swap as one; Lowrance and Wagner 1975 give 2 for the second, the restricted distance 3.
        assert_eq!(distance("ab", "ba"), 1);
        assert_eq!(distance("ca", "abc"), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("19880131", "19880113"), 1);
        assert_eq!(damerau_levenshtein(b"kitten", b"sitting", 2), None);
        assert_eq!(damerau_levenshtein(b"abcd", b"abdc", 1), Some(1));
        assert_eq!(damerau_levenshtein(b"abcd", b"badc", 1), None);
        assert_eq!(damerau_levenshtein(b"a", b"a", 0), Some(0));
        assert_eq!(damerau_levenshtein(b"a", b"b", 0), None);
    }

    #[test]
    fn few_edits_are_found_as_the_whole_table_finds_them() {
        let longer =
            |all: &[String]| all.iter().flat_map(|it| ["a", "b", "c"].map(|end| format!("{it}{end}"))).collect();
        let mut texts: Vec<Vec<String>> = vec![vec![String::new()]];
        (0..5).for_each(|at| texts.push(longer(&texts[at])));
        let texts: Vec<String> = texts.concat();
        for left in &texts {
            for right in &texts {
                let (a, b) = (left.as_bytes(), right.as_bytes());
                let expected = whole(a, b);
                for limit in [1, 2] {
                    let found = damerau_levenshtein(a, b, limit);
                    assert_eq!(found, Some(expected).filter(|it| *it <= limit), "{left} {right} {limit}");
                }
            }
        }
    }

    #[test]
    fn abbreviations() {
        for (short, long) in [("intl", "international"), ("eng", "engineering"), ("svcs", "services"), ("st", "street")]
        {
            assert!(is_abbreviation(short.as_bytes(), long.as_bytes()), "{short}");
            assert!(is_abbreviation(long.as_bytes(), short.as_bytes()), "{long}");
        }
        for (one, other) in [("cat", "carpet shop"), ("road", "broad"), ("a", "abc"), ("motor", "motors"), ("", "")] {
            assert!(!is_abbreviation(one.as_bytes(), other.as_bytes()), "{one}");
        }
    }

    #[test]
    fn sounds() {
        assert_eq!(sound(b"catherine"), sound(b"katrin"));
        assert_eq!(sound(b"smith"), sound(b"smyth"));
        assert_ne!(sound(b"smith"), sound(b"jones"));
    }

    proptest! {
        #[test]
        fn it_is_a_distance(a in "[a-c]{0,7}", b in "[a-c]{0,7}", c in "[a-c]{0,7}", limit in 0_usize..5) {
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert_eq!(distance(&a, &b) == 0, a == b);
            prop_assert!(distance(&a, &c) <= distance(&a, &b) + distance(&b, &c));
            let limited = damerau_levenshtein(a.as_bytes(), b.as_bytes(), limit);
            prop_assert_eq!(limited, Some(distance(&a, &b)).filter(|it| *it <= limit));
        }
    }
}
