//! `hotpass link review --read`: answers that people filled in, appended to the table of decisions. Nothing is written when
//! an answer cannot be read or answers contradict each other or what is decided; what is there is never changed.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use serde::Serialize;

use super::line::{DECIDE, Line, NOTE, SIDES};
use super::{BAD_ANSWERS, NO_DECISIONS, Step, studio, unwritten};
use crate::escape::line;
use crate::plan::{Operation, Plan, TableId, slashed};
use crate::problem::{Problem, Severity};
use crate::publish::{cell_texts, marked, runs};
use crate::query::WORKSPACE_FILE;
use crate::readers::reach::{self, Reach};
use crate::run::{self, LockMode, State, keys};
use crate::scratch::Scratch;
use crate::steps::asking::{DECISION_WORDS, Label, Question, Standing};
use crate::store::backend::{Engine, EngineError, EngineFactory};
use crate::workspace::edit::write;
use crate::workspace::failure::{Failure, failed};
use crate::workspace::lookup::not_made;
use crate::workspace::options::options;
use crate::workspace::session::{Asked, Session};

/// Where answers stand in the workspace that reads them.
const NAME: &str = "answers";
/// Contradictions and rows that are told; the others are counted.
const TOLD: usize = 5;
/// The longest file of JSON that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// What became of answers.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "link.answers")]
pub(crate) struct Taken {
    step: String,
    pub(crate) path: String,
    pub(crate) added: usize,
    /// Pairs that were decided so already.
    pub(crate) again: u64,
    /// Pairs that were decided otherwise before.
    pub(crate) changed: u64,
    /// Rows of the file that name rows which are not there: they are not added.
    pub(crate) gone: Vec<usize>,
    /// Rows of the file about rows whose values changed since the file was written.
    pub(crate) stale: Vec<usize>,
}

/// Takes the answers of a file.
pub(crate) fn take(step: &Step<'_>, file: &Path, by: Option<&str>) -> Result<Taken, Failure> {
    let (table, path, delimiter) = decisions(step)?;
    let known = standing(step, table)?;
    let shown = line(&file.display().to_string());
    let mut answered = answers(step.factory, file)?;
    let mut wrong = unusable(&answered);
    let all = answered.iter().map(|it| it.sides.clone()).collect();
    let standing: Vec<Standing> = step.ask(Question::Rows { answers: all })?;
    let rows = |wanted: Standing| -> Vec<usize> {
        let of = answered.iter().zip(&standing).filter(|it| *it.1 == wanted && it.0.names_rows());
        of.map(|it| it.0.number + 1).collect()
    };
    let (gone, stale) = (rows(Standing::Gone), rows(Standing::Changed));
    answered.retain(|it| !gone.contains(&(it.number + 1)));
    writable(step, table, &path, &mut answered)?;
    let (new, again, changed) = judged(&known, answered, &mut wrong);
    refuse(&shown, &wrong)?;
    let target = step.session.root.join(&path);
    if !new.is_empty() {
        let columns: Vec<&str> = step.plan.tables[table].schema.visible().map(|it| it.name.as_str()).collect();
        append(step, &path, &columns, delimiter, &new, by).map_err(|error| unwritten(&target, &error))?;
    }
    Ok(Taken { step: step.name(), path: slashed(&path), added: new.len(), again, changed, gone, stale })
}

/// Pairs of a file whose truth is known: those answered with `same`, and with `different` or `related`.
pub(crate) fn labels(factory: &'static dyn EngineFactory, file: &Path) -> Result<Vec<Label>, Failure> {
    let label = |it: Line| match it.word.as_str() {
        "same" => Some(Label { sides: it.sides, same: true }),
        "different" | "related" => Some(Label { sides: it.sides, same: false }),
        _ => None,
    };
    let answered = answers(factory, file)?;
    refuse(&line(&file.display().to_string()), &unusable(&answered))?;
    Ok(answered.into_iter().filter_map(label).collect())
}

/// Answers that cannot be used, each with the reason.
fn unusable(answered: &[Line]) -> Vec<String> {
    let mut wrong = Vec::new();
    for it in answered {
        if !DECISION_WORDS.contains(&it.word.as_str()) {
            wrong.push(format!("row {}: `decide` is not one of {}", it.number + 1, DECISION_WORDS.join(", ")));
        } else if !it.names_rows() {
            wrong.push(format!("row {}: it does not say which two rows it is about", it.number + 1));
        }
    }
    wrong
}

