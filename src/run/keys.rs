//! Keys: what identifies a column before it is made, and what is known of a table from the journal alone.

use std::collections::HashSet;

use crate::digest::{Digest, Hasher, Hex};
use crate::plan::{ColumnPlan, Plan, PlannedCount, TableId, TableMap};
pub use crate::plan::{Role, Table, slashed};
use crate::store::Paths;
use crate::store::backend::{EngineError, Stored, StoredColumn};
use crate::store::engine::IDENTITY;
use crate::store::journal::Journal;

/// What is known of a table.
#[derive(Clone, PartialEq, Debug)]
pub enum State {
    /// Nothing yet.
    Unknown,
    /// It stands.
    Materialized(Materialized),
    /// It was tried and failed, or something it needs did.
    Failed,
}

/// A table that stands.
#[derive(Clone, PartialEq, Debug)]
pub struct Materialized {
    /// How many rows.
    pub rows: u64,
    /// Contents of its columns, in the order of its schema.
    pub columns: Vec<Digest>,
}

/// The columns of a table that are made, each with its key, and those that are not.
pub struct JournalLookup {
    /// Keys of made columns; `None` for carried ones.
    pub keys: Vec<Option<Digest>>,
    /// Contents as far as they are known.
    pub digests: Vec<Option<Digest>>,
    /// Rows, if any column tells.
    pub rows: Option<u64>,
    /// The key of a table that makes no column and was never put together like this.
    pub composition: Option<Digest>,
}

impl JournalLookup {
    /// The table, if all of it is known.
    pub fn settled(&self) -> Option<Materialized> {
        if self.composition.is_some() {
            return None;
        }
        let columns = self.digests.iter().copied().collect::<Option<Vec<_>>>()?;
        Some(Materialized { rows: self.rows?, columns })
    }
}

/// The key of one column: what is done, by which engine, to which contents.
pub fn column_key(plan: &Plan, table: TableId, column: usize, states: &TableMap<State>) -> Option<Digest> {
    let it = &plan.tables[table];
    let ColumnPlan::Made { recipe, reads } = &it.columns[column] else { return None };
    let mut hasher = Hasher::new("hotpass column key v1");
    hasher.text(IDENTITY).digest(recipe).text(&it.schema.columns[column].name);
    for (input, names) in reads {
        let input = it.inputs[*input];
        let State::Materialized(settled) = &states[input] else { return None };
        hasher.number(settled.rows);
        for name in names {
            let schema = &plan.tables[input].schema;
            let at = schema.place(name)?;
            hasher.text(name).text(&schema.columns[at].ty.spelling()).digest(&settled.columns[at]);
        }
    }
    Some(hasher.finish())
}

/// The key of a table that is read: it has no inputs, and all of its columns have one recipe.
pub fn read_key(plan: &Plan, table: TableId) -> Digest {
    column_key(plan, table, 0, &TableMap::new()).unwrap_or_else(|| Digest::of("hotpass no key", b""))
}

/// What the journal knows of a table whose inputs are settled; `None` when they are not.
pub fn look(
    plan: &Plan,
    table: TableId,
    states: &TableMap<State>,
    journal: &Journal,
    force: bool,
) -> Option<JournalLookup> {
    let it = &plan.tables[table];
    let mut look = JournalLookup { keys: Vec::new(), digests: Vec::new(), rows: None, composition: None };
    for input in &it.inputs {
        if !matches!(states[*input], State::Materialized(_)) {
            return None;
        }
    }
    for (at, column) in it.columns.iter().enumerate() {
        match column {
            ColumnPlan::Carried { input, column } => {
                let input = it.inputs[*input];
                let State::Materialized(settled) = &states[input] else { return None };
                let place = plan.tables[input].schema.place(column)?;
                look.rows = Some(settled.rows);
                look.keys.push(None);
                look.digests.push(Some(settled.columns[place]));
            }
            ColumnPlan::Made { .. } => {
                let key = column_key(plan, table, at, states)?;
                let known = journal.known(|it| {
                    let (digest, rows) = it.columns.get(&key)?;
                    it.places.contains_key(digest).then_some((*digest, *rows))
                });
                let known = known.filter(|_| !force);
                if let (Some(expected), Some((_, found))) = (look.rows, known) {
                    same_rows(&it.name.to_string(), expected, found);
                }
                look.rows = look.rows.or(known.map(|(_, rows)| rows));
                look.keys.push(Some(key));
                look.digests.push(known.map(|(digest, _)| digest));
            }
        }
    }
    if look.keys.iter().all(Option::is_none) {
        let key = composition_key(it);
        let known = journal.known(|it| it.columns.contains_key(&key));
        look.composition = (!known || force).then_some(key);
    }
    Some(look)
}

