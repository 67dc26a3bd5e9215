//! Which sheet is which source, by the columns that each source usually has: names first, then what the values look
//! like. Every pair has a score, the best pairs come first, and one sheet is one source.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::answers::init::draft::text;
use crate::answers::init::scratch::{Extent, Scratch, World};
use crate::answers::refine::folder::unreadable;
use crate::pipeline::Pipeline;
use crate::plan::{Operation, Plan, Table};
use crate::problem::{Code, Problem};
use crate::readers::Header;
use crate::readers::problems::{EMPTY, HEADER};

/// A source that nothing looks like.
pub const NOT_FOUND: Code = Code::warning("hotpass::refine::not-found");
/// A source that two sheets look like.
pub const AMBIGUOUS: Code = Code::warning("hotpass::refine::ambiguous");
/// A sheet that looks like no source.
pub const LEFT_OVER: Code = Code::warning("hotpass::refine::left-over");

/// A sheet that looks less like a source is none.
const LEAST: f64 = 0.5;
/// Two that differ by no more might be taken for each other.
const NEAR: f64 = 0.05;

/// A sheet with a table.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    /// The file, relative to the workspace.
    pub(crate) path: String,
    /// The sheet; nothing for delimited text.
    pub(crate) name: Option<String>,
    /// Where the header stands.
    pub(crate) header: Header,
}

impl Sheet {
    /// `file#sheet`.
    pub(crate) fn place(&self) -> String {
        self.name.as_ref().map_or_else(|| self.path.clone(), |it| format!("{}#{it}", self.path))
    }
}

impl Sheet {
    /// `file#sheet` as the one who named the folder knows it.
    pub(crate) fn said(&self) -> String {
        let place = self.place();
        place.strip_prefix("data/").map(str::to_owned).unwrap_or(place)
    }
}

/// A sheet that was taken for a source.
#[derive(Clone, Debug)]
pub(crate) struct Match {
    /// Which sheet.
    pub(crate) sheet: usize,
    /// How much it looks like the source, from 0 to 1.
    pub(crate) score: f64,
    /// For each column of the source, the delivered one and how sure that is.
    pub(crate) columns: BTreeMap<String, (String, f64)>,
}

/// What somebody said with `--source NAME=PLACE`: sources, each with the number of its sheet.
pub(crate) type Said = BTreeMap<String, usize>;

/// Every sheet with a table in the files, and a warning for each file or sheet that cannot be read.
pub(crate) fn sheets(scratch: &Scratch, files: &[String]) -> World<(Vec<Sheet>, Vec<Problem>)> {
    let session = scratch.bare()?;
    let (mut acc, mut told) = (Vec::new(), Vec::new());
    for path in files {
        let contents = match scratch.head(&session, path, Extent::Contents)? {
            Ok(contents) => contents,
            Err(problem) => {
                told.push(unreadable(path, &problem));
                continue;
            }
        };
        let listed = contents.sheets.into_iter().filter(|it| it.visible).map(|it| Some(it.name));
        let mut names: Vec<Option<String>> = listed.collect();
        if names.is_empty() {
            names.push(None);
        }
        let before = acc.len() + told.len();
        let mut empty = None;
        for name in names {
            match scratch.head(&session, path, Extent::Table(name.as_deref()))? {
                Ok(found) => acc.push(Sheet { path: path.clone(), name, header: found.header }),
                // A sheet without a table says nothing; a file without one is told.
                Err(problem) if problem.code == EMPTY.name || problem.code == HEADER.name => empty = Some(problem),
                Err(problem) => {
                    let place = name.map_or_else(|| path.clone(), |it| format!("{path}#{it}"));
                    told.push(unreadable(&place, &problem));
                }
            }
        }
        if acc.len() + told.len() == before
            && let Some(problem) = empty
        {
            told.push(unreadable(path, &problem));
        }
    }
    Ok((acc, told))
}

