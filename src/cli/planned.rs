//! `hotpass plan`: what would run, what would be reused and why, by the same rules as `build`.

use std::collections::HashSet;

use serde_json::json;

use crate::cli::Answer;
use crate::cli::args::Format;
use crate::cli::decided;
use crate::cli::guesses;
use crate::digest::Digest;
use crate::plan::{Operation, Plan, Role};
use crate::problem::Problem;
use crate::run::{self, Standing, State, keys};
use crate::show::{self, Align, Paint, Style, count, line, table};
use crate::workspace::selectors;
use crate::workspace::session::Session;

/// What would become of one table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Expected {
    /// Index in the plan.
    pub table: usize,
    /// Whether something of it would be made, as far as can be told.
    pub runs: bool,
    /// Columns that would be made; empty when that depends on what inputs turn out to be.
    pub columns: Vec<String>,
    /// What changed since it was last made.
    pub why: Vec<String>,
    /// Its inputs are to be made first, and may come out as they were.
    pub depends: bool,
}

impl Expected {
    /// Whether no table of this name was made before.
    pub fn is_new(&self) -> bool {
        self.why.iter().any(|it| it == "first")
    }
}

/// What would become of every wanted table.
pub fn expected(session: &Session, plan: &Plan, wanted: &[bool]) -> Vec<Expected> {
    // As a build does: what is lost is made again.
    session.journal.forget_lost(&session.paths);
    let states = run::settle(plan, &session.journal);
    let mut acc = Vec::new();
    // What another table would have made by then; it may be there, or be in the making.
    let mut made: HashSet<Digest> = HashSet::new();
    for (index, table) in plan.tables.iter().enumerate() {
        if !wanted[index] || !table.role.is_listed() {
            continue;
        }
        let look = keys::look(plan, index, &states, &session.journal, false);
        let (columns, depends) = match &look {
            Some(look) => {
                let whole = matches!(table.make, Operation::Read(_) | Operation::Sql(_));
                let missing = |at: &usize| look.digests[*at].is_none() || whole || look.composition.is_some();
                let keys = || look.keys.iter().zip(&look.digests).filter(|(_, known)| known.is_none());
                let keys: Vec<Digest> = keys().filter_map(|(key, _)| *key).collect();
                let shared = !keys.is_empty() && keys.iter().all(|it| made.contains(it));
                made.extend(keys);
                let missing = (0..table.columns.len()).filter(missing);
                (missing.map(|at| table.schema.columns[at].name.clone()).collect(), shared)
            }
            None => (Vec::new(), true),
        };
        let settled = matches!(states[index], State::Materialized(_));
        let name = table.name.to_string();
        let why = match settled {
            true => Vec::new(),
            false if look.is_none() && !session.journal.known(|it| it.preimages.contains_key(&name)) => {
                vec!["first".to_owned()]
            }
            false if look.is_none() => {
                let waits = table.inputs.iter().filter(|it| !matches!(states[**it], State::Materialized(_)));
                waits.map(|it| format!("input:{}", plan.tables[*it].name.name)).collect()
            }
            false => {
                let now = keys::preimage(plan, index, &states);
                session.journal.known(|it| keys::changed(it.preimages.get(&name), &now))
            }
        };
        let columns = if settled { Vec::new() } else { columns };
        acc.push(Expected { table: index, runs: !settled, columns, why, depends });
    }
    acc
}

