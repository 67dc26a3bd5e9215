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
    /// The workbook that is written; all else goes beside it under its name
    #[arg(long, value_name = "FILE")]
    pub output_path: PathBuf,
    /// Write the exact inputs as one file too
    #[arg(long)]
    pub archive: bool,
    /// Take this sheet for a source, whatever it looks like, as in `register=old.xlsx#Cleaned`
    #[arg(long = "source", value_name = "NAME=FILE#SHEET")]
    pub sources: Vec<String>,
    /// The least that makes the command end with a failure
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    pub fail_on: FailOn,
    /// What it may take.
    #[command(flatten)]
    pub limits: Limits,
}
