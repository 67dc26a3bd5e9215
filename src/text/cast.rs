//! Texts as the values that they spell, for `cast`: one spelling for each kind of value, and nothing beside it.
//!
//! This is what tables are published in and read back from. Blanks around a value do not count; anything else before,
//! within or behind it makes it none. Not here: values as people type them (`date`, `number`).
//!
//! | type | spelling |
//! | --- | --- |
//! | integer | digits with a sign or without; behind a point zeros only |
//! | decimal | the same with as many digits behind the point as it has; more of them are zeros |
//! | float | the same with any digits behind the point, and an exponent |
//! | boolean | `true` or `false` in small or capital letters |
//! | date | `YYYY-MM-DD`, from year 1 |
//! | timestamp | a date alone, or with a time behind `T` or a blank, and an offset from UTC behind that |

use jiff::civil::Date;

use crate::model::Type;

/// Microseconds of a second.
const SECOND: i64 = 1_000_000;
/// Digits of a decimal.
const DIGITS: usize = 38;

/// Whether a text spells a value of this type.
pub fn spells(text: &str, ty: Type) -> bool {
    match ty {
        Type::Text => true,
        Type::Integer => integer(text).is_some(),
        Type::Decimal { scale } => decimal(text, scale).is_some(),
        Type::Float => float(text).is_some(),
        Type::Boolean => boolean(text).is_some(),
        Type::Date => date(text).is_some(),
        Type::Timestamp => timestamp(text).is_some(),
    }
}

/// A whole number of 64 bits.
pub fn integer(text: &str) -> Option<i64> {
    let number = number(text)?;
    let whole = number.exponent.is_none() && is_zero(number.fraction);
    whole.then(|| number.integral.parse().ok()).flatten()
}

/// A double, which is the nearest to the digits. None that is infinite, or zero though its digits are not.
pub fn float(text: &str) -> Option<f64> {
    let number = number(text)?;
    let value: f64 = text.trim().parse().ok()?;
    let lost = value == 0.0 && !(is_zero(number.fraction) && is_zero(number.integral.trim_start_matches(['+', '-'])));
    (value.is_finite() && !lost).then_some(value)
}

/// A whole number that is spelt as a float: what a double is when it is written out.
pub fn whole(text: &str) -> Option<i64> {
    let value = float(text)?;
    // Both bounds are exact as doubles, the upper one is the first that is too large.
    let fits = value.trunc() == value && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value);
    #[expect(clippy::cast_possible_truncation, reason = "it is whole and within the bounds")]
    fits.then_some(value as i64)
}

/// A number with at most `scale` digits behind the point, times ten to the power of `scale`: `-12.5` is -1250 with two.
pub fn decimal(text: &str, scale: u8) -> Option<i128> {
    let number = number(text)?;
    let fraction = number.fraction.trim_end_matches('0');
    let (is_negative, integral) = match number.integral.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, number.integral.trim_start_matches('+')),
    };
    let integral = integral.trim_start_matches('0');
    let zeros = usize::from(scale).checked_sub(fraction.len())?;
    if number.exponent.is_some() || integral.len() + usize::from(scale) > DIGITS {
        return None;
    }
    let digits = integral.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', zeros));
    // So many digits fit.
    let number = digits.fold(0, |acc, it| acc * 10 + i128::from(it - b'0'));
    Some(if is_negative { -number } else { number })
}

/// A truth value.
pub fn boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    is("true").then_some(true).or_else(|| is("false").then_some(false))
}

/// A day, in days since 1970-01-01.
pub fn date(text: &str) -> Option<i32> {
    let (days, rest) = day(text.trim())?;
    rest.is_empty().then_some(days)
}

/// A moment, in microseconds since 1970-01-01 in UTC; a day alone begins at midnight.
pub fn timestamp(text: &str) -> Option<i64> {
    let (days, rest) = day(text.trim())?;
    let mut micros = i64::from(days) * 86_400 * SECOND;
    if rest.is_empty() {
        return Some(micros);
    }
    let (hour, rest) = pair(rest.strip_prefix(['T', ' '])?, 23)?;
    let (minute, mut rest) = pair(rest.strip_prefix(':')?, 59)?;
    micros += (hour * 60 + minute) * 60 * SECOND;
    if let Some(tail) = rest.strip_prefix(':') {
        let (second, tail) = pair(tail, 59)?;
        micros += second * SECOND;
        rest = tail;
        if let Some(tail) = tail.strip_prefix('.') {
            let end = tail.bytes().take_while(u8::is_ascii_digit).count();
            let (digits, behind) = tail.split_at(end);
            let (kept, beyond) = digits.split_at(end.min(6));
            // Shorter than a microsecond is lost.
            if end == 0 || !is_zero(beyond) {
                return None;
            }
            micros += format!("{kept:0<6}").parse::<i64>().ok()?;
            rest = behind;
        }
    }
    Some(micros - offset(rest)? * 60 * SECOND)
}

