//! Headers: finding the row that names the columns, and making names of its cells.
//!
//! Detection looks at a bounded number of rows and is pure; its answer is recorded with a confidence. It never looks
//! at what a column means, only at the shape of rows.

mod doubt;
pub(crate) mod second;

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::problem::Problem;
use crate::readers::aside::number;
use crate::readers::merged::Merges;
use crate::readers::problems::{REPEATED_COLUMN, plural, shown};
use crate::readers::row::{Kind, Row, letters};
use crate::readers::series::series;
use crate::readers::unlike::Unlike;
use crate::readers::{FoundColumn, ROW};

/// How many rows that are not blank may stand above a header, and itself.
pub(crate) const CANDIDATES: usize = 50;
/// How many rows below a candidate are compared with it.
pub(super) const BELOW: usize = 10;
/// An earlier row wins against one that looks better by no more than this.
const MARGIN: f32 = 0.12;
/// Below this, no row looks like a header.
const LEAST: f32 = 0.5;

/// From here on a header is sure enough to be taken without a word.
pub(crate) const SURE: f32 = 0.65;

/// The row that is taken for the header.
pub(crate) struct Choice {
    pub(crate) at: usize,
    /// How sure that is, from 0 to 1.
    pub(crate) confidence: f32,
    /// What speaks for it and what against it, without values.
    pub(crate) why: String,
}

/// Which of `rows`, none of them blank, is the header, how sure that is, and why.
pub(crate) fn detect(rows: &[Row]) -> Option<Choice> {
    let widest = rows.iter().take(CANDIDATES + BELOW).map(|it| it.cells.len()).max()?;
    let is_none = |at| doubt::is_comment(rows, at) || doubt::is_title_of_others(rows, at);
    let scored = |at| if is_none(at) { 0.0 } else { score(rows, at, widest) };
    let scores: Vec<f32> = (0..rows.len().min(CANDIDATES)).map(scored).collect();
    let best = scores.iter().copied().fold(0.0, f32::max);
    let at = scores.iter().position(|it| *it >= LEAST && *it >= best - MARGIN)?;
    // What stands above a header is no record of the table, so there is none where one does.
    let below = &rows[at + 1..rows.len().min(at + 1 + BELOW)];
    let table = if below.is_empty() { &rows[..at] } else { below };
    let others = |row: usize| table.iter().filter(move |it| it.number != rows[row].number);
    if (0..at).any(|it| is_record(&rows[it], others(it))) {
        return None;
    }
    let rival = scores[..at].iter().copied().fold(0.0, f32::max);
    let sure = scores[at] * (1.0 - rival * 0.3);
    let doubtful = doubt::may_be_title(rows, &scores, at)
        || doubt::may_be_record(rows, at)
        || (0..at).any(|it| !doubt::is_comment(rows, it) && doubt::is_shaped(&rows[it], &rows[at]));
    let sure = if doubtful { sure.min(SURE - 0.05) } else { sure };
    let confidence = (sure * 100.0).round() / 100.0;
    let second =
        (0..scores.len()).filter(|it| *it != at).max_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(b.cmp(a)));
    let second = second.filter(|it| scores[*it] > 0.0);
    let named = series(&rows[at], below).len();
    Some(Choice { at, confidence, why: why(&rows[at], named, widest, second.map(|it| (rows[it].number, scores[it]))) })
}

/// Units as they are written without brackets.
static UNITS: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("units.txt").split_whitespace().collect());

/// Whether row `at` says in which units the columns above it are counted: `(kg)`, `[m/s]` and nothing else above values,
/// or `kg`, `m/s` and nothing else above numbers.
pub(crate) fn has_units(rows: &[Row], at: usize) -> bool {
    let ([header, units, ..], true) = (&rows[at.saturating_sub(1)..], at > 0) else { return false };
    if units.number == header.number + 1 && are_bare_units(units, &rows[at + 1..]) {
        return true;
    }
    let is_unit = |text: &str| {
        let inner = text.strip_prefix('(').and_then(|it| it.strip_suffix(')'));
        let inner = inner.or_else(|| text.strip_prefix('[').and_then(|it| it.strip_suffix(']')));
        inner.is_some_and(|it| it.len() <= 12 && it.contains(|it: char| it.is_alphabetic() || "%°€$£".contains(it)))
    };
    let texts = || units.cells.iter().map(|cell| units.text_of(cell).trim());
    let below = |it: &&Row| it.cells.iter().any(|cell| is_unit(it.text_of(cell).trim()));
    units.number == header.number + 1
        && rows.len() > at + 1
        && !units.cells.is_empty()
        && texts().any(is_unit)
        && texts().all(|it| is_unit(it) || is_dash(it))
        && !rows[at + 1..].iter().take(BELOW).any(|it| below(&it))
}

