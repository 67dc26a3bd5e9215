//! A second table below the first: a row of names behind a blank row, where the columns above it hold no names. It is
//! read as records, since nothing but its look tells it from one; so it is reported. Only the first rows of a table are
//! looked at.

use crate::readers::header::is_name;
use crate::readers::row::Row;

/// So many values of a column without a letter at least, above the names.
const ABOVE: usize = 2;

/// The number of the first row that may be the header of another table, among the first rows below a header.
pub(crate) fn header(rows: &[Row]) -> Option<u64> {
    let is_gap = |at: &usize| rows[*at].number > rows[*at - 1].number + 1;
    (1..rows.len()).filter(is_gap).find_map(|gap| {
        // A title of the second table may stand above its header.
        let titled = rows[gap].cells.len() == 1;
        let at = if titled { gap + 1 } else { gap };
        let row = rows.get(at)?;
        (are_names(row) && has_changed(row, &rows[..gap], &rows[at + 1..])).then_some(row.number)
    })
}

/// Whether a row has several cells, and all of them are words that a column can be called by.
fn are_names(row: &Row) -> bool {
    let is_word = |it: &str| it.contains(char::is_alphabetic);
    row.cells.len() >= 2 && row.cells.iter().all(|it| is_name(it.kind, text(row, it)) && is_word(text(row, it)))
}

/// Whether a name of the row stands below values without a letter alone, and above such a value again.
fn has_changed(row: &Row, above: &[Row], below: &[Row]) -> bool {
    let has_letter = |it: &str| it.contains(char::is_alphabetic);
    row.cells.iter().any(|cell| {
        let values = |rows: &[Row]| -> Vec<bool> {
            let found = |it: &Row| Some(has_letter(text(it, it.cells.iter().find(|it| it.column == cell.column)?)));
            rows.iter().filter_map(found).collect()
        };
        let above = values(above);
        above.len() >= ABOVE && !above.contains(&true)
    }) && below.first().is_some_and(|next| {
        next.cells.iter().any(|it| !has_letter(text(next, it)) && row.cells.iter().any(|own| own.column == it.column))
    })
}

fn text<'a>(row: &'a Row, cell: &crate::readers::row::Cell) -> &'a str {
    row.text_of(cell).trim()
}

#[cfg(test)]
mod tests {
    use super::header;
    use crate::readers::header::tests::rows;

    /// Lines behind a header; an empty one is a blank row.
    fn check(lines: &[&str], expected: Option<u64>) {
        let all: Vec<_> = rows(lines).into_iter().filter(|it| !it.text.is_empty()).collect();
        assert_eq!(header(&all), expected, "{lines:?}");
    }

    #[test]
    fn names_below_a_blank_row_and_other_values_are_a_second_header() {
        check(&["1|a|5", "2|b|6", "", "Region|Manager|Budget", "North|Ann|100"], Some(4));
        check(&["1|a|5", "2|b|6", "", "Managers", "Region|Manager|Budget", "North|Ann|100"], Some(5));
        // Without a blank row, or without other values around them, they are a record.
        check(&["1|a|5", "2|b|6", "Region|Manager|Budget", "North|Ann|100"], None);
        check(&["x|a|n", "y|b|m", "", "z|c|k", "q|d|1"], None);
        check(&["1|a|5", "2|b|6", "", "x|c|n"], None);
        check(&["1|a|5", "2|b|6", "", "3|c|7", "4|d|8"], None);
    }
}
