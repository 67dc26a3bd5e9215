//! The chain of one cell, or of all cells of one record, for people.

use std::collections::BTreeSet;

use crate::answers::explain::cell::{Cell, Cells};
use crate::show::{self, Align, Paint, Style, count, line, table};

/// What a cell was made of, or what stands in a record and where each value is from.
pub(crate) fn cells(it: &Cells, look: Style) -> String {
    let shown = Shown { cells: &it.cells, look };
    let text = it.columns.map_or_else(|| shown.tree(), |columns| shown.record(columns));
    text + &others(it)
}

/// That a key names more rows than the one that is told of: a join may have found several for one record.
fn others(it: &Cells) -> String {
    let Some((rows, next)) = it.others else { return String::new() };
    format!("\nthe first of {} with this key; `{}:#{next}` is the next\n", count(rows, "row"), it.table)
}

struct Shown<'a> {
    cells: &'a [Cell],
    look: Style,
}

impl Shown<'_> {
    /// The cells of files that a cell was made of.
    fn sources(&self, at: usize) -> Vec<usize> {
        let (mut acc, mut open, mut seen) = (Vec::new(), vec![at], BTreeSet::new());
        while let Some(at) = open.pop() {
            if !seen.insert(at) {
                continue;
            }
            if self.cells[at].from.is_empty() {
                acc.push(at);
            }
            open.extend(self.cells[at].from.iter().rev());
        }
        acc
    }

    fn addresses(&self, at: usize) -> String {
        let all: Vec<String> = self.sources(at).into_iter().map(|it| self.cells[it].origin.clone()).collect();
        all.join(", ")
    }

    /// One cell after the other, each with what it came from beneath it.
    fn tree(&self) -> String {
        let mut out = String::new();
        let (mut open, mut seen) = (vec![(0, 0)], BTreeSet::new());
        while let Some((at, mut depth)) = open.pop() {
            let cell = &self.cells[at];
            let (by, first) = (cell.by.clone(), seen.insert(at));
            // Where a value only passes through, nothing is to be told.
            let passes = by.is_none() && cell.from.len() == 1 && at != 0 && cell.lost.is_empty();
            if !passes {
                let value = cell.value.as_ref().map_or_else(|| "no value".to_owned(), |it| line(it));
                let by = by.unwrap_or_default() + if first { "" } else { ", as above" };
                let text = format!("{}{}  {}", "  ".repeat(depth), line(&cell.name), value);
                out.push_str(format!("{text}  {}", self.look.paint(&line(&by), Paint::Dim)).trim_end());
                out.push('\n');
                depth += 1;
            }
            if first {
                out.push_str(&self.losers(at, depth));
                open.extend(cell.from.iter().rev().map(|it| (*it, depth)));
            }
        }
        out
    }

    fn losers(&self, at: usize, depth: usize) -> String {
        let mut out = String::new();
        let mut empty = 0;
        for it in &self.cells[at].lost {
            if it.is_empty {
                empty += 1;
                continue;
            }
            let value = self.cells[it.id].value.as_ref().map_or_else(String::new, |it| format!("  {}", line(it)));
            let text = format!("{}not {}{value}", "  ".repeat(depth), line(&self.addresses(it.id)));
            out.push_str(&format!("{text}  {}\n", self.look.paint(&line(&it.why), Paint::Dim)));
        }
        if empty > 0 {
            out.push_str(&format!("{}{} without a value\n", "  ".repeat(depth), count(empty, "other row")));
        }
        out
    }

    /// A line for each column of a record: what is there, and the cells of files behind it.
    fn record(&self, columns: usize) -> String {
        let heads = ["column", "value", "from", "others"].map(|it| (it.to_owned(), Align::Left));
        let rows: Vec<_> = (0..columns)
            .map(|at| {
                let filled = self.cells[at].value.clone();
                let from = filled.as_ref().map(|_| self.addresses(at));
                let lost =
                    self.cells.get(self.decided(at)).map_or(0, |it| it.lost.iter().filter(|it| it.by_rank).count());
                let differ = if lost == 1 { "differs" } else { "differ" };
                let others = (lost > 0).then(|| format!("{} {differ}", show::number(lost as u64)));
                vec![Some(self.cells[at].column.clone()), filled, from, others]
            })
            .collect();
        table(&heads, &rows, self.look)
    }

    /// The first cell on the way of a value at which something was decided.
    fn decided(&self, at: usize) -> usize {
        let (mut at, mut seen) = (at, BTreeSet::new());
        while self.cells[at].lost.is_empty() && self.cells[at].from.len() == 1 && seen.insert(at) {
            at = self.cells[at].from[0];
        }
        at
    }
}
