//! Classes against the stream. Whether a column is personal is said of fields, which begin at a mapping; what they are
//! made of is just as personal, and is shown under the names that the delivered files give it.

use crate::model::Class;
use crate::pipeline::SourceFormat;
use crate::plan::{ColumnPlan, Operation, Role, Table, TableId, TableMap};
use crate::query::sources;
use crate::readers::{ASIDE, Format};

/// Raises the class of every column that a personal one is taken from, back to the sources, and then of what carries
/// such a column. An expression of several columns of a table says nothing of each of them, unless
/// a rule chose them all.
pub(super) fn raise(tables: &mut TableMap<Table>) {
    for at in tables.places().rev() {
        let table = &tables[at];
        let Operation::Relation(relation) = &table.make else { continue };
        let personal = table.schema.columns.iter().filter(|it| it.class > Class::Open);
        let mut origins: Vec<(TableId, String)> = Vec::new();
        for column in personal {
            let lineage = relation.lineage(&column.name);
            let of = |input: usize| lineage.iter().filter(|(it, _)| *it == input).count();
            if (0..table.inputs.len()).all(|it| of(it) <= 1) || table.rules.contains_key(&column.name) {
                origins.extend(lineage.into_iter().map(|(input, name)| (table.inputs[input], name.to_owned())));
            }
        }
        let is_personal = |of: &Option<String>| {
            let mut asked = table.schema.visible().filter(|it| of.as_ref().is_none_or(|of| it.name == *of));
            asked.any(|it| it.class > Class::Open)
        };
        let held = table.holding.iter().filter(|it| is_personal(&it.of));
        origins.extend(held.map(|it| (table.inputs[it.input], it.column.clone())));
        for (input, name) in origins {
            if let Some(column) = tables[input].schema.columns.iter_mut().find(|it| it.name == name) {
                column.class = column.class.max(Class::Personal);
            }
        }
    }
    // A row with a field too many, or one too few, holds values under other names than theirs: what a row of text has
    // behind the first delimiter may be a value of any column. Cells of a sheet stand where they stand.
    for at in tables.places() {
        let table = &tables[at];
        let (Operation::Read(reading), [source]) = (&table.make, &table.inputs[..]) else { continue };
        if reading.aside && tables[*source].schema.visible().any(|it| it.class > Class::Open) {
            let own = &tables[*source].schema;
            let [reason, beyond, _] = ASIDE.map(|it| sources::unlike(it.trim_start_matches('_'), own));
            let is_text = reading.source.format == SourceFormat::Cells(Format::CSV);
            let columns = tables[at].schema.columns.iter_mut().filter(|it| !it.is_hidden());
            let moved = columns.filter(|it| it.name == beyond || is_text && it.name != reason);
            moved.for_each(|it| it.class = it.class.max(Class::Personal));
        }
    }
    // What people send back of such rows has the columns that were set aside, so they are as personal there.
    for at in tables.places() {
        let table = &tables[at];
        let (Role::Rejects, Operation::Relation(_), [_, aside, fixes @ ..]) =
            (table.role, &table.make, &table.inputs[..])
        else {
            continue;
        };
        let personal = tables[*aside].schema.visible().filter(|it| it.class > Class::Open);
        let personal: Vec<String> = personal.map(|it| it.name.to_lowercase()).collect();
        let fixes = fixes.to_vec();
        for fix in fixes {
            let columns = tables[fix].schema.columns.iter_mut();
            let same = columns.filter(|it| personal.contains(&it.name.to_lowercase()));
            same.for_each(|it| it.class = it.class.max(Class::Personal));
        }
    }
    for at in tables.places() {
        for column in 0..tables[at].columns.len() {
            let class = class_beneath(tables, &tables[at], column);
            let own = &mut tables[at].schema.columns[column].class;
            *own = (*own).max(class);
        }
    }
}

/// The class of the column that a column is, where it is one of an input as it stands there. A row that was set aside
/// shows the columns of its input.
fn class_beneath(tables: &TableMap<Table>, table: &Table, column: usize) -> Class {
    let of = |input: usize, name: &str| tables[table.inputs[input]].schema.get(name).map_or(Class::Open, |it| it.class);
    match (&table.columns[column], &table.make) {
        (ColumnPlan::Carried { input, column }, _) => of(*input, column),
        (ColumnPlan::Made { .. }, Operation::Relation(relation)) if table.role == Role::Rejects => {
            let name = &table.schema.columns[column].name;
            let own = |(input, it): (usize, &str)| if it == name { of(input, it) } else { Class::Open };
            relation.lineage(name).into_iter().map(own).max().unwrap_or_default()
        }
        _ => Class::Open,
    }
}
