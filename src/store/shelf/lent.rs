//! Short tables that are lent to a sandbox: a query reads them by their names, row for row, without a table that the
//! engine would have to make, to fill and to drop.
//!
//! A name that the engine does not know is looked up here and becomes a call of a table function, which gives what was
//! lent under this name and nothing else. So a query that calls the function itself reads no more than its inputs.

use std::collections::HashMap;
use std::error::Error;
use std::ffi::{CStr, c_char, c_void};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::new_empty_array;
use duckdb::core::{DataChunkHandle, LogicalTypeHandle, LogicalTypeId};
use duckdb::vtab::arrow::to_duckdb_logical_type;
use duckdb::vtab::{BindInfo, InitInfo, TableFunctionInfo, VTab};
use duckdb::{Connection, ffi};

use crate::model::Schema;
use crate::publish::arrow_type;
use crate::relation::sql::quote;
use crate::store::backend::{EngineError, Stored};
use crate::store::shelf::cells::Cells;
use crate::store::shelf::{Asked, Given, Shelf};

/// The table function.
const NAME: &CStr = c"lent_table";

/// Beginnings of names that the engine has for its own lists. It would take these first.
const THEIRS: [&str; 4] = ["duckdb_", "pg_", "pragma_", "sqlite_"];

/// What is lent to one instance, by name in lower case.
#[derive(Clone, Default)]
pub(in crate::store) struct Lent(Arc<Mutex<HashMap<String, Arc<Table>>>>);

/// A table with the names of its columns.
struct Table {
    names: Vec<String>,
    columns: Vec<Cells>,
    rows: u64,
    /// How many the engine is told that there are.
    told: u64,
}

impl Lent {
    /// Whether a table of this name and these columns can be lent.
    pub(in crate::store) fn takes(name: &str, schema: &Schema) -> bool {
        let folded = name.to_ascii_lowercase();
        !schema.columns.is_empty() && !name.contains('.') && !THEIRS.iter().any(|it| folded.starts_with(it))
    }

    /// A call that gives what is lent under this name.
    pub(in crate::store) fn call(name: &str) -> String {
        format!("{}({})", NAME.to_string_lossy(), quote(name))
    }

    /// Lends a stored table, if it is short.
    pub(in crate::store) fn lend(&self, shelf: &Shelf, name: &str, stored: &Stored) -> Result<bool, EngineError> {
        let names: Vec<String> = stored.columns.iter().map(|it| it.column.name.clone()).collect();
        let asked: Vec<&str> = names.iter().map(String::as_str).collect();
        let Some(columns) = shelf.cells(stored, &asked)? else { return Ok(false) };
        self.keep(name, Table { names, columns, rows: stored.rows, told: stored.rows }).map(|()| true)
    }

    /// The same select, of which the engine knows how many rows it has. Of columns of several files side by side it
    /// believes that there are none, and then joins such tables with each other before it joins what is selective. A
    /// second part without rows, of which it is told that it has as many, puts that right.
    pub(in crate::store) fn sized(&self, select: &str, name: &str, stored: &Stored) -> Result<String, EngineError> {
        if !select.contains(" POSITIONAL JOIN ") {
            return Ok(select.to_owned());
        }
        self.lend_none(name, &stored.schema(), stored.rows)?;
        Ok(format!("{select} UNION ALL SELECT * FROM {}", Lent::call(name)))
    }

    /// Lends a table without rows.
    pub(in crate::store) fn lend_empty(&self, name: &str, schema: &Schema) -> Result<(), EngineError> {
        self.lend_none(name, schema, 0)
    }

    /// The same, of which the engine is told that it has rows.
    fn lend_none(&self, name: &str, schema: &Schema, told: u64) -> Result<(), EngineError> {
        let names = schema.columns.iter().map(|it| it.name.clone()).collect();
        let columns = schema.columns.iter().map(|it| Cells::of(new_empty_array(&arrow_type(it.ty))));
        let columns = columns.collect::<Result<_, _>>().map_err(|it| EngineError::Engine(it.to_string()))?;
        self.keep(name, Table { names, columns, rows: 0, told })
    }

