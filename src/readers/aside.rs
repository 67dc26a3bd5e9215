//! Rows of a sheet that are no records: the header said again, totals.
//!
//! What is certain is told from what is likely. A total is known by arithmetic, in no language: its numbers are sums or
//! counts of what stands above it. What a label says besides is in `labels`.

use crate::readers::row::{Cell, Kind, Row};
use crate::text::number::{Sign, amount, sign};

/// Rows above a total at least: the sum of two numbers may be a third one by chance.
const LEAST: u64 = 3;

/// Whether every cell of `row` is that of `header` in its column, and they are at least two and half of them.
pub(crate) fn is_again(row: &Row, header: &Row) -> bool {
    if row.cells.len() < 2 || row.cells.len() * 2 < header.cells.len() {
        return false;
    }
    row.cells.iter().all(|cell| {
        let above = header.cells.binary_search_by_key(&cell.column, |it| it.column);
        above.is_ok_and(|at| header.text_of(&header.cells[at]).trim() == row.text_of(cell).trim())
    })
}

/// What the columns hold, as far as totals may repeat it.
#[derive(Debug)]
pub(crate) struct Sums {
    rows: u64,
    /// Headers that were said again: formulas count them too.
    pub(crate) again: u64,
    columns: Vec<Sum>,
}

#[derive(Clone, Debug, Default)]
struct Sum {
    valued: u64,
    numbers: u64,
    /// The numbers that are not zero.
    parts: u64,
    sum: f64,
}

impl Sums {
    pub(crate) fn new(columns: usize) -> Sums {
        Sums { rows: 0, again: 0, columns: vec![Sum::default(); columns] }
    }

    /// Whether there are rows enough that a label at the end is no record, and most of them have more than one value.
    pub(crate) fn are_filled(&self) -> bool {
        self.rows >= LEAST && self.columns.iter().map(|it| it.valued).sum::<u64>() * 2 > self.rows * 3
    }

    /// Whether there are rows enough that a sum of them is none by chance.
    pub(crate) fn are_several(&self) -> bool {
        self.rows >= LEAST
    }

    /// Counts a row, also among those of a group.
    #[inline]
    pub(crate) fn add(&mut self, group: &mut Sums, row: &Row, money: &[String], place: impl Fn(u32) -> Option<u32>) {
        self.rows += 1;
        group.rows += 1;
        for cell in &row.cells {
            let Some(place) = place(cell.column).map(|it| it as usize) else { continue };
            let number = number(row, cell, money);
            for it in [&mut self.columns[place], &mut group.columns[place]] {
                it.valued += 1;
                if let Some(number) = number {
                    it.numbers += 1;
                    it.parts += u64::from(number != 0.0);
                    it.sum += number;
                }
            }
        }
    }
}

/// The number that a cell is, also one that is written as text; `money` are words that may stand beside it.
#[inline]
pub(crate) fn number(row: &Row, cell: &Cell, money: &[String]) -> Option<f64> {
    let text = row.text_of(cell);
    if !matches!(cell.kind, Kind::Number | Kind::Text) || text.len() > LONGEST {
        return None;
    }
    let plain = text.bytes().next().is_some_and(|it| it.is_ascii_digit() || it == b'-');
    let plain = if plain { text.trim().parse().ok() } else { None };
    let is_amount = cell.kind == Kind::Text && plain.is_none() && (may_be_money(text) || is_named(text, money));
    if is_amount { amount_of(text, money) } else { plain }
}

/// Whether a word for money stands before or behind digits.
fn is_named(text: &str, money: &[String]) -> bool {
    let text = text.trim();
    let beside = |it: &String| {
        let before =
            text.strip_prefix(it.as_str()).map(|it| it.trim_start().starts_with(|it: char| it.is_ascii_digit()));
        let behind = text.strip_suffix(it.as_str()).map(|it| it.trim_end().ends_with(|it: char| it.is_ascii_digit()));
        before.or(behind).unwrap_or(false)
    };
    money.iter().any(beside)
}