/// Minutes ahead of UTC.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z") {
        return Some(0);
    }
    let ahead = match text.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = pair(&text[1..], 23)?;
    let (minutes, rest) = if rest.is_empty() { (0, rest) } else { pair(rest.strip_prefix(':')?, 59)? };
    rest.is_empty().then_some(ahead * (hours * 60 + minutes))
}

/// The two digits at the start of `text`, at most `most`, and what follows.
fn pair(text: &str, most: i64) -> Option<(i64, &str)> {
    let digits = text.get(..2).filter(|it| it.bytes().all(|it| it.is_ascii_digit()))?;
    let value = digits.parse().ok().filter(|it| *it <= most)?;
    Some((value, &text[2..]))
}

/// The day at the start of `text`, in days since 1970-01-01, and what follows.
fn day(text: &str) -> Option<(i32, &str)> {
    let bytes = text.as_bytes().get(..10)?;
    let shape = bytes.iter().enumerate().all(|(at, it)| match at {
        4 | 7 => *it == b'-',
        _ => it.is_ascii_digit(),
    });
    if !shape {
        return None;
    }
    let (year, month, day): (i16, i8, i8) =
        (text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..10].parse().ok()?);
    let date = Date::new(year, month, day).ok().filter(|_| year > 0)?;
    // Years begin in March here, so that a leap day is the last.
    let (year, month) = (i32::from(date.year()) - i32::from(month < 3), (i32::from(month) + 9) % 12);
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + i32::from(date.day()) - 1;
    Some((days - 719_468, &text[10..]))
}

/// The parts of a number: digits with their sign, digits behind the point, and whether an exponent follows.
struct Number<'a> {
    integral: &'a str,
    fraction: &'a str,
    exponent: Option<&'a str>,
}

fn number(text: &str) -> Option<Number<'_>> {
    let text = text.trim();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (integral, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    let signed = |it: &str| digits(it.strip_prefix(['+', '-']).unwrap_or(it));
    let sound = signed(integral) && digits(fraction) && exponent.is_none_or(signed);
    sound.then_some(Number { integral, fraction, exponent })
}

