//! Rows of an answer, as the flags of `query` and `show` want them.

use std::path::Path;

use crate::answers::rows::{Answered, file};
use crate::cli::args::Format;
use crate::cli::call::Call;
use crate::terminal::answer::Answer;
use crate::terminal::exit::Exit;
use crate::views;
use crate::views::rows::Layout;
use crate::workspace::failure::Failure;

/// The answer in a file, and what is told of it: on stderr, for nothing else was asked for.
pub(super) fn written(call: &Call<'_>, answered: Answered, path: &Path) -> Result<Answer, Failure> {
    let notes = file::write(answered, path)?;
    let stderr = if call.global.quiet { String::new() } else { notes.iter().map(|it| format!("{it}\n")).collect() };
    Ok(Answer { stderr, ..Answer::nothing(Exit::Done) })
}

/// The answer as text; `records` asks for a column a line.
pub(super) fn laid_out(call: &Call<'_>, answered: Answered, records: bool) -> Result<Answer, Failure> {
    let layout = match call.global.format {
        Format::Csv => {
            let (text, note) = file::csv(answered)?;
            let stderr = note.filter(|_| !call.global.quiet).map(|it| format!("{it}\n")).unwrap_or_default();
            return Ok(Answer { stderr, ..Answer::raw(text) });
        }
        Format::Markdown => Layout::Markdown,
        Format::Box => Layout::Boxed,
        _ if records => Layout::Records,
        _ => Layout::Screen,
    };
    views::rows::rows(&answered, layout, call.manner().of_stdout()).map(Answer::of)
}
