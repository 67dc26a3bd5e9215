//! Values as text, in a format that says how: `DD.MM.YYYY`, `#,##0.00`.
//!
//! Formats are those of spreadsheets: `0` is a digit that is always there, `#` one that may be missing, `,` between
//! digits groups thousands, `%` behind a number is per cent; `Y`, `M`, `D`, `h`, `m` and `s` are parts of dates and
//! times, in any case, and `m` beside an hour or a second is a minute. Names of months and days are English. All else
//! stands as it is.
//!
//! | value | format | text |
//! | --- | --- | --- |
//! | `2024-05-01` | `DD.MM.YYYY` | `01.05.2024` |
//! | `2024-05-01 09:05:00` | `D MMM YY, hh:mm` | `1 May 24, 09:05` |
//! | `1234.5` | `#,##0.00` | `1,234.50` |
//! | `0.125` | `0.0 %` | `12.5 %` |
//! | `7` | `000` | `007` |

use crate::text::english::{DAYS, MONTHS};

/// The most digits that a number is written with.
const DIGITS: usize = 60;

/// Whether a format says how a number or a date is written.
pub fn is_format(format: &str) -> bool {
    match is_number(format) {
        true => Number::read(format).is_some(),
        false => tokens(format).iter().any(|it| matches!(it, Token::Part(..))),
    }
}

/// A value, as a cast to text writes it, in this format; `None` where it is no value of this kind.
pub fn format(value: &str, format: &str) -> Option<String> {
    match is_number(format) {
        true => Number::read(format)?.write(value),
        false => Moment::read(value)?.write(format),
    }
}

fn is_number(format: &str) -> bool {
    format.contains(['0', '#'])
}

struct Number<'a> {
    before: &'a str,
    behind: &'a str,
    /// How many digits there are at least before the point, and at least and most behind it.
    whole: usize,
    least: usize,
    most: usize,
    grouped: bool,
    percent: bool,
}

