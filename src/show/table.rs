//! Tables of text: aligned, cut to the screen, with nothing in a cell that a terminal would act on.

use unicode_width::UnicodeWidthStr;

use crate::model::Type;
use crate::show::{Paint, Style, cell, count};

/// The widest cell, in characters.
const WIDEST_CELL: usize = 60;
/// No column is narrowed beyond this to make room for others.
const NARROWEST: usize = 12;
/// The lines that columns without room are named on, at most.
const LEFT_OUT: usize = 3;
/// What stands between two columns.
const GAP: &str = "  ";
/// What stands for no value.
const NULL: &str = "·";

/// Where the texts of a column stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Align {
    /// Texts.
    Left,
    /// Names, on the left too: what is too long is cut in its middle, for names often differ at their ends.
    Name,
    /// Numbers.
    Right,
}

/// Where values of a type stand.
pub fn align_of(ty: Type) -> Align {
    if ty.is_number() { Align::Right } else { Align::Left }
}

/// Columns with a head, and rows with a cell for each column; `None` is a null. On a terminal wide columns are
/// narrowed, and the columns that still find no room are named under the table.
pub fn table(columns: &[(String, Align)], rows: &[Vec<Option<String>>], look: Style) -> String {
    let (mut out, fitting) = block(columns, rows, look);
    let left_out: Vec<String> = columns[fitting..].iter().map(|(name, _)| cell(name, WIDEST_CELL)).collect();
    if !left_out.is_empty() {
        let words = format!("and {} more: {}", count(left_out.len() as u64, "column"), left_out.join(", "));
        for line in wrapped(&words, look.width.max(40), LEFT_OUT) {
            out.push_str(&look.paint(&line, Paint::Dim));
            out.push('\n');
        }
    }
    out
}

/// The same, in which the columns that find no room beside the others stand beneath them, again beside the first one.
pub fn pages(columns: &[(String, Align)], rows: &[Vec<Option<String>>], look: Style) -> String {
    let (mut out, mut shown) = block(columns, rows, look);
    while shown < columns.len() {
        let beside = |first: &[usize]| -> (String, usize) {
            let places: Vec<usize> = first.iter().copied().chain(shown..columns.len()).collect();
            let heads: Vec<_> = places.iter().map(|it| columns[*it].clone()).collect();
            let cells: Vec<Vec<_>> =
                rows.iter().map(|row| places.iter().map(|it| row.get(*it).cloned().flatten()).collect()).collect();
            let (text, fitting) = block(&heads, &cells, look);
            (text, fitting - first.len())
        };
        let (text, fitting) = Some(beside(&[0])).filter(|it| it.1 > 0).unwrap_or_else(|| beside(&[]));
        out.push('\n');
        out.push_str(&text);
        shown += fitting;
    }
    out
}

/// The columns that find room, the first one at least, and how many they are.
fn block(columns: &[(String, Align)], rows: &[Vec<Option<String>>], look: Style) -> (String, usize) {
    let heads: Vec<String> = columns.iter().map(|(name, _)| cell(name, WIDEST_CELL)).collect();
    let cells: Vec<Vec<Option<String>>> = rows
        .iter()
        .map(|row| (0..columns.len()).map(|at| row.get(at)?.as_ref().map(|it| cell(it, WIDEST_CELL))).collect())
        .collect();
    let mut widths: Vec<usize> = heads.iter().map(|it| it.width()).collect();
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.as_deref().unwrap_or(NULL).width());
        }
    }
    let room = if look.terminal { look.width } else { usize::MAX };
    let fitting = fit(&mut widths, room);
    let mut out = String::new();
    let head: Vec<_> = heads.iter().map(|it| Some(it.clone())).collect();
    let strong = |text: &str| look.paint(text, Paint::Strong);
    write_row(&mut out, &head, columns, &widths[..fitting], strong, named, look);
    let rule: Vec<_> = widths.iter().map(|it| Some((if look.terminal { "─" } else { "-" }).repeat(*it))).collect();
    write_row(&mut out, &rule, columns, &widths[..fitting], |text| look.paint(text, Paint::Dim), narrowed, look);
    for row in &cells {
        write_row(&mut out, row, columns, &widths[..fitting], str::to_owned, narrowed, look);
    }
    (out, fitting)
}

/// Narrows the widest columns until all find room; says how many columns do.
fn fit(widths: &mut [usize], room: usize) -> usize {
    let total = |widths: &[usize]| widths.iter().sum::<usize>() + GAP.len() * widths.len().saturating_sub(1);
    while total(widths) > room {
        let Some(widest) = widths.iter_mut().max_by_key(|it| **it).filter(|it| **it > NARROWEST) else { break };
        *widest -= 1;
    }
    let mut fitting = widths.len();
    while fitting > 1 && total(&widths[..fitting]) > room {
        fitting -= 1;
    }
    fitting
}

