//! Texts that a spreadsheet would run as a formula when it opens a file.
//!
//! The signs are those of OWASP's "CSV Injection" and CWE-1236. Numbers are not looked at: only columns of text come
//! here, so `-5` in a column of text is a number that somebody kept as text.

/// Whether a spreadsheet would run `text`, or take it for something else than text and number.
///
/// Left alone though they begin with a sign: numbers (`-5`, `+1,234.50`, `-1e-3`, `-5 %`), phone numbers without
/// hyphens (`+27821234567`, `+27 (0)82 123`), and the dashes that stand for "nothing" (`-`, `--`).
pub fn runs(text: &str) -> bool {
    // A byte order mark is dropped by readers: what follows it would then be first.
    let text = text.trim_start_matches('\u{feff}');
    match text.as_bytes() {
        [b'=' | b'@' | b'\t' | b'\r' | b'\n', ..] => true,
        [b'+' | b'-', rest @ ..] => !is_number(rest) && !rest.iter().all(|it| *it == b'-'),
        // The full-width forms of `=`, `+`, `-` and `@`, which Excel folds.
        [0xef, ..] => text.starts_with(['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']),
        _ => false,
    }
}

/// Whether what follows a sign is a number or a phone number: nothing in it can be computed.
fn is_number(rest: &[u8]) -> bool {
    let digits_first = match rest {
        [b'.' | b',', next, ..] => next.is_ascii_digit(),
        [first, ..] => first.is_ascii_digit(),
        [] => false,
    };
    let body = rest.strip_suffix(b"%").map_or(rest, <[u8]>::trim_ascii_end);
    digits_first
        && (body.iter().all(|it| matches!(it, b'0'..=b'9' | b' ' | b'.' | b',' | b'(' | b')')) || is_scientific(body))
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
        check(&["\t=1", "\rx", "\nx", "＝1", "＋A1", "－A1", "＠x", "\u{feff}=1", "-1e", "-.x", "+(1)"], true);
        check(&["+1e5+A1", "- none -", "-1e--5", "+1%%"], true);
    }

    #[test]
    fn what_is_only_text_or_number() {
        check(&["-5", "-5.25", "-1,234.50", "+1 234", "-.5", "-1e-3", "+1.5E5", "-5%", "-5 %"], false);
        check(&["+27821234567", "+27 82 123 4567", "+27 (0)82 123 4567", "-", "--", "+"], false);
        check(&["", "a=b", "x@y.z", " =1", "'=1", "１", "\u{feff}", "\u{fffd}"], false);
    }
}
