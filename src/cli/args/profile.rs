//! `hotpass profile`: what may be typed behind it.

use std::path::PathBuf;

use clap::Subcommand;

/// `hotpass profile`.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Profile {
    /// List those of the workspace and those that come with hotpass
    List,
    /// Print what a profile comes to with all it extends, and where each part is from
    Show {
        /// The profile
        name: String,
    },
    /// Tell what is wrong or odd in profiles
    Lint {
        /// Profiles; those of the workspace, or the shipped ones if it has none
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Convert a profile that was written as YAML, and tell what is dropped
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
