//! What a table is beside another one: `foreign_key = { in = "schools", column = "id" }` and `same_rows_as = "schools"`.

use std::sync::Arc;

use serde::Serialize;

use crate::digest::{Digest, digest_of};
use crate::expectations::claim::{Claim, Verb};
use crate::expectations::{About, Check, Kind, Measure, Other};
use crate::fields::Fields;
use crate::fields::keys::{Key, Keys, Takes};
use crate::finding::{Finding, Input};

pub(super) const FOREIGN_KEY: Kind = Kind {
    name: "foreign_key",
    revision: 1,
    summary: "every value of the columns is also in columns of another table",
    takes: Takes::Table(&KEYS),
    decode: foreign_key,
    about: About::All,
};
pub(super) const SAME_ROWS_AS: Kind = Kind {
    name: "same_rows_as",
    revision: 1,
    summary: "the table has as many rows as another one",
    takes: Takes::Text,
    decode: |fields, key| Some(Arc::new(SameRows { table: fields.text(key)? })),
    about: About::Table,
};

const KEYS: Keys = Keys::of(&[
    Key::required("in", Takes::Text, "the table that has the values"),
    Key::new("column", Takes::TEXTS, "its columns, in the order of these; of the same names without it"),
]);

#[derive(Debug, Serialize)]
struct ForeignKey {
    table: String,
    columns: Vec<String>,
}

#[derive(Debug, Serialize)]
struct SameRows {
    table: String,
}

fn foreign_key(fields: &mut Fields, key: &str) -> Option<Arc<dyn Check>> {
    let mut table = fields.table(key)?;
    let name = table.required_text("in");
    let columns = table.words("column");
    table.finish();
    Some(Arc::new(ForeignKey { table: name?, columns }))
}

impl Check for ForeignKey {
    fn measure(&self, columns: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        let there = if self.columns.is_empty() { columns.to_vec() } else { self.columns.clone() };
        if there.len() != columns.len() {
            let (here, there) = (columns.len(), there.len());
            let message = format!("the numbers of columns differ: {here} here, {there} in `{}`", self.table);
            let help = "name as many columns of the other table as of this one".to_owned();
            let finding = Finding::new(&super::WRONG_COLUMNS, FOREIGN_KEY.name, message);
            return Err(finding.label("asked for here").help(help));
        }
        Ok(Measure::Absent { columns: columns.to_vec(), there, only: None })
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        let columns = self.columns.join(", ");
        let place = if columns.is_empty() { self.table.clone() } else { format!("{}.{columns}", self.table) };
        Claim::new(Verb::Be, format!("in `{place}`"))
    }

    fn other(&self, _: &str) -> Option<Other<'_>> {
        Some(Other::Table(&self.table))
    }
}

impl Check for SameRows {
    fn measure(&self, _: &[String], _: &Input<'_>) -> Result<Measure, Finding> {
        Ok(Measure::SameRows)
    }

    fn recipe(&self) -> Digest {
        digest_of("hotpass check", self)
    }

    fn claim(&self) -> Claim {
        Claim::new(Verb::Have, format!("as many rows as `{}`", self.table))
    }

    fn other(&self, _: &str) -> Option<Other<'_>> {
        Some(Other::Table(&self.table))
    }
}
