//! What a user's query reads of its inputs, and how its columns may be shown.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Hasher;
use crate::model::{Class, Schema};
use crate::plan::{ColumnPlan, Table, TableId, TableMap};
use crate::steps::Query;

/// All columns of a user's query are made together.
pub(super) fn columns(
    query: &Query,
    schema: &Schema,
    inputs: &[TableId],
    tables: &TableMap<Table>,
    revision: u32,
) -> Vec<ColumnPlan> {
    let reads: BTreeMap<usize, BTreeSet<String>> = inputs
        .iter()
        .enumerate()
        .map(|(input, table)| (input, reads(query, &tables[*table].schema).map(str::to_owned).collect()))
        .collect();
    let mut hasher = Hasher::new("hotpass sql recipe v2");
    let recipe = hasher.number(u64::from(revision)).text(&query.canonical).finish();
    schema.columns.iter().map(|_| ColumnPlan::Made { recipe, reads: reads.clone() }).collect()
}

/// The columns of a table that a query may read.
pub(super) fn reads<'a>(query: &'a Query, schema: &'a Schema) -> impl Iterator<Item = &'a str> {
    schema.names().filter(move |name| query.reads(name))
}

/// Columns of a result are as personal as the engine found when it followed them through the query; and a text, or what
/// is called like a column that is read, is at least as personal as what the query reads.
pub(super) fn classes(query: &Query, mut schema: Schema, tables: &[&Table]) -> Schema {
    for column in &mut schema.columns {
        // A column of the same name keeps its class; any other is as personal as what the query reads as text.
        let same = tables.iter().filter_map(|it| it.schema.get(&column.name)).map(|it| it.class).max();
        let read = || {
            let columns = tables.iter().flat_map(|it| reads(query, &it.schema).filter_map(|name| it.schema.get(name)));
            columns.map(|it| it.class).max().unwrap_or_default()
        };
        let counts = column.ty.is_number() || column.ty == crate::model::Type::Boolean;
        let by_name = same.unwrap_or_else(|| if counts { Class::Open } else { read() });
        column.class = column.class.max(by_name);
    }
    schema
}
