//! Rows that name the group of the records below them. They are read as records, since nothing but their look tells them
//! from records of which only a name is known; so they are reported.

use std::collections::BTreeSet;

use crate::readers::row::Row;

/// A table with fewer columns has too little to tell a group by.
const COLUMNS: usize = 3;
/// So many groups at least.
const LEAST: usize = 2;

/// The rows that name groups, by their place among the first rows of a table with so many columns; none unless the table
/// begins with one. Each has one value, all in one column and all different, and a record with several values below it.
pub(crate) fn named(rows: &[Row], columns: usize) -> Vec<usize> {
    let none = Vec::new();
    let lone: Vec<usize> = (0..rows.len()).filter(|it| rows[*it].cells.len() == 1).collect();
    if columns < COLUMNS || lone.len() < LEAST || lone.first() != Some(&0) {
        return none;
    }
    let column = rows[0].cells[0].column;
    let texts: BTreeSet<&str> = lone.iter().map(|it| rows[*it].text_of(&rows[*it].cells[0]).trim()).collect();
    let is_name = |it: &str| it.chars().any(char::is_alphabetic);
    let alike = lone.iter().all(|it| rows[*it].cells[0].column == column) && texts.len() == lone.len();
    let above = lone.iter().all(|it| rows.get(it + 1).is_some_and(|below| below.cells.len() > 1));
    // Where records are thin, one with a single value is no group.
    let full = rows.iter().filter(|it| it.cells.len() * 2 > columns).count();
    match alike && above && texts.iter().all(|it| is_name(it)) && full * 2 >= rows.len() - lone.len() {
        true => lone,
        false => none,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::row::Kind;

    fn rows(lines: &[&str]) -> Vec<Row> {
        let row = |(number, line): (u64, &&str)| {
            let mut row = Row { number, ..Row::default() };
            for (column, text) in (0..).zip(line.split(',')).filter(|(_, it)| !it.is_empty()) {
                let start = row.text.len();
                row.text.push_str(text);
                row.push(column, Kind::Text, false, 0, start);
            }
            row
        };
        (1..).zip(lines).map(row).collect()
    }

    #[test]
    fn only_names_above_records_are_groups() {
        let check = |lines: &[&str], expected: &[usize]| assert_eq!(named(&rows(lines), 3), expected, "{lines:?}");
        check(&["North,,", "a,b,1", "c,d,2", "South,,", "e,f,3"], &[0, 3]);
        check(&["North,,", ",b,1", "South,,", ",f,3"], &[0, 2]);
        check(&["a,b,1", "North,,", "c,d,2", "South,,", "e,f,3"], &[]);
        check(&["North,,", "a,b,1", "c,d,2"], &[]);
        check(&["North,,", "a,b,1", "South,,", "West,,", "c,d,2"], &[]);
        check(&["North,,", "a,b,1", ",South,", "c,d,2"], &[]);
        check(&["North,,", "a,b,1", "North,,", "c,d,2"], &[]);
        check(&["1,,", "a,b,1", "2,,", "c,d,2"], &[]);
        check(&["North,,", "a,b,1", "South,,"], &[]);
        check(&["North,,", "a,b,", "South,,", "c,d,", "e,,3"], &[0, 2]);
        check(&[], &[]);
        assert_eq!(named(&rows(&["North,", "a,b", "South,", "c,d"]), 2), [0; 0]);
    }
}
