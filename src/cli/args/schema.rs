//! `hotpass schema`: what may be typed behind it.

use std::path::PathBuf;

use clap::Args;

use crate::schema::NAMES;

/// `hotpass schema`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Schema {
    /// The kind of file; `answers` means the lines that `--format json` prints
    #[arg(value_name = "FILE", value_parser = NAMES, default_value = NAMES[0])]
    pub document: String,
    /// Write the schemas of all kinds into this folder
    #[arg(long, value_name = "DIR", conflicts_with = "document")]
    pub out: Option<PathBuf>,
}
