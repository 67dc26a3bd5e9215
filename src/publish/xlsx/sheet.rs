//! What the parts of a workbook share: sheets, how cells look, letters of columns.

/// How a cell looks apart from its kind.
#[derive(Clone, Copy, PartialEq)]
pub enum Style {
    /// Nothing particular.
    Plain,
    /// Marked as text that stays text when it is edited.
    Quoted,
    /// A score, coloured by how good it is.
    Score(f64),
    /// Marked, and whether it is a text that stays text when it is edited.
    Marked(Mark, bool),
}

/// What became of a cell, as colour and bold type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It is another one.
    Changed,
}

impl Mark {
    /// `+`, `-`, `~`.
    pub fn of(letter: u8) -> Option<Mark> {
        Some(match letter {
            b'+' => Mark::Added,
            b'-' => Mark::Removed,
            b'~' => Mark::Changed,
            _ => return None,
        })
    }
}

/// A sheet as the workbook lists it.
#[derive(Default)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// The area of its filter, if it has one.
    pub filter: Option<String>,
    /// Notes on its headers.
    pub notes: Vec<Note>,
    /// Whether it is laid out for printing.
    pub print: bool,
}

/// `A`, `Z`, `AA`, … for the column at `index`.
pub fn letters(index: usize) -> String {
    let mut rest = index + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A note: the column from 0, and its text.
pub type Note = (usize, String);
