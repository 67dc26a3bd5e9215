//! The different values of a column: their texts, how many rows have each, and what comparing them needs beside.

use super::cells::Cells;
use super::place;
use super::words::Bag;

/// Every different folded value of a column.
#[derive(Default)]
pub(super) struct Values {
    pub texts: Cells,
    /// Rows that have each.
    pub counts: Vec<u32>,
    /// Which of the levels "equal" each has, from 0.
    pub bins: Vec<u8>,
    pub apart: Apart,
}

/// What comparing values needs beside their texts, one a value.
#[derive(Default)]
pub(super) enum Apart {
    /// Nothing.
    #[default]
    None,
    Mails(Vec<Mail>),
    Parts(Vec<Parts>),
}

/// A folded value.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub text: &'a str,
    pub mail: Mail,
    pub parts: &'a Parts,
}

/// Where the host of a mailbox begins, and what kind of mailbox it is.
#[derive(Clone, Copy, Default)]
pub(super) struct Mail(u32);

/// What comparing a value needs beside its text.
pub(super) enum Parts {
    /// Nothing.
    None,
    /// The words, and those of other names of the same.
    Names(Bag, Box<[Bag]>),
    /// The words that are no numbers, and the numbers.
    Street(Bag, Box<[Box<str>]>),
    /// Where it is.
    Point(place::Point),
    /// The groups of nicknames.
    Nicknames(Box<[u32]>),
}

impl Values {
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    #[inline]
    pub fn text(&self, at: usize) -> &str {
        self.texts.get(at).unwrap_or_default()
    }

    #[inline]
    pub fn get(&self, at: usize) -> Value<'_> {
        let (mail, parts) = match &self.apart {
            Apart::None => (Mail::default(), &Parts::None),
            Apart::Mails(mails) => (mails[at], &Parts::None),
            Apart::Parts(parts) => (Mail::default(), &parts[at]),
        };
        Value { text: self.text(at), mail, parts }
    }

    /// Each text with the number of its rows.
    pub fn counted(&self) -> impl Iterator<Item = (&str, u32)> {
        self.texts.iter().map(Option::unwrap_or_default).zip(self.counts.iter().copied())
    }
}

impl<'a> Value<'a> {
    pub fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }
}

impl Mail {
    /// `free`: the host gives mailboxes to anybody. `role`: it is one of an office.
    pub fn new(text: &str, free: bool, role: bool) -> Mail {
        let host = text.rfind('@').map_or(text.len(), |it| it) as u32 + 1;
        Mail(host << 2 | u32::from(free) << 1 | u32::from(role))
    }

    /// Where the host begins in a text of so many bytes.
    pub fn host(self, bytes: usize) -> usize {
        (self.0 as usize >> 2).min(bytes)
    }

    pub fn is_free(self) -> bool {
        self.0 & 2 != 0
    }

    pub fn is_role(self) -> bool {
        self.0 & 1 != 0
    }
}
