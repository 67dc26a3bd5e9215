//! The arguments of `hotpass show`.

use std::path::PathBuf;

use clap::Args;

use super::Budget;
use super::query::answer_file;

/// `hotpass show`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(before_help = "Formats of this verb: `--format` takes `human`, `json`, `csv`, `markdown` and `box`.")]
pub struct Show {
    /// The step or source
    pub step: String,
    /// Show only these columns, in this order; names or globs (for a summary, see `--column`)
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', conflicts_with_all = ["column", "lost", "unmapped"])]
    pub columns: Vec<String>,
    /// Only rows for which this expression is true, as in a `filter` step
    #[arg(long = "where", value_name = "EXPRESSION", conflicts_with_all = ["column", "lost", "unmapped"])]
    pub only: Option<String>,
    /// Sort by these columns; `-name` sorts in descending order
    #[arg(
        long,
        value_name = "COLUMN,…",
        value_delimiter = ',',
        allow_hyphen_values = true,
        conflicts_with_all = ["column", "lost", "unmapped"]
    )]
    pub sort: Vec<String>,
    /// Show the rows that failed this check; `plan` and error messages show the names of checks
    #[arg(long, value_name = "CHECK", conflicts_with_all = ["column", "lost", "unmapped", "rejected"])]
    pub failing: Option<String>,
    /// Show one record below the other, with one line for each column
    #[arg(long, conflicts_with_all = ["column", "lost", "unmapped"])]
    pub records: bool,
    /// Show the rows that the step set aside
    #[arg(long, conflicts_with_all = ["unmapped", "lost"])]
    pub rejected: bool,
    /// Show the values that the step could not read, the most frequent first
    #[arg(long, conflicts_with = "unmapped")]
    pub lost: bool,
    /// Show the input columns that the step does not use
    #[arg(long)]
    pub unmapped: bool,
    /// The largest number of rows [default: 20; all rows with `-o`]
    #[arg(long, short = 'n', value_name = "N")]
    pub rows: Option<u64>,
    /// Show a full summary of these columns, and no rows; names or globs, such as `*` (to choose columns of the rows, see `--columns`) (to choose columns of the rows, see `--columns`)
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', conflicts_with = "unmapped")]
    pub column: Vec<String>,
    /// Write the rows to a new file: `.csv`, `.tsv`, `.json`, `.ndjson`, `.parquet` or `.xlsx`
    #[arg(long, short, value_name = "FILE", value_parser = answer_file, conflicts_with_all = ["column", "lost", "unmapped"])]
    pub output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "output")]
    pub overwrite: bool,
    /// Show personal data without masking
    #[arg(long)]
    pub unmasked: bool,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}

impl Show {
    /// How many rows people are shown unless they say so.
    const USUAL: u64 = 20;

    /// How many rows are shown at most.
    pub fn most(&self) -> u64 {
        self.rows.unwrap_or(if self.output.is_some() { u64::MAX } else { Show::USUAL })
    }

    /// Whether rows are chosen, and not the first ones of the table shown with what its columns hold.
    pub fn chooses(&self) -> bool {
        let words = !self.columns.is_empty() || !self.sort.is_empty();
        words || self.only.is_some() || self.failing.is_some() || self.records || self.output.is_some()
    }
}
