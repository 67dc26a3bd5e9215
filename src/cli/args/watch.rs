//! `hotpass watch`: what may be typed behind it.

use std::num::NonZeroUsize;
use std::time::Duration;

use clap::Args;

use super::{Limits, SELECTORS, Selected, seconds};

/// `hotpass watch`.
#[derive(Clone, PartialEq, Debug, Default, Args)]
#[command(after_help = SELECTORS)]
pub struct Watch {
    /// Which tables and artefacts.
    #[command(flatten)]
    pub selected: Selected,
    /// Show the first rows of this table after each build
    #[arg(long, value_name = "STEP")]
    pub show: Option<String>,
    /// Check for changes at this interval, and do not wait for reports of the operating system
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub poll: Option<Duration>,
    /// Replace artefacts that were published with other values of `--set` or `--profile`; by default, the build refuses this
    #[arg(long)]
    pub publish: bool,
    /// How many steps run at the same time [default: one for each processor]
    #[arg(long, short, value_name = "N", env = "HOTPASS_JOBS", hide_env_values = true)]
    pub jobs: Option<NonZeroUsize>,
    /// What each build may take.
    #[command(flatten)]
    pub limits: Limits,
}
