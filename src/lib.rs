//! hotpass turns messy spreadsheets into governed data, the way a build system turns sources into binaries.
//!
//! The library behind the two binaries. `docs/explanation/code.md` tells what stands where and why;
//! `tests/it/tidy.rs` holds modules to their floors.
//!
//! A command is parsed in `cli` and asks a question of `answers`, which opens a `workspace` and gives data. Programs read
//! what serde makes of it, people read a view of it out of `views`, which is laid out with `show`.

pub mod answers;
pub mod bug;
pub mod cli;
pub mod contracts;
#[expect(missing_docs, reason = "salsa's macros make items of their own")]
pub mod db;
pub mod digest;
pub mod docs;
pub mod draw;
pub mod drift;
pub mod escape;
pub mod expectations;
pub mod expr;
pub mod fields;
pub mod finding;
pub mod fixture;
pub mod graph;
pub mod history;
pub mod index;
pub mod linkage;
pub mod lock;
pub mod memory;
pub mod model;
pub mod numbers;
pub mod pipeline;
pub mod plan;
pub mod problem;
pub mod profile;
pub mod publish;
pub mod query;
pub mod readers;
pub mod relation;
pub mod report;
pub mod run;
pub mod schema;
pub mod scratch;
pub mod show;
pub mod span;
pub mod steps;
pub mod store;
pub mod summary;
pub mod system;
pub mod terminal;
pub mod text;
pub mod threads;
pub mod views;
pub mod watch;
pub mod workspace;
