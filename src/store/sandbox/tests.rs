//! What a query gives over tables that are lent, copied and made, and what it may read.

use std::collections::HashSet;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, StringArray};
use tempfile::TempDir;

use super::*;
use crate::model::Column;
use crate::store::Paths;
use crate::store::backend::StoredColumn;
use crate::store::intake::Intake;

/// A store with two tables in it, and instances beside it.
struct Room {
    _folder: TempDir,
    shelf: Shelf,
    sandboxes: Sandboxes,
    running: Arc<Handles>,
}

/// How a query has its tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum How {
    Lent,
    Copied,
    Made,
}

impl Room {
    fn new() -> Room {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::new(folder.path(), None);
        paths.create().expect("ours");
        let setup = EngineConfig { paths: paths.clone(), threads: 1, memory: None, spill: None, waits: None };
        let shelf = Shelf::new(paths, None);
        Room { _folder: folder, shelf, sandboxes: Sandboxes::new(setup), running: Arc::default() }
    }

    /// `k`, `v` and `x` of so many rows; each key stands in several rows.
    fn table(&self, rows: i64, step: i64) -> Stored {
        let keys = (0..rows).map(|it| (it % 11 > 0).then(|| format!("key {}", it * step % (rows / 2 + 1))));
        let columns: Vec<ArrayRef> = vec![
            Arc::new(keys.collect::<StringArray>()),
            Arc::new((0..rows).map(|it| (it % 7 > 0).then_some(it * step % 23)).collect::<Int64Array>()),
            Arc::new((0..rows).map(|it| Some(1.0 / (it + step) as f64)).collect::<Float64Array>()),
        ];
        let types = [Type::Text, Type::Integer, Type::Float];
        let fields = columns.iter().map(|it| Field::new("x", it.data_type().clone(), true));
        let schema = Arc::new(arrow_schema::Schema::new(fields.collect::<Vec<_>>()));
        let mut intake = Intake::new(&self.shelf, &types);
        intake.push(&RecordBatch::try_new(schema, columns).expect("as declared")).expect("taken in");
        let made = intake.finish(&|_| false).expect("written");
        let segment = made.segment.expect("new");
        let column = |(at, name): (usize, &str)| StoredColumn {
            column: Column::new(name, types[at]),
            digest: made.digests[at],
            place: (self.shelf.paths().segment(&segment.id), at as u32),
        };
        let columns = ["k", "v", "x"].into_iter().enumerate().map(column).collect();
        Stored { rows: rows as u64, columns }
    }

    /// What a query gives over tables that are lent, or made.
    fn asked(&self, text: &str, how: How, tables: &[(&str, Stored)]) -> Result<Option<RecordBatch>, EngineError> {
        let query = Query { text: text.to_owned(), lendable: how == How::Lent, ..Query::default() };
        let mut sandbox = self.sandboxes.take(&self.running)?;
        let schemas: Vec<Schema> = tables.iter().map(|(_, it)| it.schema()).collect();
        let inputs: Vec<_> = tables.iter().zip(&schemas).map(|((name, _), it)| (*name, it)).collect();
        let schema = sandbox.bind(&query, &inputs)?;
        self.sandboxes.give_back(sandbox);
        let mut sandbox = self.sandboxes.take(&self.running)?;
        for (name, stored) in tables {
            let given = match how {
                How::Lent => sandbox.lend(&self.shelf, &query, name, stored)?,
                How::Copied => sandbox.copy(&self.shelf, name, stored)?,
                How::Made => false,
            };
            if !given {
                sandbox.declare(name, &stored.schema())?;
                let names: Vec<&str> = stored.columns.iter().map(|it| it.column.name.as_str()).collect();
                let rows = self.shelf.rows(stored, &names)?.expect("short");
                sandbox.fill(name, &mut |sink| sink(rows.clone()))?;
            }
        }
        let mut rows = Vec::new();
        sandbox.run(&query, &schema, &mut |batch| {
            rows.push(batch);
            Ok(())
        })?;
        self.sandboxes.give_back(sandbox);
        let schema = rows.first().map(RecordBatch::schema);
        Ok(schema.map(|it| arrow_select::concat::concat_batches(&it, &rows).expect("of one kind")))
    }
}

/// Queries that leave the order of their rows open, of kinds that tables are lent to.
const OPEN: [&str; 12] = [
    "select * from a",
    "select k, sum(x), count(*) from a group by k",
    "select v, sum(x), max(k) from a where v > 3 and length(k) > 4 group by v having count(*) > 1",
    "select sum(x), avg(x), stddev(x), count(v) from a where v between 2 and 9 or k like '%7'",
    "select distinct k from a union select k from b",
    "select k, max(v) as v from (select k, v from a union all select k, v from b) group by k order by k",
    "select k, v, row_number() over (partition by v order by x) as r from a where v is not null",
    "select k, sum(x) over (partition by v) as s from a where k <> 'key 3' order by v",
    "select count(*) from a where false",
    "select A.K, a as row from a where x < 0.01",
    "with q as (select v, avg(x) as x from a where k in ('key 1', 'key 2') group by v) from q select x, v",
    "select v, list(k) as l, first(x) as f from (select * from a where v <> 4 union all from b) group by v",
];

