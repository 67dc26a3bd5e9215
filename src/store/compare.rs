//! Two stored tables, row against row: SQL over segments, so that rows that are alike never leave the engine.
//!
//! Rows are matched by the values of key columns, the n-th row of a key with the n-th. Without a key whole rows are,
//! and none is changed: it was added or removed. A column whose digest is equal is not read where the keys stand row
//! for row as they stood.

use duckdb::Connection;

use crate::model::Type;
use crate::relation::sql::{quote, type_name};
use crate::store::backend::{Comparison, EngineError, Sink, Stored, StoredColumn, Tally, Touched};
use crate::store::messages::failed;
use crate::store::statements::{select, stream};

/// The differing rows of the last comparison of a connection: ordinals on both sides, what happened to each column that
/// was read, and the place in the order of the answer.
const DIFFERENCES: &str = "differences";

/// Finds the rows that differ, keeps them until the next comparison, and counts.
pub(super) fn compare(connection: &Connection, it: &Comparison<'_>) -> Result<Tally, EngineError> {
    let read = it.read();
    let matched = match it.aligned() {
        true => aligned(it, &read),
        false => joined(it, &read),
    };
    let differs: Vec<String> = (0..read.len()).map(|at| format!(" OR d{at} > 0")).collect();
    let text = format!(
        "CREATE OR REPLACE TEMP TABLE {DIFFERENCES} AS SELECT *, \
         row_number() OVER (ORDER BY coalesce(ob, oa), ob NULLS FIRST) - 1 AS p \
         FROM ({matched}) WHERE oa IS NULL OR ob IS NULL{}",
        differs.concat()
    );
    connection.execute_batch(&text).map_err(failed)?;
    let mut list = vec![
        "count(*) FILTER (WHERE oa IS NULL)".to_owned(),
        "count(*) FILTER (WHERE ob IS NULL)".to_owned(),
        "count(*) FILTER (WHERE oa IS NOT NULL AND ob IS NOT NULL)".to_owned(),
    ];
    for at in 0..read.len() {
        list.extend((1..=3).map(|kind| format!("count(*) FILTER (WHERE d{at} = {kind})")));
    }
    let counts = numbers(connection, &format!("SELECT {} FROM {DIFFERENCES}", list.join(", ")), list.len())?;
    let mut tally = Tally { added: counts[0], removed: counts[1], changed: counts[2], ..Tally::default() };
    tally.columns = vec![Touched::default(); it.columns.len()];
    for (at, column) in read.iter().enumerate() {
        let counts = &counts[3 + 3 * at..];
        tally.columns[*column] = Touched { changed: counts[0], filled: counts[1], emptied: counts[2] };
    }
    if !it.keys.is_empty() {
        tally.repeated = (repeated(connection, it.from, it.keys)?, repeated(connection, it.to, it.keys)?);
    }
    Ok(tally)
}

/// The differing rows of the last comparison, at most `most` of them, as lines: `removed`, `added`, or `before` with
/// `after` behind it. In front of the columns stand what the line is, the number of the row in its own table, and a
/// mark for each column: `~` where it differs.
pub(super) fn differences(
    connection: &Connection,
    it: &Comparison<'_>,
    most: Option<u64>,
    sink: Sink<'_>,
) -> Result<(), EngineError> {
    let read = it.read();
    let marks: Vec<String> = (0..it.columns.len())
        .map(|column| match read.iter().position(|it| *it == column) {
            Some(at) => format!("CASE WHEN d{at} > 0 THEN '~' ELSE '.' END"),
            None => "'.'".to_owned(),
        })
        .collect();
    let marks = if marks.is_empty() { "''".to_owned() } else { marks.join(" || ") };
    let limit = most.map_or_else(String::new, |it| format!(" WHERE p < {it}"));
    let side = |table: &Stored, side: u8, ordinal: &str, alone: &str, other: &str, both: &str| {
        let names: Vec<(&str, String)> = it
            .columns
            .iter()
            .enumerate()
            .filter(|(_, it)| table.columns.iter().any(|own| own.column.name == it.name))
            .map(|(at, it)| (it.name.as_str(), format!("v{at}")))
            .collect();
        let values: Vec<String> = it
            .columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let there = names.iter().any(|(name, _)| *name == column.name);
                let value = if there { format!("t.v{at}") } else { "NULL".to_owned() };
                match column.mask {
                    Some(mask) => format!(", CASE WHEN {value} IS NULL THEN NULL ELSE {} END AS v{at}", quote(mask)),
                    None => format!(", CAST({value} AS {}) AS v{at}", type_name(column.ty)),
                }
            })
            .collect();
        format!(
            "SELECT d.p, {side} AS side, CASE WHEN d.{other} IS NULL THEN {} ELSE {} END AS what, \
             (d.{ordinal} + 1)::BIGINT AS row, {marks} AS marks{} \
             FROM (SELECT * FROM {DIFFERENCES}{limit}) AS d JOIN ({}) AS t ON t.o = d.{ordinal}",
            quote(alone),
            quote(both),
            values.concat(),
            select(table, &names, true)
        )
    };
    let from = side(it.from, 0, "oa", "removed", "ob", "before");
    let to = side(it.to, 1, "ob", "added", "oa", "after");
    let list: Vec<String> = (0..it.columns.len()).map(|at| format!(", v{at}")).collect();
    let text = format!("SELECT what, row, marks{} FROM ({from} UNION ALL {to}) ORDER BY p, side", list.concat());
    stream(connection, &text, sink)
}

