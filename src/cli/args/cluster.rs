//! `hotpass cluster`: what may be typed behind it.

use clap::{Args, ValueEnum};

use super::Budget;

/// `hotpass cluster`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Cluster {
    /// The table: a source or a step
    pub table: String,
    /// Its column
    pub column: String,
    /// The lookup to write the spellings to [default: the name of the column]
    #[arg(long, value_name = "NAME")]
    pub lookup: Option<String>,
    /// How spellings of the same value are found; may be given several times [default: words, pairs and near]
    #[arg(long, value_enum, value_name = "WAY")]
    pub by: Vec<Way>,
    /// Write the lookup into the pipeline
    #[arg(long)]
    pub write: bool,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}

/// How values are found to be one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Way {
    /// The same words in any order
    Words,
    /// The same pairs of letters
    Pairs,
    /// A letter or two differ
    Near,
    /// They sound alike in English
    Metaphone,
    /// They sound alike, for names of several origins
    DoubleMetaphone,
    /// They sound alike in German
    Cologne,
    /// They sound alike, for surnames in English
    Nysiis,
}
