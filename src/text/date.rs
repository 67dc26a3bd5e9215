//! Dates as people and programs write them, read without a clock, as `YYYY-MM-DD`.
//!
//! Not here: words that need today's date (`today`, `yesterday`, `10 March`), serial numbers of spreadsheets (the reader
//! of workbooks knows which cells are dates), other calendars, words and eras (`calendar`), and named time zones.
//!
//! | superseded vector | here | because |
//! | --- | --- | --- |
//! | `today` -> the day of the run | none | D-21: no hidden clock |
//! | two digits of a year: within 50 years of the run | 69 to 99 are 19.., 00 to 68 are 20.. (POSIX) | D-21 |
//! | the day in UTC of a time with an offset | the day that is written | midnight in Berlin is no day before |
//! | `02/13/2025` with the day first -> 13 February | none | half of a column would be read the other way round |
//! | 1677-09-21 to 2262-04-11 | the years 1 to 9999 | the limit was one of a library |

use std::borrow::Cow;

use jiff::Span;
use jiff::civil::{Date, ISOWeekDate, Weekday};
use unicode_normalization::char::canonical_combining_class;

use super::calendar::{Precision, Style, Words};

pub use super::calendar::Order;
use super::clean::{ascii_digits, cleaned, without_marks};

/// The date in `text` as `YYYY-MM-DD`, with English words; a month or a year alone is none.
///
/// A time of day before or behind it falls, with its offset from UTC: the date is the day that is written. A year that
/// comes first is followed by the month, whatever `order` says. The other forms of ISO 8601 are read too: `20250726T0030`,
/// `2025-W30-6`, `2025-207`.
pub fn date(text: &str, order: Order) -> Option<String> {
    date_as(text, &Style::plain(order))
}

/// The same with the words of a style. Where its precision says so, a month alone is its first day, and a year its first
/// of January.
pub fn date_as(text: &str, style: &Style) -> Option<String> {
    read(text, style).map(|(date, _)| iso(date))
}

/// Whether a text has a time of day other than midnight beside its date, in whatever order the date is. A number of days of a
/// spreadsheet has it behind its point: `45678.75`.
pub fn has_time(text: &str, style: &Style) -> bool {
    // Most dates have no sign or letter of a time.
    if text.is_ascii() && !text.contains([':', '.', 'h', 'H', 't', 'T', 'm', 'M']) {
        return false;
    }
    let number = |text: &str| {
        let (days, part) = text.split_once('.')?;
        let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        Some(days.len() == 5 && digits(days) && digits(part) && part.bytes().any(|it| it != b'0'))
    };
    let orders = [Order::DayFirst, Order::MonthFirst, Order::YearFirst];
    let date = orders.into_iter().find_map(|order| read(text, &Style { order, ..style.clone() }));
    date.map_or_else(|| number(text.trim()) == Some(true), |(_, has_time)| has_time)
}

/// The date in a text, and whether a time other than midnight stands beside it.
fn read(text: &str, style: &Style) -> Option<(Date, bool)> {
    let text = cleaned(text);
    let text = ascii_digits(without_marks(&text));
    let text = ascii_dashes(&text);
    let text = style.words.with_year(&text);
    let text = style.words.without_marks(&text);
    let text = without_weekday(&text, &style.words);
    let text = with_colon(&text);
    let text = with_minutes(&text);
    let text = without_end_words(&text, &style.words);
    let text = without_zone(text);
    let (day, time) = split_time(text);
    let (day, has_time) = match (time, time_of_day(time)) {
        ("", _) => basic(day).map_or((Cow::Borrowed(day), false), |(day, has_time)| (Cow::Borrowed(day), has_time)),
        (_, Some(has_time)) => (Cow::Borrowed(day), has_time),
        _ if day.is_empty() => time_before(time)?,
        _ => year_behind(day, time)?,
    };
    let date = iso_day(&day).or_else(|| day_of(&day, style))?;
    in_range(date).then_some((date, has_time))
}

/// What a text says of the order of its day and month.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says {
    /// It is a date in this order only: `13/02/2025`.
    Only(Order),
    /// It is another date in each order: `05/02/2025`.
    Either,
}

