//! What a cell holds, what it means, and the kinds of mess between the two.
//!
//! How a cell gets messy stands in `mess`; how it is written, in `page`.

use jiff::civil::Date;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Blank,
    /// Text.
    Text(String),
    /// A number in the general format.
    Number(f64),
    /// A number with a format of as many zeros, so that a person sees that many digits.
    Padded(f64, usize),
    /// A real date, shown in this format.
    Date(Date, &'static str),
    /// A formula and the value that the last program to save the book computed.
    Formula(String, String),
}

impl Cell {
    /// What a person sees, which is what an export to CSV holds.
    pub fn shown(&self) -> String {
        match self {
            Cell::Blank => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
            Cell::Padded(number, zeros) => format!("{number:0zeros$}"),
            Cell::Date(date, format) => date_text(*date, format),
            Cell::Formula(_, cached) => cached.clone(),
        }
    }
}

/// A date in one of the few formats in use: `dd`, `mm`, `yyyy`, `yy`, `mmmm` between other characters.
pub fn date_text(date: Date, format: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let month = MONTHS[usize::try_from(date.month() - 1).unwrap_or_default() % 12];
    // The clock stands first: after it every `mm` is a month.
    let text = format.replace("hh:mm", "00:00").replace("mmmm", "~");
    let text = text.replace("yyyy", &format!("{:04}", date.year())).replace("yy", &format!("{:02}", date.year() % 100));
    let text = text.replace("mm", &format!("{:02}", date.month())).replace("dd", &format!("{:02}", date.day()));
    text.replace('~', month)
}

/// A cell and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// What stands in the cell.
    pub cell: Cell,
    /// What the cell is about, such as `phone`; empty if it is about nothing.
    pub field: &'static str,
    /// What a perfect reader of this one cell gets; several values are joined by `; `; empty if nothing can be had.
    pub expected: String,
    /// Why that is not what a person sees.
    pub mess: Vec<Mess>,
}

impl Told {
    /// An empty cell.
    pub fn blank() -> Self {
        Told { cell: Cell::Blank, field: "", expected: String::new(), mess: Vec::new() }
    }

    /// A cell that means what it says.
    pub fn plain(field: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            return Told::blank();
        }
        Told { cell: Cell::Text(text.clone()), field, expected: text, mess: Vec::new() }
    }

    /// A cell that needs to be understood.
    pub fn messy(field: &'static str, cell: Cell, expected: impl Into<String>, mess: &[Mess]) -> Self {
        Told { cell, field, expected: expected.into(), mess: mess.to_vec() }
    }
}

macro_rules! kinds {
    ($($name:ident $text:literal $meaning:literal)*) => {
        /// A kind of mess.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Mess {
            $(#[doc = $meaning] $name,)*
        }

        impl Mess {
            /// All kinds, with their names in the truth files and what they mean.
            pub const ALL: &[(Mess, &str, &str)] = &[$((Mess::$name, $text, $meaning),)*];
        }
    };
}

