//! `hotpass link measure`: clusters held against pairs of which somebody knows whether they are one.

use std::path::Path;

use serde_json::json;

use super::{BAD_ANSWERS, Step, answers};
use crate::cli::args::{Format, Global};
use crate::cli::{Answer, look_of_stdout};
use crate::linkage::Share;
use crate::problem::Problem;
use crate::show::{self, Align, Paint, Style, count, line};
use crate::steps::asking::{MOST_LABELS, Measured, Question};
use crate::workspace::failure::Failure;

/// What `link measure` answers.
pub(super) fn measure(global: &Global, step: &Step<'_>, file: &Path) -> Result<Answer, Failure> {
    let labels = answers::labels(step.factory, file)?;
    if labels.len() > MOST_LABELS {
        let message = format!("`{}` has more than {MOST_LABELS} pairs", line(&file.display().to_string()));
        return Err(Failure::Problem(Box::new(Problem::new(&BAD_ANSWERS, message))));
    }
    let measured: Measured = step.ask(Question::Measure { labels })?;
    if global.format == Format::Json {
        let value = json!({"v": 1, "event": "link.measure", "step": step.name(), "measured": measured});
        return Ok(Answer::of(show::json_line(&value)));
    }
    Ok(Answer::of(laid_out(&step.name(), &measured, look_of_stdout(global))))
}

fn share(it: &Share) -> [Option<String>; 3] {
    let Some(share) = it.share else { return [Some("not known".to_owned()), None, None] };
    [format!("{share:.4}"), format!("{:.4}", it.from), format!("{:.4}", it.to)].map(Some)
}

fn laid_out(step: &str, it: &Measured, look: Style) -> String {
    let mut out = format!("{}  {}\n", look.paint(&line(step), Paint::Strong), count(it.pairs, "labelled pair"));
    if it.missing > 0 {
        out.push_str(&format!("{} of rows that are not there were left out\n", count(it.missing, "pair")));
    }
    out.push_str(&format!("{} found, {} missed, {} wrong\n\n", it.found, it.missed, it.wrong));
    let heads = [("", Align::Left), ("share", Align::Right), ("from", Align::Right), ("to", Align::Right)];
    let heads = heads.into_iter().chain([("of", Align::Right), ("expected", Align::Right)]);
    let heads: Vec<(String, Align)> = heads.map(|(name, align)| (name.to_owned(), align)).collect();
    let row = |name: &str, of: &Share, expected: f64| {
        let [share, from, to] = share(of);
        vec![Some(name.to_owned()), share, from, to, Some(of.of.to_string()), Some(format!("{expected:.4}"))]
    };
    let mut rows =
        vec![row("precision", &it.precision, it.expected_precision), row("recall", &it.recall, it.expected_recall)];
    for bin in &it.calibration {
        rows.push(row(&format!("one of those said {} to {}", bin.from, bin.to), &bin.share, bin.mean));
    }
    out.push_str(&show::table(&heads, &rows, look));
    if let Some(f1) = it.f1 {
        out.push_str(&format!("\nF1 {f1:.4}; intervals hold the truth in 95 of 100 cases\n"));
    }
    out
}
