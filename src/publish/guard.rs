//! Texts that a spreadsheet would run as a formula when it opens a file.
//!
//! The signs are those of OWASP's "CSV Injection" and CWE-1236. Numbers are not looked at: only columns of text come
//! here, so `-5` in a column of text is a number that somebody kept as text.

use std::borrow::Cow;

/// Whether a spreadsheet would run `text`, or take it for something else than text and number. What stands before its
/// first sign and is not seen, or is a blank, is dropped by some readers, and does not count.
///
/// Left alone though they begin with a sign: numbers (`-5`, `+1,234.50`, `-1e-3`, `-5 %`), phone numbers without
/// hyphens (`+27821234567`, `+27 (0)82 123`), lists of these, and the dashes that stand for "nothing" (`-`, `--`).
pub fn runs(text: &str) -> bool {
    text.starts_with(['\t', '\r', '\n']) || begins_formula(text)
}

/// The text with a `'` where something begins that a spreadsheet would run: at its beginning, and behind the signs at
/// which a reader may split that was not told of `delimiter`. Quotes do not help there: such a reader does not know them.
pub fn marked<'a>(text: &'a str, delimiter: char) -> Cow<'a, str> {
    let splits = |it: char| splits(it) || (it == ',' && delimiter != ',');
    let first = runs(text);
    let mut out = String::new();
    let mut done = 0;
    let mut from = 0;
    for piece in text.split(splits) {
        if if from == 0 { first } else { begins_formula(piece) } {
            out.push_str(&text[done..from]);
            out.push('\'');
            done = from;
        }
        from += piece.len() + text[from + piece.len()..].chars().next().map_or(0, char::len_utf8);
    }
    match out.is_empty() {
        true => Cow::Borrowed(text),
        false => Cow::Owned(out + &text[done..]),
    }
}

/// The text as it was before [`marked`] wrote it for any delimiter: without a `'` where something stands behind it that a
/// spreadsheet would run.
pub fn unmarked(text: &str) -> Cow<'_, str> {
    if !text.contains('\'') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut is_first = true;
    for piece in text.split_inclusive(|it| splits(it) || it == ',') {
        match piece.strip_prefix('\'') {
            Some(rest) if if is_first { runs(&text[1..]) } else { begins_formula(rest) } => out.push_str(rest),
            _ => out.push_str(piece),
        }
        is_first = false;
    }
    if out.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// Where a reader may split that was not told of the delimiter, besides at commas.
