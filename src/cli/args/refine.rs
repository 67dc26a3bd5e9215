//! What `hotpass refine` takes.

use std::path::PathBuf;

use clap::Args;

use crate::cli::args::{FailOn, Limits};

/// `hotpass refine`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Refine {
    /// The folder of workbooks
    #[arg(long, value_name = "DIR")]
    pub input_dir: PathBuf,
    /// The workbook to write; the other files are written beside it, with names that begin with the name of this workbook
    #[arg(long, value_name = "FILE")]
    pub output_path: PathBuf,
    /// Also write the exact inputs into one file
    #[arg(long)]
    pub archive: bool,
    /// Use this sheet as a source, whatever it looks like: `register=old.xlsx#Cleaned`
    #[arg(long = "source", value_name = "NAME=FILE#SHEET")]
    pub sources: Vec<String>,
    /// The lowest severity that gives an exit code other than 0
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    pub fail_on: FailOn,
    /// What it may take.
    #[command(flatten)]
    pub limits: Limits,
}
