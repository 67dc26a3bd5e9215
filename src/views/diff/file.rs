//! A difference as a file: a page or a workbook, as its name ends.

use std::io::Write;
use std::path::Path;

use crate::answers::diff::Difference;
use crate::answers::diff::lines::rows;
use crate::publish::own_files::{BOOK, PAGE};
use crate::store::backend::{Comparison, Stored, Worker};
use crate::views::diff::{html, sheet};
use crate::workspace::failure::Failure;

/// How many rows a page has, unless more are asked for.
const ROWS: u64 = 1_000;

/// Writes it, and gives the number of rows that are in the file; a workbook has all.
pub(crate) fn write(
    difference: &Difference<'_>,
    worker: &mut dyn Worker,
    stored: &(Stored, Stored),
    (path, most): (&Path, Option<u64>),
) -> Result<u64, Failure> {
    let all = difference.tally.added + difference.tally.removed + difference.tally.changed;
    let world = |error: &dyn std::fmt::Display| Failure::World(format!("`{}`: {error}", path.display()));
    if path.extension().is_some_and(|it| it == "xlsx") {
        let (keys, columns) = (&difference.by, &difference.columns);
        let comparison = Comparison { from: &stored.0, to: &stored.1, keys, columns };
        let written = BOOK.place(path, |file| sheet::write(file, difference, worker, &comparison));
        return written.map(|_| all).map_err(|error| world(&error));
    }
    let most = most.unwrap_or(ROWS);
    let page = html::page(difference, &rows(difference, worker, stored, Some(most))?);
    PAGE.place(path, |file| file.write_all(page.as_bytes())).map_err(|error| world(&error))?;
    Ok(most.min(all))
}
