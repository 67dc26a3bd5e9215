//! Merged cells of OpenDocument: the first says how many rows and columns it spans.

use crate::readers::ReadError;
use crate::readers::merged::Range;
use crate::readers::ods::{CONTENT, is_cell, repeated};
use crate::readers::package::Package;
use crate::readers::row::{MAX_COLUMNS, MAX_ROWS};
use crate::readers::xml::{Event, Xml};

/// The merged ranges of a table.
pub(super) fn ranges(package: &mut Package, sheet: &str) -> Result<Vec<Range>, ReadError> {
    let place = package.place(CONTENT);
    let mut xml = Xml::new(package.part(CONTENT)?, place);
    let mut ranges = Vec::new();
    // Tables inside of each other, whether the outer one is meant, and where in it the next row and cell stand.
    let (mut depth, mut meant, mut row, mut next_row, mut column) = (0_u64, false, 1_u64, 1_u64, 0_u32);
    loop {
        match xml.next()? {
            Event::Start(element) if element.name == "table" => {
                depth += 1;
                if depth == 1 {
                    meant = element.attribute("name").as_deref() == Some(sheet);
                }
            }
            Event::End("table") => {
                depth = depth.saturating_sub(1);
                if depth == 0 && meant {
                    return Ok(ranges);
                }
            }
            Event::Start(element) | Event::Empty(element) if meant && depth == 1 => match element.name {
                "table-row" => {
                    (row, column) = (next_row, 0);
                    next_row = next_row.saturating_add(u64::from(repeated(&element, "number-rows-repeated")));
                }
                name if is_cell(name) => {
                    let rows = u64::from(repeated(&element, "number-rows-spanned"));
                    let columns = repeated(&element, "number-columns-spanned");
                    let (last_row, last_column) = (row.saturating_add(rows - 1), column.saturating_add(columns - 1));
                    if (rows > 1 || columns > 1) && last_row <= MAX_ROWS && last_column < MAX_COLUMNS {
                        ranges.push(Range { first_row: row, last_row, first_column: column, last_column });
                    }
                    column = column.saturating_add(repeated(&element, "number-columns-repeated"));
                }
                _ => (),
            },
            Event::Eof => return Ok(ranges),
            _ => (),
        }
    }
}
