//! Rows that a word tells: totals and parts of them by their label, remarks below a table by how they begin.
//!
//! The words are those of languages, and given. A label alone is a name like any other: it tells a total beside numbers,
//! and where more than the label stands in its cell, or the row is full, only beside numbers that are sums or means.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::readers::aside::{Sums, is_mean, is_sum, number};
use crate::readers::row::{Kind, Row};
use crate::text::clean::cleaned;

/// A sentence has so many words.
const SENTENCE: usize = 5;

/// What stands beside totals in any language that is known, in small letters.
static ANYWHERE: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let file: toml::Table = include_str!("../profile/languages.toml").parse().unwrap_or_default();
    let lists = file.values().filter_map(|it| it.get("totals")?.as_array());
    lists.flatten().filter_map(|it| Some(it.as_str()?.to_lowercase())).collect()
});

/// Words that tell what a row is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Labels {
    /// What stands beside totals and parts of them, in small letters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub totals: Vec<String>,
    /// What remarks begin with, in small letters.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// Words for money beside a number, besides signs and codes of currencies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub money: Vec<String>,
}

/// What stands above a row, as far as a total may repeat it.
pub(crate) struct Above<'a> {
    /// In all rows.
    pub(crate) all: &'a Sums,
    /// Since the last total.
    pub(crate) group: &'a Sums,
}

impl Labels {
    /// Whether there are none.
    pub fn is_none(&self) -> bool {
        self.totals.is_empty() && self.remarks.is_empty() && self.money.is_empty()
    }

    /// Whether a row is a total by its label. `sparse` says that most of its columns are blank.
    pub(crate) fn tell_total(
        &self,
        row: &Row,
        above: &Above<'_>,
        sparse: bool,
        place: impl Fn(u32) -> Option<usize>,
    ) -> bool {
        // Rows without a number are most, and no total is one.
        let (mut label, mut beside) = (None, None);
        let (mut numbers, mut sums, mut by_chance) = (0, 0, false);
        for cell in &row.cells {
            if cell.kind == Kind::Text && number(row, cell, &self.money).is_none() {
                let text = row.text_of(cell);
                // A third text, or a long one, is none of a total.
                if beside.is_some() || text.len() > 60 {
                    return false;
                }
                beside = label.replace(text);
            } else if matches!(cell.kind, Kind::Number | Kind::Text) {
                let Some(column) = place(cell.column) else { return false };
                numbers += 1;
                let number = number(row, cell, &self.money);
                let is_sum = |above: &Sums| is_sum(number, above, column);
                let is_mean = |above: &Sums| is_mean(number, above, column);
                let summed = is_sum(above.all) || is_sum(above.group);
                let mean = !summed && (is_mean(above.all) || is_mean(above.group));
                sums += u32::from(summed || mean);
                by_chance |= mean && number.is_some_and(|it| it.fract() == 0.0);
            } else {
                return false;
            }
        }
        // One whole number alone is a mean by chance.
        if by_chance && numbers == 1 {
            sums = 0;
        }
        let Some(label) = label.filter(|_| numbers > 0) else { return false };
        let plain = |it: &str| cleaned(it).to_lowercase().trim_end_matches([':', ' ', '.']).to_owned();
        let label = plain(label);
        // Where all numbers of a table with several rows are sums, the word may be of any language.
        let several = above.all.are_several();
        let is_total = |it: &String| self.totals.contains(it) || several && ANYWHERE.contains(it);
        // Beside another text, such as the name of a group, it is one where its numbers are sums.
        if let Some(beside) = beside.map(plain) {
            return sums == numbers && (is_total(&label) || is_total(&beside));
        }
        if is_total(&label) {
            return sums == numbers || sparse && self.totals.contains(&label);
        }
        sums == numbers && self.totals.iter().any(|it| is_with(&label, it))
    }

    /// Whether a row is nothing but the label of a total.
    pub(crate) fn is_bare_label(&self, row: &Row) -> bool {
        let [cell] = &row.cells[..] else { return false };
        let plain = |it: &str| cleaned(it).to_lowercase().trim_end_matches([':', ' ', '.']).to_owned();
        cell.kind == Kind::Text && row.text_of(cell).len() <= 60 && self.totals.contains(&plain(row.text_of(cell)))
    }

    /// Whether a row is a remark: one text, which begins as remarks do, or is a sentence where the table is wider.
    pub(crate) fn tell_remark(&self, row: &Row, columns: usize) -> bool {
        let ([cell], true) = (&row.cells[..], columns > 1) else { return false };
        if cell.kind != Kind::Text || number(row, cell, &self.money).is_some() {
            return false;
        }
        let text = cleaned(row.text_of(cell)).to_lowercase();
        let numbered = |it: &str| {
            let rest = it.trim_start_matches(|it: char| it.is_ascii_digit());
            rest.len() < it.len() && rest.starts_with([')', ']'])
        };
        let marked = text.starts_with(['*', '†', '‡', '※', '¹', '²', '³', '⁽', '①', '©'])
            || text.strip_prefix(['(', '[']).is_some_and(numbered);
        let begins = |word: &String| {
            let rest = text.strip_prefix(word.as_str()).map(|it| it.trim_start());
            let rest = rest.map(|it| it.trim_start_matches(|it: char| it.is_ascii_digit()));
            rest.is_some_and(|it| it.starts_with(':'))
        };
        let sentence = columns > 2
            && text.ends_with(['.', '!', '\u{3002}'])
            && (text.split_whitespace().count() >= SENTENCE || text.ends_with('\u{3002}'));
        marked || sentence || self.remarks.iter().any(begins)
    }
}

