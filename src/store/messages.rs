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
    if is_full(&text) {
        return EngineError::Io(format!("no space left on the disk: {masked}"));
    }
    if is_out_of_memory(&text) {
        return EngineError::Memory;
    }
    match Fault::read(&text, &masked) {
        Some(fault) => EngineError::Fault(Box::new(fault)),
        None => EngineError::Engine(masked),
    }
}

/// What the system and the engine say where a disk, a quota or the folder for spilling is full. The engine tells of a
/// write that came out short by its bytes alone.
const FULL: [&str; 7] = [
    "No space left on device",
    "ENOSPC",
    "Disk quota exceeded",
    "not enough space on the disk",
    "disk is full",
    "Could not write all bytes",
    "failed to offload data block",
];

/// Whether the engine failed because there was no room. Words of its own alone count: a value may hold any.
fn is_full(text: &str) -> bool {
    let world = ["IO Error", "Out of Memory Error", "FATAL Error"];
    world.iter().any(|it| text.starts_with(it)) && FULL.iter().any(|it| text.contains(it))
}

/// Whether the engine failed because there was no more memory. An appender leaves out which kind of error it was.
fn is_out_of_memory(text: &str) -> bool {
    let text = text.strip_prefix("Failed to append: ").unwrap_or(text);
    [
        "Out of Memory Error",
        "could not allocate block of size",
        "failed to pin block of size",
        "failed to allocate data",
    ]
    .iter()
    .any(|it| text.starts_with(it))
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
    fn a_full_disk_is_called_so() {
        let told = |text: &str| {
            failed(duckdb::Error::DuckDBFailure(duckdb::ffi::Error::new(1), Some(text.to_owned()))).to_string()
        };
        for text in [
            "IO Error: Could not write file \"x\": No space left on device",
            "IO Error: Could not write all bytes to file \"x\": wanted=16384 wrote=4096",
            "IO Error: Failed to write: Disk quota exceeded",
            "IO Error: Detached database 'x', but CHECKPOINT during DETACH failed.\nNo space left on device",
            "Out of Memory Error: failed to offload data block of size 256.0 KiB (7.9 MiB/8.0 MiB used).",
        ] {
            assert!(told(text).starts_with("no space left on the disk: "), "{}", told(text));
        }
        for kind in ["Out of Memory Error: ", "Failed to append: "] {
            let text = format!("{kind}could not allocate block of size 256.0 KiB (190.0 MiB/190.0 MiB used)");
            assert!(told(&text).starts_with("the engine has no more memory"), "{}", told(&text));
        }
        let value = "Conversion Error: Could not convert string 'No space left on device' to INT32";
        assert!(!told(value).contains("no space left"), "{}", told(value));
    }

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
