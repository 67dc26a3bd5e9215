//! A user's query as DuckDB's own parser reads it: a tree, before anything is bound or run.

use duckdb::Connection;
use serde::Deserialize;
use serde_json::Value;

use crate::problem::Problem;
use crate::span::{self, line_and_column};
use crate::steps::SQL;
use crate::store::backend::EngineError;
use crate::store::guard::{self, Known, Refused};
use crate::store::messages::failed;
use crate::store::said;

/// The longest query that is read, in bytes.
const LONGEST: usize = 1 << 20;
/// How deep a tree may be nested. The engine's own limit on expressions is met earlier; what goes beyond it are long
/// chains of tables and unions.
const DEEPEST: usize = 3000;
/// Stack for those who walk over such a tree.
const STACK: usize = 256 << 20;

/// Reads the one `select` that a text is, sees to it that it may be run, and gives what `look` makes of its tree.
pub(super) fn judged<T: Send>(
    connection: &Connection,
    text: &str,
    known: &Known<'_>,
    look: impl FnOnce(&Value) -> T + Send,
) -> Result<T, EngineError> {
    if text.len() > LONGEST {
        return Err(problem(format!("it is longer than {} bytes", LONGEST), "split it into several steps"));
    }
    if let Some(it) = guard::too_large(text) {
        return Err(told(it, text));
    }
    let json: String =
        connection.query_row("SELECT json_serialize_sql(?::VARCHAR)", [text], |row| row.get(0)).map_err(failed)?;
    if depth(&json) > DEEPEST {
        return Err(problem("it is nested too deep".to_owned(), "split it into several steps"));
    }
    let walk = || {
        let tree = parsed(&json)?;
        let node = one_select(&tree, text)?;
        match guard::refused(node, known) {
            Some(it) => Err(told(it, text)),
            None => Ok(look(node)),
        }
    };
    // A thread of its own has as much stack as the deepest tree needs.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, walk)?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn parsed(json: &str) -> Result<Value, EngineError> {
    let mut reader = serde_json::Deserializer::from_str(json);
    reader.disable_recursion_limit();
    Value::deserialize(&mut reader).map_err(|_| problem("it is not one `select`".to_owned(), ONE))
}

const ONE: &str = "one `select` is run, and nothing else";

fn one_select<'a>(tree: &'a Value, text: &str) -> Result<&'a Value, EngineError> {
    if tree["error"].as_bool() == Some(false)
        && let Some([statement]) = tree["statements"].as_array().map(Vec::as_slice)
    {
        return Ok(&statement["node"]);
    }
    let reason = match tree["error_message"].as_str() {
        Some("Only SELECT statements can be serialized to json!") | None => "it is not one `select`",
        Some(reason) => reason,
    };
    let reason = crate::store::messages::of_a_text(reason);
    let reason = reason.trim_end_matches(" at or near '…'").to_owned();
    let at = match &tree["position"] {
        Value::String(it) => it.parse().ok(),
        it => it.as_u64().and_then(|it| usize::try_from(it).ok()),
    };
    let other = || said::no_query(text).unwrap_or(ONE).to_owned();
    let help = at.filter(|_| said::no_query(text).is_none()).and_then(|at| said::misspelt(text, at));
    let help = help.unwrap_or_else(other);
    Err(problem(placed(reason, at, text), &help))
}

/// A message with the place of a byte in the text that it is about.
fn placed(message: String, at: Option<usize>, text: &str) -> String {
    let place = at.filter(|at| *at < text.len()).map(|at| line_and_column(text, at));
    place.map_or(message.clone(), |place| span::at(&message, place))
}

fn problem(reason: String, help: &str) -> EngineError {
    let problem = Problem::new(&SQL, format!("the query cannot be run: {reason}"));
    EngineError::Problem(Box::new(problem.help(help.to_owned())))
}

fn told(it: Refused, text: &str) -> EngineError {
    let message = placed(format!("the query cannot be run: {}", it.message), it.at, text);
    EngineError::Problem(Box::new(Problem::new(&SQL, message).help(it.help)))
}

/// How deep brackets are nested, those in texts left out.
fn depth(json: &str) -> usize {
    let (mut depth, mut deepest, mut inside, mut escaped) = (0usize, 0, false, false);
    for byte in json.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b'{' | b'[' if !inside => depth += 1,
            b'}' | b']' if !inside => depth = depth.saturating_sub(1),
            _ => (),
        }
        deepest = deepest.max(depth);
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_texts_are_no_depth() {
        let check = |json: &str, expected: usize| assert_eq!(depth(json), expected, "{json}");
        check("1", 0);
        check("[{\"a\": [1]}, [1]]", 3);
        check("[\"[[[\\\"[\"]", 1);
    }
}
