//! The arguments of `hotpass query`.

use std::path::PathBuf;

use clap::Args;

use super::Budget;

/// `hotpass query`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(before_help = "Formats of this verb: `--format` takes `human`, `json`, `csv`, `markdown` and `box`.")]
pub struct Query {
    /// One statement that only reads; tables are named `pipeline.step`; `-` reads it from standard input
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub sql: Option<String>,
    /// Read the statement from this file
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Write the result to a new file: `.csv`, `.tsv`, `.json`, `.ndjson`, `.parquet` or `.xlsx`
    #[arg(long, short, value_name = "FILE", value_parser = answer_file)]
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

/// Endings of files that an answer is written to.
pub const ENDINGS: [&str; 7] = ["csv", "tsv", "json", "ndjson", "jsonl", "parquet", "xlsx"];

/// Reads the name of a file for an answer, whose ending says how it is written.
pub fn answer_file(word: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(word);
    let ending = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    match ENDINGS.contains(&ending) {
        true => Ok(path),
        false => {
            let needed = "a name that ends in `.csv`, `.tsv`, `.json`, `.ndjson`, `.parquet` or `.xlsx` is needed";
            let shown = "; `--format markdown` and `--format box` print a table, and `>` puts it into a file";
            let laid_out = ["md", "markdown", "txt"].contains(&ending);
            Err(format!("{needed}{}", if laid_out { shown } else { "" }))
        }
    }
}