/// Queries with joins, to which no tables are lent.
const JOINS: [&str; 5] = [
    "select a.k, b.x from a join b on a.k = b.k",
    "select a.k, a.v, b.x from a left join b using (k) where b.v > 3 and length(a.k) > 4",
    "select a.k, b.v from a full join b using (k)",
    "select k, v from a where k in (select k from b where v < 9) order by v limit 20",
    "with q as (select v, avg(x) as x from a group by v) select q.x, b.k from q join b using (v)",
];

/// The rows of a batch as texts, in the order of the texts: of what is lent, the engine may give the groups of a table in
/// another order.
fn rows(batch: Option<&RecordBatch>) -> Vec<String> {
    let columns = batch.map_or(&[][..], |it| it.columns());
    let shown = |it: &ArrayRef| arrow_cast::cast(it, &arrow_schema::DataType::Utf8).expect("all have a text");
    let shown: Vec<ArrayRef> = columns.iter().map(shown).collect();
    let row = |at: usize| {
        let cells = shown.iter().map(|it| it.as_string::<i32>());
        cells.map(|it| it.is_valid(at).then(|| it.value(at))).map(|it| format!("{it:?} ")).collect()
    };
    let mut all: Vec<String> = (0..batch.map_or(0, RecordBatch::num_rows)).map(row).collect();
    all.sort_unstable();
    all
}

#[test]
fn what_is_lent_gives_what_tables_give() {
    let room = Room::new();
    for (one, two) in [(9, 4), (40, 3_000), (5_000, 700), (20_000, 20_000)] {
        let tables = [("a", room.table(one, 3)), ("b", room.table(two, 5))];
        let check = |text: &str, how: How| {
            let made = room.asked(text, How::Made, &tables).expect(text);
            let given = room.asked(text, how, &tables).expect(text);
            assert!(given == made, "{text} of {one} and {two} rows, {how:?}");
        };
        for text in OPEN {
            let [made, given] =
                [How::Made, How::Lent].map(|how| rows(room.asked(text, how, &tables).expect(text).as_ref()));
            assert!(given == made, "{text} of {one} and {two} rows, lent");
        }
        OPEN.iter().chain(&JOINS).for_each(|it| check(it, How::Copied));
    }
}

#[test]
fn what_is_no_text_becomes_one() {
    let room = Room::new();
    let text = "select 'a' as t, [v, 1] as l, {'k': k} as s, null as n, cast('[1]' as json) as j, \
        cast('00000000-0000-0000-0000-00000000000a' as uuid) as u, time '01:02:03' as h, v as v from a where v = 3";
    let batch = room.asked(text, How::Lent, &[("a", room.table(9, 3))]).expect(text).expect("a row");
    let value = |at: usize| batch.column(at).as_any().downcast_ref::<StringArray>().expect("texts").value(0).to_owned();
    let texts: Vec<String> = [0, 1, 2, 4, 5, 6].into_iter().map(value).collect();
    let uuid = "00000000-0000-0000-0000-00000000000a";
    assert_eq!(texts, ["a", "[3,1]", "{\"k\":\"key 3\"}", "[1]", uuid, "01:02:03"]);
    assert!(batch.column(3).is_null(0));
}

#[test]
fn a_query_reads_only_what_it_is_lent() {
    let room = Room::new();
    let (a, b) = (room.table(9, 3), room.table(9, 5));
    room.asked("select k from b", How::Lent, &[("b", b)]).expect("lent");
    let inputs = [("a", a)];
    for text in ["select k from b", "select * from lent_table('a')", "select * from short_table('9')"] {
        assert!(matches!(room.asked(text, How::Lent, &inputs), Err(EngineError::Problem(_))), "{text}");
    }
    // Nothing that the query could call stands behind the guard either.
    let mut sandbox = room.sandboxes.take(&room.running).expect("an instance");
    let lent =
        |it: &mut Sandbox| it.lend(&room.shelf, &Query { lendable: true, ..Query::default() }, "a", &inputs[0].1);
    assert_eq!(lent(&mut sandbox), Ok(true));
    let schema = Schema { columns: vec![Column::new("n", Type::Integer)].into() };
    let mut run = |text: &str| {
        let query = Query { text: text.to_owned(), ..Query::default() };
        sandbox.run(&query, &schema, &mut |_| Ok(())).is_ok()
    };
    assert!(run("select count(*) from lent_table('a')"));
    assert!(!run("select count(*) from lent_table('b')"));
    assert!(!run("select count(*) from short_table('9')"));
    assert!(!run("select count(*) from b"));
    assert!(!run("select count(*) from main.b"));
    assert!(!run("select count(*) from read_text('/etc/hostname')"));
}

