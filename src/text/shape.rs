//! What a text looks like, whatever column it stands in: an address, a number, a day, a word.
//!
//! Looks only; that a text looks like a telephone number does not make it a valid one. Every text has one shape. Words of
//! dates and for money, beside those of English and the signs of currencies, are given.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::amount::bare;
use super::calendar::{Precision, Style, Words};
use super::clean::{ascii_digits, cleaned};
use super::date::{Order, date_as};
use super::email::emails;
use super::number::amount;
use super::website::website;

/// What a text looks like.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// It holds an e-mail address.
    Email,
    /// The address of a web site.
    Website,
    /// Digits as they are dialled: at least seven, and few letters beside them.
    Phone,
    /// A day, a month or a point in time.
    Date,
    /// A number.
    Number,
    /// A house number and what follows it: `12 Long Street`.
    Street,
    /// One word of letters.
    Word,
    /// Several words.
    Words,
    /// Marks, codes, and whatever else.
    Other,
}

impl Shape {
    /// All of them.
    pub const ALL: [Shape; 9] = [
        Shape::Email,
        Shape::Website,
        Shape::Phone,
        Shape::Date,
        Shape::Number,
        Shape::Street,
        Shape::Word,
        Shape::Words,
        Shape::Other,
    ];

    /// How files spell it.
    pub fn name(self) -> &'static str {
        match self {
            Shape::Email => "email",
            Shape::Website => "website",
            Shape::Phone => "phone",
            Shape::Date => "date",
            Shape::Number => "number",
            Shape::Street => "street",
            Shape::Word => "word",
            Shape::Words => "words",
            Shape::Other => "other",
        }
    }

    /// What people call several such texts.
    pub fn plural(self) -> &'static str {
        match self {
            Shape::Email => "e-mail addresses",
            Shape::Website => "websites",
            Shape::Phone => "telephone numbers",
            Shape::Date => "dates",
            Shape::Number => "numbers",
            Shape::Street => "streets",
            Shape::Word | Shape::Words => "words",
            Shape::Other => "marks",
        }
    }
}

/// Digits of a telephone number, and of all that stand in one cell.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=60;
/// No number with what stands around it is written longer.
const LONGEST_NUMBER: usize = 40;
/// No day is written longer.
const LONGEST_DATE: usize = 40;

/// Words of a language and a country in dates and beside numbers.
#[derive(Clone, Debug)]
pub struct Spoken {
    styles: [Style; 2],
    money: Vec<String>,
}

impl Spoken {
    /// `dates` as [`Words::parse`] reads them, and words for money.
    pub fn new(dates: &str, money: &[String]) -> Spoken {
        let style = |order| Style { order, precision: Precision::Day, words: Words::parse(dates) };
        Spoken { styles: [Order::DayFirst, Order::MonthFirst].map(style), money: money.to_vec() }
    }

    /// Words for money.
    pub fn money(&self) -> Vec<&str> {
        self.money.iter().map(String::as_str).collect()
    }

    fn is_day(&self, text: &str) -> bool {
        self.styles.iter().any(|it| date_as(text, it).is_some())
    }

    /// Whether something stands around a number, or a decimal sign in it, that no telephone number has.
    fn is_amount(&self, text: &str, digits: usize) -> bool {
        let money = self.money();
        let Some(inner) = bare(text, &money) else { return false };
        let marked = inner.number.contains(['.', ',']);
        let bared = inner.number != text && !text.starts_with('+');
        let is_number = |comma| amount(text, comma, &money).is_some();
        let words = || text.chars().any(|it| it.is_alphabetic() || super::amount::is_sign(it) || it == '%');
        (bared && (digits < 9 || words()) || marked) && (is_number(false) || is_number(true))
    }
}

impl Default for Spoken {
    fn default() -> Spoken {
        Spoken::new("", &[])
    }
}

/// The shape of a text; `None` when there is nothing in it.
pub fn shape(text: &str) -> Option<Shape> {
    static PLAIN: LazyLock<Spoken> = LazyLock::new(Spoken::default);
    shape_in(text, &PLAIN)
}

/// The same with words of a language and a country.
pub fn shape_in(text: &str, spoken: &Spoken) -> Option<Shape> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if text.contains('@') && !emails(text).is_empty() {
        return Some(Shape::Email);
    }
    let (mut digits, mut letters) = (0, 0);
    for it in text.chars() {
        digits += usize::from(it.is_ascii_digit() || (!it.is_ascii() && it.is_numeric()));
        letters += usize::from(it.is_alphabetic());
    }
    if digits > 0
        && let Some(shape) = of_digits(&ascii_digits(&cleaned(text)), digits, letters, spoken)
    {
        return Some(shape);
    }
    let blanks = text.contains(char::is_whitespace);
    Some(match () {
        () if !blanks && text.contains('.') && website(text).is_some() => Shape::Website,
        () if digits > 0 && is_street(text) => Shape::Street,
        () if blanks && letters > 1 => Shape::Words,
        () if letters > 1 && digits == 0 => Shape::Word,
        () => Shape::Other,
    })
}

