//! Lists of values in one cell: all e-mail addresses that were ever seen of somebody, all numbers, all names.

use super::hashing::{Hashes, hash};
use crate::text::list;

/// What stands between two items of a folded list.
const BETWEEN: char = '|';

/// The items of a list, each once, in their order, as `item` folds them. A list is one of JSON, or has `;` or `|` or else
/// `,` between its items.
pub(super) fn fold(text: &str, item: impl Fn(&str) -> String) -> String {
    let json = list::of_json(text);
    let items: Vec<&str> = match &json {
        Some(items) => items.split(list::BETWEEN).collect(),
        None if text.contains([';', '|', '\n']) => text.split([';', '|', '\n']).collect(),
        None => text.split(',').collect(),
    };
    let mut items: Vec<String> = items.iter().map(|it| item(it).replace(BETWEEN, " ")).collect();
    // What has neither a letter nor a digit says nothing.
    items.retain(|it| it.bytes().any(|it| it.is_ascii_alphanumeric()));
    items.sort_unstable();
    items.dedup();
    items.join("|")
}

/// The step of two lists that are not equal, by how many items they have in common.
pub(super) fn step(one: &str, other: &str) -> u8 {
    let (mut one, mut other) = (one.split(BETWEEN).peekable(), other.split(BETWEEN).peekable());
    let mut common = 0;
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        match a.cmp(b) {
            std::cmp::Ordering::Less => drop(one.next()),
            std::cmp::Ordering::Greater => drop(other.next()),
            std::cmp::Ordering::Equal => {
                common += 1;
                one.next();
                other.next();
            }
        }
    }
    match common {
        0 => 2,
        1 => 1,
        _ => 0,
    }
}

/// Keys of a list: of its items those with the least hashes. Two lists of few items that have one in common share a key,
/// and of long ones those that have much in common (Broder 1997).
pub(super) fn keys(folded: &str) -> Hashes {
    let mut hashes: Vec<u64> =
        folded.split(BETWEEN).filter(|it| !it.is_empty()).map(|it| hash(it.as_bytes())).collect();
    hashes.sort_unstable();
    let mut acc = Hashes::default();
    acc.iter_mut().zip(hashes).for_each(|(place, it)| *place = it);
    acc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sets_of_folded_items() {
        let fold = |text: &str| fold(text, |it| it.trim().to_lowercase());
        for text in
            ["b@x.example; A@x.example", "[\"A@X.example\", \"b@x.example\"]", "a@x.example,b@x.example, b@x.example"]
        {
            assert_eq!(fold(text), "a@x.example|b@x.example", "{text}");
        }
        assert_eq!(fold("one, two; three"), "one, two|three");
        assert_eq!([fold(""), fold(" ; ,"), fold("[]"), fold("[null]")], ["", "", "", ""]);
        assert_eq!((step("a|b|c", "b|c|d"), step("a|b", "b|d"), step("a", "b")), (0, 1, 2));
        let shared = |one: &str, other: &str| {
            let other = keys(other);
            keys(one).iter().any(|it| *it != 0 && other.contains(it))
        };
        assert!(shared("a|b|c", "c|x|y") && shared("a", "a|b|c") && !shared("a|b", "c|d"));
        assert_eq!(keys(""), [0; 3]);
    }
}
