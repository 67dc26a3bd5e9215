//! Encodings: which one a file is in, and turning every byte of it into text or refusing it by place.
//!
//! Nothing is ever replaced. What is not declared and not marked is strict UTF-8, unless the first bytes are plainly
//! something older; then the answer is recorded.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_8};

use crate::readers::problems::{ENCODING, ZERO_BYTE, refuse, shown, thousands};
use crate::readers::{Detected, ReadError, Request};

/// Turns the bytes of one file into text.
pub(super) struct Decoder {
    encoding: &'static Encoding,
    decoder: Option<encoding_rs::Decoder>,
    /// UTF-8: the start of a character whose end comes with the next block.
    carried: Vec<u8>,
    mark: usize,
    offset: u64,
    line: u64,
    file: String,
}

impl Decoder {
    /// Decides on the encoding; `last` says that `start` is the whole file.
    pub(super) fn choose(
        request: &Request,
        start: &[u8],
        last: bool,
        detected: &mut Vec<Detected>,
    ) -> Result<Decoder, ReadError> {
        let file = shown(&request.name);
        if start.starts_with(b"\xff\xfe\0\0") || start.starts_with(b"\0\0\xfe\xff") {
            let message = format!("`{file}` is written in UTF-32, which is not read");
            return Err(refuse(&ENCODING, message, "save it as UTF-8"));
        }
        let marked = Encoding::for_bom(start);
        let declared = match &request.options.encoding {
            None => None,
            Some(label) => match Encoding::for_label(label.trim().as_bytes()) {
                Some(it) if it != encoding_rs::REPLACEMENT => Some(it),
                _ => {
                    let message = format!("there is no encoding `{}`", shown(label));
                    let help = "write `utf-8`, `windows-1252`, `utf-16le` or another label of the Encoding Standard";
                    return Err(refuse(&ENCODING, message, help));
                }
            },
        };
        let (encoding, mark) = match (declared, marked) {
            (Some(declared), Some((marked, _))) if declared != marked => {
                let message = format!(
                    "`{file}` is declared as {} and begins with the mark of {}",
                    declared.name(),
                    marked.name()
                );
                return Err(refuse(&ENCODING, message, "leave the encoding out: the mark says what it is"));
            }
            (_, Some(marked)) => marked,
            (Some(declared), None) => (declared, 0),
            (None, None) => (Decoder::detect(request, start, last, detected)?, 0),
        };
        let decoder = (encoding != UTF_8).then(|| encoding.new_decoder_without_bom_handling());
        Ok(Decoder { encoding, decoder, carried: Vec::new(), mark, offset: 0, line: 1, file })
    }

