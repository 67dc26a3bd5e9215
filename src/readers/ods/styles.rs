//! The styles of an OpenDocument workbook: which number format a cell has, told as the code that Excel has for it.
//!
//! A style that is made of sections, each for a condition, is the code with these sections; its own parts are the last.

use std::collections::HashMap;
use std::io::Read;

use crate::readers::ReadError;
use crate::readers::formats::Formats;
use crate::readers::xml::{Element, Event, Xml};

/// Styles of all kinds at most.
const MAX_STYLES: usize = 1 << 17;
/// Sections of a style at most.
const SECTIONS: usize = 8;
/// Styles that name another one as what they come from.
const PARENTS: usize = 16;

/// What is known of styles.
#[derive(Default)]
pub(crate) struct Styles {
    /// Codes of number formats by the names of their styles.
    codes: HashMap<String, String>,
    /// The style of a cell: that of its numbers, and that from which it comes.
    cells: HashMap<String, (Option<String>, Option<String>)>,
    /// Styles of tables that are not shown, and of rows and columns that have no height or width.
    hidden: Vec<(Of, String)>,
    open: Open,
}

/// What of a sheet has a style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Table,
    Row,
    Column,
}

/// The style that is being read.
#[derive(Default)]
struct Open {
    name: String,
    /// Element by which the style of numbers ends; empty outside of one.
    element: String,
    code: String,
    /// Whether hours count on beyond a day.
    elapsed: bool,
    /// The conditions of its sections, and the names of the styles that show them.
    sections: Vec<(String, String)>,
    /// The style of a table, row or column that is open.
    part: Option<(Of, String)>,
    number: Number,
}

/// The digits of a number, with signs among them.
#[derive(Default)]
struct Number {
    digits: usize,
    /// Whether it is more than a whole number without groups.
    other: bool,
    /// How many digits stand behind each sign.
    signs: Vec<(usize, String)>,
}

impl Styles {
    /// Reads a part to its end.
    pub(crate) fn read<R: Read>(&mut self, mut xml: Xml<R>) -> Result<(), ReadError> {
        let place = xml.place().clone();
        loop {
            match xml.next()? {
                Event::Eof => return Ok(()),
                event => self.event(&event),
            }
            if self.codes.len() + self.cells.len() + self.hidden.len() > MAX_STYLES {
                return Err(place.damaged("has more styles than a workbook can have"));
            }
        }
    }

    /// Takes what stands before the cells of the same part.
    pub(crate) fn event(&mut self, event: &Event<'_>) {
        let open = &mut self.open;
        match event {
            Event::Start(element) => match element.name {
                _ if open.element.is_empty() => self.style(element, false),
                "number" | "fraction" | "scientific-number" => open.number = Number::of(element),
                "embedded-text" => {
                    let at = element.attribute("position").and_then(|it| it.parse().ok());
                    open.number.signs.push((at.unwrap_or(0), String::new()));
                }
                name => open.part(name, element),
            },
            Event::Empty(element) => match element.name {
                _ if open.element.is_empty() => self.style(element, true),
                "number" | "fraction" | "scientific-number" => Number::of(element).write(&mut open.code),
                name => open.part(name, element),
            },
            Event::Text(text) | Event::Plain(text) if !open.element.is_empty() => {
                let mut plain = String::new();
                crate::readers::xml::push_text(&mut plain, text);
                match open.number.signs.last_mut() {
                    Some((_, sign)) => sign.push_str(&plain),
                    // Line breaks are those of a part that is written for people.
                    None if plain.contains('\n') => (),
                    None => quoted(&plain, &mut open.code),
                }
            }
            Event::End(name) if *name == open.element => {
                let open = std::mem::take(open);
                // A section has no sections of its own.
                let section = |name: &String| self.codes.get(name).filter(|it| !it.contains(';'));
                let known = open.sections.iter().filter_map(|(test, name)| Some((test, section(name)?)));
                let mut code: String = known.map(|(test, code)| format!("{test}{code};")).collect();
                code.push_str(&open.code);
                self.codes.insert(open.name, code);
            }
            Event::End("number" | "fraction" | "scientific-number") => {
                std::mem::take(&mut open.number).write(&mut open.code);
            }
            Event::End("style") => open.part = None,
            _ => (),
        }
    }

