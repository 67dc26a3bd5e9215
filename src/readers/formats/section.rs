//! One section of a number format: what it makes of the numbers that it is for.

use crate::text::amount::is_sign as is_currency;

/// What a number format makes of a number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Class {
    /// Stays a number.
    Number,
    /// A whole number shown with at least so many digits, and with signs between them.
    Padded(Mask),
    /// A number with a per cent sign behind it that is only written, with the blank before it: 12.5 is `12.5%`.
    Share(&'static str),
    /// A day.
    Date,
    /// A day and a time.
    DateTime,
    /// A time of day.
    Time,
    /// Elapsed hours, minutes and seconds.
    Duration,
}

/// Places for digits, and the signs among them as they are shown: `000-00-0000`, `A-000`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Mask {
    places: Vec<Place>,
}

/// One sign of what a mask shows.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// A digit, or a zero where the number has none.
    Zero,
    /// A digit, or nothing.
    Digit,
    Sign(char),
}

impl Mask {
    /// A digit; behind a zero, every place shows one.
    fn digit(&mut self, zero: bool) {
        let shown = zero || self.places.contains(&Place::Zero);
        self.places.push(if shown { Place::Zero } else { Place::Digit });
    }

    fn count(&self, of: impl Fn(&Place) -> bool) -> usize {
        self.places.iter().filter(|it| of(it)).count()
    }

    /// How many digits it shows at least.
    pub(crate) fn digits(&self) -> usize {
        self.count(|it| *it == Place::Zero)
    }

    /// Whether it shows digits that are none of the number.
    pub(crate) fn has_digits_of_its_own(&self) -> bool {
        self.places.iter().any(|it| matches!(it, Place::Sign(sign) if sign.is_numeric()))
    }

    /// Appends `digits`, which are no fewer than the mask has zeros; the first of its places takes those that are more.
    pub(crate) fn write(&self, out: &mut String, digits: &str) {
        let places = self.count(|it| !matches!(it, Place::Sign(_)));
        let (mut more, mut none) = (digits.len().saturating_sub(places), places.saturating_sub(digits.len()));
        let (start, mut rest) = (out.len(), digits);
        for place in &self.places {
            match place {
                Place::Sign(sign) if *sign == ' ' && out.len() == start => (),
                Place::Sign(sign) => out.push(*sign),
                _ if none > 0 => none -= 1,
                _ => {
                    let (digits, after) = rest.split_at(1 + std::mem::take(&mut more));
                    out.push_str(digits);
                    rest = after;
                }
            }
        }
    }

    /// Without what is none of the value: a unit behind a blank, a currency, the sign of a number below zero and blanks.
    ///
    /// A mask is one that shows several digits.
    fn settled(mut self) -> Option<Mask> {
        let is = |it: &Place, of: fn(char) -> bool| matches!(it, Place::Sign(sign) if of(*sign));
        let behind = self.places.iter().rposition(|it| !matches!(it, Place::Sign(_)))? + 1;
        let mut unit = self.places[behind..].iter().skip_while(|it| is(it, |it| !is_blank(it)));
        if unit.next().is_some() && unit.all(|it| is(it, |it| !it.is_numeric())) {
            let at = self.places[behind..].iter().position(|it| is(it, is_blank)).unwrap_or(0);
            self.places.truncate(behind + at);
        }
        let idle = |it: &Place| is(it, |it| is_blank(it) || is_currency(it));
        while self.places.last().is_some_and(idle) {
            self.places.pop();
        }
        let first = self.places.iter().position(|it| !idle(it) && !is(it, is_minus));
        self.places.drain(..first?);
        let brackets = self.count(|it| is(it, |it| matches!(it, '(' | ')')));
        if let [Place::Sign('('), inner @ .., Place::Sign(')')] = self.places.as_slice()
            && brackets == 2
        {
            self.places = inner.to_vec();
        }
        (self.digits() >= 2).then_some(self)
    }
}

