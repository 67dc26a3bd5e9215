//! What all columns of a stored table hold, in few statements: counts and ends of all columns in one scan, their
//! distributions in another, and the values of columns with few different ones in a third. Values of columns that are
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
    let mut asked = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let v = format!("v{at}");
        asked.push(format!("count(*) - count({v}), count(DISTINCT {v})"));
        asked.push(match axis(column.ty, &v) {
            // Halves, so that the distance between the ends of all doubles is one.
            Some((axis, _)) => {
                let x = format!("({axis})::DOUBLE");
                let only = format!("FILTER (WHERE isfinite({x}))");
                format!("min({x} / 2) {only}, max({x} / 2) {only}")
            }
            None => "NULL::DOUBLE, NULL::DOUBLE".to_owned(),
        });
        asked.push(match column.ty {
            Type::Boolean => "NULL::VARCHAR, NULL::VARCHAR".to_owned(),
            Type::Text => format!("min(length({v})), max(length({v}))"),
            _ if column.open => format!("min({v}), max({v})"),
            _ => "NULL::VARCHAR, NULL::VARCHAR".to_owned(),
        });
    }
    let counts = answers(connection, &format!("SELECT {} FROM {HELD}", asked.join(", ")))?;
    let cell = |at: usize| counts.first().and_then(|it| it.get(at)).cloned().flatten();
    let mut acc = Vec::new();
    let mut spreads = Vec::new();
    let mut few = Vec::new();
    for (at, column) in columns.iter().enumerate() {
        let number = |it: usize| cell(at * 6 + it).and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
        let mut held = ColumnProfile { nulls: number(0), distinct: number(1), ..ColumnProfile::default() };
        let ends = cell(at * 6 + 4).zip(cell(at * 6 + 5));
        match column.ty {
            Type::Text if held.distinct > 0 => held.lengths = Some((number(4), number(5))),
            Type::Text | Type::Boolean => (),
            _ => held.ends = ends,
        }
        let double = |it: usize| cell(at * 6 + it).and_then(|it| it.parse::<f64>().ok());
        // A column that is not open shows the lengths of its texts, and nothing of its numbers.
        let told = column.open || column.ty == Type::Text;
        if let (true, Some((axis, whole)), Some(low), Some(high)) =
            (told, axis(column.ty, &format!("v{at}")), double(2), double(3))
        {
            let parts = if whole { ((high - low) * 2.0 + 1.0).min(PARTS as f64) as u64 } else { PARTS };
            let parts = if low == high { 1 } else { parts.max(1) };
            let part = match parts {
                1 => "0".to_owned(),
                _ => {
                    format!("least(floor((({axis})::DOUBLE / 2 - {low:?}) / {:?} * {parts}), {parts} - 1)", high - low)
                }
            };
            let finite = format!("isfinite(({axis})::DOUBLE)");
            spreads.push((at, parts, format!("CAST(histogram(({part})::BIGINT) FILTER (WHERE {finite}) AS VARCHAR)")));
        }
        if column.open && (1..=FEW).contains(&held.distinct) {
            few.push(at);
        }
        acc.push(held);
    }
    if !spreads.is_empty() {
        let asked: Vec<&str> = spreads.iter().map(|(_, _, it)| it.as_str()).collect();
        let rows = answers(connection, &format!("SELECT {} FROM {HELD}", asked.join(", ")))?;
        let row = rows.into_iter().next().unwrap_or_default();
        for ((at, parts, _), text) in spreads.iter().zip(row) {
            acc[*at].spread = spread(&text.unwrap_or_default(), *parts);
        }
    }
    if !few.is_empty() {
        let one = |at: &usize| {
            format!(
                "SELECT {at} AS c, v{at}::VARCHAR AS v, count(*) AS n FROM {HELD} WHERE v{at} IS NOT NULL GROUP BY v{at}"
            )
        };
        let asked: Vec<String> = few.iter().map(one).collect();
        let text = format!("SELECT c, v, n FROM ({}) ORDER BY c, n DESC, v", asked.join(" UNION ALL "));
        for row in answers(connection, &text)? {
            let [Some(at), Some(value), Some(rows)] = row.as_slice() else { continue };
            if let (Ok(at), Ok(rows)) = (at.parse::<usize>(), rows.parse()) {
                acc[at].top.push((value.clone(), rows));
            }
        }
    }
    Ok(acc)
}

/// `{0=5, 3=2}` as one number for each part.
fn spread(text: &str, parts: u64) -> Vec<u64> {
    let mut acc = vec![0; parts as usize];
    for pair in text.trim_matches(['{', '}']).split(", ") {
        let Some((part, rows)) = pair.split_once('=') else { continue };
        if let (Ok(part), Ok(rows)) = (part.parse::<usize>(), rows.parse::<u64>())
            && let Some(it) = acc.get_mut(part)
        {
            *it += rows;
        }
    }
    acc
}

fn answers(connection: &Connection, text: &str) -> Result<Vec<Vec<Option<String>>>, EngineError> {
    let mut rows = Vec::new();
    stream(connection, text, &mut |batch: RecordBatch| {
        rows.extend(cell_texts(&batch).map_err(EngineError::Engine)?);
        Ok(())
    })?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_read_as_it_is_printed() {
        assert_eq!(spread("{0=5, 3=2}", 4), [5, 0, 0, 2]);
        assert_eq!(spread("", 2), [0, 0]);
        assert_eq!(spread("{0=1, 9=1}", 2), [1, 0]);
    }
}