    /// A style begins, or is all there is of it.
    fn style(&mut self, element: &Element<'_>, empty: bool) {
        let open = &mut self.open;
        let name = || element.attribute("name").unwrap_or_default();
        match element.name {
            "style" => match element.attribute("family").as_deref() {
                Some("table-cell") => {
                    let of = (element.attribute("data-style-name"), element.attribute("parent-style-name"));
                    self.cells.insert(name(), of);
                }
                Some("table") if !empty => open.part = Some((Of::Table, name())),
                Some("table-row") if !empty => open.part = Some((Of::Row, name())),
                Some("table-column") if !empty => open.part = Some((Of::Column, name())),
                _ => (),
            },
            "table-properties" if element.attribute("display").as_deref() == Some("false") => {
                self.hidden.extend(open.part.clone());
            }
            "table-row-properties" if is_none(element.attribute("row-height")) => {
                self.hidden.extend(open.part.clone());
            }
            "table-column-properties" if is_none(element.attribute("column-width")) => {
                self.hidden.extend(open.part.clone());
            }
            "number-style" | "percentage-style" | "currency-style" | "date-style" | "time-style" | "boolean-style"
            | "text-style"
                if !empty =>
            {
                *open = Open { name: name(), element: element.name.to_owned(), ..Open::default() };
                open.elapsed = element.attribute("truncate-on-overflow").as_deref() == Some("false");
                // What shows a share, a currency or words is the number itself.
                match element.name {
                    "percentage-style" | "currency-style" => open.code.push('%'),
                    "boolean-style" | "text-style" => open.code.push_str("General"),
                    _ => (),
                }
            }
            _ => (),
        }
    }

    /// Whether a table, row or column of this style is shown.
    pub(crate) fn is_shown(&self, of: Of, style: Option<&str>) -> bool {
        style.is_none_or(|it| !self.hidden.iter().any(|(part, hidden)| *part == of && hidden == it))
    }

    /// The format of a cell of this style, as an index into the codes of `formats`.
    pub(crate) fn format(&self, style: &str, formats: &mut Formats) -> u32 {
        let mut style = Some(style);
        for _ in 0..PARENTS {
            let Some((data, parent)) = style.and_then(|it| self.cells.get(it)) else { break };
            if let Some(code) = data.as_ref().and_then(|it| self.codes.get(it)) {
                return formats.intern(code);
            }
            style = parent.as_deref();
        }
        formats.intern("General")
    }
}

impl Open {
    /// A part of a style of numbers.
    fn part(&mut self, name: &str, element: &Element<'_>) {
        let code = match name {
            "year" | "era" => "yyyy",
            "month" => "mmm",
            "day" => "dd",
            "day-of-week" => "dddd",
            // A calendar's weeks and quarters are days.
            "week-of-year" | "quarter" => "d",
            "hours" if self.elapsed => "[hh]",
            "hours" => "hh",
            // Minutes without hours would be months.
            "minutes" if self.elapsed && self.code.is_empty() => "[mm]",
            "minutes" => ":m",
            "seconds" if self.elapsed && self.code.is_empty() => "[ss]",
            "seconds" => "ss",
            "am-pm" => "AM/PM",
            "text-content" => "@",
            "map" => {
                let test = element.attribute("condition").and_then(|it| condition(&it));
                let sections =
                    (test.zip(element.attribute("apply-style-name"))).filter(|_| self.sections.len() < SECTIONS);
                self.sections.extend(sections);
                return;
            }
            _ => return,
        };
        self.code.push_str(code);
    }
}

impl Number {
    fn of(element: &Element<'_>) -> Number {
        let count = |name: &str| element.attribute(name).and_then(|it| it.parse::<usize>().ok()).unwrap_or(0);
        let grouped = element.attribute("grouping").as_deref() == Some("true");
        let scaled = element.attribute("display-factor").is_some_and(|it| it != "1");
        Number {
            digits: count("min-integer-digits"),
            other: element.name != "number" || grouped || scaled || count("decimal-places") > 0,
            signs: Vec::new(),
        }
    }

