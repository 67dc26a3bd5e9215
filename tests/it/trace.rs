//! Where values come from: over any relation, the cell that a trace names holds the value that the row shows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use hotpass::expr::Expr;
use hotpass::expr::aggregate::Aggregate as Function;
use hotpass::model::{Column, Schema, Type};
use hotpass::publish::cell_texts;
use hotpass::relation::aggregate::{Aggregate, Call};
use hotpass::relation::apply::Apply;
use hotpass::relation::explode::{Explode, Items};
use hotpass::relation::row_number::numbered;
use hotpass::relation::window::{Along, Window};
use hotpass::relation::{By, Consolidate, Join, Pick, Relation, trace};
use hotpass::store::Paths;
use hotpass::store::backend::{Engine, EngineConfig, EngineFactory, Stored, StoredColumn, Worker};
use hotpass::store::engine::DuckDb;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::operator;

/// What tables begin with: a key, two values and a number that ranks.
const COLUMNS: [&str; 4] = ["k", "a", "b", "n"];

pub type Table = Vec<[Option<u8>; 4]>;

/// A relation, as choices.
#[derive(Clone, Debug)]
enum Shape {
    Scan(usize),
    Choose(Box<Shape>, u8),
    Filter(Box<Shape>, u8),
    Sort(Box<Shape>, bool),
    Union(Box<Shape>, Box<Shape>),
    Join(Box<Shape>, Box<Shape>, bool),
    Consolidate(Box<Shape>, u8),
    Explode(Box<Shape>, bool),
    Beside(Box<Shape>),
    Backwards(Box<Shape>),
    Aggregate(Box<Shape>, u8),
    Window(Box<Shape>, u8),
}

fn shape() -> impl Strategy<Value = Shape> {
    (0usize..2).prop_map(Shape::Scan).prop_recursive(4, 10, 2, |beneath| {
        let one = || beneath.clone().prop_map(Box::new);
        prop_oneof![
            (one(), any::<u8>()).prop_map(|(it, n)| Shape::Choose(it, n)),
            (one(), any::<u8>()).prop_map(|(it, n)| Shape::Filter(it, n)),
            (one(), any::<bool>()).prop_map(|(it, n)| Shape::Sort(it, n)),
            (one(), one()).prop_map(|(a, b)| Shape::Union(a, b)),
            (one(), one(), any::<bool>()).prop_map(|(a, b, n)| Shape::Join(a, b, n)),
            (one(), any::<u8>()).prop_map(|(it, n)| Shape::Consolidate(it, n)),
            (one(), any::<bool>()).prop_map(|(it, n)| Shape::Explode(it, n)),
            one().prop_map(Shape::Beside),
            one().prop_map(Shape::Backwards),
            (one(), any::<u8>()).prop_map(|(it, n)| Shape::Aggregate(it, n)),
            (one(), any::<u8>()).prop_map(|(it, n)| Shape::Window(it, n)),
        ]
    })
}

fn by(column: &str, descending: bool) -> By {
    By { expr: Expr::column(column), descending }
}

fn is_null(column: &str) -> Expr {
    Expr::call("is null", [Expr::column(column)])
}

