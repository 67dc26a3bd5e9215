//! Flags of `hotpass check`.

use clap::Args;

use super::Budget;

/// `hotpass check`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Check {
    /// What planning may take.
    #[command(flatten)]
    pub budget: Budget,
}
