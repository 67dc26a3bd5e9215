//! `hotpass profile`: what may be typed behind it.

use std::path::PathBuf;

use clap::Subcommand;

/// `hotpass profile`.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Profile {
    /// List the profiles of the workspace and those that come with hotpass
    List,
    /// Print a profile together with the profiles that it extends, and the origin of each part
    Show {
        /// The profile
        name: String,
    },
    /// Report problems in profiles
    Lint {
        /// Profiles; by default those of the workspace, or the shipped ones if the workspace has none
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Convert a profile from YAML, and report what cannot be converted
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}