/// Which sheet is which source, beside what was `said`; what is not certain is told.
pub(crate) fn recognise(
    scratch: &Scratch,
    pipeline: &Pipeline,
    sheets: &[Sheet],
    said: &Said,
) -> World<(BTreeMap<String, Match>, Vec<Problem>)> {
    let mut pairs: Vec<(String, Match)> = Vec::new();
    for (source, declared) in pipeline.sources.iter().filter(|(_, it)| !it.like.columns.is_empty()) {
        let plan = scratch.plan(&trial(&declared.like.columns, sheets))?;
        for sheet in 0..sheets.len() {
            pairs.extend(fit(&plan, sheet, &declared.like.columns).map(|it| (source.clone(), it)));
        }
    }
    let sources: Vec<(&str, bool)> =
        pipeline.sources.iter().map(|(name, it)| (name.as_str(), it.like.optional)).collect();
    Ok(choose(&sources, sheets, pairs, said))
}

/// The best pairs first, each source and each sheet once; what is not certain is told. Sources that may be missing are
/// `true`.
fn choose(
    sources: &[(&str, bool)],
    sheets: &[Sheet],
    mut pairs: Vec<(String, Match)>,
    said: &Said,
) -> (BTreeMap<String, Match>, Vec<Problem>) {
    pairs.sort_by(|a, b| b.1.score.total_cmp(&a.1.score).then_with(|| (a.1.sheet, &a.0).cmp(&(b.1.sheet, &b.0))));
    let mut taken: BTreeMap<String, Match> = BTreeMap::new();
    let mut used: BTreeMap<usize, String> = BTreeMap::new();
    for (source, it) in pairs.iter().filter(|(source, it)| said.get(source) == Some(&it.sheet)) {
        used.insert(it.sheet, source.clone());
        taken.insert(source.clone(), it.clone());
    }
    for (source, it) in pairs.iter().filter(|(_, it)| it.score >= LEAST) {
        if !taken.contains_key(source) && !used.contains_key(&it.sheet) {
            used.insert(it.sheet, source.clone());
            taken.insert(source.clone(), it.clone());
        }
    }
    let mut told = Vec::new();
    for (source, optional) in sources {
        let own: Vec<&Match> = pairs.iter().filter(|(it, _)| it == source).map(|(_, it)| it).collect();
        let Some(one) = taken.get(*source) else {
            told.extend((!optional).then(|| missing(source, own.first().copied(), sheets, &taken, &used)));
            continue;
        };
        let near = |it: &&&Match| it.score >= one.score - NEAR && !used.contains_key(&it.sheet);
        if let Some(rival) = own.iter().find(|it| it.sheet != one.sheet && near(it) && !said.contains_key(*source)) {
            let (first, second) = (sheets[one.sheet].place(), sheets[rival.sheet].place());
            let message = format!(
                "`{first}` ({:.2}) and `{second}` ({:.2}) both look like the source `{source}`",
                one.score, rival.score
            );
            let help = format!("`{first}` was taken; `{}` takes the other", offer(source, &sheets[rival.sheet]));
            told.push(Problem::new(&AMBIGUOUS, message).help(help));
        }
    }
    for (at, sheet) in sheets.iter().enumerate().filter(|(at, _)| !used.contains_key(at)) {
        let place = sheet.place();
        let best = pairs.iter().find(|(_, it)| it.sheet == at);
        // What looks like a source is offered, whatever else was taken for it.
        told.push(match best.filter(|(_, it)| it.score >= LEAST) {
            Some((source, it)) => {
                let message = format!("`{place}` is left out, and looks like the source `{source}` ({:.2})", it.score);
                Problem::new(&LEFT_OVER, message).help(format!("`{}` takes it", offer(source, sheet)))
            }
            None => {
                let best = best.map(|(source, it)| format!("it is most like `{source}` ({:.2})", it.score));
                Problem::new(&LEFT_OVER, format!("`{place}` looks like no source and is left out")).help(best)
            }
        });
    }
    (taken, told)
}

