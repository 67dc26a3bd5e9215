//! A delimiter of two characters: it stands in the text as one sign that texts do not have, until fields are cut.

use crate::readers::problems::{DIALECT, refuse, shown, thousands};
use crate::readers::{ReadError, Request};

/// The sign: the separator of units of ASCII.
pub(super) const SIGN: u8 = 0x1f;

/// Puts the sign in the place of two characters, block by block.
pub(super) struct Fold {
    pair: String,
    /// Whether the last block ended with the first of the two.
    half: bool,
    lines: u64,
}

impl Fold {
    pub(super) fn new(pair: [u8; 2]) -> Fold {
        Fold { pair: pair.map(char::from).iter().collect(), half: false, lines: 1 }
    }

    /// The next block, of which the last character may wait for the next one.
    ///
    /// # Errors
    ///
    /// A text that has the sign itself.
    pub(super) fn fold(&mut self, text: &mut String, last: bool, request: &Request) -> Result<(), ReadError> {
        if let Some(at) = text.bytes().position(|it| it == SIGN) {
            let line = self.lines + text[..at].matches('\n').count() as u64;
            let file = shown(&request.name);
            let message = format!("line {} of `{file}` holds the sign U+001F", thousands(line));
            return Err(refuse(&DIALECT, message, "a text with it has no delimiter of two characters: remove it"));
        }
        self.lines += text.matches('\n').count() as u64;
        if std::mem::take(&mut self.half) {
            text.insert_str(0, &self.pair[..1]);
        }
        *text = text.replace(&self.pair, "\u{1f}");
        if !last && text.ends_with(&self.pair[..1]) {
            text.pop();
            self.half = true;
        }
        Ok(())
    }
}

/// A field as it was, from `field` on: within quotes the two characters are its own.
pub(super) fn unfold(text: &mut String, field: usize, pair: [u8; 2]) {
    if text.as_bytes()[field..].contains(&SIGN) {
        let own = text.split_off(field);
        own.chars().for_each(|it| match it {
            '\u{1f}' => text.extend(pair.map(char::from)),
            other => text.push(other),
        });
    }
}
