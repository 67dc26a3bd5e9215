//! Parquet files from outside: what their columns are in a table. An object becomes a column for each of its members,
//! named by its path, and a list becomes JSON, as they do where JSON is read.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use duckdb::Connection;

use crate::model::{Named, Schema};
use crate::readers::problems::too_precise;
use crate::readers::unlike::Unlike;
use crate::readers::within::{Beside, Walk, Within};
use crate::relation::sql::identifier;
use crate::store::backend::EngineError;
use crate::store::canonical::{as_type, is_object};
use crate::store::messages::failed;
use crate::store::naming::Named as Opened;
use crate::store::statements::{described, raw};

/// How many digits a decimal of a table has at most.
const DIGITS: i64 = 38;

/// How deep objects may stand in each other; what is deeper is JSON.
const DEPTH: usize = 100;

/// How many keys of a map are read; one with more is of no more names than are kept.
const KEYS: usize = 5000;

/// A Parquet file under a name that the engine reads.
pub(super) struct Foreign {
    /// Kept, because it may be a copy that goes with its name.
    _named: Opened,
    /// Its columns, in which they are `f0`, `f1`, …
    from: String,
    /// Names of columns of a table, each with the expression that gives it.
    columns: Named<(String, String)>,
    /// Of each of them the expression as it stands in the file, and the engine's name of its type.
    plain: Vec<(String, String)>,
    /// Names that a column before has, with those that the columns have instead.
    renamed: Vec<(String, String)>,
}

impl Foreign {
    /// Looks at the head of a file; `scratch` is where a copy of it stands if it needs one.
    ///
    /// # Errors
    /// A problem where a column has more digits than a table holds: the engine would read other numbers.
    pub(super) fn of(connection: &Connection, file: &File, scratch: &Path) -> Result<Foreign, EngineError> {
        let named = Opened::of(file, scratch)?;
        if let Some((column, digits)) = wide(connection, &named)? {
            return Err(EngineError::Problem(Box::new(too_precise(&column, digits, DIGITS))));
        }
        let top = raw(connection, &format!("SELECT * FROM {}", named.reader()))?;
        let mut renamed: Vec<(String, String)> = Vec::new();
        let mut halves = vec![false; top.len()];
        let names = names(connection, &named)?;
        if names.len() == top.len() {
            halves = names.iter().map(|(_, is_half)| *is_half).collect();
            let changed = names.into_iter().zip(&top).filter(|((own, _), (name, _))| own != name);
            renamed.extend(changed.map(|((own, _), (name, _))| (own, name.clone())));
        }
        let aliases: Vec<String> = (0..top.len()).map(|at| format!("f{at}")).collect();
        let from = format!("{} AS f({})", named.reader(), aliases.join(", "));
        let mut columns = Vec::new();
        for (((name, theirs), alias), is_half) in top.into_iter().zip(aliases).zip(halves) {
            let expression = if is_half { shortest_half(&alias) } else { alias };
            expand(connection, &from, (name, expression), &theirs, DEPTH, &mut columns)?;
        }
        let whole = |(name, (it, theirs)): &(String, (String, String))| (name.clone(), whole(it, theirs));
        let (mut columns, plain): (Vec<_>, Vec<_>) = columns.into_iter().map(|it| (whole(&it), it.1)).unzip();
        // The member `b` of `a`, and a column `a.b`.
        let wanted: Vec<String> = columns.iter().map(|(name, _)| name.clone()).collect();
        let mut unlike = Unlike::new(wanted.iter().map(String::as_str), &[]);
        for (name, _) in &mut columns {
            let unique = unlike.give(name);
            if unique != *name {
                renamed.push((std::mem::replace(name, unique.clone()), unique));
            }
        }
        Ok(Foreign { _named: named, from, columns: columns.into(), plain, renamed })
    }

    /// The columns that a table of it has.
    pub(super) fn schema(&self, connection: &Connection) -> Result<Schema, EngineError> {
        let list: Vec<String> = self.columns.iter().map(|(name, it)| format!("{it} AS {}", identifier(name))).collect();
        described(connection, &format!("SELECT {} FROM {}", list.join(", "), self.from))
    }

