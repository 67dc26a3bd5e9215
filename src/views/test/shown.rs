//! A difference as a table: what was expected, what came out, and a mark under each cell that is another.

use crate::fixture::difference::Line;
use crate::fixture::grid;
use crate::plan::test_case::Expected;
use crate::run::test_case::Difference;
use crate::show::{Paint, Style, count};

/// So many rows as expected are shown on either side of one that is not.
const AROUND: usize = 2;

/// `2 of 3 rows differ`, and the table.
pub(crate) fn shown(expected: &Expected, difference: &Difference, look: Style) -> String {
    let mut out = format!("  {}: {}\n", expected.key, summary(expected, difference));
    let columns = &expected.rows.columns;
    let mut lines: Vec<(char, Vec<String>)> = vec![(' ', columns.iter().map(|it| grid::written(Some(it))).collect())];
    let written = |row: &[Option<String>]| row.iter().map(|it| grid::written(it.as_deref())).collect::<Vec<_>>();
    let mut marks: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut left_out = 0;
    for (at, line) in difference.lines.iter().enumerate() {
        if left_out > 0 && near(&difference.lines, at) {
            lines.push(('…', vec![count(left_out, "row"); 1]));
            left_out = 0;
        }
        match line {
            Line::Same(..) if !near(&difference.lines, at) => left_out += 1,
            Line::Same(row, _) => lines.push((' ', written(&expected.rows.rows[*row]))),
            Line::Missing(row) => lines.push(('-', written(&expected.rows.rows[*row]))),
            Line::Extra(row) => lines.push(('+', written(&difference.got[*row]))),
            Line::Changed(row, came, differ) => {
                lines.push(('-', written(&expected.rows.rows[*row])));
                lines.push(('+', written(&difference.got[*came])));
                marks.push((lines.len() - 1, differ.clone()));
            }
        }
    }
    if left_out > 0 {
        lines.push(('…', vec![count(left_out, "row"); 1]));
    }
    let rows: Vec<Vec<String>> = lines.iter().filter(|(it, _)| *it != '…').map(|(_, it)| it.clone()).collect();
    let widths = grid::widths(&rows);
    for (at, (sign, cells)) in lines.iter().enumerate() {
        if *sign == '…' {
            out.push_str(&format!("      … {} as expected\n", cells[0]));
            continue;
        }
        let text = format!("    {sign} {}", grid::line(cells, &widths));
        let text = match sign {
            '-' => look.paint(&text, Paint::Bad),
            '+' => look.paint(&text, Paint::Good),
            _ => text,
        };
        out.push_str(&text);
        out.push('\n');
        if let Some((_, differ)) = marks.iter().find(|(line, _)| *line == at) {
            let mark = |(column, width): (usize, &usize)| match differ.contains(&column) {
                true => "~".repeat(*width),
                false => String::new(),
            };
            let marks: Vec<String> = widths.iter().enumerate().map(mark).collect();
            let line = grid::line(&marks, &widths).replace('|', " ");
            out.push_str(&format!("      {}\n", line.trim_end()));
        }
    }
    out
}

/// Whether a line is not as expected, or stands near one.
fn near(lines: &[Line], at: usize) -> bool {
    let around = at.saturating_sub(AROUND)..(at + AROUND + 1).min(lines.len());
    lines[around].iter().any(|it| !matches!(it, Line::Same(..)))
}

/// How many rows are not as expected, in words.
pub(crate) fn summary(expected: &Expected, difference: &Difference) -> String {
    let of = |is: fn(&Line) -> bool| difference.lines.iter().filter(|it| is(it)).count() as u64;
    let changed = of(|it| matches!(it, Line::Changed(..)));
    let missing = of(|it| matches!(it, Line::Missing(_)));
    let extra = of(|it| matches!(it, Line::Extra(_)));
    let mut parts = Vec::new();
    if changed > 0 {
        let all = count(expected.rows.rows.len() as u64, "row");
        parts.push(format!("{changed} of {all} {}", if changed == 1 { "differs" } else { "differ" }));
    }
    if missing > 0 {
        parts.push(format!("{} missing", count(missing, "row")));
    }
    if extra > 0 {
        parts.push(format!("{} too many", count(extra, "row")));
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::fixture::difference::{Row, compare};
    use crate::index::Place;
    use crate::model::Type;
    use crate::plan::TableId;
    use crate::plan::test_case::Rows;

    fn rows(text: &str) -> Vec<Row> {
        text.lines()
            .map(|row| row.split(',').map(|it| Some(it.to_owned()).filter(|it| !it.is_empty())).collect())
            .collect()
    }

    fn check(expected: &str, got: &str) -> String {
        let columns = ["name", "phone"].map(str::to_owned).to_vec();
        let expected = Expected { key: "expect", table: TableId::new(0), rows: Rows { columns, rows: rows(expected) } };
        let got = rows(got);
        let lines = compare(&expected.rows.rows, &got, true, &|_, a, b| a == b);
        let difference = Difference { expectation: 0, types: vec![Type::Text; 2], got, lines };
        shown(&expected, &difference, Style::PLAIN)
    }

    #[test]
    fn changed_cells_are_marked() {
        assert_snapshot!(check("Anna,1\nBea,22222\nZoë,3", "Anna,1\nBea,22223\nZoë,3\nDan,"), @r"
          expect: 1 of 3 rows differs, 1 row too many
              | name | phone |
              | Anna | 1     |
            - | Bea  | 22222 |
            + | Bea  | 22223 |
                       ~~~~~
              | Zoë  | 3     |
            + | Dan  |       |
        ");
    }

    #[test]
    fn rows_far_from_a_difference_are_counted() {
        let many: Vec<String> = (0..9).map(|it| format!("n{it},{it}")).collect();
        let mut got = many.clone();
        got.remove(4);
        assert_snapshot!(check(&many.join("\n"), &got.join("\n")), @r"
          expect: 1 row missing
              | name | phone |
              … 2 rows as expected
              | n2   | 2     |
              | n3   | 3     |
            - | n4   | 4     |
              | n5   | 5     |
              | n6   | 6     |
              … 2 rows as expected
        ");
    }
}
