//! `hotpass docs`: what may be typed behind it.

use std::path::PathBuf;

use clap::Args;

use super::Budget;

/// `hotpass docs`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Docs {
    /// The pipeline; by default all pipelines
    #[arg(value_name = "PIPELINE")]
    pub pipeline: Option<String>,
    /// The folder to write to [default: `docs` in the state folder]
    #[arg(long, short, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}
