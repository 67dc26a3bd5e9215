//! The XML of workbook parts: events in order, strictly, without entities of the file's own.
//!
//! A tokenizer of our own over a sliding window: events borrow from the window, so that a cell costs no copy and no
//! allocation. A document type is refused whatever it says, encodings that nobody knows are refused by name, elements
//! must match, and a part that ends with elements still open is not a shorter part.
//!
//! Not here: name spaces (local names are enough to read a workbook) and whatever else validation would need.

mod transcode;

use std::io::{self, Read};

use crate::readers::ReadError;
use crate::readers::fault::fault_of;
use crate::readers::problems::{damaged, shown};
use transcode::{Transcoded, known};

/// Bytes that are read at once; a token that is longer doubles what is read.
const WINDOW: usize = 1 << 16;

/// A part of a workbook as a stream of events.
pub(crate) struct Xml<R> {
    input: Transcoded<R>,
    place: Place,
    /// Text that is read and not yet passed on starts at `at`.
    window: String,
    at: usize,
    /// Bytes that were read and are not yet text: the start of a character.
    raw: Vec<u8>,
    at_end: bool,
    /// Behind the window come bytes that are no text; what stands before them may say why.
    broken: bool,
    /// The names of the open elements, one after the other, and where each starts.
    names: String,
    open: Vec<usize>,
    elements: u64,
}

