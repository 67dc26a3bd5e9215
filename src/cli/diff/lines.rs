//! A difference as text: for people at a terminal, and a line of JSON for each thing.

use std::path::Path;

use arrow_array::RecordBatch;
use serde_json::{Map, Value, json};

use crate::cli::args::Format;
use crate::cli::diff::{Difference, sides_in_words};
use crate::cli::json_cell::typed;
use crate::publish::cell_texts;
use crate::show::{self, Align, Paint, Style, cell, count, line, number};
use crate::store::backend::EngineError;

/// One side of a row that differs, as the engine gives it.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// `added`, `removed`, `before` or `after`.
    pub what: String,
    /// The number of the row in its own table.
    pub row: u64,
    /// For each column, whether it differs.
    pub marks: Vec<bool>,
    /// The cells as text.
    pub cells: Vec<Option<String>>,
}

impl Line {
    /// Takes the lines of a batch.
    pub fn read(batch: &RecordBatch, acc: &mut Vec<Line>) -> Result<(), EngineError> {
        for row in cell_texts(batch).map_err(EngineError::Engine)? {
            let mut cells = row.into_iter();
            let what = cells.next().flatten().unwrap_or_default();
            let row = cells.next().flatten().and_then(|it| it.parse().ok()).unwrap_or_default();
            let marks = cells.next().flatten().unwrap_or_default();
            acc.push(Line { what, row, marks: marks.chars().map(|it| it == '~').collect(), cells: cells.collect() });
        }
        Ok(())
    }
}

/// A row that differs: as it was, as it is.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// As it was; `None` for one that was added.
    pub from: Option<Line>,
    /// As it is; `None` for one that was removed.
    pub to: Option<Line>,
}

/// Lines by rows: what was `before` goes with what comes behind it.
pub fn pairs(lines: Vec<Line>) -> Vec<Row> {
    let mut acc: Vec<Row> = Vec::new();
    for line in lines {
        match (line.what.as_str(), acc.last_mut()) {
            ("after", Some(row)) => row.to = Some(line),
            ("added", _) => acc.push(Row { from: None, to: Some(line) }),
            _ => acc.push(Row { from: Some(line), to: None }),
        }
    }
    acc
}

impl Row {
    /// `added`, `removed` or `changed`.
    pub fn change(&self) -> &'static str {
        match (&self.from, &self.to) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        }
    }

    /// As it is, or else as it was.
    pub fn line(&self) -> &Line {
        static NOTHING: Line = Line { what: String::new(), row: 0, marks: Vec::new(), cells: Vec::new() };
        self.to.as_ref().or(self.from.as_ref()).unwrap_or(&NOTHING)
    }

    /// The columns that differ, with both values.
    pub fn changes(&self) -> impl Iterator<Item = (usize, Option<&str>, Option<&str>)> {
        let both = self.from.as_ref().zip(self.to.as_ref());
        both.into_iter().flat_map(|(from, to)| {
            let marked = to.marks.iter().enumerate().filter(|(_, it)| **it);
            marked.map(|(at, _)| (at, from.cells[at].as_deref(), to.cells[at].as_deref()))
        })
    }

    /// What people know it by: its key, or its number where the key is masked or there is none.
    pub fn name(&self, difference: &Difference<'_>) -> String {
        let line = self.line();
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
}

/// What is told of a difference.
pub struct Lines<'a> {
    /// The difference.
    pub difference: &'a Difference<'a>,
    /// The rows that are shown.
    pub rows: &'a [Row],
    /// How it is to look.
    pub look: Style,
}

/// Filled cells of an added or removed row that are shown.
const CELLS: usize = 4;
/// The longest value that is shown, in characters.
const VALUE: usize = 60;

