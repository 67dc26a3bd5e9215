//! Words in dates: names of months, days of the week and what stands between, those of English and those that are given.
//!
//! Not here: any other language. The words of one are data, and come in as lines.

use std::borrow::Cow;

use deunicode::deunicode_char;
use unicode_normalization::UnicodeNormalization;

use crate::text::english::{DAYS, MONTHS};

/// How much of a date must be written for it to be one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Precision {
    /// A day.
    #[default]
    Day,
    /// A month at least, which is its first day.
    Month,
    /// A year at least, which is its first of January.
    Year,
}

impl Precision {
    /// What a setting calls it.
    pub fn parse(word: &str) -> Option<Precision> {
        Some(match word {
            "day" => Precision::Day,
            "month" => Precision::Month,
            "year" => Precision::Year,
            _ => return None,
        })
    }
}

/// How the dates of a column are read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Style {
    /// Which of two small numbers is the day.
    pub order: Order,
    /// How much must be written.
    pub precision: Precision,
    /// Words beside those of English.
    pub words: Words,
}

impl Style {
    /// English dates of whole days in this order.
    pub fn plain(order: Order) -> Style {
        Style { order, precision: Precision::Day, words: Words::default() }
    }

    /// Reads lines: the order, the precision where it is another than a day or words follow, then [`Words`].
    pub fn parse(text: &str) -> Option<Style> {
        let (order, rest) = text.split_once('\n').unwrap_or((text, ""));
        let order = match order {
            "day_first" => Order::DayFirst,
            "month_first" => Order::MonthFirst,
            "year_first" => Order::YearFirst,
            "unsaid" => Order::Unsaid,
            _ => return None,
        };
        let (precision, words) = rest.split_once('\n').unwrap_or((rest, ""));
        let precision = if precision.is_empty() { Precision::Day } else { Precision::parse(precision)? };
        Some(Style { order, precision, words: Words::parse(words) })
    }
}

/// Words of dates beside those of English.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Words {
    months: Vec<(Box<str>, i8)>,
    fillers: Vec<Box<str>>,
    /// Names of eras, each with the year before its first.
    eras: Vec<(Box<str>, i16)>,
    /// What stands behind the number of a year, of a month and of a day.
    marks: Vec<Box<str>>,
}

impl Words {
    /// Reads lines of `word<TAB>number` for months, with a number above 12 for an era (the year before its first), of
    /// `word<TAB>` for the marks behind a year, a month and a day, and of `word` for what says nothing beside a date.
    pub fn parse(lines: &str) -> Words {
        let mut words = Words::default();
        for line in lines.lines().filter(|it| !it.is_empty()) {
            match line.split_once('\t').map(|(word, number)| (word, number.parse::<i16>())) {
                Some((word, Err(_))) if line.ends_with('\t') => words.marks.push(word.into()),
                Some((word, Ok(month @ 1..=12))) => words.months.push((folded(word), month as i8)),
                Some((word, Ok(year @ 13..=9000))) => words.eras.push((word.into(), year)),
                Some(_) => (),
                None => words.fillers.push(folded(line)),
            }
        }
        words
    }

