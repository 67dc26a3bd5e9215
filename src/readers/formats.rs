//! Number formats: what a format says a number is.
//!
//! Only what changes the text of a value is told apart: dates, times, durations and padding with zeros. Currencies,
//! percentages and colours leave the number as it is.

/// What a number format makes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Stays a number.
    Number,
    /// A whole number shown with at least so many digits, and with signs between them.
    Padded(Mask),
    /// A day.
    Date,
    /// A day and a time.
    DateTime,
    /// A time of day.
    Time,
    /// Elapsed hours, minutes and seconds.
    Duration,
}

/// Zeros, each for a digit, and the signs among them as they are shown: `000-00-0000`, `A-000`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mask {
    /// A zero byte stands for a digit.
    signs: [u8; Mask::LONGEST],
    length: u8,
}

impl Mask {
    /// What is longer is no mask.
    const LONGEST: usize = 32;
    const EMPTY: Mask = Mask { signs: [0; Mask::LONGEST], length: 0 };

    /// The mask with one more sign, or digit where `sign` is a zero byte; `None` where it is too long.
    fn with(mut self, sign: char) -> Option<Mask> {
        *self.signs.get_mut(usize::from(self.length))? = u8::try_from(sign).ok().filter(u8::is_ascii)?;
        self.length += 1;
        Some(self)
    }

    fn signs(&self) -> &[u8] {
        &self.signs[..usize::from(self.length)]
    }

    /// How many digits it shows at least.
    pub(crate) fn digits(&self) -> usize {
        self.signs().iter().filter(|it| **it == 0).count()
    }

    /// Appends `digits`, which are no fewer than the mask has; the first of its places takes those that are more.
    pub(crate) fn write(&self, out: &mut String, digits: &str) {
        let mut more = digits.len() - self.digits();
        let mut rest = digits;
        for sign in self.signs() {
            if *sign != 0 {
                out.push(char::from(*sign));
                continue;
            }
            let (digits, after) = rest.split_at(1 + std::mem::take(&mut more));
            out.push_str(digits);
            rest = after;
        }
    }

    /// A mask is one that shows several digits; a unit behind them is none of the value.
    fn settled(self) -> Option<Mask> {
        let is_unit = self.signs().last().is_some_and(u8::is_ascii_alphabetic);
        (self.digits() >= 2 && !is_unit).then_some(self)
    }
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

    /// The format of a cell style; one that is not there shows a number as it is.
    pub(crate) fn of(&self, style: usize) -> u32 {
        self.styles.get(style).copied().unwrap_or(0)
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
    let mut mask = Some(Mask::EMPTY);
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '"' => {
                for sign in chars.by_ref().take_while(|it| *it != '"') {
                    mask = mask.and_then(|it| it.with(sign));
                }
                continue;
            }
            '\\' => {
                mask = chars.next().and_then(|sign| mask?.with(sign));
                continue;
            }
            '_' | '*' => {
                chars.next();
                continue;
            }
            '[' => {
                let inside: String = chars.by_ref().take_while(|it| *it != ']').collect();
                let unit = inside.to_ascii_lowercase();
                let counts = |letter: char| !unit.is_empty() && unit.chars().all(|it| it == letter);
                elapsed |= counts('h') || counts('m') || counts('s');
                // `[Red]`, `[>100]` and `[$-409]` say nothing about padding, `[$R]` is a sign of a currency.
                mask = mask.filter(|_| !(elapsed || unit.starts_with('$') && !unit.starts_with("$-")));
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
            'G' | 'g' if is_general(chars.clone()) => return Class::Number,
            '0' => {
                mask = mask.and_then(|it| it.with('\0'));
                continue;
            }
            '-' | '+' | '/' | ' ' | '(' | ')' | ':' => {
                mask = mask.and_then(|it| it.with(c));
                continue;
            }
            // Digits and scientific notation: this is a number whatever letters surround it.
            '#' | '?' | '%' if !date && !time => return Class::Number,
            'E' if matches!(chars.peek(), Some('+' | '-')) => return Class::Number,
            _ => {}
        }
        mask = None;
    }
    let mask = mask.and_then(Mask::settled);
    match (date || (month && !time), time) {
        _ if elapsed => Class::Duration,
        (true, true) => Class::DateTime,
        (true, false) => Class::Date,
        (false, true) => Class::Time,
        _ => mask.map_or(Class::Number, Class::Padded),
    }
}

/// Whether what stands behind a `G` makes it the word `General`, which may stand anywhere in a code.
fn is_general(behind: impl Iterator<Item = char>) -> bool {
    behind.map(|it| it.to_ascii_lowercase()).take(6).eq("eneral".chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_what_a_number_is() {
        let cases = [
            ("General", Class::Number),
            ("0", Class::Number),
            ("\"Day \"General", Class::Number),
            ("General\" d\"", Class::Number),
            ("[>1]General;yyyy", Class::Number),
            ("00 \"km\"", Class::Number),
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
    fn zeros_are_shown_with_the_signs_among_them() {
        let check = |code: &str, digits: &str, expected: &str| {
            let Class::Padded(mask) = classify(code) else { panic!("{code} is not a mask") };
            let mut out = String::new();
            mask.write(&mut out, &format!("{digits:0>width$}", width = mask.digits()));
            assert_eq!(out, expected, "{code}");
        };
        check("00000", "42", "00042");
        check("0000000000", "821234567", "0821234567");
        check("000-0000", "5550101", "555-0101");
        check("000-00-0000", "12345678", "012-34-5678");
        check("00000-0000", "12345678", "01234-5678");
        check("000\\ 000\\ 0000", "215550101", "021 555 0101");
        check("(000) 000-0000", "215550101", "(021) 555-0101");
        check("\"A-\"000", "42", "A-042");
        check("\\A\\-000", "1234", "A-1234");
        check("[$-409]000-00-0000", "12345678", "012-34-5678");
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