/// Both tables side by side: the keys are the same, row for row.
fn aligned(it: &Comparison<'_>, read: &[usize]) -> String {
    let mut both = Stored { rows: it.to.rows, columns: Vec::new() };
    let mut names = Vec::new();
    for (at, column) in read.iter().enumerate() {
        for (side, table) in [("a", it.from), ("b", it.to)] {
            let found = table.columns.iter().find(|own| own.column.name == it.columns[*column].name);
            if let Some(found) = found {
                let mut own: StoredColumn = found.clone();
                own.column.name = format!("{side}{at}");
                names.push(own.column.name.clone());
                both.columns.push(own);
            }
        }
    }
    let names: Vec<(&str, String)> = names.iter().map(|it| (it.as_str(), it.clone())).collect();
    let what = what(it, read, |side, at| format!("{side}{at}"));
    format!("SELECT o AS oa, o AS ob{what} FROM ({})", select(&both, &names, true))
}

/// Rows of one key side by side, and those that have no other.
fn joined(it: &Comparison<'_>, read: &[usize]) -> String {
    let shared: Vec<&str>;
    let keys: Vec<&str> = match it.keys {
        [] => {
            shared = it.columns.iter().filter(|it| it.is_shared()).map(|it| it.name.as_str()).collect();
            shared
        }
        keys => keys.iter().map(String::as_str).collect(),
    };
    let side = |table: &Stored| {
        let mut names: Vec<(&str, String)> =
            keys.iter().enumerate().map(|(at, name)| (*name, format!("k{at}"))).collect();
        names.extend(read.iter().enumerate().map(|(at, column)| (it.columns[*column].name.as_str(), format!("c{at}"))));
        let text: Vec<bool> = keys.iter().map(|name| as_text(ty(it.from, name), ty(it.to, name))).collect();
        let key = |at: usize| if text[at] { format!("CAST(k{at} AS VARCHAR)") } else { format!("k{at}") };
        let cast: Vec<String> = (0..keys.len()).map(|at| format!(", {} AS j{at}", key(at))).collect();
        let list: Vec<String> = (0..keys.len()).map(key).collect();
        let partition = if list.is_empty() { String::new() } else { format!("PARTITION BY {} ", list.join(", ")) };
        let values: Vec<String> = (0..read.len()).map(|at| format!(", c{at}")).collect();
        format!(
            "SELECT o, row_number() OVER ({partition}ORDER BY o) AS n{}{} FROM ({})",
            cast.concat(),
            values.concat(),
            select(table, &names, true)
        )
    };
    let on: Vec<String> = (0..keys.len()).map(|at| format!(" AND a.j{at} IS NOT DISTINCT FROM b.j{at}")).collect();
    let what = what(it, read, |side, at| format!("{side}.c{at}"));
    format!(
        "SELECT a.o AS oa, b.o AS ob{what} FROM ({}) AS a FULL JOIN ({}) AS b ON a.n = b.n{}",
        side(it.from),
        side(it.to),
        on.concat()
    )
}

/// What happened to each column that is read: 0 nothing, 1 it is another value, 2 it was empty, 3 it is empty now.
fn what(it: &Comparison<'_>, read: &[usize], name: impl Fn(&str, usize) -> String) -> String {
    let one = |(at, column): (usize, &usize)| {
        let column = &it.columns[*column].name;
        let text = as_text(ty(it.from, column), ty(it.to, column));
        let (a, b) = (name("a", at), name("b", at));
        let cast = |it: &str| if text { format!("CAST({it} AS VARCHAR)") } else { it.to_owned() };
        let alone = if it.aligned() { "" } else { "a.o IS NULL OR b.o IS NULL OR " };
        format!(
            ", CASE WHEN {alone}{} IS NOT DISTINCT FROM {} THEN 0 WHEN {a} IS NULL THEN 2 WHEN {b} IS NULL THEN 3 \
             ELSE 1 END::TINYINT AS d{at}",
            cast(&a),
            cast(&b)
        )
    };
    read.iter().enumerate().map(one).collect()
}

/// Whether values are compared as texts: those of two types, and floats, for minus zero is shown as another value.
fn as_text(from: Option<Type>, to: Option<Type>) -> bool {
    from != to || from == Some(Type::Float)
}

fn ty(table: &Stored, name: &str) -> Option<Type> {
    table.columns.iter().find(|it| it.column.name == name).map(|it| it.column.ty)
}

/// How many values of the key stand in more than one row.
fn repeated(connection: &Connection, table: &Stored, keys: &[String]) -> Result<u64, EngineError> {
    let names: Vec<(&str, String)> =
        keys.iter().enumerate().map(|(at, name)| (name.as_str(), format!("k{at}"))).collect();
    let list: Vec<&str> = names.iter().map(|(_, it)| it.as_str()).collect();
    let text = format!(
        "SELECT count(*) FROM (SELECT 1 FROM ({}) GROUP BY {} HAVING count(*) > 1)",
        select(table, &names, false),
        list.join(", ")
    );
    Ok(numbers(connection, &text, 1)?[0])
}

fn numbers(connection: &Connection, text: &str, count: usize) -> Result<Vec<u64>, EngineError> {
    let mut prepared = connection.prepare(text).map_err(failed)?;
    let mut rows = prepared.query([]).map_err(failed)?;
    let row = rows.next().map_err(failed)?.ok_or_else(|| EngineError::Engine("no counts".to_owned()))?;
    (0..count).map(|at| row.get(at).map_err(failed)).collect()
}
