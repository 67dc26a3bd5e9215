//! `hotpass show`: rows of a table and what its columns hold.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::answers::event;
use crate::answers::latest::Tables;
use crate::answers::rows::file::{self, answer_file};
use crate::answers::table::{self, chosen, lost};
use crate::cli::args::Format;
use crate::cli::rows::{laid_out, written};
use crate::cli::verb::{Act, Answer, Asked, Budget, Call, Ended, Limits, views};
use crate::escape::line;
use crate::numbers::{count, number};
use crate::query;
use crate::workspace::failure::Failure;
use crate::workspace::lookup::named;

/// Show the first rows of a table and a summary of its columns
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(before_help = "Formats of this command: `--format` takes `human`, `json`, `csv`, `markdown` and `box`.")]
pub struct Show {
    /// The step or source
    step: String,
    /// Show rows with only these columns, in this order: names, or patterns such as `e*`
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', conflicts_with_all = ["column", "lost", "unmapped"])]
    columns: Vec<String>,
    /// Only rows for which this expression is true, as in a `filter` step
    #[arg(long = "where", value_name = "EXPRESSION", conflicts_with_all = ["column", "lost", "unmapped"])]
    only: Option<String>,
    /// Sort by these columns; `-name` sorts in descending order
    #[arg(
        long,
        value_name = "COLUMN,…",
        value_delimiter = ',',
        allow_hyphen_values = true,
        conflicts_with_all = ["column", "lost", "unmapped"]
    )]
    sort: Vec<String>,
    /// Show the rows that failed this check; `plan` and error messages show the names of checks
    #[arg(long, value_name = "CHECK", conflicts_with_all = ["column", "lost", "unmapped", "rejected"])]
    failing: Option<String>,
    /// Show one record below the other, with one line for each column
    #[arg(long, conflicts_with_all = ["column", "lost", "unmapped"])]
    records: bool,
    /// Show the rows that the step set aside, with the reasons
    #[arg(long, conflicts_with_all = ["unmapped", "lost"])]
    rejected: bool,
    /// Show the values that the step could not read, the most frequent first
    #[arg(long, conflicts_with = "unmapped")]
    lost: bool,
    /// Show the input columns that the step assigns to no field
    #[arg(long)]
    unmapped: bool,
    /// Show at most this number of rows [default: 20; all rows with `-o`]
    #[arg(long, short = 'n', value_name = "N")]
    rows: Option<u64>,
    /// Show no rows, but a long summary of these columns: names, or patterns such as `*`
    #[arg(long, value_name = "COLUMN,…", value_delimiter = ',', conflicts_with = "unmapped")]
    column: Vec<String>,
    /// Write the rows to a new file: `.csv`, `.tsv`, `.json`, `.ndjson`, `.parquet` or `.xlsx`
    #[arg(long, short, value_name = "FILE", value_parser = answer_file, conflicts_with_all = ["column", "lost", "unmapped"])]
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

impl Act for Show {
    fn limits(&self) -> Limits {
        self.budget.into()
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let texts = |it: &Path| self.only.as_deref().map(query::as_written).filter(|_| it == Path::new(query::WHERE));
        call.look_at(&asked, &texts, |of| {
            let request =
                table::Request { step: &self.step, column: &self.column, unmasked: self.unmasked, most: self.most() };
            if self.unmapped {
                let index = named(of.2, &self.step)?;
                let (name, unmapped) = (of.2.tables[index].name.to_string(), table::unmapped(of.2, index));
                return Ok(call.shown(&unmapped, |it, look| views::table::unmapped(&name, it, look)));
            }
            if self.lost {
                let lost = lost::losses(of, named(of.2, &self.step)?, &request)?;
                return Ok(call.shown(&lost, |lost, look| views::table::lost(lost, self.most(), look)));
            }
            let tables = Tables::new(of.0, of.2);
            let asked = tables.asked(&self.step, self.rejected)?;
            let table_only = matches!(call.global.format, Format::Csv | Format::Markdown | Format::Box);
            if self.chooses() || table_only && self.column.is_empty() {
                return rows(call, chosen::Source { tables: &tables, engine: of.1, asked }, self);
            }
            let shown = table::shown(of.1, asked.1, &request)?;
            call.out.noted(&shown.since);
            Ok(call.shown(&shown, |shown, look| views::table::shown(shown, !self.column.is_empty(), self.most(), look)))
        })
    }
}

impl Show {
    /// How many rows are shown at most: twenty, unless people say so or want a file.
    pub fn most(&self) -> u64 {
        self.rows.unwrap_or(if self.output.is_some() { u64::MAX } else { 20 })
    }

    /// Whether rows are chosen, and not the first ones of the table shown with what its columns hold.
    pub fn chooses(&self) -> bool {
        let words = !self.columns.is_empty() || !self.sort.is_empty();
        words || self.only.is_some() || self.failing.is_some() || self.records || self.output.is_some()
    }
}

/// Rows that were chosen, where they were asked for.
fn rows(call: &Call<'_>, of: chosen::Source<'_>, it: &Show) -> Result<Answer, Failure> {
    if let Some(path) = &it.output {
        file::check(path, it.overwrite, of.tables.session)?;
    }
    let request = chosen::Request {
        columns: &it.columns,
        only: it.only.as_deref(),
        sort: &it.sort,
        failing: it.failing.as_deref(),
        unmasked: it.unmasked,
        most: it.most(),
    };
    let chosen::Rows { table, mut answered, check } = chosen::rows(of, &request)?;
    call.out.noted(&answered.notes);
    let told = check.map(|it| format!("{}\n", line(&it))).unwrap_or_default();
    if let Some(path) = &it.output {
        let answer = written(call, answered, path)?;
        let stderr = if call.global.quiet { String::new() } else { format!("{told}{}", answer.stderr) };
        return Ok(Answer { stderr, ..answer });
    }
    let (shown, total) = (answered.rows, answered.rows + answered.left_out);
    match call.global.format {
        Format::Json => Ok(Answer::of(event::json(&answered.rows_of(Some(&table))?))),
        Format::Human => {
            let records = it.records || shown == 1 && (it.only.is_some() || it.rows == Some(1));
            let mut out = told;
            if shown > 0 {
                answered.left_out = 0;
                out.push_str(&laid_out(call, answered, records)?.stdout);
            }
            match shown {
                shown if shown < total => out.push_str(&format!("{} of {}\n", number(shown), count(total, "row"))),
                0 => out.push_str("no rows\n"),
                _ => (),
            }
            Ok(Answer::of(out))
        }
        _ => {
            let answer = laid_out(call, answered, false)?;
            Ok(Answer { stderr: format!("{told}{}", answer.stderr), ..answer })
        }
    }
}
