//! `hotpass link`: what may be typed behind it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Budget;
use super::values::{page, pairs, picture};

/// `hotpass link`.
#[derive(Clone, PartialEq, Eq, Debug, Subcommand)]
pub enum Link {
    /// Show the model that a step learns from its rows; `--write` saves it
    Train(Train),
    /// Explain why two rows match, or why they do not
    Explain(ExplainPair),
    /// Show the most uncertain pairs, export them for review, and import the answers
    Review(Review),
    /// Count the candidate pairs of each rule before they are compared
    Plan(LinkPlan),
    /// Write an HTML report: quality, learnt weights, thresholds, the largest clusters
    Report(LinkReport),
    /// Measure the matches of a step against pairs with known answers
    Measure(Measure),
}

impl Link {
    /// The step that it is about, and what it may take.
    pub fn about(&self) -> (&str, Budget) {
        match self {
            Link::Train(it) => (&it.step, it.budget),
            Link::Explain(it) => (&it.step, it.budget),
            Link::Review(it) => (&it.step, it.budget),
            Link::Plan(it) => (&it.step, it.budget),
            Link::Report(it) => (&it.step, it.budget),
            Link::Measure(it) => (&it.step, it.budget),
        }
    }
}

/// `hotpass link train`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Train {
    /// The step: one of the kinds `resolve` and `link`
    pub step: String,
    /// Write the model to `models/`
    #[arg(long)]
    pub write: bool,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}

/// `hotpass link explain`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct ExplainPair {
    /// The step: one of the kinds `resolve` and `link`
    pub step: String,
    /// A row of the input table: its key, its fingerprint (as in `left_print` of a file of pairs), or `#N` for row number N
    pub left: String,
    /// Another row
    pub right: String,
    /// Write the explanation as a picture (`.svg`)
    #[arg(long, short, value_name = "FILE", value_parser = picture)]
    pub output: Option<PathBuf>,
    /// Show personal data without masking
    #[arg(long)]
    pub unmasked: bool,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}

/// `hotpass link plan`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct LinkPlan {
    /// The step: one of the kinds `resolve` and `link`
    pub step: String,
    /// Show personal data without masking
    #[arg(long)]
    pub unmasked: bool,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}

/// `hotpass link report`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct LinkReport {
    /// The step: one of the kinds `resolve` and `link`
    pub step: String,
    /// The page (`.html`)
    #[arg(long, short, value_name = "FILE", value_parser = page)]
    pub output: PathBuf,
    /// Show personal data without masking
    #[arg(long)]
    pub unmasked: bool,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}

/// `hotpass link review`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Review {
    /// The step: one of the kinds `resolve` and `link`
    pub step: String,
    /// How many pairs
    #[arg(long, short = 'n', value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub pairs: u32,
    /// Write the pairs as a workbook (`.xlsx`) or `.csv` with a column `decide` to fill in, or as tasks for Label Studio (`.json`)
    #[arg(long, short, value_name = "FILE", value_parser = pairs)]
    pub output: Option<PathBuf>,
    /// Read the answers from such a file, or from an export of Label Studio, and append them to the file of decisions
    #[arg(long, value_name = "FILE", value_parser = pairs, conflicts_with = "output")]
    pub read: Option<PathBuf>,
    /// The name of the person who answered, for the column `by`
    #[arg(long, value_name = "NAME", requires = "read")]
    pub by: Option<String>,
    /// Show personal data without masking
    #[arg(long)]
    pub unmasked: bool,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}

/// `hotpass link measure`.
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Measure {
    /// The step: one of the kinds `resolve` and `link`
    pub step: String,
    /// A file of pairs, `.csv` or `.xlsx`, with the columns of a table of decisions, or an export of Label Studio (`.json`)
    #[arg(value_parser = pairs)]
    pub pairs: PathBuf,
    /// What it may take.
    #[command(flatten)]
    pub budget: Budget,
}
