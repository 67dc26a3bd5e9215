//! How long something takes: `1h 30min`, `1:30`, `90 min` and `PT90M` are `PT1H30M` (ISO 8601).
//!
//! Units are seconds to weeks; a day has 24 hours. Months and years have no fixed length, and are none.

use super::clean::{ascii_digits, lined};

/// Seconds of a unit, and words for it.
const UNITS: &str = include_str!("durations.txt");
/// Parts of a second that are kept.
const PARTS: i128 = 1_000;

/// The duration in hours, minutes and seconds, to a thousandth of a second. `1:30` is an hour and a half, `0:01:30` has
/// seconds. A number without a unit is none.
pub fn duration(text: &str) -> Option<String> {
    let line = ascii_digits(&lined(text)).to_lowercase();
    let (negative, line) = match line.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest.to_owned()),
        None => (false, line),
    };
    let parts = clock(&line).or_else(|| iso(&line)).or_else(|| units(&line))?;
    Some(written(parts, negative))
}

/// `h:mm` and `h:mm:ss`.
fn clock(line: &str) -> Option<i128> {
    let fields: Vec<&str> = line.split(':').collect();
    let (2 | 3) = fields.len() else { return None };
    let mut total = 0;
    for (at, field) in fields.iter().enumerate() {
        let seconds = at == 2;
        let whole = field.split(['.', ',']).next().unwrap_or_default();
        let fits = if at == 0 { (1..=6).contains(&whole.len()) } else { whole.len() == 2 && whole < "60" };
        let parts = number(field).filter(|_| fits && (seconds || whole == *field))?;
        total += parts * [3600, 60, 1][at];
    }
    Some(total)
}

/// `pt1h30m`, `p1dt2h`, `p2w`.
fn iso(line: &str) -> Option<i128> {
    let rest = line.strip_prefix('p')?;
    let (days, time) = rest.split_once('t').map_or((rest, None), |(days, time)| (days, Some(time)));
    let part = |text: &str, known: &[(char, i128)]| -> Option<i128> {
        let (mut total, mut rest, mut known) = (0, text, known.iter());
        while let Some(at) = rest.find(|it: char| it.is_ascii_alphabetic()) {
            let unit = rest[at..].chars().next()?;
            let (_, seconds) = known.find(|(it, _)| *it == unit)?;
            total += number(&rest[..at])? * seconds;
            rest = &rest[at + 1..];
        }
        rest.is_empty().then_some(total)
    };
    if days.is_empty() && time.is_none_or(str::is_empty) || time == Some("") {
        return None;
    }
    let days = part(days, &[('w', 604_800), ('d', 86_400)])?;
    let time = part(time.unwrap_or_default(), &[('h', 3600), ('m', 60), ('s', 1)])?;
    Some(days + time)
}

/// Numbers with units behind them, the larger before the smaller: `1 hour 30 minutes`, `2d4h`, `1.5 h`, `1h30`.
fn units(line: &str) -> Option<i128> {
    let (mut total, mut last, mut rest) = (0, i128::MAX, line.trim());
    while !rest.is_empty() {
        let at = rest.find(|it: char| !it.is_ascii_digit() && it != '.' && it != ',').unwrap_or(rest.len());
        let (digits, behind) = rest.split_at(at);
        let behind = behind.trim_start();
        let end = behind.find(|it: char| !it.is_alphabetic()).unwrap_or(behind.len());
        let (word, next) = behind.split_at(end);
        let seconds = match word {
            // `1h30`: what follows hours are minutes.
            "" if last == 3600 && digits.len() == 2 && next.is_empty() => 60,
            _ => unit(word)?,
        };
        if seconds >= last {
            return None;
        }
        total += number(digits.trim_end_matches([',', '.']))? * seconds;
        last = seconds;
        rest = next.trim_start_matches(['.', ',', ' ', '+']);
    }
    (last < i128::MAX).then_some(total)
}

fn unit(word: &str) -> Option<i128> {
    let line = UNITS.lines().find(|it| it.split(' ').skip(1).any(|it| it == word))?;
    line.split(' ').next()?.parse().ok()
}

/// A number in thousandths; what is finer, or longer than nine digits, is none.
fn number(text: &str) -> Option<i128> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() > 9 || fraction.len() > 3 {
        return None;
    }
    Some(whole.parse::<i128>().ok()? * PARTS + format!("{fraction:0<3}").parse::<i128>().ok()?)
}

fn written(parts: i128, negative: bool) -> String {
    let (seconds, rest) = (parts / PARTS, parts % PARTS);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut out = String::from(if negative && parts > 0 { "-PT" } else { "PT" });
    let mut add = |value: i128, unit: char| {
        if value > 0 {
            out.push_str(&format!("{value}{unit}"));
        }
    };
    add(hours, 'H');
    add(minutes, 'M');
    match rest {
        0 => add(seconds, 'S'),
        _ => out.push_str(format!("{seconds}.{rest:03}").trim_end_matches('0')),
    }
    if rest > 0 {
        out.push('S');
    }
    if out.ends_with('T') { out + "0S" } else { out }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_hours_minutes_and_seconds() {
        let check = |text: &str, expected: &str| assert_eq!(duration(text).unwrap_or_default(), expected, "{text:?}");
        check("1:30", "PT1H30M");
        check("0:01:30", "PT1M30S");
        check("1h 30min", "PT1H30M");
        check("1h30", "PT1H30M");
        check("90 min", "PT1H30M");
        check("1.5 h", "PT1H30M");
        check("1,5 Stunden", "PT1H30M");
        check("2 days", "PT48H");
        check("2d4h", "PT52H");
        check("1 hour, 5 minutes", "PT1H5M");
        check("90 seconds", "PT1M30S");
        check("0.25 s", "PT0.25S");
        check("PT90M", "PT1H30M");
        check("P1DT2H", "PT26H");
        check("P2W", "PT336H");
        check("0 min", "PT0S");
        check("-1:30", "-PT1H30M");
        // Without a unit, the smaller before the larger, months, a day of the clock that is none.
        check("90", "");
        check("30 min 1 h", "");
        check("2 months", "");
        check("P1Y", "");
        check("PT", "");
        check("P", "");
        check("P1DT", "");
        check("1:60", "");
        check("1:3", "");
        check("1.2345 h", "");
        check("h", "");
        check("", "");
    }

    proptest! {
        #[test]
        fn a_duration_stays_itself(text in any::<String>(), parts in 0i128..10_000_000_000_000, near in "[0-9]{1,3}[:hdm ]?[0-9]{0,2}(min|s)?") {
            for text in [written(parts, false), written(parts, true), text, near] {
                if let Some(once) = duration(&text) {
                    prop_assert_eq!(duration(&once), Some(once));
                }
            }
            prop_assert_eq!(duration(&written(parts, false)), Some(written(parts, false)));
        }
    }
}
