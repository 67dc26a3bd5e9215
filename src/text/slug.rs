//! Slugs for links and file names, and the key by which the same organisation is found under several spellings.
//!
//! Not here: legal forms (`Ltd`, `(Pty) Ltd`, `GmbH`): the list is an argument.
//!
//! | superseded vector | here | because |
//! | --- | --- | --- |
//! | `Aéro—School (Pty) Ltd.` -> `aeroschool-pty-ltd` | `aero-school-pty-ltd` | D-16: separators first |
//! | `Straße` -> `strae` | `strasse` | D-15: letters are transliterated, not dropped |
//! | `½ Ton` -> `12-ton` | `1-2-ton` | D-16 |
//! | `日本`, `Ł ł` -> null | `ri-ben`, `l-l` | D-15 |

use deunicode::deunicode_char;
use unicode_normalization::char::canonical_combining_class;

use super::clean::cleaned;

/// `text` in `a-z`, `0-9` and single inner hyphens.
///
/// Letters of every script are transliterated; one that no table knows becomes its code point (`u10400`), so that two
/// names never fall together because both are unreadable here. `None` for a text without letters and digits.
pub fn slug(text: &str) -> Option<String> {
    slug_in(text, &Letters::NONE)
}

/// Letters that a language writes with others where it has only those of English: `ü` is `ue` in German.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Letters(Vec<(char, Box<str>)>);

impl Letters {
    /// Those of no language.
    pub const NONE: Letters = Letters(Vec::new());

    /// Reads lines of `letter<TAB>letters`; any other line is passed over.
    pub fn parse(lines: &str) -> Letters {
        let pair = |line: &str| {
            let (letter, others) = line.split_once('\t')?;
            let mut own = letter.chars();
            let letter = own.next().filter(|it| own.next().is_none() && !it.is_ascii())?;
            others.bytes().all(|it| it.is_ascii_alphanumeric()).then(|| (letter, others.into()))
        };
        Letters(lines.lines().filter_map(pair).collect())
    }

    fn of(&self, it: char) -> Option<&str> {
        if self.0.is_empty() {
            return None;
        }
        let small = it.to_lowercase().next().unwrap_or(it);
        self.0.iter().find(|(letter, _)| *letter == small).map(|(_, others)| &**others)
    }
}

/// The same with the letters of a language.
pub fn slug_in(text: &str, letters: &Letters) -> Option<String> {
    let text = cleaned(text);
    let mut out = Slug { text: String::with_capacity(text.len()), apart: false };
    for it in text.chars() {
        if it.is_ascii() {
            out.add(it as u8);
        } else if let Some(others) = letters.of(it) {
            others.bytes().for_each(|it| out.add(it));
        } else if it.is_alphanumeric() {
            match deunicode_char(it) {
                Some(plain) if plain.bytes().any(|it| it.is_ascii_alphanumeric()) => {
                    plain.bytes().for_each(|it| out.add(it))
                }
                // Signs of length, breath and the like: letters that say nothing beside others.
                Some(_) => (),
                None => out.add_code_point(it),
            }
        } else if canonical_combining_class(it) == 0 {
            out.add(b' ');
        }
    }
    if out.text.is_empty() {
        text.chars().filter(|it| it.is_alphanumeric()).for_each(|it| out.add_code_point(it));
    }
    (!out.text.is_empty()).then_some(out.text)
}

/// A slug being written.
struct Slug {
    text: String,
    /// Whether a separator stands before the next letter.
    apart: bool,
}

impl Slug {
    fn add(&mut self, it: u8) {
        if !it.is_ascii_alphanumeric() {
            self.apart = true;
            return;
        }
        if self.apart && !self.text.is_empty() {
            self.text.push('-');
        }
        self.apart = false;
        self.text.push(char::from(it.to_ascii_lowercase()));
    }

    fn add_code_point(&mut self, it: char) {
        format!(" u{:x} ", it as u32).bytes().for_each(|it| self.add(it));
    }
}

/// The [`slug`] of `text` without the legal forms at its end, which are given in any spelling: `(pty) ltd`, `CC`. A form
/// with a `+` behind it stands before the name.
///
/// The longest goes first, and again, until none is left; a name that is nothing else keeps its last words.
pub fn key(text: &str, forms: &[&str]) -> Option<String> {
    key_in(text, forms, &Letters::NONE)
}

/// The same with the letters of a language.
pub fn key_in(text: &str, forms: &[&str], letters: &Letters) -> Option<String> {
    let mut key = slug_in(text, letters)?;
    loop {
        if let Some(end) = forms.iter().filter_map(|it| without(&key, it, letters)).filter(|it| *it > 0).min() {
            key.truncate(end);
            continue;
        }
        let before = forms.iter().filter_map(|it| it.strip_suffix('+'));
        let start = before.filter_map(|it| in_front(&key, it, letters)).filter(|it| *it < key.len()).max();
        match start {
            Some(start) => drop(key.drain(..start)),
            None => return Some(key),
        }
    }
}

/// Where the name begins behind `form` and a hyphen, if `slug` begins so.
fn in_front(slug: &str, form: &str, letters: &Letters) -> Option<usize> {
    let form = slug_in(form, letters)?;
    let rest = slug.strip_prefix(&*form)?.strip_prefix('-')?;
    Some(slug.len() - rest.len())
}

