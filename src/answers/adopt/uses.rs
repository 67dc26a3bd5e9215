//! What may be written into the file of a step: a file that several `[use]` name holds what is true of each of them, and
//! a file that is shipped with the program is not written at all.

use std::collections::BTreeSet;

use crate::answers::decided::Keys;
use crate::escape::line;
use crate::plan::{Plan, TableId};
use crate::query::shipped;

/// Whether the file of this table belongs to the workspace.
pub(super) fn is_own(plan: &Plan, table: TableId) -> bool {
    plan.pipelines.get(&plan.tables[table].name.pipeline).is_some_and(|it| !it.starts_with(shipped::FOLDER))
}

/// The same table in the other uses of its file.
pub(super) fn twins(plan: &Plan, table: TableId) -> Vec<TableId> {
    let own = &plan.tables[table];
    let file = plan.pipelines.get(&own.name.pipeline);
    let same = |it: &TableId| {
        let other = &plan.tables[*it];
        let alike = (&other.name.name, other.role) == (&own.name.name, own.role);
        alike && other.name.pipeline != own.name.pipeline && plan.pipelines.get(&other.name.pipeline) == file
    };
    plan.tables.places().filter(same).collect()
}

/// Of `ways`, what can be written, each once; and a line for each column about which the uses of a file do not agree,
/// and for each step of a file that is shipped. `all` is known of every step, asked for or not.
pub(super) fn agreed(plan: &Plan, ways: Keys, all: &Keys) -> (Keys, Vec<String>) {
    let (mut acc, mut notes, mut seen) = (Keys::new(), Vec::new(), BTreeSet::new());
    for ((step, key), columns) in ways {
        let name = &plan.tables[step].name;
        if !is_own(plan, step) {
            notes.extend(seen.insert((step, "", String::new())).then(|| {
                format!("`{name}` is in a file that comes with hotpass: what its values decided is not written")
            }));
            continue;
        }
        let twins = twins(plan, step);
        for column in columns {
            let says = |it: &TableId| all.get(&(*it, key)).is_some_and(|it| it.contains(&column));
            if !twins.iter().all(says) {
                let column = line(&column);
                notes.push(format!(
                    "`{name}.{column}` is `{key}` here and not in every `[use]` of its file: no key can declare this"
                ));
            } else if twins.iter().all(|it| !seen.contains(&(*it, key, column.clone()))) {
                seen.insert((step, key, column.clone()));
                acc.entry((step, key)).or_default().push(column);
            }
        }
    }
    (acc, notes)
}