fn is_blank(sign: char) -> bool {
    sign.is_whitespace()
}

fn is_minus(sign: char) -> bool {
    matches!(sign, '-' | '\u{2012}' | '\u{2013}' | '\u{2212}')
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// Stands for itself.
    Sign(char),
    /// What stands in square brackets.
    Bracket(String),
    Code(char),
}

/// The sections of a code. Blanks that are as wide as a sign, and what fills a cell, are left out.
pub(super) fn sections(code: &str) -> Vec<Vec<Part>> {
    let mut all = vec![Vec::new()];
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        let last = all.len() - 1;
        let parts = &mut all[last];
        match c {
            ';' => all.push(Vec::new()),
            '"' => parts.extend(chars.by_ref().take_while(|it| *it != '"').map(Part::Sign)),
            '\\' => parts.extend(chars.next().map(Part::Sign)),
            '_' | '*' => {
                chars.next();
            }
            '[' => parts.push(Part::Bracket(chars.by_ref().take_while(|it| *it != ']').collect())),
            c => parts.push(Part::Code(c)),
        }
    }
    all
}

/// A condition that a section is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Test {
    /// Whether it holds for numbers that are less, equal and greater.
    holds: [bool; 3],
    than: f64,
}

impl Test {
    pub(super) fn holds(&self, number: f64) -> bool {
        let at = if number < self.than { 0 } else { 1 + usize::from(number > self.than) };
        self.holds[at]
    }
}

/// The condition of a section: `[<=9999999]`.
pub(super) fn test(parts: &[Part]) -> Option<Test> {
    const ALL: [(&str, [bool; 3]); 6] = [
        ("<=", [true, true, false]),
        (">=", [false, true, true]),
        ("<>", [true, false, true]),
        ("<", [true, false, false]),
        (">", [false, false, true]),
        ("=", [false, true, false]),
    ];
    parts.iter().find_map(|part| {
        let Part::Bracket(inside) = part else { return None };
        let (holds, than) = ALL.iter().find_map(|(sign, it)| Some((*it, inside.trim().strip_prefix(sign)?)))?;
        Some(Test { holds, than: than.trim().parse().ok()? })
    })
}

/// What a section makes of a number.
pub(super) fn class(parts: &[Part]) -> Class {
    let (mut date, mut time, mut month, mut elapsed) = (false, false, false, false);
    let mut mask = Some(Mask::default());
    let mut at = 0;
    while let Some(part) = parts.get(at) {
        at += 1;
        let ahead = |count: usize| parts[at..].iter().map(letter).take(count).collect::<String>().to_ascii_uppercase();
        match part {
            Part::Sign(sign) => mask.iter_mut().for_each(|it| it.places.push(Place::Sign(*sign))),
            Part::Bracket(inside) => {
                let unit = inside.to_ascii_lowercase();
                let counts = |letter: char| !unit.is_empty() && unit.chars().all(|it| it == letter);
                elapsed |= counts('h') || counts('m') || counts('s');
            }
            Part::Code('0') => mask.iter_mut().for_each(|it| it.digit(true)),
            Part::Code('#' | '?') => mask.iter_mut().for_each(|it| it.digit(false)),
            // This is a number whatever letters surround it.
            Part::Code('%') if !date && !time => return Class::Number,
            Part::Code('E') if ahead(1) == "+" || ahead(1) == "-" => return Class::Number,
            Part::Code('G' | 'g') if ahead(6) == "ENERAL" => return Class::Number,
            Part::Code(c) if is_sign(*c) => mask.iter_mut().for_each(|it| it.places.push(Place::Sign(*c))),
            Part::Code(c) => {
                match c {
                    'y' | 'Y' | 'd' | 'D' | 'b' => date = true,
                    'e' => date |= ahead(1) != "+" && ahead(1) != "-",
                    'h' | 'H' | 's' | 'S' => time = true,
                    'm' | 'M' => month = true,
                    'A' | 'a' if ahead(4) == "M/PM" => {
                        time = true;
                        // The `M`s of `AM/PM` are no months.
                        at += 4;
                    }
                    'A' | 'a' => time |= ahead(2) == "/P",
                    _ => (),
                }
                mask = None;
            }
        }
    }
    match (date || (month && !time), time) {
        _ if elapsed => Class::Duration,
        (true, true) => Class::DateTime,
        (true, false) => Class::Date,
        (false, true) => Class::Time,
        _ => share(parts).unwrap_or_else(|| mask.and_then(Mask::settled).map_or(Class::Number, Class::Padded)),
    }
}