#[test]
fn names_of_the_engine_are_not_lent() {
    let room = Room::new();
    let sandbox = room.sandboxes.take(&room.running).expect("an instance");
    let connection = &sandbox.instance.connection;
    let mut prepared = connection.prepare("SELECT view_name FROM duckdb_views()").expect("a statement");
    let names = prepared.query_map([], |row| row.get::<_, String>(0)).expect("rows");
    let names: HashSet<String> = names.map(|it| it.expect("a row")).collect();
    assert!(names.contains("duckdb_tables"));
    let schema = Schema { columns: vec![Column::new("k", Type::Text)].into() };
    for name in names {
        let found = connection.prepare(&format!("SELECT * FROM {}", identifier(&name))).is_ok();
        assert_eq!(Lent::takes(&name, &schema), !found, "{name}");
    }
    assert!(!Lent::takes("crm.k", &schema) && !Lent::takes("k", &Schema::default()));
}

#[test]
fn the_engine_knows_how_long_the_tables_are_that_it_joins() {
    let room = Room::new();
    let query = |text: &str| Query { text: text.to_owned(), ..Query::default() };
    let counted = |sandbox: &mut Sandbox| {
        let schema = Schema { columns: vec![Column::new("t", Type::Text), Column::new("n", Type::Integer)].into() };
        let mut all = Vec::new();
        let asked = query("select table_name, estimated_size from duckdb_tables() order by 1");
        sandbox.run(&asked, &schema, &mut |it| {
            all.extend(rows(Some(&it)));
            Ok(())
        })?;
        Ok::<_, EngineError>(all)
    };
    let tables = [("a", room.table(9_000, 3)), ("crm.b", room.table(700, 5))];
    let mut sandbox = room.sandboxes.take(&room.running).expect("an instance");
    for (name, stored) in &tables {
        let names: Vec<&str> = stored.columns.iter().map(|it| it.column.name.as_str()).collect();
        let whole = room.shelf.rows(stored, &names).expect("readable").expect("short");
        sandbox.declare(name, &stored.schema()).expect("new");
        let rest = whole.num_rows() - 601;
        let parts = [(0, 600), (600, 1), (601, rest)].map(|(from, rows)| whole.slice(from, rows));
        sandbox.fill(name, &mut |sink| parts.iter().try_for_each(|it| sink(it.clone()))).expect("filled");
    }
    let known = counted(&mut sandbox).expect("readable");
    assert_eq!(known, [r#"Some("a") Some("9000") "#, r#"Some("b") Some("700") "#]);
    room.sandboxes.give_back(sandbox);
    // Nothing is left for the next one, which is this one again.
    let mut sandbox = room.sandboxes.take(&room.running).expect("the same");
    assert_eq!(counted(&mut sandbox).expect("readable"), Vec::<String>::new());
}

#[test]
fn the_engine_knows_how_many_rows_columns_of_several_files_have() {
    let room = Room::new();
    let (one, other) = (room.table(3_000, 3), room.table(3_000, 5));
    let columns = vec![one.columns[0].clone(), other.columns[1].clone(), other.columns[2].clone()];
    let wide = Stored { rows: 3_000, columns };
    let connection = Connection::open_in_memory().expect("an engine");
    let lent = Lent::default();
    lent.register(&connection).expect("known");
    let columns: Vec<_> = ["k", "v", "x"].map(|it| (it, it.to_owned())).into();
    let [beside, alone] = [&wide, &one].map(|it| select(it, &columns, false));
    let sized = lent.sized(&beside, "wide", &wide).expect("new");
    assert_eq!(lent.sized(&alone, "one", &one).expect("new"), alone);
    let believed = |select: &str| {
        let text = format!("EXPLAIN (FORMAT json) SELECT a.x FROM ({select}) AS a JOIN ({select}) AS b USING (k)");
        let plan: String = connection.query_row(&text, [], |it| it.get(1)).expect("planned");
        plan.contains(r#""Estimated Cardinality": "3000""#)
    };
    assert!(believed(&sized) && believed(&alone));
    assert!(!believed(&beside), "the engine knows it by itself");
    let rows = |select: &str| {
        let text = format!("SELECT count(*), sum(v)::bigint, max(k) FROM ({select})");
        let one = |it: &duckdb::Row<'_>| Ok((it.get::<_, i64>(0)?, it.get::<_, i64>(1)?, it.get::<_, String>(2)?));
        connection.query_row(&text, [], one).expect("runs")
    };
    assert_eq!(rows(&sized), rows(&beside));
}
