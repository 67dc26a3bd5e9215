//! Operators: what it takes to write one, and what whoever runs them holds them to.
//!
//! `docs/how-to/extend/write-an-operator.md` shows the first of them as an example.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use hotpass::expr::{Expr, Mistake};
use hotpass::model::{Class, Column, Schema, Type};
use hotpass::relation::Relation;
use hotpass::relation::apply::Apply;
use hotpass::relation::operator::{Inputs, Operator, OperatorError, Out, Rows, batch};
use hotpass::relation::row_number::numbered;
use hotpass::store::backend::EngineError;
use serde_json::{Value, json};

use crate::trace::{Bench, Table, texts};

/// The sum of a column down to each row: the same rows, and one column beside them.
#[derive(Debug)]
struct Running {
    /// The column that is added up.
    of: String,
}

impl Operator for Running {
    fn name(&self) -> &'static str {
        "running"
    }

    fn revision(&self) -> u32 {
        1
    }

    fn recipe(&self) -> Value {
        json!({ "of": self.of })
    }

    fn rows(&self) -> Rows {
        Rows::Same
    }

    fn schema(&self, beneath: &[Schema]) -> Result<Schema, Mistake> {
        let (function, takes) = ("running".to_owned(), "integer".to_owned());
        match beneath[0].get(&self.of) {
            Some(it) if it.ty == Type::Integer => {
                Ok([Column::new("total", Type::Integer).classed(it.class)].into_iter().collect())
            }
            Some(it) => Err(Mistake::WrongType { function, takes, got: it.ty }),
            None => Err(Mistake::NoColumn(self.of.clone())),
        }
    }

    fn reads<'a>(&'a self, _: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        vec![BTreeSet::from([self.of.as_str()])]
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        let mut total = 0_i64;
        inputs.read(0, &mut |rows| {
            let values = rows.column(0).as_primitive::<Int64Type>();
            let totals = values.iter().map(|it| {
                total = total.wrapping_add(it.unwrap_or(0));
                total
            });
            let totals: ArrayRef = Arc::new(totals.collect::<Int64Array>());
            out(batch(wanted.iter().map(String::as_str), vec![totals], rows.num_rows())?)
        })
    }
}

/// The column `a` once more.
#[derive(Debug)]
pub struct Copy;

impl Operator for Copy {
    fn name(&self) -> &'static str {
        "copy"
    }

    fn revision(&self) -> u32 {
        1
    }

    fn recipe(&self) -> Value {
        Value::Null
    }

    fn rows(&self) -> Rows {
        Rows::Same
    }

    fn schema(&self, beneath: &[Schema]) -> Result<Schema, Mistake> {
        Ok(beneath[0].get("a").map(|it| Column { name: "copy".to_owned(), ..it.clone() }).into_iter().collect())
    }

    fn reads<'a>(&'a self, _: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        vec![BTreeSet::from(["a"])]
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        inputs.read(0, &mut |rows| {
            out(batch(wanted.iter().map(String::as_str), vec![rows.column(0).clone()], rows.num_rows())?)
        })
    }
}

/// The rows from the last to the first: other rows, and each tells which one it was.
#[derive(Debug)]
pub struct Backwards;

const WAS: &str = "was";

impl Operator for Backwards {
    fn name(&self) -> &'static str {
        "backwards"
    }

    fn revision(&self) -> u32 {
        1
    }

    fn recipe(&self) -> Value {
        Value::Null
    }

    fn rows(&self) -> Rows {
        Rows::Other
    }

    fn schema(&self, beneath: &[Schema]) -> Result<Schema, Mistake> {
        Ok(beneath[0].columns.iter().cloned().chain([Column::new(WAS, Type::Integer)]).collect())
    }

    fn reads<'a>(&'a self, wanted: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        vec![["k", "a", "b", "n"].into_iter().filter(|it| wanted.contains(it)).collect()]
    }

    fn origins<'a>(&'a self, made: &str) -> Vec<(usize, &'a str)> {
        if made == WAS { Vec::new() } else { vec![(0, WAS)] }
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        let room = inputs.room();
        let mut kept: Vec<RecordBatch> = Vec::new();
        inputs.read(0, &mut |rows| {
            room.keep(rows.get_array_memory_size())?;
            kept.push(rows.clone());
            Ok(())
        })?;
        let mut before = kept.iter().map(RecordBatch::num_rows).sum::<usize>();
        for rows in kept.iter().rev() {
            room.go_on()?;
            before -= rows.num_rows();
            let columns = wanted.iter().map(|name| match rows.column_by_name(name) {
                Some(it) => reversed(it),
                None => {
                    let was = (before..before + rows.num_rows()).rev().map(|it| it as i64);
                    Arc::new(was.collect::<Int64Array>()) as ArrayRef
                }
            });
            let columns = columns.collect();
            out(batch(wanted.iter().map(String::as_str), columns, rows.num_rows())?)?;
        }
        Ok(())
    }
}

