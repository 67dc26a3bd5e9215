//! What hotpass does with tables: the floors from the ground up to `run`. It knows nothing of commands, of what they
//! answer, or of how that looks: these rooms are the package above (`lib.rs`), which gives out all that stands here.

pub mod bug;
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
pub mod run;
pub mod scratch;
pub mod span;
pub mod steps;
pub mod store;
pub mod summary;
pub mod system;
pub mod text;
pub mod threads;
