//! How columns of a sheet are shown: what people read in the place of their names, how their numbers are written, how
//! wide they are, what is noted beside their names, and whether they are summed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Type;

/// How a column is shown.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub struct Shown {
    /// What stands in the header; the name of the column without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// How its numbers and days are written, as declared: what [`NumberFormat::read`] reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Characters that it is wide; as wide as its values without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u8>,
    /// What is noted on the header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether its numbers are summed beneath the last row.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub total: bool,
}

/// Columns that are shown otherwise than by themselves, by name.
pub type ShownColumns = BTreeMap<String, Shown>;

/// A sheet beside the first one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// The table that is written.
    pub from: String,
    /// Columns in order; all visible ones when empty.
    pub columns: Vec<String>,
    /// Whether the rows are written that the table sets aside.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rejected: bool,
    /// How columns are shown.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub shown: ShownColumns,
    /// Whether descriptions of a contract are noted on headers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub describe: bool,
}

/// How numbers or days are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberFormat {
    /// As spreadsheets write it: `0.0%`.
    pub code: String,
    /// What it is for.
    pub of: FormatOf,
}

/// What a format is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatOf {
    /// Numbers.
    Numbers,
    /// Days and times.
    Days,
}

impl Shown {
    /// How its numbers and days are written.
    pub fn number_format(&self) -> Option<NumberFormat> {
        self.format.as_deref().and_then(|it| NumberFormat::read(it).ok())
    }
}

impl FormatOf {
    /// Whether a column of this type can be shown so.
    pub fn fits(self, ty: Type) -> bool {
        match self {
            FormatOf::Numbers => ty.is_number(),
            FormatOf::Days => matches!(ty, Type::Date | Type::Timestamp),
        }
    }
}

/// Formats by the name that a pipeline has for them.
pub const FORMATS: [(&str, &str, FormatOf); 11] = [
    ("percent", "0.0%", FormatOf::Numbers),
    ("whole_percent", "0%", FormatOf::Numbers),
    ("money", "#,##0.00", FormatOf::Numbers),
    ("thousands", "#,##0", FormatOf::Numbers),
    ("date", "yyyy-mm-dd", FormatOf::Days),
    ("day_first", "dd/mm/yyyy", FormatOf::Days),
    ("month_first", "mm/dd/yyyy", FormatOf::Days),
    ("year_first", "yyyy/mm/dd", FormatOf::Days),
    ("month", "yyyy-mm", FormatOf::Days),
    ("year", "yyyy", FormatOf::Days),
    ("minutes", "yyyy-mm-dd hh:mm", FormatOf::Days),
];

/// The longest format that is taken, in characters: Excel takes 255 bytes.
const LONGEST: usize = 100;

impl NumberFormat {
    /// How many characters a value takes at most that is `plain` characters long without a format.
    pub fn length(&self, plain: usize) -> usize {
        match self.of {
            // Names of months are longer than their letters.
            FormatOf::Days => self.code.chars().count() + if self.code.contains("mmm") { 6 } else { 0 },
            // Separators of thousands, and whatever the code adds to the digits.
            FormatOf::Numbers => {
                let decimals =
                    self.code.split_once('.').map_or(0, |(_, it)| it.chars().filter(|it| *it == '0').count());
                let literal = self.code.chars().filter(|it| !"#0?,.\"".contains(*it)).count();
                plain + plain / 3 + decimals + literal
            }
        }
    }

    /// The format of this name, or the one that this code is.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn read(word: &str) -> Result<NumberFormat, &'static str> {
        if let Some((_, code, of)) = FORMATS.iter().find(|(name, ..)| *name == word) {
            return Ok(NumberFormat { code: (*code).to_owned(), of: *of });
        }
        if word.chars().count() > LONGEST || word.chars().any(char::is_control) {
            return Err("a format is a short text without control characters");
        }
        let mut quoted = false;
        let (mut digits, mut days, mut letters) = (false, false, false);
        let mut characters = word.chars();
        while let Some(c) = characters.next() {
            match c {
                '"' => quoted = !quoted,
                _ if quoted => (),
                '\\' => drop(characters.next()),
                '[' | ']' | '@' | ';' => return Err("sections, colours and conditions are no part of a format here"),
                '0' | '#' | '?' => digits = true,
                'y' | 'd' | 'h' | 'Y' | 'D' | 'H' | 'm' | 'M' | 's' | 'S' => days = true,
                c if c.is_alphabetic() && c != 'E' => letters = true,
                _ => (),
            }
        }
        match (quoted, letters, digits, days) {
            (true, ..) => Err("a quote is not closed"),
            (_, true, ..) => Err("put letters in double quotes"),
            (_, _, true, false) => Ok(NumberFormat { code: word.to_owned(), of: FormatOf::Numbers }),
            (_, _, false, true) => Ok(NumberFormat { code: word.to_owned(), of: FormatOf::Days }),
            (_, _, true, true) => Err("it is both of numbers and of days"),
            (_, _, false, false) => Err("it has no place for a digit or a day"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_finds_room_as_it_is_shown() {
        let check = |word: &str, plain: &str, shown: &str| {
            let format = NumberFormat::read(word).expect("a format");
            assert!(format.length(plain.len()) >= shown.chars().count(), "{word} {plain}");
        };
        check("money", "1234567.5", "1,234,567.50");
        check("#,##0.00 \"EUR\"", "1200.50", "1,200.50 EUR");
        check("percent", "0.125", "12.5%");
        check("day_first", "2024-01-31", "31/01/2024");
        check("d. mmmm yyyy", "2024-09-30", "30. September 2024");
    }

    #[test]
    fn formats_have_names_and_codes() {
        let check = |word: &str, expected: Option<(&str, FormatOf)>| {
            let found = NumberFormat::read(word).ok();
            assert_eq!(found.as_ref().map(|it| (it.code.as_str(), it.of)), expected, "{word}");
        };
        check("percent", Some(("0.0%", FormatOf::Numbers)));
        check("day_first", Some(("dd/mm/yyyy", FormatOf::Days)));
        check("#,##0.00 \"EUR\"", Some(("#,##0.00 \"EUR\"", FormatOf::Numbers)));
        check("#,##0.00 €", Some(("#,##0.00 €", FormatOf::Numbers)));
        check("0.00E+00", Some(("0.00E+00", FormatOf::Numbers)));
        check("d. mmmm yyyy", Some(("d. mmmm yyyy", FormatOf::Days)));
        for word in ["", "percnt", "EUR 0", "0 \"x", "0;0", "[Red]0", "@", "yyyy 0", "\"0\"", "0\n"] {
            check(word, None);
        }
        for (name, code, of) in FORMATS {
            assert_eq!(NumberFormat::read(code).map(|it| it.of), Ok(of), "{name}");
        }
    }
}
