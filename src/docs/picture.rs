//! The small picture of a distribution.

use super::facts::{ColumnFacts, Held};
use crate::escape::markup;
use crate::numbers::{count, number};

/// Width and height of the picture, in its own units.
const SIZE: (u64, u64) = (144, 40);

/// Bars, each as high as its rows are many; nothing where there is nothing to see.
pub fn picture(column: &ColumnFacts, held: &Held) -> String {
    let (bars, words): (Vec<u64>, String) = match held.has_frequent_values() {
        true => (held.values.iter().map(|(_, rows)| *rows).collect(), of_values(held)),
        false => (held.spread.clone(), of_spread(column, held)),
    };
    // Where all are alike there is nothing to see.
    if bars.len() < 2 {
        return String::new();
    }
    drawn(&bars, &words)
}

/// The rows of a table from build to build, a bar each.
pub fn trend(rows: &[u64]) -> String {
    let (least, most) = (rows.iter().min().copied().unwrap_or(0), rows.iter().max().copied().unwrap_or(0));
    let last = rows.last().copied().unwrap_or(0);
    let builds = count(rows.len() as u64, "build");
    drawn(rows, &format!("Rows in {builds}: from {} to {}, now {}", number(least), number(most), number(last)))
}

/// Bars of these heights, and what they show in words.
fn drawn(bars: &[u64], words: &str) -> String {
    let most = u128::from(bars.iter().copied().max().unwrap_or(1).max(1));
    let (width, height) = SIZE;
    let step = width / (bars.len() as u64).max(2);
    let mut out = format!(
        "<svg class=\"spread\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\">",
        markup(words)
    );
    for (at, rows) in bars.iter().enumerate().filter(|(_, rows)| **rows > 0) {
        // Something is never nothing: one unit at least.
        let tall = (u128::from(*rows) * u128::from(height - 2) / most).max(1) as u64;
        let (x, wide) = (at as u64 * step, step.saturating_sub(2).max(1));
        out.push_str(&format!("<rect x=\"{x}\" y=\"{}\" width=\"{wide}\" height=\"{tall}\"/>", height - 1 - tall));
    }
    out.push_str(&format!("<line x1=\"0\" y1=\"{0}.5\" x2=\"{width}\" y2=\"{0}.5\"/></svg>", height - 1));
    out
}

fn of_values(held: &Held) -> String {
    let told: Vec<_> =
        held.values.iter().take(3).map(|(it, rows)| format!("{it} in {}", count(*rows, "row"))).collect();
    let more = held.values.len().saturating_sub(3);
    let more = if more > 0 { format!(", and {more} more values") } else { String::new() };
    format!("Rows by value: {}{more}", told.join(", "))
}

fn of_spread(column: &ColumnFacts, held: &Held) -> String {
    let what = if column.ty == "text" { "number of characters" } else { "value" };
    let parts = held.spread.len();
    let most = held.spread.iter().enumerate().max_by_key(|(at, rows)| (**rows, std::cmp::Reverse(*at)));
    let between = match (&held.ends, held.lengths) {
        (Some((least, most)), _) => format!(" from {least} to {most}"),
        (_, Some((least, most))) => format!(" from {} to {}", number(least), number(most)),
        _ => String::new(),
    };
    match (parts, most) {
        (_, None) => format!("Rows by {what}"),
        (_, Some((at, rows))) => {
            format!("Rows by {what}{between}: most, {}, lie in part {} of {parts} equal parts", number(*rows), at + 1)
        }
    }
}
