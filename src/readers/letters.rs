//! Which cells of a row are numbers or errors, as one text a row: a letter for each column of the table.

use std::fmt::Write;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::StringBuilder;

use crate::readers::row::{Kind, Row};
use crate::readers::{Format, Part};

/// Whether batches say which cells are numbers.
pub(crate) fn are_said(format: Format, part: Part) -> bool {
    format.has_sheets() && matches!(part, Part::Usable | Part::Aside)
}

/// Stands for an error, and for a formula that was never computed.
const ERROR: char = 'e';

/// The letters of the rows of a batch.
pub(crate) struct Letters {
    texts: StringBuilder,
    /// What stands for a number.
    number: char,
}

impl Letters {
    /// Those of a workbook that counts days from 1900, or from 1904.
    pub(crate) fn new(from_1904: bool) -> Letters {
        Letters { texts: StringBuilder::new(), number: if from_1904 { 'N' } else { 'n' } }
    }

    /// Takes the next row. For each column of the sheet `places` has its place in the table.
    pub(crate) fn add(&mut self, row: &Row, places: &[Option<u32>]) {
        let mut written = 0;
        for cell in &row.cells {
            let letter = match cell.kind {
                Kind::Number => self.number,
                Kind::Error => ERROR,
                _ => continue,
            };
            let Some(place) = places.get(cell.column as usize).copied().flatten() else { continue };
            for _ in written..place {
                let _ = self.texts.write_char('.');
            }
            let _ = self.texts.write_char(letter);
            written = place + 1;
        }
        self.texts.append_value("");
    }

    pub(crate) fn finish(&mut self) -> ArrayRef {
        Arc::new(self.texts.finish())
    }
}
