//! Words in dates: names of months, days of the week and what stands between, those of English and those that are given.
//!
//! Not here: any other language. The words of one are data, and come in as lines.

use crate::text::english::{DAYS, MONTHS};
use deunicode::deunicode;

use super::date::Order;

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
}

impl Words {
    /// Reads lines of `word<TAB>number` for months and of `word` for what says nothing beside a date.
    pub fn parse(lines: &str) -> Words {
        let mut words = Words::default();
        for line in lines.lines().filter(|it| !it.is_empty()) {
            match line.split_once('\t') {
                Some((word, number)) => words.months.extend(number.parse().ok().map(|it| (folded(word), it))),
                None => words.fillers.push(folded(line)),
            }
        }
        words
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

/// A word without case and accents.
fn folded(word: &str) -> Box<str> {
    deunicode(word).to_lowercase().into()
}

fn is_english_filler(word: &str) -> bool {
    let short = |it: &str| it[..3].eq_ignore_ascii_case(word);
    word.eq_ignore_ascii_case("of") || DAYS.iter().any(|it| it.eq_ignore_ascii_case(word) || short(it))
}

fn english_month(word: &str) -> Option<i8> {
    if word.len() < 3 {
        return None;
    }
    let is = |it: &str| it.eq_ignore_ascii_case(word) || it[..3].eq_ignore_ascii_case(word);
    let at = MONTHS.iter().position(|it| is(it) || (word.eq_ignore_ascii_case("sept") && *it == "September"))?;
    i8::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::date::{date, date_as};

    const FRENCH: &str = "day_first\nday\njanvier\t1\njanv\t1\nfévrier\t2\nmars\t3\naoût\t8\nlundi\nle\ner";

    #[test]
    fn months_of_other_languages_are_read_where_they_are_given() {
        let french = Style::parse(FRENCH).expect("a style");
        for (text, expected) in [
            ("5 février 2025", "2025-02-05"),
            ("5 FEVRIER 2025", "2025-02-05"),
            ("lundi 3 mars 2025", "2025-03-03"),
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
