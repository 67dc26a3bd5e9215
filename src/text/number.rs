//! Numbers and truth values as people type them into cells.
//!
//! Currencies, accounting brackets, credit and debit, and per cent around a number are read (`amount`), and so are the
//! decimal digits of every script.
//!
//! Not here: units and words for numbers (all are `None`), and which of `,` and `.` is the decimal sign, which is an
//! argument.

use std::borrow::Cow;

use super::amount::{bare, is_minus};
use super::clean::{ascii_digits, cleaned, without_marks};

/// A whole number: signs, thousands separators (`,` `'` or a space) and a fraction of zeros are read; a footnote mark
/// behind it falls, and so does a currency.
///
/// `None` for fractions and shares, for more than 64 bits, and for digits that are not grouped as thousands or as in India.
pub fn integer(text: &str) -> Option<i64> {
    whole(text, false, &[])
}

/// The same with `,` as the decimal sign if `comma`, and with `words` as of [`amount`].
pub fn whole(text: &str, comma: bool, words: &[&str]) -> Option<i64> {
    let text = cleaned(text);
    let text = western(without_marks(&text), comma);
    // The common case without copying. `parse` reads signs and refuses everything else but digits.
    text.parse().ok().or_else(|| {
        let it = bare(&text, words).filter(|it| it.shift >= 0)?;
        let plain = plain(it.number, comma)?;
        let plain = if it.shift > 0 { canonical(&plain, it.shift) } else { plain };
        let plain = if it.negative { format!("-{plain}") } else { plain };
        let whole = plain
            .split_once('.')
            .map_or(Some(&*plain), |(whole, fraction)| fraction.bytes().all(|it| it == b'0').then_some(whole))?;
        whole.parse().ok()
    })
}

/// A decimal number, with `,` as its decimal sign if `comma`, else `.`; the other one may separate thousands, as may
/// `'` and a space. A footnote mark behind it falls.
///
/// All of its digits as `-123.45`, without zeros that say nothing; never minus zero. An exponent (`1.5E+10`) is written
/// out as long as a double holds a number of that size. `12%` is 0.12.
pub fn decimal(text: &str, comma: bool) -> Option<String> {
    amount(text, comma, &[])
}

/// The same with `words` that mean money before or behind it, besides signs and codes of currencies.
pub fn amount(text: &str, comma: bool, words: &[&str]) -> Option<String> {
    let text = cleaned(text);
    let text = western(without_marks(&text), comma);
    let it = bare(&text, words)?;
    let text = it.number;
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let plain = plain(mantissa, comma)?;
    let plain = if it.negative { format!("-{plain}") } else { plain };
    let Some(exponent) = exponent else { return Some(canonical(&plain, it.shift)) };
    let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    if !(1..=4).contains(&digits.len()) || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return None;
    }
    let size: f64 = format!("{plain}e{exponent}").parse().ok()?;
    let lost = size == 0.0 && plain.bytes().any(|it| matches!(it, b'1'..=b'9'));
    (size.is_finite() && !lost).then(|| canonical(&plain, exponent.parse::<i64>().unwrap_or(0) + it.shift))
}

/// The digits of a number, without those that say nothing: neither zeros at its ends, nor its signs, nor an exponent.
///
/// `None` of a text without digits.
pub fn significant(text: &str) -> Option<String> {
    let text = cleaned(text);
    let text = western(without_marks(&text), false);
    let mut exponent = text.match_indices(['e', 'E']).filter(|(at, _)| {
        let behind = text[at + 1..].trim_start_matches(['+', '-']);
        text[..*at].ends_with(|it: char| it.is_ascii_digit()) && behind.starts_with(|it: char| it.is_ascii_digit())
    });
    let mantissa = exponent.next().map_or(&*text, |(at, _)| &text[..at]);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| digits.trim_matches('0').to_owned())
}