/// What `plan` answers.
///
/// `all` tells of each table that is reused too.
pub fn plan(
    session: &Session,
    (targets, but): (&[String], &[String]),
    all: bool,
    format: Format,
    look: Style,
) -> Result<Answer, Box<Problem>> {
    let plan = session.plan();
    let states = run::settle(&plan, &session.journal);
    let changed = |table: usize| !matches!(states[table], State::Materialized(_));
    let selection = selectors::select_but(&plan, targets, but, &changed)?;
    let exports = plan.exports.iter().zip(&selection.exports).filter(|(_, it)| **it).flat_map(|(it, _)| it.tables());
    let tables = selection.tables.iter().enumerate().filter(|(_, it)| **it).map(|(index, _)| index);
    let wanted = crate::graph::upstream(tables.chain(exports), &plan.needs());
    let expected = expected(session, &plan, &wanted);
    let standing = run::standing(&plan, &states, &session.journal, &session.root, &session.paths);
    let standing = as_one(&plan, standing);
    let exports = plan.exports.iter().zip(&standing).zip(&selection.exports);
    let exports = exports.filter(|((it, _), wanted)| **wanted && it.is_listed()).map(|(it, _)| it);
    if format == Format::Json {
        let mut out = String::new();
        for it in &expected {
            let table = &plan.tables[it.table];
            let outcome = if it.runs { "run" } else { "reuse" };
            let value = json!({"v": 1, "event": "plan.step", "pipeline": table.name.pipeline, "step": table.name.name,
                "kind": table.kind, "outcome": outcome, "depends": it.depends, "columns": it.columns, "why": it.why});
            out.push_str(&show::json_line(&value));
        }
        for (export, stands) in exports {
            let outcome = if matches!(stands, Standing::Exists) { "stands" } else { "write" };
            let depends = *stands == Standing::Perhaps || !matches!(states[export.table], State::Materialized(_));
            let value = json!({"v": 1, "event": "plan.export", "pipeline": export.name.pipeline,
                "export": export.name.name, "path": export.declared.path, "outcome": outcome, "depends": depends});
            out.push_str(&show::json_line(&value));
        }
        for it in plan.gates.iter().filter(|it| it.is_asked(&selection.exports)) {
            let asks: Vec<&str> = it.asks.iter().map(|it| it.words.as_str()).collect();
            let value = json!({"v": 1, "event": "plan.gate", "pipeline": it.pipeline, "gate": it.declared.id,
                "asks": asks, "exports": it.exports.len()});
            out.push_str(&show::json_line(&value));
        }
        out.push_str(&guesses::shown(&plan, &|it| wanted[it], format, look));
        out.push_str(&decided::shown(&plan, &states, &session.journal, &|it| wanted[it], format));
        for problem in drifted(session, &wanted) {
            let text = problem.labels.first().and_then(|it| session.text(&it.span.file));
            out.push_str(&show::json_line(&show::problem_json(&problem, text.as_deref())));
        }
        return Ok(Answer::of(out));
    }
    let mut out = marked(&plan, &expected, all, look);
    let mut files = Files::default();
    for (export, stands) in exports {
        let path = line(&export.declared.path);
        let there = session.root.join(&export.declared.path).exists();
        let (mark, words) = match (stands, &states[export.table], there) {
            (Standing::Exists, ..) => {
                files.stand += 1;
                if all {
                    out.push_str(&format!("{}  {path}  as it stands\n", mark_of("=", look)));
                }
                continue;
            }
            (Standing::Perhaps, ..) => ("?", "written again unless its checks come out as they did"),
            (Standing::Written, State::Materialized(_), true) => ("~", "written again"),
            (Standing::Written, State::Materialized(_), false) => ("+", "written"),
            (Standing::Written, _, true) => ("?", "written again unless its table comes out as it was"),
            (Standing::Written, _, false) => ("+", "written when its table is made"),
        };
        files.write += 1;
        out.push_str(&format!("{}  {path}  {words}\n", mark_of(mark, look)));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&format!("{}\n", totals(&plan, &expected, files)));
    for it in plan.gates.iter().filter(|it| it.is_asked(&selection.exports)) {
        let asks: Vec<&str> = it.asks.iter().map(|it| it.words.as_str()).collect();
        let name = format!("{}.{}", it.pipeline, it.declared.id);
        out.push_str(&format!("gate   {} asks for {}\n", line(&name), line(&asks.join(", "))));
    }
    out.push_str(&guesses::shown(&plan, &|it| wanted[it], format, look));
    out.push_str(&decided::shown(&plan, &states, &session.journal, &|it| wanted[it], format));
    for problem in drifted(session, &wanted) {
        out.push_str(&format!("drift  {}\n", line(&problem.message)));
    }
    Ok(Answer::of(look.fold(&out, 7)))
}

