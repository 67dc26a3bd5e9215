//! The two cleaners all other value functions build on: [`clean`] keeps lines, [`line()`] makes one line.
//!
//! Not here: texts that only look like a value (`N/A`, `<NA>`, `NaT`): a list of them is an argument of
//! [`Placeholders`](super::placeholder::Placeholders).
//!
//! | superseded vector | here | because |
//! | --- | --- | --- |
//! | trimmed once, before NFKC | trimmed again at the end | `¨` becomes a space and a mark: idempotence |
//! | cut at 10 000 characters | never cut | the cut made other values, and nobody was told |
//! | `12¹` becomes `121` | stays | a mark, a power or a fraction is no digit |
//! | control and invisible characters stay | dropped; `\r\n` and other line breaks become `\n` | they break equality unseen |
//! | `5.0` of a number cell | not decided here | numbers become text where cells are read (D-4) |

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// `text` without blanks at its ends, control and invisible characters, in NFKC.
///
/// Characters that NFKC would make digits of without being digits (`²`, `½`, `①`) stay as they are. Line breaks and tabs
/// inside stay. `None` if nothing is left.
pub fn clean(text: &str) -> Option<String> {
    let cleaned = cleaned(text);
    (!cleaned.is_empty()).then(|| cleaned.into_owned())
}

/// [`clean`], and every run of white space becomes one space.
pub fn line(text: &str) -> Option<String> {
    let lined = lined(text);
    (!lined.is_empty()).then(|| lined.into_owned())
}

/// What [`clean`] gives, borrowed where `text` is clean already; empty instead of `None`.
pub(crate) fn cleaned(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|it| matches!(it, b' '..=b'~' | b'\n' | b'\t')) {
        return Cow::Borrowed(text.trim_ascii());
    }
    let kept = visible(text);
    if is_nfkc_quick(kept.chars()) != IsNormalized::Yes {
        return Cow::Owned(folded(kept.trim()).trim().to_owned());
    }
    match kept {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// `text` in NFKC, but for the characters that are [`no digits`](is_like_a_digit) and would become some.
fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, mark)) = rest.char_indices().find(|(_, it)| is_like_a_digit(*it)) {
        out.extend(rest[..at].nfkc());
        out.push(mark);
        rest = &rest[at + mark.len_utf8()..];
    }
    out.extend(rest.nfkc());
    out
}

/// Whether a character only looks like digits: a power or a footnote mark (`²`), a fraction (`½`), a number in a circle
/// (`①`). Digits in another width or type (`１`) are digits.
pub(crate) fn is_like_a_digit(it: char) -> bool {
    let is_digit = matches!(it, '０'..='９' | '\u{1d7ce}'..='\u{1d7ff}' | '\u{1fbf0}'..='\u{1fbf9}');
    !it.is_ascii() && !is_digit && std::iter::once(it).nfkc().any(|it| it.is_ascii_digit())
}

/// `text` without the footnote marks at its end. A power is none: `3²` may be nine.
pub(crate) fn without_marks(text: &str) -> &str {
    let is_mark = |it: char| matches!(it, '¹' | '⁽' | '⁾' | '*' | '†' | '‡') || matches!(it, '①'..='⒇' | '⓪'..='⓾');
    let kept = text.trim_end_matches(is_mark).trim_end();
    let bracketed = text.ends_with('⁾').then(|| text.rsplit_once('⁽')).flatten();
    let bracketed = bracketed.filter(|(_, inner)| inner.trim_end_matches('⁾').chars().all(is_like_a_digit));
    bracketed.map_or(kept, |(before, _)| before.trim_end())
}

/// `text` with decimal digits of every script as ASCII digits.
pub(crate) fn ascii_digits(text: &str) -> Cow<'_, str> {
    let digit = |it: char| {
        let is_digit = it.is_numeric() && !is_like_a_digit(it);
        let plain = if is_digit { deunicode::deunicode_char(it) } else { None };
        plain.and_then(|it| it.parse::<u8>().ok()).filter(|it| *it < 10).map(|it| char::from(b'0' + it))
    };
    if text.is_ascii() || !text.chars().any(|it| !it.is_ascii() && it.is_numeric()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|it| if it.is_ascii() { it } else { digit(it).unwrap_or(it) }).collect())
}

/// What [`line()`] gives, borrowed where `text` is one clean line already; empty instead of `None`.
pub(crate) fn lined(text: &str) -> Cow<'_, str> {
    let cleaned = cleaned(text);
    if is_one_line(&cleaned) {
        return cleaned;
    }
    let mut out = String::with_capacity(cleaned.len());
    for word in cleaned.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    Cow::Owned(out)
}

