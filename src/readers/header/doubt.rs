//! Headers that may be none: what speaks against the row that is taken, though another row would not do better.

use crate::readers::header::{BELOW, is_name};
use crate::readers::row::Row;

/// Whether row `at` may be a title above the header: the row below it looks as much like one, and something tells it
/// from the rows below or from a row of names. Rows of plain words look alike, so that alone says nothing.
pub(super) fn may_be_title(rows: &[Row], scores: &[f32], at: usize) -> bool {
    let (title, Some(next), Some(score)) = (&rows[at], rows.get(at + 1), scores.get(at + 1)) else { return false };
    let below = &rows[at + 2..rows.len().min(at + 2 + BELOW)];
    if next.cells.len() < 2 || below.len() < 2 || *score < scores[at] - 0.02 {
        return false;
    }
    // A row that ends before the table does, above one that names every column.
    let ends = |it: &Row| it.cells.last().map(|it| it.column);
    let names = next.cells.iter().all(|it| is_name(it.kind, next.text_of(it).trim()));
    if title.cells.len() >= 2 && ends(title) < ends(next) && names && below.iter().all(|it| ends(it) >= ends(next)) {
        return true;
    }
    if next.cells.len() != title.cells.len() {
        return false;
    }
    // A sentence that a comma took apart: a blank stands behind it, as in no other row.
    let blank = |it: &Row| it.cells.iter().any(|cell| it.text_of(cell).starts_with(' '));
    if blank(title) && !blank(next) && !below.iter().any(blank) {
        return true;
    }
    // All names in small letters above words that are not, and beneath a line that is not.
    let small = |it: &Row| it.cells.iter().all(|cell| is_small(it.text_of(cell)));
    small(next) && !small(title) && below.iter().filter(|it| small(it)).count() * 2 < below.len()
}

/// Whether row `at` is a comment of the file, whatever a delimiter made of it: `#` and a blank, beside another such row or
/// with a colon, above rows that are none. `# of items` above numbers is a name.
pub(super) fn is_comment(rows: &[Row], at: usize) -> bool {
    let text = |it: &Row| it.cells.first().filter(|first| first.column == 0).map(|first| it.text_of(first).to_owned());
    let is_marked = |it: &Row| text(it).is_some_and(|it| it.starts_with("# "));
    let beside = at.checked_sub(1).into_iter().chain([at + 1]).filter_map(|it| rows.get(it)).any(is_marked);
    let has_colon = || rows[at].cells.iter().any(|it| rows[at].text_of(it).contains(": "));
    is_marked(&rows[at]) && (beside || has_colon()) && rows[at + 1..].iter().any(|it| !is_marked(it))
}

/// How many lines of a title may stand above a header.
const TITLE: usize = 3;

/// Whether row `at` is part of a title that a delimiter took apart into other fields than the table below it has: a
/// sentence with commas. Rows of one length are below it, names first, and something else than its length tells it from
/// a header whose records lack a field or have one more.
pub(super) fn is_title_of_others(rows: &[Row], at: usize) -> bool {
    let (title, Some(own)) = (&rows[at], rows[at].fields) else { return false };
    let begins = |it: &usize| matches!(&rows[*it..], [a, b, c, ..] if a.fields == b.fields && b.fields == c.fields);
    let Some(start) = (at + 1..rows.len().min(at + 1 + TITLE)).find(begins) else { return false };
    let (next, below) = (&rows[start], &rows[start + 1..rows.len().min(start + 1 + BELOW)]);
    let Some(fields) = next.fields.filter(|it| *it != own) else { return false };
    let names =
        next.cells.len() as u32 == fields && next.cells.iter().all(|it| is_name(it.kind, next.text_of(it).trim()));
    let wider = title.cells.last().is_some_and(|it| it.column >= fields);
    if !names || title.cells.len() < 2 || !wider && own > fields || below.iter().any(|it| it.fields != next.fields) {
        return false;
    }
    // A name is above something else than names.
    let unlike = |column: u32| {
        let cells = below.iter().filter_map(|it| {
            let found = it.cells.binary_search_by_key(&column, |it| it.column).ok()?;
            Some(is_name(it.cells[found].kind, it.text_of(&it.cells[found]).trim()))
        });
        let (filled, alike) = cells.fold((0, 0), |it, name| (it.0 + 1, it.1 + u32::from(name)));
        filled > 2 * alike
    };
    let blank = |it: &Row| it.cells.iter().any(|cell| it.text_of(cell).starts_with(' '));
    let apart = blank(title) && !blank(next) && !below.iter().any(blank);
    let no_names = title.cells.iter().any(|it| !is_name(it.kind, title.text_of(it).trim()));
    wider && (apart || no_names) || next.cells.iter().any(|it| unlike(it.column))
}

