//! Quantities as people type them: sizes and times, each a number with a unit.

use std::time::Duration;

use crate::problem::nearest;

/// A number of bytes.
pub type Size = u64;

/// Reads `512MiB`, `2GB`, `1.5GiB` or a plain number of bytes.
pub fn size(text: &str) -> Result<Size, String> {
    const UNITS: [(&str, u64); 13] = [
        ("", 1),
        ("B", 1),
        ("K", 1 << 10),
        ("KB", 1_000),
        ("KiB", 1 << 10),
        ("M", 1 << 20),
        ("MB", 1_000_000),
        ("MiB", 1 << 20),
        ("G", 1 << 30),
        ("GB", 1_000_000_000),
        ("GiB", 1 << 30),
        ("TB", 1_000_000_000_000),
        ("TiB", 1 << 40),
    ];
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = (&text[..end], text[end..].trim());
    let help = || {
        let near = nearest(unit, UNITS.iter().map(|(it, _)| *it).filter(|it| !it.is_empty()));
        let near = near.map(|it| format!("; did you mean `{number}{it}`?")).unwrap_or_default();
        format!("a size is a number with a unit, such as `512MiB` or `2GB`{near}")
    };
    let factor = UNITS.iter().find(|(it, _)| it.eq_ignore_ascii_case(unit)).map(|(_, it)| *it).ok_or_else(help)?;
    let bytes = match number.parse::<u64>() {
        Ok(number) => number.checked_mul(factor).ok_or("there are not so many bytes")?,
        Err(_) => {
            let number: f64 = number.parse().map_err(|_| help())?;
            let bytes = number * factor as f64;
            if bytes >= u64::MAX as f64 {
                return Err("there are not so many bytes".to_owned());
            }
            bytes as u64
        }
    };
    if bytes == 0 { Err("a size is more than nothing".to_owned()) } else { Ok(bytes) }
}

/// Reads a time in seconds, such as `2` or `0.5`.
pub fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.trim().trim_end_matches('s').parse::<f64>().ok().filter(|it| (0.05..=86_400.0).contains(it));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "a time is a number of seconds, such as `2` or `0.5`".to_owned())
}

/// Reads `90s`, `5m`, `1h30m`, `1.5h` or `500ms`. A number without a unit is refused: it may be of seconds or minutes.
pub fn duration(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, f64); 5] = [("d", 86_400.0), ("h", 3_600.0), ("m", 60.0), ("s", 1.0), ("ms", 0.001)];
    /// More than anybody waits for.
    const MOST: f64 = 366.0 * 86_400.0;
    let help = || "a time is a number with a unit, such as `90s`, `5m` or `1h30m`".to_owned();
    let (mut left, mut total, mut last) = (text.trim(), 0.0, f64::INFINITY);
    while !left.is_empty() {
        let end = left.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(help)?;
        let (number, rest) = left.split_at(end);
        let rest = rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let factor = UNITS.iter().find(|(it, _)| *it == &rest[..end]).map(|(_, it)| *it).ok_or_else(help)?;
        // From the largest unit down, each once.
        if factor >= last {
            return Err(help());
        }
        total += number.parse::<f64>().map_err(|_| help())? * factor;
        (last, left) = (factor, rest[end..].trim_start());
    }
    match total {
        _ if text.trim().is_empty() => Err(help()),
        0.001..=MOST => Ok(Duration::from_secs_f64(total)),
        _ => Err("a time is more than nothing and less than a year".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        let check = |text: &str, expected: Option<u64>| assert_eq!(size(text).ok(), expected, "{text}");
        check("1024", Some(1024));
        check("512MiB", Some(512 << 20));
        check("2gb", Some(2_000_000_000));
        check("1.5 GiB", Some(3 << 29));
        check("0", None);
        check("GiB", None);
        check("-1", None);
        check("1.2.3", None);
        check("99999999999999TiB", None);
        check("1e400", None);
        assert!(size("2Gib2").is_err_and(|it| it.contains("did you mean `2GiB`?")));
    }

    #[test]
    fn durations_have_units() {
        let check = |text: &str, millis: Option<u64>| {
            assert_eq!(duration(text).ok(), millis.map(Duration::from_millis), "{text}");
        };
        check("90s", Some(90_000));
        check("5m", Some(300_000));
        check("1h30m", Some(5_400_000));
        check("1h 30m", Some(5_400_000));
        check("1.5h", Some(5_400_000));
        check("500ms", Some(500));
        check("1d", Some(86_400_000));
        for text in
            ["", "5", "m", "0s", "-1s", "30m1h", "1s1s", "1.2.3s", "5min5", "1y", "400d", "9999999999999d", "1é"]
        {
            check(text, None);
        }
    }
}
