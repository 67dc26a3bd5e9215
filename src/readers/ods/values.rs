//! Values of OpenDocument as Excel's own formats show them: dates, and durations as times of day or counted hours.

use crate::readers::cells::write_float;
use crate::readers::formats::{Class, Look};
use crate::readers::row::Kind;
use crate::readers::serials::is_iso;

/// A number that the file calls one is none of the dates that its style might show.
pub(super) fn number(look: &Look, value: &str) -> Look {
    let class = value.trim().parse().map_or(&Class::Number, |it| look.of(it));
    match class {
        Class::Padded(_) | Class::Share(_) => class.clone().into(),
        _ => Look::default(),
    }
}

/// Appends an ISO date as its format shows it.
pub(super) fn write_date(out: &mut String, value: &str, class: &Class) -> Kind {
    let value = value.trim().trim_end_matches('Z');
    let (day, time) = value.split_once('T').unwrap_or((value, ""));
    if !is_iso(value) {
        out.push_str(value);
        return Kind::Date;
    }
    let rounded = value.parse::<jiff::civil::DateTime>().ok();
    let rounded = rounded.and_then(|it| it.round(jiff::Unit::Millisecond).ok());
    match rounded {
        Some(it) if !time.is_empty() => {
            let clock = it.time();
            out.push_str(&it.date().to_string());
            if clock != jiff::civil::Time::midnight() || *class != Class::Date {
                out.push_str(&format!("T{:02}:{:02}:{:02}", clock.hour(), clock.minute(), clock.second()));
                if clock.millisecond() != 0 {
                    out.push_str(&format!(".{:03}", clock.millisecond()));
                }
            }
        }
        _ => {
            out.push_str(day);
            // A format that shows a time shows one.
            if *class == Class::DateTime {
                out.push_str("T00:00:00");
            }
        }
    }
    Kind::Date
}

/// Appends a duration, `PT10H15M00S`, as its format shows it.
pub(super) fn write_time(out: &mut String, value: &str, class: &Class) -> Kind {
    let Some(seconds) = seconds_of(value.trim()) else {
        out.push_str(value);
        return Kind::Date;
    };
    let class = match class {
        Class::Time | Class::DateTime if seconds >= 0.0 => Class::Time,
        _ => Class::Duration,
    };
    write_float(out, seconds / 86_400.0, &class, false)
}

/// The seconds of an ISO duration of days, hours, minutes and seconds.
fn seconds_of(text: &str) -> Option<f64> {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |it| (-1.0, it));
    let (days, clock) = text.strip_prefix('P')?.split_once('T')?;
    let mut total = match days {
        "" => 0.0,
        days => days.strip_suffix('D')?.parse::<u32>().ok().map(f64::from)? * 86_400.0,
    };
    let mut rest = clock;
    for (unit, seconds) in [('H', 3600.0), ('M', 60.0), ('S', 1.0)] {
        let Some((count, after)) = rest.split_once(unit) else { continue };
        if count.is_empty() || !count.bytes().all(|it| it.is_ascii_digit() || it == b'.') {
            return None;
        }
        total += count.parse::<f64>().ok()? * seconds;
        rest = after;
    }
    rest.is_empty().then_some(sign * total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_seconds() {
        for (text, expected) in [
            ("PT10H15M00S", Some(36_900.0)),
            ("PT255H10M10S", Some(918_610.0)),
            ("PT00H00M00.5S", Some(0.5)),
            ("-PT1H", Some(-3600.0)),
            ("P1DT1H", Some(90_000.0)),
            ("PT1X", None),
            ("10:15", None),
            ("PTH", None),
        ] {
            assert_eq!(seconds_of(text), expected, "{text}");
        }
    }

    #[test]
    fn dates_are_shown_as_those_of_excel() {
        let check = |value: &str, class: Class, expected: &str| {
            let mut out = String::new();
            assert_eq!(write_date(&mut out, value, &class), Kind::Date);
            assert_eq!(out, expected, "{value}");
        };
        check("2025-02-05", Class::Date, "2025-02-05");
        check("2025-02-05", Class::DateTime, "2025-02-05T00:00:00");
        check("2025-02-05T10:15:00", Class::Date, "2025-02-05T10:15:00");
        check("2025-02-05T00:00:00", Class::Date, "2025-02-05");
        check("2025-02-05T23:59:59.999999999", Class::DateTime, "2025-02-06T00:00:00");
        check("2025-02-05T10:15:00.123456", Class::DateTime, "2025-02-05T10:15:00.123");
        check("1066-10-14", Class::Date, "1066-10-14");
    }
}
