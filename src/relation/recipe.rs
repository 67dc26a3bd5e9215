//! The digest of what a relation does: equal for relations that do the same to the same columns.
//!
//! In which order the columns of a table stand is no part of it. Who moves a column of a workbook moves no value.

use crate::digest::{Digest, Hasher};
use crate::expr::Expr;
use crate::expr::functions::{Function, Spelling};
use crate::model::Type;
use crate::relation::explode::Items;
use crate::relation::{Relation, sql};

impl Relation {
    /// The digest of what is done, free of what it is done to. Covers the revision of every value function in it.
    pub fn recipe(&self) -> Digest {
        self.clone().into_recipe()
    }

    /// The same of a relation that nobody needs any more.
    pub fn into_recipe(mut self) -> Digest {
        self.order();
        let mut hasher = Hasher::new("hotpass relation v2");
        hasher.json(&self);
        self.visit_exprs(&mut |expr| hash_revisions(expr, &mut hasher));
        hasher.finish()
    }

    /// Puts the columns of all tables in the order of their names. Rows and values stay as they are: what is read by
    /// place (rankings, conditions of a join, items of a list) keeps its order.
    fn order(&mut self) {
        match self {
            Relation::Scan { columns, .. } => columns.sort(),
            Relation::Project { from, columns } => {
                columns.sort_by(|(a, _), (b, _)| a.cmp(b));
                from.order();
            }
            Relation::Filter { from, .. } | Relation::Sort { from, .. } => from.order(),
            Relation::Union(parts) => parts.iter_mut().for_each(Relation::order),
            Relation::Join(it) => {
                it.take_left.sort();
                it.take_right.sort();
                it.left.order();
                it.right.order();
            }
            Relation::Consolidate(it) => {
                it.picks.sort_by(|(a, _), (b, _)| a.cmp(b));
                it.from.order();
            }
            Relation::Explode(it) => {
                it.keep.sort();
                it.take.sort();
                it.from.order();
            }
            Relation::Apply(it) => {
                it.keep.sort();
                it.take.sort();
                it.from.iter_mut().for_each(Relation::order);
            }
            Relation::Aggregate(it) => {
                it.keys.sort();
                it.calls.sort_by(|(a, _), (b, _)| a.cmp(b));
                it.from.order();
            }
            Relation::Window(it) => {
                it.calls.sort_by(|(a, _), (b, _)| a.cmp(b));
                it.from.order();
            }
        }
    }

    fn visit_exprs(&self, visit: &mut impl FnMut(&Expr)) {
        match self {
            Relation::Scan { .. } => (),
            Relation::Project { from, columns } => {
                columns.iter().for_each(|(_, it)| visit(it));
                from.visit_exprs(visit);
            }
            Relation::Filter { from, keep } => {
                visit(keep);
                from.visit_exprs(visit);
            }
            Relation::Sort { from, by } => {
                by.iter().for_each(|it| visit(&it.expr));
                from.visit_exprs(visit);
            }
            Relation::Union(parts) => parts.iter().for_each(|it| it.visit_exprs(visit)),
            Relation::Join(it) => {
                it.left.visit_exprs(visit);
                it.right.visit_exprs(visit);
            }
            Relation::Consolidate(it) => {
                it.picks.iter().flat_map(|(_, it)| it.prefer()).chain(&it.rank).for_each(|it| visit(&it.expr));
                it.from.visit_exprs(visit);
            }
            Relation::Explode(it) => {
                it.exprs().for_each(&mut *visit);
                // Items are taken out of a list as this function does it.
                if it.lists.iter().any(|(_, it)| matches!(it, Items::Split { .. })) {
                    visit(&Expr::Call("list_item".to_owned(), Vec::new()));
                }
                it.from.visit_exprs(visit);
            }
            Relation::Apply(it) => it.from.iter().for_each(|it| it.visit_exprs(visit)),
            Relation::Aggregate(it) => it.from.visit_exprs(visit),
            Relation::Window(it) => it.from.visit_exprs(visit),
        }
    }
}

/// Functions of the engine that gave something else once: infinity where there is nothing to divide by, the day after a
/// month for that after 30 days, items with line ends around them, a product without its last digits,
/// a half by its bits and not by its digits.
const REWORKED: [&str; 9] =
    ["*", "/", "add_days", "list_has", "list_item", "list_join", "list_length", "list_sort", "round"];