/// Which orders of day and month a text can have; `None` when it says nothing, as `2025-02-05` and `5/5/2025` do, or is
/// no date.
pub fn order_of(text: &str) -> Option<Says> {
    let plain = (!text.is_ascii() && text.len() <= LONGEST).then(|| {
        let text = cleaned(text);
        ascii_dashes(&ascii_digits(&text)).into_owned()
    });
    let text = plain.as_deref().unwrap_or(text);
    // A number, a mark, a number: anything else has no order, and most texts are told apart here.
    if text.len() > LONGEST || !text.contains(['/', '-', '.', ' ']) || !text.contains(|it: char| it.is_ascii_digit()) {
        return None;
    }
    // Behind a year comes the month.
    if text.trim_start().bytes().take_while(u8::is_ascii_digit).count() >= 4 {
        return None;
    }
    match (date(text, Order::DayFirst), date(text, Order::MonthFirst)) {
        (Some(day), Some(month)) => (day != month).then_some(Says::Either),
        (Some(_), None) => Some(Says::Only(Order::DayFirst)),
        (None, Some(_)) => Some(Says::Only(Order::MonthFirst)),
        (None, None) => None,
    }
}

/// No date is written longer.
const LONGEST: usize = 60;

/// The years that four digits write; there is no year 0.
fn in_range(date: Date) -> bool {
    date.year() >= 1
}

/// `YYYY-MM-DD` of a date with a year of four digits.
fn iso(date: Date) -> String {
    let mut out = String::with_capacity(10);
    let mut put = |mark: &str, it: u16, mut unit: u16| {
        out.push_str(mark);
        while unit > 0 {
            out.push(char::from(b'0' + (it / unit % 10) as u8));
            unit /= 10;
        }
    };
    put("", date.year().unsigned_abs(), 1000);
    put("-", u16::from(date.month().unsigned_abs()), 10);
    put("-", u16::from(date.day().unsigned_abs()), 10);
    out
}

/// `text` with every dash as `-`.
fn ascii_dashes(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace(['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}'], "-"))
}

/// `text` without a word in brackets that says nothing: `26/07/2025 (Sat)`.
fn without_weekday<'t>(text: &'t str, words: &Words) -> Cow<'t, str> {
    let inner = text.split_once('(').and_then(|(before, rest)| Some((before, rest.split_once(')')?)));
    match inner {
        Some((before, (word, behind))) if words.is_filler(word.trim_matches([' ', '.'])) => {
            Cow::Owned(format!("{} {}", before.trim_end(), behind.trim_start()).trim_end().to_owned())
        }
        _ => Cow::Borrowed(text),
    }
}

/// `text` without a word at its ends that says nothing and is parted by a blank: `Sat, 26/07/2025`.
fn without_end_words<'t>(text: &'t str, words: &Words) -> &'t str {
    let mut text = text;
    let says_nothing = |it: &str| words.is_filler(it.trim_end_matches([',', '.']));
    loop {
        let before = text.len();
        if let Some((_, rest)) = text.split_once(' ').filter(|(it, _)| says_nothing(it)) {
            text = rest.trim_start();
        }
        if let Some((rest, _)) = text.rsplit_once(' ').filter(|(_, it)| says_nothing(it)) {
            text = rest.trim_end_matches([' ', ',']);
        }
        if text.len() == before {
            return text;
        }
    }
}

/// `text` with `14:30` for `14h30` and `14 h 30`: the letter is the sign of the hour (ISO 80000).
fn with_colon(text: &str) -> Cow<'_, str> {
    let colon = text.match_indices(['h', 'H']).find_map(|(at, _)| {
        let (before, behind) = (&text[..at], &text[at + 1..]);
        let before = before.strip_suffix(' ').unwrap_or(before);
        let behind = behind.strip_prefix(' ').unwrap_or(behind);
        let hour = before.bytes().rev().take_while(u8::is_ascii_digit).count();
        let minute = behind.bytes().take_while(u8::is_ascii_digit).count();
        (matches!(hour, 1 | 2) && minute == 2).then(|| format!("{before}:{behind}"))
    });
    colon.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// `text` with `3:00 pm` for `3 pm` and `3pm` behind a blank or at its beginning, and with `pm` for `p.m.`.