/// The relation with columns `k`, `a`, `b`, `n`; every value of it is a value of a cell beneath.
fn relation(shape: &Shape) -> Relation {
    let plain = |name: &str| (name.to_owned(), Expr::column(name));
    match shape {
        Shape::Scan(input) => {
            Relation::Scan { input: *input, columns: COLUMNS.iter().map(|it| (*it).to_owned()).collect() }
        }
        Shape::Choose(from, how) => {
            let (a, b) = (Expr::column("a"), Expr::column("b"));
            let chosen = match how % 4 {
                0 => Expr::call("coalesce", [a, b]),
                1 => Expr::Case(vec![(is_null("n"), a)], Some(Box::new(b))),
                2 => Expr::call("nullif", [b, a]),
                _ => Expr::Case(vec![(is_null("b"), Expr::call("coalesce", [a.clone(), b]))], Some(Box::new(a))),
            };
            let columns = vec![plain("k"), ("a".to_owned(), chosen), ("b".to_owned(), Expr::column("a")), plain("n")];
            relation(from).project(columns)
        }
        Shape::Filter(from, how) => {
            let column = COLUMNS[usize::from(*how) % 4];
            relation(from).filter(Expr::call("not", [is_null(column)]))
        }
        Shape::Sort(from, descending) => {
            let by = vec![by("n", *descending), by("a", !descending)];
            Relation::Sort { from: Box::new(relation(from)), by }
        }
        Shape::Union(a, b) => Relation::Union(vec![relation(a), relation(b)]),
        Shape::Join(a, b, outer) => {
            let take_right = vec![("a".to_owned(), "right".to_owned())];
            let join = Join {
                left: relation(a),
                right: relation(b),
                on: vec![vec![("k".to_owned(), "k".to_owned())], vec![("a".to_owned(), "b".to_owned())]],
                outer: *outer,
                take_left: COLUMNS.iter().map(|it| (*it).to_owned()).collect(),
                take_right,
                matched: None,
            };
            let columns = vec![plain("k"), plain("a"), ("b".to_owned(), Expr::column("right")), plain("n")];
            Relation::Join(Box::new(join)).project(columns)
        }
        Shape::Explode(from, outer) => {
            let each = |names: [&str; 2]| Items::Each(names.map(Expr::column).to_vec());
            let part = Items::Split { text: Expr::column("a"), separator: ";".to_owned() };
            let lists = vec![("b".to_owned(), each(["b", "a"])), ("part".to_owned(), part)];
            let keep = ["k", "n"].map(str::to_owned).to_vec();
            let take = ["b", "part"].map(str::to_owned).to_vec();
            let unnest = Explode { from: relation(from), lists, keep, take, place: None, outer: *outer };
            let columns = vec![plain("k"), ("a".to_owned(), Expr::column("part")), plain("b"), plain("n")];
            Relation::Explode(Box::new(unnest)).project(columns)
        }
        Shape::Beside(from) => {
            let copied = Apply::relation(operator::Copy, vec![relation(from)], &["copy"]);
            copied.project(vec![plain("k"), ("a".to_owned(), Expr::column("copy")), plain("b"), plain("n")])
        }
        Shape::Backwards(from) => Apply::relation(operator::Backwards, vec![relation(from)], &COLUMNS),
        Shape::Aggregate(from, how) => {
            let chosen = [Function::First, Function::Last, Function::Min, Function::Max];
            let call = |at: u8| call(chosen[usize::from(how >> at) % 4], COLUMNS[usize::from(at / 2) + 1], *how > 99);
            let calls = COLUMNS[1..].iter().zip([0, 2, 4]).map(|(name, at)| ((*name).to_owned(), call(at)));
            let (from, by) = (relation(from), vec!["k".to_owned()]);
            Relation::Aggregate(Box::new(Aggregate { from, keys: by.clone(), by, calls: calls.collect() }))
        }
        Shape::Window(from, how) => {
            let moved = [Function::First, Function::Last, Function::Lag, Function::Lead][usize::from(*how) % 4];
            let call = call(moved, "a", how & 4 > 0);
            let by = if how & 8 > 0 { vec!["k".to_owned()] } else { Vec::new() };
            let along = Along { call, otherwise: None, by, frame: None };
            let window = Window { from: relation(from), calls: vec![("moved".to_owned(), along)] };
            let columns = vec![plain("k"), ("a".to_owned(), Expr::column("moved")), plain("b"), plain("n")];
            Relation::Window(Box::new(window)).project(columns)
        }
        Shape::Consolidate(from, how) => {
            let pick = |name: &str, at: u8| {
                let column = name.to_owned();
                match (how >> at) % 5 {
                    0 => Pick::First { column, prefer: Vec::new() },
                    1 => Pick::First { column, prefer: vec![by("a", true)] },
                    2 => Pick::Of { column, prefer: vec![by("b", false)] },
                    3 => Pick::Least(column),
                    _ => Pick::Greatest(column),
                }
            };
            let mut picks = vec![("k".to_owned(), Pick::Key)];
            picks.extend(["a", "b", "n"].iter().zip(0..).map(|(name, at)| ((*name).to_owned(), pick(name, at * 2))));
            let rank = vec![by("n", true)];
            Relation::Consolidate(Box::new(Consolidate { from: relation(from), key: "k".to_owned(), rank, picks }))
        }
    }
}

fn call(function: Function, of: &str, descending: bool) -> Call {
    let order = match function {
        Function::Min | Function::Max => Vec::new(),
        _ => vec![("n".to_owned(), descending)],
    };
    Call { function, of: Some(of.to_owned()), given: None, distinct: false, order, keep: None }
}

pub fn texts(worker: &mut dyn Worker, relation: &Relation, inputs: &[Stored]) -> Vec<Vec<Option<String>>> {
    let mut rows = Vec::new();
    let mut add = |batch: RecordBatch| {
        rows.extend(cell_texts(&batch).expect("texts"));
        Ok(())
    };
    worker.look(relation, inputs, None, &mut add).expect("its rows");
    rows
}

pub struct Bench {
    pub engine: Box<dyn Engine>,
    paths: Paths,
    _folder: tempfile::TempDir,
}

