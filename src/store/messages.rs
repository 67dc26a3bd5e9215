//! What DuckDB says when it fails, without the values that it quotes.

use crate::store::fault::Fault;
use crate::store::workshop::EngineError;

/// An engine error without the values that DuckDB quotes in it.
pub(super) fn failed(error: duckdb::Error) -> EngineError {
    let text = match &error {
        duckdb::Error::DuckDBFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    };
    if text.starts_with("INTERRUPT") {
        return EngineError::Interrupted;
    }
    let masked = without_values(&text);
    match Fault::read(&text, &masked) {
        Some(fault) => EngineError::Fault(Box::new(fault)),
        None => EngineError::Engine(masked),
    }
}

/// The first line of an engine's message without what may be a value: all from the first quote to the last one, for
/// values have quotes in them too, and every number. What cannot hold a value, because no row has been read, is kept.
pub(super) fn without_values(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let line: String = line.chars().filter(|it| !it.is_control()).take(400).collect();
    if ["Binder Error", "Catalog Error", "Parser Error", "IO Error"].iter().any(|it| line.starts_with(it)) {
        return line;
    }
    let is_quote = |it: char| it == '\'' || it == '"';
    let mut out = match (line.find(is_quote), line.rfind(is_quote)) {
        (Some(first), Some(last)) if first < last => format!("{}'…'{}", &line[..first], &line[last + 1..]),
        (Some(first), _) => format!("{}'…'", &line[..first]),
        _ => line,
    };
    let mut kept = String::new();
    let mut in_word = false;
    for c in std::mem::take(&mut out).chars() {
        if c.is_ascii_digit() && !in_word {
            if !kept.ends_with('…') {
                kept.push('…');
            }
            continue;
        }
        in_word = c.is_alphabetic() || (in_word && c.is_ascii_digit());
        kept.push(c);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_never_reach_a_message() {
        let check = |text: &str, expected: &str| assert_eq!(without_values(text), expected);
        let text = "Conversion Error: Could not convert string 'secret@x.example' to INT32\nLINE 1: …";
        check(text, "Conversion Error: Could not convert string '…' to INT32");
        check(
            "Conversion Error: Could not convert string 'it's secret' to INT32",
            "Conversion Error: Could not convert string '…' to INT32",
        );
        check(
            "Conversion Error: invalid date field format: \"secret\", expected (YYYY)",
            "Conversion Error: invalid date field format: '…', expected (YYYY)",
        );
        check(
            "Out of Range Error: Overflow in addition of INT64 (9223372036854775807 + 12)!",
            "Out of Range Error: Overflow in addition of INT64 (… + …)!",
        );
        check("Binder Error: Referenced column \"nam\" not found", "Binder Error: Referenced column \"nam\" not found");
        check("Conversion Error: open 'secret", "Conversion Error: open '…'");
    }
}