fn with_minutes(text: &str) -> Cow<'_, str> {
    if let Some(half) = ["a.m.", "p.m.", "A.M.", "P.M."].into_iter().find(|it| text.contains(it)) {
        return Cow::Owned(with_minutes(&text.replace(half, &half.replace('.', ""))).into_owned());
    }
    if text.contains(':') {
        return Cow::Borrowed(text);
    }
    let half = text.match_indices(['a', 'A', 'p', 'P']).find_map(|(at, _)| {
        let rest = text.get(at + 1..)?.strip_prefix(['m', 'M'])?;
        let before = text[..at].strip_suffix(' ').unwrap_or(&text[..at]);
        let day = before.trim_end_matches(|it: char| it.is_ascii_digit());
        let hour = &before[day.len()..];
        let is_hour = hour.parse::<u8>().is_ok_and(|it| (1..=12).contains(&it)) && hour.len() <= 2;
        let is_apart = day.is_empty() || day.ends_with([' ', ',']);
        let is_end = rest.is_empty() || rest.starts_with([' ', ',']);
        (is_hour && is_apart && is_end).then(|| format!("{day}{hour}:00 {}", &text[at..]))
    });
    half.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// The date before a time of day, and the time, which is empty if there is none.
fn split_time(text: &str) -> (&str, &str) {
    let Some(colon) = text.find(':') else { return (text, "") };
    let hour = text[..colon].trim_end_matches(|it: char| it.is_ascii_digit()).len();
    let (day, time) = text.split_at(hour);
    let day = day.trim_end();
    // `2025-07-26T00:30`: the letter belongs to neither.
    let day = day.strip_suffix(['T', 't']).filter(|it| it.ends_with(|it: char| it.is_ascii_digit())).unwrap_or(day);
    (day.trim_end_matches([' ', ',']), time)
}

/// `text` without the name of a zone in brackets at its end, as RFC 9557 has it: `2025-07-26T10:30+02:00[Europe/Berlin]`.
fn without_zone(text: &str) -> &str {
    let zone = text.strip_suffix(']').and_then(|it| it.rsplit_once('['));
    let is_name =
        |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"/_-+:=".contains(&it));
    zone.filter(|(before, it)| before.contains(':') && is_name(it)).map_or(text, |(before, _)| before)
}

/// The day of `20250726T003015Z`, `2025-W30-6T10`: a time without marks behind a day in a form of ISO 8601; and whether the
/// time is another one than midnight.
fn basic(text: &str) -> Option<(&str, bool)> {
    let (day, time) = text.split_once(['T', 't'])?;
    let digits = time.bytes().take_while(u8::is_ascii_digit).count();
    let hour = time.get(..2)?;
    let (minute, second) = match digits {
        2 => ("00", "00"),
        4 => (time.get(2..4)?, "00"),
        6 => (time.get(2..4)?, time.get(4..6)?),
        _ => return None,
    };
    let is_day = day.len() >= 8 && day.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'-' | b'W'));
    let has_time = time_of_day(&format!("{hour}:{minute}:{second}{}", &time[digits..]))?;
    is_day.then_some((day, has_time))
}

/// The date behind a time: `10:30 26/07/2025`, `10:30 pm, 26 July 2025`.
fn time_before(text: &str) -> Option<(Cow<'_, str>, bool)> {
    let (time, mut day) = text.split_once([' ', ','])?;
    let mut time = Cow::Borrowed(time);
    let half = day.split([' ', ',']).next().unwrap_or_default();
    if ["am", "pm"].iter().any(|it| it.eq_ignore_ascii_case(half)) {
        time = format!("{time} {half}").into();
        day = &day[half.len()..];
    }
    Some((day.trim_start_matches([' ', ',']).into(), time_of_day(&time)?))
}

/// `Sat Jul 26 00:30:00 2025`: the year stands behind the time.
fn year_behind<'t>(day: &str, text: &'t str) -> Option<(Cow<'t, str>, bool)> {
    let (time, year) = text.rsplit_once(' ')?;
    let is_year = year.len() == 4 && year.bytes().all(|it| it.is_ascii_digit());
    let has_time = time_of_day(time).filter(|_| is_year)?;
    Some((format!("{day} {year}").into(), has_time))
}