/// A letter of a code; what is none is no letter that a code knows.
fn letter(part: &Part) -> char {
    if let Part::Code(c) = part { *c } else { ' ' }
}

/// Whether a sign of a code stands for itself without quotation marks.
fn is_sign(c: char) -> bool {
    matches!(c, '-' | '+' | ' ' | '(' | ')' | ':' | '$' | '^' | '&' | '\'' | '~' | '{' | '}' | '<' | '>' | '=' | '!')
        || !c.is_ascii()
}

/// A per cent sign, or one of thousandths, that is all that stands behind the digits and that does not multiply.
fn share(parts: &[Part]) -> Option<Class> {
    let last = parts.iter().rposition(|it| matches!(it, Part::Code('0' | '#' | '?')))?;
    let behind: String = parts[last + 1..]
        .iter()
        .filter_map(|it| match it {
            Part::Sign(sign) => Some(*sign),
            Part::Bracket(_) => None,
            Part::Code(c) => Some(*c),
        })
        .collect();
    let blank = behind.starts_with(is_blank);
    match (behind.trim(), blank) {
        ("%", false) => Some(Class::Share("%")),
        ("%", true) => Some(Class::Share(" %")),
        ("\u{2030}", false) => Some(Class::Share("\u{2030}")),
        ("\u{2030}", true) => Some(Class::Share(" \u{2030}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_shown_with_the_signs_among_them() {
        let check = |code: &str, digits: &str, expected: &str| {
            let Class::Padded(mask) = class(&sections(code)[0]) else { panic!("{code} is not a mask") };
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
        // Behind the digits.
        check("00000\"-DE\"", "1067", "01067-DE");
        check("00000\"A\"", "12", "00012A");
        check("000000000\\X", "12345678", "012345678X");
        check("00\"h\"00", "730", "07h30");
        check("00000\"号\"", "42", "00042号");
        check("\"№ \"00000", "42", "№ 00042");
        // Places that need no digit, and those behind a zero, which do.
        check("#0000", "12", "0012");
        check("?0000", "12", "0012");
        check("#0000", "123456", "123456");
        check("0#\" \"##\" \"##\" \"##\" \"##", "123456789", "01 23 45 67 89");
        check("0##\"-\"####", "212345", "021-2345");
        check("# 000", "12", "012");
        // Blanks, units, currencies and the signs of what is below zero are none of the value.
        check("0000 ", "12", "0012");
        check("_(00000_)", "12", "00012");
        check("00 \"km\"", "7", "07");
        check("[$€-407] 000", "7", "007");
        check("000 €", "7", "007");
        check("-00000", "12", "00012");
        check("(00000)", "12", "00012");
        check("\"- \"00000", "12", "00012");
    }

    #[test]
    fn a_sign_of_per_cent_is_seen_where_it_does_not_multiply() {
        for (code, expected) in [
            ("0.0\\%", Some("%")),
            ("0.0\"%\"", Some("%")),
            ("0\" %\"", Some(" %")),
            ("#,##0.0 \\%", Some(" %")),
            ("00\\%", Some("%")),
            ("0.0\"‰\"", Some("‰")),
            ("0.0%", None),
            ("0.0%\\%", None),
            ("0\"% of all\"", None),
        ] {
            let found = class(&sections(code)[0]);
            assert_eq!(found, expected.map_or(Class::Number, Class::Share), "{code}");
        }
    }
}
