//! A difference as text; its page and its workbook stand beneath.

pub(crate) mod file;
pub(crate) mod html;
pub(crate) mod sheet;

use std::path::Path;

use crate::answers::diff::Difference;
use crate::answers::diff::lines::Row;
use crate::answers::diff::sides::{NOW, Side};
use crate::show::{self, Align, Paint, Style, cell, count, line, number};

/// What is told of a difference.
pub(crate) struct Lines<'a> {
    /// The difference.
    pub(crate) difference: &'a Difference<'a>,
    /// The rows that are shown.
    pub(crate) rows: &'a [Row],
    /// How it is to look.
    pub(crate) look: Style,
}

/// What is told of several tables: those that differ, then those that do not, then those that are not there.
#[derive(Default)]
pub(crate) struct Several {
    /// Differences.
    pub(crate) text: String,
    /// Tables without one.
    pub(crate) same: Vec<String>,
    /// What is said of tables that are not there.
    pub(crate) missing: Vec<String>,
}

impl Several {
    /// Adds a difference.
    pub(crate) fn add(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    /// All of it.
    pub(crate) fn text(mut self, look: Style) -> String {
        let more = !self.same.is_empty() || !self.missing.is_empty();
        if more && !self.text.is_empty() {
            self.text.push('\n');
        }
        if !self.same.is_empty() {
            let text = format!("the same: {}", self.same.join(", "));
            self.text.push_str(&format!("{}\n", look.fold(&text, 2)));
        }
        self.missing.iter().for_each(|it| self.text.push_str(&format!("{}\n", line(it))));
        self.text
    }
}

/// What is said of a table that is the same in so many runs.
pub(crate) fn same(table: &str, runs: u64) -> String {
    format!("`{table}` is the same in every run that is kept ({})\n", count(runs, "run"))
}

/// Filled cells of an added or removed row that are shown.
const CELLS: usize = 4;
/// The longest value that is shown, in characters.
const VALUE: usize = 60;

impl Lines<'_> {
    /// For people.
    pub(crate) fn text(&self) -> String {
        let it = self.difference;
        let mut out = format!("{}  {}\n", self.look.paint(it.table, Paint::Strong), sides_in_words(it));
        out.push_str(&format!("{}\n", counts(it)));
        for (mark, text) in columns_in_words(it) {
            out.push_str(&format!("{}\n", self.paint(mark, &format!("{mark} column {text}"))));
        }
        let repeated = it.tally.repeated.0.max(it.tally.repeated.1);
        if repeated > 0 {
            let keys = count(repeated, "key");
            out.push_str(&format!("{keys} in more than one row: these are matched one after the other\n"));
        }
        let touched: Vec<_> = it.touched().collect();
        if !touched.is_empty() {
            let heads = [("column", Align::Left), ("cells", Align::Right), ("changed", Align::Right)];
            let heads = heads.into_iter().chain([("filled", Align::Right), ("emptied", Align::Right)]);
            let heads: Vec<_> = heads.map(|(name, align)| (name.to_owned(), align)).collect();
            let rows: Vec<Vec<Option<String>>> = touched
                .iter()
                .map(|(name, all, [changed, filled, emptied])| {
                    let cells = [*all, *changed, *filled, *emptied].map(|it| Some(number(it)));
                    std::iter::once(Some((*name).to_owned())).chain(cells).collect()
                })
                .collect();
            out.push_str(&format!("\n{}", show::table(&heads, &rows, self.look)));
        }
        if !self.rows.is_empty() {
            out.push('\n');
        }
        for row in self.rows {
            self.row(row, &mut out);
        }
        let all = it.tally.added + it.tally.removed + it.tally.changed;
        if (self.rows.len() as u64) < all {
            let left = count(all - self.rows.len() as u64, "row");
            out.push_str(&format!("and {left} more: `-n N` shows more, `--output FILE.xlsx` has all\n"));
        }
        out
    }

    fn paint(&self, mark: &str, text: &str) -> String {
        let paint = match mark {
            "+" => Paint::Good,
            "-" => Paint::Bad,
            _ => Paint::Warn,
        };
        self.look.paint(text, paint)
    }

