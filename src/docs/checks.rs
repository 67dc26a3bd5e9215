//! The page of this build's checks: what was expected, what was found, which rows, and how to mend it.

use super::facts::{CheckFacts, Facts, GateFacts, Sample, Verdict};
use super::page::{
    Place, anchor, asked, border, codes, declaration, gate_anchor, name, page, prose, scroll, state, table_link,
    table_links, verdict,
};
use crate::escape::{cell, markup};
use crate::numbers::number;

/// The longest value that is shown, in characters.
const LONGEST: usize = 60;

/// The page: what failed comes first, within that in the order of the file.
pub fn checks(facts: &Facts) -> String {
    let mut out = format!("<p>{}</p>\n", markup(&facts.in_words()));
    gates(facts, &mut out);
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
    let class = border(Some(it.verdict));
    out.push_str(&format!(
        "<li class=\"{class}\" id=\"{}\">\n<h3>{} {}</h3>\n<dl>\n<dt>Table</dt><dd>{}</dd>\n<dt>Expected</dt><dd>{}</dd>\n\
         <dt>Found</dt><dd>{}</dd>\n",
        anchor(facts, it),
        name(&it.id),
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
        out.push_str(&format!("<p>How to correct it:</p>\n<ol>{}</ol>\n", steps.concat()));
    }
    out.push_str(&declaration(&it.id, &it.file, &it.toml, it.verdict != Verdict::Passed));
    out.push_str("</li>\n");
}

/// What must hold before files are put in place.
fn gates(facts: &Facts, out: &mut String) {
    if facts.gates.is_empty() {
        return;
    }
    let words = facts.gates_in_words().map_or_else(String::new, |it| format!("{} ", markup(&it)));
    out.push_str(&format!(
        "<h2>Gates: {}</h2>\n<p>{words}Files that wait for a gate do not change while it is shut.</p>\n<ol class=\"checks\">\n",
        number(facts.gates.len() as u64)
    ));
    facts.gates.iter().enumerate().for_each(|(at, it)| gate(facts, at, it, out));
    out.push_str("</ol>\n");
}

fn gate(facts: &Facts, at: usize, it: &GateFacts, out: &mut String) {
    out.push_str(&format!(
        "<li class=\"{}\" id=\"{}\">\n<h3>{} {}</h3>\n<dl>\n",
        border(it.verdict),
        gate_anchor(at),
        name(&it.id),
        state(it)
    ));
    let mut line = |term: &str, text: String| {
        if !text.is_empty() {
            out.push_str(&format!("<dt>{term}</dt><dd>{text}</dd>\n"));
        }
    };
    line("Why", it.meaning.as_ref().map_or_else(String::new, |it| prose(it)));
    line("Reads", table_links(facts, Place::Checks, &it.reads));
    let waits = if it.stops { "Before" } else { "Warns before" };
    line(waits, codes(&it.holds_back, 12));
    line("Waiver", it.waiver.as_ref().map_or_else(String::new, |it| markup(&it.words)));
    out.push_str("</dl>\n");
    out.push_str("<ul class=\"plain\">\n");
    for ask in &it.asks {
        out.push_str(&format!("<li>{} {}: {}</li>\n", asked(ask), prose(&ask.asks), prose(&ask.found)));
    }
    out.push_str("</ul>\n");
    out.push_str(&declaration(&it.id, &it.file, &it.toml, false));
    out.push_str("</li>\n");
}

fn samples(it: &CheckFacts, out: &mut String) {
    let Some(first) = it.samples.first() else { return };
    let heads: String =
        first.cells.iter().map(|(name, _)| format!("<th scope=\"col\">{}</th>", markup(name))).collect();
    let mut rows = format!(
        "<table>\n<caption>Rows that are not as expected, {} of {}. Personal values are shown as patterns.</caption>\n\
         <thead><tr><th scope=\"col\" class=\"n\">Row</th>{heads}<th scope=\"col\">Place</th></tr></thead>\n<tbody>\n",
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