fn hash_revisions(expr: &Expr, hasher: &mut Hasher) {
    match expr {
        Expr::Column(_) | Expr::Literal(_) => (),
        Expr::Call(name, arguments) => {
            match Function::get(name).map(|it| it.spelling) {
                Some(Spelling::Value(revision)) => {
                    hasher.text(name).number(u64::from(revision));
                }
                // It gave the empty text for nothing once.
                Some(Spelling::Part(_)) => {
                    hasher.text(name).number(2);
                }
                Some(_) if REWORKED.contains(&name.as_str()) => {
                    hasher.text(name).number(2);
                }
                _ => (),
            }
            arguments.iter().for_each(|it| hash_revisions(it, hasher));
        }
        Expr::Case(branches, otherwise) => {
            for (when, then) in branches {
                hash_revisions(when, hasher);
                hash_revisions(then, hasher);
            }
            otherwise.iter().for_each(|it| hash_revisions(it, hasher));
        }
        Expr::Cast(value, ty) => {
            // Texts are written by the engine, as ever; all else was read by it once.
            if *ty != Type::Text {
                hasher.text("cast").number(sql::CASTS);
            }
            hash_revisions(value, hasher);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse::parse;
    use crate::relation::{By, Join};

    fn table(columns: &[&str]) -> Relation {
        Relation::Scan { input: 0, columns: columns.iter().map(|it| (*it).to_owned()).collect() }
    }

    fn expr(text: &str) -> Expr {
        parse(text).expect(text)
    }

    #[test]
    fn the_order_of_columns_is_no_part_of_a_recipe() {
        let check = |make: &dyn Fn(Relation) -> Relation, same: bool, columns: [&[&str]; 2]| {
            let [a, b] = columns.map(|it| make(table(it)).recipe());
            assert_eq!(a == b, same, "{columns:?}");
        };
        let moved = [&["a", "b", "c"][..], &["c", "a", "b"]];
        let other = [&["a", "b"][..], &["a", "c"]];
        let makes: [&dyn Fn(Relation) -> Relation; 4] = [
            &|it| it.filter(expr("a <> 'q'")),
            &|it| Relation::Sort { from: Box::new(it), by: vec![By { expr: expr("a"), descending: true }] },
            &|it| Relation::Union(vec![it.clone(), it]),
            &|it| {
                let take_left = it.columns().into_iter().map(str::to_owned).collect();
                let take_right = it.columns().into_iter().map(|it| (it.to_owned(), format!("{it}2"))).collect();
                let on = vec![vec![("a".to_owned(), "a".to_owned())]];
                let (left, right) = (it.clone(), it);
                Relation::Join(Box::new(Join { left, right, on, outer: true, take_left, take_right, matched: None }))
            },
        ];
        for make in makes {
            check(make, true, moved);
            check(make, false, other);
        }
    }

    #[test]
    fn what_decides_keeps_its_order() {
        let by = |all: [&str; 2]| {
            let by = all.map(|it| By { expr: expr(it), descending: false }).to_vec();
            Relation::Sort { from: Box::new(table(&["a", "b"])), by }.recipe()
        };
        assert_ne!(by(["a", "b"]), by(["b", "a"]));
        let made = |text: &str| table(&["a", "b"]).project(vec![("c".to_owned(), expr(text))]).recipe();
        assert_ne!(made("a || b"), made("b || a"));
    }

    /// What is stored under a recipe is found by it: a word of the code that is renamed must leave it as it is, by
    /// `#[serde(rename)]`, or every table of everybody is made again.
    #[test]
    fn the_words_of_a_recipe_are_held() {
        use crate::expr::aggregate::Aggregate as Function;
        use crate::relation::aggregate::{Aggregate, Call};
        use crate::relation::explode::{Explode, Items};
        use crate::relation::window::{Along, Window};
        use crate::relation::{Consolidate, Pick};

        let by = |column: &str| By { expr: Expr::column(column), descending: false };
        let name = |it: &str| it.to_owned();
        let exploded = Relation::Explode(Box::new(Explode {
            from: table(&["k", "v"]).filter(expr("v <> 'x'")),
            lists: vec![(name("i"), Items::Split { text: Expr::column("v"), separator: name(";") })],
            keep: vec![name("k")],
            take: vec![name("i")],
            place: None,
            outer: true,
        }));
        let consolidated = Relation::Consolidate(Box::new(Consolidate {
            from: exploded,
            key: name("k"),
            rank: vec![by("i")],
            picks: vec![(name("k"), Pick::Key), (name("i"), Pick::First { column: name("i"), prefer: Vec::new() })],
        }));
        let joined = Relation::Join(Box::new(Join {
            left: consolidated,
            right: table(&["k"]),
            on: vec![vec![(name("k"), name("k"))]],
            outer: false,
            take_left: vec![name("k")],
            take_right: Vec::new(),
            matched: None,
        }));
        let call = |function| Call { function, of: None, given: None, distinct: false, keep: None, order: Vec::new() };
        let along = Along { call: call(Function::Count), otherwise: None, by: vec![name("k")], frame: None };
        let windowed = Relation::Window(Box::new(Window { from: joined, calls: vec![(name("n"), along)] }));
        let sorted = Relation::Sort { from: Box::new(Relation::Union(vec![windowed])), by: vec![by("n")] };
        let all = Relation::Aggregate(Box::new(Aggregate {
            from: sorted.project(vec![(name("k"), expr("case when n is null then cast(k as date) end"))]),
            by: vec![name("k")],
            keys: vec![name("k")],
            calls: vec![(name("n"), call(Function::Count))],
        }));
        let json = serde_json::to_string_pretty(&all).expect("plain data");
        insta::assert_snapshot!(format!("{}\n{json}", all.recipe().hex()));
    }
}
