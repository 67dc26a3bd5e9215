//! What all pages share: head, navigation, foot, and the small parts of which they are made.

use super::facts::{AskFacts, CheckFacts, Facts, GateFacts, Verdict};
use super::style::STYLE;
use crate::escape::markup;

/// Which page it is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Place {
    Index,
    Checks,
    Graph,
    Table,
}

impl Place {
    /// The way from the page to the folder of the index.
    fn up(self) -> &'static str {
        if self == Place::Table { "../" } else { "" }
    }
}

/// A whole page; `title` and `body`: the one as text, the other as HTML.
pub fn page(facts: &Facts, place: Place, title: &str, body: &str) -> String {
    let up = place.up();
    let item = |of: Place, file: &str, words: &str| {
        let current = if of == place { " aria-current=\"page\"" } else { "" };
        format!("<li><a href=\"{up}{file}.html\"{current}>{words}</a></li>")
    };
    let items = [
        item(Place::Index, "index", "Overview"),
        item(Place::Checks, "checks", "Checks"),
        item(Place::Graph, "graph", "How it is made"),
    ];
    // A page of its own has a title that says whose it is.
    let whole = if title == facts.pipeline { title.to_owned() } else { format!("{title} · {}", facts.pipeline) };
    format!(
        "{}<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the content</a>\n\
         <header><nav aria-label=\"Pages\"><ul>{}</ul></nav></header>\n\
         <main id=\"main\">\n<h1>{}</h1>\n{body}</main>\n\
         <footer><p>Made by hotpass from the pipeline <code>{}</code>. Personal values are masked.</p></footer>\n\
         </body>\n</html>\n",
        head(),
        markup(&whole),
        items.concat(),
        name(title),
        markup(&facts.pipeline),
    )
}

/// A page that stands alone; all but the title is HTML.
pub struct Alone<'a> {
    pub title: &'a str,
    /// How it looks beside what all pages have.
    pub style: &'a str,
    pub body: &'a str,
    pub foot: &'a str,
}

impl Alone<'_> {
    pub fn page(&self) -> String {
        let Alone { title, style, body, foot } = self;
        let title = markup(title);
        format!(
            "{}<title>{title}</title>\n<style>\n{STYLE}{style}</style>\n</head>\n<body>\n\
             <main id=\"main\">\n<h1>{title}</h1>\n{body}</main>\n<footer><p>{foot}</p></footer>\n</body>\n</html>\n",
            head()
        )
    }
}

/// The beginning of every page: no script, nothing from elsewhere.
fn head() -> &'static str {
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
     <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
     <meta name=\"generator\" content=\"hotpass\">\n\
     <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
}

/// A name in a heading, which a narrow screen breaks behind its dots and underscores.
pub fn name(text: &str) -> String {
    markup(text).replace('.', ".<wbr>").replace('_', "_<wbr>")
}

/// A verdict as a word with a sign.
pub fn verdict(verdict: Verdict) -> String {
    badge(Some(verdict), verdict.word())
}

/// How a gate stands, as a word with a sign.
pub fn state(gate: &GateFacts) -> String {
    badge(gate.verdict, gate.word())
}

/// How a thing that a gate asks for came out, as a word with a sign.
pub fn asked(ask: &AskFacts) -> String {
    badge(ask.verdict, ask.verdict.map_or("later", Verdict::word))
}

fn badge(verdict: Option<Verdict>, word: &str) -> String {
    let (class, sign) = match verdict {
        Some(Verdict::Passed) => ("passed", "✓"),
        Some(Verdict::Failed) => ("failed", "✗"),
        Some(Verdict::Warned) => ("warned", "!"),
        Some(Verdict::NotRun) | None => ("not_run", "–"),
    };
    format!("<span class=\"verdict {class}\"><span aria-hidden=\"true\">{sign}</span> {word}</span>")
}

/// How something of a list came out, as its border shows it.
pub fn border(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::Failed) => "of-failed",
        Some(Verdict::Warned) => "of-warned",
        Some(Verdict::NotRun) | None => "of-none",
        Some(Verdict::Passed) => "of-passed",
    }
}

/// The worst of verdicts.
pub fn worst<'a>(checks: impl Iterator<Item = &'a CheckFacts>) -> Option<Verdict> {
    checks.map(|it| it.verdict).min()
}

/// A link to the page of a table, from the page of another or of the index; plain text where it has no page.
pub fn table_link(facts: &Facts, from: Place, table: &str) -> String {
    let folder = if from == Place::Table { "" } else { "tables/" };
    match facts.table(table) {
        Some(_) => format!("<a href=\"{folder}{0}.html\">{0}</a>", markup(table)),
        None => format!("<code>{}</code>", markup(table)),
    }
}

/// Links to tables, one behind the other.
pub fn table_links(facts: &Facts, from: Place, names: &[String]) -> String {
    names.iter().map(|it| table_link(facts, from, it)).collect::<Vec<_>>().join(", ")
}

/// The id of the heading of a check.
pub fn anchor(facts: &Facts, check: &CheckFacts) -> String {
    let same = |it: &CheckFacts| (&it.id, &it.table) == (&check.id, &check.table);
    let at = facts.checks.iter().position(same).unwrap_or(0);
    format!("check-{}", at + 1)
}

/// The id of the heading of a gate.
pub fn gate_anchor(at: usize) -> String {
    format!("gate-{}", at + 1)
}

/// TOML that can be opened; `label` says what it declares.
pub fn declaration(label: &str, file: &str, toml: &str, is_open: bool) -> String {
    format!(
        "<details{}><summary>Declared in <code>{}</code></summary>\n<pre tabindex=\"0\" role=\"region\" aria-label=\"{}\">{}</pre></details>\n",
        if is_open { " open" } else { "" },
        markup(file),
        markup(&format!("Declaration of {label}")),
        markup(toml)
    )
}

/// Names as code, the first of them, and how many more there are.
pub fn codes(names: &[String], most: usize) -> String {
    let shown: Vec<_> = names.iter().take(most).map(|it| format!("<code>{}</code>", markup(it))).collect();
    let more = names.len().saturating_sub(most);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// Text in which names stand between backticks.
pub fn prose(text: &str) -> String {
    let mut out = String::new();
    let parts: Vec<&str> = text.split('`').collect();
    for (at, part) in parts.iter().enumerate() {
        match at % 2 == 1 && at + 1 < parts.len() {
            true => out.push_str(&format!("<code>{}</code>", markup(part.trim()))),
            false if at % 2 == 1 => out.push_str(&format!("`{}", markup(part))),
            false => out.push_str(&markup(part)),
        }
    }
    out
}

/// A part that scrolls on its own, which the keyboard can reach.
pub fn scroll(label: &str, content: &str) -> String {
    format!("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{}\">\n{content}</div>\n", markup(label))
}