fn write_row(
    out: &mut String,
    row: &[Option<String>],
    columns: &[(String, Align)],
    widths: &[usize],
    paint: impl Fn(&str) -> String,
    cut: fn(&str, usize) -> String,
    look: Style,
) {
    let begin = out.len();
    for (at, width) in widths.iter().enumerate() {
        if at > 0 {
            out.push_str(GAP);
        }
        let (text, painted) = match &row[at] {
            Some(text) => {
                let text = if columns[at].1 == Align::Name { named(text, *width) } else { cut(text, *width) };
                let painted = paint(&text);
                (text, painted)
            }
            None => (NULL.to_owned(), look.paint(NULL, Paint::Dim)),
        };
        let blank = " ".repeat(width.saturating_sub(text.width()));
        match columns[at].1 {
            Align::Left | Align::Name => out.extend([painted, blank]),
            Align::Right => out.extend([blank, painted]),
        }
    }
    let trimmed = out.trim_end_matches(' ').len();
    out.truncate(trimmed.max(begin));
    out.push('\n');
}

/// Words on at most `most` lines, of which none is wider than `width`.
pub fn wrapped(words: &str, width: usize, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split(' ') {
        match lines.last_mut().filter(|it| it.width() + 1 + word.width() <= width) {
            Some(line) => line.extend([" ", word]),
            None => lines.push(word.to_owned()),
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        lines[most - 1].push_str(" …");
    }
    lines.iter().map(|it| narrowed(it, width)).collect()
}

/// The text in at most `width` columns of the screen; wide characters take two.
fn narrowed(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        let longer = out.len();
        out.push(c);
        if out.width() + 1 > width {
            out.truncate(longer);
            break;
        }
    }
    out.push('…');
    out
}

/// The beginning and the end of a name in at most `width` columns of the screen.
fn named(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    // Names differ at their ends more often than at their beginnings.
    let back = width / 2;
    let mut end = text.len();
    for (at, _) in text.char_indices().rev() {
        if text[at..].width() > back {
            break;
        }
        end = at;
    }
    format!("{}{}", narrowed(&text[..end], width - text[end..].width()), &text[end..])
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;

    fn text(it: &str) -> Option<String> {
        Some(it.to_owned())
    }

    #[test]
    fn numbers_stand_right_and_nulls_are_told_from_empty_texts() {
        let columns = [("name".to_owned(), Align::Left), ("rows".to_owned(), Align::Right)];
        let rows = [vec![text("a"), text("12")], vec![None, text("3")], vec![text("日本\n\u{1b}"), None]];
        assert_snapshot!(table(&columns, &rows, Style::PLAIN), @r"
        name          rows
        ------------  ----
        a               12
        ·                3
        日本\n\u{1b}     ·
        ");
    }

    #[test]
    fn what_finds_no_room_on_the_screen_is_named() {
        let columns: Vec<_> = (1..=6).map(|it| (format!("column_{it}"), Align::Left)).collect();
        let rows = [vec![text(&"long ".repeat(10)); 6]];
        let look = Style { terminal: true, colour: false, width: 60 };
        let shown = table(&columns, &rows, look);
        assert!(shown.lines().take(3).all(|it| it.width() <= 60), "{shown}");
        assert!(shown.ends_with("and 2 columns more: column_5, column_6\n"), "{shown}");
    }

    #[test]
    fn columns_without_room_stand_beneath_beside_the_first_one() {
        let columns: Vec<_> = (1..=5).map(|it| (format!("column_{it}"), Align::Left)).collect();
        let rows: Vec<Vec<_>> =
            ["a", "b"].iter().map(|it| (1..=5).map(|at| text(&format!("{it}{at} is long"))).collect()).collect();
        let look = Style { terminal: true, colour: false, width: 36 };
        assert_snapshot!(pages(&columns, &rows, look), @r"
        column_1    column_2    column_3
        ──────────  ──────────  ──────────
        a1 is long  a2 is long  a3 is long
        b1 is long  b2 is long  b3 is long

        column_1    column_4    column_5
        ──────────  ──────────  ──────────
        a1 is long  a4 is long  a5 is long
        b1 is long  b4 is long  b5 is long
        ");
        // A first column that leaves no room for another one is not said again.
        let wide = [("x".repeat(40), Align::Left), ("y".repeat(30), Align::Left)];
        let shown = pages(&wide, &[vec![text("a"), text("b")]], Style { terminal: true, colour: false, width: 20 });
        assert_eq!(shown.lines().count(), 7, "{shown}");
        // Beside a file there is all the room that is needed.
        assert_eq!(pages(&columns, &rows, Style::PLAIN), table(&columns, &rows, Style::PLAIN));
    }

    #[test]
    fn names_keep_their_ends() {
        let check = |text: &str, width, expected: &str| assert_eq!(named(text, width), expected);
        check("organization_id", 15, "organization_id");
        check("organization_id", 12, "organ…ion_id");
        check("organization_slug", 13, "organi…n_slug");
        check("日本語の名前です", 9, "日本…です");
    }

    proptest! {
        #[test]
        fn every_line_fits_the_screen(
            rows in prop::collection::vec(prop::collection::vec(prop::option::of(any::<String>()), 3), 0..4),
            width in 42..120_usize,
            head in any::<String>(),
        ) {
            let columns = [(head, Align::Name), ("a long name of a column".to_owned(), Align::Left), ("c".to_owned(), Align::Right)];
            let shown = table(&columns, &rows, Style { terminal: true, colour: false, width });
            prop_assert_eq!(shown.lines().count(), rows.len() + 2);
            for line in shown.lines() {
                prop_assert!(line.width() <= width, "{:?}", line);
            }
        }
    }
}
