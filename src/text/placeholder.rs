//! Words that stand where a value is missing: `N/A`, `unknown`, `-`, whatever a profile lists.
//!
//! Not here: any such word. The list is an argument.

use super::clean::lined;

/// A list of words that are no values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placeholders {
    /// Folded, sorted, without repeats.
    words: Vec<Box<str>>,
    /// Bytes of the longest word: what is longer need not be looked up.
    longest: usize,
}

impl Placeholders {
    /// The list of `words`, compared without regard to case and to white space around and between.
    pub fn new(words: impl IntoIterator<Item = impl AsRef<str>>) -> Placeholders {
        let mut words: Vec<Box<str>> = words.into_iter().map(|it| folded(it.as_ref())).collect();
        words.sort_unstable();
        words.dedup();
        let longest = words.iter().map(|it| it.len()).max().unwrap_or(0);
        Placeholders { words, longest }
    }

    /// Whether `text` says something: false for a listed word and for a text with nothing in it.
    pub fn keep(&self, text: &str) -> bool {
        let text = text.trim();
        if text.is_empty() {
            return false;
        }
        if text.is_ascii() && text.bytes().all(|it| matches!(it, b'!'..=b'~')) {
            let lower = || text.bytes().map(|it| it.to_ascii_lowercase());
            return text.len() > self.longest || self.words.binary_search_by(|it| it.bytes().cmp(lower())).is_err();
        }
        let folded = folded(text);
        !folded.is_empty() && self.words.binary_search(&folded).is_err()
    }
}

/// What is compared.
fn folded(text: &str) -> Box<str> {
    lined(text).to_lowercase().into_boxed_str()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn listed_words_are_not_kept() {
        let placeholders = Placeholders::new(["N/A", "unknown", "<NA>", "NaT", "-", " Not  available ", "Größe?"]);
        for text in ["n/a", " N/A\u{a0}", "UNKNOWN", "<na>", "nat", "-", "not available", "NOT\nAVAILABLE", "grÖßE?"]
        {
            assert!(!placeholders.keep(text), "{text:?}");
        }
        for text in ["n", "unknown school", "--", "na", "Größe", "not available yet, ask again"] {
            assert!(placeholders.keep(text), "{text:?}");
        }
    }

    #[test]
    fn nothing_is_not_kept_by_any_list() {
        let none = Placeholders::new([""; 0]);
        assert!(!none.keep("") && !none.keep(" \u{200b}\n"));
        assert!(none.keep("n/a"));
    }

    proptest! {
        #[test]
        fn a_listed_word_is_found_in_any_case(word in "\\PC*", text in any::<String>()) {
            let list = Placeholders::new([&word]);
            prop_assert!(!list.keep(&word));
            prop_assert!(!word.is_ascii() || !list.keep(&word.to_ascii_uppercase()));
            list.keep(&text);
        }
    }
}
