//! Rows laid out: as a table for people, with lines around its cells, as Markdown, or one record beneath the other.

use crate::answers::rows::Answered;
use crate::show::{self, Align, Style, align_of, count};
use crate::workspace::failure::{Failure, failed};

/// How rows are laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Layout {
    /// A table as wide as the screen.
    Screen,
    /// With lines around its cells.
    Boxed,
    Markdown,
    /// A column a line.
    Records,
}

/// The rows, and how many more there are.
pub(crate) fn rows(answered: &Answered, layout: Layout, look: Style) -> Result<String, Failure> {
    let heads: Vec<(String, Align)> = answered.columns.iter().map(|it| (it.name.clone(), align_of(it.ty))).collect();
    let rows = answered.cells().map_err(failed)?;
    let mut out = match layout {
        Layout::Markdown => show::markdown_table(&heads, &rows),
        Layout::Boxed => show::boxed(&heads, &rows),
        Layout::Records => show::records(&heads, &rows, look),
        Layout::Screen => show::pages(&heads, &rows, look),
    };
    if answered.left_out > 0 {
        let break_before = if layout == Layout::Markdown { "\n" } else { "" };
        out.push_str(&format!("{break_before}and {} more\n", count(answered.left_out, "row")));
    }
    Ok(out)
}
