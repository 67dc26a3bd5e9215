//! Names in small letters with capitals where names have them: `PIET VAN DER MERWE` → `Piet van der Merwe`.
//!
//! A capital begins a word and follows a hyphen or an apostrophe: `O'Neill`, `Smith-Jones`. Which words stay small
//! within a name, and which beginnings have a capital behind them, is known to the profile (`[normal] particles`: `van`,
//! `der`, and `Mc…` with an ellipsis or a `+` behind it).
//!
//! | text | particles | becomes |
//! | --- | --- | --- |
//! | `SHAUN O'NEILL` | | `Shaun O'Neill` |
//! | `piet VAN DER merwe` | `van`, `der` | `Piet van der Merwe` |
//! | `VAN WYK` | `van` | `Van Wyk` |
//! | `mcdonald's` | `Mc+` | `McDonald's` |

/// The text with capitals where names have them. `particles` are words that stay small behind another word, and
/// beginnings that end in `+`.
pub fn initcap(text: &str, particles: &[&str]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_first = true;
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find(|it: char| !it.is_whitespace()).unwrap_or(rest.len());
        let (blanks, behind) = rest.split_at(start);
        out.push_str(blanks);
        let end = behind.find(char::is_whitespace).unwrap_or(behind.len());
        let (word, after) = behind.split_at(end);
        rest = after;
        if word.is_empty() {
            continue;
        }
        let small = word.to_lowercase();
        match particles.iter().find(|it| it.to_lowercase() == small) {
            Some(particle) if !is_first => out.push_str(particle),
            _ => capital(&small, particles, &mut out),
        }
        is_first = false;
    }
    out
}

fn capital(word: &str, particles: &[&str], out: &mut String) {
    let mut next = true;
    // Where the part of the word that has the last capital begins.
    let mut part = 0;
    for (at, it) in word.char_indices() {
        if next && it.is_alphanumeric() {
            match it.is_ascii() {
                true => out.push(it.to_ascii_uppercase()),
                false => out.extend(it.to_uppercase()),
            }
            part = at;
            next = false;
            continue;
        }
        out.push(it);
        let end = at + it.len_utf8();
        let behind = &word[end..];
        next = match it {
            // What follows an apostrophe is a name, and one letter is none: `McDonald's`.
            '\'' | '’' | '‘' => behind.chars().take_while(|it| it.is_alphabetic()).count() > 1,
            it if it.is_ascii_punctuation() || matches!(it, '‐'..='―' | '“' | '„' | '«') => true,
            _ => particles.iter().filter_map(|it| it.strip_suffix('+')).any(|it| it.to_lowercase() == word[part..end]),
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PARTICLES: [&str; 5] = ["van", "der", "de", "d'", "Mc+"];

    fn check(text: &str, expected: &str) {
        assert_eq!(initcap(text, &PARTICLES), expected);
        assert_eq!(initcap(expected, &PARTICLES), expected, "a second time");
    }

    #[test]
    fn names_have_capitals_where_names_have_them() {
        check("SHAUN O'NEILL", "Shaun O'Neill");
        check("piet VAN DER merwe", "Piet van der Merwe");
        check("VAN WYK", "Van Wyk");
        check("anne-marie mcdonald", "Anne-Marie McDonald");
        check("the children's home", "The Children's Home");
        check("élodie  ŞAHİN".to_lowercase().as_str(), "Élodie  Şahi\u{307}n");
        check("", "");
        check("  3rd (junior) form", "  3rd (Junior) Form");
    }

    #[test]
    fn no_particles_are_no_particles() {
        assert_eq!(initcap("ADA VAN DYK", &[]), "Ada Van Dyk");
    }

    proptest! {
        #[test]
        fn a_second_time_changes_nothing(text in "[a-zA-Z'’ -]{0,24}") {
            let once = initcap(&text, &PARTICLES);
            prop_assert_eq!(initcap(&once, &PARTICLES), once);
        }
    }
}
