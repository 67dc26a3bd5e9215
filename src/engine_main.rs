//! The engine: the same program with DuckDB at hand. `hotpass` starts it when there is work.

use std::process::ExitCode;

/// What the engine makes plans of are small pieces, asked for and given back by the million. `malloc` of the library is
/// this one too, as `override` says, so that DuckDB has it as we do.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    hotpass::scratch::outlive_file_limit();
    hotpass::cli::main(Some(&hotpass::store::engine::DuckDb))
}
