//! `hotpass gate`: gates, what they ask for, and whether it holds of what is built now. It counts nothing itself: what
//! no build has counted yet is told as such, and is no pass.

use serde_json::{Value, json};

use crate::cli::Answer;
use crate::cli::args::Format;
use crate::cli::exit::Exit;
use crate::lock::Lock;
use crate::plan::{Asked, Plan, PlannedGate, slashed};
use crate::problem::{Code, Problem, did_you_mean};
use crate::run::{self, Facts};
use crate::show::{self, Paint, Style, line};
use crate::summary::{AskLine, GateLine};
use crate::workspace::session::Session;

/// A gate that is not declared.
pub const UNKNOWN_GATE: Code = Code::error("hotpass::cli::unknown-gate");

/// All codes of this module.
pub const CODES: &[&Code] = &[&UNKNOWN_GATE];

/// How `explain` is asked for a gate.
const SUBJECT: &str = "gate:";

/// What `gate` answers; [`Exit::Refused`] where one that others wait for is shut.
pub fn gate(session: &Session, ids: &[String], format: Format, look: Style) -> Result<Answer, Box<Problem>> {
    let plan = session.plan();
    for id in ids {
        named(&plan, id)?;
    }
    let states = run::settle(&plan, &session.journal);
    let counts = run::counts(&plan, &states, &session.journal);
    let again = run::known_again(&plan, &states, &counts, &session.journal, &session.paths);
    let recorded = Lock::read(&session.root, session.environment()).ok().flatten().unwrap_or_default();
    let asked = |it: &PlannedGate| ids.is_empty() || ids.iter().any(|id| is_called(it, id));
    let lines = run::gates(&plan, &asked, Facts { counts: &counts, again: &again }, &recorded);
    let exit = if lines.iter().any(|it| it.stops) { Exit::Refused } else { Exit::Done };
    let mut out = String::new();
    for it in &lines {
        out.push_str(&match format {
            Format::Json => show::json_line(&told_json(it)),
            _ => told(it, look),
        });
    }
    if lines.is_empty() && format != Format::Json {
        out.push_str("no pipeline declares a gate\n");
    }
    let stdout = if format == Format::Json { out } else { look.fold(&out, 4) };
    Ok(Answer { stdout, stderr: String::new(), exit })
}

/// The gate that is meant by `gate:NAME`, if `explain` is asked for one.
pub fn meant<'a>(plan: &'a Plan, subject: &str) -> Option<Result<&'a PlannedGate, Box<Problem>>> {
    Some(named(plan, subject.strip_prefix(SUBJECT)?))
}

/// What `explain gate:NAME` answers: what the gate reads, and what waits for it.
pub fn explain(plan: &Plan, gate: &PlannedGate, format: Format, look: Style) -> Answer {
    let mut tables: Vec<String> =
        gate.checks().map(|it| plan.tables[plan.expectations[it].about].name.to_string()).collect();
    if gate.asks.iter().any(|it| it.asked == Asked::Reproducible) {
        let own = gate.exports.iter().flat_map(|it| plan.exports[*it].tables());
        tables.extend(own.map(|it| plan.tables[it].name.to_string()));
    }
    tables.sort();
    tables.dedup();
    let mut checks: Vec<&str> = gate.checks().map(|it| plan.expectations[it].declared.id.as_str()).collect();
    checks.sort_unstable();
    checks.dedup();
    let files = gate.exports.iter().map(|it| &plan.exports[*it]).filter(|it| it.is_listed());
    let exports: Vec<&str> = files.map(|it| it.declared.path.as_str()).collect();
    let asks: Vec<&str> = gate.asks.iter().map(|it| it.words.as_str()).collect();
    let file = plan.pipelines.get(&gate.pipeline).map(|it| slashed(it)).unwrap_or_default();
    if format == Format::Json {
        let value = json!({"v": 1, "event": "explain.gate", "pipeline": gate.pipeline, "gate": gate.declared.id,
            "file": file, "asks": asks, "tables": tables, "checks": checks, "exports": exports});
        return Answer::of(show::json_line(&value));
    }
    let heading = look.paint(&line(&format!("{}.{}", gate.pipeline, gate.declared.id)), Paint::Strong);
    let mut out = format!("{heading}  gate  {}\n", line(&file));
    let tables: Vec<&str> = tables.iter().map(String::as_str).collect();
    for (what, all) in [("asks for", &asks), ("reads", &tables), ("by", &checks), ("before", &exports)] {
        for (at, it) in all.iter().enumerate() {
            let what = if at == 0 { what } else { "" };
            out.push_str(&format!("  {what:<8}  {}\n", line(it)));
        }
    }
    Answer::of(look.fold(&out, 12))
}

fn is_called(gate: &PlannedGate, id: &str) -> bool {
    gate.declared.id == id || format!("{}.{}", gate.pipeline, gate.declared.id) == id
}

fn named<'a>(plan: &'a Plan, id: &str) -> Result<&'a PlannedGate, Box<Problem>> {
    if let Some(it) = plan.gates.iter().find(|it| is_called(it, id)) {
        return Ok(it);
    }
    let message = format!("there is no gate `{}`", line(id));
    let help = did_you_mean(id, plan.gates.iter().map(|it| it.declared.id.as_str()));
    let help = help.unwrap_or_else(|| match plan.gates.is_empty() {
        true => "declare one with `[[gate]]` in a pipeline".to_owned(),
        false => "`hotpass gate` lists them".to_owned(),
    });
    Err(Box::new(Problem::new(&UNKNOWN_GATE, message).help(help)))
}

fn told(it: &GateLine, look: Style) -> String {
    let (word, paint) = match (it.held, it.stops) {
        (Some(true), _) => ("open", Paint::Good),
        (Some(false), true) => ("shut", Paint::Bad),
        (Some(false), false) => ("shut, and nothing waits", Paint::Warn),
        (None, _) => ("not told", Paint::Warn),
    };
    let name = line(&format!("{}.{}", it.pipeline, it.id));
    let mut out = format!("{}  {}\n", look.paint(&name, Paint::Strong), look.paint(word, paint));
    for ask in &it.asks {
        let mark = word_of(ask);
        out.push_str(&format!("  {mark:<4}  {}: {}\n", line(&ask.words), line(&ask.found)));
    }
    out
}

fn word_of(ask: &AskLine) -> &'static str {
    match ask.held {
        Some(true) => "yes",
        Some(false) => "no",
        None => "?",
    }
}

fn told_json(it: &GateLine) -> Value {
    let asks: Vec<_> = it.asks.iter().map(|it| json!({"asks": it.words, "held": it.held, "found": it.found})).collect();
    let told = it.problem.as_ref().map(|it| json!({"code": it.code, "message": it.message}));
    json!({"v": 1, "event": "gate", "pipeline": it.pipeline, "gate": it.id, "held": it.held, "blocks": it.stops,
        "asks": asks, "problem": told})
}