    /// The name of the encoding.
    pub(super) fn name(&self) -> &'static str {
        self.encoding.name()
    }

    fn detect(
        request: &Request,
        start: &[u8],
        last: bool,
        detected: &mut Vec<Detected>,
    ) -> Result<&'static Encoding, ReadError> {
        let bad = match std::str::from_utf8(start) {
            Ok(_) => return Ok(UTF_8),
            Err(error) if error.error_len().is_none() && !last => return Ok(UTF_8),
            Err(error) => error.valid_up_to(),
        };
        let evidence = Evidence::of(start);
        // Zero bytes are refused with a word about UTF-16 by whoever reads on.
        if start.contains(&0) {
            return Ok(UTF_8);
        }
        if evidence.shaped * 2 >= evidence.all {
            let line = start[..bad].iter().filter(|it| **it == b'\n').count() as u64 + 1;
            return Err(undecodable(&shown(&request.name), UTF_8, bad as u64, line));
        }
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(start, last);
        let encoding = detector.guess(None, Utf8Detection::Deny);
        let confidence = 0.9 - 0.5 / (1.0 + evidence.all as f32 / 4.0);
        let confidence = (confidence * 100.0).round() / 100.0;
        detected.push(Detected {
            what: "encoding".to_owned(),
            answer: encoding.name().to_owned(),
            confidence,
            why: String::new(),
        });
        Ok(encoding)
    }

    /// Appends the text of the next block.
    pub(super) fn decode(&mut self, block: &[u8], last: bool, out: &mut String) -> Result<(), ReadError> {
        let mark = std::mem::take(&mut self.mark).min(block.len());
        self.offset += mark as u64;
        let block = &block[mark..];
        let before = out.len();
        match self.decoder.take() {
            None => self.decode_utf8(block, last, out)?,
            Some(mut decoder) => {
                self.decode_other(&mut decoder, block, last, out)?;
                self.decoder = Some(decoder);
            }
        }
        self.line += lines(&out.as_bytes()[before..]);
        Ok(())
    }

    fn decode_utf8(&mut self, block: &[u8], last: bool, out: &mut String) -> Result<(), ReadError> {
        let joined;
        let bytes = if self.carried.is_empty() {
            block
        } else {
            joined = [std::mem::take(&mut self.carried).as_slice(), block].concat();
            &joined
        };
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                out.push_str(text);
                self.offset += bytes.len() as u64;
            }
            Err(error) => {
                let (valid, rest) = bytes.split_at(error.valid_up_to());
                if error.error_len().is_some() || last {
                    // What is written in UTF-16 is no UTF-8 behind the first letter of a language.
                    if let Some(at) = bytes.iter().position(|it| *it == 0) {
                        return Err(zero_byte(&self.file, self.line + lines(&bytes[..at])));
                    }
                    let line = self.line + lines(valid);
                    return Err(undecodable(&self.file, UTF_8, self.offset + valid.len() as u64, line));
                }
                out.push_str(std::str::from_utf8(valid).unwrap_or_default());
                self.offset += valid.len() as u64;
                self.carried = rest.to_vec();
            }
        }
        Ok(())
    }

    fn decode_other(
        &mut self,
        decoder: &mut encoding_rs::Decoder,
        mut block: &[u8],
        last: bool,
        out: &mut String,
    ) -> Result<(), ReadError> {
        let (before, start) = (out.len(), self.offset);
        loop {
            // The bound is absent only where it would not fit the address space.
            out.reserve(decoder.max_utf8_buffer_length_without_replacement(block.len()).unwrap_or(1 << 20));
            let (result, read) = decoder.decode_to_string_without_replacement(block, out, last);
            block = &block[read..];
            self.offset += read as u64;
            match result {
                DecoderResult::InputEmpty => return self.without_gaps(&out[before..], start),
                DecoderResult::OutputFull => (),
                DecoderResult::Malformed(length, after) => {
                    let offset = self.offset.saturating_sub(u64::from(length) + u64::from(after));
                    let line = self.line + lines(&out.as_bytes()[before..]);
                    return Err(undecodable(&self.file, self.encoding, offset, line));
                }
            }
        }
    }

    /// Refuses bytes that have no character in code pages of Windows. The Encoding Standard makes control characters of
    /// them (§ 9, single-byte decoder: index windows-1252 and others), but whoever writes such a byte means a letter of
    /// another encoding. `text` was made of the bytes from `start` on, each of which is one character.
    fn without_gaps(&self, text: &str, start: u64) -> Result<(), ReadError> {
        if !self.encoding.is_single_byte() || !self.encoding.name().starts_with("windows-") {
            return Ok(());
        }
        let Some(at) = text.chars().position(|it| matches!(it, '\u{80}'..='\u{9f}')) else { return Ok(()) };
        let line = self.line + text.chars().take(at).filter(|it| *it == '\n').count() as u64;
        Err(undecodable(&self.file, self.encoding, start + at as u64, line))
    }
}

fn lines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|it| **it == b'\n').count() as u64
}

/// Refuses a zero byte.
pub(super) fn zero_byte(file: &str, line: u64) -> ReadError {
    let message = format!("line {} of `{file}` holds a zero byte", thousands(line));
    let help = "no text has one: the file may be damaged, or written in UTF-16 without saying so; declare `encoding = \"utf-16le\"` if it is";
    refuse(&ZERO_BYTE, message, help)
}

fn undecodable(file: &str, encoding: &'static Encoding, offset: u64, line: u64) -> ReadError {
    let message = format!(
        "line {} of `{file}` holds a byte that is not {}, at offset {}",
        thousands(line),
        encoding.name(),
        thousands(offset)
    );
    let help = "declare the encoding that the file is in, such as `windows-1252`, or save it as UTF-8";
    refuse(&ENCODING, message, help)
}

/// How much of what is not ASCII has the shape of UTF-8, well formed or not.
struct Evidence {
    all: usize,
    shaped: usize,
}

impl Evidence {
    /// A file that is mostly of that shape is damaged UTF-8, and reading it as anything else would be mojibake.
    fn of(bytes: &[u8]) -> Evidence {
        let mut evidence = Evidence { all: 0, shaped: 0 };
        let mut at = 0;
        while at < bytes.len() {
            let length = match bytes[at] {
                0..0x80 => {
                    at += 1;
                    continue;
                }
                0xc0..0xe0 => 2,
                0xe0..0xf0 => 3,
                0xf0..0xf8 => 4,
                _ => 1,
            };
            let rest = &bytes[at..bytes.len().min(at + length)];
            let follows = rest[1..].iter().all(|it| (0x80..0xc0).contains(it));
            let taken = if length > 1 && follows { rest.len() } else { 1 };
            evidence.all += taken;
            evidence.shaped += if length > 1 && follows { taken } else { 0 };
            at += taken;
        }
        evidence
    }
}