/// The length of `slug` without `suffix` and the hyphen before it, if it ends so.
fn without(slug: &str, suffix: &str, letters: &Letters) -> Option<usize> {
    if suffix.ends_with('+') {
        return None;
    }
    if !suffix.is_ascii() {
        let suffix = slug_in(suffix, letters)?;
        return slug.strip_suffix(&*suffix)?.strip_suffix('-').map(str::len);
    }
    // Runs over millions of rows: the slug of an ASCII suffix is compared without being made.
    let (mut rest, mut apart) = (slug.as_bytes(), false);
    for it in suffix.trim_end_matches(|it: char| !it.is_ascii_alphanumeric()).bytes().rev() {
        if !it.is_ascii_alphanumeric() {
            apart = true;
            continue;
        }
        if apart {
            rest = without_last(rest, b'-')?;
            apart = false;
        }
        rest = without_last(rest, it.to_ascii_lowercase())?;
    }
    if rest.len() == slug.len() {
        return None;
    }
    without_last(rest, b'-').map(<[u8]>::len)
}

/// Bytes without this last one. To compare slices of one byte takes ten times as long.
fn without_last(bytes: &[u8], last: u8) -> Option<&[u8]> {
    bytes.split_last().filter(|(it, _)| **it == last).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(slug(text).unwrap_or_default(), expected, "{text:?}");
    }

    #[test]
    fn names_become_slugs() {
        check("Aero School", "aero-school");
        check("Aéro—School (Pty) Ltd.", "aero-school-pty-ltd");
        check("Ae\u{301}ro", "aero");
        check("A_B", "a-b");
        check("Straße", "strasse");
        check("½ Ton", "1-2-ton");
        check("日本", "ri-ben");
        check("Ł ł", "l-l");
        check("Москва", "moskva");
        check("Αθήνα", "athena");
        check("नमस्ते", "nmste");
        check("O'Brien's", "o-brien-s");
        check("Ｆｏｏ\u{3000}Ｂａｒ", "foo-bar");
        check("B\u{200b}ar", "bar");
        check("a𒀀b", "a-u12000-b");
        for text in ["---", "", " . ", "\u{301}", "🛩"] {
            check(text, "");
        }
    }

    #[test]
    fn legal_forms_fall_from_keys() {
        let check = |text: &str, suffixes: &[&str], expected: &str| {
            assert_eq!(key(text, suffixes).unwrap_or_default(), expected, "{text:?}");
        };
        let some = ["pty ltd", "(Pty) Ltd", "CC", "ltd", "S.A.", "GmbH & Co. KG", "株式会社", "--", ""];
        for text in
            ["Aero School (Pty) Ltd.", "AERO SCHOOL PTY LTD", "Aero School cc", "Aéro School Ltd", "Aero-School"]
        {
            check(text, &some, "aero-school");
        }
        check("Aero School CC (Pty) Ltd", &some, "aero-school");
        check("Aero GmbH & Co KG", &some, "aero");
        check("Aero S.A.", &some, "aero");
        check("Aero 株式会社", &some, "aero");
        check("Acc", &some, "acc");
        check("(Pty) Ltd", &some, "pty");
        check("CC", &some, "cc");
        check("Aero School (Pty) Ltd", &[], "aero-school-pty-ltd");
        check("---", &some, "");
    }

    #[test]
    fn letters_are_those_of_a_language_and_some_forms_stand_in_front() {
        let german = Letters::parse("ä\tae\nö\toe\nü\tue\nLtd\nx\ty\nzz\tz\né\t-");
        for (text, expected) in
            [("Müller Ärzte", "mueller-aerzte"), ("Mu\u{308}ller", "mueller"), ("Straße é", "strasse-e")]
        {
            assert_eq!(slug_in(text, &german).as_deref(), Some(expected), "{text}");
        }
        let forms = ["SARL", "SARL+", "für+", "株式会社+", "(株)+"];
        for (text, expected) in [
            ("SARL Dupont", "dupont"),
            ("Dupont SARL", "dupont"),
            ("SARL", "sarl"),
            ("SARL SARL", "sarl"),
            ("株式会社アエロ", "aero"),
            ("㈱アエロ", "aero"),
            ("Sarlat Dupont", "sarlat-dupont"),
            ("Für Ämter", "aemter"),
        ] {
            assert_eq!(key_in(text, &forms, &german).as_deref(), Some(expected), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_slug_stays_itself(text in any::<String>(), name in "[a-cA-C .,()-]{0,9}", suffixes in prop::collection::vec("[a-c .()é]{0,4}", 0..4)) {
            let suffixes: Vec<&str> = suffixes.iter().map(String::as_str).collect();
            for text in [text, name] {
                let once = slug(&text);
                prop_assert_eq!(once.is_some(), key(&text, &suffixes).is_some());
                for once in [once, key(&text, &suffixes)].into_iter().flatten() {
                    prop_assert!(once.bytes().all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-')));
                    prop_assert!(!once.is_empty() && !once.starts_with('-') && !once.ends_with('-') && !once.contains("--"));
                    prop_assert_eq!(slug(&once), Some(once));
                }
                if let Some(once) = key(&text, &suffixes) {
                    prop_assert_eq!(key(&once, &suffixes), Some(once));
                }
                for suffix in &suffixes {
                    let (Some(base), Some(_)) = (slug(&text), slug(suffix)) else { continue };
                    let whole = slug(&format!("{base} {suffix}")).expect("it has letters");
                    prop_assert_eq!(without(&whole, suffix, &Letters::NONE), Some(base.len()), "{} {}", whole, suffix);
                }
            }
        }

        #[test]
        fn a_name_of_letters_has_a_slug(name in "[\\p{L}]{1,4}") {
            prop_assert!(slug(&name).is_some() || !name.chars().any(char::is_alphanumeric));
        }
    }
}