/// Whether row `at` may be the first record: a number in it has as many digits as all those below it, as a year above
/// years, or is about as large as they are; and other cells of it are no numbers.
pub(super) fn may_be_record(rows: &[Row], at: usize) -> bool {
    let (row, below) = (&rows[at], &rows[at + 1..rows.len().min(at + 1 + BELOW)]);
    let digits = |text: &str| Some(text.len()).filter(|it| *it > 0 && text.bytes().all(|it| it.is_ascii_digit()));
    let like = |column: u32, length: usize| {
        let cells = below.iter().filter_map(|it| {
            let found = it.cells.binary_search_by_key(&column, |it| it.column).ok()?;
            Some(digits(it.text_of(&it.cells[found]).trim()))
        });
        let (count, alike) = cells.fold((0, 0), |it, found| (it.0 + 1, it.1 + u32::from(found == Some(length))));
        count >= 2 && count == alike
    };
    // A number of about their size, unless columns are counted: 1, 2, 3.
    let near = |column: u32| {
        let values: Vec<f64> = below.iter().filter_map(|it| value(it, column)).collect();
        let filled = below.iter().filter(|it| it.cells.iter().any(|it| it.column == column)).count();
        let (least, most) = values.iter().fold((f64::MAX, f64::MIN), |(a, b), it| (a.min(*it), b.max(*it)));
        let own = value(row, column);
        values.len() >= 2 && values.len() == filled && own.is_some_and(|it| it >= least / 2.0 && it <= most * 2.0)
    };
    let counted: Vec<f64> = row.cells.iter().filter_map(|it| value(row, it.column)).collect();
    let steps = counted.windows(2).map(|it| it[1] - it[0]);
    let is_counted = counted.len() >= 2 && steps.clone().all(|it| it == 1.0);
    let numbers = || row.cells.iter().filter_map(|it| Some((it.column, digits(row.text_of(it).trim())?)));
    let sized = || row.cells.iter().filter(|it| value(row, it.column).is_some());
    let like = numbers().count() < row.cells.len() && numbers().any(|(column, length)| like(column, length));
    like || (!is_counted && sized().count() < row.cells.len() && sized().any(|it| near(it.column)))
}

/// The number in a column of a row that is digits, with a sign or a point or without.
fn value(row: &Row, column: u32) -> Option<f64> {
    let found = row.cells.binary_search_by_key(&column, |it| it.column).ok()?;
    let text = row.text_of(&row.cells[found]).trim();
    let is_plain = text.starts_with(|it: char| it.is_ascii_digit() || it == '-') && !text.contains(['e', 'E']);
    if is_plain { text.parse().ok() } else { None }
}

/// Whether a row above a header has the shape of a record, or of groups over columns: it is left out, and more is lost
/// than a title.
pub(super) fn is_shaped(row: &Row, header: &Row) -> bool {
    let (cells, names) = (row.cells.len(), header.cells.len());
    // In a workbook merged cells tell of groups.
    let beside = row.fields.is_some()
        && row.number + 1 == header.number
        && row.cells.last().is_some_and(|it| it.column > row.cells[0].column + 1);
    cells > 1 && (cells * 2 > names || beside)
}

/// Whether all letters of a text are small.
fn is_small(text: &str) -> bool {
    text.contains(char::is_lowercase) && !text.contains(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use crate::readers::header::tests::rows;
    use crate::readers::header::{SURE, detect};

    fn check(lines: &[&str], sure: bool) {
        let found = detect(&rows(lines)).expect("a header");
        assert_eq!(found.confidence >= SURE, sure, "{lines:?}: {}", found.confidence);
    }

    #[test]
    fn a_title_as_wide_as_the_table_makes_the_header_unsure() {
        check(&["Members| March", "name|town", "Aero|Ghent", "Blue|Aarau", "Dawn|Basel"], false);
        check(&["Members|March", "name|town", "Aero|Ghent", "Blue|Aarau", "Dawn|Basel"], false);
        check(&["# Place: Durban| here", "id|val", "1|2.5", "2|3.5"], true);
        check(&["Members| March", "Name|Town", "Aero|Ghent", "Blue|Aarau"], false);
        check(&["Stock| May", "part|count", "Bolt|3", "Nut|4", "Pin|5"], false);
        check(&["name|first|second", "Aero||x", "Blue|y|z", "Dawn|z|y"], true);
        check(&["name|town", "Aero|Ghent", "Blue|Aarau", "Dawn|Basel"], true);
        check(&["Name|Town", "Aero|Ghent", "Blue|Aarau", "Dawn|Basel"], true);
        check(&["name|town", "aero|ghent", "blue|aarau", "dawn|basel"], true);
        check(&["name| town", "aero| ghent", "blue| aarau", "dawn| basel"], true);
        check(&["part|count", "Bolt|3", "Nut|4", "Pin|5"], true);
    }

    #[test]
    fn rows_above_that_look_like_records_make_the_header_unsure() {
        let record = "Jo|Ghent|4|5|6";
        check(&["Members", "name|town|x|y|z", record, record, record], true);
        check(&["Printed by|Jo", "name|town|x|y|z", record, record, record], true);
        check(&["person||values", "name|town|x|y|z", record, record, record], true);
        check(&["Al|Bern|x", "name|town|x|y|z", record, record, record], false);
    }

    #[test]
    fn a_title_that_ends_before_the_table_makes_the_header_unsure() {
        let record = "Aero|Ghent|12|2024-01-02";
        check(&["Members|March|2024", "name|town|n|day", record, record], false);
        check(&["|name|town", "0|Aero|Ghent", "1|Blue|Aarau", "2|Dawn|Basel"], true);
    }

    #[test]
    fn a_number_as_large_as_those_below_makes_the_header_unsure() {
        check(&["Aero|Ghent|12", "Blue|Aarau|7", "Dawn|Basel|9"], false);
        check(&["Aero|Ghent|1.25", "Blue|Aarau|7.5", "Dawn|Basel|0.5"], false);
        check(&["club|town|2024", "Blue|Aarau|7", "Dawn|Basel|9"], true);
        check(&["name|town|kind|8|9", "A|x|y|13|10", "B|z|w|12|12"], true);
    }
}
