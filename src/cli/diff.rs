//! `hotpass diff`: which tables are compared, and how what differs is written: for people, for programs, as a page and
//! as a workbook.

use std::path::Path;

use crate::answers::diff::lines::{Differing, Same, Summary, rows};
use crate::answers::diff::{Difference, Found, Request, compare};
use crate::answers::event;
use crate::answers::problem::ProblemEvent;
use crate::cli::args::Diff;
use crate::cli::call::{Call, Ended};
use crate::store::backend::{Stored, Worker};
use crate::terminal::answer::Answer;
use crate::views::diff::{self as views, Lines, Several, file};
use crate::workspace::failure::Failure;
use crate::workspace::session::{Asked, text_of};

/// How many rows people are shown.
const ROWS: u64 = 20;
/// How many rows people are shown of each of several tables.
const EACH: u64 = 5;

/// `hotpass diff`.
pub(super) fn diff(call: &Call<'_>, asked: &Asked, it: &Diff) -> Ended {
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
    call.look(asked, |of| {
        let (mut events, mut several) = (String::new(), Several::default());
        compare(of, (asked, factory, &tell), &request, &mut |found, alone| {
            let text = match found {
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
