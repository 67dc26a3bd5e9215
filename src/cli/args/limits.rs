//! Flags that say what a command may take.

use std::time::Duration;

use clap::Args;

use crate::cli::args::{Contract, Expect, Size, Verb, duration, size};
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

impl Verb {
    /// What it may take, where it makes or looks at something.
    pub fn limits(&self) -> Limits {
        let within = |budget: Budget| Limits { budget, step_timeout: None };
        match self {
            Verb::Build(it) => it.limits,
            Verb::Watch(it) => it.limits,
            Verb::Test(it) => it.limits,
            Verb::Verify(it) => it.limits,
            Verb::Init(it) => it.limits,
            Verb::Refine(it) => it.limits,
            Verb::Check(it) => within(it.budget),
            Verb::Plan(it) | Verb::List(it) | Verb::Graph(it) => within(it.budget),
            Verb::Query(it) => within(it.budget),
            Verb::Show(it) => within(it.budget),
            Verb::Diff(it) => within(it.budget),
            Verb::Docs(it) => within(it.budget),
            Verb::Explain(it) => within(it.budget),
            Verb::Cluster(it) => within(it.budget),
            Verb::Link(it) => within(it.about().1),
            Verb::Contract(Contract::Check { budget, .. }) => within(*budget),
            Verb::Expect(Expect::Results { budget, .. }) => within(*budget),
            _ => Limits::default(),
        }
    }
}
