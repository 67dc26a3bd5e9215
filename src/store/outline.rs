//! What all columns of a stored table hold, in few statements: counts and ends of all columns in one, their
//! distributions and the values of columns with few different ones in another. A column is a branch of a union, which
//! the engine plans far faster than hundreds of aggregates side by side. Values of columns that are
//! not open do not leave the engine.

use arrow_array::RecordBatch;
use duckdb::Connection;

use crate::model::Type;
use crate::publish::cell_texts;
use crate::store::engine::{failed, select, stream};
use crate::store::workshop::{ColumnProfile, EngineError, Profiled, Stored};

/// Columns of one statement: what a wide table takes is bounded by it.
const AT_ONCE: usize = 40;
/// Parts of a distribution.
const PARTS: u64 = 12;
/// A column with more different values is told by its distribution, and not by its values.
const FEW: u64 = 12;
/// The table that the columns of one statement are put in, so that each is read once.
const HELD: &str = "outlined";

/// Where values of a type lie on a line of numbers, and whether there are none between two of them.
fn axis(ty: Type, v: &str) -> Option<(String, bool)> {
    Some(match ty {
        Type::Text => (format!("length({v})"), true),
        Type::Integer => (v.to_owned(), true),
        Type::Date => (format!("({v} - DATE '1970-01-01')"), true),
        Type::Timestamp => (format!("epoch_us({v})"), true),
        Type::Decimal { .. } | Type::Float => (format!("{v}::DOUBLE"), false),
        Type::Boolean => return None,
    })
}

/// What each of the columns holds: nulls, different values, ends, lengths, frequent values where there are few, and the
/// spread. No patterns.
pub(super) fn outline(
    connection: &Connection,
    table: &Stored,
    columns: &[Profiled<'_>],
) -> Result<Vec<ColumnProfile>, EngineError> {
    let mut acc = Vec::with_capacity(columns.len());
    for part in columns.chunks(AT_ONCE) {
        acc.extend(several(connection, table, part)?);
    }
    connection.execute_batch(&format!("DROP TABLE IF EXISTS {HELD}")).map_err(failed)?;
    Ok(acc)
}

fn several(
    connection: &Connection,
    table: &Stored,
    columns: &[Profiled<'_>],
) -> Result<Vec<ColumnProfile>, EngineError> {
    let aliases: Vec<(&str, String)> = columns.iter().enumerate().map(|(at, it)| (it.name, format!("v{at}"))).collect();
    let values = select(table, &aliases, false);
    connection.execute_batch(&format!("CREATE OR REPLACE TEMP TABLE {HELD} AS {values}")).map_err(failed)?;
    let counted = |(at, column): (usize, &Profiled<'_>)| {
        let (low, high) = match axis(column.ty, "v") {
            // Halves, so that the distance between the ends of all doubles is one.
            Some((axis, _)) => {
                let x = format!("CASE WHEN isfinite(({axis})::DOUBLE) THEN ({axis})::DOUBLE / 2 END");
                (format!("min({x})"), format!("max({x})"))
            }
            None => ("NULL".to_owned(), "NULL".to_owned()),
        };
        let (least, greatest) = match column.ty {
            Type::Text => ("min(length(v))", "max(length(v))"),
            Type::Boolean => ("NULL", "NULL"),
            _ if column.open => ("min(v)", "max(v)"),
            _ => ("NULL", "NULL"),
        };
        format!(
            "SELECT {at} AS c, coalesce(sum(CASE WHEN v IS NULL THEN n END), 0)::BIGINT, count(v), {low}::DOUBLE, \
             {high}::DOUBLE, {least}::VARCHAR, {greatest}::VARCHAR \
             FROM (SELECT v{at} AS v, count(*) AS n FROM {HELD} GROUP BY v{at})"
        )
    };
    let asked: Vec<String> = columns.iter().enumerate().map(counted).collect();
    let mut acc = vec![ColumnProfile::default(); columns.len()];
    let mut asked_next = Vec::new();
    let mut parts_of = vec![0; columns.len()];
    for row in answers(connection, &asked.join(" UNION ALL "))? {
        let number = |at: usize| row.get(at).cloned().flatten().and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
        let double = |at: usize| row.get(at).cloned().flatten().and_then(|it| it.parse::<f64>().ok());
        let at = number(0) as usize;
        let Some((column, held)) = columns.get(at).zip(acc.get_mut(at)) else { continue };
        (held.nulls, held.distinct) = (number(1), number(2));
        match column.ty {
            Type::Text if held.distinct > 0 => held.lengths = Some((number(5), number(6))),
            Type::Text | Type::Boolean => (),
            _ => held.ends = row[5].clone().zip(row[6].clone()),
        }
        // A column that is not open shows the lengths of its texts, and nothing of its numbers.
        let told = column.open || column.ty == Type::Text;
        if let (true, Some((axis, whole)), Some(low), Some(high)) =
            (told, axis(column.ty, &format!("v{at}")), double(3), double(4))
        {
            let parts = if whole { ((high - low) * 2.0 + 1.0).min(PARTS as f64) as u64 } else { PARTS };
            let parts = if low == high { 1 } else { parts.max(1) };
            parts_of[at] = parts;
            let x = format!("({axis})::DOUBLE");
            let part = match parts {
                1 => "0".to_owned(),
                _ => format!("least(floor(({x} / 2 - {low:?}) / {:?} * {parts}), {parts} - 1)", high - low),
            };
            asked_next.push(format!(
                "SELECT {at} AS c, 'part' AS k, ({part})::BIGINT::VARCHAR AS v, count(*) AS n FROM {HELD} \
                 WHERE isfinite({x}) GROUP BY ALL"
            ));
        }
        if column.open && (1..=FEW).contains(&held.distinct) {
            asked_next.push(format!(
                "SELECT {at} AS c, 'value' AS k, v{at}::VARCHAR AS v, count(*) AS n FROM {HELD} \
                 WHERE v{at} IS NOT NULL GROUP BY ALL"
            ));
        }
    }
    if asked_next.is_empty() {
        return Ok(acc);
    }
    for (held, parts) in acc.iter_mut().zip(parts_of) {
        held.spread = vec![0; parts as usize];
    }
    let text = format!("SELECT c, k, v, n FROM ({}) ORDER BY c, k, n DESC, v", asked_next.join(" UNION ALL "));
    for row in answers(connection, &text)? {
        let [Some(at), Some(kind), Some(value), Some(rows)] = row.as_slice() else { continue };
        let (Ok(at), Ok(rows)) = (at.parse::<usize>(), rows.parse::<u64>()) else { continue };
        let Some(held) = acc.get_mut(at) else { continue };
        match (kind.as_str(), value.parse::<usize>()) {
            ("value", _) => held.top.push((value.clone(), rows)),
            (_, Ok(part)) => held.spread.get_mut(part).into_iter().for_each(|it| *it += rows),
            _ => (),
        }
    }
    Ok(acc)
}

fn answers(connection: &Connection, text: &str) -> Result<Vec<Vec<Option<String>>>, EngineError> {
    let mut rows = Vec::new();
    stream(connection, text, &mut |batch: RecordBatch| {
        rows.extend(cell_texts(&batch).map_err(EngineError::Engine)?);
        Ok(())
    })?;
    Ok(rows)
}
