//! A union that only puts tables one after the other: what stands of them can be taken as it stands.

use crate::expr::{Expr, Literal};
use crate::relation::Relation;

/// One table of such a union.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part<'a> {
    /// Which input of the step it is.
    pub input: usize,
    /// For each column of the union, the column here; `None` for one that this table does not have.
    pub columns: Vec<Option<&'a str>>,
}

impl Relation {
    /// The tables of a union in which no value is computed; `None` for everything else.
    pub fn stacked(&self) -> Option<Vec<Part<'_>>> {
        let Relation::Union(parts) = self else { return None };
        parts.iter().map(part).collect()
    }
}

fn part(relation: &Relation) -> Option<Part<'_>> {
    match relation {
        Relation::Scan { input, columns } => {
            Some(Part { input: *input, columns: columns.iter().map(|it| Some(it.as_str())).collect() })
        }
        Relation::Project { from, columns } => {
            let Relation::Scan { input, .. } = &**from else { return None };
            let columns = columns.iter().map(|(_, expr)| match expr {
                Expr::Column(name) => Some(Some(name.as_str())),
                Expr::Cast(value, _) if **value == Expr::Literal(Literal::Null) => Some(None),
                _ => None,
            });
            Some(Part { input: *input, columns: columns.collect::<Option<_>>()? })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Column, Schema, Type};

    #[test]
    fn only_what_computes_nothing_is_stacked() {
        let schema: Schema = ["a", "b"].map(|it| Column::new(it, Type::Text)).into_iter().collect();
        let scan = |input| Relation::scan(input, &schema);
        let column = |name: &str, expr| (name.to_owned(), expr);
        let none = Expr::Cast(Box::new(Expr::null()), Type::Text);
        let other = scan(1).project(vec![column("a", Expr::column("b")), column("b", none)]);
        let parts = Relation::Union(vec![scan(0), other.clone()]);
        let expected =
            [Part { input: 0, columns: vec![Some("a"), Some("b")] }, Part { input: 1, columns: vec![Some("b"), None] }];
        assert_eq!(parts.stacked().as_deref(), Some(&expected[..]));
        let cast = Expr::Cast(Box::new(Expr::column("a")), Type::Text);
        let made = scan(1).project(vec![column("a", cast), column("b", Expr::column("b"))]);
        assert_eq!(Relation::Union(vec![scan(0), made]).stacked(), None);
        assert_eq!(Relation::Union(vec![scan(0), other.project(Vec::new())]).stacked(), None);
        assert_eq!(scan(0).stacked(), None);
    }
}
