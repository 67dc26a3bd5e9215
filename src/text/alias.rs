//! Closed lists of names with their other spellings: provinces, categories, statuses.
//!
//! Not here: any such list, and guessing. A name that no list knows is unknown.
//!
//! | superseded vector | here | because |
//! | --- | --- | --- |
//! | `KwaZulu-Natal` -> `Kwazulu-Natal` | `KwaZulu-Natal` | D-10: canonical names find themselves |
//! | `W Cape` -> `W Cape` | found by the alias `wcape` | D-10: spaces and punctuation are ignored |
//! | `gp` -> `Gp`, `Unknown` -> `Unknown` | unknown unless listed | D-10: a closed list |
//! | the word `province` is removed | an alias such as `gauteng province` | it belongs to one list |

use std::borrow::Cow;
use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::clean::lined;

/// A closed list of canonical names and the aliases they go by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aliases {
    canonical: Vec<Box<str>>,
    /// By the text itself: tells `C++` from `C#`.
    exact: HashMap<Box<str>, usize>,
    /// By [`folded`] text.
    folded: HashMap<Box<str>, usize>,
}

impl Aliases {
    /// The list of `(alias, canonical)`; a canonical name need not be listed as its own alias.
    ///
    /// Where two entries claim a text, the one written exactly so wins, then a canonical name over an alias, then the
    /// earlier.
    pub fn new(pairs: impl IntoIterator<Item = (impl AsRef<str>, impl AsRef<str>)>) -> Aliases {
        let mut list = Aliases::default();
        let mut aliases = Vec::new();
        for (alias, canonical) in pairs {
            let canonical = lined(canonical.as_ref());
            if canonical.is_empty() {
                continue;
            }
            let index = match list.exact.get(&*canonical) {
                Some(index) => *index,
                None => {
                    let index = list.canonical.len();
                    list.canonical.push((&*canonical).into());
                    list.exact.insert((&*canonical).into(), index);
                    list.folded.entry(folded(&canonical)).or_insert(index);
                    index
                }
            };
            aliases.push((lined(alias.as_ref()).into_owned(), index));
        }
        for (alias, index) in aliases.into_iter().filter(|(alias, _)| !alias.is_empty()) {
            list.folded.entry(folded(&alias)).or_insert(index);
            list.exact.entry(alias.into()).or_insert(index);
        }
        list
    }

    /// The list in lines of `alias<TAB>canonical`.
    ///
    /// A line without a tab is a canonical name; empty lines and lines that begin with `#` are passed over.
    pub fn parse(text: &str) -> Aliases {
        let lines = text.lines().filter(|it| !it.trim().is_empty() && !it.starts_with('#'));
        Aliases::new(lines.map(|it| it.split_once('\t').unwrap_or((it, it))))
    }

    /// The canonical name that `text` stands for, without regard to case, accents, spaces and punctuation.
    pub fn find(&self, text: &str) -> Option<&str> {
        let index = self.exact.get(text).or_else(|| {
            let text = lined(text);
            self.exact.get(&*text).or_else(|| self.folded.get(&folded(&text)))
        })?;
        self.canonical.get(*index).map(|it| &**it)
    }

    /// Whether it knows a text, as [`Aliases::find`] would.
    pub fn holds(&self, asked: &Asked<'_>) -> bool {
        let exact = |text: &str| self.exact.contains_key(text);
        exact(asked.text) || exact(&asked.line) || self.folded.contains_key(&asked.folded)
    }

    /// Every spelling in letters and digits, with the canonical name that it stands for.
    pub(super) fn spellings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.folded.iter().filter_map(|(it, index)| Some((&**it, &**self.canonical.get(*index)?)))
    }

    /// The canonical names in the order of the list.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.canonical.iter().map(|it| &**it)
    }
}

/// A text that several lists are asked for: it is folded once.
#[derive(Debug)]
pub struct Asked<'a> {
    text: &'a str,
    line: Cow<'a, str>,
    folded: Box<str>,
}

