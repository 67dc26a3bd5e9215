//! The engine: the same program with DuckDB at hand. `hotpass` starts it when there is work.

use std::process::ExitCode;

fn main() -> ExitCode {
    hotpass::cli::main(Some(&hotpass::store::engine::DuckDb))
}
