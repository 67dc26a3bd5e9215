//! Why a step sets a row aside: a column of texts beside the row, as readers and checks give it too.

use crate::expr::Expr;
use crate::model::{Column, Schema};
use crate::relation::Relation;

/// How the column is called where no other one is called so.
const REASON: &str = "reason";

/// Rows with a column `reason`, which stands behind those that people see. `schema` is that of the rows, `why` a text.
pub(super) fn with_reason(rows: Relation, schema: &Schema, why: Expr) -> Relation {
    let taken = |name: &str| schema.names().any(|it| it.eq_ignore_ascii_case(name));
    let mut name = REASON.to_owned();
    for number in 2.. {
        if !taken(&name) {
            break;
        }
        name = format!("{REASON}_{number}");
    }
    let own = |it: &Column| (it.name.clone(), Expr::column(&it.name));
    let (hidden, shown): (Vec<_>, Vec<_>) = schema.columns.iter().partition(|it| it.is_hidden());
    let shown = shown.into_iter().map(own);
    rows.project(shown.chain([(name, why)]).chain(hidden.into_iter().map(own)).collect())
}

/// Names as a reason tells them: `` `name`, `email` ``.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names.into_iter().map(|it| format!("`{}`", it.escape_debug())).collect::<Vec<_>>().join(", ")
}