/// The key of a table that carries all of its columns: which ones, under which names, in whatever order.
fn composition_key(table: &crate::plan::Table) -> Digest {
    let mut hasher = Hasher::new("hotpass composition v2");
    hasher.text(&table.name.to_string()).text(table.role.name());
    for (column, named) in by_name(table) {
        if let ColumnPlan::Carried { input, column } = column {
            hasher.text(&named.name).number(*input as u64).text(column);
        }
    }
    hasher.finish()
}

/// The columns of a table in the order of their names: where a column stands changes nothing in it.
fn by_name(table: &crate::plan::Table) -> Vec<(&ColumnPlan, &crate::model::Column)> {
    let mut columns: Vec<_> = table.columns.iter().zip(&table.schema.columns).collect();
    columns.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
    columns
}

/// Settles every table that the journal knows, without making anything.
pub fn settle(plan: &Plan, journal: &Journal) -> TableMap<State> {
    let mut states = plan.tables.map(|_| State::Unknown);
    for table in plan.tables.places() {
        if let Some(settled) = look(plan, table, &states, journal, false).and_then(|it| it.settled()) {
            states[table] = State::Materialized(settled);
        }
    }
    states
}

/// The key of a count: what is counted, over which contents.
///
/// `None` where a table that it looks at is not settled.
pub fn count_key(count: &PlannedCount, states: &TableMap<State>) -> Option<Digest> {
    let of = |table: TableId| match &states[table] {
        State::Materialized(settled) => Some(settled),
        _ => None,
    };
    let settled = of(count.table)?;
    let mut hasher = Hasher::new("hotpass check key v1");
    hasher.text(IDENTITY).number(u64::from(count.revision)).number(settled.rows);
    hasher.json(&count.measure);
    for (name, at) in count.reads.iter().zip(&count.positions) {
        hasher.text(name).digest(&settled.columns[*at]);
    }
    if let Some(other) = &count.other {
        let there = of(other.table)?;
        hasher.number(there.rows);
        for at in &other.positions {
            hasher.digest(&there.columns[*at]);
        }
    }
    Some(hasher.finish())
}

/// Where the columns of a settled table stand.
pub fn stored(
    plan: &Plan,
    table: TableId,
    settled: &Materialized,
    journal: &Journal,
    paths: &Paths,
) -> Result<Stored, EngineError> {
    let all: Vec<&str> = plan.tables[table].schema.names().collect();
    stored_columns(plan, table, settled, &all, journal, paths)
}

/// Where the named columns of a settled table stand.
pub fn stored_columns(
    plan: &Plan,
    table: TableId,
    settled: &Materialized,
    names: &[&str],
    journal: &Journal,
    paths: &Paths,
) -> Result<Stored, EngineError> {
    let schema = &plan.tables[table].schema;
    let names: HashSet<&str> = names.iter().copied().collect();
    let columns = schema.columns.iter().zip(&settled.columns).filter(|(it, _)| names.contains(it.name.as_str()));
    let columns = columns.map(|(column, digest)| {
        let place = journal.known(|it| {
            let (segment, index) = it.place(digest)?;
            Some((segment, index, it.segments.get(&segment)?.rows))
        });
        let (segment, index, rows) = place.ok_or_else(|| {
            let message = format!("the segment with `{}.{}` is gone", plan.tables[table].name, column.name);
            EngineError::Io(message)
        })?;
        same_rows(&plan.tables[table].name.to_string(), settled.rows, rows);
        Ok(StoredColumn { column: column.clone(), digest: *digest, place: (paths.segment(&segment), index) })
    });
    Ok(Stored { rows: settled.rows, columns: columns.collect::<Result<_, EngineError>>()? })
}

/// Columns of one table belong together by position: where one has more rows than another, no table can be made of
/// them, and hotpass is wrong.
fn same_rows(table: &str, expected: u64, found: u64) {
    assert!(expected == found, "columns of `{table}` that were made apart have {expected} and {found} rows");
}

