//! `hotpass contract`: what may be typed behind it.

use std::path::PathBuf;

use clap::Subcommand;

use super::Budget;

/// `hotpass contract`.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Contract {
    /// List contracts, and which tables and exports keep them
    List,
    /// Tell whether a file keeps a contract
    Check {
        /// The file: a workbook, delimited text, JSON or Parquet
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The contract, or a file with one [default: the only one there is]
        #[arg(long, value_name = "NAME|FILE")]
        contract: Option<String>,
        /// The sheet of a workbook; without it the only visible one
        #[arg(long, value_name = "NAME")]
        sheet: Option<String>,
        /// What it may take.
        #[command(flatten)]
        budget: Budget,
    },
    /// Write contracts as other programs write them
    #[command(
        before_help = "Formats: `--format table-schema`, `json-schema`, `odcs`, `csvw`, `sql`, `markdown` or `toml`; \
                       `toml` unless one is given."
    )]
    Emit {
        /// Contracts, or files with some; all when there is none
        #[arg(value_name = "NAME|FILE")]
        names: Vec<String>,
        /// A file for each contract in this folder, in the place of stdout
        #[arg(long, short, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Tell what another version of a contract changes: `breaking`, `additive` or `none`
    #[command(
        after_help = "A and B are the name of a contract, a file with one, or `git:REV`: the same contract as a branch, a \
                      tag or a commit has it. A break without a raised major version ends with 2."
    )]
    Diff {
        /// The contract as it was
        a: String,
        /// The contract as it is
        b: String,
    },
    /// Convert a contract of the Open Data Contract Standard or a Table Schema, and tell what is dropped
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