/// The number that a number cell of a workbook shows: as [`amount`] with a point, and where its format writes signs among
/// the digits (`012-34-5678`, `A-007`), that of its digits.
///
/// `None` if there are no digits, and of what is too large or too small for a number.
pub fn of_cell(text: &str) -> Option<String> {
    if let Some(number) = amount(text, false, &[]) {
        return Some(number);
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() || text.trim().parse::<f64>().is_ok() {
        return None;
    }
    Some(canonical(&format!("{}{digits}", if text.starts_with('-') { "-" } else { "" }), 0))
}

/// What is left of `number`, as [`amount`] gives it, where a spreadsheet program shows it: 15 digits. `None` where these
/// are more than `scale` digits behind the point as well, or where it has no more than that.
///
/// Sums of a workbook are 0.30000000000000004 for its machine, and 0.3 for whoever reads them.
pub fn shown(number: &str, scale: usize) -> Option<String> {
    let (whole, fraction) = number.split_once('.')?;
    let leading = whole.trim_start_matches(['-', '0']).len();
    let zeros = if leading == 0 { fraction.bytes().take_while(|it| *it == b'0').count() } else { 0 };
    let kept = (SHOWN + zeros).checked_sub(leading)?;
    if fraction.len() <= scale.max(kept) {
        return None;
    }
    let value: f64 = number.parse().ok()?;
    let rounded = canonical(&format!("{value:.kept$}"), 0);
    let fits = rounded.split_once('.').is_none_or(|(_, fraction)| fraction.len() <= scale);
    fits.then_some(rounded)
}

/// Digits that spreadsheet programs show of a number.
const SHOWN: usize = 15;

/// `text` with the digits of every script as ASCII digits, and the Arabic signs of numbers as those that are asked for.
fn western(text: &str, comma: bool) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let digits = ascii_digits(text);
    if !digits.contains(['\u{66a}', '\u{66b}', '\u{66c}']) {
        return digits;
    }
    let (sign, other) = if comma { (",", ".") } else { (".", ",") };
    Cow::Owned(digits.replace('\u{66a}', "%").replace('\u{66b}', sign).replace('\u{66c}', other))
}

/// `-0012.340` as `-12.34`, with the point so many digits further to the right.
fn canonical(plain: &str, shift: i64) -> String {
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain), |it| ("-", it));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i64 + shift;
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let (whole, fraction) = match usize::try_from(point) {
        Ok(point) if point <= digits.len() => (digits[..point].to_owned(), digits[point..].to_owned()),
        Ok(_) => (format!("{digits}{}", zeros(point - digits.len() as i64)), String::new()),
        Err(_) => (String::new(), format!("{}{digits}", zeros(-point))),
    };
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    match (whole, fraction) {
        ("", "") => "0".to_owned(),
        (_, "") => format!("{sign}{whole}"),
        ("", _) => format!("{sign}0.{fraction}"),
        _ => format!("{sign}{whole}.{fraction}"),
    }
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

/// What a text says of the decimal sign; `None` when it says nothing, as `12` does, or is no number. `words` as of
/// [`amount`].
pub fn sign(text: &str, words: &[&str]) -> Option<Sign> {
    let plain = (!text.is_ascii() && text.len() <= LONGEST).then(|| ascii_digits(&cleaned(text)).into_owned());
    let text = plain.as_deref().unwrap_or(text);
    if !text.contains(['.', ',']) || text.len() > LONGEST {
        return None;
    }
    match (amount(text, false, words), amount(text, true, words)) {
        (Some(point), Some(comma)) => (point != comma).then_some(Sign::Either),
        (Some(_), None) => Some(Sign::Point),
        (None, Some(_)) => Some(Sign::Comma),
        (None, None) => None,
    }
}

/// No number is written longer.
const LONGEST: usize = 60;

/// A truth value: `true` `t` `yes` `y` `on` `1` or a tick, `false` `f` `no` `n` `off` `0`, a cross or an empty box, or one
/// of `words` for the one and the other; in any case.
pub fn boolean(text: &str, [yes, no]: [&[&str]; 2]) -> Option<bool> {
    let text = cleaned(text);
    // A sign may ask to be shown in colours.
    let text = text.trim_end_matches('\u{fe0f}');
    let is = |words: &[&str]| words.iter().any(|it| it.eq_ignore_ascii_case(text));
    let listed = |words: &[&str]| words.iter().any(|it| it.to_lowercase() == text.to_lowercase());
    if is(&["true", "t", "yes", "y", "on", "1", "1.0", "✓", "✔", "☑", "✅"]) || listed(yes) {
        Some(true)
    } else if is(&["false", "f", "no", "n", "off", "0", "0.0", "✗", "✘", "☐", "❌"]) || listed(no) {
        Some(false)
    } else {
        None
    }
}