/// A file with answers that cannot be used is used for nothing.
fn refuse(shown: &str, wrong: &[String]) -> Result<(), Failure> {
    if wrong.is_empty() {
        return Ok(());
    }
    let more = wrong.len().saturating_sub(TOLD);
    let mut told = wrong.iter().take(TOLD).cloned().collect::<Vec<_>>().join("; ");
    if more > 0 {
        told.push_str(&format!("; and {more} more"));
    }
    let message = format!("`{shown}` has answers that hotpass cannot use: {told}");
    let help = "correct them in the file and read it again: nothing is written".to_owned();
    Err(Failure::Problem(Box::new(Problem::new(&BAD_ANSWERS, message).help(help))))
}

/// Leaves of answers what the table of decisions can hold: it has no column for the rest, or the rest is personal.
fn writable(step: &Step<'_>, table: TableId, path: &Path, answered: &mut [Line]) -> Result<(), Failure> {
    let schema = &step.plan.tables[table].schema;
    let has = |part: usize| SIDES.iter().all(|it| schema.has(it[part]));
    let key = step.learning.asks.key();
    let is_personal = key.is_some_and(|it| !step.is_open(it));
    let holds = [has(0) && key.is_some() && !is_personal, has(1)];
    let mut lost = false;
    for it in answered.iter_mut().filter(|it| it.names_rows()) {
        for side in &mut it.sides {
            side.iter_mut().zip(holds).filter(|it| !it.1).for_each(|it| it.0.clear());
        }
        lost |= !it.names_rows();
    }
    if !lost {
        return Ok(());
    }
    let path = line(&slashed(path));
    let message = format!("`{path}` has no columns for the rows that these answers are about");
    let why = if is_personal { ": the key of these rows is personal, and is not written" } else { "" };
    let columns = match has(1) {
        true => "`left` and `right` to its first line, and the key of the rows to the answers",
        false => "`left_print` and `right_print` to its first line",
    };
    let help = format!("add the columns {columns}, build, and read the answers again{why}");
    Err(Failure::Problem(Box::new(Problem::new(&NO_DECISIONS, message).help(help))))
}

/// The table of decisions of a step, its file, and what stands between two fields there.
fn decisions(step: &Step<'_>) -> Result<(TableId, PathBuf, char), Failure> {
    let refused = |message: String, help: &str| {
        Failure::Problem(Box::new(Problem::new(&NO_DECISIONS, message).help(help.to_owned())))
    };
    let Some(table) = step.learning.inputs.get(1).copied() else {
        let message = format!("`{}` has no table of decisions", line(&step.name()));
        let help = "name one with `decisions`: a source of a file `.csv` with the columns `left`, `right`, `left_print`, \
                    `right_print` and `decide`";
        return Err(refused(message, help));
    };
    let it = &step.plan.tables[table];
    let csv = |path: &Path| path.extension().is_some_and(|it| it.eq_ignore_ascii_case("csv"));
    let Operation::Read(reading) = &it.make else {
        let message = format!("decisions come from `{}`, which is made and not read", line(&it.name.to_string()));
        return Err(refused(message, "answers can be appended where `decisions` names a source of one file `.csv`"));
    };
    match reading.files.as_slice() {
        [file] if csv(&file.path) => {
            let delimiter = file.found.as_ref().and_then(|it| it.delimiter).unwrap_or(',');
            Ok((table, file.path.clone(), delimiter))
        }
        _ => {
            let message = format!("`{}` is not read from one file `.csv`", line(&it.name.to_string()));
            Err(refused(message, "answers can be appended where `decisions` names a source of one file `.csv`"))
        }
    }
}

/// What is decided already, in order.
fn standing(step: &Step<'_>, table: TableId) -> Result<Vec<Line>, Failure> {
    let states = run::settle(step.plan, &step.session.journal);
    let name = || step.plan.tables[table].name.to_string();
    let State::Materialized(settled) = &states[table] else { return Err(not_made(&name())) };
    let stored = keys::stored(step.plan, table, settled, &step.session.journal, &step.session.paths);
    lines(step.engine, &stored.map_err(failed)?, step.plan, table)
}

/// The answers of a file.
fn answers(factory: &'static dyn EngineFactory, file: &Path) -> Result<Vec<Line>, Failure> {
    if file.extension().is_some_and(|it| it == "json") {
        let shown = line(&file.display().to_string());
        let mut text = String::new();
        let read = reach::open(file).and_then(|it| it.take(LARGEST).read_to_string(&mut text));
        read.map_err(|error| Failure::World(format!("`{shown}`: {error}")))?;
        return studio::answers(&text).map_err(|reason| unreadable(&shown, &reason));
    }
    of_table(factory, file)
}

