//! JSON token by token, as RFC 8259 has it and nothing beyond: what is wrong is told with its line, and never quoted.

use std::collections::HashSet;
use std::io::BufRead;

use crate::readers::ReadError;
use crate::readers::input::world;
use crate::readers::problems::{DAMAGED, ENCODING, ZERO_BYTE, refuse, shown, thousands, too_large};
use crate::readers::within::Walk;

/// Objects and lists inside of each other at most.
const DEPTH: u32 = 100;

/// Bytes of a JSON text, looked at one by one.
pub(super) struct Scanner<'a, R> {
    input: R,
    /// How messages name the file.
    pub(super) file: &'a str,
    /// The line at hand.
    pub(super) line: u64,
    /// Bytes of one text at most.
    most: u64,
    depth: u32,
    after_return: bool,
    bytes: Vec<u8>,
}

impl<'a, R: BufRead> Scanner<'a, R> {
    pub(super) fn new(input: R, file: &'a str, most: u64) -> Scanner<'a, R> {
        Scanner { input, file, line: 1, most, depth: 0, after_return: false, bytes: Vec::new() }
    }

    /// The next byte, which stays.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        match self.input.fill_buf() {
            Ok(bytes) => Ok(bytes.first().copied()),
            Err(error) => Err(world(self.file, &error)),
        }
    }

    /// Goes beyond the byte that was looked at.
    pub(super) fn pass(&mut self, byte: u8) {
        self.input.consume(1);
        let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
        self.line += u64::from(byte == b'\r' || byte == b'\n' && !after_return);
    }

    /// The next byte that is no white space, which stays.
    pub(super) fn token(&mut self) -> Result<Option<u8>, ReadError> {
        loop {
            match self.peek()? {
                Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) => self.pass(byte),
                Some(0) => return Err(self.zero_byte()),
                other => return Ok(other),
            }
        }
    }

    /// The same, where something must follow.
    pub(super) fn some_token(&mut self) -> Result<u8, ReadError> {
        self.token()?.ok_or_else(|| self.cut())
    }

    /// Goes into an object or a list whose bracket was looked at.
    pub(super) fn enter(&mut self, bracket: u8) -> Result<(), ReadError> {
        self.pass(bracket);
        self.depth += 1;
        if self.depth > DEPTH {
            let what = format!("line {} nests objects and lists more than {DEPTH} deep", thousands(self.line));
            return Err(too_large(self.file, what));
        }
        Ok(())
    }

    /// After a value of an object or a list: whether another one follows.
    pub(super) fn more(&mut self, end: u8) -> Result<bool, ReadError> {
        match self.some_token()? {
            b',' => {
                self.pass(b',');
                match self.some_token()? {
                    b'}' | b']' => Err(self.wrong("has a comma after the last value")),
                    _ => Ok(true),
                }
            }
            byte if byte == end => {
                self.leave(byte);
                Ok(false)
            }
            _ => Err(self.wrong("lacks a comma or a closing bracket between two values")),
        }
    }

    /// Goes out of an object or a list whose closing bracket was looked at.
    pub(super) fn leave(&mut self, bracket: u8) {
        self.pass(bracket);
        self.depth -= 1;
    }

    /// Whether the bracket that was entered closes at once.
    pub(super) fn is_empty(&mut self, end: u8) -> Result<bool, ReadError> {
        let empty = self.some_token()? == end;
        if empty {
            self.leave(end);
        }
        Ok(empty)
    }

    /// The name of a member, with the colon behind it.
    pub(super) fn key(&mut self, out: &mut String) -> Result<(), ReadError> {
        if self.some_token()? != b'"' {
            return Err(self.wrong("has a key without double quotes"));
        }
        self.text(out)?;
        match self.some_token()? {
            b':' => self.pass(b':'),
            _ => return Err(self.wrong("has a key without a colon after it")),
        }
        Ok(())
    }

    /// Appends a text, its quote looked at, as it reads.
    pub(super) fn text(&mut self, out: &mut String) -> Result<(), ReadError> {
        self.pass(b'"');
        let opened = self.line;
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        loop {
            let buffer = self.input.fill_buf().map_err(|error| world(self.file, &error))?;
            let plain = buffer.iter().take_while(|it| **it >= 0x20 && !matches!(**it, b'"' | b'\\')).count();
            bytes.extend_from_slice(&buffer[..plain]);
            self.input.consume(plain);
            if bytes.len() as u64 > self.most {
                return Err(too_large(self.file, format!("a text in line {} is longer than a cell may be", self.line)));
            }
            if plain > 0 {
                continue;
            }
            match self.peek()?.ok_or_else(|| self.cut())? {
                b'"' => break self.pass(b'"'),
                b'\\' => self.escape(&mut bytes)?,
                0 => return Err(self.zero_byte()),
                _ => return Err(self.wrong("has a line break or a control character inside of a text")),
            }
        }
        match std::str::from_utf8(&bytes) {
            Ok(text) => out.push_str(text),
            Err(_) => return Err(not_utf8(self.file, opened)),
        }
        self.bytes = bytes;
        Ok(())
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), ReadError> {
        self.pass(b'\\');
        let byte = self.peek()?.ok_or_else(|| self.cut())?;
        self.pass(byte);
        let one = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let first = self.unit()?;
                let mut units = vec![first];
                if (0xd800..0xdc00).contains(&first) {
                    for expected in *b"\\u" {
                        match self.peek()? {
                            Some(byte) if byte == expected => self.pass(byte),
                            _ => return Err(self.half()),
                        }
                    }
                    units.push(self.unit()?);
                }
                let text = String::from_utf16(&units).map_err(|_| self.half())?;
                if text == "\0" {
                    return Err(self.zero_byte());
                }
                out.extend_from_slice(text.as_bytes());
                return Ok(());
            }
            _ => return Err(self.wrong("has a backslash before what needs none")),
        };
        out.push(one);
        Ok(())
    }

    fn unit(&mut self) -> Result<u16, ReadError> {
        let mut unit = 0;
        for _ in 0..4 {
            let byte = self.peek()?.ok_or_else(|| self.cut())?;
            let digit = char::from(byte).to_digit(16);
            let Some(digit) = digit else { return Err(self.wrong("has `\\u` without four hexadecimal digits")) };
            self.pass(byte);
            unit = unit * 16 + digit as u16;
        }
        Ok(unit)
    }

    /// Appends a number, digit by digit as it is written.
    pub(super) fn number(&mut self, out: &mut String) -> Result<(), ReadError> {
        let start = out.len();
        while let Some(byte @ (b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) = self.peek()? {
            self.pass(byte);
            out.push(char::from(byte));
            if (out.len() - start) as u64 > self.most {
                return Err(too_large(
                    self.file,
                    format!("a number in line {} is longer than a cell may be", self.line),
                ));
            }
        }
        let word = self.peek()?.is_some_and(|it| it.is_ascii_alphanumeric() || it == b'_');
        if word || !is_number(&out[start..]) {
            return Err(self.wrong(NO_NUMBER));
        }
        Ok(())
    }

    /// `true`, `false` or `null`, its first letter looked at.
    pub(super) fn word(&mut self) -> Result<&'static str, ReadError> {
        let mut word = [0; 9];
        let mut length = 0;
        while let Some(byte) = self.peek()?.filter(u8::is_ascii_alphanumeric) {
            if length == word.len() {
                break;
            }
            self.pass(byte);
            word[length] = byte;
            length += 1;
        }
        match &word[..length] {
            b"true" => Ok("true"),
            b"false" => Ok("false"),
            b"null" => Ok("null"),
            b"NaN" | b"nan" | b"Infinity" | b"inf" => Err(self.wrong(NO_NUMBER)),
            _ => Err(self.wrong("has something that is not a value")),
        }
    }

    /// Appends a value as JSON, without blanks and with no more escapes than it needs, and goes to each of its keys.
    pub(super) fn compact(&mut self, out: &mut String, walk: &mut Walk<'_>) -> Result<(), ReadError> {
        if out.len() as u64 > self.most {
            return Err(too_large(self.file, format!("a list in line {} is longer than a cell may be", self.line)));
        }
        match self.some_token()? {
            bracket @ (b'[' | b'{') => {
                let (end, object) = (bracket + 2, bracket == b'{');
                out.push(char::from(bracket));
                self.enter(bracket)?;
                let mut keys = HashSet::new();
                let mut more = !self.is_empty(end)?;
                while more {
                    let mut before = None;
                    if object {
                        let mut key = String::new();
                        self.key(&mut key)?;
                        quoted(&key, out);
                        out.push(':');
                        before = Some(walk.to(&key));
                        if let Some(key) = keys.replace(key) {
                            return Err(self.repeated(&key));
                        }
                    }
                    self.compact(out, walk)?;
                    before.into_iter().for_each(|it| walk.back(it));
                    more = self.more(end)?;
                    if more {
                        out.push(',');
                    }
                }
                out.push(char::from(end));
                Ok(())
            }
            b'"' => {
                let mut text = String::new();
                self.text(&mut text)?;
                quoted(&text, out);
                Ok(())
            }
            b'-' | b'0'..=b'9' => self.number(out),
            _ => self.word().map(|it| out.push_str(it)),
        }
    }

    /// A refusal of what is no JSON.
    pub(super) fn wrong(&self, what: &str) -> ReadError {
        let message = format!("line {} of `{}` {what}", thousands(self.line), shown(self.file));
        let help =
            "it is not JSON as RFC 8259 defines it: correct the program that writes the file, or ask for a new copy";
        refuse(&DAMAGED, message, help)
    }

    /// A refusal of an object that says one thing twice.
    pub(super) fn repeated(&self, key: &str) -> ReadError {
        let line = thousands(self.line);
        let message = format!("an object in line {line} of `{}` has the key `{}` twice", shown(self.file), shown(key));
        refuse(&DAMAGED, message, "nobody can know which of the two is meant: correct the program that writes the file")
    }

    fn cut(&self) -> ReadError {
        let message = format!("`{}` ends in line {} before its JSON does", shown(self.file), thousands(self.line));
        refuse(&DAMAGED, message, "it may have been cut off: ask for a new copy")
    }

    fn half(&self) -> ReadError {
        self.wrong("has half of a surrogate pair, which is not a character")
    }

    fn zero_byte(&self) -> ReadError {
        let message = format!("line {} of `{}` holds a zero byte", thousands(self.line), shown(self.file));
        refuse(&ZERO_BYTE, message, "no text has one: the file may be damaged, or written in UTF-16 without saying so")
    }
}

const NO_NUMBER: &str = "has a number that JSON does not have, such as `NaN`, `+1`, `.5` or `007`";

/// Bytes that are no UTF-8.
pub(super) fn not_utf8(file: &str, line: u64) -> ReadError {
    let message = format!("line {} of `{}` is not UTF-8", thousands(line), shown(file));
    refuse(&ENCODING, message, "JSON is written in UTF-8: save it so where it comes from")
}

/// A text as JSON has it.
pub(super) fn quoted(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// Whether a text is a number of JSON.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(it, rest)| (it, Some(rest)));
    let (whole, part) = mantissa.split_once('.').map_or((mantissa, None), |(it, rest)| (it, Some(rest)));
    let plain = |it: &str| digits(it.strip_prefix(['-', '+']).unwrap_or(it));
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && part.is_none_or(digits) && exponent.is_none_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_json() {
        for right in ["0", "-0", "10", "1.10", "1e400", "-1.5E-3", "1E+2", "0.0"] {
            assert!(is_number(right), "{right}");
        }
        for wrong in ["", "-", "007", "+1", ".5", "1.", "1e", "1e+", "1.2.3", "--1", "1-1"] {
            assert!(!is_number(wrong), "{wrong}");
        }
    }
}
