//! Places on the earth: `52°22'N 4°54'E` and `52,3667; 4,9` are `52.3667,4.9`: degrees north and east, as a geo URI has them
//! (RFC 5870).

use super::clean::{ascii_digits, lined};

/// The place, with at most seven digits behind the point (a centimetre). North comes first, unless letters say otherwise.
///
/// Degrees, minutes and seconds may stand with their signs or with blanks between them; letters or signs say south and
/// west. What is beyond 90 or 180 degrees, or has 60 minutes, is no place.
pub fn coordinates(text: &str) -> Option<String> {
    let line = ascii_digits(&lined(text)).to_ascii_uppercase();
    let line = line.strip_prefix("GEO:").unwrap_or(&line);
    let (first, second) = halves(line)?;
    let (first, second) = (angle(&first)?, angle(&second)?);
    let (north, east) = match (first.axis, second.axis) {
        (Some(Axis::East), Some(Axis::North)) => (second, first),
        (None | Some(Axis::North), None | Some(Axis::East)) if first.axis.is_some() == second.axis.is_some() => {
            (first, second)
        }
        _ => return None,
    };
    let is_there = north.degrees.abs() <= 90.0 && east.degrees.abs() <= 180.0;
    is_there.then(|| format!("{},{}", written(north.degrees), written(east.degrees)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Axis {
    North,
    East,
}

struct Angle {
    degrees: f64,
    axis: Option<Axis>,
}

/// The two halves of a text: behind the first letter, else between the semicolons, commas or blanks that part it in two.
fn halves(line: &str) -> Option<(String, String)> {
    let owned = |(a, b): (&str, &str)| (a.to_owned(), b.to_owned());
    let letters: Vec<usize> = line.match_indices(['N', 'S', 'E', 'W']).map(|(at, _)| at).collect();
    if let [first, second] = letters.as_slice() {
        // `N 52 22 E 4 54` begins with its letter, `52 22 N 4 54 E` ends with it.
        let leads = *first == 0;
        let at = if leads { *second } else { first + 1 };
        let (a, b) = line.split_at(at);
        return Some(owned((a.trim().trim_end_matches([',', ';', '/']), b.trim_start_matches([',', ';', '/', ' ']))));
    }
    if !letters.is_empty() {
        return None;
    }
    for sign in [";", "/", ", ", " ", ","] {
        let parts: Vec<&str> = line.split(sign).map(str::trim).filter(|it| !it.is_empty()).collect();
        if let [a, b] = parts.as_slice() {
            return Some(owned((a, b)));
        }
    }
    None
}

/// One angle: degrees alone, or with minutes and seconds.
fn angle(text: &str) -> Option<Angle> {
    let letter = text.chars().find(char::is_ascii_alphabetic);
    let axis = match letter {
        None => None,
        Some('N' | 'S') => Some(Axis::North),
        Some('E' | 'W') => Some(Axis::East),
        Some(_) => return None,
    };
    let plain: String = text.chars().filter(|it| !it.is_ascii_alphabetic()).collect();
    let plain = plain.replace('\u{2212}', "-").trim().replace(',', ".");
    let (negative, plain) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest.to_owned()),
        None => (false, plain.strip_prefix('+').unwrap_or(&plain).to_owned()),
    };
    if negative && axis.is_some() {
        return None;
    }
    let signs = ['°', 'º', '\'', '′', '’', '"', '″', '”', ' '];
    let parts: Vec<&str> = plain.split(signs).filter(|it| !it.is_empty()).collect();
    let mut degrees = 0.0;
    for (at, part) in parts.iter().enumerate() {
        let is_number =
            part.chars().all(|it| it.is_ascii_digit() || it == '.') && part.contains(|it: char| it.is_ascii_digit());
        let value: f64 = part.parse().ok().filter(|_| is_number)?;
        let is_last = at + 1 == parts.len();
        if at > 2 || !is_last && part.contains('.') || at > 0 && value >= 60.0 {
            return None;
        }
        degrees += value / [1.0, 60.0, 3600.0][at];
    }
    let south = negative || matches!(letter, Some('S' | 'W'));
    (!parts.is_empty()).then_some(Angle { degrees: if south { -degrees } else { degrees }, axis })
}

fn written(degrees: f64) -> String {
    let text = format!("{degrees:.7}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places_are_degrees_north_and_east() {
        let check =
            |text: &str, expected: &str| assert_eq!(coordinates(text).unwrap_or_default(), expected, "{text:?}");
        check("52.3667, 4.9", "52.3667,4.9");
        check("52.3667 4.9000", "52.3667,4.9");
        check("52,3667; 4,9", "52.3667,4.9");
        check("52,3667, 4,9", "52.3667,4.9");
        check("52,3667 4,9", "52.3667,4.9");
        check("geo:52.3667,4.9", "52.3667,4.9");
        check("-33.9249,18.4241", "-33.9249,18.4241");
        check("33°55'30\"S 18°25'27\"E", "-33.925,18.4241667");
        check("S 33 55 30, E 18 25 27", "-33.925,18.4241667");
        check("33.9249° S, 18.4241° E", "-33.9249,18.4241");
        check("18.4241E 33.9249S", "-33.9249,18.4241");
        check("40° 26.767′ N 79° 58.933′ W", "40.4461167,-79.9822167");
        check("0,0", "0,0");
        check("-0.0, -0.0", "0,0");
        // Beyond the earth, one half, three, a town, sixty minutes, a sign and a letter.
        check("91, 0", "");
        check("0, 181", "");
        check("52.3667", "");
        check("52.1,4.9,12", "");
        check("Ghent", "");
        check("33 60 N 18 0 E", "");
        check("-33.9 S, 18.4 E", "");
        check("33 N 18 N", "");
        check("", "");
    }

    proptest! {
        #[test]
        fn a_place_stays_itself(text in any::<String>(), north in -90.0..=90.0f64, east in -180.0..=180.0f64) {
            let made = coordinates(&format!("{north}, {east}")).expect("a place");
            let (a, b) = made.split_once(',').expect("two numbers");
            prop_assert!((a.parse::<f64>().unwrap_or(999.0) - north).abs() < 1e-7);
            prop_assert!((b.parse::<f64>().unwrap_or(999.0) - east).abs() < 1e-7);
            for text in [made, text] {
                if let Some(once) = coordinates(&text) {
                    prop_assert_eq!(coordinates(&once), Some(once));
                }
            }
        }
    }
}
