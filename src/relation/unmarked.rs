//! Tables that hotpass wrote and reads again: without the `'` that it put before what a spreadsheet would run.

use crate::expr::Expr;
use crate::model::{Schema, Type, is_hidden};
use crate::relation::Relation;

impl Relation {
    /// The same over an input with these columns, of whose texts the marks are taken off.
    pub fn unmarked(self, of: usize, schema: &Schema) -> Relation {
        let again = |it: Box<Relation>| Box::new(it.unmarked(of, schema));
        match self {
            Relation::Scan { input, columns } if input == of => {
                let is_text =
                    |name: &String| !is_hidden(name) && schema.get(name).is_some_and(|it| it.ty == Type::Text);
                let column = |name: &String| match is_text(name) {
                    true => (name.clone(), Expr::call("unmarked", [Expr::column(name)])),
                    false => (name.clone(), Expr::column(name)),
                };
                let all = columns.iter().map(column).collect();
                Relation::Scan { input, columns }.project(all)
            }
            Relation::Scan { .. } => self,
            Relation::Project { from, columns } => Relation::Project { from: again(from), columns },
            Relation::Filter { from, keep } => Relation::Filter { from: again(from), keep },
            Relation::Sort { from, by } => Relation::Sort { from: again(from), by },
            Relation::Union(parts) => Relation::Union(parts.into_iter().map(|it| it.unmarked(of, schema)).collect()),
            Relation::Join(mut it) => {
                (it.left, it.right) = (it.left.unmarked(of, schema), it.right.unmarked(of, schema));
                Relation::Join(it)
            }
            Relation::Consolidate(mut it) => {
                it.from = it.from.unmarked(of, schema);
                Relation::Consolidate(it)
            }
            Relation::Explode(mut it) => {
                it.from = it.from.unmarked(of, schema);
                Relation::Explode(it)
            }
            Relation::Apply(mut it) => {
                it.from = it.from.into_iter().map(|it| it.unmarked(of, schema)).collect();
                Relation::Apply(it)
            }
            Relation::Aggregate(mut it) => {
                it.from = it.from.unmarked(of, schema);
                Relation::Aggregate(it)
            }
            Relation::Window(mut it) => {
                it.from = it.from.unmarked(of, schema);
                Relation::Window(it)
            }
        }
    }
}