    /// What else its names say. Keys of maps are data: this reads them.
    pub(super) fn beside(self, connection: &Connection) -> Result<Beside, EngineError> {
        let mut within = BTreeMap::new();
        for ((name, _), (expression, theirs)) in self.columns.iter().zip(&self.plain) {
            let values = format!("SELECT {expression} AS v FROM {}", self.from);
            let mut own = Within::default();
            inside(connection, &values, theirs, &mut Walk::new(Some(&mut own)), DEPTH)?;
            if !own.is_empty() || name.contains('.') {
                within.insert(name.clone(), own);
            }
        }
        Ok(Beside { renamed: self.renamed, within })
    }

    /// The statement that gives the columns of `schema`, in their order.
    pub(super) fn select(&self, schema: &Schema) -> Result<String, EngineError> {
        let expression = |name: &str| self.columns.named(name).map(|(_, it)| it.as_str());
        let list: Option<Vec<String>> =
            schema.columns.iter().map(|it| Some(as_type(expression(&it.name)?, it.ty))).collect();
        let list = list.ok_or_else(|| EngineError::Engine("its columns are other ones".to_owned()))?;
        Ok(format!("SELECT {} FROM {}", list.join(", "), self.from))
    }
}

/// Adds a column of `from`, a name and the expression that gives it, or one for each of its members.
fn expand(
    connection: &Connection,
    from: &str,
    (name, expression): (String, String),
    theirs: &str,
    depth: usize,
    acc: &mut Vec<(String, (String, String))>,
) -> Result<(), EngineError> {
    if depth == 0 || !is_object(theirs) {
        acc.push((name, (expression, theirs.to_owned())));
        return Ok(());
    }
    let members = raw(connection, &format!("SELECT unnest({expression}) FROM {from}"))?;
    for (at, (member, theirs)) in members.into_iter().enumerate() {
        let inner = (format!("{name}.{member}"), format!("struct_extract_at({expression}, {})", at + 1));
        expand(connection, from, inner, &theirs, depth - 1, acc)?;
    }
    Ok(())
}

/// A list or a map with all that is in it: short floats within have the digits that they show, and a map that has a key
/// twice, of which an object would lose one, is a list of its entries.
fn whole(expression: &str, theirs: &str) -> String {
    let (long, texts) = (with_floats_as(theirs, "DOUBLE"), with_floats_as(theirs, "VARCHAR"));
    // A union or a list of words may have the name of a type in it.
    let is_cast = long != theirs && (theirs.ends_with(']') || theirs.starts_with("MAP(")) && !theirs.contains('\'');
    let expression = match is_cast && !theirs.contains("UNION(") {
        true => format!("CAST(CAST({expression} AS {texts}) AS {long})"),
        false => expression.to_owned(),
    };
    if !(theirs.starts_with("MAP(") && theirs.ends_with(')')) {
        return expression;
    }
    let json = |of: &str| format!("json_mended(CAST(to_json({of}) AS VARCHAR))");
    let keys = format!("map_keys({expression})");
    format!(
        "CASE WHEN len(list_distinct({keys})) < len({keys}) THEN {} ELSE {} END",
        json(&format!("map_entries({expression})")),
        json(&expression)
    )
}

/// The name of a type of the engine with another type in the place of short floats; names between quotes stay.
fn with_floats_as(theirs: &str, other: &str) -> String {
    let parts = theirs.split('"').enumerate().map(|(at, part)| {
        let words = part.split_inclusive(|it: char| !it.is_ascii_alphanumeric() && it != '_');
        let word = |it: &str| match it.strip_prefix("FLOAT").filter(|rest| rest.len() <= 1) {
            Some(rest) if !rest.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '_') => {
                format!("{other}{rest}")
            }
            _ => it.to_owned(),
        };
        if at % 2 == 0 { words.map(word).collect() } else { part.to_owned() }
    });
    parts.collect::<Vec<String>>().join("\"")
}