/// Whether a text is a dash.
fn is_dash(it: &str) -> bool {
    matches!(it, "-" | "\u{2013}" | "\u{2014}" | "/")
}

/// Whether a row holds units and dashes alone, above columns of numbers.
fn are_bare_units(row: &Row, below: &[Row]) -> bool {
    let unit = |it: &str| {
        UNITS.contains(it) || it.split_once('/').is_some_and(|(a, b)| UNITS.contains(a) && UNITS.contains(b))
    };
    let texts = || row.cells.iter().map(|it| (it.column, row.text_of(it).trim()));
    let numbers = |column: u32| {
        let values = below.iter().take(BELOW).filter_map(|it| {
            let found = it.cells.binary_search_by_key(&column, |it| it.column).ok()?;
            Some(number(it, &it.cells[found], &[]).is_some())
        });
        values.fold((0, 0), |(all, numbers), it| (all + 1, numbers + u32::from(it)))
    };
    let units = texts().filter(|(_, it)| !is_dash(it)).count();
    units > 0
        && texts().all(|(_, it)| is_dash(it) || unit(it))
        && texts()
            .filter(|(_, it)| !is_dash(it))
            .all(|(column, _)| matches!(numbers(column), (all @ 1.., some) if some == all))
}

/// What can be counted of the header, and the row that comes next to it.
fn why(row: &Row, named: usize, widest: usize, second: Option<(u64, f32)>) -> String {
    let names = row.cells.iter().filter(|it| is_name(it.kind, row.text_of(it).trim())).count();
    let (names, filled, cells) = (names + named, row.cells.len(), plural(widest as u64, "cell"));
    let like = if names == 1 { "looks like a name" } else { "look like names" };
    let mut why = match filled == widest {
        true => format!("{names} of {cells} {like}"),
        false => format!("{filled} of {cells} are filled, {names} {like}"),
    };
    if let Some((number, score)) = second {
        why.push_str(&format!("; next is row {number} with {score:.2}"));
    }
    why
}

/// How much row `at` looks like a header, from 0 to 1: wide, of short distinct names, above rows that are filled alike
/// and hold what no name looks like. A row of which less than half are names is none.
fn score(rows: &[Row], at: usize, widest: usize) -> f32 {
    let row = &rows[at];
    let width = row.cells.len() as f32;
    let mut seen = HashSet::new();
    let below = &rows[at + 1..rows.len().min(at + 1 + BELOW)];
    let series = series(row, below);
    let others = rows[..at].iter().chain(below);
    let (mut names, mut distinct, mut unlike) = (0.0, 0.0, 0.0);
    for cell in &row.cells {
        let text = row.text_of(cell).trim();
        distinct += if seen.insert(text) { 1.0 } else { 0.0 };
        if !is_name(cell.kind, text) {
            let named = series.contains(&cell.column);
            names += if named { 1.0 } else { 0.0 };
            unlike += if named { 1.0 } else { 0.0 };
            continue;
        }
        names += 1.0;
        let same = |it: &Row| {
            let found = it.cells.binary_search_by_key(&cell.column, |it| it.column).ok()?;
            Some(is_name(it.cells[found].kind, it.text_of(&it.cells[found]).trim()))
        };
        let (filled, alike) = below.iter().filter_map(same).fold((0, 0), |it, name| (it.0 + 1, it.1 + u32::from(name)));
        unlike += if filled > 2 * alike { 1.0 } else { 0.0 };
    }
    if names * 2.0 < width || is_record(row, others) {
        return 0.0;
    }
    let columns: HashSet<u32> = row.cells.iter().map(|it| it.column).collect();
    let filled: f32 = below
        .iter()
        .map(|it| it.cells.iter().filter(|cell| columns.contains(&cell.column)).count() as f32 / width)
        .sum();
    // A header without rows is still one.
    let filled = if below.is_empty() { 1.0 } else { filled / below.len() as f32 };
    let wide = width / widest as f32;
    // A title above one column has what that column has beneath it, and says nothing of all the others.
    let beneath = (2.0 * wide).min(1.0) * (filled + unlike / width);
    0.3 * wide + 0.3 * names / width + 0.1 * distinct / width + 0.15 * beneath
}

