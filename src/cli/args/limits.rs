//! Flags of those that build: what a build may take.

use std::time::Duration;

use clap::Args;

use crate::cli::args::{Size, Verb, duration, size};
use crate::run::warden;

/// What a build may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Args)]
pub struct Limits {
    /// How much memory all of it may take, such as `2GiB`
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub memory: Option<Size>,
    /// How long all of it may take, such as `90s`, `5m` or `1h30m`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// How long each step may take
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub step_timeout: Option<Duration>,
}

impl From<Limits> for warden::Limits {
    fn from(it: Limits) -> warden::Limits {
        warden::Limits { memory: it.memory, whole: it.timeout, step: it.step_timeout }
    }
}

impl Verb {
    /// What it may take, where it makes something.
    pub fn limits(&self) -> Limits {
        match self {
            Verb::Build(it) => it.limits,
            Verb::Watch(it) => it.limits,
            Verb::Test(it) => it.limits,
            Verb::Verify(it) => it.limits,
            Verb::Init(it) => it.limits,
            Verb::Refine(it) => it.limits,
            Verb::Query(it) => Limits { memory: it.memory, timeout: it.timeout, step_timeout: None },
            _ => Limits::default(),
        }
    }
}