/// Goes to the members within the lists and maps of what a statement gives as `v`, of the engine's type `theirs`.
fn inside(
    connection: &Connection,
    values: &str,
    theirs: &str,
    walk: &mut Walk<'_>,
    depth: usize,
) -> Result<(), EngineError> {
    let of = |expression: &str| format!("SELECT {expression} AS v FROM ({values})");
    let deeper = |values: &str, walk: &mut Walk<'_>| -> Result<(), EngineError> {
        let theirs = raw(connection, values)?.pop().map(|(_, it)| it).unwrap_or_default();
        inside(connection, values, &theirs, walk, depth.saturating_sub(1))
    };
    match () {
        () if depth == 0 => Ok(()),
        () if theirs.ends_with(']') => deeper(&of("unnest(v)"), walk),
        () if theirs.starts_with("MAP(") => {
            let keys = format!("SELECT DISTINCT unnest(map_keys(v)::VARCHAR[]) FROM ({values}) LIMIT {KEYS}");
            let mut prepared = connection.prepare(&keys).map_err(failed)?;
            let mut rows = prepared.query([]).map_err(failed)?;
            let mut names: Vec<String> = Vec::new();
            while let Some(row) = rows.next().map_err(failed)? {
                names.extend(row.get::<_, Option<String>>(0).map_err(failed)?);
            }
            // The keys of a map lead to values of one kind, which may have members of their own.
            for name in names {
                let before = walk.to(&name);
                walk.back(before);
            }
            deeper(&of("unnest(map_values(v))"), walk)
        }
        () if is_object(theirs) => {
            for (at, (member, _)) in raw(connection, &format!("SELECT unnest(v) FROM ({values})"))?.iter().enumerate() {
                let before = walk.to(member);
                deeper(&of(&format!("struct_extract_at(v, {})", at + 1)), walk)?;
                walk.back(before);
            }
            Ok(())
        }
        () => Ok(()),
    }
}

/// A float of 16 bits with the fewest digits that are nearer to it than to its neighbours, whole numbers as they are: 0.1
/// has the bits of 0.0999755859375.
fn shortest_half(column: &str) -> String {
    let own = format!("CAST({column} AS DOUBLE)");
    let apart = format!("pow(2, greatest(floor(log2(abs({own}))), -14) - 10) / 2");
    let tries: Vec<String> = (0..5)
        .map(|digits| format!("CAST(printf('%.{digits}e', {own}) AS DOUBLE)"))
        .map(|it| format!("CASE WHEN abs({it} - {own}) < {apart} THEN {it} END"))
        .collect();
    let tries = tries.join(", ");
    format!("CASE WHEN NOT isfinite({own}) OR {own} = floor({own}) THEN {own} ELSE coalesce({tries}, {own}) END")
}

/// The names of the columns as they stand in the file, where the engine gives other ones where two are alike; and whether
/// they are floats of 16 bits.
fn names(connection: &Connection, named: &Opened) -> Result<Vec<(String, bool)>, EngineError> {
    let text = format!(
        "SELECT name, coalesce(num_children, 0), coalesce(logical_type, '') LIKE 'Float16%' FROM {}",
        named.schema()
    );
    let mut prepared = connection.prepare(&text).map_err(failed)?;
    let mut rows = prepared.query([]).map_err(failed)?;
    let (mut acc, mut within, mut is_root) = (Vec::new(), 0_i64, true);
    while let Some(row) = rows.next().map_err(failed)? {
        let (name, children): (String, i64) = (row.get(0).map_err(failed)?, row.get(1).map_err(failed)?);
        let is_half: bool = row.get(2).map_err(failed)?;
        match (is_root, within) {
            (true, _) => is_root = false,
            (false, 0) => {
                acc.push((name, is_half));
                within = children;
            }
            (false, _) => within = within - 1 + children,
        }
    }
    Ok(acc)
}

/// A decimal that is too wide for a table, with its digits: the engine reads it as a number of another kind.
fn wide(connection: &Connection, named: &Opened) -> Result<Option<(String, i64)>, EngineError> {
    let text = format!("SELECT name, precision FROM {} WHERE precision > {DIGITS} LIMIT 1", named.schema());
    let mut prepared = connection.prepare(&text).map_err(failed)?;
    let mut rows = prepared.query([]).map_err(failed)?;
    let Some(row) = rows.next().map_err(failed)? else { return Ok(None) };
    Ok(Some((row.get(0).map_err(failed)?, row.get(1).map_err(failed)?)))
}
