//! The arguments of `hotpass expect`.

use std::path::PathBuf;

use clap::Subcommand;

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
}
