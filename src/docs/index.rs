//! The first page: what there is, and whether it is as it should be.

use super::facts::{Facts, GateFacts, Verdict};
use super::page::{Place, gate_anchor, page, prose, scroll, state, table_link, verdict, worst};
use crate::escape::markup;
use crate::numbers::{count, number};

/// The page.
pub fn index(facts: &Facts) -> String {
    let mut out = String::new();
    if let Some(purpose) = &facts.purpose {
        out.push_str(&format!("<p>{}</p>\n", markup(purpose)));
    }
    let gates = facts.gates_in_words().map_or_else(String::new, |it| format!(" {it}"));
    out.push_str(&format!("<p><a href=\"checks.html\">{}</a></p>\n", markup(&(facts.in_words() + &gates))));
    let sources = facts.tables.iter().filter(|it| it.kind == "source").count() as u64;
    let tables = facts.tables.len() as u64 - sources;
    let counts = [
        (sources, "source"),
        (tables, "table"),
        (facts.checks.len() as u64, "check"),
        (facts.gates.len() as u64, "gate"),
        (facts.files.len() as u64, "file"),
    ];
    out.push_str("<ul class=\"counts\">\n");
    for (n, noun) in counts.into_iter().filter(|(n, noun)| *n > 0 || matches!(*noun, "table" | "check")) {
        let words = count(n, noun);
        let noun = words.split_once(' ').map_or(noun, |(_, it)| it);
        out.push_str(&format!("<li><b>{}</b> {noun}</li>\n", number(n)));
    }
    out.push_str("</ul>\n");
    troubles(facts, &mut out);
    files(facts, &mut out);
    out.push_str("<h2>Tables</h2>\n");
    let mut rows = String::from(
        "<table class=\"short\">\n<thead><tr><th scope=\"col\">Table</th><th scope=\"col\" class=\"more\">Kind</th><th scope=\"col\" class=\"n\">Rows</th>\
         <th scope=\"col\" class=\"n more\">Columns</th><th scope=\"col\">Checks</th></tr></thead>\n<tbody>\n",
    );
    for table in &facts.tables {
        let checks = facts.checks_of(&table.name).count() as u64;
        let checks = match worst(facts.checks_of(&table.name)) {
            Some(worst) => format!("{} {}", verdict(worst), count(checks, "check")),
            None => "none".to_owned(),
        };
        let description = table.description.as_ref().or(table.contract.as_ref().and_then(|it| it.description.as_ref()));
        let description =
            description.map_or_else(String::new, |it| format!("<br><small class=\"soft\">{}</small>", markup(it)));
        rows.push_str(&format!(
            "<tr><th scope=\"row\">{}{description}</th><td class=\"more\">{}</td><td class=\"n\">{}</td><td class=\"n more\">{}</td><td>{checks}</td></tr>\n",
            table_link(facts, Place::Index, &table.name),
            markup(&table.kind),
            table.rows.map_or_else(|| "not built".to_owned(), number),
            number(table.columns.len() as u64),
        ));
    }
    rows.push_str("</tbody>\n</table>\n");
    out.push_str(&scroll("Tables", &rows));
    trends(facts, &mut out);
    page(facts, Place::Index, &facts.pipeline, &out)
}

/// How the rows of tables changed from build to build.
fn trends(facts: &Facts, out: &mut String) {
    let moving: Vec<_> = facts.tables.iter().filter(|it| it.trend.len() > 1).collect();
    if moving.is_empty() {
        return;
    }
    out.push_str("<h2>Rows from build to build</h2>\n");
    let mut rows = String::from(
        "<table>\n<caption>Published builds in which the table held something new, the last one at the end.</caption>\n\
         <thead><tr><th scope=\"col\">Table</th><th scope=\"col\">Rows by build</th>\
         <th scope=\"col\" class=\"n\">Before</th><th scope=\"col\" class=\"n\">Now</th></tr></thead>\n<tbody>\n",
    );
    for table in moving {
        let [.., before, now] = table.trend.as_slice() else { continue };
        rows.push_str(&format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>\n",
            table_link(facts, Place::Index, &table.name),
            super::picture::trend(&table.trend),
            number(*before),
            number(*now),
        ));
    }
    rows.push_str("</tbody>\n</table>\n");
    out.push_str(&scroll("Rows from build to build", &rows));
}

/// What did not pass, by name.
fn troubles(facts: &Facts, out: &mut String) {
    let bad: Vec<_> = facts.checks.iter().filter(|it| it.verdict != Verdict::Passed).collect();
    let shut = |it: &(usize, &GateFacts)| it.1.verdict.is_some_and(|it| it != Verdict::Passed);
    let shut: Vec<_> = facts.gates.iter().enumerate().filter(shut).collect();
    if bad.is_empty() && shut.is_empty() {
        return;
    }
    out.push_str("<h2>What needs a look</h2>\n<ul class=\"plain\">\n");
    for (at, gate) in shut {
        out.push_str(&format!(
            "<li>{} gate <a href=\"checks.html#{}\">{}</a> {}</li>\n",
            state(gate),
            gate_anchor(at),
            markup(&gate.id),
            prose(&gate.told()),
        ));
    }
    for check in bad {
        out.push_str(&format!(
            "<li>{} <a href=\"checks.html#{}\">{}</a> {}</li>\n",
            verdict(check.verdict),
            super::page::anchor(facts, check),
            markup(&check.id),
            prose(&check.told()),
        ));
    }
    out.push_str("</ul>\n");
}

fn files(facts: &Facts, out: &mut String) {
    if facts.files.is_empty() {
        return;
    }
    out.push_str("<h2>Published files</h2>\n");
    let mut rows = String::from(
        "<table class=\"short\">\n<thead><tr><th scope=\"col\">File</th><th scope=\"col\">What is in it</th></tr></thead>\n<tbody>\n",
    );
    for file in &facts.files {
        let link = table_link(facts, Place::Index, &file.table);
        let what = match &file.about {
            Some(about) => format!("{} of {link}", markup(about)),
            None => link,
        };
        rows.push_str(&format!("<tr><th scope=\"row\"><code>{}</code></th><td>{what}</td></tr>\n", markup(&file.path)));
    }
    rows.push_str("</tbody>\n</table>\n");
    out.push_str(&scroll("Published files", &rows));
}
