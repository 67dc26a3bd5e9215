//! The shared strings of a workbook: one long text and where each string ends, read only as far as cells ask.
//!
//! What the table claims to hold is not believed, phonetic hints are dropped, runs of rich text are joined.

use std::io;

use crate::readers::package::{Package, Part};
use crate::readers::problems::too_large;
use crate::readers::xml::{Event, Place, Xml, push_text};
use crate::readers::{ReadError, Request, cells};

/// Shared strings that are read when they are needed.
pub(crate) struct Strings<'a> {
    xml: Xml<Part<'a>>,
    text: String,
    ends: Vec<usize>,
    raw: String,
    at_end: bool,
    cell_bytes: u64,
    file: String,
}

impl<'a> Strings<'a> {
    pub(crate) fn open(package: &'a mut Package, part: &str, request: &Request) -> Result<Strings<'a>, ReadError> {
        let place = package.place(part);
        let xml = Xml::new(package.part(part)?, place);
        Ok(Strings {
            xml,
            text: String::new(),
            ends: Vec::new(),
            raw: String::new(),
            at_end: false,
            cell_bytes: request.limits.cell_bytes,
            file: request.name.clone(),
        })
    }

    /// The string of an index; `None` if the table has no such string.
    #[inline]
    pub(crate) fn get(&mut self, index: usize) -> Result<Option<&str>, ReadError> {
        while index >= self.ends.len() {
            if self.at_end {
                return Ok(None);
            }
            self.read_one()?;
        }
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        Ok(Some(&self.text[start..self.ends[index]]))
    }

    /// Unpacks the rest of the part, so that its size and its checksum are known to be right.
    pub(crate) fn drain(mut self) -> Result<(), ReadError> {
        if self.ends.is_empty() && !self.at_end {
            self.read_one()?;
        }
        let place: Place = self.xml.place().clone();
        if self.at_end {
            return self.xml.drain();
        }
        let mut rest = self.xml.into_inner();
        io::copy(&mut rest, &mut io::sink()).map(drop).map_err(|error| place.failed(&error))
    }

    /// Reads one `<si>`, or the end.
    fn read_one(&mut self) -> Result<(), ReadError> {
        let (mut inside, mut in_text, mut phonetic) = (false, false, 0_u32);
        self.raw.clear();
        loop {
            match self.xml.next()? {
                Event::Start(element) => match element.name {
                    "si" => inside = true,
                    "rPh" => phonetic += 1,
                    "t" => in_text = inside && phonetic == 0,
                    _ => (),
                },
                Event::End("si") => break,
                Event::End("rPh") => phonetic = phonetic.saturating_sub(1),
                Event::End("t") => in_text = false,
                Event::Empty(element) if element.name == "si" => break,
                Event::Text(text) if in_text && !push_text(&mut self.raw, text) => {
                    return Err(self.xml.place().damaged("holds a reference that XML does not know"));
                }
                Event::Plain(text) if in_text => self.raw.push_str(text),
                Event::Eof => {
                    self.at_end = true;
                    return Ok(());
                }
                _ => (),
            }
            if self.raw.len() as u64 > self.cell_bytes {
                return Err(too_large(&self.file, "a text is longer than a cell may be"));
            }
        }
        cells::write_text(&mut self.text, &self.raw);
        self.ends.push(self.text.len());
        Ok(())
    }
}