    /// A text whose numbers are marked as year, month and day, with dashes in place of the marks; what stands behind
    /// stays. A year of two digits may be one of an era, so it is none.
    pub(super) fn without_marks<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut rest = text;
        let mut acc = String::new();
        for (at, mark) in self.marks.iter().enumerate() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let behind = rest[digits..].trim_start().strip_prefix(&**mark);
            match behind.filter(|_| if at == 0 { digits == 4 } else { matches!(digits, 1 | 2) }) {
                Some(behind) => {
                    acc.push_str(if at == 0 { "" } else { "-" });
                    acc.push_str(&rest[..digits]);
                    rest = behind.trim_start();
                }
                None => break,
            }
        }
        if acc.is_empty() {
            return self.day_before_year(text);
        }
        Cow::Owned(format!("{acc} {rest}").trim_end().to_owned())
    }

    /// A marked month and day with the year behind them, in the order of a year before them. Where a month is marked in
    /// another place, nothing is left: read as numbers, it might be taken for the day.
    fn day_before_year<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let [year, month, day] = &self.marks[..] else { return Cow::Borrowed(text) };
        let part = |it: &'t str, mark: &str, most: usize| {
            let digits = it.bytes().take_while(u8::is_ascii_digit).count();
            let rest = it[digits..].trim_start().strip_prefix(mark)?.trim_start();
            (1..=most).contains(&digits).then_some((&it[..digits], rest))
        };
        let read = part(text, month, 2).and_then(|(month, rest)| {
            let (day, rest) = part(rest, day, 2)?;
            let (written, rest) = part(rest, year, 4).or_else(|| part(rest, "", 4))?;
            (written.len() == 4).then(|| format!("{written}-{month}-{day} {rest}").trim_end().to_owned())
        });
        let marked = |(at, _): (usize, &str)| text[..at].trim_end().ends_with(|it: char| it.is_ascii_digit());
        match read {
            Some(read) => Cow::Owned(read),
            None if text.match_indices(&**month).any(marked) => Cow::Borrowed(""),
            None => Cow::Borrowed(text),
        }
    }

    /// A text that begins with an era and its year, with the year of the calendar in their place: `R7.7.26` is
    /// `2025.7.26`.
    pub(super) fn with_year<'t>(&self, text: &'t str) -> Cow<'t, str> {
        for (era, before) in &self.eras {
            let Some(rest) = text.strip_prefix(&**era) else { continue };
            let rest = rest.trim_start();
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let (year, behind) = match digits {
                1 | 2 => (rest[..digits].parse::<i16>().unwrap_or(0), &rest[digits..]),
                0 if rest.starts_with(FIRST) => (1, &rest[FIRST.len_utf8()..]),
                _ => continue,
            };
            if year > 0 && !behind.is_empty() {
                return Cow::Owned(format!("{}{behind}", before + year));
            }
        }
        Cow::Borrowed(text)
    }

    /// The number of the month that a word names: in English its name, its first three letters, or `Sept`.
    pub(super) fn month(&self, word: &str) -> Option<i8> {
        english_month(word).or_else(|| {
            let word = self.known(word, !self.months.is_empty())?;
            self.months.iter().find(|(it, _)| *it == word).map(|(_, it)| *it)
        })
    }

    /// Whether a word says nothing beside a date: a day of the week, `of`.
    pub(super) fn is_filler(&self, word: &str) -> bool {
        is_english_filler(word) || self.is_given(word)
    }

    /// Whether letters behind a number say nothing: `10th`, `1er`.
    pub(super) fn is_ordinal(&self, word: &str) -> bool {
        ["st", "nd", "rd", "th"].iter().any(|it| it.eq_ignore_ascii_case(word)) || self.is_given(word)
    }

    fn is_given(&self, word: &str) -> bool {
        self.known(word, !self.fillers.is_empty()).is_some_and(|it| self.fillers.contains(&it))
    }

    fn known(&self, word: &str, any: bool) -> Option<Box<str>> {
        (any && !word.is_empty()).then(|| folded(word))
    }
}

/// What stands for the first year of an era.
const FIRST: char = '\u{5143}';

/// A word without case, and without accents if its letters are Latin.
fn folded(word: &str) -> Box<str> {
    let plain = |it: char| match it {
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{aa}' | '\u{ba}' => {
            Cow::Borrowed(deunicode_char(it).unwrap_or_default())
        }
        it => Cow::Owned(it.to_string()),
    };
    let mut acc = String::with_capacity(word.len());
    for it in word.nfc() {
        match it.is_ascii() {
            true => acc.push(it.to_ascii_lowercase()),
            false => acc.push_str(&plain(it).to_lowercase()),
        }
    }
    acc.into()
}