impl Bench {
    pub fn new(memory: Option<u64>) -> Bench {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), None);
        paths.create().expect("made");
        let setup = EngineConfig { paths: paths.clone(), threads: 2, memory, spill: None, waits: None };
        Bench { engine: DuckDb.open(&setup).expect("an engine"), paths, _folder: folder }
    }

    pub fn store(&self, table: &Table) -> Stored {
        let mut worker = self.engine.worker().expect("a worker");
        let types = [Type::Text, Type::Text, Type::Text, Type::Integer];
        let text = |at: usize| {
            let cells = table.iter().map(|row| row[at].map(|it| char::from(b'a' + it).to_string()));
            Arc::new(cells.collect::<StringArray>()) as ArrayRef
        };
        let numbers = table.iter().map(|row| row[3].map(i64::from)).collect::<Int64Array>();
        let batch = RecordBatch::try_from_iter([
            ("k0", text(0)),
            ("k1", text(1)),
            ("k2", text(2)),
            ("k3", Arc::new(numbers) as ArrayRef),
        ]);
        let batch = batch.expect("a batch");
        let made = worker.ingest(&types, &mut |_, sink| sink(batch.clone()), &|_| false).expect("stored");
        let segment = made.segment.expect("a segment");
        let path: PathBuf = self.paths.segment(&segment.id);
        let columns = COLUMNS.iter().zip(types).zip(&made.digests).map(|((name, ty), digest)| {
            let index = segment.columns.iter().position(|it| it == digest).expect("it is there") as u32;
            StoredColumn { column: Column::new(*name, ty), digest: *digest, place: (path.clone(), index) }
        });
        Stored { rows: made.rows, columns: columns.collect() }
    }
}

/// What each named cell holds is what the row shows, and every value has a cell.
fn check(bench: &Bench, tables: &[Table], shape: &Shape) {
    let inputs: Vec<Stored> = tables.iter().map(|it| bench.store(it)).collect();
    let mut worker = bench.engine.worker().expect("a worker");
    let relation = relation(shape);
    let shown = texts(&mut *worker, &relation, &inputs);
    let columns = relation.columns();
    let all: BTreeSet<&str> = columns.iter().copied().collect();
    let (traced, beneath) = trace::counted(&relation, &all);
    let schema: Schema = [Type::Text, Type::Text, Type::Text, Type::Integer]
        .into_iter()
        .zip(COLUMNS)
        .map(|(ty, name)| Column::new(name, ty))
        .collect();
    traced.schema(&[&schema, &schema]).expect("a trace is a relation like others");
    let told = texts(&mut *worker, &traced, &inputs);
    assert_eq!(told.len(), shown.len(), "a trace has the rows of what it traces");
    // What reads no column of a row is told for each.
    let constant = relation.clone().project(vec![("it".to_owned(), Expr::text("it"))]).prune(&BTreeSet::from(["it"]));
    assert_eq!(texts(&mut *worker, &constant, &inputs), vec![[Some("it".to_owned())]; shown.len()]);
    let names = traced.columns();
    let held = |input: usize, column: &str, ordinal: u64| {
        let at = COLUMNS.iter().position(|it| *it == column).expect("a column");
        let cell = tables[input][ordinal as usize][at];
        cell.map(|it| if at == 3 { it.to_string() } else { char::from(b'a' + it).to_string() })
    };
    for (row, (values, told)) in shown.iter().zip(&told).enumerate() {
        let told: BTreeMap<&str, Option<&String>> =
            names.iter().copied().zip(told.iter().map(Option::as_ref)).collect();
        for (column, value) in columns.iter().zip(values) {
            let Some(value) = value else { continue };
            let origins = told[trace::origins(column).as_str()].unwrap_or_else(|| panic!("`{column}` {row} has none"));
            let cells: Vec<_> = trace::parse_counted(origins).collect();
            assert_eq!(cells.len(), 1, "`{column}` of row {row} is one cell's: {origins:?}");
            for (at, ordinal) in cells {
                let (input, name) = &beneath[at];
                assert_eq!(held(*input, name, ordinal).as_ref(), Some(value), "`{column}` of row {row}");
            }
        }
    }
}

#[test]
fn rows_of_a_union_in_a_union_are_told_apart() {
    let bench = Bench::new(None);
    let row = |it: u8| [Some(0), Some(it), None, None];
    let inputs = [bench.store(&vec![row(0), row(1)]), bench.store(&vec![row(2)])];
    let scan = |input| relation(&Shape::Scan(input));
    let within = Relation::Union(vec![scan(0), scan(1)]).filter(Expr::call("not", [is_null("a")]));
    let whole = Relation::Union(vec![within.clone(), scan(1), within]);
    let by = vec![by("at", false)];
    let sorted = Relation::Sort { from: Box::new(numbered(whole, "at")), by };
    let rows = texts(&mut *bench.engine.worker().expect("a worker"), &sorted, &inputs);
    let values: Vec<&str> = rows.iter().filter_map(|it| it[1].as_deref()).collect();
    assert_eq!(values, ["a", "b", "c", "c", "a", "b", "c"]);
    let numbers: BTreeSet<&str> = rows.iter().filter_map(|it| it[4].as_deref()).collect();
    assert_eq!(numbers.len(), rows.len(), "{numbers:?}");
}

#[test]
fn the_cell_that_a_trace_names_holds_the_value_that_the_row_shows() {
    let bench = Bench::new(None);
    let cases = std::env::var("HOTPASS_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(60);
    let cell = || proptest::option::weighted(0.8, 0u8..3);
    let table = || proptest::collection::vec([cell(), cell(), cell(), cell()], 0..6);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let given = (proptest::collection::vec(table(), 2), shape());
    runner
        .run(&given, |(tables, shape)| {
            check(&bench, &tables, &shape);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
