//! Number formats: what a format says a number is.
//!
//! Only what changes the text of a value is told apart: dates, times, durations and padding with zeros. Currencies,
//! percentages and colours leave the number as it is.

/// What a number format makes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Stays a number.
    Number,
    /// A number shown with at least so many digits.
    Padded(u8),
    /// A day.
    Date,
    /// A day and a time.
    DateTime,
    /// A time of day.
    Time,
    /// Elapsed hours, minutes and seconds.
    Duration,
}

/// The number formats of a workbook, by cell style.
#[derive(Debug, Default)]
pub(crate) struct Formats {
    /// Distinct codes with their classes; a cell's format is an index here.
    pub(crate) codes: Vec<(String, Class)>,
    /// For each cell style an index into `codes`.
    pub(crate) styles: Vec<u32>,
}

impl Formats {
    /// A workbook without styles.
    pub(crate) fn plain() -> Formats {
        Formats { codes: vec![("General".to_owned(), Class::Number)], styles: Vec::new() }
    }

    /// The index of `code`, added if it is new.
    pub(crate) fn intern(&mut self, code: &str) -> u32 {
        let known = self.codes.iter().position(|(it, _)| it == code);
        let at = known.unwrap_or_else(|| {
            self.codes.push((code.to_owned(), classify(code)));
            self.codes.len() - 1
        });
        at as u32
    }
}

/// The code of a built-in format: ECMA-376 part 1, 18.8.30, with the East Asian date formats as plain dates.
pub(crate) fn built_in(id: u32) -> &'static str {
    match id {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        12 => "# ?/?",
        13 => "# ??/??",
        14 => "mm-dd-yy",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 => "h:mm",
        21 => "h:mm:ss",
        22 => "m/d/yy h:mm",
        27..=31 | 36 | 50..=54 | 57 | 58 => "yyyy-mm-dd",
        32..=35 | 55 | 56 => "h:mm:ss",
        37 => "#,##0 ;(#,##0)",
        38 => "#,##0 ;[Red](#,##0)",
        39 => "#,##0.00;(#,##0.00)",
        40 => "#,##0.00;[Red](#,##0.00)",
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        47 => "mmss.0",
        48 => "##0.0E+0",
        49 => "@",
        _ => "General",
    }
}

/// What a format code makes of a number: judged by its first section.
pub(crate) fn classify(code: &str) -> Class {
    let (mut date, mut time, mut month, mut elapsed) = (false, false, false, false);
    let mut zeros = 0_u32;
    let mut only_zeros = true;
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '"' => {
                only_zeros = false;
                chars.by_ref().find(|it| *it == '"');
                continue;
            }
            '\\' | '_' | '*' => {
                only_zeros = false;
                chars.next();
                continue;
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|it| *it != ']').collect();
                let unit = inside.to_ascii_lowercase();
                let counts = |letter: char| !unit.is_empty() && unit.chars().all(|it| it == letter);
                elapsed |= counts('h') || counts('m') || counts('s');
                // `[Red]`, `[>100]` and `[$-409]` say nothing about padding, `[$R]` is a sign of a currency.
                only_zeros &= !(elapsed || unit.starts_with('$'));
                continue;
            }
            'y' | 'Y' | 'd' | 'D' | 'e' | 'b' => date |= c != 'e' || !matches!(chars.peek(), Some('+' | '-')),
            'h' | 'H' | 's' | 'S' => time = true,
            'm' | 'M' => month = true,
            'A' | 'a' => {
                let rest: String = chars.clone().take(4).collect::<String>().to_ascii_uppercase();
                time |= rest.starts_with("M/PM") || rest.starts_with("/P");
                // The `M`s of `AM/PM` are no months.
                for _ in 0..if rest.starts_with("M/PM") { 4 } else { 0 } {
                    chars.next();
                }
            }
            'G' | 'g' if code.get(..7).is_some_and(|it| it.eq_ignore_ascii_case("general")) => return Class::Number,
            '0' => {
                zeros += 1;
                continue;
            }
            // Digits and scientific notation: this is a number whatever letters surround it.
            '#' | '?' | '%' if !date && !time => return Class::Number,
            'E' if matches!(chars.peek(), Some('+' | '-')) => return Class::Number,
            _ => {}
        }
        only_zeros = false;
    }
    match (date || (month && !time), time) {
        _ if elapsed => Class::Duration,
        (true, true) => Class::DateTime,
        (true, false) => Class::Date,
        (false, true) => Class::Time,
        _ if only_zeros && (2..=32).contains(&zeros) => Class::Padded(zeros as u8),
        _ => Class::Number,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_what_a_number_is() {
        let cases = [
            ("General", Class::Number),
            ("0", Class::Number),
            ("00000", Class::Padded(5)),
            ("0000000000", Class::Padded(10)),
            ("000-0000", Class::Number),
            ("00.00", Class::Number),
            ("#,##0.00", Class::Number),
            ("0.00E+00", Class::Number),
            ("0%", Class::Number),
            ("[$R-1C09] #,##0.00", Class::Number),
            ("\"days\" 0", Class::Number),
            ("[Red]0.00;[Blue]0", Class::Number),
            ("@", Class::Number),
            ("yyyy-mm-dd", Class::Date),
            ("[$-409]d\\-mmm\\-yyyy;@", Class::Date),
            ("mmm", Class::Date),
            ("dddd", Class::Date),
            ("yyyy\\-mm\\-dd\"T\"hh:mm:ss", Class::DateTime),
            ("m/d/yy h:mm", Class::DateTime),
            ("h:mm AM/PM", Class::Time),
            ("mm:ss.0", Class::Time),
            ("[h]:mm:ss", Class::Duration),
            ("[mm]:ss", Class::Duration),
        ];
        for (code, class) in cases {
            assert_eq!(classify(code), class, "{code}");
        }
    }

    #[test]
    fn built_in_formats_are_of_the_class_they_show() {
        let cases = [(0, Class::Number), (14, Class::Date), (22, Class::DateTime), (20, Class::Time)];
        for (id, class) in cases.into_iter().chain([(46, Class::Duration), (48, Class::Number), (9999, Class::Number)])
        {
            assert_eq!(classify(built_in(id)), class, "{id}");
        }
    }
}
