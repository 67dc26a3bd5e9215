//! `hotpass env`: what may be typed behind it.

use clap::Subcommand;

/// `hotpass env`.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Env {
    /// List the environments of the workspace and what each has published
    List,
    /// Tell what differs between what two environments have published, and what it comes from
    Diff {
        /// An environment; `default` is the workspace without one
        #[arg(value_name = "ENV")]
        from: String,
        /// Another one
        #[arg(value_name = "ENV")]
        to: String,
    },
    /// Put what one environment has built and checked in the place of what another has published
    Promote {
        /// The environment that has it
        #[arg(value_name = "FROM")]
        from: String,
        /// The one that gets it; `default` is the workspace without one
        #[arg(value_name = "TO")]
        to: String,
    },
}
