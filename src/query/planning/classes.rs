//! Classes against the stream. Whether a column is personal is said of fields, which begin at a mapping; what they are
//! made of is just as personal, and is shown under the names that the delivered files give it.

use crate::model::Class;
use crate::plan::{ColumnPlan, Operation, Table, TableId, TableMap};

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
        for (input, name) in origins {
            if let Some(column) = tables[input].schema.columns.iter_mut().find(|it| it.name == name) {
                column.class = column.class.max(Class::Personal);
            }
        }
    }
    for at in tables.places() {
        for column in 0..tables[at].columns.len() {
            let ColumnPlan::Carried { input, column: name } = &tables[at].columns[column] else { continue };
            let class = tables[tables[at].inputs[*input]].schema.get(name).map(|it| it.class);
            let own = &mut tables[at].schema.columns[column].class;
            *own = (*own).max(class.unwrap_or_default());
        }
    }
}
