//! XML in pieces that keep every byte: what nobody edits is written as it was read.

use quick_xml::Reader;
use quick_xml::events::Event;

/// A piece of a part, as it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Piece<'a> {
    /// `<c r="A1">`.
    Start(&'a str),
    /// `<c r="A1"/>`.
    Empty(&'a str),
    /// `</c>`.
    End(&'a str),
    /// Text and whatever else stands between tags.
    Other(&'a str),
}

impl<'a> Piece<'a> {
    /// As it is written.
    pub fn raw(&self) -> &'a str {
        let (Piece::Start(it) | Piece::Empty(it) | Piece::End(it) | Piece::Other(it)) = *self;
        it
    }

    /// The name of its element, without what stands before a colon.
    pub fn name(&self) -> &'a str {
        let qualified = self.qualified();
        qualified.rsplit_once(':').map_or(qualified, |(_, it)| it)
    }

    /// The name of its element.
    pub fn qualified(&self) -> &'a str {
        let (Piece::Start(raw) | Piece::Empty(raw) | Piece::End(raw)) = *self else { return "" };
        let inner = raw.trim_start_matches(['<', '/']);
        &inner[..inner.find(|it: char| it.is_whitespace() || matches!(it, '/' | '>')).unwrap_or(inner.len())]
    }

    /// Whether it begins an element of this name.
    pub fn opens(&self, name: &str) -> bool {
        matches!(self, Piece::Start(_) | Piece::Empty(_)) && self.name() == name
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<String> {
        let (from, to) = place(self.raw(), name)?;
        quick_xml::escape::unescape(&self.raw()[from..to]).ok().map(|it| it.into_owned())
    }

    /// The tag with another value of an attribute, which is added where it has none.
    pub fn with(&self, name: &str, value: &str) -> String {
        let (raw, value) = (self.raw(), quick_xml::escape::escape(value));
        match place(raw, name) {
            Some((from, to)) => format!("{}{value}{}", &raw[..from], &raw[to..]),
            None => {
                let end = raw.trim_end_matches('>').trim_end_matches('/').trim_end().len();
                format!("{} {name}=\"{value}\"{}", &raw[..end], &raw[end..])
            }
        }
    }

    /// The tag without an attribute.
    pub fn without(&self, name: &str) -> String {
        let raw = self.raw();
        match place(raw, name) {
            Some((from, to)) => {
                let before = raw[..from - 1].trim_end().trim_end_matches('=').trim_end();
                format!("{}{}", before.strip_suffix(name).unwrap_or(before).trim_end(), &raw[to + 1..])
            }
            None => raw.to_owned(),
        }
    }
}

/// Where the value of an attribute stands in a tag, between its quotes.
fn place(raw: &str, name: &str) -> Option<(usize, usize)> {
    let mut at = raw.find(char::is_whitespace)?;
    loop {
        let rest = &raw[at..];
        let equals = at + rest.find('=')?;
        let own = raw[at..equals].trim();
        let quote = equals + raw[equals..].find(['"', '\''])?;
        let sign = raw[quote..].chars().next()?;
        let end = quote + 1 + raw[quote + 1..].find(sign)?;
        if own == name {
            return Some((quote + 1, end));
        }
        at = end + 1;
    }
}

/// All pieces of a part, in order.
pub fn pieces(xml: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut reader = Reader::from_str(xml);
    // What stands behind the rows of a sheet ends elements that began before them.
    reader.config_mut().allow_unmatched_ends = true;
    let (mut at, mut acc) = (0, Vec::new());
    // Where the text begins that ends here: a reference in it is an event of its own.
    let mut other = None;
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        let end = usize::try_from(reader.buffer_position()).map_err(|error| error.to_string())?;
        let raw = xml.get(at..end).ok_or("a piece ends within a character")?;
        let piece = match event {
            Event::Eof => None,
            Event::Start(_) => Some(Piece::Start(raw)),
            Event::Empty(_) => Some(Piece::Empty(raw)),
            Event::End(_) => Some(Piece::End(raw)),
            Event::DocType(_) => return Err("it has a document type".to_owned()),
            _ => {
                other.get_or_insert(at);
                at = end;
                continue;
            }
        };
        acc.extend(other.take().and_then(|from| xml.get(from..at)).map(Piece::Other));
        at = end;
        match piece {
            Some(piece) => acc.push(piece),
            None => return Ok(acc),
        }
    }
}

/// The part with some tags and texts in other words: what `edit` gives stands for the piece. It is told the name of the
/// element around a text.
pub fn edited(xml: &str, edit: &mut dyn FnMut(&Piece<'_>, &str) -> Option<String>) -> Result<String, String> {
    let (mut out, mut around) = (String::with_capacity(xml.len()), "");
    for piece in pieces(xml)? {
        match edit(&piece, around) {
            Some(it) => out.push_str(&it),
            None => out.push_str(piece.raw()),
        }
        around = match piece {
            Piece::Start(_) => piece.name(),
            Piece::Other(_) => around,
            _ => "",
        };
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PART: &str = "<?xml version=\"1.0\"?>\n<a x='1'  y = \"&lt;2\"><!-- no --><x:b/>t &amp; u<![CDATA[<]]></a>";

    #[test]
    fn what_nobody_edits_keeps_every_byte() {
        assert_eq!(edited(PART, &mut |_, _| None).as_deref(), Ok(PART));
        let names: Vec<&str> = pieces(PART).unwrap().iter().map(Piece::name).filter(|it| !it.is_empty()).collect();
        assert_eq!(names, ["a", "b", "a"]);
        assert!(pieces("<a><b></a>").is_err());
        assert!(pieces("<!DOCTYPE a><a/>").is_err());
    }

    #[test]
    fn attributes_are_read_and_written() {
        let tag = Piece::Start("<a x='1'  y = \"&lt;2\">");
        assert_eq!((tag.attribute("x").as_deref(), tag.attribute("y").as_deref()), (Some("1"), Some("<2")));
        assert_eq!(tag.attribute("z"), None);
        assert_eq!(tag.with("x", "a\"b"), "<a x='a&quot;b'  y = \"&lt;2\">");
        assert_eq!(tag.with("z", "3"), "<a x='1'  y = \"&lt;2\" z=\"3\">");
        assert_eq!(Piece::Empty("<a />").with("z", "3"), "<a z=\"3\" />");
        assert_eq!(tag.without("y"), "<a x='1'>");
        assert_eq!(tag.without("x"), "<a  y = \"&lt;2\">");
    }
}
