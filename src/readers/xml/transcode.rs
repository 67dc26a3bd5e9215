//! Parts in other encodings than UTF-8, as UTF-8: what a mark or the first bytes show, else what the part declares.
//!
//! Strictly: a byte that the encoding does not have is an error of kind `InvalidData`.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes in which a declaration stands.
const START: usize = 1024;
/// Bytes that are decoded at once.
const BLOCK: usize = 1 << 14;

/// A part as UTF-8.
pub(super) struct Transcoded<R> {
    pub(super) inner: R,
    begun: bool,
    /// `None` for what is UTF-8 already.
    decoder: Option<Box<Decoder>>,
    /// Bytes that were read and not yet decoded.
    raw: Vec<u8>,
    /// Bytes that were not yet passed on start at `at`.
    ready: Vec<u8>,
    at: usize,
    at_end: bool,
}

impl<R: Read> Transcoded<R> {
    pub(super) fn new(inner: R) -> Transcoded<R> {
        Transcoded { inner, begun: false, decoder: None, raw: Vec::new(), ready: Vec::new(), at: 0, at_end: false }
    }

    /// Reads the beginning and chooses.
    fn begin(&mut self) -> io::Result<()> {
        self.begun = true;
        let mut start = Vec::new();
        while start.len() < START && !is_enough(&start) {
            let held = start.len();
            start.resize(START, 0);
            let count = self.inner.read(&mut start[held..]);
            start.truncate(held + count.as_ref().copied().unwrap_or(0));
            match count {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
                Ok(0) => break,
                other => drop(other?),
            }
        }
        match encoding_of(&start) {
            Some(encoding) => {
                self.decoder = Some(Box::new(encoding.new_decoder_with_bom_removal()));
                self.raw = start;
            }
            None => self.ready = start,
        }
        Ok(())
    }

    /// Decodes the next block.
    fn decode(&mut self) -> io::Result<()> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        if self.raw.is_empty() {
            self.raw.resize(BLOCK, 0);
            let count = self.inner.read(&mut self.raw);
            self.raw.truncate(count.as_ref().copied().unwrap_or(0));
            self.at_end = count? == 0;
        }
        let most = decoder.max_utf8_buffer_length_without_replacement(self.raw.len()).unwrap_or(4 * BLOCK);
        self.ready.resize(most, 0);
        self.at = 0;
        let (result, _, written) = decoder.decode_to_utf8_without_replacement(&self.raw, &mut self.ready, self.at_end);
        self.ready.truncate(written);
        self.raw.clear();
        match result {
            DecoderResult::InputEmpty => Ok(()),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.begun {
            self.begin()?;
        }
        while self.at == self.ready.len() {
            if self.decoder.is_none() {
                return self.inner.read(buffer);
            }
            if self.at_end {
                return Ok(0);
            }
            self.decode()?;
        }
        let count = buffer.len().min(self.ready.len() - self.at);
        buffer[..count].copy_from_slice(&self.ready[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}

/// Whether the first bytes show all that can be known.
fn is_enough(start: &[u8]) -> bool {
    let declares = start.len() < 5 || start.starts_with(b"<?xml");
    start.len() >= 4 && (!declares || start.windows(2).any(|it| it == b"?>"))
}

/// The encoding, if it is not UTF-8.
fn encoding_of(start: &[u8]) -> Option<&'static Encoding> {
    match start {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => return Some(UTF_16LE),
        [0xfe, 0xff, ..] | [0, b'<', ..] => return Some(UTF_16BE),
        _ => (),
    }
    let declaration = start.strip_prefix(b"<?xml")?;
    let end = declaration.windows(2).position(|it| it == b"?>")?;
    let text = std::str::from_utf8(&declaration[..end]).ok()?;
    let (_, rest) = text.split_once("encoding")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    let (label, _) = rest[1..].split_once(quote)?;
    let encoding = known(label)?;
    // What is declared in bytes of one each is not written in two.
    (encoding != UTF_8 && encoding != UTF_16LE && encoding != UTF_16BE).then_some(encoding)
}

/// The encoding of a label; ASCII is a part of UTF-8.
pub(super) fn known(label: &str) -> Option<&'static Encoding> {
    match label.eq_ignore_ascii_case("us-ascii") {
        true => Some(UTF_8),
        false => Encoding::for_label_no_replacement(label.as_bytes()),
    }
}
