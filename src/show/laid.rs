//! Tables in other forms than columns side by side: with lines around each cell, as Markdown, and one record beneath
//! the other.

use unicode_width::UnicodeWidthStr;

use crate::escape;
use crate::show::{Align, Paint, Style, cell, number};

/// The widest cell between lines, in characters.
const WIDEST: usize = 60;
/// The longest value of a record, in characters.
const LONGEST: usize = 2_000;
/// What stands for no value.
const NULL: &str = "·";

/// A table with lines around its cells; `None` is a null.
pub fn boxed(columns: &[(String, Align)], rows: &[Vec<Option<String>>]) -> String {
    let text = |it: Option<&Option<String>>| it.and_then(Option::as_ref).map_or(NULL.to_owned(), |it| cell(it, WIDEST));
    let heads: Vec<String> = columns.iter().map(|(name, _)| cell(name, WIDEST)).collect();
    let cells: Vec<Vec<String>> =
        rows.iter().map(|row| (0..columns.len()).map(|at| text(row.get(at))).collect()).collect();
    let mut widths: Vec<usize> = heads.iter().map(|it| it.width()).collect();
    for row in &cells {
        widths.iter_mut().zip(row).for_each(|(width, it)| *width = (*width).max(it.width()));
    }
    let rule = |[left, middle, right]: [&str; 3]| {
        let parts: Vec<String> = widths.iter().map(|it| "─".repeat(it + 2)).collect();
        format!("{left}{}{right}\n", parts.join(middle))
    };
    let line = |row: &[String], heads: bool| {
        let padded = row.iter().zip(&widths).zip(columns).map(|((it, width), (_, align))| {
            let blank = " ".repeat(width - it.width());
            match align {
                Align::Right if !heads => format!(" {blank}{it} "),
                _ => format!(" {it}{blank} "),
            }
        });
        format!("│{}│\n", padded.collect::<Vec<_>>().join("│"))
    };
    let mut out = rule(["┌", "┬", "┐"]);
    out.push_str(&line(&heads, true));
    out.push_str(&rule(["├", "┼", "┤"]));
    cells.iter().for_each(|row| out.push_str(&line(row, false)));
    out.push_str(&rule(["└", "┴", "┘"]));
    out
}

/// A table of Markdown. Whatever stands in a cell stays in it and is shown as it is; a null is an empty cell.
pub fn markdown_table(columns: &[(String, Align)], rows: &[Vec<Option<String>>]) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut out = line(columns.iter().map(|(name, _)| escape::markdown(name)).collect());
    let rule = |align: &Align| if *align == Align::Right { "--:" } else { "---" }.to_owned();
    out.push_str(&line(columns.iter().map(|(_, it)| rule(it)).collect()));
    for row in rows {
        let text = |at: usize| row.get(at).and_then(Option::as_deref).map(escape::markdown).unwrap_or_default();
        out.push_str(&line((0..columns.len()).map(text).collect()));
    }
    out
}

/// One record beneath the other, a column a line.
pub fn records(columns: &[(String, Align)], rows: &[Vec<Option<String>>], look: Style) -> String {
    let heads: Vec<String> = columns.iter().map(|(name, _)| cell(name, WIDEST)).collect();
    let width = heads.iter().map(|it| it.width()).max().unwrap_or(0);
    let mut out = String::new();
    for (at, row) in rows.iter().enumerate() {
        if rows.len() > 1 {
            let gap = if at > 0 { "\n" } else { "" };
            out.push_str(&format!(
                "{gap}{}\n",
                look.paint(&format!("record {}", number(at as u64 + 1)), Paint::Strong)
            ));
        }
        let mut lines = String::new();
        for (head, value) in heads.iter().zip(row) {
            let head_text = format!("{head}{}", " ".repeat(width - head.width()));
            let value = match value {
                Some(it) => cell(it, LONGEST),
                None => look.paint(NULL, Paint::Dim),
            };
            lines.push_str(format!("{}  {value}", look.paint(&head_text, Paint::Dim)).trim_end());
            lines.push('\n');
        }
        out.push_str(&look.fold(&lines, width + 2));
    }
    out
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;

    fn columns() -> Vec<(String, Align)> {
        vec![("name".to_owned(), Align::Left), ("rows".to_owned(), Align::Right)]
    }

    fn rows() -> Vec<Vec<Option<String>>> {
        let text = |it: &str| Some(it.to_owned());
        vec![vec![text("a | b"), text("12")], vec![None, text("3")], vec![text("日本\n\u{1b}<b>"), None]]
    }

    #[test]
    fn a_box_has_lines_around_its_cells() {
        assert_snapshot!(boxed(&columns(), &rows()), @r"
        ┌─────────────────┬──────┐
        │ name            │ rows │
        ├─────────────────┼──────┤
        │ a | b           │   12 │
        │ ·               │    3 │
        │ 日本\n\u{1b}<b> │    · │
        └─────────────────┴──────┘
        ");
        assert_snapshot!(boxed(&[], &[]), @"
        ┌┐
        ││
        ├┤
        └┘
        ");
    }

    #[test]
    fn nothing_leaves_its_cell_in_markdown() {
        assert_snapshot!(markdown_table(&columns(), &rows()), @r"
        | name | rows |
        | --- | --: |
        | a \| b | 12 |
        |  | 3 |
        | 日本 \\u\{1b\}&lt;b&gt; |  |
        ");
    }

    #[test]
    fn a_record_has_a_line_for_each_column() {
        assert_snapshot!(records(&columns(), &rows()[..1], Style::PLAIN), @"
        name  a | b
        rows  12
        ");
        assert_snapshot!(records(&columns(), &rows()[1..], Style::PLAIN), @r"
        record 1
        name  ·
        rows  3

        record 2
        name  日本\n\u{1b}<b>
        rows  ·
        ");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn each_row_is_one_line(rows in prop::collection::vec(prop::collection::vec(prop::option::of(any::<String>()), 2), 0..4)) {
            prop_assert_eq!(boxed(&columns(), &rows).lines().count(), rows.len() + 4);
            prop_assert_eq!(markdown_table(&columns(), &rows).lines().count(), rows.len() + 2);
            let widths: Vec<_> = boxed(&columns(), &rows).lines().map(UnicodeWidthStr::width).collect();
            prop_assert!(widths.iter().all(|it| *it == widths[0]), "{:?}", widths);
        }
    }
}
