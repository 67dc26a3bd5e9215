//! Threads that may not be had: who asks for one gets an error where the system has none left, and never a panic.

use std::io;
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

use crate::bug;

/// Starts a thread that ends before the scope does, and does a part of what this thread is doing.
pub fn scoped<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    act: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    given()?;
    let doing = bug::done_here();
    Builder::new().spawn_scoped(scope, move || bug::goes_on(doing, act))
}

/// Starts a thread.
pub fn free<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    given()?;
    Builder::new().spawn(act)
}

/// The same error, in words.
pub fn none_left(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("no thread is left: {error}"))
}

/// How many threads work at the same time at most, for their statements and their stacks take room.
pub const MOST: usize = 256;

/// How many processors there are for this process.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Fails when a test asks for it: `HOTPASS_TEST_THREADS` is `none`. Not part of a release.
fn given() -> io::Result<()> {
    match cfg!(debug_assertions) && std::env::var_os("HOTPASS_TEST_THREADS").is_some_and(|it| it == "none") {
        true => Err(io::Error::other("a test has none left")),
        false => Ok(()),
    }
}