impl Number<'_> {
    fn read(format: &str) -> Option<Number<'_>> {
        let is_mark = |it: char| matches!(it, '0' | '#' | ',' | '.');
        let start = format.find(['0', '#'])?;
        let length = format[start..].find(|it| !is_mark(it)).unwrap_or(format.len() - start);
        let marks = format[start..start + length].trim_end_matches([',', '.']);
        let (before, behind) = (&format[..start], &format[start + marks.len()..]);
        let (whole, part) = marks.split_once('.').unwrap_or((marks, ""));
        let digits = |text: &str| text.chars().filter(|it| *it == '0').count();
        // A digit that may be missing stands outside of those that are there.
        let ordered = !whole.replace(',', "").trim_start_matches('#').contains('#')
            && !part.trim_start_matches('0').contains('0');
        let fits = ordered && !part.contains([',', '.']) && !behind.contains(['0', '#']) && marks.len() <= DIGITS;
        let number = Number {
            before,
            behind,
            whole: digits(whole),
            least: digits(part),
            most: part.len(),
            grouped: whole.contains(','),
            percent: before.contains('%') || behind.contains('%'),
        };
        fits.then_some(number)
    }

    fn write(&self, value: &str) -> Option<String> {
        let (negative, value) = match value.strip_prefix('-') {
            Some(it) => (true, it),
            None => (false, value),
        };
        let (mut digits, mut point) = digits(value)?;
        if self.percent {
            point += 2;
        }
        // Of all digits those stay that stand before the point, and so many behind it.
        let keep = point + self.most as i64;
        if keep < 0 {
            digits.clear();
        } else if (keep as usize) < digits.len() {
            let up = digits[keep as usize] >= 5;
            digits.truncate(keep as usize);
            if up && !grown(&mut digits) {
                digits.insert(0, 1);
                point += 1;
            }
        }
        if point.unsigned_abs() as usize > DIGITS * 6 {
            return None;
        }
        let at = |place: i64| usize::try_from(place).ok().and_then(|it| digits.get(it)).copied().unwrap_or(0);
        let mut whole: String = (0..point.max(0)).map(|it| char::from(b'0' + at(it))).collect();
        whole = whole.trim_start_matches('0').to_owned();
        whole.insert_str(0, &"0".repeat(self.whole.saturating_sub(whole.len())));
        let mut part: String = (0..self.most as i64).map(|it| char::from(b'0' + at(point + it))).collect();
        while part.len() > self.least && part.ends_with('0') {
            part.pop();
        }
        if self.grouped {
            let mut grouped = String::new();
            for (place, digit) in whole.chars().enumerate() {
                if place > 0 && (whole.len() - place).is_multiple_of(3) {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            whole = grouped;
        }
        let is_zero = !whole.chars().chain(part.chars()).any(|it| it.is_ascii_digit() && it != '0');
        let sign = if negative && !is_zero { "-" } else { "" };
        let point = if part.is_empty() { "" } else { "." };
        Some(format!("{sign}{}{whole}{point}{part}{}", self.before, self.behind))
    }
}

/// A number with so many digits behind the point, the last of them rounded away from zero where a half is cut off; whole tens
/// where `places` is below zero. What is no number stays as it is, as `inf`.
pub fn rounded(value: &str, places: i64) -> String {
    let (sign, plain) = match value.strip_prefix('-') {
        Some(it) => ("-", it),
        None => ("", value),
    };
    let Some((mut digits, mut point)) = digits(plain) else { return value.to_owned() };
    let keep = point.saturating_add(places);
    if keep < 0 {
        return "0".to_owned();
    }
    let Some(next) = usize::try_from(keep).ok().and_then(|it| digits.get(it)).copied() else { return value.to_owned() };
    digits.truncate(keep as usize);
    if next >= 5 && !grown(&mut digits) {
        digits.insert(0, 1);
        point += 1;
    }
    let kept: String = digits.iter().map(|it| char::from(b'0' + it)).collect();
    format!("{sign}0{kept}e{}", point - digits.len() as i64)
}

/// The digits of a number without a sign, and how many of them stand before the point.
fn digits(value: &str) -> Option<(Vec<u8>, i64)> {
    let (mantissa, exponent) = match value.split_once(['e', 'E']) {
        Some((a, b)) => (a, b.parse::<i64>().ok()?),
        None => (value, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if (whole.is_empty() && part.is_empty()) || exponent.abs() > 400 {
        return None;
    }
    let all = whole.bytes().chain(part.bytes());
    let digits: Option<Vec<u8>> = all.map(|it| it.is_ascii_digit().then(|| it - b'0')).collect();
    Some((digits?, whole.len() as i64 + exponent))
}

/// Adds one at the end; `false` where a digit would have to stand before all.
fn grown(digits: &mut [u8]) -> bool {
    for digit in digits.iter_mut().rev() {
        if *digit < 9 {
            *digit += 1;
            return true;
        }
        *digit = 0;
    }
    false
}

/// A part of a format of dates: a letter and how often it stands there.
#[derive(Clone, Copy, PartialEq)]
enum Token<'a> {
    Part(char, usize),
    Text(&'a str),
}

fn tokens(format: &str) -> Vec<Token<'_>> {
    let mut acc = Vec::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let letter = first.to_ascii_lowercase();
        let same = |it: char| it.to_ascii_lowercase() == letter;
        if matches!(letter, 'y' | 'm' | 'd' | 'h' | 's') {
            let length = rest.find(|it| !same(it)).unwrap_or(rest.len());
            acc.push(Token::Part(letter, length));
            rest = &rest[length..];
        } else {
            let length = rest.find(|it: char| "ymdhsYMDHS".contains(it)).unwrap_or(rest.len());
            acc.push(Token::Text(&rest[..length]));
            rest = &rest[length..];
        }
    }
    // A month beside an hour or a second is a minute.
    let part = |at: Option<usize>| -> Option<char> {
        let Some(Token::Part(letter, _)) = at.and_then(|it| acc.get(it)) else { return None };
        Some(*letter)
    };
    let minute = |at: usize| {
        let before = (0..at).rev().find_map(|it| part(Some(it)));
        let behind = (at + 1..acc.len()).find_map(|it| part(Some(it)));
        before == Some('h') || behind == Some('s')
    };
    let minutes: Vec<bool> = (0..acc.len()).map(|at| part(Some(at)) == Some('m') && minute(at)).collect();
    for (token, minute) in acc.iter_mut().zip(minutes) {
        if let (Token::Part(letter, _), true) = (token, minute) {
            *letter = 'n';
        }
    }
    acc
}

struct Moment {
    year: i64,
    month: usize,
    day: usize,
    time: [usize; 3],
}

impl Moment {
    /// Reads `2024-05-01` and `2024-05-01 09:05:00.25`.
    fn read(value: &str) -> Option<Moment> {
        let (date, time) = value.split_once([' ', 'T']).unwrap_or((value, ""));
        let number = |it: &str| it.bytes().all(|it| it.is_ascii_digit()).then(|| it.parse().ok()).flatten();
        let parts: Option<Vec<usize>> = date.split('-').map(number).collect();
        let [year, month, day] = parts?[..] else { return None };
        let mut clock = [0; 3];
        let whole = time.split(['.', '+', 'Z']).next().unwrap_or_default();
        for (at, it) in whole.split(':').filter(|it| !it.is_empty()).enumerate() {
            *clock.get_mut(at)? = number(it)?;
        }
        let fits = (1..=12).contains(&month) && (1..=31).contains(&day) && (1..=9999).contains(&year);
        fits.then_some(Moment { year: year as i64, month, day, time: clock })
    }

    /// From 0 for a Monday.
    fn weekday(&self) -> usize {
        let (month, year) = match self.month {
            1 | 2 => (self.month as i64 + 12, self.year - 1),
            it => (it as i64, self.year),
        };
        let days = self.day as i64 + (13 * (month + 1)) / 5 + year + year / 4 - year / 100 + year / 400;
        // The congruence has 0 for a Saturday.
        (days + 5).rem_euclid(7) as usize
    }

    fn write(&self, format: &str) -> Option<String> {
        let tokens = tokens(format);
        if !tokens.iter().any(|it| matches!(it, Token::Part(..))) {
            return None;
        }
        let short = |name: &str| name.chars().take(3).collect::<String>();
        let padded = |number: usize, length: usize| format!("{number:0width$}", width = length.min(2));
        let (month, day) = (MONTHS[self.month - 1], DAYS[self.weekday()]);
        let written = tokens.into_iter().map(|token| match token {
            Token::Text(text) => text.to_owned(),
            Token::Part('y', 1 | 2) => format!("{:02}", self.year % 100),
            Token::Part('y', _) => format!("{:04}", self.year),
            Token::Part('m', 3) => short(month),
            Token::Part('m', 4..) => month.to_owned(),
            Token::Part('m', length) => padded(self.month, length),
            Token::Part('d', 3) => short(day),
            Token::Part('d', 4..) => day.to_owned(),
            Token::Part('d', length) => padded(self.day, length),
            Token::Part('h', length) => padded(self.time[0], length),
            Token::Part('n', length) => padded(self.time[1], length),
            Token::Part(_, length) => padded(self.time[2], length),
        });
        Some(written.collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(value: &str, format: &str, expected: &str) {
        assert_eq!(super::format(value, format).unwrap_or_default(), expected, "{value:?} as {format:?}");
    }

    #[test]
    fn dates_are_written_as_spreadsheets_do() {
        check("2024-05-01", "DD.MM.YYYY", "01.05.2024");
        check("2024-05-01", "d/m/yy", "1/5/24");
        check("2024-05-01", "DDDD, D MMMM YYYY", "Wednesday, 1 May 2024");
        check("2000-02-29", "ddd mmm", "Tue Feb");
        check("1900-01-01", "DDDD", "Monday");
        check("2024-12-31 09:05:07.25", "YYYY-MM-DD hh:mm:ss", "2024-12-31 09:05:07");
        check("2024-12-31 09:05:07", "mm:ss", "05:07");
        check("2024-12-31 09:05:07", "H h mm", "9 9 05");
        check("2024-12-31", "YYYYMM", "202412");
        check("12345-01-01", "YYYY", "");
        check("soon", "YYYY", "");
        check("2024-12-31", "?", "");
    }

    #[test]
    fn numbers_are_written_as_spreadsheets_do() {
        check("1234.5", "#,##0.00", "1,234.50");
        check("1234567", "#,##0", "1,234,567");
        check("-1234.565", "0.00", "-1234.57");
        check("0.125", "0.0 %", "12.5 %");
        check("7", "000", "007");
        check("0.5", "#.##", ".5");
        check("0.999", "0.00", "1.00");
        check("99.5", "0", "100");
        check("-0.001", "0.00", "0.00");
        check("1e16", "0", "10000000000000000");
        check("1.5e-07", "0.0000000##", "0.00000015");
        check("12", "EUR 0.00", "EUR 12.00");
        check("-12", "0.00 kg", "-12.00 kg");
        check("12", "#,##0.-", "12.-");
        check("true", "0", "");
        check("inf", "0", "");
        check("0", "#", "");
    }

    #[test]
    fn a_format_says_something() {
        for it in ["0", "#,##0.00", "DD.MM.YYYY", "YYYY", "0 %", "hh:mm"] {
            assert!(is_format(it), "{it}");
        }
        for it in ["", "?", "0.0 0", "0#", "0.#0", "0.0.0"] {
            assert!(!is_format(it), "{it}");
        }
    }

    proptest! {
        #[test]
        fn whatever_stands_there_there_is_an_answer(value in ".{0,12}", format in "[0#,.%YyMmDdHhSs:/ €-]{0,12}") {
            let _ = super::format(&value, &format);
        }

        #[test]
        fn a_whole_number_keeps_its_digits(number in any::<i64>()) {
            prop_assert_eq!(super::format(&number.to_string(), "0"), Some(number.to_string()));
            let grouped = super::format(&number.to_string(), "#,##0").unwrap_or_default();
            prop_assert_eq!(grouped.replace(',', ""), number.to_string());
        }
    }
}