/// What no column is called, and many a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Address,
    Link,
    /// Seven digits or more and what people put between them: a telephone number, a number of a register.
    LongNumber,
    /// Three numbers apart, as in a date.
    Day,
}

impl Shape {
    fn of(text: &str) -> Option<Shape> {
        let text = text.trim();
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let apart = |it: char| matches!(it, ' ' | '-' | '/' | '.' | '(' | ')' | '+' | '\u{a0}');
        let is_number = text.chars().all(|it| it.is_ascii_digit() || apart(it));
        let parts = text.split(['-', '/', '.']).filter(|it| (1..=4).contains(&it.len())).count();
        match text.split_once('@') {
            Some((local, host)) if !local.is_empty() && host.contains('.') && !text.contains(char::is_whitespace) => {
                Some(Shape::Address)
            }
            None if text.contains("://") => Some(Shape::Link),
            None if is_number && parts == 3 && (4..=8).contains(&digits) => Some(Shape::Day),
            None if is_number && digits >= 7 => Some(Shape::LongNumber),
            _ => None,
        }
    }
}

/// Whether a row is one of these: one of its cells has a shape that no name of a column has, and most of their cells in
/// that column have the same one. Days name columns as well, of numbers or marks.
fn is_record<'a>(row: &Row, others: impl Iterator<Item = &'a Row> + Clone) -> bool {
    row.cells.iter().any(|cell| {
        let Some(shape) = Shape::of(row.text_of(cell)) else { return false };
        let same = |it: &Row| {
            let found = it.cells.binary_search_by_key(&cell.column, |it| it.column).ok()?;
            Some(Shape::of(it.text_of(&it.cells[found])) == Some(shape))
        };
        let count = |it: (u32, u32), same: bool| (it.0 + 1, it.1 + u32::from(same));
        let (filled, alike) = others.clone().filter_map(same).fold((0, 0), count);
        alike > 0 && alike * 2 > filled
    })
}

/// Names are short and hold letters; numbers, addresses and dates are values. Years and codes name columns too.
pub(super) fn is_name(kind: Kind, text: &str) -> bool {
    if is_year(text) || (kind == Kind::Text && is_code(text)) {
        return true;
    }
    let (mut letters, mut digits) = (0, 0);
    for c in text.chars().take(200) {
        letters += usize::from(c.is_alphabetic());
        digits += usize::from(c.is_ascii_digit());
    }
    kind == Kind::Text && letters > digits && text.len() <= 120 && !text.contains('@') && !text.contains("://")
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.parse().is_ok_and(|it: u32| (1900..2100).contains(&it))
}

/// Whether a text is a code as columns are named by: `V1`, `c0`, `Q1 2024`, `2024 Q1`, `2023-01`, `01/2023`, `2023/24`.
///
/// Words of one or two letters with up to three digits, years, and numbers below 100 beside one of these.
fn is_code(text: &str) -> bool {
    let words: Vec<&str> = text.split([' ', '-', '/', '_', '.']).collect();
    let is_short = |it: &&str| {
        let digits = it.trim_start_matches(|it: char| it.is_ascii_alphabetic());
        let letters = it.len() - digits.len();
        (1..=3).contains(&letters) && (1..=3).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit())
    };
    let is_little = |it: &&str| (1..=2).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    let leads = words.iter().filter(|it| is_short(it) || is_year(it)).count();
    words.len() <= 2 && leads > 0 && words.iter().all(|it| is_short(it) || is_year(it) || is_little(it))
}

/// A header cell as a name: one line, no control characters, no white space around.
pub(crate) fn clean(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for word in text.split(|it: char| it.is_whitespace() || it.is_control() || it == '\u{feff}') {
        if !word.is_empty() {
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(word);
        }
    }
    name
}

/// Whether one of `columns` has no name in the row, or two have one.
pub(crate) fn lacks_names(row: &Row, columns: &[u32]) -> bool {
    let mut seen = HashSet::new();
    let named = row.cells.iter().filter(|it| it.kind != Kind::Error);
    let distinct = named.filter(|it| columns.contains(&it.column) && seen.insert(clean(row.text_of(it)))).count();
    distinct < columns.len()
}

/// What columns are named by.
pub(crate) struct Names<'a> {
    /// The rows of the header, from top to bottom.
    pub(crate) header: &'a [Row],
    /// Which of its cells are merged.
    pub(crate) merges: &'a Merges,
    /// How messages name the file.
    pub(crate) file: &'a str,
}

