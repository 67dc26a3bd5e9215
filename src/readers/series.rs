//! Names of columns that are counted or dated: `FY2023` beside `FY2024`, `0-4` beside `5-9`, days above marks.
//!
//! Such a name looks like a value. That two of them in a row look alike, and nothing below them does, tells it from one.

use std::collections::{BTreeMap, HashSet};

use crate::readers::row::Row;

/// No name of this kind is longer.
const LONGEST: usize = 40;

/// The columns whose cell in `row` is like another one of it, and unlike all that stand in its column below, which are at
/// least two.
pub(super) fn series(row: &Row, below: &[Row]) -> HashSet<u32> {
    let mut alike: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for cell in &row.cells {
        let text = row.text_of(cell).trim();
        if text.len() > LONGEST || !text.contains(|it: char| it.is_ascii_digit()) {
            continue;
        }
        let shape = shape(text);
        let mut beneath = below.iter().filter_map(|it| {
            let found = it.cells.binary_search_by_key(&cell.column, |it| it.column).ok()?;
            Some(self::shape(it.text_of(&it.cells[found]).trim()) == shape)
        });
        let mut filled = false;
        let unlike = beneath.all(|same| {
            filled = true;
            !same
        });
        if filled && unlike {
            alike.entry(shape).or_default().push(cell.column);
        }
    }
    // One value in a row may differ from all others by chance.
    let enough = |it: &Vec<u32>| it.len() >= 2 && below.len() >= 2;
    alike.into_values().filter(enough).flatten().collect()
}

/// A text with one `0` for its digits beside each other, and one `a` for its letters; of a number nothing but that.
fn shape(text: &str) -> String {
    if text.parse::<f64>().is_ok() {
        return "0".to_owned();
    }
    let mut shape = String::new();
    for c in text.chars() {
        let kind = match c {
            _ if c.is_ascii_digit() => '0',
            _ if c.is_alphabetic() => 'a',
            _ => c,
        };
        if !(matches!(kind, '0' | 'a') && shape.ends_with(kind)) {
            shape.push(kind);
        }
    }
    shape
}