impl<'a> Asked<'a> {
    /// Folds it.
    pub fn of(text: &'a str) -> Asked<'a> {
        let line = lined(text);
        Asked { text, folded: folded(&line), line }
    }
}

/// Letters and digits of `text` in lower case without accents; a text that has none is its own key.
pub(super) fn folded(text: &str) -> Box<str> {
    let mut out = String::with_capacity(text.len());
    if text.is_ascii() {
        out.extend(text.bytes().filter(u8::is_ascii_alphanumeric).map(|it| char::from(it.to_ascii_lowercase())));
    } else {
        for it in text.nfkd().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase) {
            match deunicode::deunicode_char(it).filter(|_| is_latin(it)) {
                Some(plain) => out.push_str(&plain.to_lowercase()),
                None => out.push(it),
            }
        }
    }
    if out.is_empty() { text.into() } else { out.into() }
}

/// Latin letters beyond ASCII, such as `ø` and `ß`, which have no decomposition.
fn is_latin(it: char) -> bool {
    matches!(it, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PROVINCES: &str = "# the provinces\n\nGauteng\ngpretoria\tGauteng\ngauteng province\tGauteng\nGP\tGauteng\n\
        kzn\tKwaZulu-Natal\nwcape\tWestern Cape\r\nNorth West\n";

    fn check(list: &Aliases, text: &str, expected: &str) {
        assert_eq!(list.find(text).unwrap_or_default(), expected, "{text:?}");
        assert_eq!(list.holds(&Asked::of(text)), list.find(text).is_some(), "{text:?}");
    }

    #[test]
    fn spellings_find_their_name() {
        let list = Aliases::parse(PROVINCES);
        for text in ["KZN", "kwa zulu natal", "KwaZulu-Natal", "Kwazulu-Natal", " KWAZULU  NATAL", "kwazulu–natál"] {
            check(&list, text, "KwaZulu-Natal");
        }
        for text in ["Gauteng Province", "G.Pretoria", "gp", "GAUTENG\u{a0}"] {
            check(&list, text, "Gauteng");
        }
        for text in ["WESTERN-CAPE", "Western  Cape", "W Cape", "W. Cape"] {
            check(&list, text, "Western Cape");
        }
        for text in ["Cape Town (WC)", "Unknown", "", " ", "-", "north", "#", "# the provinces"] {
            check(&list, text, "");
        }
        assert_eq!(list.names().collect::<Vec<_>>(), ["Gauteng", "KwaZulu-Natal", "Western Cape", "North West"]);
    }

    #[test]
    fn names_that_differ_in_marks_alone_stay_apart() {
        let list = Aliases::new([("C plus plus", "C++"), ("", "C#"), ("?", "unknown"), ("C", "Ø")]);
        check(&list, "C++", "C++");
        check(&list, "C#", "C#");
        check(&list, "c", "C++");
        check(&list, "C", "Ø");
        check(&list, "?", "unknown");
        check(&list, "o", "Ø");
        check(&list, "!", "");
    }

    #[test]
    fn canonical_names_win_over_aliases() {
        let list = Aliases::new([("B", "A"), ("x", "B"), ("x", "A"), ("", ""), ("y", ""), ("c", "B"), ("é", "É")]);
        check(&list, "B", "B");
        check(&list, "b", "B");
        check(&list, "é", "É");
        check(&list, "x", "B");
        check(&list, "y", "");
    }

    proptest! {
        #[test]
        fn names_find_themselves(pairs in prop::collection::vec(("[a-cA-C é.-]{0,3}", "[a-cA-C é.+-]{0,3}|\\PC{0,3}"), 0..8), text in "\\PC*") {
            let list = Aliases::new(pairs.iter().map(|(alias, canonical)| (alias, canonical)));
            for name in list.names() {
                prop_assert_eq!(list.find(name), Some(name));
            }
            for (alias, canonical) in &pairs {
                let known = !lined(alias).is_empty() && !lined(canonical).is_empty();
                prop_assert!(!known || list.find(alias).is_some());
            }
            if let Some(name) = list.find(&text) {
                prop_assert_eq!(list.find(name), Some(name));
            }
        }
    }
}