/// The parts of a table's key by label, for telling what changed.
pub fn preimage(plan: &Plan, table: TableId, states: &TableMap<State>) -> Vec<(String, Digest)> {
    let it = &plan.tables[table];
    let mut parts = vec![("engine".to_owned(), Digest::of("hotpass engine v1", IDENTITY.as_bytes()))];
    let mut recipes = Hasher::new("hotpass recipes v1");
    let mut read: std::collections::BTreeSet<(usize, &str)> = std::collections::BTreeSet::new();
    for (column, named) in by_name(it) {
        match column {
            ColumnPlan::Made { recipe, reads } => {
                recipes.text(&named.name).digest(recipe);
                read.extend(reads.iter().flat_map(|(input, names)| names.iter().map(|it| (*input, it.as_str()))));
            }
            ColumnPlan::Carried { input, column } => {
                recipes.text(&named.name).number(*input as u64).text(column);
            }
        }
    }
    if let crate::plan::Operation::Read(reading) = &it.make {
        let declared = crate::digest::digest_of("hotpass source v2", &reading.as_read());
        parts.push(("recipe".to_owned(), declared));
        for file in &reading.files {
            parts.push((format!("source:{}", file.path.display()), file.fingerprint));
        }
        return parts;
    }
    parts.push(("recipe".to_owned(), recipes.finish()));
    for (input, name) in read {
        let index = it.inputs[input];
        if let State::Materialized(settled) = &states[index] {
            let schema = &plan.tables[index].schema;
            if let Some(at) = schema.place(name) {
                parts.push((format!("input:{}.{name}", plan.tables[index].name.name), settled.columns[at]));
            }
        }
    }
    parts
}

/// The name under which the parts of a table's key are remembered. What is read before it is corrected has the name of
/// what is made of it, and so a name of its own.
pub fn recorded_as(table: &Table) -> String {
    if table.role == Role::Raw { format!("{} (read)", table.name) } else { table.name.to_string() }
}

/// Labels of parts that are not as they were, in order; `first` when nothing is known.
pub fn changed(before: Option<&Vec<(String, Digest)>>, now: &[(String, Digest)]) -> Vec<String> {
    let Some(before) = before else { return vec!["first".to_owned()] };
    let differs = |(label, digest): &&(String, Digest)| !before.iter().any(|(it, was)| it == label && was == digest);
    let mut labels: Vec<_> = now.iter().filter(differs).map(|(label, _)| label.clone()).collect();
    let gone = before.iter().filter(|(label, _)| !now.iter().any(|(it, _)| it == label));
    labels.extend(gone.map(|(label, _)| label.clone()));
    labels
}

/// The digest of all columns of a table together.
pub fn table_digest(settled: &Materialized) -> Digest {
    let mut hasher = Hasher::new("hotpass table v1");
    hasher.number(settled.rows);
    settled.columns.iter().for_each(|it| {
        hasher.digest(it);
    });
    hasher.finish()
}

/// All recipes of a step's columns together, and the tables they read.
pub(super) fn locked_recipe(plan: &Plan, table: &Table) -> Hex {
    let mut hasher = Hasher::new("hotpass locked step v1");
    // What checks set rows aside of is a step of its own, which nobody meets.
    if let [raw] = table.inputs.as_slice()
        && plan.tables[*raw].role == Role::Raw
        && plan.tables[*raw].name == table.name
    {
        hasher.digest(&locked_recipe(plan, &plan.tables[*raw]).0);
    }
    for input in &table.inputs {
        hasher.text(&plan.tables[*input].name.to_string());
    }
    for (column, named) in table.columns.iter().zip(&table.schema.columns) {
        hasher.text(&named.name).json(&(named.ty, named.class));
        match column {
            ColumnPlan::Carried { input, column } => hasher.number(*input as u64).text(column),
            ColumnPlan::Made { recipe, .. } => hasher.digest(recipe),
        };
    }
    Hex(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_unequal_length_are_no_table() {
        same_rows("p.t", 3, 3);
        let bug = std::panic::catch_unwind(|| same_rows("p.t", 3, 4)).expect_err("a bug");
        let told = bug.downcast_ref::<String>().map(String::as_str);
        assert_eq!(told, Some("columns of `p.t` that were made apart have 3 and 4 rows"));
    }
}
