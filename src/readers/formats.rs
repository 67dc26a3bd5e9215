//! Number formats: what a format says a number is.
//!
//! Only what changes the text of a value is told apart: dates, times, durations, padding with zeros and a per cent sign that
//! is only written. Currencies, percentages and colours leave the number as it is.
//!
//! A code has up to four sections, of which a condition, or the sign of the number, chooses one: ECMA-376 part 1, 18.8.31.

mod section;

pub(crate) use section::{Class, Mask};
use section::{Part, Test};

/// What a number format makes of numbers: a class for each of its sections.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Look {
    /// In order, without the section for texts. Nothing if the format shows every number as it is.
    sections: Vec<(Option<Test>, Class)>,
}

impl Look {
    /// What it makes of `number`; what no section is for stays as it is.
    pub(crate) fn of(&self, number: f64) -> &Class {
        let last = self.sections.len().saturating_sub(1);
        let mut all = self.sections.iter().enumerate();
        let chosen = all.find(|(at, (test, _))| match test {
            Some(test) => test.holds(number),
            None if *at == last => true,
            None if *at == 0 => number > 0.0 || (last == 1 && number == 0.0),
            None => number < 0.0,
        });
        chosen.map_or(&Class::Number, |(_, (_, class))| class)
    }

    /// What its first section makes of a number.
    pub(crate) fn first(&self) -> &Class {
        self.sections.first().map_or(&Class::Number, |(_, class)| class)
    }

    /// Whether it shows every number as it is.
    pub(crate) fn is_plain(&self) -> bool {
        self.sections.is_empty()
    }
}

impl From<Class> for Look {
    fn from(class: Class) -> Look {
        Look { sections: if class == Class::Number { Vec::new() } else { vec![(None, class)] } }
    }
}

/// The number formats of a workbook, by cell style.
#[derive(Debug, Default)]
pub(crate) struct Formats {
    /// Distinct codes with what they make of numbers; a cell's format is an index here.
    pub(crate) codes: Vec<(String, Look)>,
    /// For each cell style an index into `codes`.
    pub(crate) styles: Vec<u32>,
}

impl Formats {
    /// A workbook without styles.
    pub(crate) fn plain() -> Formats {
        Formats { codes: vec![("General".to_owned(), Look::default())], styles: Vec::new() }
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

/// What a format code makes of numbers.
pub(crate) fn classify(code: &str) -> Look {
    let mut parts = section::sections(code);
    let is_text = |it: &Vec<Part>| it.contains(&Part::Code('@'));
    // The fourth is for texts, and so is a last one that shows the text.
    parts.truncate(3.max(parts.iter().filter(|it| section::test(it).is_some()).count() + 1));
    if parts.len() > 1 && parts.last().is_some_and(is_text) {
        parts.pop();
    }
    let sections: Vec<_> = parts.iter().map(|it| (section::test(it), section::class(it))).collect();
    let plain = sections.iter().all(|(_, class)| *class == Class::Number);
    Look { sections: if plain { Vec::new() } else { sections } }
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
            ("0 \"km\"", Class::Number),
            ("00.00", Class::Number),
            ("00/00", Class::Number),
            ("#,##0.00", Class::Number),
            ("0,000", Class::Number),
            ("# ??/??", Class::Number),
            ("###-####", Class::Number),
            ("0.00E+00", Class::Number),
            ("0%", Class::Number),
            ("00000%", Class::Number),
            ("[$R-1C09] #,##0.00", Class::Number),
            ("\"days\" 0", Class::Number),
            ("[Red]0.00;[Blue]0", Class::Number),
            ("@", Class::Number),
            ("yyyy-mm-dd", Class::Date),
            ("[$-409]d\\-mmm\\-yyyy;@", Class::Date),
            ("mmm", Class::Date),
            ("dddd", Class::Date),
            ("yyyy\"年\"m\"月\"d\"日\"", Class::Date),
            ("yyyy\\-mm\\-dd\"T\"hh:mm:ss", Class::DateTime),
            ("m/d/yy h:mm", Class::DateTime),
            ("h:mm AM/PM", Class::Time),
            ("mm:ss.0", Class::Time),
            ("[h]:mm:ss", Class::Duration),
            ("[mm]:ss", Class::Duration),
        ];
        for (code, class) in cases {
            assert_eq!(*classify(code).first(), class, "{code}");
        }
    }

    #[test]
    fn a_condition_or_the_sign_of_the_number_chooses_the_section() {
        let day = |code: &str, number: f64| *classify(code).of(number) == Class::Date;
        for (code, dates) in [
            ("yyyy", [true, true, true]),
            ("yyyy;0", [true, true, false]),
            ("0;yyyy", [false, false, true]),
            ("0;0;yyyy", [false, true, false]),
            ("0;yyyy;@", [false, false, true]),
            ("[>5]yyyy;0", [true, false, false]),
            ("[<=0]yyyy;0", [false, true, true]),
            ("[>5]0;yyyy", [false, true, true]),
            ("[>5]0;yyyy;0", [false, false, true]),
            ("[>5]0;[<0]0;yyyy", [false, true, false]),
            ("[>5]yyyy", [true, false, false]),
            ("[<>0][Red]yyyy;0", [true, false, true]),
            ("[=7]yyyy;0", [true, false, false]),
            ("[>5]0;[<0]0;[=0]yyyy;0", [false, true, false]),
        ] {
            assert_eq!([7.0, 0.0, -7.0].map(|it| day(code, it)), dates, "{code}");
        }
    }

    #[test]
    fn built_in_formats_are_of_the_class_they_show() {
        let cases = [(0, Class::Number), (14, Class::Date), (22, Class::DateTime), (20, Class::Time)];
        for (id, class) in cases.into_iter().chain([(46, Class::Duration), (48, Class::Number), (9999, Class::Number)])
        {
            assert_eq!(*classify(built_in(id)).first(), class, "{id}");
        }
    }
}
