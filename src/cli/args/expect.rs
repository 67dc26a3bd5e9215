//! The arguments of `hotpass expect`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Budget;

/// `hotpass expect`.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Expect {
    /// Convert a suite of Great Expectations, a `schema.yml` of dbt or checks of Soda, and tell what is dropped
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The table that a suite is about
        #[arg(long, value_name = "TABLE")]
        table: Option<String>,
    },
    /// Print what checks found, as Great Expectations writes the result of a validation
    Results {
        /// The pipeline; all of them when there is none
        #[arg(value_name = "PIPELINE")]
        pipeline: Option<String>,
        /// The checks on this table only
        #[arg(long, value_name = "TABLE")]
        table: Vec<String>,
        /// What it may take.
        #[command(flatten)]
        budget: Budget,
    },
}
