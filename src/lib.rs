//! hotpass turns messy spreadsheets into governed data, the way a build system turns sources into binaries.
//!
//! The library behind the two binaries. `docs/explanation/architecture.md` tells what stands where and why;
//! `tests/it/tidy.rs` holds modules to their floors.

pub mod border;
pub mod digest;
pub mod problem;
pub mod span;
