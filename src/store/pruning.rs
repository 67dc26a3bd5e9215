//! The law that keys rest on: a relation pruned to one column gives that column of the whole, row for row.
//!
//! Tests alone: the algebra stands on a floor without an engine.

use std::collections::BTreeSet;

use duckdb::Connection;
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::expr::aggregate::{Aggregate as Function, Frame};
use crate::expr::{Expr, Literal, parse};
use crate::model::{Column, Schema, Type};
use crate::relation::aggregate::{Aggregate, Call};
use crate::relation::explode::{Explode, Items};
use crate::relation::sql::{Tables, quote, statement};
use crate::relation::window::{Along, Window};
use crate::relation::{By, Consolidate, Join, Pick, Relation};

/// Cells of two tables with the columns `a`, `b` and `k`.
type Data = [Vec<[Option<&'static str>; 3]>; 2];

const COLUMNS: [&str; 3] = ["a", "b", "k"];

struct Values<'a>(&'a Data);

impl Tables for Values<'_> {
    fn select(&self, input: usize, columns: &[(&str, String)], ordinal: bool) -> String {
        let cell = |it: &Option<&str>| it.map_or("NULL".to_owned(), quote);
        let row = |(at, row): (usize, &[Option<&str>; 3])| {
            format!("({at}, {})", row.iter().map(cell).collect::<Vec<_>>().join(", "))
        };
        let mut rows: Vec<_> = self.0[input].iter().enumerate().map(row).collect();
        rows.push("(-1, 'x', 'x', 'x')".to_owned());
        let mut list: Vec<_> = columns.iter().map(|(there, here)| format!("t.{there} AS {here}")).collect();
        list.extend(ordinal.then(|| "t.o AS o".to_owned()));
        if list.is_empty() {
            list.push("1 AS nothing".to_owned());
        }
        let rows = rows.join(", ");
        format!("SELECT {} FROM (VALUES {rows}) AS t (o, a, b, k) WHERE t.o >= 0 ORDER BY t.o", list.join(", "))
    }

    fn schema(&self, _: usize) -> Schema {
        schema()
    }
}

fn schema() -> Schema {
    COLUMNS.iter().map(|it| Column::new(*it, Type::Text)).collect()
}

fn expr(text: &str) -> Expr {
    parse::parse(text).expect(text)
}

/// Every relation here has the columns `a`, `b` and `k`, so that any stands upon any.
fn relation() -> impl Strategy<Value = Relation> {
    let scan = (0..2_usize).prop_map(|it| Relation::scan(it, &schema()));
    scan.prop_recursive(4, 12, 2, |inner| {
        let two = (inner.clone(), inner.clone(), any::<u8>());
        prop_oneof![
            (inner.clone(), any::<u8>()).prop_map(|(from, it)| project(from, it)),
            (inner.clone(), any::<u8>()).prop_map(|(from, it)| from
                .filter(expr(["a is not null", "b > a", "k <> 'p' or a is null"][usize::from(it % 3)]))),
            (inner.clone(), any::<bool>()).prop_map(|(from, descending)| Relation::Sort {
                from: Box::new(from),
                by: vec![By { expr: expr("b"), descending }],
            }),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Relation::Union(vec![a, b])),
            two.prop_map(|(left, right, it)| join(left, right, it)),
            (inner.clone(), any::<u8>()).prop_map(|(from, it)| survive(from, it)),
            (inner.clone(), any::<u8>()).prop_map(|(from, it)| unnest(from, it)),
            (inner.clone(), any::<u8>()).prop_map(|(from, it)| aggregate(from, it)),
            (inner, any::<u8>()).prop_map(|(from, it)| window(from, it)),
        ]
    })
}

fn project(from: Relation, variant: u8) -> Relation {
    let a = expr(["b", "a || b", "coalesce(a, k)"][usize::from(variant % 3)]);
    let columns = [("a", a), ("b", expr("a")), ("k", expr("k"))];
    from.project(columns.map(|(name, it)| (name.to_owned(), it)).to_vec())
}

fn join(left: Relation, right: Relation, variant: u8) -> Relation {
    let pair = |a: &str, b: &str| vec![(a.to_owned(), b.to_owned())];
    let on = [vec![pair("k", "k")], vec![pair("a", "a"), pair("k", "k")], vec![pair("k", "b")]];
    Relation::Join(Box::new(Join {
        left,
        right,
        on: on[usize::from(variant % 3)].clone(),
        outer: variant & 8 > 0,
        take_left: vec!["a".to_owned(), "k".to_owned()],
        take_right: vec![("a".to_owned(), "b".to_owned())],
        matched: None,
    }))
}

