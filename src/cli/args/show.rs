//! The arguments of `hotpass show`.

use clap::Args;

/// `hotpass show`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Show {
    /// The step or source
    pub step: String,
    /// The rows that the step set aside
    #[arg(long, conflicts_with_all = ["unmapped", "lost"])]
    pub rejected: bool,
    /// The values that it could not read, the most frequent first
    #[arg(long, conflicts_with = "unmapped")]
    pub lost: bool,
    /// The columns of its input that nothing took
    #[arg(long)]
    pub unmapped: bool,
    /// How many rows
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20)]
    pub rows: u64,
    /// All that these columns hold, in the place of rows; names or globs, such as `*`
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', conflicts_with = "unmapped")]
    pub column: Vec<String>,
    /// Show personal data as it is
    #[arg(long)]
    pub unmasked: bool,
}
