//! Values as text: shortest floats, ISO dates, decimals with all their places.
//!
//! Written into a buffer that is used again: these run once a cell. No locale, no time zone.

use std::io::Write as _;

/// Microseconds of a day.
pub const DAY: i64 = 86_400_000_000;

/// An integer.
pub fn integer(out: &mut Vec<u8>, value: i64) {
    // Writing to a vector does not fail.
    let _ = write!(out, "{value}");
}

/// The shortest text that reads back as `value`, always with a place or an exponent: `1.0`, `0.8`, `1e16`.
pub fn float(out: &mut Vec<u8>, value: f64) {
    let _ = write!(out, "{value:?}");
}

/// `units` of ten to the minus `scale`, with all places of the scale: `-0.50`.
pub fn decimal(out: &mut Vec<u8>, units: i128, scale: i8) {
    if units < 0 {
        out.push(b'-');
    }
    let units = units.unsigned_abs();
    if scale <= 0 {
        let _ = write!(out, "{units}");
        if units != 0 {
            out.resize(out.len() + usize::from(scale.unsigned_abs()), b'0');
        }
        return;
    }
    let places = usize::from(scale.unsigned_abs());
    let start = out.len();
    let _ = write!(out, "{units:0width$}", width = places + 1);
    let point = (out.len() - places).max(start);
    out.insert(point, b'.');
}

/// A date from days since 1970-01-01: `2024-02-29`.
pub fn date(out: &mut Vec<u8>, days: i64) {
    let (year, month, day) = civil(days);
    let _ = match year {
        0..=9999 => write!(out, "{year:04}-{month:02}-{day:02}"),
        // ISO 8601 asks for a sign where a year does not have four digits.
        _ => write!(out, "{year:+05}-{month:02}-{day:02}"),
    };
}

/// A time stamp from microseconds since 1970-01-01, with three or six places of a second if it has any.
pub fn timestamp(out: &mut Vec<u8>, micros: i64) {
    date(out, micros.div_euclid(DAY));
    let of_day = micros.rem_euclid(DAY);
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let _ = write!(out, "T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    let _ = match fraction {
        0 => Ok(()),
        _ if fraction % 1000 == 0 => write!(out, ".{:03}", fraction / 1000),
        _ => write!(out, ".{fraction:06}"),
    };
}

/// Year, month and day in the proleptic Gregorian calendar: Howard Hinnant's `civil_from_days`.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(write: impl Fn(&mut Vec<u8>), expected: &str) {
        let mut out = Vec::new();
        write(&mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn floats_are_short_and_read_back() {
        for (value, text) in
            [(0.0, "0.0"), (1.0, "1.0"), (0.8, "0.8"), (-0.1, "-0.1"), (1e16, "1e16"), (5e-324, "5e-324")]
        {
            check(|out| float(out, value), text);
        }
        check(|out| float(out, f64::NAN), "NaN");
        check(|out| float(out, f64::NEG_INFINITY), "-inf");
    }

    #[test]
    fn decimals_keep_their_places() {
        for (units, scale, text) in
            [(-50, 2, "-0.50"), (12345, 2, "123.45"), (5, 0, "5"), (0, 3, "0.000"), (5, -2, "500"), (-1, 1, "-0.1")]
        {
            check(|out| decimal(out, units, scale), text);
        }
        check(|out| decimal(out, i128::MIN, 0), "-170141183460469231731687303715884105728");
    }

    #[test]
    fn dates_are_iso() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (19_782, "2024-02-29"),
            (11_016, "2000-02-29"),
            (-719_528, "0000-01-01"),
            (-719_529, "-0001-12-31"),
            (2_932_897, "+10000-01-01"),
        ] {
            check(|out| date(out, days), text);
        }
        check(|out| date(out, i64::from(i32::MAX)), "+5881580-07-11");
        check(|out| timestamp(out, 0), "1970-01-01T00:00:00");
        check(|out| timestamp(out, -1), "1969-12-31T23:59:59.999999");
        check(|out| timestamp(out, 3_723_500_000), "1970-01-01T01:02:03.500");
        check(|out| timestamp(out, i64::MIN), "-290308-12-21T19:59:05.224192");
    }
}
