//! The form of a source: how many rows, which columns, what their values look like. Counts, never values. By its form
//! a delivery is told from the one before it (`drift`).

use std::fmt::Write as _;

use serde::Deserialize;

use super::{Source, quoted};
use crate::plan::Table;
use crate::readers::Evidence;

/// What a source is like, whatever its cells say.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Rows of data.
    pub rows: u64,
    /// Its columns, in order.
    pub columns: Vec<ColumnForm>,
}

/// What a column is like.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnForm {
    /// Its name.
    pub name: String,
    /// Its type: `text`, `decimal(2)`.
    #[serde(rename = "type")]
    pub ty: String,
    /// What its first values look like, where they were looked at.
    pub like: Option<Evidence>,
}

impl Source {
    /// What a new delivery is compared with: what was read, or what was expected when that was not it.
    pub fn baseline(&self) -> Form {
        let look = |it: &super::Column| ColumnForm { name: it.name.clone(), ty: it.ty.clone(), like: it.like.clone() };
        self.expected
            .clone()
            .unwrap_or_else(|| Form { rows: self.rows, columns: self.columns.iter().map(look).collect() })
    }
}

impl ColumnForm {
    /// The columns of a source as they are planned.
    pub fn all(source: &Table) -> Vec<ColumnForm> {
        let look = |it: &crate::model::Column| ColumnForm {
            name: it.name.clone(),
            ty: it.ty.spelling(),
            like: source.evidence.get(&it.name).cloned(),
        };
        source.schema.visible().map(look).collect()
    }
}

impl Form {
    pub(super) fn write(&self, out: &mut String, path: &str) {
        let _ = writeln!(out, "\n[{path}.expected]\nrows = {}\ncolumns = [", self.rows);
        for it in &self.columns {
            let _ =
                writeln!(out, "    {{ name = {}, type = {}{} }},", quoted(&it.name), quoted(&it.ty), like(&it.like));
        }
        out.push_str("]\n");
    }
}

/// `, like = { … }`: what is counted, and nothing that is not there.
pub(super) fn like(evidence: &Option<Evidence>) -> String {
    let Some(it) = evidence else { return String::new() };
    let mut parts = vec![format!("rows = {}", it.rows)];
    let mut count = |key: &str, count: u64| {
        if count > 0 {
            parts.push(format!("{key} = {count}"));
        }
    };
    count("valued", it.valued);
    count("distinct", it.distinct);
    count("endings", it.endings);
    count("points", it.points);
    count("commas", it.commas);
    count("either", it.either);
    let shapes = it.shapes.iter().map(|(shape, count)| (shape.name().to_owned(), count));
    let lists = it.lists.iter().map(|(list, count)| (super::key(list), count));
    for (key, counts) in [("shapes", shapes.collect::<Vec<_>>()), ("lists", lists.collect())] {
        let counts: Vec<_> = counts.into_iter().map(|(name, count)| format!("{name} = {count}")).collect();
        if !counts.is_empty() {
            parts.push(format!("{key} = {{ {} }}", counts.join(", ")));
        }
    }
    format!(", like = {{ {} }}", parts.join(", "))
}
