//! Numbers and truth values as people type them into cells.
//!
//! Not here: currencies, units, percent signs and words for numbers (all are `None`), and which of `,` and `.` is the
//! decimal sign, which is an argument.

use super::clean::cleaned;

/// A whole number: signs, thousands separators (`,` `'` or a space) and a fraction of zeros are read.
///
/// `None` for fractions, for more than 64 bits, and for groups that are not of three digits.
pub fn integer(text: &str) -> Option<i64> {
    let text = cleaned(text);
    // The common case without copying. `parse` reads signs and refuses everything else but digits.
    text.parse().ok().or_else(|| {
        let plain = plain(&text, false)?;
        let whole = plain
            .split_once('.')
            .map_or(Some(&*plain), |(whole, fraction)| fraction.bytes().all(|it| it == b'0').then_some(whole))?;
        whole.parse().ok()
    })
}

/// A decimal number, with `,` as its decimal sign if `comma`, else `.`; the other one may separate thousands, as may
/// `'` and a space.
///
/// Never infinite, never NaN, never minus zero. An exponent (`1.5E+10`) is read.
pub fn decimal(text: &str, comma: bool) -> Option<f64> {
    let text = cleaned(text);
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at..])),
        None => (&*text, None),
    };
    let mut plain = plain(mantissa, comma)?;
    if let Some(exponent) = exponent {
        let digits = exponent[1..].strip_prefix(['+', '-']).unwrap_or(&exponent[1..]);
        if !(1..=4).contains(&digits.len()) || !digits.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        plain.push_str(exponent);
    }
    // Adding zero turns minus zero into zero.
    plain.parse().ok().filter(|it: &f64| it.is_finite()).map(|it| it + 0.0)
}

/// What a number says of the sign before its decimals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sign {
    /// It reads with a point only: `1,234.50`.
    Point,
    /// It reads with a comma only: `1.234,50`.
    Comma,
    /// It reads with either, and is another number each time: `1,234`.
    Either,
}

/// What a text says of the decimal sign; `None` when it says nothing, as `12` does, or is no number.
pub fn sign(text: &str) -> Option<Sign> {
    if !text.contains(['.', ',']) || text.len() > LONGEST {
        return None;
    }
    match (decimal(text, false), decimal(text, true)) {
        (Some(point), Some(comma)) => (point != comma).then_some(Sign::Either),
        (Some(_), None) => Some(Sign::Point),
        (None, Some(_)) => Some(Sign::Comma),
        (None, None) => None,
    }
}

/// No number is written longer.
const LONGEST: usize = 60;

/// A truth value: `true` `t` `yes` `y` `on` `1`, or `false` `f` `no` `n` `off` `0`, in any case.
pub fn boolean(text: &str) -> Option<bool> {
    let text = cleaned(text);
    let is = |words: &[&str]| words.iter().any(|it| it.eq_ignore_ascii_case(&text));
    if is(&["true", "t", "yes", "y", "on", "1", "1.0"]) {
        Some(true)
    } else if is(&["false", "f", "no", "n", "off", "0", "0.0"]) {
        Some(false)
    } else {
        None
    }
}

