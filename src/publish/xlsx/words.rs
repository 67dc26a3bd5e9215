//! What a workbook says by itself: names of its own sheets, their headings, and the word beside sums. The words are those
//! of `words.txt` beside this file, unless the export sets others.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

const FILE: &str = include_str!("words.txt");

/// Words by key, in the order of the file.
static ENGLISH: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let lines = FILE.lines().filter(|it| !it.starts_with('#'));
    lines.filter_map(|it| it.split_once(" = ")).collect()
});

/// Keys of words that name sheets.
pub const SHEETS: [&str; 3] = ["summary", "read_me", "quality"];

/// The words of a workbook that are not those of English, by key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Words(BTreeMap<String, String>);

impl Words {
    /// Those of English alone.
    pub const fn none() -> Words {
        Words(BTreeMap::new())
    }

    /// Whether all of them are those of English.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// All keys, in the order in which they are documented.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        ENGLISH.iter().map(|(key, _)| *key)
    }

    /// The word of English; nothing for what is no key.
    pub fn english(key: &str) -> Option<&'static str> {
        ENGLISH.iter().find(|(it, _)| *it == key).map(|(_, word)| *word)
    }

    /// Sets a word.
    pub fn set(&mut self, key: &str, word: String) {
        self.0.insert(key.to_owned(), word);
    }

    /// What is written for a key.
    pub fn of<'a>(&'a self, key: &'a str) -> &'a str {
        self.0.get(key).map_or_else(|| Words::english(key).unwrap_or(key), String::as_str)
    }

    /// The same with what stands in the places of its `{}`.
    pub fn with(&self, key: &str, values: &[&str]) -> String {
        let mut values = values.iter();
        let mut parts = self.of(key).split("{}");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            text += values.next().copied().unwrap_or_default();
            text += part;
        }
        text
    }
}

/// Places for values in a word.
pub fn places(word: &str) -> usize {
    word.matches("{}").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_that_of_english_or_the_one_that_was_set() {
        let mut words = Words::default();
        assert_eq!((words.of("total"), words.with("range", &["1", "9"])), ("Total", "1 to 9".to_owned()));
        words.set("range", "von {} bis {}".to_owned());
        assert_eq!(words.with("range", &["{}", "9"]), "von {} bis 9");
        let keys: Vec<_> = Words::keys().collect();
        assert!(SHEETS.iter().all(|it| keys.contains(it)) && keys.len() == 48, "{keys:?}");
    }
}