    fn row(&self, row: &Row, out: &mut String) {
        let mark = match row.change() {
            "added" => "+",
            "removed" => "-",
            _ => "~",
        };
        let name = cell(&name(row, self.difference), VALUE);
        out.push_str(&self.paint(mark, &format!("{mark} {name}")));
        let changes: Vec<_> = row.changes().collect();
        let title = |at: usize| line(&self.difference.columns[at].name);
        if row.change() == "changed" {
            out.push('\n');
            let width = changes.iter().map(|(at, ..)| title(*at).chars().count()).max().unwrap_or(0);
            for (at, from, to) in changes {
                let value = |it: Option<&str>| it.map_or_else(|| "·".to_owned(), |it| cell(it, VALUE));
                let name = title(at);
                let blank = " ".repeat(width - name.chars().count());
                out.push_str(&format!("    {name}{blank}  {} -> {}\n", value(from), value(to)));
            }
            return;
        }
        let filled: Vec<(usize, &String)> =
            row.line().cells.iter().enumerate().filter_map(|(at, it)| Some((at, it.as_ref()?))).collect();
        let own = |at: &usize| !self.difference.by.contains(&self.difference.columns[*at].name);
        let filled: Vec<_> = filled.into_iter().filter(|(at, _)| own(at)).collect();
        for (at, value) in filled.iter().take(CELLS) {
            out.push_str(&format!("  {}={}", title(*at), cell(value, VALUE / 2)));
        }
        if filled.len() > CELLS {
            out.push_str(&format!("  and {} more", number((filled.len() - CELLS) as u64)));
        }
        out.push('\n');
    }
}

/// What people know it by: its key, or its number where the key is masked or there is none.
pub(crate) fn name(row: &Row, difference: &Difference<'_>) -> String {
    let line = row.line();
    let by = |name: &String| {
        let at = difference.columns.iter().position(|it| it.name == *name)?;
        let open = difference.columns[at].mask.is_none();
        open.then(|| line.cells[at].clone().unwrap_or_else(|| "·".to_owned()))
    };
    let key: Option<Vec<String>> = difference.by.iter().map(by).collect();
    match key {
        Some(key) if !key.is_empty() => key.join(", "),
        _ => format!("row {}", number(line.row)),
    }
}

/// Rows by what became of them.
pub(crate) fn counts(it: &Difference<'_>) -> String {
    let tally = &it.tally;
    let same = count(it.same_rows(), "row");
    if it.no_row() {
        let order = if it.reordered() { ", in another order" } else { "" };
        return format!("no row differs: {same} as before{order}");
    }
    let parts = [(tally.added, "added"), (tally.removed, "removed"), (tally.changed, "changed")];
    let parts: Vec<String> = parts.iter().map(|(n, what)| format!("{} {what}", count(*n, "row"))).collect();
    format!("{}; {same} as before", parts.join(", "))
}

/// Columns that were added, removed, or have another type.
pub(crate) fn columns_in_words(it: &Difference<'_>) -> Vec<(&'static str, String)> {
    let mut acc = Vec::new();
    for column in &it.columns {
        let name = line(&column.name);
        let ty = |side: &Side| side.get(&column.name).map_or("", |(it, _)| it.ty.name());
        match (column.from, column.to) {
            (None, _) => acc.push(("+", format!("{name} ({})", ty(it.to)))),
            (_, None) => acc.push(("-", format!("{name} ({})", ty(it.from)))),
            _ if it.retyped(column) => acc.push(("~", format!("{name} ({}, was {})", ty(it.to), ty(it.from)))),
            _ => (),
        }
    }
    acc
}

/// What is said of a file that was written, with so many rows in it.
pub(crate) fn written(it: &Difference<'_>, path: &Path, shown: u64) -> String {
    let all = it.tally.added + it.tally.removed + it.tally.changed;
    let part = if shown < all { format!(", the first {} of them in the file", number(shown)) } else { String::new() };
    format!("wrote {}: {}{part}\n", line(&path.display().to_string()), counts(it))
}

/// `from` and `to` in words.
fn sides_in_words(difference: &Difference<'_>) -> String {
    let words = |side: &Side| if side.label == NOW { NOW.to_owned() } else { line(&side.label) };
    let by = match difference.by.as_slice() {
        [] => "whole rows, for there is no key".to_owned(),
        names => format!("rows matched by `{}`", line(&names.join("`, `"))),
    };
    format!("from {} to {}, {by}", words(difference.from), words(difference.to))
}