fn unreadable(shown: &str, reason: &str) -> Failure {
    let message = format!("`{shown}` cannot be read as answers: {reason}");
    let help =
        "take a file that `hotpass link review STEP --output FILE` wrote, with `decide` filled in, or an export of \
                such tasks as JSON"
            .to_owned();
    Failure::Problem(Box::new(Problem::new(&BAD_ANSWERS, message).help(help)))
}

/// The answers of a table, which is read as a source of a workspace of its own would be.
fn of_table(factory: &'static dyn EngineFactory, file: &Path) -> Result<Vec<Line>, Failure> {
    let world = |error: &dyn std::fmt::Display| Failure::World(error.to_string());
    let shown = line(&file.display().to_string());
    let scratch = Scratch::new().map_err(|error| world(&error))?;
    let root = scratch.path().canonicalize().map_err(|error| world(&error))?;
    let ending = file.extension().map_or_else(String::new, |it| it.to_string_lossy().to_lowercase());
    let path = if ending == "xlsx" { "data/answers.xlsx" } else { "data/answers.csv" };
    let pipeline = format!(
        "[pipeline]\nname = \"review\"\n\n[source.{NAME}]\npath = \"{path}\"\nheader = 1\ndrift = \"ignore\"\n"
    );
    let put = std::fs::create_dir_all(root.join("data"))
        .and_then(|()| reach::open(file))
        .and_then(|it| reach::copy(it, &root.join(path)))
        .and_then(|_| std::fs::write(root.join(WORKSPACE_FILE), pipeline));
    put.map_err(|error| world(&format!("`{shown}`: {error}")))?;
    let asked = Asked { root, jobs: crate::threads::processors(), ..Asked::default() };
    let session = Session::open(&asked, Some(factory), false).map_err(|error| world(&error))?;
    let (plan, problems) = (session.plan(), session.problems());
    let bad = |reason: &str| unreadable(&shown, reason);
    if let Some(it) = problems.iter().find(|it| it.severity == Severity::Error) {
        return Err(bad(&it.message));
    }
    let Some(table) = plan.tables.position(|it| it.name.name == NAME && it.role.is_listed()) else {
        return Err(bad("it holds no table"));
    };
    let has = |name: &str| plan.tables[table].schema.has(name);
    if !has(DECIDE) || !(0..2).any(|at| SIDES.iter().all(|it| has(it[at]))) {
        return Err(bad("a column is missing: `decide`, and `left_print` and `right_print`, or `left` and `right`"));
    }
    let mut options = options(&session, &plan, &asked);
    (options.lock, options.keep_going) = (LockMode::Leave, true);
    let built = run::run(&plan, &session.paths, &session.journal, &options, &run::Silent);
    let built = built.map_err(|error| world(&error))?;
    if let Some(reason) = built.summary.failures.first() {
        return Err(world(&line(reason)));
    }
    let State::Materialized(settled) = &built.states[table] else {
        let reason = built.summary.problems.first().map_or("it was not read", |it| it.message.as_str());
        return Err(bad(reason));
    };
    let engine = factory.open(&session.setup).map_err(failed)?;
    let stored = keys::stored(&plan, table, settled, &session.journal, &session.paths).map_err(failed)?;
    let mut acc = lines(&*engine, &stored, &plan, table)?;
    acc.retain(|it| !it.word.is_empty());
    for key in acc.iter_mut().flat_map(|it| &mut it.sides).map(|it| &mut it[0]) {
        // As it was written, before a spreadsheet was kept from running it.
        if let Some(own) = key.strip_prefix('\'').filter(|it| runs(it)) {
            *key = own.to_owned();
        }
    }
    Ok(acc)
}

