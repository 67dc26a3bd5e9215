//! Places by their coordinates: read, compared by distance, and brought together by cells of shifted grids.

use super::hashing::{Hashes, mix};

/// The mean radius of the earth in kilometres (IUGG).
const RADIUS: f64 = 6371.0088;
/// Two places are this close, in kilometres, to be at each of the steps but the last.
const STEPS: [f64; 4] = [0.1, 1.0, 10.0, 100.0];
/// Parts of a degree that are told apart: about a metre.
const PARTS: f64 = 1e5;
/// A cell in these parts, and how far each of three grids is shifted: places a third of a cell apart share a cell of one
/// of them at least, since either coordinate is cut in one grid at most.
const CELL: i64 = 3_000;
/// What stands beside and between numbers: signs of degrees, minutes and seconds, and what parts two coordinates.
const BETWEEN: [char; 12] =
    [',', ';', '/', '(', ')', '\u{b0}', '\'', '"', '\u{2032}', '\u{2033}', '\u{2019}', '\u{201d}'];

/// Coordinates as they are compared: latitude and longitude in parts of a degree. `None` where the text does not say
/// both, or says what is no place.
pub(super) fn fold(text: &str) -> Option<String> {
    let text = text.trim();
    let point = text.get(..5).is_some_and(|it| it.eq_ignore_ascii_case("point"));
    let found = parsed(if point { &text[5..] } else { text })?;
    let (lat, lon) = match (found, point) {
        ([(one, Some('N' | 'S')), (other, Some('E' | 'W'))], _) => (one, other),
        ([(one, Some('E' | 'W')), (other, Some('N' | 'S'))], _) => (other, one),
        ([(one, None), (other, None)], false) => (one, other),
        ([(one, None), (other, None)], true) => (other, one),
        _ => return None,
    };
    // Nobody lives where both are nought: it stands for nothing.
    let there = lat.abs() <= 90.0 && lon.abs() <= 180.0 && (lat, lon) != (0.0, 0.0);
    there.then(|| format!("{} {}", (lat * PARTS).round() as i64, (lon * PARTS).round() as i64))
}

