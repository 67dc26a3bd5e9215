//! Short names for what origins name: a column of a file, or a place in the pipeline.
//!
//! Origins travel with every value, so they are kept short: a code of five letters and the number of a row fit where the
//! engine keeps short texts without a heap. What a code means is known before a row is read, and is written out only in
//! the tables that tell of origins.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::digest::digest_of;
use crate::plan::TableId;

/// Letters of a code: 30 bits, so that hardly ever two meet, and a row number below 100 000 and a count fit in beside it.
pub(super) const LENGTH: usize = 5;

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// What a code stands for. What is not there is empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize)]
pub(super) struct Entry {
    /// The source; empty for what no cell gave.
    pub(super) source: String,
    /// The file; of what no cell gave, that of the pipeline.
    pub(super) file: String,
    /// The sheet.
    pub(super) sheet: String,
    /// Where the column stands, as a spreadsheet letters it.
    pub(super) letter: String,
    /// The header of the column; of what no cell gave, its keys in the pipeline.
    pub(super) header: String,
    /// By which rule no cell gave it: `constant` or `query`.
    pub(super) word: String,
}

impl Entry {
    /// What stands before the number of a row: `file#sheet!C` or `file:`; `file keys` for what no cell gave.
    pub(super) fn reference(&self) -> String {
        let Entry { file, sheet, letter, header, word, .. } = self;
        let place = if sheet.is_empty() { file.clone() } else { format!("{file}#{sheet}") };
        match (word.is_empty(), letter.is_empty()) {
            (false, _) => format!("{place} {header}"),
            (true, false) => format!("{place}!{letter}"),
            (true, true) => format!("{place}:"),
        }
    }
}

/// The codes of a plan.
#[derive(Default)]
pub(super) struct Codes {
    entries: BTreeMap<String, Entry>,
    /// What the cells of a column of a table that is read are called: one code for each file.
    cells: BTreeMap<(TableId, String), BTreeSet<String>>,
    /// What is called by no cell of a table.
    constants: BTreeMap<TableId, BTreeSet<String>>,
}

impl Codes {
    /// The code of the cells of a column of a file that `table` reads.
    pub(super) fn cell(&mut self, table: TableId, column: &str, entry: Entry) -> String {
        let code = self.code(entry);
        self.cells.entry((table, column.to_owned())).or_default().insert(code.clone());
        code
    }

    /// The code of what no cell gave to `table`.
    pub(super) fn constant(&mut self, table: TableId, entry: Entry) -> String {
        let code = self.code(entry);
        self.constants.entry(table).or_default().insert(code.clone());
        code
    }

    /// What may be met in columns that are made of these: tables with their columns.
    pub(super) fn of<'a>(&self, reached: impl IntoIterator<Item = &'a (TableId, String)>) -> BTreeMap<&str, &Entry> {
        let mut acc = BTreeMap::new();
        for it in reached {
            let constants = self.constants.get(&it.0).into_iter().flatten().map(String::as_str);
            acc.extend(self.cells(it).chain(constants).map(|code| (code, &self.entries[code])));
        }
        acc
    }

    /// What the cells of a column of a table are called.
    pub(super) fn cells(&self, cell: &(TableId, String)) -> impl Iterator<Item = &str> {
        self.cells.get(cell).into_iter().flatten().map(String::as_str)
    }

    /// A code that stands for nothing else.
    fn code(&mut self, entry: Entry) -> String {
        let mut salt = 0;
        loop {
            let code = letters(&entry, salt);
            match self.entries.get(&code) {
                Some(it) if *it == entry => return code,
                Some(_) => salt += 1,
                None => {
                    self.entries.insert(code.clone(), entry);
                    return code;
                }
            }
        }
    }
}

fn letters(entry: &Entry, salt: u32) -> String {
    let digest = digest_of("hotpass code of origins v1", &(entry, salt));
    digest.as_bytes()[..LENGTH].iter().map(|it| char::from(LETTERS[usize::from(it % 64)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(header: &str) -> Entry {
        Entry { header: header.to_owned(), ..Entry::default() }
    }

    #[test]
    fn codes_that_meet_are_told_apart() {
        let mut codes = Codes::default();
        let first = codes.code(entry("a"));
        // As if another thing had taken the code of `b`.
        codes.entries.insert(letters(&entry("b"), 0), entry("c"));
        let second = codes.code(entry("b"));
        assert_eq!(second, letters(&entry("b"), 1));
        assert_eq!((codes.code(entry("a")), codes.code(entry("b"))), (first, second));
    }

    #[test]
    fn references_lead_to_a_cell_a_line_or_a_key() {
        let check = |sheet: &str, letter: &str, word: &str, expected: &str| {
            let [sheet, letter, word] = [sheet, letter, word].map(str::to_owned);
            let entry = Entry { file: "f".to_owned(), header: "h".to_owned(), sheet, letter, word, ..Entry::default() };
            assert_eq!(entry.reference(), expected);
        };
        check("s", "C", "", "f#s!C");
        check("", "", "", "f:");
        check("", "", "constant", "f h");
    }
}
