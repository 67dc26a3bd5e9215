//! What was measured.

use crate::answers::link::measure::Measure;
use crate::linkage::Share;
use crate::show::{self, Align, Paint, Style, count, line};
use crate::steps::asking::Measured;

/// As a table.
pub(crate) fn measured(it: &Measure, look: Style) -> String {
    laid_out(&it.step, &it.measured, look)
}

fn share(it: &Share) -> [Option<String>; 3] {
    let Some(share) = it.share else { return [Some("not known".to_owned()), None, None] };
    [format!("{share:.4}"), format!("{:.4}", it.from), format!("{:.4}", it.to)].map(Some)
}

fn laid_out(step: &str, it: &Measured, look: Style) -> String {
    let mut out = format!("{}  {}\n", look.paint(&line(step), Paint::Strong), count(it.pairs, "labelled pair"));
    if it.missing > 0 {
        out.push_str(&format!(
            "{} of unknown rows, or of a row and itself, were left out\n",
            count(it.missing, "pair")
        ));
    }
    if it.repeated > 0 {
        out.push_str(&format!("{} of the same pair as a later line were left out\n", count(it.repeated, "line")));
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
        rows.push(row(&format!("matches of those with {} to {}", bin.from, bin.to), &bin.share, bin.mean));
    }
    out.push_str(&show::table(&heads, &rows, look));
    if let Some(f1) = it.f1 {
        out.push_str(&format!("\nF1 {f1:.4}; intervals hold the truth in 95 of 100 cases\n"));
    }
    out
}