/// Two numbers, each with the letter of its half of the earth if it has one; south and west are negative then.
fn parsed(text: &str) -> Option<[(f64, Option<char>); 2]> {
    // A comma is a decimal one where points are none and something else parts the two.
    let comma = !text.contains('.') && {
        let commas = text.matches(',').count();
        let apart =
            text.contains([';', '/']) || text.split_whitespace().all(|it| !it.ends_with(',') && it.contains(','));
        commas == 2 && apart
    };
    let mut found: Vec<(f64, Option<char>)> = Vec::new();
    let (mut letter, mut number) = (None, String::new());
    for it in text.chars().chain([' ']) {
        let digit = it.is_ascii_digit() || it == '.' || (it == ',' && comma && !number.is_empty());
        let sign = matches!(it, '-' | '+' | '\u{2212}') && number.is_empty();
        if digit || sign {
            number.push(match it {
                ',' => '.',
                '\u{2212}' => '-',
                other => other,
            });
            continue;
        }
        if !number.is_empty() {
            let value: f64 = std::mem::take(&mut number).parse().ok()?;
            let share = match it {
                '\'' | '\u{2032}' | '\u{2019}' => 60.0,
                '"' | '\u{2033}' | '\u{201d}' => 3600.0,
                _ => 1.0,
            };
            match found.last_mut() {
                // Minutes and seconds go on with the degrees before them.
                Some(last) if share > 1.0 => last.0 += (value / share).copysign(last.0),
                None if share > 1.0 => return None,
                _ => found.push((value, letter.take())),
            }
        }
        match it.to_ascii_uppercase() {
            half @ ('N' | 'S' | 'E' | 'W') => match found.last_mut().filter(|it| it.1.is_none()) {
                Some(last) => last.1 = Some(half),
                None => letter = Some(half),
            },
            other if other.is_whitespace() || BETWEEN.contains(&other) => {}
            _ => return None,
        }
    }
    let signed = found.into_iter().map(|(value, half)| match half {
        Some(_) if value < 0.0 => None,
        Some('S' | 'W') => Some((-value, half)),
        _ => Some((value, half)),
    });
    signed.collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// A place as a point on the unit sphere.
pub(super) type Point = [f64; 3];

/// The point of folded coordinates. The same bits on every machine: sums and products alone.
pub(super) fn point(folded: &str) -> Point {
    let (lat, lon) = coordinates(folded);
    let angle = |parts: i64| parts as f64 / PARTS * (std::f64::consts::PI / 180.0);
    let (lat, lon) = (angle(lat), angle(lon));
    let level = cosine(lat);
    [level * cosine(lon), level * sine(lon), sine(lat)]
}

fn coordinates(folded: &str) -> (i64, i64) {
    let mut parts = folded.split(' ').map(|it| it.parse().unwrap_or_default());
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// The sine of an angle of at most half a turn either way (Taylor).
fn sine(angle: f64) -> f64 {
    use std::f64::consts::{FRAC_PI_2, PI};
    let near = if angle.abs() > FRAC_PI_2 { (PI - angle.abs()).copysign(angle) } else { angle };
    let (mut term, mut sum) = (near, near);
    for step in 1..12 {
        let at = f64::from(2 * step);
        term *= -near * near / (at * (at + 1.0));
        sum += term;
    }
    sum
}

fn cosine(angle: f64) -> f64 {
    sine(std::f64::consts::FRAC_PI_2 - angle.abs())
}

/// The step of two different places, by how far they are from each other.
pub(super) fn step(one: &Point, other: &Point) -> u8 {
    let chord: f64 = one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum();
    // Over so short ways the chord is the way.
    let within = |way: &f64| chord <= (way / RADIUS) * (way / RADIUS);
    STEPS.iter().position(within).unwrap_or(STEPS.len()) as u8
}

/// The cells of folded coordinates, one in each grid.
pub(super) fn cells(folded: &str) -> Hashes {
    let (lat, lon) = coordinates(folded);
    let cell = |grid: i64| {
        let at = |it: i64| (it + grid * CELL / 3).div_euclid(CELL) as u64;
        mix(mix(grid as u64 + 1, at(lat)), at(lon))
    };
    [cell(0), cell(1), cell(2)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_read_as_people_write_them() {
        let place = Some("-3392490 1842410".to_owned());
        for text in [
            "-33.9249, 18.4241",
            "-33.9249 18.4241",
            " -33.92490;18.42410 ",
            "-33,9249; 18,4241",
            "-33,9249 18,4241",
            "33.9249 S, 18.4241 E",
            "S33.9249 E18.4241",
            "18.4241E 33.9249S",
            "\u{2212}33.9249/18.4241",
            "33.9249\u{b0}S 18.4241\u{b0}E",
            "33\u{b0} 55' 29.64\" S, 18\u{b0} 25' 26.76\" E",
            "POINT(18.4241 -33.9249)",
            "(-33.9249, 18.4241)",
        ] {
            assert_eq!(fold(text), place, "{text}");
        }
        assert_eq!(fold("-34, 18"), Some("-3400000 1800000".to_owned()));
        assert_eq!(fold("-0\u{b0} 30' 0, 18"), None, "three numbers");
        for text in [
            "",
            "Cape Town",
            "18.4241",
            "91.0, 18.0",
            "33.9, 181",
            "0, 0",
            "0.0;0.0",
            "1 2 3",
            "-33.9 S, 18 E",
            "33 S, 18 S",
            "NaN, 1",
            "1e3, 2",
            "33.9.1, 18",
            "' 3",
        ] {
            assert_eq!(fold(text), None, "{text}");
        }
    }

    #[test]
    fn distances_are_those_on_the_sphere() {
        let at = |text: &str| point(&fold(text).expect(text));
        let far = |one: &str, other: &str| step(&at(one), &at(other));
        // A thousandth of a degree of latitude is 111.2 m.
        assert_eq!(far("-33.9249, 18.4241", "-33.9257, 18.4241"), 0);
        assert_eq!(far("-33.9249, 18.4241", "-33.9259, 18.4241"), 1);
        assert_eq!(far("-33.9249, 18.4241", "-33.9338, 18.4241"), 1);
        assert_eq!(far("-33.9249, 18.4241", "-33.9340, 18.4241"), 2);
        assert_eq!(far("-33.9249, 18.4241", "-34.8, 18.4241"), 3);
        assert_eq!(far("-33.9249, 18.4241", "-26.2041, 28.0473"), 4);
        // Meridians meet at the poles, and the first is the last.
        assert_eq!(far("89.9999, 10", "89.9999, -170"), 0);
        assert_eq!(far("10, 179.9999", "10, -179.9999"), 0);
        assert_eq!(far("10, 0.1", "10, 180"), 4);
        for it in [-180.0_f64, -91.5, -45.0, 0.0, 30.0, 90.0, 137.0, 180.0] {
            let angle = it.to_radians();
            assert!((sine(angle) - angle.sin()).abs() < 1e-12 && (cosine(angle) - angle.cos()).abs() < 1e-12, "{it}");
        }
    }

    #[test]
    fn places_near_each_other_share_a_cell() {
        for at in 0..400_i64 {
            let (lat, lon) = (-3_392_490 + at * 137, 1_842_410 + at * 211);
            let shared = |d_lat: i64, d_lon: i64| {
                let (one, other) = (format!("{lat} {lon}"), format!("{} {}", lat + d_lat, lon + d_lon));
                cells(&one).iter().zip(cells(&other)).any(|(a, b)| *a == b)
            };
            assert!(shared(999, -999) && shared(-999, 999) && shared(0, 0), "{at}");
            assert!(!shared(2 * CELL, 0), "{at}");
        }
    }
}