fn is_zero(digits: &str) -> bool {
    digits.bytes().all(|it| it == b'0')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts that spell no value of any type but text.
    const NOTHING: &[&str] = &[
        "",
        " ",
        "-",
        "+",
        ".",
        "inf",
        "-inf",
        "infinity",
        "nan",
        "NaN",
        "0x1F",
        "0b1",
        "1_0",
        "1,000",
        "1 000",
        "1'000",
        "12.",
        ".5",
        "1.5.2",
        "1e",
        "e3",
        "1e1.5",
        "--1",
        "+-1",
        "1-",
        "(1)",
        "1%",
        "$1",
        "１２",
        "t",
        "f",
        "yes",
        "no",
        "y",
        "n",
        "on",
        "off",
        "truetrue",
        "epoch",
        "infinity",
        "2024-1-5",
        "2024-01-5",
        "24-01-05",
        "2024/01/05",
        "05/01/2024",
        "2024-02-30",
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-01-00",
        "0000-01-01",
        "-2024-01-05",
        "+2024-01-05",
        "12024-01-05",
        "0044-03-15 (BC)",
        "2024-01-05 foo",
        "2024-01-05x",
        "2024-01-05-a-B",
        "2024-01-05 99:99:99",
        "2024-01-05T",
        "2024-01-05T10",
        "2024-01-05 10:00:",
        "2024-01-05 24:00",
        "2024-01-05 10:00:60",
        "2024-01-05 10:00:00.",
        "2024-01-05 10:00 UTC",
        "2024-01-05 10:00+",
        "2024-01-05 10:00+2",
        "2024-01-05 10:00+24:00",
        "2024-01-05  10:00",
        "2024-01-05 10:00:00.0000001",
        "x2024-01-05",
        "2024-01-05\0",
        "20240105x",
        "éééééééééé",
    ];

    const TYPES: [Type; 6] =
        [Type::Integer, Type::Decimal { scale: 2 }, Type::Float, Type::Boolean, Type::Date, Type::Timestamp];

    #[test]
    fn what_spells_no_value_is_none_of_any_type() {
        for text in NOTHING {
            for ty in TYPES {
                assert!(!spells(text, ty), "{text:?} as {ty}");
            }
        }
    }

    #[test]
    fn integers_are_digits() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(integer(text), expected, "{text:?}");
        check("12", Some(12));
        check(" -12\t", Some(-12));
        check("+007", Some(7));
        check("12.000", Some(12));
        check("9223372036854775807", Some(i64::MAX));
        check("-9223372036854775808", Some(i64::MIN));
        check("9223372036854775808", None);
        check("12.7", None);
        check("2.5", None);
        check("-0.5", None);
        check("1e3", None);
        check("true", None);
        check("20240105", Some(20_240_105));
    }

    #[test]
    fn floats_have_exponents_and_stay_finite() {
        let check = |text: &str, expected: Option<f64>| assert_eq!(float(text), expected, "{text:?}");
        check("12.5", Some(12.5));
        check("1e3", Some(1000.0));
        check("-1.5E-3", Some(-0.0015));
        check("1e+16", Some(1e16));
        check("0e999", Some(0.0));
        check("1e999", None);
        check("1e-999", None);
        check("-0", Some(-0.0));
    }

    #[test]
    fn a_float_that_is_whole_is_an_integer() {
        let check = |value: f64, expected: Option<i64>| assert_eq!(whole(&format!("{value:?}")), expected, "{value}");
        check(2.0, Some(2));
        check(2.5, None);
        check(-0.0, Some(0));
        check(1e16, Some(10_000_000_000_000_000));
        check(9_223_372_036_854_775_808.0, None);
        check(-9_223_372_036_854_775_808.0, Some(i64::MIN));
        check(f64::INFINITY, None);
        check(f64::NAN, None);
    }

    #[test]
    fn decimals_keep_every_digit_or_are_none() {
        let check = |text: &str, scale: u8, expected: Option<i128>| {
            assert_eq!(decimal(text, scale), expected, "{text:?} with {scale}");
        };
        check("-12.50", 2, Some(-1250));
        check("+7", 0, Some(7));
        check("-0", 2, Some(0));
        check("000.1000", 1, Some(1));
        check("1.005", 2, None);
        check("1.005", 3, Some(1005));
        check("1e3", 2, None);
        check(&"9".repeat(36), 2, Some(10_i128.pow(38) - 100));
        check(&"9".repeat(37), 2, None);
        check(&"9".repeat(38), 0, Some(10_i128.pow(38) - 1));
    }

    #[test]
    fn truth_values_are_two_words() {
        let check = |text: &str, expected: Option<bool>| assert_eq!(boolean(text), expected, "{text:?}");
        check("true", Some(true));
        check(" FALSE ", Some(false));
        check("True", Some(true));
        check("1", None);
        check("0", None);
    }

    #[test]
    fn moments_are_counted_in_utc() {
        let check = |text: &str, expected: Option<i64>| assert_eq!(timestamp(text), expected, "{text:?}");
        check("1970-01-01", Some(0));
        check("1970-01-02 00:00", Some(86_400_000_000));
        check("1970-01-01T00:00:01.5", Some(1_500_000));
        check("1970-01-01T00:00:00.123456000Z", Some(123_456));
        check("1970-01-01 01:00:00+01:00", Some(0));
        check("1970-01-01 01:00:00+01", Some(0));
        check("1969-12-31T23:30:00-00:30", Some(0));
        check("9999-12-31T23:59:59.999999", Some(253_402_300_799_999_999));
    }

    proptest! {
        #[test]
        fn every_day_of_the_calendar_is_counted(days in -719_162..=2_932_896_i32) {
            let date = jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).expect("a day");
            prop_assert_eq!(super::date(&date.to_string()), Some(days));
        }

        #[test]
        fn no_text_is_too_strange(text in any::<String>()) {
            for ty in TYPES {
                let _ = spells(&text, ty);
            }
        }

        #[test]
        fn what_is_written_is_read_back(number in any::<i64>(), value in any::<f64>(), cents in any::<i64>()) {
            prop_assert_eq!(integer(&number.to_string()), Some(number));
            if value.is_finite() {
                prop_assert_eq!(float(&format!("{value:?}")), Some(value));
            }
            let money = format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.unsigned_abs() / 100, cents.unsigned_abs() % 100);
            prop_assert_eq!(decimal(&money, 2), Some(i128::from(cents)));
        }
    }
}
