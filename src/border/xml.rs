//! The XML of workbook parts: events in order, strictly, without entities of the file's own.
//!
//! A document type is refused whatever it says, other encodings than UTF-8 are refused by name, and a part that ends
//! with elements still open is not a shorter part.

use std::io::{self, BufRead};

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::border::ReadError;
use crate::border::package::fault_of;
use crate::border::problems::{damaged, shown};

/// A part of a workbook as a stream of events.
pub(crate) struct Xml<R> {
    reader: Reader<R>,
    buffer: Vec<u8>,
    place: Place,
    depth: u64,
    elements: u64,
}

/// How messages name the part.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) file: String,
    pub(crate) part: String,
}

impl Place {
    /// The part is not what it should be.
    pub(crate) fn damaged(&self, what: impl AsRef<str>) -> ReadError {
        damaged(&self.file, format!("part `{}` {}", shown(&self.part), what.as_ref()))
    }

    /// What a failed read means.
    pub(crate) fn failed(&self, error: &io::Error) -> ReadError {
        fault_of(error).unwrap_or_else(|| self.damaged(format!("cannot be unpacked: {error}")))
    }
}

impl<R: BufRead> Xml<R> {
    /// Looks at the encoding first.
    pub(crate) fn new(mut input: R, place: Place) -> Result<Xml<R>, ReadError> {
        let start = input.fill_buf().map_err(|error| place.failed(&error))?;
        if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") || start.starts_with(b"<\0") {
            return Err(place.damaged("is written in UTF-16, which is not read"));
        }
        let mut reader = Reader::from_reader(input);
        reader.config_mut().check_end_names = true;
        Ok(Xml { reader, buffer: Vec::with_capacity(1024), place, depth: 0, elements: 0 })
    }

    /// The next event; the end only after every element was closed.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Event<'_>, ReadError> {
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| explain(&self.place, error))?;
        match &event {
            Event::Start(_) => {
                self.depth += 1;
                self.elements += 1;
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Empty(_) => self.elements += 1,
            Event::DocType(_) => return Err(self.place.damaged("declares a document type, which no workbook needs")),
            Event::Decl(declaration) => {
                let encoding = declaration.encoding().transpose().ok().flatten();
                let known = |it: &str| it.eq_ignore_ascii_case("utf-8") || it.eq_ignore_ascii_case("us-ascii");
                if let Some(other) = encoding.filter(|it| !known(it)) {
                    return Err(self.place.damaged(format!("is written in `{}`, which is not read", shown(&other))));
                }
            }
            Event::Eof if self.depth > 0 || self.elements == 0 => {
                return Err(self.place.damaged("ends before it is complete"));
            }
            _ => (),
        }
        Ok(event)
    }

    /// Where this is, for messages.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Reads up to the end, so that everything is checked.
    pub(crate) fn drain(&mut self) -> Result<(), ReadError> {
        while !matches!(self.next()?, Event::Eof) {}
        Ok(())
    }

    /// What reads the part, where the events left off.
    pub(crate) fn into_inner(self) -> R {
        self.reader.into_inner()
    }
}

fn explain(place: &Place, error: quick_xml::Error) -> ReadError {
    match error {
        quick_xml::Error::Io(error) => place.failed(&error),
        quick_xml::Error::Encoding(_) => place.damaged("holds bytes that are not UTF-8"),
        other => {
            // The library's words may quote what stands in the part.
            let what = match other {
                quick_xml::Error::Syntax(_) => "ends in the middle of an element",
                quick_xml::Error::IllFormed(_) => "has elements that do not match",
                _ => "is not well-formed XML",
            };
            place.damaged(what)
        }
    }
}

/// Appends what a reference such as `&amp;` or `&#10;` stands for.
pub(crate) fn push_reference(out: &mut String, reference: &BytesRef<'_>) -> bool {
    match reference.resolve_char_ref() {
        Ok(Some(c)) if is_xml_char(c) => out.push(c),
        Ok(None) => match resolve_predefined_entity(reference) {
            Some(text) => out.push_str(text),
            None => return false,
        },
        _ => return false,
    }
    true
}

fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Appends text as XML reads it: every line ends with one line feed.
pub(crate) fn push_text(out: &mut String, text: &str) {
    if text.contains('\r') {
        out.push_str(&text.replace("\r\n", "\n").replace('\r', "\n"));
    } else {
        out.push_str(text);
    }
}

/// The attributes of an element as they are written: local name and raw value. Ends at the first that is malformed.
///
/// Names are not checked for repetition, which would take quadratic time on a hostile element.
pub(crate) fn attributes<'a>(element: &'a BytesStart<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let text = element.attributes_raw();
    let bytes = text.as_bytes();
    let mut at = 0;
    // By bytes: this runs for every cell, and all that is looked for is ASCII.
    std::iter::from_fn(move || {
        let space = |it: &u8| matches!(it, b' ' | b'\t' | b'\r' | b'\n');
        at += bytes.get(at..)?.iter().take_while(|it| space(it)).count();
        let mut start = at;
        while *bytes.get(at)? != b'=' {
            if bytes[at] == b':' {
                start = at + 1;
            }
            at += 1;
        }
        let name = text.get(start..at)?.trim_ascii_end();
        at += 1;
        at += bytes.get(at..)?.iter().take_while(|it| space(it)).count();
        let quote = *bytes.get(at).filter(|it| matches!(it, b'"' | b'\''))?;
        let start = at + 1;
        at = start + bytes.get(start..)?.iter().position(|it| *it == quote)?;
        let value = text.get(start..at)?;
        at += 1;
        Some((name, value))
    })
}

/// One attribute with its references resolved.
pub(crate) fn attribute(element: &BytesStart<'_>, wanted: &str) -> Option<String> {
    let (_, value) = attributes(element).find(|(name, _)| *name == wanted)?;
    quick_xml::escape::unescape(value).ok().map(|it| it.into_owned())
}

/// How XML Schema writes "true".
pub(crate) fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true")
}
