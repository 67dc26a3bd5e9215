//! `hotpass query`: what was typed becomes one statement, and its rows are laid out or written to a file.

use std::io::Read;
use std::path::Path;

use crate::answers::event;
use crate::answers::query::{self, Statement};
use crate::answers::rows::{self, Answered, file};
use crate::cli::args::{self, Format, Global};
use crate::cli::exit::Exit;
use crate::cli::looked::looked_at;
use crate::cli::outcome::Outcome;
use crate::cli::{Answer, look_of_stdout};
use crate::escape::line;
use crate::problem::{Code, Problem};
use crate::readers::reach;
use crate::store::backend::EngineFactory;
use crate::views;
use crate::views::rows::Layout;
use crate::workspace::failure::Failure;
use crate::workspace::session::Asked;

/// How many rows of a query are shown to people.
const SHOWN: u64 = 10_000;
/// The longest statement that is read, in bytes: one more than the engine's parser is given.
const LONGEST: u64 = (1 << 20) + 1;

/// A statement cannot be read from where it should stand.
pub const UNREADABLE: Code = Code::error("hotpass::query::unreadable");

/// All codes of what is asked.
pub const CODES: &[&Code] = &[&UNREADABLE, &rows::REPEATED_COLUMN, &file::FILE_EXISTS, &file::FILE_IN_USE];

/// `hotpass query`.
pub fn query(global: &Global, asked: &Asked, it: &args::Query, factory: Option<&'static dyn EngineFactory>) -> Outcome {
    let Some(factory) = factory else { return Outcome::NeedsEngine };
    let statement = read(it);
    let texts =
        |path: &Path| statement.as_ref().ok().filter(|it| Path::new(&it.name) == path).map(|it| it.text.clone());
    looked_at(global, asked, factory, &texts, |session, engine, plan| {
        let statement = statement.as_ref().map_err(|it| Failure::Problem(it.clone()))?;
        if let Some(path) = &it.output {
            file::check(path, it.overwrite, session)?;
        }
        let most = match it.output.is_some() || matches!(global.format, Format::Json | Format::Csv) {
            true => u64::MAX,
            false => SHOWN,
        };
        let answered = query::query((session, engine, plan), statement, it.unmasked, most)?;
        match &it.output {
            Some(path) => written(answered, path, global),
            None if global.format == Format::Json => Ok(Answer::of(event::json(&answered.records()?))),
            None => laid_out(answered, global, false),
        }
    })
}

/// The statement that was typed, or that a file or standard input holds.
fn read(it: &args::Query) -> Result<Statement, Box<Problem>> {
    let refused = |name: &str, reason: &str| {
        let message = format!("the query in `{}` cannot be read: {reason}", line(name));
        Box::new(Problem::new(&UNREADABLE, message).help("one statement of SQL is read, as UTF-8".to_owned()))
    };
    let (name, read): (String, Box<dyn Read>) = match (&it.sql, &it.file) {
        (Some(text), _) if text != "-" => return Ok(Statement { text: text.clone(), name: "<query>".to_owned() }),
        (_, Some(path)) if path.as_os_str() != "-" => {
            let name = path.display().to_string();
            let file = reach::open(path).map_err(|error| refused(&name, &error.to_string()))?;
            (name, Box::new(file))
        }
        _ => ("<stdin>".to_owned(), Box::new(std::io::stdin())),
    };
    let mut bytes = Vec::new();
    read.take(LONGEST).read_to_end(&mut bytes).map_err(|error| refused(&name, &error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|_| refused(&name, "it is no text in UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}').to_owned();
    match text.trim().is_empty() {
        true => Err(refused(&name, "it is empty")),
        false => Ok(Statement { text, name }),
    }
}

/// The answer in a file, and what is told of it: on stderr, for nothing else was asked for.
pub(super) fn written(answered: Answered, path: &Path, global: &Global) -> Result<Answer, Failure> {
    let notes = file::write(answered, path)?;
    let stderr = if global.quiet { String::new() } else { notes.iter().map(|it| format!("{it}\n")).collect() };
    Ok(Answer { stdout: String::new(), stderr, exit: Exit::Done })
}

/// The answer as text; `records` asks for a column a line.
pub(super) fn laid_out(answered: Answered, global: &Global, records: bool) -> Result<Answer, Failure> {
    let layout = match global.format {
        Format::Csv => {
            let (text, note) = file::csv(answered)?;
            let stderr = note.filter(|_| !global.quiet).map(|it| format!("{it}\n")).unwrap_or_default();
            return Ok(Answer { stderr, ..Answer::of(text) });
        }
        Format::Markdown => Layout::Markdown,
        Format::Box => Layout::Boxed,
        _ if records => Layout::Records,
        _ => Layout::Screen,
    };
    views::rows::rows(&answered, layout, look_of_stdout(global)).map(Answer::of)
}