/// A day of a week or of a year as in ISO 8601: `2025-W30-6`, `2025W306`, `2025-207`.
///
/// Not `2025207`, which may as well lack a digit.
fn iso_day(text: &str) -> Option<Date> {
    let (year, rest) = text.split_at_checked(4)?;
    let digits = |it: &str, count: usize| it.len() == count && it.bytes().all(|it| it.is_ascii_digit());
    let year: i16 = year.parse().ok().filter(|_| digits(year, 4))?;
    let marked = rest.strip_prefix('-');
    if let Some(week) = marked.unwrap_or(rest).strip_prefix(['W', 'w']) {
        let (week, day) = week.split_at_checked(2)?;
        let day = if marked.is_some() { day.strip_prefix('-')? } else { day };
        let fits = digits(week, 2) && digits(day, 1);
        let weekday = Weekday::from_monday_one_offset(day.parse().ok().filter(|_| fits)?).ok()?;
        return Some(ISOWeekDate::new(year, week.parse().ok()?, weekday).ok()?.date());
    }
    let day = marked.filter(|it| digits(it, 3))?.parse::<i64>().ok().filter(|it| *it >= 1)?;
    let date = Date::new(year, 1, 1).ok()?.checked_add(Span::new().days(day - 1)).ok()?;
    (date.year() == year).then_some(date)
}

/// Whether a time of day, with an offset from UTC or without, is another one than midnight; `None` of what is none.
fn time_of_day(text: &str) -> Option<bool> {
    let (hour, rest) = number(text, 2)?;
    let (minute, mut rest) = number(rest.strip_prefix(':')?, 2)?;
    let (mut second, mut part) = (0, false);
    if let Some(tail) = rest.strip_prefix(':') {
        (second, rest) = number(tail, 2)?;
        if let Some(tail) = rest.strip_prefix(['.', ',']) {
            let end = tail.find(|it: char| !it.is_ascii_digit()).unwrap_or(tail.len());
            part = tail[..end].bytes().any(|it| it != b'0');
            rest = tail.get(end..).filter(|_| end > 0)?;
        }
    }
    let rest = rest.trim_start();
    let (hour, rest) = match rest.get(..2) {
        Some(half) if half.eq_ignore_ascii_case("am") && (1..=12).contains(&hour) => (hour % 12, &rest[2..]),
        Some(half) if half.eq_ignore_ascii_case("pm") && (1..=12).contains(&hour) => (hour % 12 + 12, &rest[2..]),
        _ => (hour, rest),
    };
    // 60 is a leap second, and 24:00 the end of the day.
    let is_end = hour == 24 && minute == 0 && second == 0;
    let fits = (hour <= 23 || is_end) && minute <= 59 && second <= 60 && is_offset(rest.trim());
    fits.then_some(part || (hour, minute, second) != (0, 0, 0))
}

/// Whether `text` says where a time is meant: nothing, `Z`, `UTC`, `GMT`, `+02:00`, `+0200` or `+02`.
fn is_offset(text: &str) -> bool {
    ["", "z", "utc", "gmt"].iter().any(|it| it.eq_ignore_ascii_case(text)) || offset(text).is_some()
}

fn offset(text: &str) -> Option<()> {
    let text = text.strip_prefix("UTC").or_else(|| text.strip_prefix("GMT")).unwrap_or(text);
    let digits = text.strip_prefix(['+', '-'])?;
    let (hours, rest) = number(digits, 2)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = if rest.is_empty() { (0, rest) } else { number(rest, 2).filter(|_| rest.len() == 2)? };
    // RFC 3339 allows hours to 23; the world uses up to 14.
    let fits = rest.is_empty() && !digits.ends_with(':') && hours <= 23 && minutes <= 59;
    fits.then_some(())
}

/// The one to `most` digits at the start of `text`, and the rest.
fn number(text: &str, most: usize) -> Option<(u16, &str)> {
    let end = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    Some((text.get(..end)?.parse().ok()?, &text[end..]))
}

/// One part of a date.
#[derive(Clone, Copy)]
enum Field {
    /// A number and how many digits it was written with.
    Number(u32, usize),
    /// The name of a month.
    Month(i8),
}