/// The rows of a table of decisions.
fn lines(
    engine: &dyn Engine,
    stored: &crate::store::backend::Stored,
    plan: &Plan,
    table: TableId,
) -> Result<Vec<Line>, Failure> {
    let schema = &plan.tables[table].schema;
    let all = [DECIDE, NOTE].into_iter().chain(SIDES.into_iter().flatten());
    let names: Vec<&str> = all.filter(|it| schema.has(it)).collect();
    let mut acc: Vec<Line> = Vec::new();
    let mut take = |batch: RecordBatch| {
        for row in cell_texts(&batch).map_err(EngineError::Engine)? {
            let cell = |name: &str| {
                let at = names.iter().position(|it| *it == name)?;
                Some(row.get(at)?.as_deref()?.trim().to_owned())
            };
            let text = |name: &str| cell(name).unwrap_or_default();
            acc.push(Line {
                number: acc.len() + 1,
                word: text(DECIDE).to_lowercase(),
                sides: SIDES.map(|it| it.map(text)),
                note: text(NOTE),
                by: None,
            });
        }
        Ok(())
    };
    let mut worker = engine.worker().map_err(failed)?;
    worker.rows(stored, &names, 0..stored.rows, &mut take).map_err(failed)?;
    Ok(acc)
}

/// Rows as decisions name them: the same row may be named by key, by print, or both.
#[derive(Default)]
struct Rows {
    places: HashMap<(usize, String), usize>,
    above: Vec<usize>,
}

impl Rows {
    fn top(&self, mut at: usize) -> usize {
        while self.above[at] != at {
            at = self.above[at];
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.top(one), self.top(other));
        self.above[one.max(other)] = one.min(other);
    }

    /// The row that a side names, by its key where it has one.
    fn of(&mut self, side: &[String; 2]) -> usize {
        let mut found: Option<usize> = None;
        for (at, text) in side.iter().enumerate().filter(|(_, it)| !it.is_empty()) {
            let next = self.above.len();
            let place = *self.places.entry((at, text.clone())).or_insert(next);
            if place == next {
                self.above.push(next);
            }
            if let Some(before) = found {
                self.join(before, place);
            }
            found = Some(place);
        }
        found.unwrap_or(usize::MAX)
    }
}

/// The answers that are new, how many are decided so already, and how many were decided otherwise before.
fn judged(known: &[Line], answered: Vec<Line>, wrong: &mut Vec<String>) -> (Vec<Line>, u64, u64) {
    let mut rows = Rows::default();
    for it in known.iter().chain(&answered) {
        for side in &it.sides {
            rows.of(side);
        }
    }
    let mut pair = |it: &Line| {
        let [left, right] = it.sides.each_ref().map(|it| rows.of(it));
        let top = |it: usize| if it == usize::MAX { it } else { rows.top(it) };
        let (left, right) = (top(left), top(right));
        (left.min(right), left.max(right))
    };
    // Of two decisions about one pair the later counts.
    let mut last: HashMap<(usize, usize), String> = HashMap::new();
    for it in known {
        let pair = pair(it);
        last.insert(pair, it.word.clone());
    }
    let before = last.clone();
    let mut by_answer: HashMap<(usize, usize), (usize, String)> = HashMap::new();
    let (mut new, mut again, mut changed) = (Vec::new(), 0, 0);
    for it in answered {
        let pair = pair(&it);
        if let Some((number, word)) = by_answer.get(&pair) {
            if *word != it.word {
                wrong.push(format!(
                    "rows {} and {} give different answers about the same two rows",
                    number + 1,
                    it.number + 1
                ));
            }
            continue;
        }
        by_answer.insert(pair, (it.number, it.word.clone()));
        match before.get(&pair) {
            Some(word) if *word == it.word => again += 1,
            Some(_) => {
                changed += 1;
                last.insert(pair, it.word.clone());
                new.push(it);
            }
            None => {
                last.insert(pair, it.word.clone());
                new.push(it);
            }
        }
    }
    contradictions(&last, &by_answer, rows.above.len(), wrong);
    (new, again, changed)
}

/// Pairs that are decided to be two, and by way of others to be one, where an answer has to do with it.
fn contradictions(
    last: &HashMap<(usize, usize), String>,
    by_answer: &HashMap<(usize, usize), (usize, String)>,
    rows: usize,
    wrong: &mut Vec<String>,
) {
    let mut one = Rows { places: HashMap::new(), above: (0..rows).collect() };
    let there = |pair: &(usize, usize)| pair.0 < rows && pair.1 < rows;
    for (pair, _) in last.iter().filter(|(pair, word)| there(pair) && *word == "same") {
        one.join(pair.0, pair.1);
    }
    let mut told: Vec<String> = Vec::new();
    let two = |word: &String| word == "different" || word == "related";
    for (pair, _) in last.iter().filter(|(pair, word)| there(pair) && two(word)) {
        let top = one.top(pair.0);
        if top != one.top(pair.1) {
            continue;
        }
        let concerned = by_answer.iter().filter(|(it, _)| *it == pair || there(it) && one.top(it.0) == top);
        let mut numbers: Vec<usize> = concerned.map(|(_, (number, _))| number + 1).collect();
        numbers.sort_unstable();
        numbers.dedup();
        if !numbers.is_empty() {
            let numbers: Vec<String> = numbers.iter().take(TOLD).map(usize::to_string).collect();
            told.push(format!("rows {} make rows one that are decided to be two", numbers.join(", ")));
        }
    }
    told.sort();
    told.dedup();
    wrong.extend(told);
}

