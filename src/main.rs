//! The thin front: everything but the engine, which it starts when there is work for it. It is also the child that
//! reads workbooks.

use std::process::ExitCode;

fn main() -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|it| it == hotpass::readers::CHILD_ARGUMENT) {
        return hotpass::readers::child();
    }
    hotpass::scratch::outlive_file_limit();
    hotpass::cli::main(None)
}
