//! What steps counted on their way when they last ran. It is kept by the name of the step, so that a plan can tell it
//! also when the step is to run again.

use crate::digest::{Digest, Hasher};
use crate::plan::{Plan, TableId};
use crate::store::backend::Made;
use crate::store::journal::{Journal, Record};

/// What is noted of what was made of a table.
pub(super) fn told(plan: &Plan, table: TableId, made: &Made) -> Vec<Record> {
    let told = made.told.clone().map(|json| Record::Account { key: key(plan, table), json });
    told.into_iter().collect()
}

/// What was counted when a table last ran, as JSON.
pub fn counted(plan: &Plan, table: TableId, journal: &Journal) -> Option<String> {
    journal.known(|it| it.accounts.get(&key(plan, table)).cloned())
}

fn key(plan: &Plan, table: TableId) -> Digest {
    Hasher::new("hotpass counted v1").text(&plan.tables[table].name.to_string()).finish()
}
