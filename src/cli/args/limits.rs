//! Flags that say what a command may take.

use std::time::Duration;

use clap::Args;

use crate::cli::args::{Size, duration, size};
use crate::run::warden;

/// What a command may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Args)]
pub struct Budget {
    /// The memory limit for the whole command, such as `2GiB`
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub memory: Option<Size>,
    /// The time limit for the whole command, such as `90s`, `5m` or `1h30m`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
}

/// What a command may take that makes steps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Args)]
pub struct Limits {
    /// For all of it.
    #[command(flatten)]
    pub budget: Budget,
    /// The time limit for each step
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub step_timeout: Option<Duration>,
}

impl From<Limits> for warden::Limits {
    fn from(it: Limits) -> warden::Limits {
        warden::Limits { memory: it.budget.memory, whole: it.budget.timeout, step: it.step_timeout }
    }
}

impl From<Budget> for Limits {
    fn from(budget: Budget) -> Limits {
        Limits { budget, step_timeout: None }
    }
}