/// The index of pages stands when all of them do: it is told in the place of the others.
fn as_one(plan: &Plan, mut standing: Vec<Standing>) -> Vec<Standing> {
    for at in 0..standing.len() {
        let export = &plan.exports[at];
        if !export.page().is_some_and(|_| export.is_listed()) {
            continue;
        }
        let others = plan.exports.iter().zip(&standing).filter(|(it, _)| it.name == export.name);
        let other = others.map(|(_, it)| it).find(|it| !matches!(it, Standing::Exists));
        standing[at] = other.cloned().unwrap_or_else(|| standing[at].clone());
    }
    standing
}

/// Exports by what becomes of their files.
#[derive(Clone, Copy, Default)]
struct Files {
    write: u64,
    stand: u64,
}

/// `+` for what is new, `~` for what is made again, `?` for what may be, `=` for what stays.
fn mark_of(mark: &str, look: Style) -> String {
    let paint = match mark {
        "+" => Paint::Good,
        "~" => Paint::Warn,
        "?" => Paint::Strong,
        _ => Paint::Dim,
    };
    look.paint(mark, paint)
}

/// A line for each table, marked.
fn marked(plan: &Plan, expected: &[Expected], all: bool, look: Style) -> String {
    let heads = ["", "step", "kind", "columns", "because of"].map(|it| (it.to_owned(), Align::Left));
    let mut rows = Vec::new();
    let mut marks = Vec::new();
    for it in expected.iter().filter(|it| it.runs || all) {
        let table = &plan.tables[it.table];
        let mark = match (it.runs, it.depends) {
            (false, _) => "=",
            _ if it.is_new() => "+",
            (true, true) => "?",
            (true, false) => "~",
        };
        let columns = match it.columns.len() {
            0 if !it.runs => "none".to_owned(),
            0 if it.is_new() => "all".to_owned(),
            0 => "perhaps".to_owned(),
            n if n == table.columns.len() => "all".to_owned(),
            _ => it.columns.join(", "),
        };
        let cells = [mark, &table.name.to_string(), table.kind, &columns, &it.why.join(", ")];
        rows.push(cells.map(|it| Some(it.to_owned())).to_vec());
        marks.push(mark);
    }
    if rows.is_empty() {
        return String::new();
    }
    let text = table(&heads, &rows, look);
    // Two lines of head, then one for each row, which begins with its mark.
    let lines = text.lines().enumerate().map(|(at, line)| match at.checked_sub(2).and_then(|it| marks.get(it)) {
        Some(mark) => format!("{}{}\n", mark_of(mark, look), line.strip_prefix(mark).unwrap_or(line)),
        None => format!("{line}\n"),
    });
    lines.collect()
}

/// `2 steps to run, 1 may run, 5 reused; 1 file to write, 2 as they stand`.
fn totals(plan: &Plan, expected: &[Expected], files: Files) -> String {
    let steps = |runs: bool, depends: bool| {
        let of = |it: &&Expected| {
            let own = it.runs == runs && (!runs || (it.depends && !it.is_new()) == depends);
            own && plan.tables[it.table].role == Role::Step
        };
        expected.iter().filter(of).count() as u64
    };
    let (sure, may, reused) = (steps(true, false), steps(true, true), steps(false, false));
    let may = if may > 0 { format!(", {} may run", show::number(may)) } else { String::new() };
    let mut out = format!("{} to run{may}, {} reused", count(sure, "step"), show::number(reused));
    if files.write + files.stand > 0 {
        let stand = if files.stand > 0 { format!(", {} as before", show::number(files.stand)) } else { String::new() };
        out.push_str(&format!("; {} to write{stand}", count(files.write, "file")));
    }
    out
}

/// What is told of wanted sources that are not as they were.
fn drifted(session: &Session, wanted: &[bool]) -> Vec<Problem> {
    let drifts = session.drifts().into_iter().filter(|it| wanted[it.table]);
    drifts.flat_map(|it| it.problems(&session.db, session.settings)).collect()
}
