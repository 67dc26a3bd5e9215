//! Counts of values and words that are kept with a model: which, and under which marks.

use super::column::Column;
use super::model::Model;
use super::seen::{KEPT, Seen, SeenColumn, mark};
use crate::digest::Hasher;

/// What is to be kept of columns that a model was learnt from.
pub(super) fn seen(model: &Model, columns: &[Column]) -> Seen {
    let names = || model.comparisons.iter().map(|it| it.name.as_str());
    let kept: Vec<Kept<'_>> = columns.iter().map(Kept::of).collect();
    // Made of nothing that is not kept.
    let mut salt = Hasher::new("hotpass model salt v1");
    salt.json(model);
    for (name, kept) in names().zip(&kept) {
        salt.text(name).number(u64::from(kept.rows));
        for (it, bin) in &kept.values {
            salt.text(it).number(u64::from(*bin));
        }
        for (it, count) in &kept.words {
            salt.text(it).number(u64::from(*count));
        }
    }
    let mut salt = salt.finish().hex();
    salt.truncate(32);
    let column = |(name, kept): (&str, &Kept<'_>)| SeenColumn {
        rows: kept.rows,
        values: kept.values.iter().map(|(it, bin)| (mark(&salt, name, "value", it), *bin)).collect(),
        words: kept.words.iter().map(|(it, count)| (mark(&salt, name, "word", it), *count)).collect(),
    };
    let columns = names().zip(&kept).map(column).collect();
    Seen { columns, salt }
}

/// Values and words of a column that many rows have.
struct Kept<'a> {
    rows: u32,
    values: Vec<(&'a str, u8)>,
    words: Vec<(&'a str, u32)>,
}

impl Kept<'_> {
    fn of(column: &Column) -> Kept<'_> {
        let rare = SeenColumn { rows: column.present, ..SeenColumn::default() }.rare(KEPT);
        let all = column.values.counted().zip(column.values.bins.iter().copied());
        let many = all.filter(|((_, count), bin)| *count >= KEPT && *bin != rare);
        Kept {
            rows: column.present,
            values: many.map(|((text, _), bin)| (text, bin)).collect(),
            words: column.words.counts().filter(|it| it.1 >= KEPT).collect(),
        }
    }
}
