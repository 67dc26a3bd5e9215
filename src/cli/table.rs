//! `hotpass show`: rows of a table and what its columns hold.

use std::path::Path;

use crate::answers::event;
use crate::answers::rows::file;
use crate::answers::table::{self, chosen, lost};
use crate::cli::args::{Format, Show};
use crate::cli::ask::{laid_out, written};
use crate::cli::call::{Call, Ended};
use crate::escape::line;
use crate::numbers::{count, number};
use crate::query;
use crate::terminal::answer::Answer;
use crate::views;
use crate::workspace::failure::Failure;
use crate::workspace::lookup::named;
use crate::workspace::session::{Asked, Open};

/// `hotpass show`.
pub(super) fn show(call: &Call<'_>, asked: &Asked, it: &Show) -> Ended {
    let typed = it.only.as_deref().map(query::as_written);
    let texts = |path: &Path| typed.clone().filter(|_| path == Path::new(query::WHERE));
    call.look_at(asked, &texts, |of| {
        let plan = of.2;
        let index = named(plan, &it.step)?;
        let name = plan.tables[index].name.to_string();
        if it.unmapped {
            let unmapped = table::unmapped(plan, index);
            return Ok(call.shown(&unmapped, |it, look| views::table::unmapped(&name, it, look)));
        }
        let request = table::Request { step: &it.step, column: &it.column, unmasked: it.unmasked, most: it.most() };
        if it.lost {
            let lost = lost::losses(of, index, &request)?;
            return Ok(call.shown(&lost, |lost, look| views::table::lost(lost, it.most(), look)));
        }
        let index = if it.rejected { table::rejects(plan, index)? } else { index };
        let table_only = matches!(call.global.format, Format::Csv | Format::Markdown | Format::Box);
        if it.chooses() || table_only && it.column.is_empty() {
            return rows(call, of, index, it);
        }
        let shown = table::shown(of, index, &request)?;
        let is_named = !it.column.is_empty();
        Ok(call.shown(&shown, |shown, look| views::table::shown(shown, is_named, it.most(), look)))
    })
}

/// Rows that were chosen, where they were asked for.
fn rows(call: &Call<'_>, of: Open<'_>, index: usize, it: &Show) -> Result<Answer, Failure> {
    if let Some(path) = &it.output {
        file::check(path, it.overwrite, of.0)?;
    }
    let request = chosen::Request {
        step: &it.step,
        columns: &it.columns,
        only: it.only.as_deref(),
        sort: &it.sort,
        failing: it.failing.as_deref(),
        unmasked: it.unmasked,
        most: it.most(),
    };
    let chosen::Rows { table, mut answered, check } = chosen::rows(of, index, &request)?;
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