/// Whether the only white space in `text` is single spaces.
fn is_one_line(text: &str) -> bool {
    if text.is_ascii() {
        return !text.bytes().any(|it| it.is_ascii_whitespace() && it != b' ') && !text.contains("  ");
    }
    let mut after_space = false;
    text.chars().all(|it| {
        let space = it == ' ';
        let fine = if space { !after_space } else { !it.is_whitespace() };
        after_space = space;
        fine
    })
}

/// `text` with line breaks written as `\n` and without characters that show nothing.
fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|it| is_unseen(it) || is_break(it)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(it) = chars.next() {
        if is_break(it) {
            if it != '\r' || chars.peek() != Some(&'\n') {
                out.push('\n');
            }
        } else if !is_unseen(it) {
            out.push(it);
        }
    }
    Cow::Owned(out)
}

/// Control characters that end a line and are not `\n`.
fn is_break(it: char) -> bool {
    matches!(it, '\r' | '\u{b}' | '\u{c}' | '\u{85}')
}

/// Control characters, and the format characters that carry no meaning in a cell: soft hyphen, zero-width space, word
/// joiner, byte order mark, direction marks. Joiners (U+200C, U+200D) stay: some scripts are written with them.
fn is_unseen(it: char) -> bool {
    (it.is_control() && !matches!(it, '\n' | '\t'))
        || matches!(it, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}')
        || matches!(it, '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, cleaned: &str, lined: &str) {
        assert_eq!(clean(text).unwrap_or_default(), cleaned, "clean({text:?})");
        assert_eq!(line(text).unwrap_or_default(), lined, "line({text:?})");
    }

    #[test]
    fn cells_are_cleaned() {
        check("  a\u{a0} b\t", "a  b", "a b");
        check("ﬁx", "fix", "fix");
        check("Ａ１", "A1", "A1");
        check("½ ton", "½ ton", "½ ton");
        check("10³ m² 12¹ ①", "10³ m² 12¹ ①", "10³ m² 12¹ ①");
        check("ﬁ²ｅ\u{301}", "fi²é", "fi²é");
        check("one\r\ntwo\rthree\u{85}four", "one\ntwo\nthree\nfour", "one two three four");
        check("a\tb", "a\tb", "a b");
        check("\u{feff}\u{202a}+27 82\u{202c}\u{200b}", "+27 82", "+27 82");
        check("a\u{0}\u{7}b", "ab", "ab");
        check("¨a", "\u{308}a", "\u{308}a");
        check("e\u{1}\u{301}", "é", "é");
        check("नमस्\u{200d}ते", "नमस्\u{200d}ते", "नमस्\u{200d}ते");
        check("", "", "");
        check(" \u{3000}\n\t\u{200b} ", "", "");
        check("a\u{2028}b", "a\u{2028}b", "a b");
    }

    #[test]
    fn no_text_is_cut() {
        for text in ["x".repeat(20_000), "é".repeat(20_000), "ﷺ".repeat(9_000), "x ".repeat(20_000)] {
            let once = clean(&text).expect("something is left");
            assert_eq!(once, text.trim().nfkc().collect::<String>());
            assert_eq!(clean(&once), Some(once));
        }
    }

    #[test]
    fn marks_at_the_end_are_none_of_the_value() {
        let check = |text: &str, expected: &str| assert_eq!(without_marks(text), expected, "{text:?}");
        check("12¹", "12");
        check("12 ①", "12");
        check("12*", "12");
        check("12⁽²⁾", "12");
        check("3²", "3²");
        check("1½", "1½");
        check("12", "12");
    }

    proptest! {
        #[test]
        fn cleaning_twice_is_cleaning_once(text in "\\PC*|[\\s\\u{0}-\\u{ff}\\u{200b}-\\u{2069}¨\\u{301}é]*") {
            for f in [clean, line] {
                if let Some(once) = f(&text) {
                    prop_assert_eq!(f(&once), Some(once));
                }
            }
        }

        #[test]
        fn any_text_goes_through(text in any::<String>()) {
            for f in [clean, line] {
                if let Some(once) = f(&text) {
                    prop_assert!(!once.is_empty() && once.trim() == once);
                    prop_assert!(!once.contains(|it: char| it.is_control() && it != '\n' && it != '\t'));
                    prop_assert_eq!(f(&once), Some(once));
                }
            }
        }
    }
}