/// The date in a text without time.
fn day_of(text: &str, style: &Style) -> Option<Date> {
    use Field::{Month, Number};
    let (fields, separator) = fields(without_end_words(text, &style.words), &style.words)?;
    let (order, months) = (style.order, style.precision >= Precision::Month);
    match *fields.as_slice() {
        [Number(year @ 1677..=2262, 4)] if style.precision == Precision::Year => ymd(year, 4, 1, 1),
        [Number(all, 8)] => ymd(all / 10_000, 4, all / 100 % 100, all % 100),
        [Number(year, 4), Number(month, 1..=2)] if months && "-/".contains(separator) => ymd(year, 4, month, 1),
        [Number(month, 1..=2), Number(year, 4)] if months && "-/".contains(separator) => ymd(year, 4, month, 1),
        [Month(month), Number(year, 4)] | [Number(year, 4), Month(month)] if months => {
            ymd(year, 4, month.unsigned_abs().into(), 1)
        }
        [Number(year, 4), Number(first, 1..=2), Number(second, 1..=2)] if separator != ',' => {
            ymd(year, 4, first, second)
        }
        [Number(year, 2), Number(month, 1..=2), Number(day, 1..=2)]
            if separator != ',' && order == Order::YearFirst =>
        {
            ymd(year, 2, month, day)
        }
        [Number(first, 1..=2), Number(second, 1..=2), Number(year, digits)] if separator != ',' => match order {
            Order::DayFirst => ymd(year, digits, second, first),
            Order::MonthFirst => ymd(year, digits, first, second),
            Order::YearFirst if digits == 4 => ymd(year, digits, first, second),
            Order::YearFirst => None,
            Order::Unsaid if first == second => ymd(year, digits, first, second),
            Order::Unsaid => None,
        },
        [Number(day, 1..=2), Month(month), Number(year, digits)]
        | [Month(month), Number(day, 1..=2), Number(year, digits)] => {
            ymd(year, digits, month.unsigned_abs().into(), day)
        }
        [Number(year, 4), Month(month), Number(day, 1..=2)] => ymd(year, 4, month.unsigned_abs().into(), day),
        _ => None,
    }
}

/// A date of the calendar. Of a year in two digits the century is that of POSIX: 69 is 1969, 68 is 2068.
fn ymd(year: u32, digits: usize, month: u32, day: u32) -> Option<Date> {
    let year = match (digits, year) {
        (2, 69..) => 1900 + year,
        (2, _) => 2000 + year,
        (4, _) => year,
        _ => return None,
    };
    Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

/// The parts of a date, and the separator between its numbers: `/`, `-`, `.` or a space, and `,` where it is mixed.
fn fields(text: &str, words: &Words) -> Option<(Vec<Field>, char)> {
    let mut fields = Vec::with_capacity(3);
    let mut separator = None;
    let mut rest = text;
    while !rest.is_empty() {
        if fields.len() == 3 {
            return None;
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        // Some scripts write vowels, or that there is none, with marks.
        let is_letter = |it: char| it.is_alphabetic() || canonical_combining_class(it) != 0;
        let letters = rest[digits..].find(|it: char| !is_letter(it)).unwrap_or(rest.len() - digits);
        let word = &rest[digits..digits + letters];
        if digits > 0 {
            // `10th`
            if digits > 8 || (letters > 0 && !words.is_ordinal(word) && words.month(word).is_none()) {
                return None;
            }
            fields.push(Field::Number(rest[..digits].parse().ok()?, digits));
        }
        // `10Mar2025`
        match words.month(word) {
            Some(month) => fields.push(Field::Month(month)),
            None if word.is_empty() || (digits > 0 && words.is_ordinal(word)) || words.is_filler(word) => (),
            None => return None,
        }
        if digits + letters == 0 {
            return None;
        }
        rest = &rest[digits + letters..];
        let next = rest.trim_start_matches([' ', ',', '/', '-', '.']);
        let between = &rest[..rest.len() - next.len()];
        if next.is_empty() {
            // Only `10 March 2025.` and `Sept.` may end in a mark.
            if !matches!(between, "" | "." | ",") {
                return None;
            }
        } else if !between.is_empty() {
            // Behind a short name its full stop parts nothing: `6-Feb.-2025`.
            let stop = matches!(fields.last(), Some(Field::Month(_))).then(|| between.strip_prefix('.')).flatten();
            let mark = stop.filter(|it| !it.trim().is_empty()).unwrap_or(between).trim_matches(' ');
            let mark = match mark {
                "" => ' ',
                "/" => '/',
                "-" => '-',
                "." => '.',
                "," | ".," => ',',
                _ => return None,
            };
            let same = separator.is_none_or(|it| it == mark);
            separator = Some(if same { mark } else { ',' });
        }
        rest = next;
    }
    if fields.len() > 3 {
        return None;
    }
    Some((fields, separator.unwrap_or(' ')))
}

#[cfg(test)]
mod tests;
