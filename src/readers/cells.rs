//! Values as text, the way a person reads them and without losing a digit.
//!
//! Nothing is inferred: a text stays the text it is, and what a number is, its format alone says.

use std::fmt::Write;

use crate::readers::formats::Class;
use crate::readers::row::Kind;
use crate::readers::serials::write_serial;

/// Appends the number that `text` writes, as its format's `class` makes it; `Error`, with nothing appended, if it is
/// no finite number.
pub(crate) fn write_number(out: &mut String, text: &str, class: Class, from_1904: bool) -> Kind {
    if class == Class::Number && is_canonical(text) {
        out.push_str(text);
        return Kind::Number;
    }
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    if class == Class::Number && is_canonical(text) {
        out.push_str(text);
        return Kind::Number;
    }
    let starts_like_a_number = text.bytes().next().is_some_and(|it| it.is_ascii_digit() || b"+-.".contains(&it));
    match text.parse::<f64>() {
        Ok(number) if starts_like_a_number && number.is_finite() => write_float(out, number, class, from_1904),
        _ => Kind::Error,
    }
}

/// Appends `number` as its format's `class` makes it.
pub(crate) fn write_float(out: &mut String, number: f64, class: Class, from_1904: bool) -> Kind {
    if !number.is_finite() {
        return Kind::Error;
    }
    match class {
        Class::Number => write_plain(out, number),
        Class::Padded(mask) if number.fract() == 0.0 && number.abs() < 1e17 => {
            out.push_str(if number < 0.0 { "-" } else { "" });
            mask.write(out, &format!("{:0width$}", number.abs() as u64, width = mask.digits()));
        }
        Class::Padded(_) => write_plain(out, number),
        Class::Date | Class::DateTime | Class::Time | Class::Duration => {
            if write_serial(out, number, class, from_1904).is_some() {
                return Kind::Date;
            }
            // What its format calls a date and is none stays the number that it is.
            write_plain(out, number);
        }
    }
    Kind::Number
}

/// The shortest digits that read back as `number`: no `.0`, an exponent only far from 1.
fn write_plain(out: &mut String, number: f64) {
    let size = number.abs();
    let _ = if number == 0.0 {
        out.write_char('0')
    } else if (1e-7..1e21).contains(&size) {
        write!(out, "{number}")
    } else {
        write!(out, "{number:e}")
    };
}

/// Whether `text` is already what would be written: whole numbers of up to 24 digits, so that an identifier keeps
/// those beyond the precision of a float, and decimals of up to 15, which are the shortest for their float.
fn is_canonical(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || (whole.len() > 1 && whole.starts_with('0')) {
        return false;
    }
    if digits.len() == whole.len() {
        return whole.len() <= 24 && text != "-0";
    }
    all_digits(fraction)
        && !fraction.is_empty()
        && !fraction.ends_with('0')
        && whole.len() + fraction.len() <= 15
        && (whole != "0" || fraction.len() <= 7)
}

