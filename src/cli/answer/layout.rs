//! How an answer is laid out on stdout: as a table for people, with lines around its cells, as Markdown, as delimited
//! text, or one record beneath the other.

use super::{Answered, file};
use crate::cli::args::{Format, Global};
use crate::cli::{Answer, look_of_stdout};
use crate::show::{self, Align, align_of, count};
use crate::workspace::failure::{Failure, failed};

/// The answer as text. JSON is laid out by whoever knows the event; `records` asks for a column a line.
pub(in crate::cli) fn laid_out(answered: Answered, global: &Global, records: bool) -> Result<Answer, Failure> {
    if global.format == Format::Csv {
        let (text, note) = file::csv(answered)?;
        let stderr = note.filter(|_| !global.quiet).map(|it| format!("{it}\n")).unwrap_or_default();
        return Ok(Answer { stderr, ..Answer::of(text) });
    }
    let heads: Vec<(String, Align)> = answered.columns.iter().map(|it| (it.name.clone(), align_of(it.ty))).collect();
    let rows = answered.cells().map_err(failed)?;
    let look = look_of_stdout(global);
    let mut out = match global.format {
        Format::Markdown => show::markdown_table(&heads, &rows),
        Format::Box => show::boxed(&heads, &rows),
        _ if records => show::records(&heads, &rows, look),
        _ => show::pages(&heads, &rows, look),
    };
    if answered.left_out > 0 {
        let break_before = if global.format == Format::Markdown { "\n" } else { "" };
        out.push_str(&format!("{break_before}and {} more\n", count(answered.left_out, "row")));
    }
    Ok(Answer::of(out))
}