kinds! {
    Spaces "spaces" "spaces before, behind or doubled inside"
    NoBreakSpace "nbsp" "a no-break space before, behind or inside"
    Case "case" "capitals or small letters where they do not belong"
    Punctuation "punctuation" "hyphens, dashes or dots where the name has spaces"
    LegalForm "legal-form" "with a legal form, in one of its spellings"
    Typo "typo" "one letter lost, doubled, swapped or changed"
    Shortened "shortened" "a word cut short, or `and` for `&`"
    NoAccents "no-accents" "accents left away"
    NonLatin "non-latin" "no Latin letter in the name"
    Alias "alias" "another word for an entry of a closed list"
    Wrong "wrong" "a proper entry, but not the true one: another book may know better"
    UnknownText "unknown-text" "a text that no entry of the list is meant by"
    Placeholder "placeholder" "a text that stands for nothing, such as `n/a`"
    Unusable "unusable" "a text from which no value can be had"
    LocalFormat "local-format" "a national number with spaces, brackets or hyphens"
    International "international" "with the country code, in one of five ways"
    LostZero "lost-zero" "a number cell: the leading zero is gone"
    NumberCell "number-cell" "a number cell that holds all digits"
    PaddedNumber "padded-number" "a number cell whose format shows the leading zeros"
    FloatText "float-text" "digits with `.0` as text, left by an earlier export"
    NumberText "number-text" "a number stored as text"
    Several "several" "more than one value in the cell"
    Extension "extension" "an extension behind the number"
    Label "label" "a word before or behind the value, such as `Tel:`"
    Mailto "mailto" "`mailto:` before the address"
    TrailingDot "trailing-dot" "a dot, comma or semicolon behind the value"
    DisplayName "display-name" "a name before the address in angle brackets"
    WebScheme "web-scheme" "`http://`, no scheme, or a scheme in capitals"
    WebWww "web-www" "`www.` before the host"
    WebSlash "web-slash" "a slash behind the host"
    WebQuery "web-query" "a query or a fragment behind the host"
    Hyperlink "hyperlink" "a `HYPERLINK` formula whose cached text is the value"
    RoleInBrackets "role-in-brackets" "the role in brackets behind the name"
    Title "title" "a title before the name"
    SurnameFirst "surname-first" "the surname first, with a comma"
    WholeName "whole-name" "given name and surname in the column of the given name"
    DateCell "date-cell" "a real date, day first"
    DateTimeCell "date-time-cell" "a real date that shows a time of day"
    DateIso "date-iso" "text, year first"
    DateSlash "date-slash" "text, day first, with slashes"
    DateDots "date-dots" "text, day first, with dots"
    DateShortYear "date-short-year" "text, day first, with two digits of the year"
    DateWords "date-words" "text with the month in words"
    DateMonth "date-month" "text with month and year only; the first of the month is meant"
    ErrorCell "error-cell" "a formula with an error for its cached value"
    Formula "formula" "a formula with a good cached value"
    FormulaEmpty "formula-empty" "a formula whose cached value is the empty text"
    FormulaLike "formula-like" "text that begins like a formula but is none"
    LineBreak "line-break" "a line break inside the text"
    LookupText "lookup-text" "a broken look-up that gives a company's name where an identifier belongs"
    LookupZero "lookup-zero" "a broken look-up that gives 0"
    LookupError "lookup-error" "a broken look-up that gives `#N/A`"
    Repeated "repeated" "an identifier that another row has as well"
    InvalidMark "invalid-mark" "a mark that the contact is no longer good"
    NoMark "no-mark" "a mark that all is well"
    Footnote "footnote" "the mark of a footnote behind the value"
    Link "link" "a `tel:` link that says where it is dialled"
    SpoiltNumber "spoilt-number" "scientific notation that has lost digits"
    OtherDigits "other-digits" "a time, a price, a place or an address in digits"
    Remark "remark" "a remark behind the value"
    OtherColumn "other-column" "an address in the column of numbers, or the other way round"
    Town "town" "a town beside the province"
    Serial "serial" "the serial number of a date, without the format of one"
    DateTime "date-time" "text with a time of day beside the date"
    OtherOrder "other-order" "text, month first, where the column has the day first"
}

impl Mess {
    /// The name in the truth files.
    pub fn name(self) -> &'static str {
        Mess::ALL.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, name, _)| name)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_date_is_shown_as_its_format_says() {
        fn check(format: &str, text: &str) {
            assert_eq!(date_text(date(2025, 7, 5), format), text);
        }
        check("dd/mm/yyyy", "05/07/2025");
        check("yyyy-mm-dd hh:mm", "2025-07-05 00:00");
        check("dd-mm-yy", "05-07-25");
        check("dd mmmm yyyy", "05 July 2025");
    }

    #[test]
    fn a_padded_number_shows_its_zeros() {
        assert_eq!(Cell::Padded(821_234_567.0, 10).shown(), "0821234567");
        assert_eq!(Cell::Number(27_821_234_567.0).shown(), "27821234567");
    }
}
