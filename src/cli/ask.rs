//! `hotpass query`: what was typed becomes one statement, and its rows are laid out or written to a file.

use std::path::Path;

use crate::answers::event;
use crate::answers::query;
use crate::answers::rows::{Answered, file};
use crate::cli::args::{Format, Query};
use crate::cli::call::{Call, Ended};
use crate::terminal::answer::Answer;
use crate::terminal::exit::Exit;
use crate::views;
use crate::views::rows::Layout;
use crate::workspace::failure::Failure;
use crate::workspace::session::Asked;

/// How many rows of a query are shown to people.
const SHOWN: u64 = 10_000;

/// `hotpass query`.
pub(super) fn query(call: &Call<'_>, asked: &Asked, it: &Query) -> Ended {
    call.engine()?;
    let statement = query::read(it.sql.as_deref(), it.file.as_deref());
    let texts =
        |path: &Path| statement.as_ref().ok().filter(|it| Path::new(&it.name) == path).map(|it| it.text.clone());
    call.look_at(asked, &texts, |of| {
        let statement = statement.as_ref().map_err(|it| Failure::Problem(it.clone()))?;
        if let Some(path) = &it.output {
            file::check(path, it.overwrite, of.0)?;
        }
        let most = match it.output.is_some() || matches!(call.global.format, Format::Json | Format::Csv) {
            true => u64::MAX,
            false => SHOWN,
        };
        let answered = query::query(of, statement, it.unmasked, most)?;
        match &it.output {
            Some(path) => written(call, answered, path),
            None if call.is_json() => Ok(Answer::of(event::json(&answered.records()?))),
            None => laid_out(call, answered, false),
        }
    })
}

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
            return Ok(Answer { stderr, ..Answer::of(text) });
        }
        Format::Markdown => Layout::Markdown,
        Format::Box => Layout::Boxed,
        _ if records => Layout::Records,
        _ => Layout::Screen,
    };
    views::rows::rows(&answered, layout, call.manner().of_stdout()).map(Answer::of)
}
