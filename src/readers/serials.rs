//! Spreadsheet days as ISO dates: the 1900 and the 1904 system.
//!
//! In the 1900 system day 60 is 29 February 1900, which never was, so that earlier days are one too high; in either
//! system the last day is 31 December 9999. Whatever is outside is no date.

use std::fmt::Write;

use crate::readers::formats::Class;

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;
/// The day after 31 December 9999 in the 1900 system.
const END: i64 = 2_958_466;
/// How much earlier a day's number is in the 1904 system.
const SHIFT_1904: i64 = 1462;

/// Appends `serial` in ISO form as `class` shows it; `None`, with nothing appended, if it is no date.
///
/// A day that has a time is shown with it whatever its format hides, and rounding is to the millisecond.
pub(crate) fn write_serial(out: &mut String, serial: f64, class: &Class, from_1904: bool) -> Option<()> {
    // What is elapsed may be below zero, as in the 1904 system and in OpenDocument.
    if *class == Class::Duration && (-(END as f64)..0.0).contains(&serial) {
        let total = (-serial * DAY as f64).round() as i64;
        out.push_str(if total == 0 { "" } else { "-" });
        write_clock(out, total / 3_600_000, total);
        return Some(());
    }
    if !serial.is_finite() || !(0.0..=END as f64).contains(&serial) {
        return None;
    }
    let total = (serial * DAY as f64).round() as i64;
    let (day, time) = (total / DAY, total % DAY);
    if *class == Class::Duration {
        write_clock(out, total / 3_600_000, total);
        return Some(());
    }
    // A time of day without a day.
    if day == 0 && (*class == Class::Time || (*class == Class::DateTime && !from_1904)) {
        write_clock(out, time / 3_600_000, time);
        return Some(());
    }
    let day = if from_1904 { day + SHIFT_1904 } else { day };
    if !(1..END).contains(&day) || (day == 60 && !from_1904) {
        return None;
    }
    // Day 61 is 1 March 1900, which is 25 508 days before 1 January 1970.
    let since_1970 = if day < 60 && !from_1904 { day + 1 } else { day } - 25_569;
    let (year, month, day) = civil(since_1970);
    let _ = write!(out, "{year:04}-{month:02}-{day:02}");
    if time != 0 || *class != Class::Date {
        out.push('T');
        write_clock(out, time / 3_600_000, time);
    }
    Some(())
}

/// `hours` and the minutes, seconds and milliseconds of `total` milliseconds.
fn write_clock(out: &mut String, hours: i64, total: i64) {
    let _ = write!(out, "{hours:02}:{:02}:{:02}", total / 60_000 % 60, total / 1000 % 60);
    if total % 1000 != 0 {
        let _ = write!(out, ".{:03}", total % 1000);
    }
}

/// Year, month and day of a day counted from 1 January 1970: Howard Hinnant's `civil_from_days`, for days after 1600.
fn civil(since_1970: i64) -> (i64, i64, i64) {
    let day = since_1970 + 719_468;
    let era = day / 146_097;
    let of_era = day % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted + 2) / 5 + 1)
}

/// Whether `text` is an ISO date, time or both, as cells of ISO kind hold them; a closing `Z` may follow.
pub(crate) fn is_iso(text: &str) -> bool {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (Some(date), Some(time)),
        None if text.contains(':') => (None, Some(text)),
        None => (Some(text), None),
    };
    date.is_none_or(|it| it.parse::<jiff::civil::Date>().is_ok() && it.len() == 10)
        && time.is_none_or(|it| it.parse::<jiff::civil::Time>().is_ok() && it.len() >= 5)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(serial: f64, class: Class, from_1904: bool, expected: Option<&str>) {
        let mut out = String::new();
        let some = write_serial(&mut out, serial, &class, from_1904);
        assert_eq!(some.map(|()| out.as_str()), expected, "{serial} as {class:?}, 1904: {from_1904}");
        assert!(some.is_some() || out.is_empty());
    }

    #[test]
    fn days_of_the_1900_system() {
        for (serial, expected) in [
            (0.0, None),
            (0.5, None),
            (1.0, Some("1900-01-01")),
            (59.0, Some("1900-02-28")),
            (60.0, None),
            (61.0, Some("1900-03-01")),
            (25_569.0, Some("1970-01-01")),
            (36_585.0, Some("2000-02-29")),
            (45_292.0, Some("2024-01-01")),
            (45_864.0, Some("2025-07-26")),
            (2_958_465.0, Some("9999-12-31")),
            (2_958_466.0, None),
            (-1.0, None),
            (1e15, None),
            (f64::NAN, None),
            (f64::INFINITY, None),
        ] {
            check(serial, Class::Date, false, expected);
        }
    }

    #[test]
    fn days_of_the_1904_system_are_1462_later() {
        check(0.0, Class::Date, true, Some("1904-01-01"));
        check(60.0, Class::Date, true, Some("1904-03-01"));
        check(43_830.0, Class::Date, true, Some("2024-01-01"));
        check(2_957_003.0, Class::Date, true, Some("9999-12-31"));
        check(2_957_004.0, Class::Date, true, None);
        check(-1.0, Class::Date, true, None);
    }

    #[test]
    fn times_are_rounded_to_the_millisecond_and_never_hidden() {
        check(45_864.572_916_666_664, Class::DateTime, false, Some("2025-07-26T13:45:00"));
        check(45_864.572_916_666_664, Class::Date, false, Some("2025-07-26T13:45:00"));
        check(45_864.0, Class::DateTime, false, Some("2025-07-26T00:00:00"));
        check(45_292.999_999, Class::DateTime, false, Some("2024-01-01T23:59:59.914"));
        check(45_292.999_999_999_9, Class::Date, false, Some("2024-01-02"));
        check(0.5, Class::Time, false, Some("12:00:00"));
        check(0.5, Class::DateTime, false, Some("12:00:00"));
        check(1.5, Class::Duration, false, Some("36:00:00"));
        check(0.0, Class::Duration, false, Some("00:00:00"));
        check(-1.5, Class::Duration, false, Some("-36:00:00"));
        check(-0.045_138_888_888_888_89, Class::Duration, false, Some("-01:05:00"));
        check(-0.5, Class::Time, false, None);
    }

    proptest! {
        #[test]
        fn days_agree_with_a_calendar(serial in 61_i64..2_958_466) {
            let mut out = String::new();
            write_serial(&mut out, serial as f64, &Class::Date, false).unwrap();
            let day = jiff::civil::date(1899, 12, 30) + jiff::Span::new().days(serial);
            prop_assert_eq!(out, day.to_string());
        }
    }

    #[test]
    fn iso_cells_are_checked() {
        for good in ["2024-01-02", "2024-01-02T03:04:05Z", "2024-02-29T00:00:00.5", "12:30:00"] {
            assert!(is_iso(good), "{good}");
        }
        for bad in ["", "2024-13-99", "2023-02-29", "20240102", "x", "T", "2024-01-02T25:00:00"] {
            assert!(!is_iso(bad), "{bad}");
        }
    }
}
