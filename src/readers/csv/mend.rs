//! Quotes that open or close no value, as in `5,"34 inch` and `"a "b" c",5`: no program that knows the rules writes them.
//!
//! Such a record is read as the one that has as many fields as the others, and written by the rules into the text that
//! is cut afterwards. What keeps to the rules stays as it is, whatever it looks like.

use super::dialect::Dialect;
use crate::readers::Mended;

/// Lines that a value with a stray quote may take up, and lines that are looked at before one is judged.
const LINES: usize = 32;
/// Records that tell how many fields there are.
const RECORDS: usize = 200;
/// Lines that are named.
const SHOWN: usize = 20;
/// Opening quotes of a record that are tried as plain signs.
const TRIES: usize = 64;

/// Mends block by block.
pub(super) struct Mend {
    dialect: Dialect,
    /// How many fields most records have.
    fields: Option<usize>,
    /// A record that has not ended, and what is needed to judge it.
    held: String,
    /// Bytes that are held at most.
    most: usize,
    /// Nothing is mended any more: what follows is refused as it stands.
    over: bool,
    pub(super) done: Mended,
}

/// A record as one way of reading cuts it.
struct Cut {
    fields: Vec<String>,
    /// Where quotes open values that a stray quote stands in, or that are never closed.
    odd: Vec<usize>,
    closed: bool,
    /// Where the record ends, before the end of its line.
    end: usize,
}

/// How a record is read that breaks the rules.
#[derive(Clone, Copy)]
struct Way<'w> {
    /// Opening quotes that are plain signs.
    plain: &'w [usize],
    /// Whether two quotes before a delimiter are a sign and a closing quote, as where nothing is doubled.
    single: bool,
    /// Whether a value may go on in the next line.
    lines: bool,
}

impl Mend {
    /// For a text that begins like this.
    pub(super) fn new(dialect: Dialect, begins: &str, most: u64) -> Mend {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut mend = Mend { dialect, fields: None, held: String::new(), most, over: false, done: Mended::default() };
        mend.fields = mend.usual(begins);
        mend
    }

    /// The next block of text, of which the last record may wait for the next one; `line` is that of its first byte.
    pub(super) fn mend(&mut self, text: &mut String, line: u64, last: bool) {
        if self.over {
            return;
        }
        if !self.held.is_empty() {
            text.insert_str(0, &std::mem::take(&mut self.held));
        }
        let (mut from, mut copied, mut out) = (0, 0, String::new());
        let wait = loop {
            let (start, odd) = self.walk(text, from, last);
            if !odd {
                break start;
            }
            if !last && line_ends(&text[start..]).nth(LINES).is_none() {
                break start;
            }
            let Some((values, end)) = self.read(&text[start..]) else {
                self.over = true;
                break text.len();
            };
            self.done.count += 1;
            if self.done.lines.len() < SHOWN {
                self.done.lines.push(line + line_ends(&text[..start]).count() as u64);
            }
            out.push_str(&text[copied..start]);
            self.write(&values, &mut out);
            copied = start + end;
            from = copied;
        };
        let keep = if last || self.over { text.len() } else { wait };
        if text.len() - keep > self.most {
            self.over = true;
        } else {
            self.held = text.split_off(keep);
        }
        if copied > 0 {
            out.push_str(&text[copied..]);
            *text = out;
        }
    }

    /// The first record from `from` on that breaks the rules; else the last one, which has not ended.
    fn walk(&self, text: &str, from: usize, last: bool) -> (usize, bool) {
        let bytes = text.as_bytes();
        let Dialect { delimiter, quote, .. } = self.dialect;
        let (mut start, mut at) = (from, from);
        while let Some(open) = self.quote(text, at) {
            start = behind_line_end(&bytes[at..open]).map_or(start, |it| at + it);
            if open > start && (bytes[open - 1] != delimiter || self.is_escaped(&bytes[start..open - 1])) {
                at = open + 1;
                continue;
            }
            let mut from = open + 1;
            at = loop {
                let Some(close) = self.quote(text, from) else { return (start, last && is_line_end(bytes.last())) };
                match bytes.get(close + 1) {
                    Some(next) if *next == quote => from = close + 2,
                    None if !last => return (start, false),
                    None => break close + 1,
                    Some(next) if *next == delimiter || is_line_end(Some(next)) || *next == 0 => break close + 1,
                    // Where no sign is named that stands before others, this one looks like it.
                    Some(_) if self.dialect.escape.is_none() && bytes[close - 1] == b'\\' => {
                        return (text.len(), false);
                    }
                    Some(_) => return (start, true),
                }
            };
        }
        // The second half of a line end may be the first byte of the next block.
        let rest = if !last && text.ends_with('\r') { &bytes[at..text.len() - 1] } else { &bytes[at..] };
        (behind_line_end(rest).map_or(start, |it| at + it), false)
    }

