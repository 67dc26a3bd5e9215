//! Numbers of workbooks behind a query: what came out of a `sql` step are texts, and nobody knows which of them were
//! numbers. Read with a comma, 3.125 would be 3125.

use std::collections::BTreeSet;

use super::Planning;
use crate::expr::{Expr, Literal};
use crate::model::Type;
use crate::plan::{Operation, Table, TableId};
use crate::steps::{CELLS_FORGOTTEN, Finding, Work};

impl Planning<'_> {
    /// What a step reads with a comma of columns that came through a query over cells with numbers.
    pub(super) fn forgotten(&self, work: &Work, inputs: &[TableId]) -> Vec<Finding> {
        let Work::Relation(relation) = work else { return Vec::new() };
        let mut asked = BTreeSet::new();
        relation.exprs().into_iter().for_each(|it| with_a_comma(it, &mut asked));
        let is_behind = |column: &&str| inputs.iter().any(|it| self.numbers_behind(*it, column));
        let told = |column: &str| {
            let column = column.escape_debug();
            let message = format!(
                "`{column}` is read with a decimal comma, but a query does not keep which of its cells were numbers"
            );
            let help = format!(
                "numbers of workbooks are written with a point there, and 3.125 would be 3125: read `{column}` in a \
                 `normalise` or `derive` step before the query, or make the query of steps"
            );
            Finding::new(&CELLS_FORGOTTEN, "", message).label("in this step").help(help)
        };
        asked.into_iter().filter(is_behind).map(told).collect()
    }

    /// Whether the cells behind a column may be numbers with a point, and a query stands between.
    fn numbers_behind(&self, table: TableId, column: &str) -> bool {
        let mut open = vec![(table, column.to_owned(), false)];
        let mut seen = BTreeSet::new();
        while let Some(it) = open.pop() {
            if !seen.insert(it.clone()) {
                continue;
            }
            let (at, column, queried) = it;
            let table = &self.plan.tables[at];
            if table.schema.get(&column).is_none_or(|it| it.ty != Type::Text) {
                continue;
            }
            match &table.make {
                Operation::Read(_) => {
                    let has_points = table.evidence.get(&column).is_some_and(|it| it.points + it.either > 0);
                    if queried && has_points && table.written.contains_key(&column) {
                        return true;
                    }
                }
                Operation::Relation(relation) => {
                    let shown = relation.shown(&column).into_iter();
                    open.extend(shown.map(|(input, name)| (table.inputs[input], name.to_owned(), queried)));
                }
                Operation::Sql(_) => {
                    open.extend(self.beneath(table, &column).into_iter().map(|(at, it)| (at, it, true)))
                }
                Operation::Beside | Operation::Values(_) => (),
            }
        }
        false
    }

    /// The columns of which a query may have made one: those of its name, and all where none has it.
    fn beneath(&self, query: &Table, column: &str) -> Vec<(TableId, String)> {
        let columns = |at: &TableId| {
            let at = *at;
            self.plan.tables[at].schema.visible().map(move |it| (at, it.name.clone()))
        };
        let (own, others): (Vec<_>, Vec<_>) = query.inputs.iter().flat_map(columns).partition(|(_, it)| it == column);
        if own.is_empty() { others } else { own }
    }
}

/// The columns that `decimal` and `integer` read, where the sign is not known to be a point.
fn with_a_comma<'a>(expr: &'a Expr, acc: &mut BTreeSet<&'a str>) {
    match expr {
        Expr::Column(_) | Expr::Literal(_) => (),
        Expr::Cast(value, _) => with_a_comma(value, acc),
        Expr::Case(branches, otherwise) => {
            branches.iter().for_each(|(when, then)| [when, then].into_iter().for_each(|it| with_a_comma(it, acc)));
            otherwise.iter().for_each(|it| with_a_comma(it, acc));
        }
        Expr::Call(name, arguments) => {
            if let ("decimal" | "integer", [text, sign]) = (name.as_str(), arguments.as_slice())
                && !matches!(sign, Expr::Literal(Literal::Text(it)) if !it.starts_with(','))
            {
                acc.extend(whole(text));
            }
            arguments.iter().for_each(|it| with_a_comma(it, acc));
        }
    }
}

/// The column that is read as it is.
fn whole(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Column(name) => Some(name),
        Expr::Call(name, arguments) if ["unless_listed", "trim", "clean", "line"].contains(&name.as_str()) => {
            whole(arguments.first()?)
        }
        _ => None,
    }
}
