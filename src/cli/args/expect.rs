//! The arguments of `hotpass expect`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Budget;

/// `hotpass expect`.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Expect {
    /// Convert a suite of Great Expectations, a `schema.yml` of dbt or checks of Soda, and report what cannot be converted
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The table that the suite checks
        #[arg(long, value_name = "TABLE")]
        table: Option<String>,
    },
    /// Print the results of checks in the format of a validation result of Great Expectations
    Results {
        /// The pipeline; by default all pipelines
        #[arg(value_name = "PIPELINE")]
        pipeline: Option<String>,
        /// Only the checks on this table
        #[arg(long, value_name = "TABLE")]
        table: Vec<String>,
        /// What it may take.
        #[command(flatten)]
        budget: Budget,
    },
}