impl Names<'_> {
    /// Names for `columns`: unlike each other even without regard to case, as a database compares them. What stands in
    /// several rows is joined, a cell over several columns names all of them, and a repeated name is numbered and, if
    /// it is an accident, told.
    pub(crate) fn of(&self, columns: &[u32], warnings: &mut Vec<Problem>) -> Vec<FoundColumn> {
        let wanted: Vec<(String, bool)> = columns.iter().map(|it| self.name(*it)).collect();
        let mut unlike = Unlike::new(wanted.iter().map(|(it, _)| it.as_str()), &[ROW]);
        // The columns that have a name, each with its letter and whether the header says it.
        let mut known: HashMap<String, Known> = HashMap::new();
        let mut found = Vec::with_capacity(columns.len());
        for ((name, merged), column) in wanted.into_iter().zip(columns) {
            let letter = letters(*column);
            let unique = unlike.give(&name);
            if unique != name && !merged {
                let own = Known { name: name.clone(), letter: letter.clone(), named: self.says(*column) };
                warn(warnings, &own, &unique, known.get(&name.to_lowercase()), self.file);
            }
            let own = Known { name: unique.clone(), letter: letter.clone(), named: self.says(*column) };
            known.insert(unique.to_lowercase(), own);
            found.push(FoundColumn { name: unique, letter });
        }
        found
    }

    /// Whether the header says anything above a column.
    fn says(&self, column: u32) -> bool {
        let own = |row: &Row| {
            let at = row.cells.binary_search_by_key(&column, |it| it.column).ok();
            at.is_some_and(|at| row.cells[at].kind != Kind::Error && !clean(row.text_of(&row.cells[at])).is_empty())
        };
        self.header.iter().any(|row| own(row) || self.merges.origin(row.number, column).is_some())
    }

    /// What the header says above a column, and whether it says so in a cell that was merged with another.
    fn name(&self, column: u32) -> (String, bool) {
        let mut parts: Vec<String> = Vec::new();
        let mut merged = false;
        for row in self.header {
            let own = |column: u32| {
                let at = row.cells.binary_search_by_key(&column, |it| it.column).ok()?;
                let cell = &row.cells[at];
                (cell.kind != Kind::Error).then(|| clean(row.text_of(cell))).filter(|it| !it.is_empty())
            };
            let other = || self.merges.origin(row.number, column).and_then(own);
            let text = own(column).map(|it| (it, false)).or_else(|| other().map(|it| (it, true)));
            // A dash says that there is nothing to say, as where there is no unit.
            let says = |it: &str| parts.is_empty() || !is_dash(it);
            if let Some((text, from)) = text.filter(|(it, _)| parts.last() != Some(it) && says(it)) {
                parts.push(text);
                merged |= from;
            }
        }
        if parts.is_empty() { (letters(column), false) } else { (parts.join(" "), merged) }
    }
}

/// A column that has a name.
struct Known {
    name: String,
    letter: String,
    /// Whether the header says it; what has no name has its letter.
    named: bool,
}

