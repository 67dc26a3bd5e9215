//! Values of people in lines of a pipeline: they are drawn as patterns, each character with its length.
//!
//! A problem that knows that it is about people hides all texts and numbers around its places. What is found before the
//! columns of a table are known may be about people too, so the lists of a check, and texts within its expressions, are
//! patterns in every excerpt.

use crate::expectations::{FAILED, WAIVED, WARNED};
use crate::problem::Problem;

/// Whom the texts around the places of a problem are about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Whom {
    /// They may be about people.
    People,
    /// A check that ran is about no people.
    Nobody,
    /// What was found in the text of a pipeline does not know it.
    Unknown,
}

impl Whom {
    pub(super) fn of(problem: &Problem) -> Whom {
        match problem.of_people {
            true => Whom::People,
            false if [&FAILED, &WARNED, &WAIVED].iter().any(|it| it.name == problem.code) => Whom::Nobody,
            false => Whom::Unknown,
        }
    }
}

/// Keys of a check that name columns and words of ours.
const NAMES: [&str; 7] = ["[", "column", "columns", "from", "id", "on_fail", "severity"];

/// A line with patterns in the place of what stands between quotes and of numbers; each character keeps its length.
pub(super) fn hidden(line: &str) -> String {
    let key = line.split(['=', '{']).next().unwrap_or_default().trim();
    if NAMES.iter().any(|it| key == *it || *it == "[" && line.trim_start().starts_with("[[")) && !line.contains('{') {
        return line.to_owned();
    }
    hidden_always(line)
}

/// The same of any line.
fn hidden_always(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(it), _) if it == c => quote = None,
            _ => (),
        }
        out.push_str(match c {
            '0'..='9' => "9",
            _ if quote.is_none() || c.is_ascii_punctuation() || c == ' ' => {
                out.push(c);
                continue;
            }
            'A'..='Z' => "A",
            _ => match c.len_utf8() {
                1 => "a",
                2 => "ä",
                3 => "\u{2022}",
                _ => "\u{2022}a",
            },
        });
    }
    out
}

/// Of each line up to a last one: whether it is of a check, and then whether it goes on with a text or a list that began
/// above it.
pub(super) fn in_checks(text: &str, last: usize) -> Vec<Option<bool>> {
    let (mut acc, mut is_check, mut depth, mut long) = (Vec::new(), false, 0_usize, None);
    for line in text.split('\n').take(last + 1) {
        let begun = long.is_some() || depth > 0;
        if let Some(header) = header(line).filter(|_| long.is_none()) {
            is_check = header.starts_with("expect");
            depth = 0;
            acc.push(None);
            continue;
        }
        acc.push(is_check.then_some(begun));
        for mark in ["\"\"\"", "'''"] {
            for _ in line.matches(mark) {
                long = if long.is_none() { Some(mark) } else { long.filter(|it| *it != mark) };
            }
        }
        if long.is_none() {
            // A list without an end goes on until the next heading.
            depth = Marks::default().after(line, depth);
        }
    }
    acc
}

/// What stands in the brackets of a heading.
fn header(line: &str) -> Option<&str> {
    let inside = line.trim().strip_prefix('[')?.trim_start_matches('[').trim_start();
    let is_name = inside.starts_with(|it: char| it.is_alphabetic() || it == '_');
    inside.contains(']').then_some(inside).filter(|it| is_name && !it.contains(','))
}

/// Quotes and brackets on the way along a line.
#[derive(Default)]
struct Marks {
    quote: Option<char>,
    /// A text in quotes of the other kind, within a text.
    within: bool,
}

impl Marks {
    fn take(&mut self, c: char, depth: &mut usize) {
        match (self.quote, c) {
            (None, '"' | '\'') => self.quote = Some(c),
            (Some(it), _) if it == c => *self = Marks::default(),
            (Some(_), '"' | '\'') => self.within = !self.within,
            (None, '[' | '{') => *depth += 1,
            (None, ']' | '}') => *depth = depth.saturating_sub(1),
            _ => (),
        }
    }

    fn after(mut self, line: &str, mut depth: usize) -> usize {
        line.chars().for_each(|it| self.take(it, &mut depth));
        depth
    }
}

/// A line of a check with patterns in the place of what is listed, and of texts within an expression.
pub(super) fn listed(line: &str, begun: bool) -> String {
    let all = hidden_always(line);
    // One text may stand where a list is meant.
    let key = line.split('=').next().unwrap_or_default().trim();
    if begun || key.starts_with("in") || key.starts_with("not_in") {
        return all;
    }
    let (mut marks, mut depth, mut out) = (Marks::default(), 0, String::with_capacity(line.len()));
    for (at, c) in line.char_indices() {
        let was = depth > 0 || marks.within;
        marks.take(c, &mut depth);
        let from = if was && (depth > 0 || marks.within) { &all } else { line };
        out.push_str(&from[at..at + c.len_utf8()]);
    }
    out
}
