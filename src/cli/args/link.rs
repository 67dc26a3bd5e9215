//! `hotpass link`: what may be typed behind it.

use clap::{Args, Subcommand};

/// `hotpass link`.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Link {
    /// Show what a step learns from its rows, and keep it as a model
    Train(Train),
    /// Tell why two rows are one, or why they are two
    Explain(ExplainPair),
}

/// `hotpass link train`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Train {
    /// The step: one of the kinds `resolve` and `link`
    pub step: String,
    /// Write the model to `models/`
    #[arg(long)]
    pub write: bool,
}

/// `hotpass link explain`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct ExplainPair {
    /// The step: one of the kinds `resolve` and `link`
    pub step: String,
    /// A row of the table that it reads: its key, its print, or `#N` for the N-th row
    pub left: String,
    /// Another row
    pub right: String,
    /// Show personal data as it is
    #[arg(long)]
    pub unmasked: bool,
}
