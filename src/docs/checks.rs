//! The page of this build's checks: what was expected, what was found, which rows, and how to mend it.

use super::facts::{CheckFacts, Facts, Sample, Verdict};
use super::page::{Place, anchor, codes, page, prose, scroll, table_link, verdict};
use crate::escape::{cell, markup};
use crate::numbers::number;

/// The longest value that is shown, in characters.
const LONGEST: usize = 60;

/// The page: what failed comes first, within that in the order of the file.
pub fn checks(facts: &Facts) -> String {
    let mut out = format!("<p>{}</p>\n", markup(&facts.in_words()));
    for (group, heading) in [
        (Verdict::Failed, "Failed"),
        (Verdict::Warned, "Warnings"),
        (Verdict::NotRun, "Not run"),
        (Verdict::Passed, "Passed"),
    ] {
        let those: Vec<_> = facts.checks.iter().filter(|it| it.verdict == group).collect();
        if those.is_empty() {
            continue;
        }
        out.push_str(&format!("<h2>{heading}: {}</h2>\n<ol class=\"checks\">\n", number(those.len() as u64)));
        those.into_iter().for_each(|it| check(facts, it, &mut out));
        out.push_str("</ol>\n");
    }
    page(facts, Place::Checks, "Checks", &out)
}

fn check(facts: &Facts, it: &CheckFacts, out: &mut String) {
    let class = match it.verdict {
        Verdict::Failed => "of-failed",
        Verdict::Warned => "of-warned",
        Verdict::NotRun => "of-none",
        Verdict::Passed => "of-passed",
    };
    out.push_str(&format!(
        "<li class=\"{class}\" id=\"{}\">\n<h3>{} {}</h3>\n<dl>\n<dt>Table</dt><dd>{}</dd>\n<dt>Expected</dt><dd>{}</dd>\n\
         <dt>Found</dt><dd>{}</dd>\n",
        anchor(facts, it),
        markup(&it.id),
        verdict(it.verdict),
        table_link(facts, Place::Checks, &it.table),
        prose(&it.expected),
        prose(&it.found),
    ));
    if let Some(meaning) = &it.meaning {
        out.push_str(&format!("<dt>Why</dt><dd>{}</dd>\n", prose(meaning)));
    }
    if let Some(waiver) = &it.waiver {
        out.push_str(&format!("<dt>Waiver</dt><dd>{}</dd>\n", markup(&waiver.words)));
    }
    if it.verdict == Verdict::Failed && !it.holds_back.is_empty() {
        out.push_str(&format!("<dt>Holds back</dt><dd>{}</dd>\n", codes(&it.holds_back, 12)));
    }
    out.push_str("</dl>\n");
    samples(it, out);
    if !it.fix.is_empty() {
        let steps: Vec<_> = it.fix.iter().map(|it| format!("<li>{}</li>", prose(it))).collect();
        out.push_str(&format!("<p>How to mend it:</p>\n<ol>{}</ol>\n", steps.concat()));
    }
    let label = format!("Declaration of {}", it.id);
    out.push_str(&format!(
        "<details{}><summary>Declared in <code>{}</code></summary>\n<pre tabindex=\"0\" role=\"region\" aria-label=\"{}\">{}</pre></details>\n</li>\n",
        if it.verdict == Verdict::Passed { "" } else { " open" },
        markup(&it.file),
        markup(&label),
        markup(&it.toml)
    ));
}

fn samples(it: &CheckFacts, out: &mut String) {
    let Some(first) = it.samples.first() else { return };
    let heads: String =
        first.cells.iter().map(|(name, _)| format!("<th scope=\"col\">{}</th>", markup(name))).collect();
    let mut rows = format!(
        "<table>\n<caption>Rows that are not as expected, {} of {}. Personal values are shown as patterns.</caption>\n\
         <thead><tr><th scope=\"col\" class=\"n\">Row</th>{heads}<th scope=\"col\">Where it stands</th></tr></thead>\n<tbody>\n",
        number(it.samples.len() as u64),
        number(it.unexpected),
    );
    for sample in &it.samples {
        rows.push_str(&row(sample));
    }
    rows.push_str("</tbody>\n</table>\n");
    out.push_str(&scroll(&format!("Rows of {}", it.id), &rows));
}

fn row(sample: &Sample) -> String {
    let one = |(_, value): &(String, Option<String>)| match value {
        None => "<td class=\"soft\">no value</td>".to_owned(),
        Some(value) if value.is_empty() => "<td class=\"soft\">an empty text</td>".to_owned(),
        Some(value) => format!("<td><code>{}</code></td>", markup(&cell(value, LONGEST))),
    };
    let cells: String = sample.cells.iter().map(one).collect();
    let places = match sample.places.is_empty() {
        true => "<span class=\"soft\">not known</span>".to_owned(),
        false => codes(&sample.places, 4),
    };
    format!("<tr><th scope=\"row\" class=\"n\">{}</th>{cells}<td>{places}</td></tr>\n", number(sample.row))
}
