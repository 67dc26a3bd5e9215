//! What DuckDB says when it fails, without values.
//!
//! A message may hold a value anywhere: in quotes, as a number, as it is, or as a pattern of which a part is quoted.
//! So of what is said while rows are read, only sentences are shown that stand on a list of ours, with `…` for what
//! they fill in; for all others there are words of our own.

use crate::store::backend::EngineError;
use crate::store::fault::Fault;

/// An engine error without values.
pub(super) fn failed(error: duckdb::Error) -> EngineError {
    let text = match &error {
        duckdb::Error::DuckDBFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    };
    if text.starts_with("INTERRUPT") {
        return EngineError::Interrupted;
    }
    let shown = without_values(&text);
    if is_full(&text) {
        return EngineError::Io(format!("no space left on the disk: {shown}"));
    }
    if text.starts_with("IO Error") && text.contains("File too large") {
        return EngineError::Io(format!("a file would be larger than this process may write (`ulimit -f`): {shown}"));
    }
    if is_out_of_memory(&text) {
        return EngineError::Memory;
    }
    match Fault::read(&text, &shown) {
        Some(fault) => EngineError::Fault(Box::new(fault)),
        None => EngineError::Engine(shown),
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

/// Kinds of errors about the text of a statement, names and files: no row has been read.
const UNREAD: [&str; 5] = ["Binder Error", "Catalog Error", "Parser Error", "IO Error", "Out of Memory Error"];

/// Kinds of errors about what was read, and what is said where the engine's own sentence is not on the list.
const READ: [(&str, &str); 12] = [
    ("Conversion Error", "a value cannot be converted"),
    ("Out of Range Error", "a number is out of range"),
    ("Invalid Input Error", "a value cannot be used as it is"),
    ("Invalid Error", "a value cannot be used as it is"),
    ("Constraint Error", "a value breaks a constraint"),
    ("Mismatch Type Error", "a value has another type"),
    ("Invalid type Error", "a value has another type"),
    ("Invalid Type Error", "a value has another type"),
    ("Not implemented Error", "the engine cannot do this"),
    ("Serialization Error", "something stored cannot be read"),
    ("INTERNAL Error", "the engine has a bug"),
    ("FATAL Error", "the engine has a bug"),
];

/// What the engine says of values, with `…` for what it quotes, `#` for types and operations. What follows a sentence
/// that ends in `*` is not shown.
const KNOWN: &[&str] = &[
    "Could not convert string …",
    "Could not convert string … to #",
    "Could not convert string … to # when casting from source column *",
    "Could not convert type # to a decimal",
    "Failed to cast decimal value",
    "Overflow in # of # (… # …)",
    "Overflow in # of # (…)",
    "Overflow in # of DECIMAL(…) (… # …). You might want to add an explicit cast to a bigger decimal",
    "Overflow on # (… # …)",
    "Type # with value … can't be cast because the value is out of range for the destination type #",
    "Type # with value … can't be cast to the destination type #",
    "Casting value … to type # failed: value is out of range",
    "Could not cast value … to #",
    "date field value out of range: …",
    "invalid date field format: …, expected format is (…-MM-DD)",
    "invalid date field format: …, expected format is (YYYY-MM-DD)",
    "invalid timestamp field format: …, expected format is (YYYY-MM-DD HH:MM:SS[.US][±HH[:MM[:SS]]| ZONE])",
    "timestamp field value out of range: …",
    "timestamp field value … has a timestamp that is not UTC",
    "time field value out of range: …, expected format is ([YYYY-MM-DD ]HH:MM:SS[.MS])",
    "Date out of range",
    "Date out of range in timestamp conversion",
    "Timestamp out of range",
    "cannot take logarithm of a negative number",
    "cannot take logarithm of zero",
    "cannot take square root of a negative number",
    "Data too short for interval",
    "More than one row returned by a subquery used as an expression - scalar subqueries can only return a single row. Use …",
    "More than one row returned by a subquery used as an expression - scalar subqueries can only return a single row.",
    "the second argument of `date` is `day_first`, `month_first` or `year_first`",
    "the second argument of `decimal` is `.` or `,`",
];

/// What is wrong with a pattern; what follows is a part of it, which may be a value.
const PATTERNS: [&str; 13] = [
    "missing ]",
    "missing )",
    "unexpected )",
    "invalid escape sequence",
    "invalid character class",
    "invalid character class range",
    "invalid perl operator",
    "invalid UTF-8",
    "invalid named capture group",
    "no argument for repetition operator",
    "invalid repetition size",
    "bad repetition operator",
    "trailing \\",
];

/// The first line of an engine's message, if it is known to hold no value; else what its kind is in our own words.
/// What cannot hold a value, because no row has been read, is kept.
pub(super) fn without_values(text: &str) -> String {
    let line = first_line(text);
    if UNREAD.iter().any(|it| line.starts_with(it)) {
        return line;
    }
    let Some((kind, own)) = READ.iter().find(|(kind, _)| line.starts_with(&format!("{kind}: "))) else {
        return "the engine does not say why without showing values".to_owned();
    };
    let said = &line[kind.len() + 2..];
    if let Some(wrong) = PATTERNS.iter().find(|it| said == **it || said.starts_with(&format!("{it}: "))) {
        return format!("{kind}: a pattern cannot be read: {wrong}");
    }
    let masked = masked(said);
    match known(&masked) {
        Some(shown) => format!("{kind}: {shown}"),
        None => format!("{kind}: {own}"),
    }
}

/// What the parser of the engine says of the text of a statement.
pub(super) fn of_a_text(text: &str) -> String {
    masked(&first_line(text))
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().filter(|it| !it.is_control()).take(400).collect()
}

/// All from the first quote to the last one, for values have quotes in them too, and every number as `…`.
fn masked(line: &str) -> String {
    let is_quote = |it: char| it == '\'' || it == '"';
    let out = match (line.find(is_quote), line.rfind(is_quote)) {
        (Some(first), Some(last)) if first < last => format!("{}'…'{}", &line[..first], &line[last + 1..]),
        (Some(first), _) => format!("{}'…'", &line[..first]),
        _ => line.to_owned(),
    };
    let mut kept = String::new();
    let mut in_word = false;
    for c in out.chars() {
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

/// The masked sentence, as far as it is one of those that are known.
fn known(masked: &str) -> Option<String> {
    let said = form(masked);
    let fits = |it: &&str| match it.strip_suffix('*') {
        Some(begin) => said.starts_with(begin.trim_end()),
        None => said == form(it),
    };
    KNOWN.iter().any(fits).then(|| masked.to_owned())
}

/// A sentence with one mark for all that it may fill in.
fn form(sentence: &str) -> String {
    let sentence = sentence.replace("'…'", "…").replace("-…", "…").replace("….…", "…");
    let words = sentence.trim_end_matches(['!', '.', ' ', '?']).split(' ').map(|word| {
        let whole = word.trim_end_matches(['!', ',', '.']);
        let core = whole.trim_matches(['(', ')']);
        match () {
            () if is_filled(whole) => word.replacen(whole, "#", 1),
            () if is_filled(core) => word.replacen(core, "#", 1),
            () => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a word is a type or an operation of the engine's.
fn is_filled(word: &str) -> bool {
    const TYPES: [&str; 40] = [
        "INT8",
        "INT16",
        "INT32",
        "INT64",
        "INT128",
        "UINT8",
        "UINT16",
        "UINT32",
        "UINT64",
        "UINT128",
        "TINYINT",
        "SMALLINT",
        "INTEGER",
        "BIGINT",
        "HUGEINT",
        "UTINYINT",
        "USMALLINT",
        "UINTEGER",
        "UBIGINT",
        "UHUGEINT",
        "FLOAT",
        "DOUBLE",
        "BOOL",
        "BOOLEAN",
        "VARCHAR",
        "DATE",
        "TIME",
        "TIMESTAMP",
        "TIMESTAMP_S",
        "TIMESTAMP_MS",
        "TIMESTAMP_NS",
        "INTERVAL",
        "UUID",
        "BLOB",
        "BIT",
        "JSON",
        "addition",
        "subtraction",
        "multiplication",
        "division",
    ];
    let plain = word.split_once('(').map_or(word, |(it, _)| it);
    TYPES.contains(&plain) || plain == "DECIMAL" || matches!(word, "+" | "-" | "*" | "/" | "%")
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
            "Conversion Error: invalid date field format: \"secret\", expected format is (YYYY-MM-DD)",
            "Conversion Error: invalid date field format: '…', expected format is (YYYY-MM-DD)",
        );
        check(
            "Out of Range Error: Overflow in addition of INT64 (9223372036854775807 + 12)!",
            "Out of Range Error: Overflow in addition of INT64 (… + …)!",
        );
        check("Binder Error: Referenced column \"nam\" not found", "Binder Error: Referenced column \"nam\" not found");
        check("Conversion Error: open 'secret", "Conversion Error: a value cannot be converted");
        check("Conversion Error: secret", "Conversion Error: a value cannot be converted");
        check("Invalid Input Error: secret", "Invalid Input Error: a value cannot be used as it is");
        check("Invalid Input Error: missing ): secret(", "Invalid Input Error: a pattern cannot be read: missing )");
        check("Invalid Input Error: missing secret", "Invalid Input Error: a value cannot be used as it is");
        check("secret Error: secret", "the engine does not say why without showing values");
        check(
            "Conversion Error: Could not convert string 'a' to secret",
            "Conversion Error: a value cannot be converted",
        );
    }

    /// Expressions over a text that fail on most texts, and what they are told to have failed for.
    const FAILING: &[&str] = &[
        "cast(v as integer)",
        "cast(v as tinyint)",
        "cast(v as double)",
        "cast(v as decimal(9, 2))",
        "cast(v as boolean)",
        "cast(v as date)",
        "cast(v as time)",
        "cast(v as timestamp)",
        "cast(v as timestamptz)",
        "cast(v as interval)",
        "cast(v as uuid)",
        "cast(v as blob)",
        "cast(v as bit)",
        "cast(v as integer[])",
        "cast(v as struct(a integer))",
        "cast(v as map(varchar, integer))",
        "cast(v as json)",
        "cast(v as enum('a', 'b'))",
        "regexp_matches('x', v)",
        "regexp_full_match('x', v)",
        "regexp_extract('x', v)",
        "regexp_extract_all('x', v)",
        "regexp_replace('x', v, 'y')",
        "regexp_replace('x', 'x', 'y', v)",
        "string_split_regex('x', v)",
        "'x' similar to v",
        "'x' like 'x' escape v",
        "strptime(v, '%Y')",
        "strptime('2020', v)",
        "strftime(date '2020-01-01', v)",
        "date_part(v, date '2020-01-01')",
        "date_trunc(v, date '2020-01-01')",
        "date_diff(v, date '2020-01-01', date '2020-01-01')",
        "error(v)",
        "printf(v, 1)",
        "format(v, 1)",
        "unhex(v)",
        "unbin(v)",
        "from_base64(v)",
        "json_extract(v, '$.a')",
        "json_extract('{}', v)",
        "json_transform(v, '{\"a\": \"integer\"}')",
        "json_transform_strict('{\"a\": 1}', v)",
        "map([v, v], [1, 2])",
        "hp_date('1/2/2025', v)",
        "hp_decimal('1', v)",
        "hp_entry('a', v)",
        "lpad('x', 99, v) || lpad('x', 9, '')",
        "encode(v)::varchar::integer",
        "list_aggregate([1], v)",
        "array_value(v)::integer[1]",
        "bar(1, 2, 1, 99999999) || v::integer",
    ];

    #[test]
    fn no_planted_value_is_in_what_the_engine_is_made_to_say() {
        let connection = duckdb::Connection::open_in_memory().expect("an engine");
        crate::store::functions::register(&connection).expect("functions");
        // Letters that stand in no message, as a word, a pattern, a format, a path and something between quotes.
        for value in [
            "qzxjk",
            "qzxjk(",
            "[qzxjk",
            "%qzxjk",
            "{qzxjk}",
            "$.qzxjk[",
            "'qzxjk' to INT32 qzxjk",
            "\"qzxjk",
            "qzxjk\nqzxjk",
        ] {
            connection.execute_batch("CREATE OR REPLACE TABLE t (v VARCHAR)").expect("a table");
            connection.execute("INSERT INTO t VALUES (?), ('b')", [value]).expect("rows");
            for expression in FAILING {
                let read = || {
                    let mut prepared = connection.prepare(&format!("SELECT ({expression})::VARCHAR FROM t"))?;
                    let mut rows = prepared.query([])?;
                    while rows.next()?.is_some() {}
                    Ok::<(), duckdb::Error>(())
                };
                if let Err(error) = read() {
                    let told = failed(error).to_string();
                    assert!(!told.to_lowercase().contains("qzxjk"), "{expression} of {value:?}: {told}");
                }
            }
        }
    }
}