fn reversed(column: &ArrayRef) -> ArrayRef {
    match column.as_string_opt::<i32>() {
        Some(it) => {
            Arc::new((0..it.len()).rev().map(|at| it.is_valid(at).then(|| it.value(at))).collect::<StringArray>())
        }
        None => {
            let it = column.as_primitive::<Int64Type>();
            Arc::new((0..it.len()).rev().map(|at| it.is_valid(at).then(|| it.value(at))).collect::<Int64Array>())
        }
    }
}

/// What goes wrong in an operator.
#[derive(Clone, std::marker::Copy, Debug)]
enum Bad {
    /// It keeps more than there is.
    Greedy,
    /// It gives fewer rows than there are.
    Short,
    /// It gives a text that it calls a number.
    Mistyped,
    /// It ends with words of its own.
    Failing,
    /// It never ends.
    Endless,
}

impl Operator for Bad {
    fn name(&self) -> &'static str {
        "bad"
    }

    fn revision(&self) -> u32 {
        1
    }

    fn recipe(&self) -> Value {
        json!(*self as u8)
    }

    fn rows(&self) -> Rows {
        Rows::Same
    }

    fn schema(&self, _: &[Schema]) -> Result<Schema, Mistake> {
        Ok([Column::new("made", Type::Integer)].into_iter().collect())
    }

    fn reads<'a>(&'a self, _: &BTreeSet<&str>) -> Vec<BTreeSet<&'a str>> {
        vec![BTreeSet::from(["a"])]
    }

    fn run(&self, wanted: &[String], inputs: &mut dyn Inputs, out: Out<'_>) -> Result<(), OperatorError> {
        let room = inputs.room();
        let names = || wanted.iter().map(String::as_str);
        match self {
            Bad::Greedy => (0..1 << 20).try_for_each(|_| room.keep(1 << 20)),
            Bad::Short => inputs.read(0, &mut |_| out(batch(names(), vec![Arc::new(Int64Array::from(vec![1]))], 1)?)),
            Bad::Mistyped => inputs.read(0, &mut |rows| out(batch(names(), rows.columns().to_vec(), rows.num_rows())?)),
            Bad::Failing => Err(OperatorError::Failed("there is nothing to go by".to_owned())),
            Bad::Endless => loop {
                room.go_on()?;
                std::thread::sleep(Duration::from_millis(5));
            },
        }
    }
}

const NAMES: [&str; 4] = ["k", "a", "b", "n"];

fn scan(columns: &[&str]) -> Relation {
    Relation::Scan { input: 0, columns: columns.iter().map(|it| (*it).to_owned()).collect() }
}

fn table(rows: u8) -> Table {
    (0..rows).map(|it| [Some(it % 3), Some(it % 7), None, Some(it)]).collect()
}

