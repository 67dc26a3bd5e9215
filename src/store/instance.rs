//! An instance of the engine that is opened by hand, because the crate keeps to itself what lets names be looked up
//! elsewhere.

use std::ffi::{CStr, CString};
use std::ptr;

use duckdb::{Connection, ffi};

use crate::scratch::Scratch;
use crate::store::backend::EngineError;
use crate::store::messages::failed;

/// An open instance in memory. What is declared first goes first.
pub(super) struct Instance {
    pub(super) connection: Connection,
    database: Database,
    /// The folder that it spills into.
    _spill: Scratch,
}

/// Closed when it goes.
struct Database(ffi::duckdb_database);

#[expect(unsafe_code, reason = "a raw pointer says nothing about threads")]
// SAFETY: the engine counts who has a database in use; here it is only closed, once.
unsafe impl Send for Database {}

/// Gone when it goes.
struct Settings(ffi::duckdb_config);

impl Instance {
    /// Opens one with these settings.
    pub(super) fn open(settings: &[(&str, String)], spill: Scratch) -> Result<Instance, EngineError> {
        let settings = Settings::of(settings)?;
        let mut database = Database(ptr::null_mut());
        let mut reason = ptr::null_mut();
        #[expect(unsafe_code, reason = "DuckDB is opened through its interface in C")]
        // SAFETY: the name ends in a zero, the settings were made by the engine, and the pointers lead to places of ours.
        let state = unsafe { ffi::duckdb_open_ext(c":memory:".as_ptr(), &mut database.0, settings.0, &mut reason) };
        if state != ffi::DuckDBSuccess {
            return Err(EngineError::Engine(said(reason)));
        }
        #[expect(unsafe_code, reason = "DuckDB is opened through its interface in C")]
        // SAFETY: the database is open, and stays so for as long as the connection.
        let connection = unsafe { Connection::open_from_raw(database.0) }.map_err(failed)?;
        Ok(Instance { connection, database, _spill: spill })
    }

    /// The database, good for as long as the instance.
    pub(super) fn database(&self) -> ffi::duckdb_database {
        self.database.0
    }
}

/// What the engine says, which is freed.
fn said(reason: *mut std::ffi::c_char) -> String {
    if reason.is_null() {
        return "the engine does not open".to_owned();
    }
    #[expect(unsafe_code, reason = "DuckDB gives its reasons as raw texts")]
    // SAFETY: the text ends in a zero, and is the caller's to free.
    unsafe {
        let text = CStr::from_ptr(reason).to_string_lossy().into_owned();
        ffi::duckdb_free(reason.cast());
        text
    }
}

impl Settings {
    fn of(all: &[(&str, String)]) -> Result<Settings, EngineError> {
        let mut settings = Settings(ptr::null_mut());
        let refused = |name: &str| EngineError::Engine(format!("the engine does not take the setting `{name}`"));
        #[expect(unsafe_code, reason = "DuckDB is set up through its interface in C")]
        // SAFETY: the pointer leads to a place of ours.
        let state = unsafe { ffi::duckdb_create_config(&mut settings.0) };
        if state != ffi::DuckDBSuccess {
            return Err(refused("none"));
        }
        for (name, value) in all {
            let texts = CString::new(*name).and_then(|name| Ok((name, CString::new(value.as_str())?)));
            let (key, value) = texts.map_err(|_| refused(name))?;
            #[expect(unsafe_code, reason = "DuckDB is set up through its interface in C")]
            // SAFETY: the settings were made by the engine, and both texts end in a zero.
            let state = unsafe { ffi::duckdb_set_config(settings.0, key.as_ptr(), value.as_ptr()) };
            if state != ffi::DuckDBSuccess {
                return Err(refused(name));
            }
        }
        Ok(settings)
    }
}

impl Drop for Settings {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "DuckDB is set up through its interface in C")]
        // SAFETY: the engine made them, or there are none, which it takes as well.
        unsafe {
            ffi::duckdb_destroy_config(&mut self.0);
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        #[expect(unsafe_code, reason = "DuckDB is closed through its interface in C")]
        // SAFETY: the engine opened it, or there is none, which it takes as well.
        unsafe {
            ffi::duckdb_close(&mut self.0);
        }
    }
}
