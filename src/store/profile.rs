//! What the columns of a stored table hold, counted in one scan.

use duckdb::Connection;

use crate::store::engine::{failed, select};
use crate::store::workshop::{EngineError, Stored};

/// Null share and distinct count of the named columns.
pub(super) fn profile(
    connection: &Connection,
    table: &Stored,
    columns: &[&str],
) -> Result<Vec<(u64, u64)>, EngineError> {
    if columns.is_empty() {
        return Ok(Vec::new());
    }
    let named: Vec<_> = columns.iter().enumerate().map(|(at, it)| (*it, format!("k{at}"))).collect();
    let list: Vec<_> = named.iter().map(|(_, it)| format!("count(*) - count({it}), count(DISTINCT {it})")).collect();
    let text = format!("SELECT {} FROM ({})", list.join(", "), select(table, &named, false));
    let mut prepared = connection.prepare(&text).map_err(failed)?;
    let mut rows = prepared.query([]).map_err(failed)?;
    let row = rows.next().map_err(failed)?.ok_or_else(|| EngineError::Engine("no profile".to_owned()))?;
    (0..columns.len()).map(|at| Ok((row.get(2 * at).map_err(failed)?, row.get(2 * at + 1).map_err(failed)?))).collect()
}
