//! `hotpass diff`: tables now and then, or here and elsewhere.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::answers::diff::lines::{Differing, Same, Summary, rows};
use crate::answers::diff::{Difference, Found, Request, compare};
use crate::answers::event;
use crate::answers::problem::ProblemEvent;
use crate::cli::args::page_or_workbook;
use crate::cli::verb::{Act, Answer, Asked, Budget, Call, Ended, Limits};
use crate::store::backend::{Stored, Worker};
use crate::views::diff::{self as views, Lines, Several, file};
use crate::workspace::failure::Failure;
use crate::workspace::session::text_of;

/// Compare a table with an earlier version of it
#[derive(Clone, PartialEq, Eq, Debug, Args)]
#[command(after_help = RUNS)]
pub struct Diff {
    /// A step or a source; you can name several, or use the patterns of `hotpass build --help`
    #[arg(value_name = "STEP", required = true)]
    steps: Vec<String>,
    /// The earlier run (a build that computed something) [default: the latest run in which this table was different]
    #[arg(long, value_name = "RUN")]
    from: Option<String>,
    /// The later run [default: the table as it is now]
    #[arg(long, value_name = "RUN")]
    to: Option<String>,
    /// Compare with another workspace, such as a checkout of another branch; `--from` is then a run of that workspace
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    /// Columns that identify a row [default: the key of the table, or all columns if it has no key]
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    by: Vec<String>,
    /// Compare the rows that the step set aside
    #[arg(long)]
    rejected: bool,
    /// Show at most this number of rows; a workbook always has all rows [default: 20; 1000 in a page; all rows in JSON]
    #[arg(long, short = 'n', value_name = "N")]
    rows: Option<u64>,
    /// Write the result as an HTML page (`.html`) or a workbook (`.xlsx`)
    #[arg(long, short, value_name = "FILE", value_parser = page_or_workbook)]
    output: Option<PathBuf>,
    /// Show personal data without masking
    #[arg(long)]
    unmasked: bool,
    #[command(flatten)]
    budget: Budget,
}

impl Act for Diff {
    fn limits(&self) -> Limits {
        self.budget.into()
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let it = self;
        let factory = call.engine()?;
        let request = Request {
            steps: &it.steps,
            from: it.from.as_deref(),
            to: it.to.as_deref(),
            rejected: it.rejected,
            against: it.against.as_deref(),
            by: &it.by,
            unmasked: it.unmasked,
            output: it.output.as_deref(),
        };
        let tell = |root: &Path, problems: &[_]| call.out.problems(problems, &|path| text_of(root, path));
        call.look(&asked, |of| {
            let (mut events, mut several) = (String::new(), Several::default());
            compare(of, (&asked, factory, &tell), &request, &mut |found, alone| {
                let text = match found {
                    Found::Since(since) => {
                        call.out.noted([since]);
                        return Ok(());
                    }
                    Found::Same { table, to, runs } if alone || call.is_json() => {
                        call.shown(&Same::of(table, to), |_, _| views::same(table, runs)).stdout
                    }
                    Found::Missing(problem) if call.is_json() => event::json(&ProblemEvent::of(problem, None)),
                    Found::Differs(difference, ..) if !alone && !call.is_json() && difference.is_nothing() => {
                        several.same.push(difference.table.to_owned());
                        return Ok(());
                    }
                    Found::Differs(difference, stored, worker) => {
                        let most = if alone { ROWS } else { EACH };
                        answer(call, it, difference, worker, (stored, most))?.stdout
                    }
                    Found::Same { table, .. } => {
                        several.same.push(table.to_owned());
                        return Ok(());
                    }
                    Found::Missing(problem) => {
                        several.missing.push(problem.message.clone());
                        return Ok(());
                    }
                };
                if call.is_json() {
                    events.push_str(&text)
                } else {
                    several.add(&text)
                }
                Ok(())
            })?;
            Ok(Answer::of(if call.is_json() { events } else { several.text(call.manner().of_stdout()) }))
        })
    }
}

const RUNS: &str = "\
Runs: `now` is the current table; it must be up to date. `last` is the last run, and `last~1` is the run before it. \
The first characters of the name of a run are enough. `git:REV` is the table that a branch, a tag or a commit gives.";

/// How many rows people are shown.
const ROWS: u64 = 20;
/// How many rows people are shown of each of several tables.
const EACH: u64 = 5;

/// The rows as they are asked for, with what was counted.
fn answer(
    call: &Call<'_>,
    it: &Diff,
    difference: &Difference<'_>,
    worker: &mut dyn Worker,
    (stored, few): (&(Stored, Stored), u64),
) -> Result<Answer, Failure> {
    if let Some(path) = &it.output {
        let shown = file::write(difference, worker, stored, (path, it.rows))?;
        let summary = Summary::of(difference, shown).written(path);
        return Ok(call.shown(&summary, |_, _| views::written(difference, path, shown)));
    }
    let most = if call.is_json() { it.rows } else { Some(it.rows.unwrap_or(few)) };
    let rows = rows(difference, worker, stored, most)?;
    let told = Differing { difference, rows: &rows };
    Ok(call.shown(&told, |_, look| Lines { difference, rows: &rows, look }.text()))
}
