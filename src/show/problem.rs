//! Problems for people: the fact, the lines of the TOML with a caret, and what to do.
//!
//! Only lines of files that people write are shown (TOML, SQL): a line of a delivered file may hold personal data.

mod values;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use crate::escape;
use crate::problem::{Label, Problem, Severity, reference};
use crate::query::shipped;
use crate::show::{Paint, Style, count, line};
use crate::span::line_and_column;
use values::Whom;

/// How many problems are drawn; the others are counted.
const MOST: usize = 100;
/// The widest line of a file that is drawn whole, in bytes.
const WIDEST: usize = 200;
/// What is left of a line that is cut, before what is pointed at; a third of the line where that is less.
const BEFORE: usize = 60;
/// What stands before a line of a file on a terminal, with a number of four digits.
const GUTTER: usize = 8;
/// Labels that are further away from the primary one than so many lines are told in words.
const NEAR: usize = 30;

/// All problems as a person reads them, one after the other. `sources` gives the text of a file of the workspace.
pub fn problems(problems: &[Problem], sources: &dyn Fn(&Path) -> Option<String>, look: Style) -> String {
    let mut texts: BTreeMap<&Path, Option<String>> = BTreeMap::new();
    let mut out = String::new();
    for problem in problems.iter().take(MOST) {
        for label in &problem.labels {
            let file = label.span.file.as_path();
            texts.entry(file).or_insert_with(|| text_of(file, sources));
        }
        let text = |file: &Path| texts.get(file).and_then(Option::as_deref);
        if !out.is_empty() {
            out.push('\n');
        }
        draw(problem, &text, look, &mut out);
    }
    if problems.len() > MOST {
        let more = count((problems.len() - MOST) as u64, "problem");
        out.push_str(&look.paint(&format!("\nand {more} more; `--format json` lists all\n"), Paint::Dim));
    }
    out
}

fn text_of(file: &Path, sources: &dyn Fn(&Path) -> Option<String>) -> Option<String> {
    if let Some(text) = shipped::text(file) {
        return Some(text.to_owned());
    }
    // What was typed, as a query is, has a name that no file has.
    if file.to_str().is_some_and(|it| it.starts_with('<') && it.ends_with('>')) {
        return sources(file);
    }
    let ending = file.extension()?.to_str()?.to_ascii_lowercase();
    matches!(ending.as_str(), "toml" | "sql").then(|| sources(file))?
}

fn draw<'a>(problem: &Problem, text: &dyn Fn(&Path) -> Option<&'a str>, look: Style, out: &mut String) {
    let shown = Shown::new(problem, text, look);
    let theme = match (look.terminal, look.colour) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(look.width.clamp(40, 200))
        .with_context_lines(1)
        .tab_width(4);
    let length = out.len();
    if handler.render_report(out, &shown).is_err() {
        // The fact matters more than the drawing.
        out.truncate(length);
        out.push_str(&format!("{}: {}\n", shown.code, shown.message));
        out.extend(shown.help.iter().map(|it| format!("  help: {it}\n")));
    }
    for note in &shown.notes {
        out.push_str(&format!("  {} {note}\n", look.paint("note:", Paint::Strong)));
    }
    if !shown.is_headed {
        out.push_str(&format!("  {} {}\n", look.paint("see:", Paint::Strong), shown.url));
    }
}

/// A problem as miette wants it.
#[derive(Debug)]
struct Shown {
    code: String,
    url: String,
    /// Whether the address finds room beside the code.
    is_headed: bool,
    severity: Severity,
    message: String,
    help: Option<String>,
    labels: Vec<LabeledSpan>,
    excerpt: Option<Excerpt>,
    /// Labels that cannot be drawn in the excerpt.
    notes: Vec<String>,
}

impl Shown {
    fn new<'a>(problem: &Problem, text: &dyn Fn(&Path) -> Option<&'a str>, look: Style) -> Shown {
        let word = match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let (code, url) = (format!("{word} {}", line(&problem.code)), reference(&problem.code));
        let mut shown = Shown {
            is_headed: !look.terminal || code.len() + url.len() + 3 <= look.width,
            code,
            url,
            severity: problem.severity,
            message: line(&problem.message),
            help: problem.help.as_deref().map(line),
            labels: Vec::new(),
            excerpt: None,
            notes: Vec::new(),
        };
        let Some(primary) = problem.labels.first() else { return shown };
        let file = primary.span.file.as_path();
        let Some(whole) = text(file).filter(|it| !it.is_empty()) else {
            shown.notes.extend(problem.labels.iter().map(|it| note(it, text)));
            return shown;
        };
        let mut places = vec![Place::of(whole, primary)];
        for label in &problem.labels[1..] {
            let place = Place::of(whole, label);
            if *label.span.file == file && place.line.abs_diff(places[0].line) <= NEAR {
                places.push(place);
            } else {
                shown.notes.push(note(label, text));
            }
        }
        let widest = if look.terminal { look.width.saturating_sub(GUTTER).clamp(30, WIDEST) } else { WIDEST };
        let (excerpt, spans) = Excerpt::new((file, whole), &places, widest, Whom::of(problem));
        for (index, (place, span)) in places.iter().zip(spans).enumerate() {
            let text = Some(line(&place.label.text));
            let label = if index == 0 { LabeledSpan::new_primary_with_span } else { LabeledSpan::new_with_span };
            shown.labels.push(label(text, span));
        }
        shown.excerpt = Some(excerpt);
        shown
    }
}