/// What a part consists of.
#[derive(Debug, PartialEq)]
pub(crate) enum Event<'a> {
    Start(Element<'a>),
    /// `<c/>`: no end follows.
    Empty(Element<'a>),
    /// The local name of an element that ends.
    End(&'a str),
    /// Text as it is written, with its references.
    Text(&'a str),
    /// Text without references.
    Plain(&'a str),
    Eof,
}

/// An element's local name and its attributes as they are written.
#[derive(Debug, PartialEq)]
pub(crate) struct Element<'a> {
    pub(crate) name: &'a str,
    attributes: &'a str,
}

/// What the scanner sees next; places are those of the window.
enum Token {
    Text { end: usize },
    Start { name: usize, end: usize, empty: bool },
    End { end: usize },
    Plain { start: usize, end: usize },
    Declaration { end: usize },
    Nothing { end: usize },
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
        fault_of(error).unwrap_or_else(|| match error.kind() {
            io::ErrorKind::InvalidData => self.damaged("holds bytes that its encoding does not have"),
            _ => self.damaged(format!("cannot be unpacked: {error}")),
        })
    }
}

impl<R: Read> Xml<R> {
    pub(crate) fn new(input: R, place: Place) -> Xml<R> {
        Xml {
            input: Transcoded::new(input),
            place,
            window: String::with_capacity(2 * WINDOW),
            at: 0,
            raw: Vec::new(),
            at_end: false,
            broken: false,
            names: String::new(),
            open: Vec::new(),
            elements: 0,
        }
    }

    /// The next event; the end only after every element was closed.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Event<'_>, ReadError> {
        loop {
            let token = match self.scan() {
                Ok(Some(token)) => token,
                Ok(None) if self.more()? => continue,
                Ok(None) => return self.end(),
                Err(what) => return Err(self.place.damaged(what)),
            };
            let start = self.at;
            match token {
                Token::Text { end } => {
                    self.at = end;
                    if !self.open.is_empty() {
                        return Ok(Event::Text(&self.window[start..end]));
                    }
                    let outside = &self.window[start..end];
                    let mark = if self.elements == 0 { '\u{feff}' } else { ' ' };
                    if !outside.trim_start_matches(mark).trim_ascii().is_empty() {
                        return Err(self.place.damaged("has text outside its elements"));
                    }
                }
                Token::Start { name, end, empty } => {
                    self.at = end + 1;
                    self.elements += 1;
                    if self.open.is_empty() && self.elements > 1 {
                        return Err(self.place.damaged("has elements after its end"));
                    }
                    let full = &self.window[start + 1..name];
                    if !empty {
                        self.open.push(self.names.len());
                        self.names.push_str(full);
                    }
                    let attributes = &self.window[name..end - usize::from(empty)];
                    let element = Element { name: local(full), attributes };
                    return Ok(if empty { Event::Empty(element) } else { Event::Start(element) });
                }
                Token::End { end } => {
                    self.at = end + 1;
                    let full = self.window[start + 2..end].trim_ascii_end();
                    let from = self.open.pop().unwrap_or(usize::MAX);
                    if self.names.get(from..) != Some(full) {
                        return Err(self.place.damaged("has elements that do not match"));
                    }
                    self.names.truncate(from);
                    return Ok(Event::End(local(full)));
                }
                Token::Plain { start, end } => {
                    self.at = end + 3;
                    if self.open.is_empty() {
                        return Err(self.place.damaged("has text outside its elements"));
                    }
                    return Ok(Event::Plain(&self.window[start..end]));
                }
                Token::Declaration { end } => {
                    self.at = end;
                    let element = Element { name: "xml", attributes: &self.window[start + 5..end - 2] };
                    let encoding = element.attribute("encoding").unwrap_or_else(|| "utf-8".to_owned());
                    if known(&encoding).is_none() {
                        let what = format!("is written in `{}`, which is not read", shown(&encoding));
                        return Err(self.place.damaged(what));
                    }
                }
                Token::Nothing { end } => self.at = end,
            }
        }
    }

    /// What stands at `at`; `None` if the window ends before it does.
    #[inline]
    fn scan(&self) -> Result<Option<Token>, &'static str> {
        let bytes = &self.window.as_bytes()[self.at..];
        let Some(first) = bytes.first() else { return Ok(None) };
        if *first != b'<' {
            let length = bytes.iter().position(|it| *it == b'<');
            // Text at the very end is judged there.
            let end = length.or(self.at_end.then_some(bytes.len()));
            return Ok(end.map(|it| Token::Text { end: self.at + it }));
        }
        match bytes.get(1) {
            None => Ok(None),
            Some(b'/') => {
                let end = bytes.iter().position(|it| *it == b'>');
                Ok(end.map(|it| Token::End { end: self.at + it }))
            }
            Some(b'!' | b'?') => self.scan_markup(),
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80..) => {
                let ends_name = |it: &u8| matches!(it, b' ' | b'\t' | b'\r' | b'\n' | b'/' | b'>');
                let Some(name) = bytes.iter().position(ends_name) else { return Ok(None) };
                let mut quote = 0;
                for (at, byte) in bytes.iter().enumerate().skip(name) {
                    match *byte {
                        it if quote != 0 => quote = if it == quote { 0 } else { quote },
                        b'>' => {
                            let empty = bytes[at - 1] == b'/';
                            return Ok(Some(Token::Start { name: self.at + name, end: self.at + at, empty }));
                        }
                        it @ (b'"' | b'\'') => quote = it,
                        b'<' => return Err("has an element that is not closed"),
                        _ => (),
                    }
                }
                Ok(None)
            }
            Some(_) => Err("is not well-formed XML"),
        }
    }

    /// Comments, instructions, plain text and what is refused.
    fn scan_markup(&self) -> Result<Option<Token>, &'static str> {
        let text = &self.window[self.at..];
        let until = |from: usize, mark: &str| {
            let found = text.get(from..).and_then(|it| it.find(mark));
            found.map(|it| self.at + from + it)
        };
        if text.starts_with("<!--") {
            Ok(until(4, "-->").map(|it| Token::Nothing { end: it + 3 }))
        } else if text.starts_with("<![CDATA[") {
            Ok(until(9, "]]>").map(|end| Token::Plain { start: self.at + 9, end }))
        } else if text.starts_with("<!DOCTYPE") {
            Err("declares a document type, which no workbook needs")
        } else if text.starts_with("<?") {
            let declares = text.starts_with("<?xml") && text[5..].starts_with([' ', '\t', '\r', '\n']);
            let end = until(2, "?>").map(|it| it + 2);
            Ok(end.map(|end| if declares { Token::Declaration { end } } else { Token::Nothing { end } }))
        } else if text.len() < 9 {
            Ok(None)
        } else {
            Err("is not well-formed XML")
        }
    }

    /// Reads on; `false` at the end.
    fn more(&mut self) -> Result<bool, ReadError> {
        if self.broken {
            return Err(self.place.damaged("holds bytes that are not UTF-8"));
        }
        if self.at_end {
            return Ok(false);
        }
        self.window.drain(..self.at);
        self.at = 0;
        let carried = self.raw.len();
        self.raw.resize(carried + WINDOW.max(self.window.len()), 0);
        let count = loop {
            match self.input.read(&mut self.raw[carried..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                other => break other.map_err(|error| self.place.failed(&error))?,
            }
        };
        self.raw.truncate(carried + count);
        self.at_end = count == 0;
        let new = self.raw.as_slice();
        let (valid, broken) = match std::str::from_utf8(new) {
            Ok(text) => (text, false),
            Err(error) => {
                let broken = error.error_len().is_some() || self.at_end;
                (std::str::from_utf8(&new[..error.valid_up_to()]).unwrap_or_default(), broken)
            }
        };
        self.broken = broken;
        self.window.push_str(valid);
        let used = self.raw.len() - (new.len() - valid.len());
        self.raw.drain(..used);
        // At the end there is one more look: text without an element after it is complete now.
        Ok(!self.at_end || self.at < self.window.len() || broken)
    }

    fn end(&self) -> Result<Event<'static>, ReadError> {
        if self.open.is_empty() && self.elements > 0 && self.at == self.window.len() {
            return Ok(Event::Eof);
        }
        Err(self.place.damaged("ends before it is complete"))
    }

    /// Where this is, for messages.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Reads up to the end, so that everything is checked.
    pub(crate) fn drain(&mut self) -> Result<(), ReadError> {
        while self.next()? != Event::Eof {}
        Ok(())
    }

    /// What reads the part, where the window left off.
    pub(crate) fn into_inner(self) -> R {
        self.input.inner
    }
}

