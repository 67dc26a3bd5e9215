//! What the columns of a stored table hold: each is read and grouped by its values once, and the rest is asked of the
//! groups. Values of columns that are not open do not leave the engine.

use arrow_array::RecordBatch;
use duckdb::Connection;

use crate::model::Type;
use crate::publish::cell_texts;
use crate::store::backend::{ColumnProfile, EngineError, Profiled, Stored};
use crate::store::messages::failed;
use crate::store::statements::{select, stream};

/// Values and patterns that are told.
const MOST: usize = 8;
/// Parts of a distribution.
const PARTS: usize = 8;
/// The values of the column that is looked at, each once, with the number of its rows.
const HELD: &str = "held";

/// What each of the columns holds.
pub(super) fn profile(
    connection: &Connection,
    table: &Stored,
    columns: &[Profiled<'_>],
) -> Result<Vec<ColumnProfile>, EngineError> {
    let profiled = columns.iter().map(|it| one(connection, table, it)).collect();
    connection.execute_batch(&format!("DROP TABLE IF EXISTS {HELD}")).map_err(failed)?;
    profiled
}

fn one(connection: &Connection, table: &Stored, column: &Profiled<'_>) -> Result<ColumnProfile, EngineError> {
    let values = select(table, &[(column.name, "v".to_owned())], false);
    let text = format!("CREATE OR REPLACE TEMP TABLE {HELD} AS SELECT v, count(*) AS n FROM ({values}) GROUP BY v");
    connection.execute_batch(&text).map_err(failed)?;
    let ask = |what: &str, rest: &str| answers(connection, &format!("SELECT {what} FROM {HELD} {rest}"));
    let counts = ask("coalesce(sum(n) FILTER (WHERE v IS NULL), 0)::BIGINT, count(v)", "")?;
    let mut acc = ColumnProfile { nulls: number(&counts, 0), distinct: number(&counts, 1), ..ColumnProfile::default() };
    if acc.distinct == 0 {
        return Ok(acc);
    }
    let counted = |what: &str| -> Result<Vec<(String, u64)>, EngineError> {
        let rest = format!("WHERE v IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}");
        let rows = ask(&format!("{what}, sum(n)::BIGINT"), &rest)?;
        Ok(rows.into_iter().filter_map(|row| pair(row).map(|(it, n)| (it, n.parse().unwrap_or(0)))).collect())
    };
    if column.open {
        acc.top = counted("v")?;
    }
    // On which line of numbers values lie, and whether there are numbers between them.
    let (axis, whole) = match column.ty {
        Type::Text => ("length(v)", true),
        Type::Integer => ("v", true),
        Type::Date => ("v - DATE '1970-01-01'", true),
        Type::Timestamp => ("epoch_us(v)", true),
        Type::Decimal { .. } | Type::Float => ("v::DOUBLE", false),
        Type::Boolean => return Ok(acc),
    };
    if column.ty == Type::Text {
        acc.patterns = counted("pattern_of(v)")?;
        let lengths = ask("min(length(v)), max(length(v))", "")?;
        acc.lengths = Some((number(&lengths, 0), number(&lengths, 1)));
        if column.open {
            let end = |order: &str| ask("v", &format!("WHERE v IS NOT NULL ORDER BY length(v) {order}, v LIMIT 1"));
            acc.ends = first(end("ASC")?).zip(first(end("DESC")?));
        }
    } else if column.open {
        acc.ends = ask("min(v), max(v)", "")?.into_iter().next().and_then(pair);
    } else {
        return Ok(acc);
    }
    acc.spread = spread(connection, axis, whole)?;
    Ok(acc)
}

/// How many rows lie in each of the equal parts between the least and the greatest value; whole numbers have no more
/// parts than there are numbers.
fn spread(connection: &Connection, axis: &str, whole: bool) -> Result<Vec<u64>, EngineError> {
    let parts = match whole {
        true => format!("least({PARTS}, high - low + 1)"),
        false => PARTS.to_string(),
    };
    // Halves, so that the distance between the ends of all doubles is one.
    let text = format!(
        "WITH placed AS (SELECT ({axis})::DOUBLE / 2 AS x, n FROM {HELD} WHERE isfinite(({axis})::DOUBLE)), \
         ends AS (SELECT min(x) AS a, max(x) AS b, max(x) * 2 AS high, min(x) * 2 AS low FROM placed), \
         cut AS (SELECT a, b, CASE WHEN a = b THEN 1 ELSE {parts} END::BIGINT AS parts FROM ends) \
         SELECT parts, CASE WHEN a = b THEN 0 ELSE least(floor((x - a) / (b - a) * parts), parts - 1) END::BIGINT \
         AS part, sum(n)::BIGINT FROM placed, cut GROUP BY ALL ORDER BY part"
    );
    let rows = answers(connection, &text)?;
    let at = |row: &[Option<String>], at: usize| row[at].as_ref().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
    let mut acc = vec![0; rows.first().map_or(0, |it| at(it, 0) as usize)];
    for row in &rows {
        if let Some(part) = acc.get_mut(at(row, 1) as usize) {
            *part += at(row, 2);
        }
    }
    Ok(acc)
}

type Row = Vec<Option<String>>;

fn answers(connection: &Connection, text: &str) -> Result<Vec<Row>, EngineError> {
    let mut rows = Vec::new();
    stream(connection, text, &mut |batch: RecordBatch| {
        rows.extend(cell_texts(&batch).map_err(EngineError::Engine)?);
        Ok(())
    })?;
    Ok(rows)
}

fn number(rows: &[Row], at: usize) -> u64 {
    rows.first().and_then(|it| it.get(at)?.as_ref()?.parse().ok()).unwrap_or(0)
}

fn first(rows: Vec<Row>) -> Option<String> {
    rows.into_iter().next()?.into_iter().next()?
}

fn pair(row: Row) -> Option<(String, String)> {
    let mut cells = row.into_iter();
    Some((cells.next()??, cells.next()??))
}