/// A label in words: `first claimed here: profiles/crm.toml:12:3`.
fn note<'a>(label: &Label, text: &dyn Fn(&Path) -> Option<&'a str>) -> String {
    let file = line(&label.span.file.display().to_string());
    let place = match text(&label.span.file) {
        Some(text) => {
            let (line, column) = line_and_column(text, label.span.start);
            format!("{file}:{line}:{column}")
        }
        None => file,
    };
    match label.text.as_str() {
        "" => place,
        words => format!("{}: {place}", line(words)),
    }
}

/// A label with the line it begins in. What spans lines is pointed at in the first of them.
struct Place<'a> {
    label: &'a Label,
    /// From 0.
    line: usize,
    /// In characters, from 0.
    column: usize,
    /// In bytes of the line.
    range: Range<usize>,
}

impl<'a> Place<'a> {
    fn of(text: &str, label: &'a Label) -> Place<'a> {
        let (line, column) = line_and_column(text, label.span.start);
        let mut start = label.span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let begin = text[..start].rfind('\n').map_or(0, |it| it + 1);
        let length = text[begin..].lines().next().map_or(0, str::len);
        let from = (start - begin).min(length);
        let to = label.span.end.saturating_sub(begin).clamp(from, length);
        Place { label, line: line - 1, column: column - 1, range: from..to }
    }
}

/// The lines around what is pointed at, safe to show, with the places they have in the file.
#[derive(Debug)]
struct Excerpt {
    text: String,
    name: String,
    /// Lines of the file before the excerpt.
    first: usize,
    /// For the start of each label in `text`, its line and column in the file, from 0.
    places: Vec<(usize, usize, usize)>,
}

impl Excerpt {
    /// Texts and numbers are drawn as patterns where they may be values of people.
    fn new((file, text): (&Path, &str), places: &[Place], widest: usize, whom: Whom) -> (Excerpt, Vec<SourceSpan>) {
        let first = places.iter().map(|it| it.line).min().unwrap_or(0).saturating_sub(1);
        let last = places.iter().map(|it| it.line).max().unwrap_or(0) + 1;
        let mut excerpt = Excerpt { text: String::new(), name: name_of(file), first, places: Vec::new() };
        let mut spans = vec![SourceSpan::from(0..0); places.len()];
        let checks = if whom == Whom::Unknown { values::in_checks(text, last) } else { Vec::new() };
        for (number, whole) in text.split('\n').enumerate().skip(first).take(last + 1 - first) {
            let whole = whole.strip_suffix('\r').unwrap_or(whole);
            let here = places.iter().enumerate().filter(|(_, it)| it.line == number);
            let pointed = here.clone().map(|(_, it)| it.range.start).min().unwrap_or(0);
            let window = window(whole, pointed, widest);
            let base = excerpt.text.len();
            let mark = if window.start > 0 { "…" } else { "" };
            excerpt.text.push_str(mark);
            // What is left out may be the beginning of a text, so the whole line is looked at.
            let drawn = escape::same_length(whole);
            let drawn = match checks.get(number).copied().flatten() {
                _ if whom == Whom::People => values::hidden(&drawn),
                Some(within) => values::listed(&drawn, within),
                None => drawn,
            };
            excerpt.text.push_str(&drawn[window.clone()]);
            let end = excerpt.text.len();
            for (index, place) in here {
                let shift = |at: usize| (base + mark.len() + at.saturating_sub(window.start)).min(end);
                let (from, to) = (shift(place.range.start), shift(place.range.end));
                spans[index] = (from..to).into();
                excerpt.places.push((from, place.line, place.column));
            }
            excerpt.text.push_str(if window.end < whole.len() { "…\n" } else { "\n" });
        }
        // A place at the very end of a file must still lie inside of the excerpt.
        excerpt.text.push(' ');
        (excerpt, spans)
    }
}

/// The part of a line that is drawn, around what is pointed at.
fn window(whole: &str, pointed: usize, widest: usize) -> Range<usize> {
    if whole.len() <= widest {
        return 0..whole.len();
    }
    let boundary = |mut at: usize| {
        while !whole.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    // A mark stands where something is left out.
    let (before, room) = (BEFORE.min(widest / 3), widest - 2);
    let start = if pointed + before <= room { 0 } else { boundary(pointed.saturating_sub(before)) };
    start..boundary((start + room).min(whole.len()))
}

fn name_of(file: &Path) -> String {
    line(&file.display().to_string())
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.as_str().read_span(span, before, after)?;
        let exact = self.places.iter().find(|it| before == 0 && after == 0 && it.0 == span.offset());
        let (line, column) = match exact {
            // What stands in the heading: columns count characters of the file, not bytes of the excerpt.
            Some((_, line, column)) => (*line, *column),
            None => (inner.line() + self.first, inner.column()),
        };
        let lines = inner.line_count();
        let contents =
            MietteSpanContents::new_named(self.name.clone(), inner.data(), *inner.span(), line, column, lines);
        Ok(Box::new(contents))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl Diagnostic for Shown {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|it| Box::new(it) as Box<dyn fmt::Display>)
    }

    fn url<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.is_headed.then(|| Box::new(&self.url) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|it| it as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        (!self.labels.is_empty()).then(|| Box::new(self.labels.iter().cloned()) as Box<_>)
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Arc;

    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;
    use crate::problem::Code;
    use crate::span::Span;

    const UNKNOWN: Code = Code::error("hotpass::graph::unknown-table");
    const FILE: &str = "pipelines/crm.toml";

    fn span(file: &str, range: Range<usize>) -> Span {
        Span::new(&Arc::new(PathBuf::from(file)), range)
    }

    fn check(problem: Problem, text: Option<&str>) -> String {
        let sources = |path: &Path| (path == Path::new(FILE)).then(|| text.map(str::to_owned))?;
        let shown = problems(&[problem], &sources, Style::PLAIN);
        let wild = shown.chars().find(|it| *it != '\n' && escape::is_unsafe(*it));
        assert_eq!(wild, None, "{shown:?}");
        shown
    }

    #[test]
    fn a_problem_points_into_the_file() {
        let text = "# why\n[step.clean]\nkind = \"map\"\nfrom = \"contcts\"\n\n[step.x]\n";
        let at = text.find("\"contcts\"").expect("it is there");
        let problem = Problem::new(&UNKNOWN, "step `clean` needs `contcts`, which nothing makes")
            .label(&span(FILE, at..at + 9), "named here")
            .help("did you mean `contacts`?".to_owned());
        assert_snapshot!(check(problem, Some(text)), @r#"
        error hotpass::graph::unknown-table (docs/reference/problems.md#hotpassgraphunknown-table)

          x step `clean` needs `contcts`, which nothing makes
           ,-[pipelines/crm.toml:4:8]
         3 | kind = "map"
         4 | from = "contcts"
           :        ^^^^|^^^^
           :            `-- named here
         5 | 
           `----
          help: did you mean `contacts`?
        "#);
    }

    #[test]
    fn a_problem_without_a_place_or_a_file_is_still_told() {
        let problem = Problem::new(&UNKNOWN, "no step is called `x`").help("`hotpass list` names all".to_owned());
        assert_snapshot!(check(problem.clone(), None), @"
        error hotpass::graph::unknown-table (docs/reference/problems.md#hotpassgraphunknown-table)

          x no step is called `x`
          help: `hotpass list` names all
        ");
        let gone = problem.label(&span("gone.toml", 3..4), "this file");
        assert_snapshot!(check(gone, None), @"
        error hotpass::graph::unknown-table (docs/reference/problems.md#hotpassgraphunknown-table)

          x no step is called `x`
          help: `hotpass list` names all
          note: this file: gone.toml
        ");
    }

    #[test]
    fn labels_in_other_files_are_told_in_words() {
        let problem = Problem::new(&UNKNOWN, "claimed twice")
            .label(&span(FILE, 0..1), "claimed again here")
            .label(&span("<shipped>/generic.toml", 0..1), "first claimed here");
        assert!(check(problem, Some("a = 1\n")).ends_with("note: first claimed here: <shipped>/generic.toml:1:1\n"));
    }

    #[test]
    fn values_of_people_are_drawn_as_patterns() {
        let text = "[[expect.t]]\ncolumn = \"name\"\nnot_in = [\"Zoé Lake\", 27, 'o\u{301}']\nwhere = \"n = 'Jo'\"\n";
        let at = text.find("not_in").expect("it is there");
        let problem = Problem::new(&UNKNOWN, "a fact").of_people().label(&span(FILE, at..at + 6), "here");
        let shown = check(problem, Some(text));
        assert!(shown.contains("column = \"name\"") && shown.contains("not_in = [\"Aaä Aaaa\", 99, 'aä']"), "{shown}");
        assert!(!shown.contains("Jo") && shown.contains("^^^|^^"), "{shown}");
    }

    #[test]
    fn lists_of_checks_are_drawn_as_patterns_where_nobody_knows_yet_whom_they_are_about() {
        for (line, shown_as) in [
            ("not_in = [\"Ada Lake\", 5]", "not_in = [\"Aaa Aaaa\", 9]"),
            ("not_inn = [\"Ada Lake\"", "not_inn = [\"Aaa Aaaa\""),
            ("not_in = \"Ada Lake\"", "not_in = \"Aaa Aaaa\""),
            ("holds = \"nam(name) = 'Ada'\"", "holds = \"nam(name) = 'Aaa'\""),
            ("kl_divergence = { \"Ada\" = 0.5 }", "kl_divergence = { \"Aaa\" = 9.9 }"),
            ("json_schema = '{\"enum\": [\"Ada\"]}'", "json_schema = '{\"aaaa\": [\"Aaa\"]}'"),
        ] {
            let text = format!("[[expect.t]]\ncolumn = \"name\"\nseverity = \"wran\"\n{line}\n");
            let at = text.find("wran").expect("it is there");
            let problem = Problem::new(&UNKNOWN, "a fact").label(&span(FILE, at..at + 4), "here");
            let shown = check(problem, Some(&text));
            assert!(shown.contains(shown_as) && shown.contains("severity = \"wran\""), "{shown}");
        }
        let text = "[[expect.t]]\nnot_in = [\n  \"Ada\",\n]\nseverty = \"warn\"\n[step.s]\nby = [\"name\"]\n";
        let at = text.find("severty").expect("it is there");
        let shown = check(Problem::new(&UNKNOWN, "a fact").label(&span(FILE, at - 4..at), "here"), Some(text));
        assert!(shown.contains("\"Aaa\"") && !shown.contains("Ada"), "{shown}");
        let at = text.find("by").expect("it is there");
        let shown = check(Problem::new(&UNKNOWN, "a fact").label(&span(FILE, at..at + 2), "here"), Some(text));
        assert!(shown.contains("by = [\"name\"]"), "{shown}");
        // A long list of which the beginning is left out.
        let text = format!("[[expect.t]]\nnot_in = [{}5]\n", "\"Ada Lake\", ".repeat(60));
        let at = text.rfind('5').expect("it is there");
        let shown = check(Problem::new(&UNKNOWN, "a fact").label(&span(FILE, at..at + 1), "here"), Some(&text));
        assert!(!shown.contains("Lake"), "{shown}");
    }

    #[test]
    fn lines_of_delivered_files_are_not_shown() {
        let problem = Problem::new(&UNKNOWN, "a cell is odd").label(&span("data/people.csv", 0..3), "here");
        let shown = problems(&[problem], &|_| Some("Thandi,secret\n".to_owned()), Style::PLAIN);
        assert!(!shown.contains("Thandi"), "{shown}");
    }

    #[test]
    fn hostile_lines_are_cut_and_escaped() {
        let text = format!("\u{1b}[2J\u{202e} = '{}' bad", "é".repeat(4_000));
        let at = text.len() - 3;
        let shown = check(Problem::new(&UNKNOWN, "x\u{1b}[0m\ny").label(&span(FILE, at..at + 3), "\u{7}"), Some(&text));
        assert!(shown.lines().all(|it| it.chars().count() < 250), "{shown}");
        assert!(shown.contains(&format!("[{FILE}:1:{}]", text.chars().count() - 2)), "{shown}");
        assert!(shown.contains("x\\u{1b}[0m y"), "{shown}");
    }

    #[test]
    fn a_flood_of_problems_is_counted() {
        let flood: Vec<_> = (0..1_200).map(|it| Problem::new(&UNKNOWN, format!("number {it}"))).collect();
        let shown = problems(&flood, &|_| None, Style::PLAIN);
        assert!(shown.contains("number 99\n") && !shown.contains("number 100\n"));
        assert!(shown.ends_with("and 1,100 problems more; `--format json` lists all\n"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_place_in_any_text_can_be_drawn(text in "[a-z =\\n\\r\\té\u{202e}]{0,60}", a in 0..70_usize, b in 0..70_usize, c in 0..70_usize) {
            let problem = Problem::new(&UNKNOWN, "a fact")
                .label(&span(FILE, a..b), "first").label(&span(FILE, c..c + 1), "second");
            let shown = check(problem, Some(&text));
            prop_assert!(shown.contains("a fact"));
            prop_assert!(!shown.contains("Failed to read"), "{}", shown);
        }
    }
}