/// A name without its prefix.
#[inline]
fn local(name: &str) -> &str {
    match name.as_bytes().iter().position(|it| *it == b':') {
        Some(at) => &name[at + 1..],
        None => name,
    }
}

/// An attribute without a name, a value or quotes.
#[derive(Debug, PartialEq)]
pub(crate) struct Malformed;

impl<'a> Element<'a> {
    /// The attributes as they are written: local name and raw value.
    ///
    /// Names are not checked for repetition, which would take quadratic time on a hostile element.
    #[inline]
    pub(crate) fn attributes(&self) -> Attributes<'a> {
        Attributes { text: self.attributes, at: 0 }
    }

    /// One attribute with its references resolved; `None` if it is not there or cannot be understood.
    pub(crate) fn attribute(&self, wanted: &str) -> Option<String> {
        let (_, value) = self.attributes().map_while(Result::ok).find(|(name, _)| *name == wanted)?;
        let mut text = String::new();
        push_text(&mut text, value).then_some(text)
    }
}

/// The attributes of one element.
pub(crate) struct Attributes<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<(&'a str, &'a str), Malformed>;

    // By bytes: this runs for every cell, and all that is looked for is ASCII.
    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let space = |it: &u8| matches!(it, b' ' | b'\t' | b'\r' | b'\n');
        while bytes.get(self.at).is_some_and(space) {
            self.at += 1;
        }
        let mut at = self.at;
        let mut start = at;
        bytes.get(at)?;
        // Whatever goes wrong from here on ends the iteration after one error.
        self.at = bytes.len();
        let mut read = || {
            loop {
                match *bytes.get(at)? {
                    b'=' => break,
                    b':' => start = at + 1,
                    _ => (),
                }
                at += 1;
            }
            let name = self.text.get(start..at)?.trim_ascii_end();
            at += 1;
            while bytes.get(at).is_some_and(space) {
                at += 1;
            }
            let quote = *bytes.get(at).filter(|it| matches!(it, b'"' | b'\''))?;
            let start = at + 1;
            at = start + bytes.get(start..)?.iter().position(|it| *it == quote)?;
            let value = self.text.get(start..at)?;
            self.at = at + 1;
            (!name.is_empty()).then_some((name, value))
        };
        Some(read().ok_or(Malformed))
    }
}