    /// The values of a record that breaks the rules, and its length without the end of its line.
    fn read(&self, text: &str) -> Option<(Vec<String>, usize)> {
        let mut lines = lines(text);
        let (line, next) = (lines.next()?, lines.next());
        let found = self.ways(line);
        let is_next = |it: &str| it.trim().is_empty() || !self.ways(it).is_empty();
        let alone = |found: Vec<Vec<String>>| found.into_iter().next().map(|it| (it, line.len()));
        if next.is_none_or(is_next) && !found.is_empty() {
            return alone(found);
        }
        let over = self.cut(text, Way { plain: &[], single: false, lines: true });
        if over.closed && Some(over.fields.len()) == self.fields && line_ends(&text[..over.end]).count() < LINES {
            return Some((over.fields, over.end));
        }
        if !found.is_empty() {
            return alone(found);
        }
        // No way of reading gives as many fields: its quotes are signs, and the record is set aside for its fields.
        let plain = |it: &str| self.cut(it, Way { plain: &[], single: false, lines: false });
        let is_plain = |it: &str| {
            let cut = plain(it);
            cut.closed && cut.odd.is_empty()
        };
        let cut = self.cut(line, Way { plain: &plain(line).odd, single: false, lines: false });
        (cut.closed && cut.odd.is_empty() && next.is_none_or(is_plain)).then_some((cut.fields, line.len()))
    }

