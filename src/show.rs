//! What people and programs read: problems with a caret in the TOML, tables, numbers with units.
//!
//! The only module that knows miette. It writes to no stream and asks no terminal: text goes in, text comes out, and
//! everything that comes from data or from TOML leaves without control characters, cut at a sane length.

mod fold;
mod laid;
mod problem;
mod table;

pub use crate::escape::{
    annotation, cell, dot, is_unsafe, json_line, json_lines, line, markdown, markup, mermaid, property, sarif,
};
pub use crate::numbers::{count, number};
pub use fold::columns;
pub use laid::{boxed, markdown_table, records};
pub use problem::problems;
pub use table::{Align, align_of, pages, table, wrapped};

/// What the reader's screen can do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// Whether colours are wanted.
    pub colour: bool,
    /// Whether a terminal reads: it has box drawing, and lines that are too long for it are cut.
    pub terminal: bool,
    /// Columns of the screen.
    pub width: usize,
}

impl Style {
    /// For files and pipes: no colour, ASCII, nothing cut to a screen.
    pub const PLAIN: Style = Style { colour: false, terminal: false, width: 100 };

    /// Text in a colour and weight of the terminal's own, when colours are wanted.
    pub fn paint(self, text: &str, paint: Paint) -> String {
        if self.colour && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", paint.code())
        } else {
            text.to_owned()
        }
    }
}

/// What a colour is for; never the only thing that says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Paint {
    /// Heads of tables and lists.
    Strong,
    /// What may be overlooked.
    Dim,
    /// Made, held, as it should be.
    Good,
    /// Needs a look.
    Warn,
    /// Failed.
    Bad,
}

impl Paint {
    /// The parameters of SGR (ECMA-48, 8.3.117).
    fn code(self) -> &'static str {
        match self {
            Paint::Strong => "1",
            Paint::Dim => "2",
            Paint::Good => "32",
            Paint::Warn => "33",
            Paint::Bad => "31",
        }
    }
}

/// A size in bytes: `512 B`, `17.8 KiB`, `1.5 GiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut size = n as f64 / 1024.0;
    let mut unit = 0;
    // 1023.95 would be written as 1024.0 of the smaller unit.
    while size >= 1023.95 && unit + 1 < UNITS.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// A duration in milliseconds: `12 ms`, `1.2 s`, `2 min 5 s`, `1 h 3 min`.
pub fn duration(ms: u64) -> String {
    let seconds = ms / 1000;
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", seconds, ms % 1000 / 100),
        60_000..3_600_000 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", number(seconds / 3600), seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations_have_units() {
        let check = |n, expected: &str| assert_eq!(bytes(n), expected);
        check(0, "0 B");
        check(1023, "1023 B");
        check(1024, "1.0 KiB");
        check(18_231, "17.8 KiB");
        check(1024 * 1024 - 1, "1.0 MiB");
        check(u64::MAX, "16.0 EiB");
        let check = |ms, expected: &str| assert_eq!(duration(ms), expected);
        check(999, "999 ms");
        check(1_290, "1.2 s");
        check(125_000, "2 min 5 s");
        check(3_780_000, "1 h 3 min");
    }
}