/// Tells of a repeated name; beyond 20 such columns one more word would be noise.
fn warn(warnings: &mut Vec<Problem>, own: &Known, unique: &str, first: Option<&Known>, file: &str) {
    if warnings.len() >= 20 {
        return;
    }
    let (name, letter, file) = (shown(&own.name), &own.letter, shown(file));
    let message = match first {
        Some(first) if !own.named => {
            format!(
                "`{file}` has no name for column {letter}, and names column {} `{}`",
                first.letter,
                shown(&first.name)
            )
        }
        Some(first) if !first.named => {
            format!("`{file}` has no name for column {}, and names column {letter} `{name}`", first.letter)
        }
        Some(first) if first.name != own.name => {
            let (at, other) = (&first.letter, shown(&first.name));
            format!("`{file}` names column {at} `{other}` and column {letter} `{name}`, which differ only in case")
        }
        Some(first) => format!("`{file}` names columns {} and {letter} both `{name}`", first.letter),
        None => format!("`{file}` names column {letter} `{name}`, which means the row number here"),
    };
    let help = format!("column {letter} is called `{}`; name it in the file to choose another", shown(unique));
    warnings.push(Problem::new(&REPEATED_COLUMN, message).help(help));
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn rows(lines: &[&str]) -> Vec<Row> {
        let mut rows = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            let mut row = Row::default();
            row.start(number as u64 + 1);
            for (column, text) in line.split('|').enumerate() {
                let start = row.text.len();
                row.text.push_str(text);
                let kind = if text.parse::<f64>().is_ok() { Kind::Number } else { Kind::Text };
                row.push(column as u32, kind, false, 0, start);
            }
            rows.push(row);
        }
        rows
    }

    fn check(lines: &[&str], expected: Option<usize>) {
        assert_eq!(detect(&rows(lines)).map(|it| it.at), expected, "{lines:?}");
    }

    #[test]
    fn the_header_is_found_below_titles() {
        check(&["name|phone|city", "Jo|0821234567|Cape Town"], Some(0));
        check(&["Contacts 2025", "name|phone|city", "Jo|082|Cape Town", "Al|083|Durban"], Some(1));
        check(&["Contacts", "Printed by|Jo", "name|phone|city|e-mail", "Jo|082|Durban|jo@example.org"], Some(2));
        check(&["|Group|", "a|b|c", "1|2|3", "4|5|6"], Some(1));
        let record = "1|Jo|Durban|Al|x|y|z";
        check(&["Not to be passed on", "no|name|city|owner|a|b|c", record, record, record], Some(1));
    }

    #[test]
    fn rows_of_text_do_not_outdo_a_header_with_gaps() {
        check(&["name||city", "Jo|x|Durban", "Al|y|Knysna", "Bo|z|George"], Some(0));
        check(&["a|b", "x|y", "z|w"], Some(0));
    }

    #[test]
    fn a_record_is_no_header() {
        let (jo, al, bo) = ("Jo|jo@a.example|Durban", "Al|al@b.example|Knysna", "Bo||George");
        check(&[jo, al, bo], None);
        check(&[jo, bo, al], None);
        check(&[bo, jo, al], Some(0));
        check(&["name|mail|city", jo, al], Some(0));
        check(&["Jo|+27 21 555 0101", "Al|021 555 0102", "Bo|0215550103"], None);
        check(&["Jo|2024-01-02|x", "Al|2024-02-03|y", "Bo|2024-03-04|z"], None);
        check(&["who|https://a.example/x|n", "Jo|https://b.example|n", "Al|https://c.example|n"], None);
        // Days and addresses name columns of numbers and marks.
        check(&["city|zone|2024-01-01|2024-02-01", "Durban|a|3|4", "Knysna|b|5|6"], Some(0));
        check(&["task|day|jo@a.example|al@b.example", "sweep|a|x|", "wash|b||x"], Some(0));
        check(&["Ask us|help@a.example", "name|mail|city", "Jo|jo@b.example|Durban", al], None);
    }

    #[test]
    fn codes_are_names() {
        check(&["V1|V2|V3", "Aero|Ghent|open", "Blue|Aarau|shut", "Dawn|Basel|open"], Some(0));
        check(&["Q1 2024|Q2 2024|Q3 2024", "Aero|Ghent|open", "Blue|Aarau|shut"], Some(0));
        check(&["2023-01|2023-02|2023-03", "1|2|3", "4|5|6"], Some(0));
        check(&["c0|c1", "a|b", "c|d"], Some(0));
        check(&["place|01/2024|02/2024", "Aero|1|2", "Blue|3|4"], Some(0));
        check(&["code|name", "A1|Jo", "B2|Al"], Some(0));
        check(&["12/34|56/78|9", "1|2|3"], None);
        check(&["gene|ENSG00000141510|ENSG00000012048", "A|1|2", "B|3|4"], Some(0));
        check(&["B01001_001|B01001_002", "12|33", "14|35"], Some(0));
        check(&["item|FY2023|FY2024", "A|1|2", "B|3|4"], Some(0));
        check(&["region|0-4|5-9|10-14|80+", "A|1|2|3|4", "B|2|3|4|5"], Some(0));
        check(&["name|% 2023|% 2024", "A|1|2", "B|2|3"], Some(0));
        check(&["name|1|2|3|4", "A|x|y|z|x", "B|x|x|z|y"], Some(0));
        check(&["name|2024-01-01|2024-01-02|2024-01-03", "A|x||x", "B||x|", "C|x|x|x"], Some(0));
        check(&["a-17|b-18|c", "a-19|b-20|d", "a-21|b-22|e"], None);
        let report = "Report:|Members|Date:|2024-05-01";
        check(&[report, "name|town|n|day", "Aero|Ghent|12|2024-01-02", "Blue|Aarau|7|2024-02-03"], None);
    }

    #[test]
    fn a_header_alone_is_one_and_numbers_are_none() {
        check(&["name|phone"], Some(0));
        check(&["1|2|3", "4|5|6"], None);
        check(&[], None);
    }

    #[test]
    fn certainty_falls_with_what_stands_above() {
        let plain = detect(&rows(&["a|b|c", "1|2|3"])).unwrap().confidence;
        let below = detect(&rows(&["Title", "a|b|c", "1|2|3"])).unwrap().confidence;
        assert!(plain > below && below > 0.5, "{plain} {below}");
    }

    #[test]
    fn a_row_of_units_belongs_to_the_header() {
        let check = |lines: &[&str], expected: bool| assert_eq!(has_units(&rows(lines), 1), expected, "{lines:?}");
        check(&["name|weight|speed", "|(kg)|[m/s]", "Aero|3|4"], true);
        check(&["weight|speed", "(kg)|(kt)", "3|4", "5|6"], true);
        check(&["name|weight", "Aero|(kg)", "Blue|3"], false);
        check(&["loss|gain", "(3)|(4)", "(5)|6"], false);
        check(&["weight|speed", "(kg)|(kt)"], false);
        check(&["name|note", "Aero|x"], false);
        check(&["name|weight|speed", "|kg|m/s", "Aero|3|4", "Blue|4|5"], true);
        check(&["name|weight|price", "-|kg|€", "Aero|3|4,50", "Blue|4|€ 5"], true);
        check(&["name|class", "Aero|A", "Blue|B"], false);
        check(&["weight|speed", "kg|kt", "3|fast"], false);
        check(&["weight|speed", "kg|kt"], false);
    }

    fn names(header: &[Row]) -> Names<'_> {
        Names { header, merges: const { &Merges::NONE }, file: "x.csv" }
    }

    #[test]
    fn rows_of_a_header_are_joined_and_merged_cells_name_all_of_their_columns() {
        let check = |lines: &[&str], merged: &[&str], expected: &str| {
            let ranges = merged.iter().map(|it| crate::readers::merged::Range::parse(it).unwrap()).collect();
            let merges = Merges::new(ranges, "x").unwrap();
            let mut warnings = Vec::new();
            let header = rows(lines);
            let found = Names { header: &header, merges: &merges, file: "x.csv" }.of(&[0, 1, 2, 3], &mut warnings);
            assert_eq!(found.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join("|"), expected);
            assert!(warnings.is_empty(), "{warnings:?}");
        };
        check(&["name|airport||notes"], &["B1:C1"], "name|airport|airport_2|notes");
        check(&["name|airport||notes"], &[], "name|airport|C|notes");
        check(
            &["name|person||notes", "|first|last|"],
            &["A1:A2", "B1:C1", "D1:D2"],
            "name|person first|person last|notes",
        );
        check(&["a|person||b", "a|first|last|c"], &["B1:C1"], "a|person first|person last|b c");
    }

    #[test]
    fn names_are_one_line_and_differ() {
        let rows = rows(&[" Full\nname |name|Name|NAME_2||_row|A"]);
        let mut warnings = Vec::new();
        let found = names(&rows).of(&[0, 1, 2, 3, 4, 5, 6], &mut warnings);
        let names: Vec<_> = found.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["Full name", "name", "Name_3", "NAME_2", "E", "_row_2", "A"]);
        assert_eq!(warnings.len(), 2);
        assert_eq!(warnings[0].message, "`x.csv` names column B `name` and column C `Name`, which differ only in case");
    }

    #[test]
    fn a_letter_that_meets_a_name_is_told_as_one() {
        let rows = rows(&["id|D|b||c", ""]);
        let mut warnings = Vec::new();
        let found = names(&rows).of(&[0, 1, 2, 3, 4], &mut warnings);
        assert_eq!(found[3].name, "D_2");
        assert_eq!(warnings[0].message, "`x.csv` has no name for column D, and names column B `D`");
    }

    /// A try for each column and each earlier one of its name would not end.
    #[test]
    fn as_many_columns_of_one_name_as_a_sheet_has_differ() {
        let columns: Vec<u32> = (0..16_384).collect();
        let found = names(&rows(&["1 May|".repeat(columns.len()).as_str()])).of(&columns, &mut Vec::new());
        let different: HashSet<_> = found.iter().map(|it| it.name.as_str()).collect();
        assert_eq!((different.len(), found[16_383].name.as_str()), (16_384, "1 May_16384"));
    }

    #[test]
    fn without_a_header_columns_are_named_by_letter() {
        let found = names(&[]).of(&[1, 26], &mut Vec::new());
        assert_eq!(found.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["B", "AA"]);
    }
}