/// No number is written longer.
const LONGEST: usize = 40;

/// Whether a text may be a number with separators or with a currency beside it: most texts are told apart here.
#[inline]
fn may_be_money(text: &str) -> bool {
    let (mut digits, mut marks, mut letters) = (0, 0, 0);
    for it in text.bytes() {
        match it {
            b'0'..=b'9' => digits += 1,
            b'.' | b',' | b' ' | b'\'' | b'(' | b')' | b'$' | b'%' | 0x80.. => marks += 1,
            b'-' | b'+' if marks + digits == 0 => (),
            b'A'..=b'Z' => letters += 1,
            _ => return false,
        }
    }
    // Behind a blank, and behind a second full stop, three digits stand: no telephone number or date is asked further.
    let groups = |mark: char, least: usize| {
        let parts = text.trim_matches(|it: char| !it.is_ascii_digit()).split(mark);
        let (count, last) = parts.fold((0, ""), |(count, _), it| (count + 1, it));
        count <= least || last.bytes().take_while(u8::is_ascii_digit).count() == 3
    };
    digits > 0 && marks > 0 && letters <= 3 && groups(' ', 1) && groups('.', 2)
}

/// A number as people write it. Where both decimal signs fit, the one that leaves a group of three behind it parts
/// thousands: `1,234` is more often one thousand than one, and a total that is written alike is read alike.
fn amount_of(text: &str, money: &[String]) -> Option<f64> {
    let words: Vec<&str> = money.iter().map(String::as_str).collect();
    let read = match sign(text, &words) {
        Some(Sign::Either) => amount(text, text.contains('.'), &words),
        sign => amount(text, sign == Some(Sign::Comma), &words),
    };
    read?.parse().ok()
}

/// Whether a number is the sum of its column, as far as there is more than one.
pub(crate) fn is_sum(number: Option<f64>, above: &Sums, column: usize) -> bool {
    let (Some(number), Some(column)) = (number, above.columns.get(column)) else { return false };
    number != 0.0 && column.numbers >= 1 && near(column.sum, number)
}

/// Whether a number is the mean of its column, as far as its decimals go.
pub(crate) fn is_mean(number: Option<f64>, above: &Sums, column: usize) -> bool {
    let (Some(number), Some(column)) = (number, above.columns.get(column)) else { return false };
    let mean = column.sum / column.numbers.max(1) as f64;
    // Farther than half a tenth away no number of decimals makes it the mean, and to count them is slow.
    if (mean - number).abs() > 0.06 {
        return false;
    }
    let decimals = number.to_string().split_once('.').map_or(0, |(_, it)| it.len().min(12));
    let most = if decimals == 0 { 0.0 } else { 0.5 * 10_f64.powi(-(decimals as i32)) };
    number != 0.0 && column.numbers >= 2 && (mean - number).abs() <= most + 1e-9
}

fn near(sum: f64, number: f64) -> bool {
    (sum - number).abs() <= 1e-9 * sum.abs().max(1.0)
}

