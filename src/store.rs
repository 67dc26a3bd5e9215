//! The store: what DuckDB does for hotpass, and what is kept of it.

pub mod digests;
pub mod functions;
