//! Which DuckDB is loaded: the one that this program is made for, or none.

use duckdb::Connection;

use crate::store::backend::EngineError;
use crate::store::messages::failed;

/// The version of DuckDB that this program is made for.
const VERSION: &str = "v1.5.6";

/// Refuses a library of another version than this program is made for: its results would be known as those of this one.
pub(super) fn is_the_one(connection: &Connection) -> Result<(), EngineError> {
    let text = "SELECT library_version FROM pragma_version()";
    let found: String = connection.query_row(text, [], |row| row.get(0)).map_err(failed)?;
    other_version(&found).map_or(Ok(()), |reason| Err(EngineError::Io(reason)))
}

/// Why a library of this version cannot be used, if it cannot.
fn other_version(found: &str) -> Option<String> {
    let remedy = "put the library beside `hotpass-engine`, and remove others from LD_LIBRARY_PATH";
    let reason = || format!("this program needs DuckDB {VERSION}, and {}is {found}: {remedy}", loaded());
    (found != VERSION).then(reason)
}

/// Where the loaded library lies, in words, as far as the system tells.
fn loaded() -> String {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let library = maps.lines().filter_map(|it| it.split_whitespace().nth(5)).find(|it| it.contains("libduckdb"));
    library.map_or_else(|| "the loaded one ".to_owned(), |it| format!("`{it}` "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::engine::IDENTITY;

    #[test]
    fn another_library_is_refused_with_its_version() {
        assert_eq!(other_version(VERSION), None);
        let reason = other_version("v1.4.4").expect("refused");
        assert!(
            reason.contains("v1.4.4") && reason.contains(VERSION) && reason.contains("LD_LIBRARY_PATH"),
            "{reason}"
        );
        assert!(IDENTITY.contains(VERSION.trim_start_matches('v')));
    }
}
