//! What is one row for a whole table is asked for first, and stands in the statement as constants.
//!
//! A join with the one row of another relation keeps the rows of its left as they are. As constants the row costs
//! nothing for each of them, and nothing is sorted to keep their order.

use super::{DuckWorker, Scans};
use crate::expr::Expr;
use crate::model::Schema;
use crate::publish::cell_texts;
use crate::relation::sql::statement;
use crate::relation::{Join, Relation};
use crate::store::workshop::{EngineError, Stored};

impl DuckWorker {
    /// The relation with constants in the place of every join with one row.
    pub(super) fn with_constants(&self, relation: &Relation, inputs: &[Stored]) -> Result<Relation, EngineError> {
        let beneath = relation.over(&mut |it| self.with_constants(it, inputs))?;
        match beneath {
            Relation::Join(join) if join.is_of_one_row() => self.row_put_in(*join, inputs),
            other => Ok(other),
        }
    }

    fn row_put_in(&self, join: Join, inputs: &[Stored]) -> Result<Relation, EngineError> {
        let schemas: Vec<Schema> =
            inputs.iter().map(|it| it.columns.iter().map(|it| it.column.clone()).collect()).collect();
        let schema = join.right.schema(&schemas.iter().collect::<Vec<_>>());
        let schema = schema.map_err(|_| EngineError::Engine("a row for a whole table has no schema".to_owned()))?;
        let asked = statement(&join.right, &Scans(inputs));
        let mut rows: Vec<Vec<Option<String>>> = Vec::new();
        let list = if asked.names.is_empty() { "1".to_owned() } else { asked.names.join(", ") };
        self.stream(&format!("SELECT {list} FROM ({})", asked.text), &mut |batch| {
            rows.extend(cell_texts(&batch).map_err(EngineError::Engine)?);
            Ok(())
        })?;
        let row = rows.pop().unwrap_or_default();
        let value = |name: &str| {
            let at = schema.names().position(|it| it == name)?;
            let text = row.get(at)?.as_ref()?;
            Some(Expr::Cast(Box::new(Expr::text(text)), schema.columns[at].ty))
        };
        let kept = join.take_left.iter().map(|it| (it.clone(), Expr::column(it)));
        let taken = join.take_right.iter().map(|(there, here)| (here.clone(), value(there).unwrap_or_else(Expr::null)));
        let matched = join.matched.iter().map(|it| (it.clone(), Expr::integer(1)));
        Ok(join.left.project(kept.chain(taken).chain(matched).collect()))
    }
}