fn survive(from: Relation, variant: u8) -> Relation {
    let column = || "a".to_owned();
    let prefer = || if variant & 8 > 0 { vec![By { expr: expr("b"), descending: false }] } else { Vec::new() };
    let separator = || ",".to_owned();
    let a = match variant % 5 {
        0 => Pick::First { column: column(), prefer: prefer() },
        1 => Pick::Of { column: column(), prefer: prefer() },
        2 => Pick::All { column: column(), separator: separator(), prefer: prefer() },
        3 => Pick::Sorted { column: column(), separator: separator() },
        _ => Pick::Greatest(column()),
    };
    let b = Pick::First { column: "b".to_owned(), prefer: Vec::new() };
    Relation::Consolidate(Box::new(Consolidate {
        from,
        key: "k".to_owned(),
        rank: vec![By { expr: expr("b"), descending: true }],
        picks: vec![("a".to_owned(), a), ("b".to_owned(), b), ("k".to_owned(), Pick::Key)],
    }))
}

fn unnest(from: Relation, variant: u8) -> Relation {
    let split = |text: &str| Items::Split { text: expr(text), separator: ",".to_owned() };
    let a = if variant & 1 > 0 { split("a") } else { Items::Each(vec![expr("a"), expr("b"), expr("k")]) };
    let lists = vec![("a".to_owned(), a), ("b".to_owned(), split("b"))];
    let (take, keep) = (vec!["a".to_owned(), "b".to_owned()], vec!["k".to_owned()]);
    Relation::Explode(Box::new(Explode { from, lists, keep, take, place: None, outer: variant & 2 > 0 }))
}

fn call(function: Function, order: &str, descending: bool) -> Call {
    let given = (function == Function::StringAgg).then(|| Literal::Text(",".to_owned()));
    let order = vec![(order.to_owned(), descending)];
    Call { function, of: Some("a".to_owned()), given, distinct: false, order, keep: None }
}

fn aggregate(from: Relation, variant: u8) -> Relation {
    use Function::{First, Last, List, Max, MostCommon, StringAgg};
    let function = [First, Last, StringAgg, MostCommon, Max, List][usize::from(variant % 6)];
    let distinct = function == StringAgg && variant & 16 > 0;
    let a = Call { distinct, ..call(function, "b", variant & 8 > 0) };
    let b = call(Last, "k", variant & 32 > 0);
    let by = if variant & 64 > 0 { vec!["k".to_owned()] } else { vec!["k".to_owned(), "b".to_owned()] };
    let calls = vec![("a".to_owned(), a), ("b".to_owned(), b)];
    Relation::Aggregate(Box::new(Aggregate { from, by, keys: vec!["k".to_owned()], calls }))
}

fn window(from: Relation, variant: u8) -> Relation {
    use Function::{First, Lag, Last, Lead, Min};
    let function = [Lag, Lead, First, Last, Min][usize::from(variant % 5)];
    let frame = (!function.is_of_window() && variant & 8 > 0).then_some(Frame { from: None, to: Some(0) });
    let along = Along { call: call(function, "b", variant & 16 > 0), otherwise: None, by: vec!["k".to_owned()], frame };
    let columns = [("a", "new"), ("b", "b"), ("k", "k")];
    let window = Relation::Window(Box::new(Window { from, calls: vec![("new".to_owned(), along)] }));
    window.project(columns.map(|(name, it)| (name.to_owned(), Expr::column(it))).to_vec())
}

fn data() -> impl Strategy<Value = Data> {
    let cell = || prop::sample::select(&[None, Some("p"), Some("q,p"), Some("p, ,r"), Some("q"), Some("")][..]);
    let table = || prop::collection::vec([cell(), cell(), cell()], 0..5);
    [table(), table()]
}

fn column(connection: &Connection, relation: &Relation, data: &Data, at: usize) -> Vec<Option<String>> {
    let made = statement(relation, &Values(data));
    let text = format!("SELECT CAST({} AS VARCHAR) FROM ({})", made.names[at], made.text);
    let mut prepared = connection.prepare(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let rows = prepared.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

proptest! {
    #![proptest_config(Config { cases: 64, max_shrink_iters: 100, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_pruned_relation_gives_the_column_of_the_whole(relation in relation(), data in data()) {
        let connection = Connection::open_in_memory().unwrap();
        crate::store::functions::register(&connection).unwrap();
        let inputs = [&schema(), &schema()];
        let types = relation.schema(&inputs).unwrap();
        for (at, name) in COLUMNS.iter().enumerate() {
            let pruned = relation.prune(&BTreeSet::from([*name]));
            prop_assert_eq!(pruned.columns(), [*name]);
            let pruned_types = pruned.schema(&inputs).unwrap();
            prop_assert_eq!(pruned_types.get(name), types.get(name));
            let at = relation.columns().iter().position(|it| it == name).unwrap_or(at);
            prop_assert_eq!(column(&connection, &pruned, &data, 0), column(&connection, &relation, &data, at));
            for (input, reached) in relation.lineage(name) {
                prop_assert!(pruned.reads()[&input].contains(reached), "{} of {}", reached, input);
            }
        }
    }
}
