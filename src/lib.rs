//! hotpass turns messy spreadsheets into governed data, the way a build system turns sources into binaries.
//!
//! The library behind the two binaries, in two packages: `hotpass-core` (`core.rs`) does the work on tables and is
//! optimised; this one asks for it and shows it, and is compiled quickly. `docs/explanation/code.md` tells what stands
//! where and why; `tests/it/tidy.rs` holds modules to their floors.
//!
//! A command is parsed in `cli` and asks a question of `answers`, which opens a `workspace` and gives data. Programs read
//! what serde makes of it, people read a view of it out of `views`, which is laid out with `show`.

pub use hotpass_core::*;

pub mod answers;
pub mod cli;
pub mod report;
pub mod schema;
pub mod show;
pub mod terminal;
pub mod views;
pub mod watch;
pub mod workspace;