/// Appends text as XML reads it: references resolved, every line ended by one line feed. `false` if a reference is
/// not one that XML itself knows.
#[inline]
pub(crate) fn push_text(out: &mut String, text: &str) -> bool {
    if !text.bytes().any(|it| matches!(it, b'&' | b'\r')) {
        out.push_str(text);
        return true;
    }
    let mut rest = text;
    while let Some(at) = rest.find(['&', '\r']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix('\r') {
            out.push('\n');
            rest = after.strip_prefix('\n').unwrap_or(after);
            continue;
        }
        let Some((reference, after)) = rest[1..].split_once(';') else { return false };
        let Some(c) = resolve(reference) else { return false };
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    true
}

fn resolve(reference: &str) -> Option<char> {
    let number = match reference {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => reference.strip_prefix('#')?,
    };
    let (digits, radix) = number.strip_prefix('x').map_or((number, 10), |it| (it, 16));
    // `from_str_radix` would take a sign.
    let plain = digits.len() <= 8 && digits.bytes().all(|it| it.is_ascii_hexdigit());
    let c = char::from_u32(u32::from_str_radix(digits, radix).ok().filter(|_| plain)?)?;
    let allowed = matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    allowed.then_some(c)
}

/// How XML Schema writes "true".
pub(crate) fn is_true(value: &str) -> bool {
    matches!(value, "1" | "true")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(self.0.len()).min(buffer.len());
            buffer[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn events(text: &[u8], step: usize) -> Result<String, String> {
        let mut xml = Xml::new(Slow(text, step), Place { file: "f".to_owned(), part: "p".to_owned() });
        let mut out = String::new();
        loop {
            out += &match xml.next().map_err(|error| error.to_string())? {
                Event::Start(it) => format!("({}{:?}", it.name, it.attributes().collect::<Vec<_>>()),
                Event::Empty(it) => format!("<{}{:?}>", it.name, it.attributes().collect::<Vec<_>>()),
                Event::End(name) => format!("{name})"),
                Event::Text(text) | Event::Plain(text) => format!("'{text}'"),
                Event::Eof => return Ok(out),
            };
        }
    }

    fn check(text: &str, expected: Result<&str, &str>) {
        for step in [1, 2, 3, 7, 1000] {
            match (events(text.as_bytes(), step), expected) {
                (Ok(got), Ok(expected)) => assert_eq!(got, expected, "{text}"),
                (Err(got), Err(expected)) => assert!(got.contains(expected), "{text}: {got}"),
                (got, _) => panic!("{text}: {got:?}"),
            }
        }
    }

    #[test]
    fn events_come_in_order_however_the_bytes_arrive() {
        check("<a/>", Ok("<a[]>"));
        check("\u{feff}<?xml version='1.0' encoding='UTF-8'?>\n<!-- > -- --><a>x</a>\n", Ok("(a[]'x'a)"));
        check("<x:a x:b='1' c=\"é>\"><![CDATA[<&]]></x:a >", Ok("(a[Ok((\"b\", \"1\")), Ok((\"c\", \"é>\"))]'<&'a)"));
        check("<a><b/><b></b></a>", Ok("(a[]<b[]>(b[]b)a)"));
        check("<a b = '1'/>", Ok("<a[Ok((\"b\", \"1\"))]>"));
        check("<a b c='1'/>", Ok("<a[Ok((\"b c\", \"1\"))]>"));
        check("<a b='1' c=2/>", Ok("<a[Ok((\"b\", \"1\")), Err(Malformed)]>"));
    }

    #[test]
    fn what_is_not_well_formed_is_refused() {
        for text in ["", " ", "<a>", "<a><b></b>", "<a", "<a b='", "<a>x", "<!-- ", "<a/><", "<!D"] {
            check(text, Err("ends before it is complete"));
        }
        for text in ["<a></b>", "<a></a></a>", "<a><b></a></b>", "</a>", "<a></A>"] {
            check(text, Err("do not match"));
        }
        check("<a/>x", Err("outside"));
        check("x<a/>", Err("outside"));
        check("<a/><b/>", Err("after its end"));
        check("<a <b/>", Err("not closed"));
        check("<1/>", Err("well-formed"));
        check("<!ELEMENT a>", Err("well-formed"));
        check("<!DOCTYPE a><a/>", Err("document type"));
        check("<?xml version='1.0' encoding='klingon'?><a/>", Err("`klingon`"));
        assert!(events(b"<a>\xff</a>", 9).unwrap_err().contains("UTF-8"));
        assert!(events(b"<a/>\xc3", 9).unwrap_err().contains("UTF-8"));
    }

    #[test]
    fn parts_may_be_written_in_other_encodings() {
        let text = "<?xml version='1.0' encoding='UTF-16'?>\n<a b='é'>ü😀</a>";
        let expected = events(text.as_bytes(), 1000);
        assert_eq!(expected.as_deref(), Ok("(a[Ok((\"b\", \"é\"))]'ü😀'a)"));
        let mark = |it: &str| format!("\u{feff}{it}");
        let little = |it: &str| it.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let big = |it: &str| it.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>();
        for bytes in [little(text), little(&mark(text)), big(text), big(&mark(text)), mark(text).into_bytes()] {
            for step in [1, 3, 1000] {
                assert_eq!(events(&bytes, step), expected);
            }
        }
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xfc</a>";
        for step in [1, 7, 1000] {
            assert_eq!(events(latin, step).as_deref(), Ok("(a[]'ü'a)"));
        }
        let long = format!("<?xml version='1.0' encoding='latin1'?><a>{}</a>", "x".repeat(100_000));
        assert_eq!(events(long.as_bytes(), 999), events(&long.as_bytes()[39..], 1000));
        let half = b"\xff\xfe<\0a\0>\0\0\xd8<\0/\0a\0>\0";
        assert!(events(half, 99).unwrap_err().contains("its encoding does not have"));
    }

    #[test]
    fn references_are_those_of_xml_itself() {
        let cases = [
            ("a &lt;&gt;&amp;&quot;&apos; b", Some("a <>&\"' b")),
            ("&#65;&#x42;&#xe9;", Some("ABé")),
            ("a\r\nb\rc", Some("a\nb\nc")),
            ("a&#13;b", Some("a\rb")),
            ("&#0;", None),
            ("&#x1F;", None),
            ("&#xD800;", None),
            ("&#+65;", None),
            ("&lol;", None),
            ("a & b", None),
            ("&amp", None),
        ];
        for (text, expected) in cases {
            let mut out = String::new();
            assert_eq!(push_text(&mut out, text).then_some(out.as_str()), expected, "{text}");
        }
    }

    proptest! {
        /// How a part is cut into reads never changes what it says.
        #[test]
        fn reads_do_not_matter(text in "[<>/a\"'=!?\\-\\[\\] é&;]{0,30}", step in 1..9_usize) {
            for text in [text.clone(), format!("<a>{text}</a>")] {
                prop_assert_eq!(events(text.as_bytes(), step), events(text.as_bytes(), 1000));
            }
        }
    }
}
