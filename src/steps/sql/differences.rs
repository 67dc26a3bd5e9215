//! The rows that one of two tables has more often than the other, as a query: what a check of equal contents counts.

use serde::Serialize;

use crate::finding::{TYPE_MISMATCH, UNKNOWN_COLUMN};
use crate::model::Schema;
use crate::steps::{Decoded, Finding, Input, Lowered, Query, Spec, Work};

#[derive(Debug, Serialize)]
struct Differences {
    /// The key that asks for it.
    key: String,
}

/// The rows that only `one` or only `other` has, or has more often, by the columns that people see.
pub(in crate::steps) fn between(one: &str, other: &str, key: &str) -> Decoded {
    let inputs = [one, other].map(|it| (it.to_owned(), key.to_owned())).to_vec();
    Decoded::new(inputs, Differences { key: key.to_owned() })
}

impl Spec for Differences {
    fn lower(&self, inputs: &[Input<'_>], findings: &mut Vec<Finding>) -> Option<Lowered> {
        let [one, other] = inputs else { return None };
        let before = findings.len();
        findings.extend([(one, other), (other, one)].into_iter().flat_map(|(a, b)| self.lacking(a, b)));
        findings.extend(self.of_other_types(one, other));
        if findings.len() > before {
            return None;
        }
        let columns: Vec<_> = one.schema.visible().map(|it| quoted(&it.name)).collect();
        let all = |it: &Input<'_>| format!("(SELECT {} FROM {})", columns.join(", "), quoted(it.name));
        let (a, b) = (all(one), all(other));
        let text = format!("({a} EXCEPT ALL {b}) UNION ALL ({b} EXCEPT ALL {a})");
        let tables = inputs.iter().map(|it| it.name.to_owned()).collect();
        Some(Lowered::from(Work::Sql(Query { canonical: text.clone(), text, tables, ..Query::default() })))
    }
}

impl Differences {
    /// Columns of one table that the other lacks.
    fn lacking(&self, has: &Input<'_>, lacks: &Input<'_>) -> Vec<Finding> {
        let missing = has.schema.visible().filter(|it| !lacks.schema.has(&it.name));
        let told = missing.map(|it| {
            let message = format!("`{}` has no column `{}`, which `{}` has", lacks.name, escaped(&it.name), has.name);
            let help = "compare two steps that make the same columns".to_owned();
            Finding::new(&UNKNOWN_COLUMN, self.key.as_str(), message).label("asked for here").help(help)
        });
        told.collect()
    }

    fn of_other_types(&self, one: &Input<'_>, other: &Input<'_>) -> Vec<Finding> {
        let ty = |schema: &Schema, name: &str| schema.get(name).map(|it| it.ty);
        let both = one.schema.visible().filter_map(|it| Some((it, ty(other.schema, &it.name)?)));
        let told = both.filter(|(it, ty)| it.ty != *ty).map(|(it, ty)| {
            let (here, there) = (it.ty.spelling(), ty.spelling());
            let message =
                format!("`{}` is {here} in `{}` and {there} in `{}`", escaped(&it.name), one.name, other.name);
            let help = "make one type of them in a step before, with a cast".to_owned();
            Finding::new(&TYPE_MISMATCH, self.key.as_str(), message).label("asked for here").help(help)
        });
        told.collect()
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn escaped(name: &str) -> String {
    name.escape_debug().to_string()
}