/// Whether a row repeats what stands above it: all of its numbers are the sum of their column, or a count in a column
/// that holds no numbers. Where neither a label stands beside them nor a formula makes them, only sums tell, of several
/// numbers each; one alone is a sum of at least three, and not in the first column, where keys stand.
pub(crate) fn is_total(row: &Row, above: &Sums, money: &[String], place: impl Fn(u32) -> Option<usize>) -> bool {
    if above.rows < LEAST {
        return false;
    }
    let (mut numbers, mut labels, mut formulas) = (0, 0, 0);
    // Whether there are but sums, and whether one of them would do.
    let (mut bare, mut sure) = (true, false);
    for cell in &row.cells {
        let Some(at) = place(cell.column) else { return false };
        let column = &above.columns[at];
        let Some(number) = number(row, cell, money) else {
            labels += u32::from(cell.kind == Kind::Text);
            bare = false;
            continue;
        };
        // A zero is the sum of zeros and the count of nothing: it proves nothing, and speaks against nothing.
        if number == 0.0 {
            bare &= near(column.sum, 0.0);
            continue;
        }
        let near = |it: f64| near(it, number);
        let sum = column.numbers >= 2 && near(column.sum);
        let count = |it: u64| near(it as f64) || near((it + above.again) as f64);
        let counts = || above.columns.iter().any(|it| count(it.valued)) || count(above.rows);
        if !(sum || column.numbers * 10 <= column.valued && counts()) {
            return false;
        }
        bare &= sum && column.parts >= 2;
        sure = at > 0 && column.parts >= LEAST;
        numbers += 1;
        formulas += u32::from(cell.formula);
    }
    numbers > 0 && (labels > 0 || formulas > 0 || bare && (numbers > 1 || sure))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::readers) fn row(line: &str) -> Row {
        let mut row = Row::default();
        row.start(1);
        for (column, text) in line.split('|').enumerate() {
            let start = row.text.len();
            let formula = text.starts_with('=');
            row.text.push_str(text.trim_start_matches('='));
            let kind = if row.text[start..].parse::<f64>().is_ok() { Kind::Number } else { Kind::Text };
            row.push(column as u32, kind, formula, 0, start);
        }
        row
    }

    fn check(above: &[&str], last: &str, expected: bool) {
        let mut sums = Sums::new(4);
        above.iter().for_each(|it| sums.add(&mut Sums::new(4), &row(it), &[], Some));
        assert_eq!(is_total(&row(last), &sums, &[], |it| Some(it as usize)), expected, "{last} below {above:?}");
    }

    #[test]
    fn a_total_repeats_what_stands_above_it() {
        let rows = ["Ada|5|x", "Bo|7.5|y", "Cy|1|z"];
        check(&rows, "Total|13.5", true);
        check(&rows, "Summe||", false);
        check(&rows, "|13.5", true);
        check(&rows, "|13", false);
        check(&rows, "|=13.5", true);
        check(&rows, "=3", true);
        check(&rows, "3", false);
        check(&rows, "Total|13", false);
        check(&rows, "Total|13.5|3", true);
        check(&rows, "Di|4|x", false);
        let zeros = ["Ada|0|1", "Bo|0|2", "Cy|0|3"];
        check(&zeros, "Di|0", false);
        check(&zeros, "Total|0|6", true);
    }

    #[test]
    fn numbers_without_a_label_are_a_total_where_all_of_them_are_sums() {
        let rows = ["a|1|2", "b|1|3", "c|0|4"];
        check(&rows, "|2|9", true);
        check(&rows, "||9", true);
        check(&rows, "|2|8", false);
        check(&rows, "|0|9", false);
        // One small number is a sum by chance.
        check(&rows, "|2|", false);
        // A number in the first column may be a key.
        check(&["1|a", "2|b", "3|c"], "6|", false);
        check(&["1|5|a", "2|7|b", "3|1|c"], "6|13|", true);
        check(&["a|0|1", "b|0|2", "c|0|3"], "|0|6", true);
        check(&["a|1|2", "b|1|3"], "|2|5", false);
    }

    #[test]
    fn few_rows_and_running_numbers_make_no_total() {
        check(&["a|1", "b|2"], "c|3", false);
        check(&["a|1", "b|2", "c|3"], "d|4", false);
        check(&["1|a", "2|b", "3|c", "4|d"], "5|e", false);
    }

    #[test]
    fn the_header_said_again_is_known_cell_by_cell() {
        let header = row("name|phone|city|notes");
        for (line, expected) in [
            ("name|phone|city|notes", true),
            (" name |phone||", true),
            ("name|||", false),
            ("name|0821|city|notes", false),
            ("phone|name|city|notes", false),
        ] {
            assert_eq!(is_again(&row(line), &header), expected, "{line}");
        }
    }
}
