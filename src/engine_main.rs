//! The engine: what the front starts when there is work for DuckDB.

fn main() {}
