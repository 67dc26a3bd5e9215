//! What a build would do: a line for each step and artefact, and what is known of both.

use crate::answers::planned::{Export, ExportOutcome, Planned, Step, StepOutcome};
use crate::show::{self, Align, Paint, Style, count, line, table};
use crate::views;

/// `all` tells of each table that is reused too.
pub(crate) fn planned(planned: &Planned, all: bool, look: Style) -> String {
    let mut out = steps(&planned.steps, all, look);
    for it in &planned.exports {
        let path = line(&it.path);
        let (mark, words) = match (it.outcome, it.perhaps, it.is_made, it.is_there) {
            (ExportOutcome::Stands, ..) if all => ("=", "unchanged"),
            (ExportOutcome::Stands, ..) => continue,
            (_, true, ..) => ("?", "written again, unless the results of its checks do not change"),
            (_, _, true, true) => ("~", "written again"),
            (_, _, true, false) => ("+", "written"),
            (_, _, false, true) => ("?", "written again, unless its table does not change"),
            (_, _, false, false) => ("+", "written when its table is made"),
        };
        out.push_str(&format!("{}  {path}  {words}\n", mark_of(mark, look)));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&format!("{}\n", totals(&planned.steps, &planned.exports)));
    for it in &planned.gates {
        let name = format!("{}.{}", it.pipeline, it.gate);
        out.push_str(&format!("gate   {} asks for {}\n", line(&name), line(&it.asks.join(", "))));
    }
    out.push_str(&views::guesses::guesses(&planned.guesses, look));
    out.push_str(&views::decided::counted(&planned.written, &planned.lost));
    planned.blocks.iter().for_each(|it| out.push_str(&views::blocks::planned(it, look)));
    for it in &planned.drifts {
        out.push_str(&format!("drift  {}\n", line(&it.message)));
    }
    look.fold(&out, 7)
}

/// `+` for what is new, `~` for what is made again, `?` for what may be, `=` for what stays.
fn mark_of(mark: &str, look: Style) -> String {
    let paint = match mark {
        "+" => Paint::Good,
        "~" => Paint::Warn,
        "?" => Paint::Strong,
        _ => Paint::Dim,
    };
    look.paint(mark, paint)
}

/// A line for each table, marked.
fn steps(steps: &[Step], all: bool, look: Style) -> String {
    let heads = ["", "step", "kind", "columns", "because of"].map(|it| (it.to_owned(), Align::Left));
    let mut rows = Vec::new();
    let mut marks = Vec::new();
    for it in steps.iter().filter(|it| it.outcome == StepOutcome::Run || all) {
        let runs = it.outcome == StepOutcome::Run;
        let mark = match (runs, it.depends) {
            (false, _) => "=",
            _ if it.is_new => "+",
            (true, true) => "?",
            (true, false) => "~",
        };
        let columns = match it.columns.len() {
            0 if !runs => "none".to_owned(),
            0 if it.is_new => "all".to_owned(),
            0 => "perhaps".to_owned(),
            _ if it.is_whole => "all".to_owned(),
            _ => it.columns.join(", "),
        };
        let name = format!("{}.{}", it.pipeline, it.step);
        let cells = [mark, &name, it.kind, &columns, &it.why.join(", ")];
        rows.push(cells.map(|it| Some(it.to_owned())).to_vec());
        marks.push(mark);
    }
    if rows.is_empty() {
        return String::new();
    }
    let text = table(&heads, &rows, look);
    // Two lines of head, then one for each row, which begins with its mark.
    let lines = text.lines().enumerate().map(|(at, line)| match at.checked_sub(2).and_then(|it| marks.get(it)) {
        Some(mark) => format!("{}{}\n", mark_of(mark, look), line.strip_prefix(mark).unwrap_or(line)),
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// `2 steps to run, 1 may run, 5 reused; 1 file to write, 2 as they stand`.
fn totals(steps: &[Step], exports: &[Export]) -> String {
    let of = |outcome: StepOutcome, depends: bool| {
        let runs = outcome == StepOutcome::Run;
        let own =
            |it: &&Step| it.outcome == outcome && (!runs || (it.depends && !it.is_new) == depends) && !it.is_source;
        steps.iter().filter(own).count() as u64
    };
    let (sure, may, reused) = (of(StepOutcome::Run, false), of(StepOutcome::Run, true), of(StepOutcome::Reuse, false));
    let may = if may > 0 { format!(", {} may run", show::number(may)) } else { String::new() };
    let mut out = format!("{} to run{may}, {} reused", count(sure, "step"), show::number(reused));
    let stand = exports.iter().filter(|it| it.outcome == ExportOutcome::Stands).count() as u64;
    let write = exports.len() as u64 - stand;
    if write + stand > 0 {
        let stand = if stand > 0 { format!(", {} as before", show::number(stand)) } else { String::new() };
        out.push_str(&format!("; {} to write{stand}", count(write, "file")));
    }
    out
}
