//! Formats of days and times as Python's `strptime` reads them: `%d/%m/%Y`.
//!
//! A text fits a format when all of it is read and what was read is a day and a time that there are. Names of months
//! and days are the English ones; digits are `0` to `9`.

use crate::text::english::{DAYS, MONTHS};
use fancy_regex::Regex;
use jiff::civil::Date;

/// A format, ready to be held against texts.
#[derive(Debug)]
pub struct Format {
    regex: Regex,
    /// The directive of each group, from the first.
    directives: Vec<char>,
}

/// Blanks as Python knows them.
const BLANKS: &str = r"[\s\x1c-\x1f]+";

impl Format {
    /// Reads a format.
    ///
    /// # Errors
    ///
    /// The fact, and how many characters stand before what is wrong.
    pub fn new(format: &str) -> Result<Format, (String, usize)> {
        let (mut pattern, mut directives) = ("(?i)\\A".to_owned(), Vec::new());
        write(format, &mut pattern, &mut directives)?;
        let regex = Regex::new(&pattern).map_err(|_| ("the format is too large".to_owned(), 0))?;
        Ok(Format { regex, directives })
    }

    /// Whether a text is a day, a time or both in this format.
    pub fn fits(&self, text: &str) -> bool {
        let Ok(Some(found)) = self.regex.captures(text) else { return false };
        if found.get(0).is_none_or(|it| it.end() != text.len()) {
            return false;
        }
        let (mut year, mut month, mut day) = (1900, 1, 1);
        for (at, directive) in self.directives.iter().enumerate() {
            let read = found.get(at + 1).map_or("", |it| it.as_str());
            let number = || read.trim().parse::<i16>().unwrap_or_default();
            let named = |names: &[&str]| names.iter().position(|it| it[..3].eq_ignore_ascii_case(&read[..3]));
            match directive {
                'Y' if number() < 1 => return false,
                'Y' => year = number(),
                'y' => year = number() + if number() < 69 { 2000 } else { 1900 },
                'm' => month = number() as i8,
                'b' | 'B' => month = named(&MONTHS).map_or(1, |it| it as i8 + 1),
                'd' => day = number() as i8,
                'S' if number() > 59 => return false,
                _ => (),
            }
        }
        Date::new(year, month, day).is_ok()
    }
}

fn write(format: &str, pattern: &mut String, directives: &mut Vec<char>) -> Result<(), (String, usize)> {
    let all: Vec<char> = format.chars().collect();
    let mut at = 0;
    while at < all.len() {
        let it = all[at];
        if it.is_whitespace() {
            at += all[at..].iter().take_while(|it| it.is_whitespace()).count();
            pattern.push_str(BLANKS);
            continue;
        }
        if it != '%' {
            pattern.push_str(&fancy_regex::escape(&it.to_string()));
            at += 1;
            continue;
        }
        let Some(directive) = all.get(at + 1).copied() else {
            return Err(("there is nothing after this sign".to_owned(), at));
        };
        let whole = match directive {
            '%' => "%",
            'c' => "%a %b %d %H:%M:%S %Y",
            'x' => "%m/%d/%y",
            'X' => "%H:%M:%S",
            _ => "",
        };
        match whole {
            "%" => pattern.push('%'),
            "" => {
                if directives.contains(&directive) {
                    return Err((format!("`%{directive}` comes twice"), at));
                }
                let read = directive_of(directive).ok_or_else(|| (format!("there is no `%{directive}`"), at))?;
                pattern.push_str(&format!("({read})"));
                directives.push(directive);
            }
            _ => write(whole, pattern, directives).map_err(|(reason, _)| (reason, at))?,
        }
        at += 2;
    }
    Ok(())
}

/// What a directive reads.
fn directive_of(directive: char) -> Option<String> {
    let short = |names: &[&str]| names.iter().map(|it| it[..3].to_owned()).collect::<Vec<_>>().join("|");
    // The longer of two names that begin alike comes first.
    let long = |names: &[&str]| {
        let mut names = names.to_vec();
        names.sort_by_key(|it| std::cmp::Reverse(it.len()));
        names.join("|")
    };
    Some(match directive {
        'a' => short(&DAYS),
        'A' => long(&DAYS),
        'b' => short(&MONTHS),
        'B' => long(&MONTHS),
        'd' => "3[0-1]|[1-2][0-9]|0[1-9]|[1-9]| [1-9]".to_owned(),
        'f' => "[0-9]{1,6}".to_owned(),
        'H' => "2[0-3]|[0-1][0-9]|[0-9]".to_owned(),
        'I' | 'm' => "1[0-2]|0[1-9]|[1-9]".to_owned(),
        'j' => "36[0-6]|3[0-5][0-9]|[1-2][0-9][0-9]|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9]".to_owned(),
        'M' => "[0-5][0-9]|[0-9]".to_owned(),
        'p' => "am|pm".to_owned(),
        'S' => "6[0-1]|[0-5][0-9]|[0-9]".to_owned(),
        'U' | 'W' => "5[0-3]|[0-4][0-9]|[0-9]".to_owned(),
        'w' => "[0-6]".to_owned(),
        'y' => "[0-9][0-9]".to_owned(),
        'Y' => "[0-9][0-9][0-9][0-9]".to_owned(),
        'z' => r"[+-][0-9][0-9]:?[0-5][0-9](?::?[0-5][0-9](?:\.[0-9]{1,6})?)?|(?-i:Z)".to_owned(),
        'Z' => "utc|gmt".to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_fits_what_python_reads() {
        let check = |format: &str, good: &[&str], bad: &[&str]| {
            let it = Format::new(format).expect("a format");
            good.iter().for_each(|text| assert!(it.fits(text), "{format} {text:?}"));
            bad.iter().for_each(|text| assert!(!it.fits(text), "{format} {text:?}"));
        };
        check(
            "%Y-%m-%d",
            &["2025-01-31", "2024-02-29", "2025-1-3"],
            &["2025-02-29", "2025-01-31 ", "25-01-31", "", "0000-01-01"],
        );
        check("%d/%m/%y", &["31/01/25", "1/2/70"], &["31/02/25", "31-01-25"]);
        check("%d %B %Y", &["3 March 2025", "3  may\t2025"], &["3 Mar 2025", "30 February 2025"]);
        check("%H:%M:%S", &["23:59:59", "7:5:0"], &["24:00:00", "23:59:60", "23:59:61"]);
        check("%I:%M %p", &["12:30 PM"], &["13:30 PM"]);
        check("%Y%m%d%%", &["20250131%"], &["20250131"]);
        check("%x", &["01/31/25"], &["31/01/25"]);
        check("%Y-%m-%dT%H:%M:%S%z", &["2025-01-31T08:00:00+02:00", "2025-01-31T08:00:00Z"], &["2025-01-31T08:00:00"]);
        assert_eq!(Format::new("%Y %Q").map(|_| ()), Err(("there is no `%Q`".to_owned(), 3)));
        assert_eq!(Format::new("%Y%").map(|_| ()), Err(("there is nothing after this sign".to_owned(), 2)));
        assert_eq!(Format::new("%d %d").map(|_| ()), Err(("`%d` comes twice".to_owned(), 3)));
    }
}
