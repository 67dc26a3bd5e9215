//! Codes of countries, currencies and languages, by their codes and names: `Germany`, `DEU` and `Deutschland` are `DE`.
//!
//! The lists are those of ISO 3166-1, 4217 and 639-1, with names as slugs: English ones, and what people and other
//! languages call them often. What no list knows is none: a code is a promise that others know it.

use super::clean::lined;
use super::slug::slug;

const COUNTRIES: &str = include_str!("country_names.txt");
const LANGUAGES: &str = include_str!("language_names.txt");
const CURRENCY_NAMES: &str = include_str!("currency_names.txt");
/// The active codes of ISO 4217.
pub(super) const CURRENCIES: &str = include_str!("currencies.txt");

/// The two letters of ISO 3166-1 for a country: `GB`.
pub fn country(text: &str) -> Option<String> {
    named(text, COUNTRIES).or_else(|| named(&turned(text)?, COUNTRIES))
}

/// `Republic of Korea` of `Korea, Republic of` and of `Korea (the Republic of)`, as lists sort names.
fn turned(text: &str) -> Option<String> {
    let (first, rest) = text.split_once([',', '('])?;
    let rest = rest.trim().trim_end_matches(')');
    (!rest.contains([',', '('])).then(|| format!("{rest} {}", first.trim()))
}

/// The three letters of ISO 4217 for a currency: `EUR`. A sign that several currencies have (`$`) is none.
pub fn currency(text: &str) -> Option<String> {
    let upper = lined(text).to_ascii_uppercase();
    let code = CURRENCIES.split_whitespace().find(|it| *it == upper);
    code.map(str::to_owned).or_else(|| named(text, CURRENCY_NAMES))
}

/// The two letters of ISO 639-1 for a language: `en`. What stands behind them (`en-GB`, `en_US`) falls.
pub fn language(text: &str) -> Option<String> {
    named(text, LANGUAGES).or_else(|| {
        let line = lined(text);
        let (code, region) = line.split_once(['-', '_'])?;
        let is_tag = matches!(code.len(), 2 | 3) && matches!(region.len(), 2..=4);
        named(code, LANGUAGES).filter(|_| is_tag)
    })
}

/// The first word of the line that has the text as one of its words: as it is written, as a slug, or as initials.
fn named(text: &str, list: &str) -> Option<String> {
    let line = lined(text);
    let signs = line.to_lowercase();
    let slug = slug(&line).unwrap_or_default();
    let bare = slug.strip_prefix("the-").unwrap_or(&slug).to_owned();
    // `U.K.` and `U. S. A.`, but not `in-di-a`.
    let initials =
        if bare.split('-').all(|it| it.chars().count() == 1) { bare.replace('-', "") } else { String::new() };
    // What is written as a word of the list is that word: the slug of another script may be one of another line.
    let exactly = |it: &str| it.to_lowercase() == signs;
    let alike = |it: &str| {
        let word = it.to_lowercase();
        it == bare || it == slug || word == initials || word == bare
    };
    // A slug of ideographs is how they are read, and many are read alike: those of dollars and of yuan.
    let is_spelt = !line.contains(|it: char| matches!(it, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'));
    let of = |known: &dyn Fn(&str) -> bool| list.lines().find(|it| it.split(' ').any(known));
    let found = of(&exactly).or_else(|| of(&alike).filter(|_| is_spelt)).filter(|_| !signs.is_empty())?;
    found.split(' ').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn countries_have_two_letters() {
        let check = |text: &str, expected: &str| assert_eq!(country(text).unwrap_or_default(), expected, "{text:?}");
        check("Germany", "DE");
        check("deutschland", "DE");
        check("DEU", "DE");
        check(" de ", "DE");
        check("U.K.", "GB");
        check("the Netherlands", "NL");
        check("Côte d'Ivoire", "CI");
        check("United States of America", "US");
        check("U. S. A.", "US");
        check("U.S.", "US");
        check("Korea, Republic of", "KR");
        check("Korea (the Democratic People's Republic of)", "KP");
        check("Iran (Islamic Republic of)", "IR");
        check("Virgin Islands, British", "VG");
        check("Sudan (the)", "SD");
        check("Falkland Islands (the) [Malvinas]", "FK");
        check("Saint Martin (French part)", "MF");
        check("Ghent, Belgium", "");
        check("South Africa", "ZA");
        check("Österreich", "AT");
        check("Trinidad & Tobago", "TT");
        // A town, nothing, and what is no country yet.
        check("Ghent", "");
        check("", "");
        check("XX", "");
        check("-", "");
    }

    #[test]
    fn currencies_have_three() {
        let check = |text: &str, expected: &str| assert_eq!(currency(text).unwrap_or_default(), expected, "{text:?}");
        check("eur", "EUR");
        check("€", "EUR");
        check("Euros", "EUR");
        check("Pound Sterling", "GBP");
        check("US$", "USD");
        check("Rand", "ZAR");
        check("kwd", "KWD");
        // The sign of the yen has the slug of the yuan.
        check("円", "JPY");
        check("元", "CNY");
        check("원", "KRW");
        check("人民币", "CNY");
        check("圓", "");
        // Many have it.
        check("$", "");
        check("dollar", "");
        check("XYZ", "");
    }

    #[test]
    fn languages_have_two() {
        let check = |text: &str, expected: &str| assert_eq!(language(text).unwrap_or_default(), expected, "{text:?}");
        check("English", "en");
        check("EN", "en");
        check("en-GB", "en");
        check("pt_BR", "pt");
        check("Français", "fr");
        check("ger", "de");
        check("deu", "de");
        check("isiZulu", "zu");
        check("Klingon", "");
        check("en-", "en");
    }

    #[test]
    fn no_word_stands_for_two() {
        for list in [COUNTRIES, LANGUAGES, CURRENCY_NAMES] {
            let mut seen = std::collections::BTreeSet::new();
            for (line, word) in list.lines().enumerate().flat_map(|(at, it)| it.split(' ').map(move |word| (at, word)))
            {
                assert!(seen.insert(word.to_lowercase()), "line {}: {word}", line + 1);
            }
        }
        for line in CURRENCY_NAMES.lines() {
            let code = line.split(' ').next().expect("a code");
            assert!(CURRENCIES.split_whitespace().any(|it| it == code), "{code}");
        }
    }

    proptest! {
        #[test]
        fn a_code_stays_itself(text in any::<String>(), at in 0usize..249) {
            let line = COUNTRIES.lines().nth(at).expect("a line");
            for text in line.split(' ').chain([&*text]) {
                for of in [country, currency, language] {
                    if let Some(once) = of(text) {
                        prop_assert_eq!(of(&once), Some(once));
                    }
                }
            }
        }
    }
}
