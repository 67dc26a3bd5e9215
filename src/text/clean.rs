//! The two cleaners all other value functions build on: [`clean`] keeps lines, [`line()`] makes one line.
//!
//! Not here: texts that only look like a value (`N/A`, `<NA>`, `NaT`): a list of them is an argument of
//! [`Placeholders`](super::placeholder::Placeholders).
//!
//! | superseded vector | here | because |
//! | --- | --- | --- |
//! | trimmed once, before NFKC | trimmed again at the end | `¨` becomes a space and a mark: idempotence |
//! | cut once, before NFKC | cut again after it | `ﷺ` becomes 18 characters: idempotence |
//! | control and invisible characters stay | dropped; `\r\n` and other line breaks become `\n` | they break equality unseen |
//! | `5.0` of a number cell | not decided here | numbers become text where cells are read (D-4) |

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The most characters a cleaned text has.
pub const MAX_CHARS: usize = 10_000;

/// `text` without blanks at its ends, control and invisible characters, in NFKC, at most [`MAX_CHARS`] long.
///
/// Line breaks and tabs inside stay. `None` if nothing is left.
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
        return Cow::Borrowed(cut(text.trim_ascii()).trim_ascii_end());
    }
    let kept = visible(text);
    let short = cut(kept.trim()).trim_end();
    if is_nfkc_quick(short.chars()) != IsNormalized::Yes {
        let normal: String = short.nfkc().collect();
        return Cow::Owned(cut(&normal).trim().to_owned());
    }
    match kept {
        Cow::Borrowed(text) => Cow::Borrowed(cut(text.trim()).trim_end()),
        Cow::Owned(text) => Cow::Owned(cut(text.trim()).trim_end().to_owned()),
    }
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

/// The first [`MAX_CHARS`] characters.
fn cut(text: &str) -> &str {
    if text.len() <= MAX_CHARS {
        return text;
    }
    text.char_indices().nth(MAX_CHARS).map_or(text, |(end, _)| &text[..end])
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
        check("½ ton", "1⁄2 ton", "1⁄2 ton");
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
    fn long_texts_are_cut() {
        for text in ["x".repeat(20_000), "é".repeat(20_000), "ﷺ".repeat(9_000), " x".repeat(20_000)] {
            let once = clean(&text).expect("something is left");
            assert!(once.chars().count() <= MAX_CHARS);
            assert_eq!(clean(&once), Some(once));
        }
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