    /// Appends it as Excel writes it.
    fn write(mut self, code: &mut String) {
        if self.other || self.digits == 0 || self.digits > 64 {
            code.push('#');
            return;
        }
        self.signs.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let mut signs = self.signs.into_iter().peekable();
        for left in (1..=self.digits).rev() {
            while let Some((_, sign)) = signs.next_if(|(at, _)| *at >= left && *at > 0 || *at == left) {
                quoted(&sign, code);
            }
            code.push('0');
        }
        for (_, sign) in signs {
            quoted(&sign, code);
        }
    }
}

/// Whether a length, `0cm`, is none.
fn is_none(length: Option<String>) -> bool {
    length.is_some_and(|it| it.trim().trim_end_matches(|it: char| it.is_ascii_alphabetic()).parse() == Ok(0.0))
}

/// A condition, `value()>=0`, as it stands in a code.
fn condition(text: &str) -> Option<String> {
    let test = text.trim().strip_prefix("value()")?.trim().replace("!=", "<>");
    Some(format!("[{test}]"))
}

/// Appends a text that stands for itself.
fn quoted(text: &str, code: &mut String) {
    for sign in text.chars() {
        code.push('\\');
        code.push(sign);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::formats::{Class, classify};
    use crate::readers::xml::Place;

    fn code(style: &str) -> String {
        let text = format!("<a>{style}<style name='c' family='table-cell' data-style-name='n'/></a>");
        let place = Place { file: "a.ods".to_owned(), part: "styles.xml".to_owned() };
        let mut styles = Styles::default();
        styles.read(Xml::new(text.as_bytes(), place)).expect("it is XML");
        let mut formats = Formats::plain();
        let at = styles.format("c", &mut formats);
        formats.codes[at as usize].0.clone()
    }

    #[test]
    fn styles_are_told_as_codes() {
        let number = |inside: &str| code(&format!("<number-style name='n'>{inside}</number-style>"));
        assert_eq!(number("<number min-integer-digits='5' decimal-places='0'/>"), "00000");
        assert_eq!(number("<number min-integer-digits='1' decimal-places='2'/>"), "#");
        assert_eq!(
            number(
                "<text>A-</text><number min-integer-digits='9'><embedded-text position='6'>-</embedded-text>\
                 <embedded-text position='4'>-</embedded-text></number>"
            ),
            "\\A\\-000\\-00\\-0000"
        );
        let priced = |sign: &str| {
            let code = code(&format!(
                "<currency-style name='n'><number min-integer-digits='1'/><text> </text><currency-symbol>{sign}\
                 </currency-symbol></currency-style>"
            ));
            assert_eq!(classify(&code).first(), &Class::Number);
            crate::text::priced::currency_of_format(&code)
        };
        assert_eq!(["€", "USD", "£"].map(priced).map(Option::unwrap_or_default), ["EUR", "USD", "GBP"]);
        let time = |inside: &str, rest: &str| code(&format!("<time-style name='n' {rest}>{inside}</time-style>"));
        let clock = "<hours/><text>:</text><minutes/><text>:</text><seconds/>";
        let class = |code: &str| classify(code).first().clone();
        assert_eq!(class(&time(clock, "")), Class::Time);
        assert_eq!(class(&time(clock, "truncate-on-overflow='false'")), Class::Duration);
        let date = "<date-style name='n'><year/><text>-</text><month/><text>-</text><day/></date-style>";
        assert_eq!(class(&code(date)), Class::Date);
        let both = "<date-style name='n'><day/><text>.</text><month/><text> </text><hours/><minutes/></date-style>";
        assert_eq!(class(&code(both)), Class::DateTime);
        let month = "<date-style name='n'><month/><text> </text><year/></date-style>";
        assert_eq!(class(&code(month)), Class::Date);
        let sections = "<number-style name='p'><number min-integer-digits='4'/></number-style>\
                        <number-style name='n'><text>-</text><number min-integer-digits='1'/>\
                        <map condition='value()>=0' apply-style-name='p'/></number-style>";
        assert_eq!(code(sections), "[>=0]0000;\\-0");
        let last = "<number-style name='p'><number min-integer-digits='5'/></number-style>\
                    <number-style name='n'><number min-integer-digits='9'>\
                    <embedded-text position='4'>-</embedded-text></number>\
                    <map condition='value()&lt;=99999' apply-style-name='p'/></number-style>";
        assert_eq!(code(last), "[<=99999]00000;00000\\-0000");
    }
}
