//! `hotpass gate`: what may be typed behind it.

use clap::Args;

/// `hotpass gate`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Gate {
    /// Gates; by default all of them
    #[arg(value_name = "GATE")]
    pub ids: Vec<String>,
}
