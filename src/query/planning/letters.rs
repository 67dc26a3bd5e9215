//! Texts that decide an order letter by letter, though their values read as dates or numbers: the newest of `17/01/2025`
//! and `02/03/2025` is the older one.
//!
//! What the values are is known by the first of them, wherever they come from: through steps that show them as they
//! were written. A query of somebody's own shows nothing of that.

use std::collections::BTreeSet;

use super::Planning;
use crate::expr::Decides;
use crate::model::Type;
use crate::plan::{Operation, TableId};
use crate::readers::Evidence;
use crate::steps::{Finding, TEXT_ORDER};

impl Planning<'_> {
    /// A finding for each column that decides an order which is not that of its values, by the keys that say so.
    pub(super) fn misordered(&self, decided_by: Vec<(String, Decides<'_>)>, inputs: &[TableId]) -> Vec<Finding> {
        let mut acc = Vec::new();
        let mut seen = BTreeSet::new();
        for (key, Decides { column, beside }) in decided_by {
            let texts = column.map(|it| self.evidence_of(inputs, it)).unwrap_or_default();
            let told = texts.misordered();
            if let (Some(number), None) = (beside, told) {
                let is_text = column.is_none_or(|it| self.is_text(inputs, it));
                if is_text && !texts.orders(number) && seen.insert((key.clone(), column)) {
                    acc.push(beside_a_number(key, column, number));
                }
                continue;
            }
            let (Some((kind, count)), Some(column)) = (told, column) else { continue };
            if !seen.insert((key.clone(), Some(column))) {
                continue;
            }
            let column = column.escape_debug();
            let message = format!(
                "`{column}` is compared letter by letter, and of its first {} values {count} read as {kind}",
                texts.valued
            );
            let (value, cast) = match kind {
                "dates" => ("date", format!("cast(date({column}, 'day_first') as date)")),
                _ => ("decimal", format!("cast(decimal({column}, '.') as float)")),
            };
            let help = format!(
                "make {kind} of it in a step before: `columns.{column} = \"{value}\"` in a `normalise` step, or \
                 `{cast}` in a `derive` step"
            );
            acc.push(Finding::new(&TEXT_ORDER, key, message).label("this decides").help(help));
        }
        acc
    }

    fn is_text(&self, tables: &[TableId], column: &str) -> bool {
        let ty = |it: &TableId| Some(self.plan.tables[*it].schema.get(column)?.ty);
        tables.iter().filter_map(ty).any(|it| it == Type::Text)
    }

    /// What the first values look like that a column of some tables shows, as far as it is text.
    fn evidence_of(&self, tables: &[TableId], column: &str) -> Evidence {
        let mut acc = Evidence::default();
        let mut open: Vec<(TableId, String)> = tables.iter().map(|it| (*it, column.to_owned())).collect();
        let mut seen = BTreeSet::new();
        while let Some((at, column)) = open.pop() {
            let table = &self.plan.tables[at];
            let is_text = table.schema.get(&column).is_some_and(|it| it.ty == Type::Text);
            if !is_text || !seen.insert((at, column.clone())) {
                continue;
            }
            match &table.make {
                Operation::Read(_) => table.evidence.get(&column).into_iter().for_each(|it| acc.add(it)),
                Operation::Relation(relation) => {
                    let shown = relation.shown(&column).into_iter();
                    open.extend(shown.map(|(input, column)| (table.inputs[input], column.to_owned())));
                }
                Operation::Sql(_) | Operation::Beside | Operation::Values(_) => (),
            }
        }
        acc
    }
}

/// A text that is compared with a number that is written as a text.
fn beside_a_number(key: String, column: Option<&str>, number: &str) -> Finding {
    let what = column.map_or_else(|| "a text".to_owned(), |it| format!("`{}`, which is text,", it.escape_debug()));
    let message = format!("{what} is compared with '{number}' letter by letter, so '9' comes after '10'");
    let read = column.map_or_else(|| "…".to_owned(), |it| it.escape_debug().to_string());
    let help = format!(
        "where numbers are meant: `cast(decimal({read}, '.') as float)` beside {number}, without quotation marks"
    );
    Finding::new(&TEXT_ORDER, key, message).label("this decides").help(help)
}
