//! Planning within limits. Where a query is bound the engine does not ask whether to stop, and nothing was written yet:
//! what passes a limit ends the process.

use std::io;
use std::path::Path;
use std::time::Instant;

use crate::cli::exit::Exit;
use crate::cli::interrupt;
use crate::cli::output::Output;
use crate::run::warden::{Limits, Passed, Warden};
use crate::store::backend::Cancel;

/// Plans something that may take so much, by the clock since `begun`. What passes a limit is told, and ends the process.
///
/// # Errors
///
/// When there are limits and no thread is left to look after them: nothing was planned then.
pub(super) fn within<T>(limits: Limits, begun: Instant, out: &Output, plan: impl FnOnce() -> T) -> io::Result<T> {
    let warden = Warden::new(Limits { step: None, ..limits }, begun).at_once();
    let overdue = |passed: Passed| {
        out.problems(&[passed.refused("the workspace", "planned")], &|_: &Path| None);
        interrupt::end(Exit::Refused)
    };
    warden.over(&overdue, || {
        let _planning = warden.begin(&Cancel::default());
        plan()
    })
}