    /// How a line can be read as a record of as many fields as others have, the likeliest way first.
    fn ways(&self, line: &str) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        let mut take = |plain: &[usize], single| {
            let cut = self.cut(line, Way { plain, single, lines: false });
            if cut.closed && Some(cut.fields.len()) == self.fields {
                found.push(cut.fields);
            }
            cut.odd
        };
        let odd = [false, true].map(|single| take(&[], single));
        for (odd, single) in odd.into_iter().zip([false, true]) {
            odd.iter().take(TRIES).for_each(|it| drop(take(&[*it], single)));
            let mut plain = odd;
            while let Some(more) = (plain.len() < TRIES).then(|| take(&plain, single)).filter(|it| !it.is_empty()) {
                plain.extend(more);
            }
        }
        found
    }

    /// Cuts the record that `text` begins with.
    fn cut(&self, text: &str, way: Way<'_>) -> Cut {
        let bytes = text.as_bytes();
        let mut cut = Cut { fields: Vec::new(), odd: Vec::new(), closed: true, end: 0 };
        loop {
            let start = cut.end;
            let mut value = String::new();
            if bytes.get(start) == Some(&self.dialect.quote) && !way.plain.contains(&start) {
                cut.end = self.quoted(text, start, way, &mut value, &mut cut);
            } else {
                cut.end = self.bare(bytes, start);
                value.push_str(&text[start..cut.end]);
            }
            cut.fields.push(value);
            match bytes.get(cut.end) {
                Some(it) if cut.closed && *it == self.dialect.delimiter => cut.end += 1,
                _ => return cut,
            }
        }
    }

    /// Reads a value whose opening quote is at `open`; returns where it ends.
    fn quoted(&self, text: &str, open: usize, way: Way<'_>, value: &mut String, cut: &mut Cut) -> usize {
        let bytes = text.as_bytes();
        let (mut at, mut odd) = (open + 1, false);
        let end = loop {
            let found = self.quote(text, at).unwrap_or(text.len());
            let broken = if way.lines { None } else { bytes[at..found].iter().position(|it| is_line_end(Some(it))) };
            if let Some(end) = broken.map(|it| at + it).or((found == text.len()).then_some(found)) {
                value.push_str(&text[at..end]);
                (cut.closed, odd) = (false, true);
                break end;
            }
            value.push_str(&text[at..found]);
            let run = bytes[found..].iter().take_while(|it| **it == self.dialect.quote).count();
            at = found + run;
            // The last field alone ends with its line, where a value may go on in the next one.
            let last = !way.lines || self.fields.is_none_or(|it| it == cut.fields.len() + 1);
            let ends = bytes.get(at).is_none_or(|it| *it == self.dialect.delimiter || last && is_line_end(Some(it)));
            let closes = ends && (run % 2 == 1 || way.single);
            let kept = if closes { run / 2 } else { run.div_ceil(2) };
            value.extend(std::iter::repeat_n(char::from(self.dialect.quote), kept));
            odd |= if closes { run % 2 == 0 } else { run % 2 == 1 };
            if closes {
                break at;
            }
        };
        if odd {
            cut.odd.push(open);
        }
        end
    }

    /// Where a value without quotes ends.
    fn bare(&self, bytes: &[u8], start: usize) -> usize {
        let mut at = start;
        while let Some(byte) = bytes.get(at).filter(|it| **it != self.dialect.delimiter && !is_line_end(Some(it))) {
            let skips =
                Some(*byte) == self.dialect.escape && bytes.get(at + 1).is_some_and(|it| !is_line_end(Some(it)));
            at += if skips { 2 } else { 1 };
        }
        at.min(bytes.len())
    }

    /// The next quote from `at` on that no sign says to be meant as itself.
    fn quote(&self, text: &str, at: usize) -> Option<usize> {
        let quote = char::from(self.dialect.quote);
        let Some(escape) = self.dialect.escape.map(char::from) else { return Some(at + text[at..].find(quote)?) };
        let mut at = at;
        loop {
            at += text[at..].find([quote, escape])?;
            if text[at..].starts_with(quote) {
                return Some(at);
            }
            at += 1;
            at += text[at..].chars().next().filter(|it| !matches!(it, '\r' | '\n')).map_or(0, char::len_utf8);
        }
    }

    /// Whether what stands behind these bytes is meant as itself.
    fn is_escaped(&self, bytes: &[u8]) -> bool {
        let Some(escape) = self.dialect.escape else { return false };
        bytes.iter().rev().take_while(|it| **it == escape).count() % 2 == 1
    }

    /// Writes a record by the rules.
    fn write(&self, values: &[String], out: &mut String) {
        let Dialect { delimiter, quote, escape, .. } = self.dialect;
        let quote = char::from(quote);
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                out.push(char::from(delimiter));
            }
            if !value.contains([quote, char::from(delimiter), '\r', '\n']) {
                out.push_str(value);
                continue;
            }
            out.push(quote);
            let mut chars = value.chars();
            while let Some(it) = chars.next() {
                out.push(it);
                match escape.map(char::from) {
                    // A sign at the end stands before nothing, and is itself.
                    Some(escape) if it == escape => out.push(chars.next().unwrap_or(escape)),
                    _ if it == quote => out.push(quote),
                    _ => (),
                }
            }
            out.push(quote);
        }
    }

    /// How many fields most of the first records have that keep to the rules.
    fn usual(&self, text: &str) -> Option<usize> {
        let (mut at, mut counts) = (0, Vec::new());
        while at < text.len() && counts.len() < RECORDS {
            let cut = self.cut(&text[at..], Way { plain: &[], single: false, lines: true });
            if cut.closed && cut.odd.is_empty() {
                if cut.end > 0 {
                    counts.push(cut.fields.len());
                }
                at += cut.end;
            } else {
                at += lines(&text[at..]).next().map_or(0, str::len);
            }
            at += text[at..].bytes().take(1).count();
        }
        let often = |it: &usize| counts.iter().filter(|other| *other == it).count();
        counts.iter().copied().max_by_key(|it| (often(it), *it))
    }
}

fn is_line_end(byte: Option<&u8>) -> bool {
    matches!(byte, Some(b'\r' | b'\n'))
}

/// Where the last line of these bytes begins, if they have more than one.
fn behind_line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().rposition(|it| is_line_end(Some(it))).map(|it| it + 1)
}

/// Where lines end: behind `\n`, `\r` and `\r\n`.
fn line_ends(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    let ends = move |at: &usize| bytes[*at] == b'\n' || bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
    (0..bytes.len()).filter(ends).map(|it| it + 1)
}

/// The lines of a text without their ends; what stands behind the last end is one where it is not empty.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut ends = line_ends(text);
    let mut start = 0;
    std::iter::from_fn(move || {
        let end = ends.next().or((start < text.len()).then_some(text.len()))?;
        let line = text[start..end].trim_end_matches(['\r', '\n']);
        start = end;
        Some(line)
    })
}
