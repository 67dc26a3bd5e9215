//! What changed in the sources of a step, for people.

use crate::answers::explain::sources::{Sheet, Sources, What};
use crate::show::{Paint, Style, count, line};

/// For people; nothing when nothing changed in any.
pub(crate) fn words(Sources(sources): &Sources, look: Style) -> String {
    let same: Vec<String> =
        sources.iter().filter(|it| matches!(it.what, What::Same)).map(|it| line(&it.name)).collect();
    if same.len() == sources.len() {
        return String::new();
    }
    let mut out = String::from("\nchanges in its sources since then\n");
    for source in sources {
        let name = line(&source.name);
        let lines: Vec<String> = match &source.what {
            What::Same => continue,
            What::Gone => vec![format!("`{name}`  its earlier contents are no longer in the store")],
            What::Unread(reason) => vec![format!("`{name}`  {reason}")],
            What::Large => {
                vec![format!("`{name}`  has too many cells to compare here; `hotpass diff` compares runs")]
            }
            What::Sheets(sheets) => sheets.iter().flat_map(lines).collect(),
        };
        lines.iter().for_each(|it| out.push_str(&format!("  {}\n", line(it))));
    }
    if !same.is_empty() {
        out.push_str(&look.paint(&format!("  unchanged: {}\n", same.join(", ")), Paint::Dim));
    }
    out
}

fn lines(it: &Sheet) -> Vec<String> {
    let mut acc: Vec<String> = Vec::new();
    let place = &it.place;
    if let Some(was) = &it.was {
        acc.push(format!("{place}  its earlier name was {was}"));
    }
    for (names, words) in [(&it.columns.0, "is new"), (&it.columns.1, "is gone")] {
        acc.extend(names.iter().map(|it| format!("{place}  column `{it}` {words}")));
    }
    acc.extend(it.cells.iter().map(|(cell, column)| format!("{cell}  a different value in `{column}`")));
    if it.more > 0 {
        acc.push(format!("and {} with a different value", count(it.more, "other cell")));
    }
    if !it.added.is_empty() {
        acc.push(format!("{place}  {} added, {}", count(it.added.len() as u64, "row"), numbers(&it.added)));
    }
    if !it.removed.is_empty() {
        let rows = count(it.removed.len() as u64, "row");
        acc.push(format!("{place}  {rows} removed, {} then", numbers(&it.removed)));
    }
    if it.shifts.moved > 0 {
        acc.push(format!("{place}  {} in another order", count(it.shifts.moved, "row")));
    }
    if it.unread > 0 {
        acc.push(format!("{place}  {} in columns that this step does not read", count(it.unread, "other cell")));
    }
    acc.push(format!("{place}  {} unchanged", count(it.shifts.same, "row")));
    acc
}

/// `row 2`, `rows 2-4, 9`, with what is too long cut.
fn numbers(all: &[u64]) -> String {
    const RANGES: usize = 6;
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    for number in all {
        match ranges.last_mut() {
            Some(last) if last.1 + 1 == *number => last.1 = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let word = |(from, to): &(u64, u64)| if from == to { from.to_string() } else { format!("{from}-{to}") };
    let told: Vec<String> = ranges.iter().take(RANGES).map(word).collect();
    let rest = if ranges.len() > RANGES { " and more" } else { "" };
    format!("{} {}{rest}", if all.len() == 1 { "row" } else { "rows" }, told.join(", "))
}
