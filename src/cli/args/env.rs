//! `hotpass env`: what may be typed behind it.

use clap::Subcommand;

/// `hotpass env`.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Env {
    /// List the environments of the workspace and what each has published
    List,
    /// Compare what two environments have published, and show the causes of the differences
    Diff {
        /// An environment; `default` is the workspace without an environment
        #[arg(value_name = "ENV")]
        from: String,
        /// Another environment
        #[arg(value_name = "ENV")]
        to: String,
    },
    /// Publish the built and checked results of one environment in another environment
    Promote {
        /// The environment to copy from
        #[arg(value_name = "FROM")]
        from: String,
        /// The environment to copy to; `default` is the workspace without an environment
        #[arg(value_name = "TO")]
        to: String,
    },
}
