//! `hotpass contract`: what may be typed behind it.

use std::path::PathBuf;

use clap::Subcommand;

use super::Budget;

/// `hotpass contract`.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Contract {
    /// List contracts, and the tables and exports that they apply to
    List,
    /// Check a file against a contract
    Check {
        /// The file: a workbook, delimited text, JSON or Parquet
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The contract, or a file with one [default: the contract of the workspace, if there is only one]
        #[arg(long, value_name = "NAME|FILE")]
        contract: Option<String>,
        /// The sheet of a workbook [default: the only visible sheet]
        #[arg(long, value_name = "NAME")]
        sheet: Option<String>,
        /// What it may take.
        #[command(flatten)]
        budget: Budget,
    },
    /// Write contracts in the formats of other programs
    #[command(
        before_help = "Formats of this verb: `--format` takes `table-schema`, `json-schema`, `odcs`, `csvw`, `sql`, `markdown` \
                       or `toml`; the default is `toml`."
    )]
    Emit {
        /// Contracts, or files with contracts; by default all of them
        #[arg(value_name = "NAME|FILE")]
        names: Vec<String>,
        /// Write one file for each contract into this folder, and not to stdout
        #[arg(long, short, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Classify the changes between two versions of a contract: `breaking`, `additive` or `none`
    #[command(
        after_help = "A and B are the name of a contract, a file with one, or `git:REV`: the same contract as a branch, a \
                      tag or a commit has it. A break without a raised major version ends with 2."
    )]
    Diff {
        /// The old version of the contract
        a: String,
        /// The new version of the contract
        b: String,
    },
    /// Convert a contract of the Open Data Contract Standard or a Table Schema, and report what cannot be converted
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