    fn keep(&self, name: &str, table: Table) -> Result<(), EngineError> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match all.insert(name.to_ascii_lowercase(), Arc::new(table)) {
            None => Ok(()),
            Some(_) => Err(EngineError::Engine("two tables have one name".to_owned())),
        }
    }

    fn get(&self, name: &str) -> Option<Arc<Table>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&name.to_ascii_lowercase()).cloned()
    }

    /// Takes back all that was lent.
    pub(in crate::store) fn take_back(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Lets queries of an instance read what is lent.
    pub(in crate::store) fn register(&self, connection: &Connection) -> duckdb::Result<()> {
        connection.register_table_function_with_extra_info::<LentTable, Lent>(&NAME.to_string_lossy(), self)
    }

    /// Lets an instance look names up here that it does not know.
    #[expect(unsafe_code, reason = "DuckDB takes what it calls back as raw pointers")]
    pub(in crate::store) fn answer(&self, database: ffi::duckdb_database) {
        let kept = Box::into_raw(Box::new(self.clone())).cast::<c_void>();
        // SAFETY: the database is open. It keeps the pointer as long as it calls back, and gives it to `forgotten` once.
        unsafe { ffi::duckdb_add_replacement_scan(database, Some(looked_up), kept, Some(forgotten)) }
    }
}

/// Makes a call of the table function of a name, if a table was lent under it.
#[expect(unsafe_code, reason = "DuckDB calls back with raw pointers")]
unsafe extern "C" fn looked_up(info: ffi::duckdb_replacement_scan_info, name: *const c_char, kept: *mut c_void) {
    // SAFETY: DuckDB gives a text that ends in a zero, and the pointer that was given with this function.
    let (name, lent) = unsafe { (CStr::from_ptr(name), kept.cast::<Lent>().as_ref()) };
    let known = lent.zip(name.to_str().ok()).is_some_and(|(lent, name)| lent.get(name).is_some());
    if known {
        // SAFETY: both texts end in a zero, and DuckDB copies what it is given.
        unsafe {
            ffi::duckdb_replacement_scan_set_function_name(info, NAME.as_ptr());
            let mut value = ffi::duckdb_create_varchar(name.as_ptr());
            ffi::duckdb_replacement_scan_add_parameter(info, value);
            ffi::duckdb_destroy_value(&mut value);
        }
    }
}

/// Frees what was kept for [`looked_up`].
#[expect(unsafe_code, reason = "DuckDB gives back what it was given as a raw pointer")]
unsafe extern "C" fn forgotten(kept: *mut c_void) {
    // SAFETY: it was made of such a box, and DuckDB gives it back once.
    drop(unsafe { Box::from_raw(kept.cast::<Lent>()) });
}

/// `lent_table('name')`: the columns of the table that is lent under this name.
struct LentTable;

impl VTab for LentTable {
    type InitData = Asked;
    type BindData = Given;

    fn bind(bind: &BindInfo) -> Result<Given, Box<dyn Error>> {
        let lent = bind.get_extra_info::<Lent>();
        #[expect(unsafe_code, reason = "DuckDB gives what was registered as a raw pointer")]
        // SAFETY: a `Lent` was registered with this function, and stays as long as the function.
        let lent = unsafe { lent.as_ref() }.ok_or("nothing is lent")?;
        let table = lent.get(&bind.get_parameter(0).to_string()).ok_or("no table of this name is lent")?;
        for (name, column) in table.names.iter().zip(&table.columns) {
            bind.add_result_column(name, to_duckdb_logical_type(column.array().data_type())?);
        }
        bind.set_cardinality(table.told, true);
        Ok(Given { columns: table.columns.clone(), rows: usize::try_from(table.rows)? })
    }

    fn init(init: &InitInfo) -> Result<Asked, Box<dyn Error>> {
        Asked::of(init)
    }

    fn func(info: &TableFunctionInfo<LentTable>, output: &mut DataChunkHandle) -> Result<(), Box<dyn Error>> {
        info.get_bind_data().give(info.get_init_data(), output)
    }

    fn supports_pushdown() -> bool {
        true
    }

    fn parameters() -> Option<Vec<LogicalTypeHandle>> {
        Some(vec![LogicalTypeHandle::from(LogicalTypeId::Varchar)])
    }
}