impl Lines<'_> {
    /// For people.
    pub fn text(&self) -> String {
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
        let name = cell(&row.name(self.difference), VALUE);
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

    /// For programs.
    pub fn json(&self) -> String {
        let it = self.difference;
        let mut out = show::json_line(&summary(it, self.rows.len() as u64));
        for (at, column) in it.columns.iter().enumerate() {
            let touched = it.tally.columns.get(at).copied().unwrap_or_default();
            let ty = |side: &super::Side| side.get(&column.name).map(|(it, _)| it.ty.name());
            let change = match (column.from, column.to) {
                (None, _) => "added",
                (_, None) => "removed",
                _ if it.retyped(column) => "retyped",
                _ if touched.cells() > 0 => "changed",
                _ => "same",
            };
            let value = json!({"v": 1, "event": "diff.column", "table": it.table, "name": column.name,
                "change": change, "type": ty(it.to), "was": ty(it.from), "masked": column.mask.is_some(),
                "changed": touched.changed, "filled": touched.filled, "emptied": touched.emptied});
            out.push_str(&show::json_line(&value));
        }
        self.rows.iter().for_each(|row| out.push_str(&show::json_line(&self.object(row))));
        out
    }

    fn object(&self, row: &Row) -> Value {
        let columns = &self.difference.columns;
        let value = |at: usize, cell: Option<&str>| typed(cell, columns[at].ty);
        let line = row.line();
        let key: Map<String, Value> = self
            .difference
            .by
            .iter()
            .filter_map(|name| {
                let at = columns.iter().position(|it| it.name == *name)?;
                Some((name.clone(), value(at, line.cells[at].as_deref())))
            })
            .collect();
        let mut object = json!({"v": 1, "event": "diff.row", "table": self.difference.table, "change": row.change(),
            "key": key, "row": row.to.as_ref().map(|it| it.row), "was_row": row.from.as_ref().map(|it| it.row)});
        let cells: Map<String, Value> = match row.change() {
            "changed" => row
                .changes()
                .map(|(at, from, to)| (columns[at].name.clone(), json!({"from": value(at, from), "to": value(at, to)})))
                .collect(),
            _ => {
                let all = line.cells.iter().enumerate();
                all.map(|(at, it)| (columns[at].name.clone(), value(at, it.as_deref()))).collect()
            }
        };
        object[if row.change() == "changed" { "cells" } else { "values" }] = Value::Object(cells);
        object
    }
}

impl super::Difference<'_> {
    /// Columns with cells that differ: all of them, and those that changed, were filled, were emptied.
    pub fn touched(&self) -> impl Iterator<Item = (&str, u64, [u64; 3])> {
        let all = self.columns.iter().zip(&self.tally.columns).filter(|(_, it)| it.cells() > 0);
        all.map(|(column, it)| (column.name.as_str(), it.cells(), [it.changed, it.filled, it.emptied]))
    }
}

/// Rows by what became of them.
pub fn counts(it: &Difference<'_>) -> String {
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
pub fn columns_in_words(it: &Difference<'_>) -> Vec<(&'static str, String)> {
    let mut acc = Vec::new();
    for column in &it.columns {
        let name = line(&column.name);
        let ty = |side: &super::Side| side.get(&column.name).map_or("", |(it, _)| it.ty.name());
        match (column.from, column.to) {
            (None, _) => acc.push(("+", format!("{name} ({})", ty(it.to)))),
            (_, None) => acc.push(("-", format!("{name} ({})", ty(it.from)))),
            _ if it.retyped(column) => acc.push(("~", format!("{name} ({}, was {})", ty(it.to), ty(it.from)))),
            _ => (),
        }
    }
    acc
}

fn summary(it: &Difference<'_>, shown: u64) -> Value {
    json!({"v": 1, "event": "diff.summary", "table": it.table, "by": it.by,
        "from": {"run": it.from.label, "rows": it.from.rows}, "to": {"run": it.to.label, "rows": it.to.rows},
        "rows": {"added": it.tally.added, "removed": it.tally.removed, "changed": it.tally.changed,
            "same": it.same_rows(), "shown": shown},
        "reordered": it.reordered(), "repeated_keys": it.tally.repeated.0.max(it.tally.repeated.1)})
}

/// What is said of a file that was written.
pub fn written(it: &Difference<'_>, path: &Path, most: Option<u64>, format: Format) -> String {
    let all = it.tally.added + it.tally.removed + it.tally.changed;
    let shown = most.map_or(all, |most| most.min(all));
    if format == Format::Json {
        let mut value = summary(it, shown);
        value["path"] = json!(path.display().to_string());
        return show::json_line(&value);
    }
    let part = if shown < all { format!(", the first {} of them in the file", number(shown)) } else { String::new() };
    format!("wrote {}: {}{part}\n", line(&path.display().to_string()), counts(it))
}
