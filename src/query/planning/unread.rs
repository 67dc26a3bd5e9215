//! Columns that a `map` step took to fields, that a used pipeline is given, and that end there: nothing that is made
//! outside of it depends on them.
//!
//! Whoever maps a column wants it. A field under a name that the used pipeline does not know would be lost in silence.

use std::collections::BTreeSet;

use super::{Declared, Node, Planning};
use crate::model::Schema;
use crate::pipeline::uses::UNREAD_COLUMN;
use crate::plan::{ColumnPlan, Operation, Plan, PlannedExport, TableId, TableMap};
use crate::problem::did_you_mean;
use crate::steps::Finding;

/// For each table, the places of its columns on which something depends.
type Read = TableMap<BTreeSet<usize>>;

impl Planning<'_> {
    /// Tells of mapped columns that used pipelines do not read.
    pub(super) fn unread(&mut self, nodes: &[Node]) {
        let used: Vec<(&Node, TableId)> = nodes
            .iter()
            .filter(|it| matches!(it.what, Declared::Given(given) if !given.columns.is_empty()))
            .filter(|it| it.scope.user.is_none() && !it.inputs.is_empty())
            .filter_map(|it| Some((it, *self.index.get(&it.name.to_string())?)))
            .collect();
        if used.is_empty() {
            return;
        }
        let read = self.plan.read(|pipeline| !self.users.contains_key(pipeline));
        for (node, at) in used {
            let Declared::Given(given) = node.what else { continue };
            let declared = |name: &str| given.columns.iter().chain(&given.optional).any(|(it, _)| it == name);
            let Schema { columns } = &self.plan.tables[at].schema;
            let open = columns.iter().enumerate().filter(|(_, it)| !it.is_hidden() && !declared(&it.name));
            let open = open.filter(|(place, it)| !read[at].contains(place) && self.plan.is_mapped(at, &it.name));
            let lost: Vec<&str> = open.map(|(_, it)| it.name.as_str()).collect();
            let Some(first) = lost.first() else { continue };
            let (input, table) = (&node.name, node.inputs[0].0.escape_debug());
            let (many, are) = if lost.len() == 1 { ("column", "it is") } else { ("columns", "they are") };
            let message =
                format!("input `{input}` does not read mapped {many} of `{table}`, and {are} lost: {}", quoted(&lost));
            let names = given.optional.iter().map(|(it, _)| it.as_str());
            let near = lost.iter().find_map(|it| did_you_mean(it, names.clone()));
            let help = near.map(|it| format!("{it} ")).unwrap_or_default();
            let help = format!(
                "{help}In the `map` step, take the column to a field that it reads, or leave it out: `columns.{} = []`",
                first.escape_debug()
            );
            let finding = Finding::new(&UNREAD_COLUMN, &input.name, message).label("this table").help(help);
            self.find(node.scope, &node.path, finding);
        }
    }
}

impl Plan {
    /// The columns on which an artefact, a check, or a table of a pipeline depends that `whole` holds for.
    fn read(&self, whole: impl Fn(&str) -> bool) -> Read {
        let mut acc: Read = self.tables.map(|_| BTreeSet::new());
        let places = |at: TableId, names: &[String]| {
            names.iter().filter_map(|it| self.tables[at].schema.place(it)).collect::<Vec<_>>()
        };
        for export in self.exports.iter().filter(|it| it.page().is_none()) {
            let PlannedExport { table, columns, sheets, .. } = export;
            acc[*table].extend(places(*table, columns));
            sheets.iter().for_each(|(at, columns)| acc[*at].extend(places(*at, columns)));
        }
        for it in &self.expectations {
            acc[it.count.table].extend(&it.count.positions);
            if let Some(other) = &it.count.other {
                acc[other.table].extend(&other.positions);
            }
        }
        // Inputs come before what reads them.
        for (at, table) in self.tables.entries().collect::<Vec<_>>().into_iter().rev() {
            let all = whole(&table.name.pipeline);
            for (place, column) in table.columns.iter().enumerate() {
                if all || acc[at].contains(&place) {
                    let own = &table.schema.columns[place].name;
                    for (input, name) in column.reads().filter(|(_, it)| is_read(&table.make, own, it)) {
                        let input = table.inputs[input];
                        acc[input].extend(self.tables[input].schema.place(name));
                    }
                }
            }
        }
        acc
    }

    /// Whether a column comes from a `map` step under its name, with a value.
    fn is_mapped(&self, at: TableId, column: &str) -> bool {
        let mut open = vec![(at, column)];
        let mut seen = BTreeSet::new();
        while let Some((at, column)) = open.pop() {
            let table = &self.tables[at];
            let Some(place) = table.schema.place(column).filter(|it| seen.insert((at, *it))) else { continue };
            let reads = || table.columns[place].reads();
            if table.kind == "map" {
                let set = table.rules.get(column).is_some_and(|it| it == "set");
                if set || reads().next().is_some() {
                    return true;
                }
                continue;
            }
            let carried = matches!(table.columns[place], ColumnPlan::Carried { .. });
            let own = reads().filter(|(_, name)| carried || *name == column);
            open.extend(own.map(|(input, name)| (table.inputs[input], name)));
        }
        false
    }
}

/// Whether a column stands behind one of a query: where it goes on under its name, or is named. A star within a query
/// reads all there is, and takes on what is named around it.
fn is_read(make: &Operation, column: &str, name: &str) -> bool {
    match make {
        Operation::Sql(query) => column == name || query.text.to_lowercase().contains(&name.to_lowercase()),
        _ => true,
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|it| format!("`{}`", it.escape_debug())).collect::<Vec<_>>().join(", ")
}