fn shown(bench: &Bench, relation: &Relation, rows: &Table) -> Vec<String> {
    let inputs = [bench.store(rows)];
    let rows = texts(&mut *bench.engine.worker().expect("a worker"), relation, &inputs);
    rows.into_iter()
        .map(|it| it.into_iter().map(|it| it.unwrap_or("-".to_owned())).collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn an_operator_stands_wherever_a_relation_does() {
    let bench = Bench::new(None);
    let rows = table(4);
    let running = |from| Apply::relation(Running { of: "n".to_owned() }, vec![from], &["total"]);
    let whole = running(scan(&NAMES));
    assert_eq!(shown(&bench, &whole, &rows), ["a a - 0 0", "b b - 1 1", "c c - 2 3", "a d - 3 6"]);
    // Over another one, over a filter, and under a filter.
    let even =
        |name: &str| Expr::call("in", [Expr::column(name), Expr::integer(0), Expr::integer(2), Expr::integer(3)]);
    let beneath = running(scan(&NAMES).filter(even("n")));
    assert_eq!(shown(&bench, &beneath, &rows), ["a a - 0 0", "c c - 2 2", "a d - 3 5"]);
    let back = Apply::relation(Backwards, vec![running(scan(&["a", "n"]))], &["a", "n", WAS]);
    assert_eq!(shown(&bench, &back, &rows), ["d 3 3", "c 2 2", "b 1 1", "a 0 0"]);
    let again = numbered(running(Apply::relation(Backwards, vec![scan(&NAMES)], &["n"])), "at").filter(even("total"));
    assert_eq!(shown(&bench, &again, &rows), ["3 3 0"]);
    let union = numbered(Relation::Union(vec![running(scan(&["n"])), running(scan(&["n"]))]), "at");
    assert_eq!(shown(&bench, &union, &table(2)), ["0 0 0", "1 1 1", "0 0 2", "1 1 3"]);
    assert_eq!(shown(&bench, &whole, &table(0)), [""; 0]);
    let nothing = Apply::relation(Backwards, vec![scan(&NAMES)], &["a"]).prune(&BTreeSet::new());
    assert_eq!(shown(&bench, &nothing.project(vec![("x".to_owned(), Expr::text("x"))]), &rows), ["x"; 4]);
}

#[test]
fn what_an_operator_reads_is_all_that_its_columns_depend_on() {
    let whole = Apply::relation(Running { of: "n".to_owned() }, vec![scan(&NAMES)], &["total"]);
    let alone = whole.prune(&BTreeSet::from(["total"]));
    assert_eq!(alone.reads().remove(&0), Some(BTreeSet::from(["n"])));
    assert_eq!(whole.carried("a"), Some((0, "a")));
    assert_eq!(whole.carried("total"), None);
    assert_eq!(whole.lineage("total"), BTreeSet::from([(0, "n")]));
    let personal: Schema = NAMES.iter().map(|it| Column::new(*it, Type::Integer).classed(Class::Personal)).collect();
    assert_eq!(whole.schema(&[&personal]).expect("types").get("total").map(|it| it.class), Some(Class::Personal));
    let missing = Apply::relation(Running { of: "m".to_owned() }, vec![scan(&NAMES)], &["total"]);
    assert_eq!(missing.schema(&[&personal]), Err(Mistake::NoColumn("m".to_owned())));
    // Another column, another revision or another name of the operator is another recipe; the order of columns is not.
    let recipe = |of: &str, columns: &[&str]| {
        let relation = Apply::relation(Running { of: of.to_owned() }, vec![scan(columns)], &["total"]);
        relation.prune(&BTreeSet::from(["total", "a"])).recipe()
    };
    assert_eq!(recipe("n", &NAMES), recipe("n", &["n", "b", "k", "a"]));
    assert_ne!(recipe("n", &NAMES), recipe("b", &NAMES));
    // Held, so that a key never changes by accident.
    assert_eq!(
        numbered(scan(&["a"]), "at").recipe().hex(),
        "a4569c39e5ebe8c0eae7180fdecde21259af931399ba6be1c883ba95508163f8"
    );
}

#[test]
fn rows_are_stored_as_they_come() {
    let bench = Bench::new(None);
    let inputs = [bench.store(&table(5))];
    let mut worker = bench.engine.worker().expect("a worker");
    let relation = Apply::relation(Running { of: "n".to_owned() }, vec![scan(&NAMES)], &["total"]);
    let alone = relation.prune(&BTreeSet::from(["total"]));
    let made = worker.relation(&alone, &inputs, &[Type::Integer], &|_| false).expect("made");
    let beside = relation.prune(&BTreeSet::from(["a", "total"]));
    let both = worker.relation(&beside, &inputs, &[Type::Text, Type::Integer], &|_| false).expect("made");
    assert_eq!((made.rows, both.rows), (5, 5));
    assert_eq!(made.digests[0], both.digests[1], "a column is the same with others and without");
    assert_eq!(inputs[0].columns[1].digest, both.digests[0]);
}

#[test]
fn an_operator_that_does_not_do_as_it_says_ends_its_step_alone() {
    let bench = Bench::new(Some(256 << 20));
    let inputs = [bench.store(&table(5))];
    let mut worker = bench.engine.worker().expect("a worker");
    let mut check = |bad: Bad, expected: &str| {
        let relation = Apply::relation(bad, vec![scan(&NAMES)], &["made"]);
        for relation in [relation.clone(), relation.prune(&BTreeSet::from(["made"]))] {
            let types: Vec<Type> = relation
                .columns()
                .iter()
                .map(|it| if matches!(*it, "n" | "made") { Type::Integer } else { Type::Text })
                .collect();
            let error = worker.relation(&relation, &inputs, &types, &|_| false).expect_err("an error");
            assert_eq!(error.to_string(), expected, "{bad:?}");
        }
        // The worker is as it was.
        let sound = numbered(scan(&["a"]), "at");
        assert_eq!(texts(&mut *worker, &sound, &inputs).len(), 5);
    };
    check(Bad::Greedy, &EngineError::Memory.to_string());
    check(Bad::Mistyped, "the operator `bad` failed: it gave other columns than it says");
    check(Bad::Failing, "the operator `bad` failed: there is nothing to go by");
    check(Bad::Short, "the operator `bad` failed: it gave another number of rows than there are");
}

#[test]
fn an_operator_is_stopped_with_the_build() {
    let bench = Bench::new(None);
    let inputs = [bench.store(&table(5))];
    let mut worker = bench.engine.worker().expect("a worker");
    let (told, ended) = channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let relation =
                Apply::relation(Bad::Endless, vec![scan(&NAMES)], &["made"]).prune(&BTreeSet::from(["made"]));
            let result = worker.relation(&relation, &inputs, &[Type::Integer], &|_| false);
            told.send(result.map(|it| it.rows)).expect("heard");
        });
        std::thread::sleep(Duration::from_millis(50));
        bench.engine.interrupt();
        assert_eq!(ended.recv_timeout(Duration::from_secs(20)), Ok(Err(EngineError::Interrupted)));
    });
    // Who comes later is not meant.
    let sound = numbered(scan(&["a"]), "at");
    assert_eq!(texts(&mut *bench.engine.worker().expect("a worker"), &sound, &inputs).len(), 5);
}