/// Days, telephone numbers and plain numbers.
fn of_digits(text: &str, digits: usize, letters: usize, spoken: &Spoken) -> Option<Shape> {
    let plain = text.bytes().all(|it| it.is_ascii_digit());
    // A year, an identifier and a count look alike: a run of digits is a day only if it has eight.
    let may_be_day = (3..=20).contains(&digits) && text.len() <= LONGEST_DATE && (!plain || digits == 8);
    if may_be_day && spoken.is_day(text) {
        return Some(Shape::Date);
    }
    // A spreadsheet that took a telephone number for a number writes it with a fraction.
    let whole = text.strip_suffix(".0").unwrap_or(text);
    let signed = whole.strip_prefix(['-', '+']).unwrap_or(whole);
    let number = !signed.is_empty() && signed.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'.' | b','));
    if number && !whole.starts_with('+') && (signed.len() < 9 || signed.contains(['.', ','])) {
        return Some(Shape::Number);
    }
    if text.len() <= LONGEST_NUMBER && spoken.is_amount(whole, digits) {
        return Some(Shape::Number);
    }
    (DIGITS.contains(&digits) && letters * 2 <= digits && !is_code(text)).then_some(Shape::Phone)
}

/// Letters with digits right behind them, such as the number of an order or for value added tax; words for a telephone
/// have a mark or a blank behind them.
fn is_code(text: &str) -> bool {
    let inside = |it: char| it.is_alphanumeric() || matches!(it, '-' | '/' | '_');
    text.starts_with(char::is_alphabetic) && text.chars().all(inside)
}

/// A short number, perhaps with a letter, and at least two words.
fn is_street(text: &str) -> bool {
    let mut parts = text.split_whitespace();
    let number = parts.next().unwrap_or_default().trim_end_matches(',');
    let digits = number.trim_end_matches(|it: char| it.is_ascii_alphabetic());
    let house = (1..=5).contains(&digits.len())
        && number.len() <= digits.len() + 1
        && digits.bytes().all(|it| it.is_ascii_digit() || matches!(it, b'-' | b'/'))
        && digits.starts_with(|it: char| it.is_ascii_digit());
    let word = |it: &&str| it.chars().filter(|it| it.is_alphabetic()).count() >= 2;
    house && parts.filter(word).count() >= 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Shape) {
        assert_eq!(shape(text), Some(expected), "{text}");
    }

    #[test]
    fn texts_look_like_what_they_are() {
        for text in ["a@b.example", "Jo <jo@b.example>; al@b.example", " mailto:a@b.example"] {
            check(text, Shape::Email);
        }
        for text in ["www.foo.example", "https://foo.example/path", "foo.example"] {
            check(text, Shape::Website);
        }
        for text in ["021 555 0101", "+44 20 7946 0958", "0215550101", "27215550101.0", "021 555 0101 / 082 555 0102"] {
            check(text, Shape::Phone);
        }
        for text in ["2025-07-26", "05/02/2025", "10 March 2025", "2025-07-26 00:00:00", "20250726"] {
            check(text, Shape::Date);
        }
        for text in [
            "1",
            "2025",
            "12.50",
            "-3",
            "1,200,000",
            "12345678.5",
            "1.234,50",
            "1 234,50",
            "$1,200.00",
            "€ 5",
            "(1,200)",
            "12%",
            "USD 12345678900",
            "5.00-",
            "1'234.50",
            "１２.５",
        ] {
            check(text, Shape::Number);
        }
        for text in ["(0215550101)", "0215550101-", "(021) 555 0101"] {
            check(text, Shape::Phone);
        }
        for text in ["DE136695976", "INV-20240001", "SO0001234/24"] {
            check(text, Shape::Other);
        }
        for text in ["Tel:0215550101", "T. 021 555 0101", "w +27 21 555 0101"] {
            check(text, Shape::Phone);
        }
        let spoken = Spoken::new("\nMärz\t3\n年\t\n月\t\n日\t", &["円".to_owned(), "Rs".to_owned(), "/-".to_owned()]);
        for (text, expected) in [
            ("5. März 2025", Shape::Date),
            ("2025年7月26日", Shape::Date),
            ("1,000円", Shape::Number),
            ("Rs 1,20,000/-", Shape::Number),
            ("Rs. Road", Shape::Words),
        ] {
            assert_eq!(shape_in(text, &spoken), Some(expected), "{text}");
        }
        for text in ["Active", "O'Brien", "Zoë"] {
            check(text, Shape::Word);
        }
        for text in ["12 Long Street, Knysna", "7b Hangar Lane", "12-14, Rue de la Paix\n75002 Paris", "1/3 High Road"]
        {
            check(text, Shape::Street);
        }
        for text in ["Ada Lovel (Manager)", "Hangar 7, Knysna", "Blue Sky Flying", "3 aircraft", "2 x C172"] {
            check(text, Shape::Words);
        }
        for text in ["x", "✓", "A1", "-", "???"] {
            check(text, Shape::Other);
        }
    }

    #[test]
    fn white_space_has_no_shape() {
        assert_eq!([shape(""), shape(" \u{a0}\n")], [None, None]);
    }

    #[test]
    fn a_shape_is_spelt_as_it_is_read() {
        for shape in Shape::ALL {
            assert_eq!(serde_json::to_value(shape).ok(), Some(shape.name().into()));
        }
    }

    proptest! {
        #[test]
        fn every_text_has_one_shape(text in "\\PC{0,40}") {
            prop_assert_eq!(shape(&text).is_none(), text.trim().is_empty());
        }
    }
}