/// Appends lines to a file. What stands in it stays as it is, byte for byte.
fn append(
    step: &Step<'_>,
    path: &Path,
    columns: &[&str],
    delimiter: char,
    new: &[Line],
    by: Option<&str>,
) -> std::io::Result<()> {
    let root = &step.session.root;
    let reach = Reach::of(root);
    let text = String::from_utf8(reach.bytes(path)?);
    let mut text = text.map_err(|_| std::io::Error::other("it is not written in UTF-8"))?;
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if !text.is_empty() && !text.ends_with('\n') {
        text.push_str(end);
    }
    for it in new {
        let cells = columns.iter().map(|name| {
            let side = |at: usize| SIDES[at].iter().position(|it| it == name).map(|part| it.sides[at][part].as_str());
            let cell = match *name {
                DECIDE => it.word.as_str().into(),
                NOTE | "why" => marked(&it.note, delimiter),
                "by" => marked(by.or(it.by.as_deref()).unwrap_or_default(), delimiter),
                // Keys stay what they are: rows are found by them.
                _ => side(0).or(side(1)).unwrap_or_default().into(),
            };
            quoted(&cell, delimiter)
        });
        text.push_str(&cells.collect::<Vec<_>>().join(&delimiter.to_string()));
        text.push_str(end);
    }
    write(root, path, &text)
}

fn quoted(cell: &str, delimiter: char) -> String {
    match cell.contains(['"', '\n', '\r', delimiter]) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: usize, text: &str) -> Line {
        let [left, left_print, right, right_print, word] =
            text.split('|').map(str::to_owned).collect::<Vec<_>>().try_into().expect("five");
        Line { number, word, sides: [[left, left_print], [right, right_print]], ..Line::default() }
    }

    fn check(known: &[&str], answered: &[&str], expected: &str) {
        let lines = |of: &[&str]| of.iter().enumerate().map(|(at, it)| line(at + 1, it)).collect::<Vec<_>>();
        let mut wrong = Vec::new();
        let (new, again, changed) = judged(&lines(known), lines(answered), &mut wrong);
        let told = match wrong.is_empty() {
            true => format!("{} new, {again} again, {changed} changed", new.len()),
            false => wrong.join("; "),
        };
        assert_eq!(told, expected, "{known:?} {answered:?}");
    }

    #[test]
    fn answers_are_held_against_each_other_and_against_what_is_decided() {
        check(&[], &["a|1|b|2|same", "c|3|d|4|different"], "2 new, 0 again, 0 changed");
        check(&["a|1|b|2|same"], &["b|2|a|1|same"], "0 new, 1 again, 0 changed");
        // By key alone before, by print alone now, and a line that knows both.
        check(&["a||b||same", "a|1|c|3|unsure", "b|2|c|3|unsure"], &["|1||2|same"], "0 new, 1 again, 0 changed");
        check(&["a|1|b|2|same"], &["a|1|b|2|different"], "1 new, 0 again, 1 changed");
        check(&[], &["|1||2|same", "|2||1|same"], "1 new, 0 again, 0 changed");
        let otherwise = "rows 2 and 3 give different answers about the same two rows";
        check(&[], &["|1||2|same", "|2||1|different"], otherwise);
        let one = "rows 2, 3 make rows one that are decided to be two";
        check(&["|1||3|different"], &["|1||2|same", "|2||3|same"], one);
        check(&["|1||2|same", "|2||3|same"], &["|3||1|related"], "rows 2 make rows one that are decided to be two");
        // Taken back with another answer.
        check(&["|1||2|same", "|2||3|same"], &["|3||1|related", "|1||2|unsure"], "2 new, 0 again, 1 changed");
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(["a", "a;b", "a\"b", "a\nb"].map(|it| quoted(it, ';')), ["a", "\"a;b\"", "\"a\"\"b\"", "\"a\nb\""]);
    }
}
