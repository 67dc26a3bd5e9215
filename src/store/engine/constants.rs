//! What is one row for a whole table is asked for first, and stands in the statement as constants.
//!
//! A join with the one row of another relation keeps the rows of its left as they are. As constants the row costs
//! nothing for each of them, and nothing is sorted to keep their order.

use super::operators::Givens;
use crate::expr::Expr;
use crate::publish::cell_texts;
use crate::relation::sql::statement;
use crate::relation::{Join, Relation};
use crate::store::backend::EngineError;

impl Givens<'_> {
    /// The relation with constants in the place of a join with one row.
    pub(super) fn row_put_in(&self, join: Join) -> Result<Relation, EngineError> {
        let schema = self.schema(&join.right)?;
        let asked = statement(&join.right, &self.scans());
        let mut rows: Vec<Vec<Option<String>>> = Vec::new();
        let list = if asked.names.is_empty() { "1".to_owned() } else { asked.names.join(", ") };
        self.worker.stream(&format!("SELECT {list} FROM ({})", asked.text), &mut |batch| {
            rows.extend(cell_texts(&batch).map_err(EngineError::Engine)?);
            Ok(())
        })?;
        let row = rows.pop().unwrap_or_default();
        let value = |name: &str| {
            let at = schema.place(name)?;
            let text = row.get(at)?.as_ref()?;
            Some(Expr::Cast(Box::new(Expr::text(text)), schema.columns[at].ty))
        };
        let kept = join.take_left.iter().map(|it| (it.clone(), Expr::column(it)));
        let taken = join.take_right.iter().map(|(there, here)| (here.clone(), value(there).unwrap_or_else(Expr::null)));
        let matched = join.matched.iter().map(|it| (it.clone(), Expr::integer(1)));
        Ok(join.left.project(kept.chain(taken).chain(matched).collect()))
    }
}
