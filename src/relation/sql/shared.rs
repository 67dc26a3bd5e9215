//! Relations that occur several times in one statement: written once, as a table of that statement, and read from there.
//! Steps are taken apart into relations column by column, so that what a join finds may well stand beneath each of them.

use std::collections::{HashMap, HashSet};

use crate::relation::Relation;
use crate::relation::sql::{Order, Writer};

/// What is written once.
#[derive(Default)]
pub(super) struct Shared {
    /// Relations that occur several times.
    often: HashSet<Relation>,
    /// The tables that stand for them, with the ordinals of their rows and without.
    names: HashMap<(Relation, bool), String>,
    /// Their definitions, each behind those that it reads.
    tables: Vec<String>,
}

impl Shared {
    /// What is worth to be written once in a statement of `relation`.
    pub(super) fn of(relation: &Relation) -> Shared {
        let mut often = HashSet::new();
        count(relation, &mut HashSet::new(), &mut often);
        Shared { often: often.into_iter().cloned().collect(), ..Shared::default() }
    }

    /// The statement with the tables in front that it reads.
    pub(super) fn before(&self, text: String) -> String {
        // Not around the statement: the order of a subquery is not that of what reads it.
        let tables = self.tables.join(", ");
        match text.strip_prefix("WITH ") {
            _ if tables.is_empty() => text,
            Some(own) => format!("WITH {tables}, {own}"),
            None => format!("WITH {tables} {text}"),
        }
    }
}

impl Writer<'_> {
    /// A `SELECT` of the table that stands for a relation, where one does.
    pub(super) fn shared(&mut self, relation: &Relation, order: Order) -> Option<String> {
        // Who wants rows in their order would not get them from a table.
        if order == Order::Sorted || !self.shared.often.contains(relation) {
            return None;
        }
        let wanted = (relation.clone(), order == Order::Numbered);
        if let Some(name) = self.shared.names.get(&wanted) {
            return Some(format!("SELECT * FROM {name}"));
        }
        let text = self.written(relation, order);
        let name = self.alias();
        self.shared.tables.push(format!("{name} AS ({text})"));
        let select = format!("SELECT * FROM {name}");
        self.shared.names.insert(wanted, name);
        Some(select)
    }
}

/// Finds what occurs again and costs more than a scan of a segment. What occurs again is not looked into.
fn count<'a>(relation: &'a Relation, seen: &mut HashSet<&'a Relation>, often: &mut HashSet<&'a Relation>) {
    if !is_dear(relation) {
        return;
    }
    if !seen.insert(relation) {
        often.insert(relation);
        return;
    }
    relation.beneath().into_iter().for_each(|it| count(it, seen, often));
}

/// Whether it sorts, groups, joins or makes rows.
fn is_dear(relation: &Relation) -> bool {
    match relation {
        Relation::Scan { .. } => false,
        Relation::Project { .. } | Relation::Filter { .. } | Relation::Union(_) => {
            relation.beneath().into_iter().any(is_dear)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::expr::Expr;
    use crate::model::{Column, Schema, Type};
    use crate::relation::sql::{Tables, statement};
    use crate::relation::{By, Join, Relation};

    struct One;

    impl Tables for One {
        fn select(&self, _: usize, columns: &[(&str, String)], ordinal: bool) -> String {
            let list: Vec<_> = columns.iter().map(|(name, at)| format!("{name} AS {at}")).collect();
            let ordinal = if ordinal { ", row AS o" } else { "" };
            format!("SELECT {}{ordinal} FROM segment", list.join(", "))
        }

        fn schema(&self, _: usize) -> Schema {
            Schema { columns: vec![Column::new("a", Type::Text)].into() }
        }
    }

    fn joined(left: Relation, right: Relation) -> String {
        let (on, take) = (vec![vec![("a".to_owned(), "a".to_owned())]], ("a".to_owned(), "b".to_owned()));
        let (take_left, take_right) = (vec!["a".to_owned()], vec![take]);
        let join = Join { left, right, on, outer: true, take_left, take_right, matched: None };
        statement(&Relation::Join(Box::new(join)), &One).text
    }

    #[test]
    fn what_is_sorted_twice_is_written_once() {
        let scan = || Relation::Scan { input: 0, columns: vec!["a".to_owned()].into() };
        let sorted = || {
            let by = vec![By { expr: Expr::column("a"), descending: false }];
            Relation::Sort { from: Box::new(scan()), by }
        };
        assert_eq!(joined(sorted(), sorted()).matches("segment").count(), 1);
        // A scan is read again: that costs less than to keep its rows.
        assert_eq!(joined(scan(), scan()).matches("segment").count(), 2);
        assert_eq!(joined(scan(), sorted()).matches("segment").count(), 2);
    }
}