/// `text` as `-123.45`, if it is a number: the decimal sign a dot, the thousands together, no plus.
fn plain(text: &str, comma: bool) -> Option<String> {
    let (sign, other) = if comma { (',', '.') } else { ('.', ',') };
    let (negative, text) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = match text.split_once(sign) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    if !fraction.is_none_or(is_digits) || (whole.is_empty() && fraction.is_none()) {
        return None;
    }
    let mut out = String::with_capacity(text.len() + 2);
    if negative {
        out.push('-');
    }
    match whole.find(|it: char| !it.is_ascii_digit()) {
        None => out.push_str(if whole.is_empty() { "0" } else { whole }),
        Some(at) => {
            let separator = whole[at..].chars().next().filter(|it| *it == other || matches!(it, '\'' | '’' | ' '))?;
            for (place, group) in whole.split(separator).enumerate() {
                let fits = if place == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 };
                if !fits || !is_digits(group) {
                    return None;
                }
                out.push_str(group);
            }
        }
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_tells_its_decimal_sign_or_leaves_it_open() {
        let check = |text: &str, expected: Option<Sign>| assert_eq!(sign(text), expected, "{text:?}");
        for text in ["1,234.56", "12.5", "-0.1", "1,234,567", "1'234.5"] {
            check(text, Some(Sign::Point));
        }
        for text in ["1.234,56", "12,5", "1.234.567", "1 234,5"] {
            check(text, Some(Sign::Comma));
        }
        for text in ["1,234", "1.234", "-999,000", " 12.345 "] {
            check(text, Some(Sign::Either));
        }
        for text in ["12", "1 234", "1,23,45", "a.b", "info@x.example", "1.2.3", "", ",", "0,000.", "1.234e"] {
            check(text, None);
        }
    }

    #[test]
    fn whole_numbers() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(integer(text), expected, "{text:?}");
        for (text, expected) in [
            ("12", 12),
            (" 007 ", 7),
            ("+5", 5),
            ("-5", -5),
            ("\u{2212}5", -5),
            ("- 5", -5),
            ("1,234,567", 1_234_567),
            ("1 234", 1_234),
            ("1\u{a0}234", 1_234),
            ("1\u{202f}234", 1_234),
            ("1'234", 1_234),
            ("12.0", 12),
            ("1,234.00", 1_234),
            ("9223372036854775807", i64::MAX),
            ("-9,223,372,036,854,775,808", i64::MIN),
            ("１２", 12),
            ("-0", 0),
            (".0", 0),
        ] {
            check(text, Some(expected));
        }
        for text in [
            "",
            "-",
            "+",
            ".",
            "12.5",
            "1,23",
            "12,34,567",
            "1234,567",
            ",123",
            "1,234 567",
            "9223372036854775808",
            "R 100",
            "10%",
            "1e3",
            "0x10",
            "12a",
            "--1",
            "1.",
            "one",
            "+-1",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn decimal_numbers() {
        let check = |text: &str, comma: bool, expected: Option<f64>| {
            assert_eq!(decimal(text, comma), expected, "{text:?}, comma {comma}");
        };
        for (text, comma, expected) in [
            ("1.5", false, 1.5),
            ("1,5", true, 1.5),
            ("1,234.5", false, 1234.5),
            ("1.234,5", true, 1234.5),
            ("1 234,5", true, 1234.5),
            ("1 234.5", false, 1234.5),
            ("-.5", false, -0.5),
            ("1.234", true, 1234.0),
            ("1,234", false, 1234.0),
            ("1.5E+10", false, 1.5e10),
            ("1,5e-3", true, 0.0015),
            ("-0.0", false, 0.0),
            ("12345678901234567890", false, 1.234_567_890_123_456_8e19),
        ] {
            check(text, comma, Some(expected));
        }
        for text in ["", "inf", "-inf", "NaN", "infinity", "1e999", "1e", "e5", "1.2.3", "1.", "R1.50", "1.5%", "1e1.5"]
        {
            check(text, false, None);
        }
        check("1,5", false, None);
        check("1.5", true, None);
        assert!(decimal("-0", false).is_some_and(f64::is_sign_positive));
    }

    #[test]
    fn truth_values() {
        for (text, expected) in [
            ("TRUE", Some(true)),
            (" yes", Some(true)),
            ("1", Some(true)),
            ("No", Some(false)),
            ("0.0", Some(false)),
            ("off", Some(false)),
            ("", None),
            ("maybe", None),
            ("2", None),
            ("x", None),
        ] {
            assert_eq!(boolean(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn numbers_stay_themselves(text in any::<String>(), number in "[+-]?[0-9]{0,4}([,. '][0-9]{0,4}){0,3}([eE][+-]?[0-9]{1,3})?") {
            for text in [text, number] {
                if let Some(once) = integer(&text) {
                    prop_assert_eq!(integer(&once.to_string()), Some(once));
                }
                for comma in [false, true] {
                    if let Some(once) = decimal(&text, comma) {
                        prop_assert!(once.is_finite());
                        let again = once.to_string();
                        prop_assert_eq!(decimal(&again, false), Some(once));
                        prop_assert_eq!(decimal(&again.replace('.', ","), true), Some(once));
                    }
                }
                boolean(&text);
            }
        }

        #[test]
        fn what_is_printed_is_read(whole in any::<i64>(), number in any::<f64>()) {
            prop_assert_eq!(integer(&whole.to_string()), Some(whole));
            let read = decimal(&number.to_string(), false);
            prop_assert_eq!(read, number.is_finite().then_some(number + 0.0));
        }
    }
}
