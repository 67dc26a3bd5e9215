//! `hotpass query`: what was typed becomes one statement, and its rows are laid out or written to a file.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::answers::event;
use crate::answers::query;
use crate::answers::rows::file::{self, answer_file};
use crate::cli::args::Format;
use crate::cli::rows::{laid_out, written};
use crate::cli::verb::{Act, Answer, Asked, Budget, Call, Ended, Limits};
use crate::workspace::failure::Failure;

/// Query the tables of sources and steps with SQL
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(before_help = "Formats of this command: `--format` takes `human`, `json`, `csv`, `markdown` and `box`.")]
pub struct Query {
    /// One statement that only reads; tables are named `pipeline.step`; `-` reads it from standard input
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    sql: Option<String>,
    /// Read the statement from this file
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Write the result to a new file: `.csv`, `.tsv`, `.json`, `.ndjson`, `.parquet` or `.xlsx`
    #[arg(long, short, value_name = "FILE", value_parser = answer_file)]
    output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "output")]
    overwrite: bool,
    /// Show personal data without masking
    #[arg(long)]
    unmasked: bool,
    #[command(flatten)]
    budget: Budget,
}

impl Act for Query {
    fn limits(&self) -> Limits {
        self.budget.into()
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        call.engine()?;
        let statement = query::read(self.sql.as_deref(), self.file.as_deref());
        let texts =
            |path: &Path| statement.as_ref().ok().filter(|it| Path::new(&it.name) == path).map(|it| it.text.clone());
        call.look_at(&asked, &texts, |of| {
            let statement = statement.as_ref().map_err(|it| Failure::Problem(it.clone()))?;
            if let Some(path) = &self.output {
                file::check(path, self.overwrite, of.0)?;
            }
            let most = match self.output.is_some() || matches!(call.global.format, Format::Json | Format::Csv) {
                true => u64::MAX,
                false => SHOWN,
            };
            let answered = query::query(of, statement, self.unmasked, most)?;
            call.out.noted(&answered.notes);
            match &self.output {
                Some(path) => written(call, answered, path),
                None if call.is_json() => Ok(Answer::of(event::json(&answered.records()?))),
                None => laid_out(call, answered, false),
            }
        })
    }
}

/// How many rows of a query are shown to people.
const SHOWN: u64 = 10_000;
