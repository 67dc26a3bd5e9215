//! Questions about a text that checks ask, answered with yes or no: whether a pattern is found in it, whether it fits a
//! format of days, whether it is JSON that a schema allows.
//!
//! Not here: what patterns and formats mean (`expr::python`, `text::strftime`,
//! `text::json_schema`).

use std::collections::VecDeque;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use duckdb::Connection;
use duckdb::core::{DataChunkHandle, LogicalTypeId};
use duckdb::vscalar::{ScalarFunctionSignature, VScalar};
use duckdb::vtab::arrow::WritableVector;
use regex_automata::Input;
use regex_automata::meta::{Cache, Regex};

use super::text_type;
use super::vector::{Cell, Texts, Values};
use crate::text::json_schema::Schema;
use crate::text::strftime::Format;

/// Registers them for all connections to a database.
pub(super) fn register(connection: &Connection) -> duckdb::Result<()> {
    let of = |read: Read| Arc::new(State { read, known: Mutex::default() });
    let pattern: Read = |it| match Regex::new(it) {
        Ok(regex) => Ok(Question::Pattern(regex, Mutex::default())),
        Err(_) => Ok(Question::Backtracking(fancy_regex::Regex::new(it).map_err(|_| "the pattern cannot be run")?)),
    };
    let format: Read = |it| Ok(Question::Format(Format::new(it).map_err(|_| "the format cannot be read")?));
    connection.register_scalar_function_with_state::<Asked>("found_in", &of(pattern))?;
    let schema: Read = |it| Ok(Question::Schema(Schema::new(it).map_err(|_| "the schema cannot be read")?));
    connection.register_scalar_function_with_state::<Asked>("fits_format", &of(format))?;
    connection.register_scalar_function_with_state::<Asked>("fits_schema", &of(schema))
}

/// Reads what is asked: the second argument, which is a constant in practice.
type Read = fn(&str) -> Result<Question, &'static str>;

enum Question {
    /// A pattern that is found in one pass, and what searches have worked out that nobody is making use of.
    Pattern(Regex, Mutex<Vec<Cache>>),
    /// One that looks around or back.
    Backtracking(fancy_regex::Regex),
    Format(Format),
    Schema(Schema),
}

/// A question that is asked of some texts.
struct Asking {
    question: Arc<Question>,
    /// What searches have worked out.
    cache: Option<Cache>,
}

impl Asking {
    fn new(question: Arc<Question>) -> Asking {
        let cache = match &*question {
            Question::Pattern(regex, caches) => {
                let kept = caches.lock().unwrap_or_else(PoisonError::into_inner).pop();
                Some(kept.unwrap_or_else(|| regex.create_cache()))
            }
            _ => None,
        };
        Asking { question, cache }
    }

    fn ask(&mut self, text: &str) -> Result<bool, &'static str> {
        match &*self.question {
            Question::Pattern(regex, _) => {
                let cache = self.cache.get_or_insert_with(|| regex.create_cache());
                Ok(regex.search_half_with(cache, &Input::new(text).earliest(true)).is_some())
            }
            Question::Backtracking(regex) => {
                regex.is_match(text).map_err(|_| "the pattern takes too long over a value")
            }
            Question::Format(format) => Ok(format.fits(text)),
            Question::Schema(schema) => Ok(schema.fits(text)),
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if let (Question::Pattern(_, caches), Some(cache)) = (&*self.question, self.cache.take()) {
            caches.lock().unwrap_or_else(PoisonError::into_inner).push(cache);
        }
    }
}

/// How many questions are known at once. One statement asks at most fifty checks, in turn over a few thousand rows each:
/// reading a pattern anew takes longer than asking it of so few.
const KNOWN: usize = 128;

struct State {
    read: Read,
    /// Questions that were read, the one that was asked last in front.
    known: Mutex<VecDeque<(String, Arc<Question>)>>,
}

impl State {
    fn question(&self, text: &str) -> Result<Arc<Question>, &'static str> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.iter().position(|it| it.0 == text).and_then(|at| known.remove(at));
        let entry = match found {
            Some(entry) => entry,
            None => (text.to_owned(), Arc::new((self.read)(text)?)),
        };
        let question = Arc::clone(&entry.1);
        known.push_front(entry);
        known.truncate(KNOWN);
        Ok(question)
    }
}

struct Asked;

impl VScalar for Asked {
    type State = Arc<State>;

    fn invoke(
        state: &Arc<State>,
        input: &mut DataChunkHandle,
        output: &mut dyn WritableVector,
    ) -> Result<(), Box<dyn Error>> {
        let (texts, settings) = (Texts::new(input, 0)?, Texts::new(input, 1)?);
        let mut made = Values::<bool>::new(output)?;
        let mut last: Option<(Cell<'_>, Asking)> = None;
        for row in 0..input.len() {
            let (Some(cell), Some(how)) = (texts.get(row), settings.get(row)) else {
                made.set(row, None);
                continue;
            };
            // What searches have worked out is large: it stays where it is.
            if !last.as_ref().is_some_and(|it| it.0.is_same(how)) {
                last = Some((how, Asking::new(state.question(how.text()?)?)));
            }
            if let Some((_, asking)) = &mut last {
                made.set(row, Some(asking.ask(cell.text()?)?));
            }
        }
        Ok(())
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text_type(), text_type()], LogicalTypeId::Boolean.into())]
    }
}
