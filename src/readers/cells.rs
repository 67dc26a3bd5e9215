//! Values as text, the way a person reads them and without losing a digit.
//!
//! Nothing is inferred: a text stays the text it is, and what a number is, its format alone says.

use std::fmt::Write;

use crate::readers::formats::{Class, Look, Mask};
use crate::readers::row::Kind;
use crate::readers::serials::write_serial;
use crate::text::number::of_cell;

/// Appends the number that `text` writes, as `look` shows it; `Error`, with nothing appended, if it is no finite number.
pub(crate) fn write_number(out: &mut String, text: &str, look: &Look, from_1904: bool) -> Kind {
    let text = if is_canonical(text) { text } else { text.trim_matches([' ', '\t', '\r', '\n']) };
    if look.is_plain() && is_canonical(text) {
        out.push_str(text);
        return Kind::Number;
    }
    let starts_like_a_number = text.bytes().next().is_some_and(|it| it.is_ascii_digit() || b"+-.".contains(&it));
    match text.parse::<f64>() {
        Ok(number) if starts_like_a_number && number.is_finite() => match look.of(number) {
            Class::Number if is_canonical(text) => {
                out.push_str(text);
                Kind::Number
            }
            class => write_float(out, number, class, from_1904),
        },
        _ => Kind::Error,
    }
}

/// Appends `number` as its format's `class` makes it.
///
/// A number that shows digits of its format among its own is a text: what it shows is no number, or another one.
pub(crate) fn write_float(out: &mut String, number: f64, class: &Class, from_1904: bool) -> Kind {
    if !number.is_finite() {
        return Kind::Error;
    }
    match class {
        Class::Number => write_plain(out, number),
        Class::Share(sign) => {
            write_plain(out, number);
            out.push_str(sign);
        }
        Class::Padded(mask) if number.fract() == 0.0 && number.abs() < 1e17 => return write_masked(out, number, mask),
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

/// Appends a whole number of up to 17 digits with the zeros and signs of its mask.
fn write_masked(out: &mut String, number: f64, mask: &Mask) -> Kind {
    let start = out.len();
    out.push_str(if number < 0.0 { "-" } else { "" });
    mask.write(out, &format!("{:0width$}", number.abs() as u64, width = mask.digits()));
    let whole = (number as i64).to_string();
    if of_cell(&out[start..]).is_some_and(|it| it == whole) {
        return Kind::Number;
    }
    if mask.has_digits_of_its_own() {
        return Kind::Text;
    }
    // What reads as another number would be one.
    out.truncate(start);
    write_plain(out, number);
    Kind::Number
}

/// The digits that a spreadsheet program shows: of a fraction the first 15; no `.0`, an exponent only far from 1.
fn write_plain(out: &mut String, number: f64) {
    let start = out.len();
    write_shortest(out, number);
    // A sum of 0.30000000000000004 is 0.3 for whoever reads it.
    if number.fract() != 0.0 && out[start..].bytes().filter(u8::is_ascii_digit).count() > SHOWN {
        let shown = format!("{number:.*e}", SHOWN - 1).parse().unwrap_or(number);
        out.truncate(start);
        write_shortest(out, shown);
    }
}

/// Digits that spreadsheet programs show of a number.
const SHOWN: usize = 15;

/// The shortest digits that read back as `number`.
fn write_shortest(out: &mut String, number: f64) {
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

    fn check(text: &str, look: impl Into<Look>, kind: Kind, expected: &str) {
        let mut out = String::new();
        assert_eq!(write_number(&mut out, text, &look.into(), false), kind, "{text}");
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
            ("0.30000000000000004", "0.3"),
            ("-0.7999999999999999", "-0.8"),
            ("52.520006599999997", "52.5200066"),
            ("19.989999999999998", "19.99"),
            ("0.33333333333333331", "0.333333333333333"),
            ("123456789.12345679", "123456789.123457"),
            ("3.0000000000000004E-10", "3e-10"),
            ("12345678901234567", "12345678901234567"),
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
        let (five, ten) = (|| classify("00000"), classify("0000000000"));
        check("42", five(), Kind::Number, "00042");
        check("-42", five(), Kind::Number, "-00042");
        check("821234567", ten, Kind::Number, "0821234567");
        check("123456", five(), Kind::Number, "123456");
        check("4.5", five(), Kind::Number, "4.5");
    }

    #[test]
    fn the_section_that_is_for_a_number_shows_it() {
        for (code, number, expected) in [
            ("[>99999]00000-0000;00000", "501", "00501"),
            ("[>99999]00000-0000;00000", "123456789", "12345-6789"),
            ("[<=99999]00000;00000-0000", "21341234", "02134-1234"),
            ("[<=99999]00000;00000-0000", "501", "00501"),
            ("[<=9999999]000-0000;(000) 000-0000", "2125550100", "(212) 555-0100"),
            ("[<=9999999]000-0000;(000) 000-0000", "5550100", "555-0100"),
            ("[<1]0.00%;00000", "501", "00501"),
            ("[<1]0.00%;00000", "0.5", "0.5"),
            ("0000;(0000)", "-12", "-0012"),
            ("00000;00000", "-501", "-00501"),
            ("00000;-00000;;@", "42", "00042"),
            ("00000;;", "0", "0"),
            ("[=0]\"\";00000", "5", "00005"),
        ] {
            check(number, classify(code), Kind::Number, expected);
        }
    }

    #[test]
    fn what_a_format_writes_reads_as_the_number_or_is_a_text() {
        for (code, number, kind, expected) in [
            ("-00000", "12", Kind::Number, "00012"),
            ("000-00-0000", "-12345678", Kind::Number, "-012-34-5678"),
            ("0000\"/\"00", "202401", Kind::Number, "2024/01"),
            ("0.0\\%", "12.5", Kind::Number, "12.5%"),
            ("0.0\"%\"", "-12.5", Kind::Number, "-12.5%"),
            // These would be 12.34, and 12.
            ("00\\.00", "1234", Kind::Number, "1234"),
            ("000\"k\"", "12", Kind::Number, "012k"),
            ("\"+27 \"00 000 0000", "821234567", Kind::Text, "+27 82 123 4567"),
            ("\"20\"00", "24", Kind::Text, "2024"),
        ] {
            check(number, classify(code), kind, expected);
        }
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
            write_float(&mut out, number, &Class::Number, false);
            let read: f64 = out.parse().unwrap();
            // Of a fraction exactly the digits that are shown; a whole number is itself.
            let shown = if number.fract() == 0.0 { number } else { format!("{number:.14e}").parse().unwrap() };
            prop_assert_eq!(read, shown);
            let mut again = String::new();
            write_number(&mut again, &out, &Look::default(), false);
            prop_assert_eq!(again, out);
        }

        #[test]
        fn what_passes_as_it_is_is_what_would_be_written(text in "-?[0-9]{1,9}(\\.[0-9]{1,6})?") {
            let (mut passed, mut written) = (String::new(), String::new());
            write_number(&mut passed, &text, &Look::default(), false);
            write_float(&mut written, text.parse().unwrap(), &Class::Number, false);
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