fn splits(it: char) -> bool {
    // Unicode's line ends besides those of files: some readers split at them (UAX #14, class BK, NL).
    matches!(it, ';' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn begins_formula(text: &str) -> bool {
    let text = text.trim_start_matches(|it: char| it.is_whitespace() || it.is_control() || is_invisible(it));
    match text.as_bytes() {
        [b'=' | b'@', ..] => true,
        [b'+' | b'-', rest @ ..] => !rest.iter().all(|it| *it == b'-' || *it == b' ') && !is_list(text),
        // The full-width forms of `=`, `+`, `-` and `@`, which Excel folds.
        [0xef, ..] => text.starts_with(['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']),
        _ => false,
    }
}

/// What shows nothing, and is dropped by some readers: what follows it would then be first. The characters that Unicode
/// calls default ignorable (DerivedCoreProperties.txt), and the empty cell of Braille.
fn is_invisible(it: char) -> bool {
    matches!(it, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Numbers and phone numbers, one or several: nothing in them can be computed.
fn is_list(text: &str) -> bool {
    is_number(text) || text.split([',', ';', '\n']).all(|it| is_number(it.trim()))
}

/// A number or a phone number: a sign, if any, and then digits, blanks, dots and brackets.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let body = text.strip_suffix('%').map_or(text, str::trim_end);
    let plain = |it: char| it.is_ascii_digit() || matches!(it, '.' | ',' | '(' | ')') || is_blank(it);
    body.contains(|it: char| it.is_ascii_digit()) && (body.chars().all(plain) || is_scientific(body.as_bytes()))
}

fn is_blank(it: char) -> bool {
    it.is_whitespace() && !it.is_control()
}

/// `1e5`, `1.5E-3`.
fn is_scientific(body: &[u8]) -> bool {
    let Some(at) = body.iter().position(|it| matches!(it, b'e' | b'E')) else { return false };
    let (mantissa, exponent) = (&body[..at], &body[at + 1..]);
    let exponent = exponent.strip_prefix(b"-").or_else(|| exponent.strip_prefix(b"+")).unwrap_or(exponent);
    mantissa.iter().all(|it| it.is_ascii_digit() || *it == b'.')
        && !exponent.is_empty()
        && exponent.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_marked_is_read_back_as_it_was() {
        for text in [
            "@ada",
            "=x",
            "=1+1;=2",
            "a;@b",
            "a\n=b",
            "\t=x",
            " =x",
            "-x",
            "+a",
            "a, =b",
            "it's",
            "'quoted'",
            "5-'",
            "-5",
            "+27 82",
            "",
            "\u{200b}=x",
            "＝x",
        ] {
            for delimiter in [',', ';', '\t'] {
                assert_eq!(unmarked(&marked(text, delimiter)), text, "{text:?} {delimiter:?}");
            }
        }
        assert_eq!(unmarked("it's '=x"), "it's '=x");
    }

    fn check(texts: &[&str], expected: bool) {
        for text in texts {
            assert_eq!(runs(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_a_spreadsheet_would_run() {
        check(
            &["=1+1", "=", "@x", "@SUM(A1)", "+A1", "-A1", "-cmd|'/c calc'!A1", "+1+cmd", "-2+3", "+27-82-123"],
            true,
        );
        check(&["\t=1", "\rx", "\nx", "＝1", "＋A1", "－A1", "＠x", "\u{feff}=1", "-1e", "-.x", "+(A1)"], true);
        check(&["+1e5+A1", "- none -", "-1e--5", "+1%%", "- A1", "+()", "+27/82", "+27*82", "+27 82; +A1"], true);
        let seen_nowhere =
            ["\u{34f}", "\u{fe0f}", "\u{3164}", "\u{61c}", "\u{2800}", "\u{e0020}", "\u{2028}", "\u{85}"];
        let blank = [" ", "\u{a0}", "\u{200b}", "\u{feff}", "\u{b}", "\u{c}", "\u{2003}", "\u{3000}", " \u{200d}\0 "];
        for before in blank.into_iter().chain(seen_nowhere) {
            check(&[&format!("{before}=1+1"), &format!("{before}@x"), &format!("{before}-A1")], true);
        }
    }

    #[test]
    fn what_is_only_text_or_number() {
        check(&["-5", "-5.25", "-1,234.50", "+1 234", "-.5", "-1e-3", "+1.5E5", "-5%", "-5 %", " -5"], false);
        check(&["+27821234567", "+27 82 123 4567", "+27 (0)82 123 4567", "+(27) 82.123", "-", "--", "+", "- -"], false);
        check(&["+27821234567; +27 82 123", "+27821234567, 082 123 4567", "+27\u{a0}82", "+1\n+2"], false);
        check(&["", "a=b", "x@y.z", "'=1", "１", "\u{feff}", "\u{fffd}", " x"], false);
    }

    #[test]
    fn the_mark_stands_where_a_piece_begins() {
        let check = |text: &str, expected: &str| assert_eq!(marked(text, ','), expected, "{text:?}");
        check("=1+1", "'=1+1");
        check(" =1+1", "' =1+1");
        check("x;=1+1", "x;'=1+1");
        check("x\t=1+1", "x\t'=1+1");
        check("x; =1;@y;z", "x;' =1;'@y;z");
        check("=a;=b", "'=a;'=b");
        check("x\n-A1", "x\n'-A1");
        check("x\u{2028}=1", "x\u{2028}'=1");
        check("x\u{85}=1;\u{34f}@a", "x\u{85}'=1;'\u{34f}@a");
        check("é;＝1", "é;'＝1");
        check("+27 82 555; +27 83 555;+27 (0)84", "+27 82 555; +27 83 555;+27 (0)84");
        check("+27-82-123;+27 83", "'+27-82-123;+27 83");
        check("x,=1", "x,=1");
        check(";;", ";;");
        assert_eq!(marked("x,=1", ';'), "x,'=1");
    }

    proptest::proptest! {
        /// Whatever sign a reader splits at, it finds nothing that runs.
        #[test]
        fn no_piece_runs(text in "[-=+@;,\\t\\n\\r 1A'\u{a0}\u{200b}\u{34f}\u{85}\u{2028}]{0,12}") {
            for delimiter in [',', ';', '\t', '|'] {
                let made = marked(&text, delimiter);
                let splits = |it: char| ";\t\n\r\u{b}\u{c}\u{85}\u{2028}\u{2029}".contains(it) || (it == ',' && delimiter != ',');
                proptest::prop_assert!(!made.split(splits).any(begins_formula), "{:?} {:?}", text, made);
                let whole = made.strip_prefix('\'').unwrap_or(&made);
                proptest::prop_assert_eq!(whole.replace('\'', ""), text.replace('\'', ""));
            }
        }
    }
}