/// Whether a label begins or ends with a word; scripts without blanks have no end of one.
fn is_with(label: &str, word: &str) -> bool {
    let apart = |it: &str, end: bool| {
        let beside = if end { it.chars().next_back() } else { it.chars().next() };
        !word.is_ascii() && word.chars().all(|it| it > '\u{2e80}') || beside.is_some_and(|it| !it.is_alphanumeric())
    };
    let behind = label.strip_prefix(word).filter(|it| !it.is_empty());
    let before = label.strip_suffix(word).filter(|it| !it.is_empty());
    behind.is_some_and(|it| apart(it, false)) || before.is_some_and(|it| apart(it, true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::aside::tests::row;

    fn labels() -> Labels {
        let words = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect();
        Labels {
            totals: words(&["total", "subtotal", "zwischensumme", "sous-total", "小計", "計"]),
            remarks: words(&["note", "quelle", "注"]),
            money: words(&["R", "Fr."]),
        }
    }

    #[test]
    fn a_label_tells_a_total_beside_numbers() {
        let check = |above: &[&str], line: &str, sparse: bool, expected: bool| {
            let (mut all, mut group) = (Sums::new(4), Sums::new(4));
            for (at, it) in above.iter().enumerate() {
                let mut other = Sums::new(4);
                all.add(if at > 0 { &mut group } else { &mut other }, &row(it), &labels().money, Some);
            }
            let above = Above { all: &all, group: &group };
            let told = labels().tell_total(&row(line), &above, sparse, |it| Some(it as usize));
            assert_eq!(told, expected, "{line}");
        };
        let rows = ["Ada|5|x", "Bo|7|y", "Cy|1|z"];
        check(&rows, "Zwischensumme|8", true, true);
        check(&rows, "Subtotal:|9", true, true);
        check(&rows, "小計|9", true, true);
        check(&rows, "Total|13", false, true);
        check(&rows, "Total|12", false, false);
        check(&rows, "Total|4.333", false, true);
        check(&rows, "Total|4.33", false, true);
        check(&rows, "Total|4.3|x", true, true);
        check(&rows, "Total|4", false, false);
        check(&rows, "Total", true, false);
        check(&rows, "Total Bo|8", true, true);
        check(&rows, "Bo Total|8", true, true);
        check(&rows, "東京計|8", true, true);
        check(&rows, "Total Energy|9", true, false);
        check(&rows, "Totality|8", true, false);
        check(&rows, "Total|9|x", true, false);
        check(&rows, "Total|8|x", true, true);
        check(&rows, "x|8|Subtotal", true, true);
        // A word of another language tells it where all numbers are sums.
        check(&rows, "Somme|13", false, true);
        check(&rows, "Somme|8|x", false, true);
        check(&rows, "Somme|12", true, false);
        check(&rows, "Somme Bo|13", false, false);
        check(&rows[..2], "Somme|12", true, false);
        check(&rows, "x|8|y", true, false);
        check(&rows, "x|8|y|Subtotal", true, false);
        let money = ["Ada|1.234,50 €", "Bo|0,50 €", "Cy|€ 5,00"];
        check(&money, "Total Bo|1.240,00 €", true, true);
        check(&money, "Total Bo|1.241,00 €", true, false);
        let words = ["Ada|R 1 200,00", "Bo|R350", "Cy|Fr. 5.00"];
        check(&words, "Total Bo|R 1 555.00", true, true);
        check(&words, "Subtotal|R 1 200,00", true, true);
        check(&words, "Total Bo|R 1 556.00", true, false);
        check(&words, "Total Bo|Rand 1 555.00", true, false);
    }

    #[test]
    fn remarks_begin_as_remarks_do() {
        let check = |line: &str, columns: usize, expected: bool| {
            assert_eq!(labels().tell_remark(&row(line), columns), expected, "{line}");
        };
        check("Note: all figures are rounded", 2, true);
        check("Quelle : Amt", 2, true);
        check("注1：概算", 2, true);
        check("* estimated", 2, true);
        check("(1) estimated", 2, true);
        check("All of these figures are rounded.", 3, true);
        check("All of these figures are rounded.", 2, false);
        check("Notes of the club", 3, false);
        check("Blue Sky Flying Ltd.", 3, false);
        check("* estimated", 1, false);
        check("* a|b", 3, false);
    }
}