/// `text` as `-123.45`, if it is a number: the decimal sign a dot, the thousands together, no plus.
fn plain(text: &str, comma: bool) -> Option<String> {
    let (sign, other) = if comma { (',', '.') } else { ('.', ',') };
    let (negative, text) = match text.strip_prefix(is_minus) {
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
            let groups: Vec<&str> = whole.split(separator).collect();
            if !groups.iter().all(|it| is_digits(it)) || !are_thousands(&groups, separator) {
                return None;
            }
            out.extend(groups);
        }
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    Some(out)
}

/// Whether digits are grouped by three, or as in India: `12,34,567`. A group of thousands never begins with a zero.
fn are_thousands(groups: &[&str], separator: char) -> bool {
    let [first, between @ .., last] = groups else { return false };
    let by = |size: usize| between.iter().all(|it| it.len() == size) && first.len() <= size;
    last.len() == 3 && !first.starts_with('0') && (by(3) || (separator == ',' && by(2)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_tells_its_decimal_sign_or_leaves_it_open() {
        let check = |text: &str, expected: Option<Sign>| assert_eq!(sign(text, &[]), expected, "{text:?}");
        for text in ["1,234.56", "12.5", "-0.1", "1,234,567", "1'234.5"] {
            check(text, Some(Sign::Point));
        }
        for text in ["1.234,56", "12,5", "1.234.567", "1 234,5", "１２，５", "१२,५"] {
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
            ("12,34,567", 1_234_567),
            ("1,00,000", 100_000),
            ("12¹", 12),
            ("5①", 5),
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
            ("€ 100", 100),
            ("(1,000)", -1_000),
            ("7-", -7),
            ("\u{2013}7", -7),
            ("٣", 3),
            ("१२३", 123),
            ("१२,३४,५६७", 1_234_567),
            ("1,000-", -1_000),
            ("12 CR", -12),
            ("▲3", -3),
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
            "12,34,56",
            "123,45,678",
            "12 34 567",
            "0,123",
            "012,345",
            "1½",
            "10³",
            "1234,567",
            ",123",
            "1,234 567",
            "9223372036854775808",
            "R 100",
            "10%",
            "(1.5)",
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
        let check = |text: &str, comma: bool, expected: Option<&str>| {
            assert_eq!(decimal(text, comma).as_deref(), expected, "{text:?}, comma {comma}");
        };
        for (text, comma, expected) in [
            ("1.5", false, "1.5"),
            ("1,5", true, "1.5"),
            ("1,234.5", false, "1234.5"),
            ("1.234,5", true, "1234.5"),
            ("1 234,5", true, "1234.5"),
            ("1 234.5", false, "1234.5"),
            ("-.5", false, "-0.5"),
            ("1.234", true, "1234"),
            ("1,234", false, "1234"),
            ("0,123", true, "0.123"),
            ("12,34,567.8", false, "1234567.8"),
            ("1.5E+10", false, "15000000000"),
            ("1,5e-3", true, "0.0015"),
            ("-0.0", false, "0"),
            ("007.50", false, "7.5"),
            ("3.5²", false, ""),
            ("3.5¹", false, "3.5"),
            ("99999999999999.99", false, "99999999999999.99"),
            ("12345678901234567.89", false, "12345678901234567.89"),
            ("9007199254740993", false, "9007199254740993"),
            ("12345678901234567890", false, "12345678901234567890"),
        ] {
            let expected = Some(expected).filter(|it| !it.is_empty());
            check(text, comma, expected);
            if !comma && let Some(once) = expected {
                check(once, false, Some(once));
            }
        }
        for text in [
            "", "inf", "-inf", "NaN", "infinity", "1e999", "1e-999", "1e", "e5", "1.2.3", "1.", "R1.50", "1.5% x",
            "1e1.5", "0,123", "1½", "1/-5", "/-", "-5/-/-", "(5/-)-",
        ] {
            check(text, false, None);
        }
        for (text, comma, expected) in [
            ("R 1 234,50", true, "1234.5"),
            ("(2 000,00)", true, "-2000"),
            ("€ 99,00", true, "99"),
            ("$1,234.50-", false, "-1234.5"),
            ("12%", false, "0.12"),
            ("12,5 %", true, "0.125"),
            ("1.5e2%", false, "1.5"),
            ("5.00 CR", false, "-5"),
            ("5.00 DR", false, "5"),
            ("١٬٢٣٤٫٥", false, "1234.5"),
            ("١٬٢٣٤٫٥", true, "1234.5"),
            ("१,२३४.५०", false, "1234.5"),
            ("１，２３４．５０", false, "1234.5"),
            ("\u{2013}1,5", true, "-1.5"),
            ("\u{2212}1.5", false, "-1.5"),
            ("12٪", false, "0.12"),
            ("12,34,567/-", false, "1234567"),
            ("₹ 500/-", false, "500"),
            ("500/=", false, "500"),
            ("EUR 1.234,50", true, "1234.5"),
            ("1.234,50 EUR", true, "1234.5"),
        ] {
            assert_eq!(amount(text, comma, &["R"]).as_deref(), Some(expected), "{text:?}");
        }
        check("1,5", false, None);
        check("1.5", true, None);
        check("-0", false, Some("0"));
    }

    #[test]
    fn endings_multiply_where_they_are_declared() {
        let words = ["k\t3", "m\t6", "R"];
        for (text, comma, expected) in [
            ("1.5k", false, Some("1500")),
            ("1,5 K", true, Some("1500")),
            ("R 2.25m", false, Some("2250000")),
            ("(1.0005k)", false, Some("-1000.5")),
            ("1.5km", false, None),
            ("k", false, None),
        ] {
            assert_eq!(amount(text, comma, &words).as_deref(), expected, "{text:?}");
        }
        assert_eq!(decimal("1.5k", false), None);
        assert_eq!(whole("1.5k", false, &words), Some(1500));
        assert_eq!(whole("1.0005k", false, &words), None);
        assert_eq!(whole("2m", false, &words), Some(2_000_000));
    }

    #[test]
    fn digits_that_say_something() {
        for (text, expected) in [
            ("-0012.340", "1234"),
            ("1.234,50 EUR", "12345"),
            ("9007199254740993", "9007199254740993"),
            ("1.5E+10", "15"),
            ("1e20", "1"),
            ("100,000", "1"),
            ("5 EUR 6", "56"),
            ("१२.५", "125"),
            ("0", ""),
        ] {
            assert_eq!(significant(text).as_deref(), Some(expected), "{text:?}");
        }
        assert_eq!(significant("none"), None);
    }

    #[test]
    fn a_number_cell_is_the_number_of_its_digits() {
        for (text, expected) in [
            ("12.5", Some("12.5")),
            ("00042", Some("42")),
            ("012-34-5678", Some("12345678")),
            ("-012-34-5678", Some("-12345678")),
            ("(021) 555-0101", Some("215550101")),
            ("2024/01", Some("202401")),
            ("A-007", Some("7")),
            ("01067-DE", Some("1067")),
            ("12.5%", Some("0.125")),
            ("1e400", None),
            ("-1e-999", None),
            ("NaN", None),
            ("none", None),
        ] {
            assert_eq!(of_cell(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn numbers_of_a_workbook_are_what_it_shows() {
        for (number, scale, expected) in [
            ("0.30000000000000004", 2, Some("0.3")),
            ("19.989999999999998", 2, Some("19.99")),
            ("-19.989999999999998", 2, Some("-19.99")),
            ("1234.5650000000001", 2, None),
            ("1234.5650000000001", 3, Some("1234.565")),
            ("0.07000000000000001", 2, Some("0.07")),
            ("99999.99999999999999", 2, Some("100000")),
            ("0.3333333333333333", 2, None),
            ("12.345", 2, None),
            ("12.5", 2, None),
            ("12345678901234567", 2, None),
            ("12345678901234567.89", 2, None),
        ] {
            assert_eq!(shown(number, scale).as_deref(), expected, "{number:?} with {scale}");
        }
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
            ("✔", Some(true)),
            ("☐", Some(false)),
            ("2", None),
            ("x", None),
        ] {
            assert_eq!(boolean(text, [&[], &[]]), expected, "{text:?}");
        }
        for (text, expected) in [("Ja", Some(true)), ("NEIN", Some(false)), ("ÉI", Some(true)), ("si", None)] {
            assert_eq!(boolean(text, [&["ja", "éi"], &["nein"]]), expected, "{text:?}");
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
                        prop_assert_eq!(decimal(&once.replace('.', ","), true), Some(once.clone()));
                        prop_assert_eq!(decimal(&once, false), Some(once));
                    }
                }
                boolean(&text, [&[], &[]]);
            }
        }

        #[test]
        fn what_is_printed_is_read(whole in any::<i64>(), number in any::<f64>()) {
            prop_assert_eq!(integer(&whole.to_string()), Some(whole));
            let read = decimal(&number.to_string(), false).map(|it| it.parse::<f64>());
            prop_assert_eq!(read, number.is_finite().then_some(Ok(number + 0.0)));
        }
    }
}