/// A word as a shell takes it.
pub(crate) fn shell(word: &str) -> String {
    let plain = |it: char| it.is_alphanumeric() || "-_./=#".contains(it);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// What takes a sheet for a source, as it is typed.
fn offer(source: &str, sheet: &Sheet) -> String {
    format!("--source {}", shell(&format!("{source}={}", sheet.said())))
}

/// A source without a sheet: nothing looks like it, or what does was taken for another one that it fits as well.
fn missing(
    source: &str,
    best: Option<&Match>,
    sheets: &[Sheet],
    taken: &BTreeMap<String, Match>,
    used: &BTreeMap<usize, String>,
) -> Problem {
    let place = |it: &Match| sheets[it.sheet].place();
    let rival = best.filter(|it| it.score >= LEAST).and_then(|it| Some((it, used.get(&it.sheet)?)));
    if let Some((it, other)) = rival
        && let Some(one) = taken.get(other).filter(|one| it.score >= one.score - NEAR)
    {
        let message = format!(
            "`{}` looks like the source `{other}` ({:.2}) and like `{source}` ({:.2}), which has no rows now",
            place(it),
            one.score,
            it.score
        );
        let help =
            format!("hotpass treated it as `{other}`; if this is wrong, give it a column that only `{source}` has");
        return Problem::new(&AMBIGUOUS, message).help(help);
    }
    let message = format!("nothing looks like the source `{source}`, so it has no rows");
    let nearest = best.map(|it| format!("the nearest is `{}` ({:.2})", place(it), it.score));
    Problem::new(&NOT_FOUND, message).help(nearest)
}

/// A pipeline in which every sheet is mapped to the columns of one source.
fn trial(columns: &[(String, crate::profile::Value)], sheets: &[Sheet]) -> String {
    let mut out = String::from("[pipeline]\nname = \"trial\"\n");
    for (name, value) in columns {
        let key = toml_edit::Key::new(name).to_string();
        let _ = writeln!(out, "\n[field.{key}]\nvalue = {}", text(&value.spelling()));
    }
    for (at, sheet) in sheets.iter().enumerate() {
        let _ = writeln!(out, "\n[source.s{at}]\npath = {}\nheader = {}", text(&sheet.path), sheet.header);
        if let Some(name) = &sheet.name {
            let _ = writeln!(out, "sheet = {}", text(name));
        }
        let _ = writeln!(out, "\n[step.m{at}]\nkind = \"map\"\nfrom = \"s{at}\"");
    }
    out
}

/// How much a sheet looks like a source: how much of the source was found, and, half as much, how much of the sheet.
fn fit(plan: &Plan, sheet: usize, columns: &[(String, crate::profile::Value)]) -> Option<Match> {
    let map = &plan.tables[plan.table(&format!("trial.m{sheet}"))?];
    let source = &plan.tables[plan.table(&format!("trial.s{sheet}"))?];
    let mut found = BTreeMap::new();
    for (name, from) in lineage(map) {
        let sure = map.guesses.get(&name).map_or(1.0, |it| it.score);
        found.insert(name, (from.first()?.clone(), sure));
    }
    let valued = source.schema.visible().filter(|it| source.evidence.get(&it.name).is_none_or(|it| it.valued > 0));
    let (of_source, of_sheet) = (columns.len().max(1) as f64, valued.count().max(1) as f64);
    let sum: f64 = found.values().map(|(_, sure)| sure).sum();
    let score = (2.0 * sum / of_source + (sum / of_sheet).min(1.0)) / 3.0;
    Some(Match { sheet, score: (score * 100.0).round() / 100.0, columns: found })
}

/// Fields of a `map` table, each with the columns that it is made of.
pub(crate) fn lineage(map: &Table) -> Vec<(String, Vec<String>)> {
    let Operation::Relation(relation) = &map.make else { return Vec::new() };
    let from = |field: &str| relation.lineage(field).into_iter().map(|(_, it)| it.to_owned()).collect::<Vec<_>>();
    map.schema.visible().map(|it| (it.name.clone(), from(&it.name))).filter(|(_, it)| !it.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pairs: &[(&str, usize, f64)], expected: &[(&str, usize)], told: &[(&Code, &str)]) {
        check_said(pairs, &[], expected, told);
    }

    /// Pairs of source, sheet and score, and what somebody said; what is taken, and what is told.
    fn check_said(
        pairs: &[(&str, usize, f64)],
        said: &[(&str, usize)],
        expected: &[(&str, usize)],
        told: &[(&Code, &str)],
    ) {
        let sheet =
            |name: &str| Sheet { path: "b.xlsx".to_owned(), name: Some(name.to_owned()), header: Header::Row(1) };
        let sheets = ["One", "Two"].map(sheet);
        let pair = |(source, sheet, score): &(&str, usize, f64)| {
            ((*source).to_owned(), Match { sheet: *sheet, score: *score, columns: BTreeMap::new() })
        };
        let said = said.iter().map(|(source, sheet)| ((*source).to_owned(), *sheet)).collect();
        let (taken, problems) =
            choose(&[("a", false), ("b", false), ("c", true)], &sheets, pairs.iter().map(pair).collect(), &said);
        let taken: Vec<_> = taken.iter().map(|(name, it)| (name.as_str(), it.sheet)).collect();
        assert_eq!(taken, expected);
        let problems: Vec<_> = problems.iter().map(|it| (&*it.code, it.message.as_str())).collect();
        let told: Vec<_> = told.iter().map(|(code, it)| (code.name, *it)).collect();
        assert_eq!(problems, told);
    }

    #[test]
    fn what_is_not_certain_is_told_with_both_sides() {
        check(&[("a", 0, 0.9), ("b", 1, 0.8), ("b", 0, 0.3)], &[("a", 0), ("b", 1)], &[]);
        // Two sheets of one source.
        let both = "`b.xlsx#One` (0.90) and `b.xlsx#Two` (0.88) both look like the source `a`";
        let left = "`b.xlsx#Two` is left out, and looks like the source `a` (0.88)";
        let gone = "nothing looks like the source `b`, so it has no rows";
        check(
            &[("a", 0, 0.9), ("a", 1, 0.88)],
            &[("a", 0)],
            &[(&AMBIGUOUS, both), (&NOT_FOUND, gone), (&LEFT_OVER, left)],
        );
        // Somebody said which.
        let other = "`b.xlsx#One` is left out, and looks like the source `a` (0.90)";
        let pairs = [("a", 0, 0.9), ("a", 1, 0.88)];
        check_said(&pairs, &[("a", 1)], &[("a", 1)], &[(&NOT_FOUND, gone), (&LEFT_OVER, other)]);
        let left = "`b.xlsx#Two` looks like no source and is left out";
        // Two sources of one sheet.
        let either = "`b.xlsx#One` looks like the source `a` (0.90) and like `b` (0.88), which has no rows now";
        check(&[("a", 0, 0.9), ("b", 0, 0.88)], &[("a", 0)], &[(&AMBIGUOUS, either), (&LEFT_OVER, left)]);
        check(&[("a", 0, 0.9), ("b", 0, 0.6)], &[("a", 0)], &[(&NOT_FOUND, gone), (&LEFT_OVER, left)]);
        // Nobody waits for what may be missing, and half of a source is none.
        let none = "nothing looks like the source `a`, so it has no rows";
        let first = "`b.xlsx#One` looks like no source and is left out";
        check(
            &[("a", 0, 0.49), ("c", 1, 0.9)],
            &[("c", 1)],
            &[(&NOT_FOUND, none), (&NOT_FOUND, gone), (&LEFT_OVER, first)],
        );
    }
}
