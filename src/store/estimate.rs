//! How many rows the engine believes that columns of several files side by side have. It believes none, and then joins
//! them with each other before it joins what is selective. A second part without rows, of which it is told that there are
//! as many, puts that right.

use std::error::Error;

use duckdb::Connection;
use duckdb::core::{DataChunkHandle, LogicalTypeHandle, LogicalTypeId};
use duckdb::vtab::{BindInfo, InitInfo, TableFunctionInfo, VTab};

/// The table function.
const NAME: &str = "as_many_rows";

/// Lets statements of an instance tell how many rows something has.
pub(super) fn register(connection: &Connection) -> duckdb::Result<()> {
    connection.register_table_function::<AsManyRows>(NAME)
}

/// The same select, of which the engine knows that it gives `rows` rows of `width` columns.
pub(super) fn told(select: &str, rows: u64, width: usize) -> String {
    match select.contains(" POSITIONAL JOIN ") {
        true => format!("{select} UNION ALL SELECT {} FROM {NAME}({rows})", vec!["NULL"; width].join(", ")),
        false => select.to_owned(),
    }
}

/// `as_many_rows(n)`: no rows, of which the engine believes that they are so many.
struct AsManyRows;

impl VTab for AsManyRows {
    type InitData = ();
    type BindData = ();

    fn bind(bind: &BindInfo) -> Result<(), Box<dyn Error>> {
        bind.add_result_column("nothing", LogicalTypeHandle::from(LogicalTypeId::Boolean));
        bind.set_cardinality(bind.get_parameter(0).to_string().parse()?, false);
        Ok(())
    }

    fn init(_: &InitInfo) -> Result<(), Box<dyn Error>> {
        Ok(())
    }

    fn func(_: &TableFunctionInfo<AsManyRows>, output: &mut DataChunkHandle) -> Result<(), Box<dyn Error>> {
        output.set_len(0);
        Ok(())
    }

    fn parameters() -> Option<Vec<LogicalTypeHandle>> {
        Some(vec![LogicalTypeHandle::from(LogicalTypeId::Bigint)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_several_files_have_as_many_rows_as_they_have() {
        let folder = tempfile::tempdir().expect("a folder");
        let connection = Connection::open_in_memory().expect("an engine");
        register(&connection).expect("known");
        let file = |name: &str| folder.path().join(name).display().to_string();
        let (one, other) = (file("a.parquet"), file("b.parquet"));
        let text = format!(
            "COPY (SELECT range AS a FROM range(3000)) TO '{one}'; COPY (SELECT [range] AS b FROM range(3000)) TO '{other}'"
        );
        connection.execute_batch(&text).expect("written");
        let beside = format!("SELECT s0.a, s1.b FROM '{one}' AS s0 POSITIONAL JOIN '{other}' AS s1");
        let rows = |select: &str| {
            let (text, mut rows) = (format!("SELECT count(*), max(b)::varchar, max(a) FROM ({select})"), Vec::new());
            let mut prepared = connection.prepare(&text).expect("a statement");
            let mut found = prepared.query([]).expect("runs");
            while let Some(row) = found.next().expect("a row") {
                rows.push((row.get::<_, i64>(0), row.get::<_, String>(1), row.get::<_, i64>(2)));
            }
            rows
        };
        let believed = |select: &str| {
            let text = format!("EXPLAIN (FORMAT json) SELECT x.b FROM ({select}) AS x JOIN ({select}) AS y USING (a)");
            let plan: String = connection.query_row(&text, [], |it| it.get(1)).expect("planned");
            plan.contains(r#""Estimated Cardinality": "3000""#)
        };
        let sized = told(&beside, 3_000, 2);
        assert!(believed(&sized) && !believed(&beside), "the engine knows it by itself");
        assert_eq!(rows(&sized), [(Ok(3_000), Ok("[2999]".to_owned()), Ok(2_999))]);
        assert_eq!(rows(&beside), rows(&sized));
        assert_eq!(told("SELECT 1", 3_000, 1), "SELECT 1");
    }
}
