//! Whole builds through the library, in one binary: DuckDB is linked once. What a pure function does is tested beside
//! it in `src/`.

mod adopt;
mod book;
mod case;
mod changed;
mod child;
mod ci;
mod cli;
mod defects;
mod determinism;
mod diff;
mod docs;
mod drift;
mod explain;
mod fixes;
mod incremental;
mod init;
mod lock;
mod look;
mod problems;
mod profile;
mod program;
mod provenance;
mod random;
mod revision;
mod sample;
mod schema;
mod selectors;
mod spec;
mod store;
mod tidy;
mod trace;
mod trials;
mod typed;
mod verify;
mod watch;