/// Appends a text of a workbook: `_x000D_` and its like are decoded once.
///
/// A zero character, which no XML text can hold either, stays encoded.
pub(crate) fn write_text(out: &mut String, text: &str) {
    if !text.contains("_x") {
        out.push_str(text);
        return;
    }
    let unit = |text: &str| {
        let code = text.strip_prefix("_x")?.get(..5)?.strip_suffix('_')?;
        let hexadecimal = code.bytes().all(|it| it.is_ascii_hexdigit());
        u16::from_str_radix(code, 16).ok().filter(|_| hexadecimal)
    };
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let mut units = [0_u16; 2];
        let decoded = unit(rest).and_then(|first| {
            units[0] = first;
            if let Some(c) = char::from_u32(u32::from(first)) {
                return Some((c, 7)).filter(|(c, _)| *c != '\0');
            }
            units[1] = unit(rest.get(7..)?)?;
            char::decode_utf16(units).next()?.ok().map(|c| (c, 14))
        });
        let (c, length) = decoded.unwrap_or(('_', 1));
        out.push(c);
        rest = &rest[length..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::formats::classify;

    fn check(text: &str, class: Class, kind: Kind, expected: &str) {
        let mut out = String::new();
        assert_eq!(write_number(&mut out, text, class, false), kind, "{text}");
        assert_eq!(out, expected, "{text}");
    }

    #[test]
    fn numbers_are_written_as_people_read_them() {
        let cases = [
            ("1", "1"),
            ("0", "0"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("27821234567", "27821234567"),
            ("27821234567.0", "27821234567"),
            ("8001015009087", "8001015009087"),
            ("8.001015009087E12", "8001015009087"),
            ("9007199254740993", "9007199254740993"),
            ("0.1", "0.1"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("1.50", "1.5"),
            ("-12.5", "-12.5"),
            (" 7 ", "7"),
            ("007", "7"),
            ("1e3", "1000"),
            ("1e308", "1e308"),
            ("0.00000001", "1e-8"),
            (".5", "0.5"),
        ];
        for (text, expected) in cases {
            check(text, Class::Number, Kind::Number, expected);
        }
        for text in ["", "abc", "NaN", "inf", "INF", "infinity", "-inf", "1e400", "0x1F", "1,5", "-", "1 2"] {
            check(text, Class::Number, Kind::Error, "");
        }
    }

    #[test]
    fn padding_is_honoured_and_never_hides_a_fraction() {
        let (five, ten) = (classify("00000"), classify("0000000000"));
        check("42", five, Kind::Number, "00042");
        check("-42", five, Kind::Number, "-00042");
        check("821234567", ten, Kind::Number, "0821234567");
        check("123456", five, Kind::Number, "123456");
        check("4.5", five, Kind::Number, "4.5");
    }

    #[test]
    fn a_number_under_the_format_of_a_date_that_is_none_stays_a_number() {
        check("-1", Class::Date, Kind::Number, "-1");
        check("99999999", Class::DateTime, Kind::Number, "99999999");
        check("45292", Class::Date, Kind::Date, "2024-01-01");
    }

    proptest! {
        #[test]
        fn a_number_reads_back(number in any::<f64>().prop_filter("finite", |it| it.is_finite())) {
            let mut out = String::new();
            write_float(&mut out, number, Class::Number, false);
            prop_assert_eq!(out.parse::<f64>().unwrap(), number);
            let mut again = String::new();
            write_number(&mut again, &out, Class::Number, false);
            prop_assert_eq!(again, out);
        }

        #[test]
        fn what_passes_as_it_is_is_what_would_be_written(text in "-?[0-9]{1,9}(\\.[0-9]{1,6})?") {
            let (mut passed, mut written) = (String::new(), String::new());
            write_number(&mut passed, &text, Class::Number, false);
            write_float(&mut written, text.parse().unwrap(), Class::Number, false);
            prop_assert_eq!(passed, written);
        }

        #[test]
        fn decoding_is_total(text in "(_x[0-9A-F]{4}_|_|x|é|[a-z]){0,12}") {
            let mut out = String::new();
            write_text(&mut out, &text);
            prop_assert!(out.len() <= text.len());
        }
    }

    #[test]
    fn escapes_are_decoded_once() {
        let cases = [
            ("plain", "plain"),
            ("a_x000D_b_x0041_", "a\rbA"),
            ("_x005F_x0041_", "_x0041_"),
            ("_x12_ _x_ _xZZZZ_ _x004", "_x12_ _x_ _xZZZZ_ _x004"),
            ("_x0000_", "_x0000_"),
            ("_xD83D__xDE00_", "😀"),
            ("_xD83D_", "_xD83D_"),
            ("é_x00e9_é", "ééé"),
            ("_x+041_", "_x+041_"),
        ];
        for (text, expected) in cases {
            let mut out = String::new();
            write_text(&mut out, text);
            assert_eq!(out, expected);
        }
    }
}