fn is_english_filler(word: &str) -> bool {
    // `Tues` and `Thurs` as well as `Tue`; `Weds` drops letters within.
    let begins = |it: &str| word.len() >= 3 && it.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word));
    ["of", "Weds"].iter().any(|it| it.eq_ignore_ascii_case(word)) || DAYS.iter().any(|it| begins(it))
}

fn english_month(word: &str) -> Option<i8> {
    if word.len() < 3 {
        return None;
    }
    let is = |it: &str| it.eq_ignore_ascii_case(word) || it[..3].eq_ignore_ascii_case(word);
    let at = MONTHS.iter().position(|it| is(it) || (word.eq_ignore_ascii_case("sept") && *it == "September"))?;
    i8::try_from(at + 1).ok()
}

/// Which of two small numbers is the day: `05/02/2025`.
///
/// What is no date in this order is none, also where the other order would give one: an order is that of a column, and
/// a value that contradicts it was meant otherwise. [`order_of`](super::date::order_of) says which orders a text can have.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Order {
    /// 5 February.
    DayFirst,
    /// May 2.
    MonthFirst,
    /// 2005, February 3, where the year has two digits; else the month comes first.
    YearFirst,
    /// Nobody knows: a date only where it is the same in both orders, as `05/05/2025` is.
    Unsaid,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::date::{date, date_as};

    const FRENCH: &str = "day_first\nday\njanvier\t1\njanv\t1\nfévrier\t2\nmars\t3\naoût\t8\nlundi\nle\ner\nà";

    #[test]
    fn months_of_other_languages_are_read_where_they_are_given() {
        let french = Style::parse(FRENCH).expect("a style");
        for (text, expected) in [
            ("5 février 2025", "2025-02-05"),
            ("5 FEVRIER 2025", "2025-02-05"),
            ("lundi 3 mars 2025", "2025-03-03"),
            ("lundi 3 mars 2025 à 14h30", "2025-03-03"),
            ("3-janv.-25", "2025-01-03"),
            ("le 1er août 2025", "2025-08-01"),
            ("5 janv. 2025", "2025-01-05"),
            ("5-mars-25", "2025-03-05"),
            ("5mars2025", "2025-03-05"),
            ("5 March 2025", "2025-03-05"),
            ("05/02/2025", "2025-02-05"),
        ] {
            assert_eq!(date_as(text, &french).as_deref(), Some(expected), "{text}");
        }
        for text in ["mars 2025", "5 maart 2025", "le", "5 lundi 2025", "5 février"] {
            assert_eq!(date_as(text, &french), None, "{text}");
        }
        for text in ["5 février 2025", "1er mars 2025"] {
            assert_eq!(date(text, Order::DayFirst), None, "{text}");
        }
    }

    #[test]
    fn months_and_years_are_dates_where_it_is_declared() {
        let check = |text: &str, [day, month, year]: [&str; 3]| {
            for (precision, expected) in [("day", day), ("month", month), ("year", year)] {
                let style = Style::parse(&format!("day_first\n{precision}")).expect("a style");
                assert_eq!(date_as(text, &style).unwrap_or_default(), expected, "{text:?} {precision}");
            }
        };
        check("2025", ["", "", "2025-01-01"]);
        for text in ["March 2025", "2025 March", "2025-03", "2025/03", "03/2025", "3-2025"] {
            check(text, ["", "2025-03-01", "2025-03-01"]);
        }
        check("5 March 2025", ["2025-03-05"; 3]);
        check("25", [""; 3]);
        check("1676", [""; 3]);
    }

    #[test]
    fn a_style_is_read_strictly() {
        assert_eq!(Style::parse("month_first"), Some(Style::plain(Order::MonthFirst)));
        assert_eq!(Style::parse("day_first\n"), Some(Style::plain(Order::DayFirst)));
        for wrong in ["", "day", "day_first\nweek", "day_first \nday"] {
            assert_eq!(Style::parse(wrong), None, "{wrong:?}");
        }
    }
}
