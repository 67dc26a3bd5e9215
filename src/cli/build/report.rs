//! What a build says of itself when it has ended: to people, to programs, and to those around it.

use std::path::Path;

use serde_json::json;

use crate::cli::build::BuildConfig;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::progress::Progress;
use crate::cli::report;
use crate::problem::Severity;
use crate::show;
use crate::summary::{Status, StepStatus, Summary};
use crate::workspace::session::text_of;

/// Shows what a build says of itself, and gives its exit code.
pub(super) fn tell(summary: &Summary, root: &Path, out: &Output, progress: &Progress, config: &BuildConfig) -> Exit {
    let text = |path: &Path| text_of(root, path);
    progress.done();
    out.problems(&summary.problems, &text);
    for failure in &summary.failures {
        out.failure(failure);
    }
    out.differences(&summary.differences);
    progress.event(&summary_json(summary));
    if !out.is_json() {
        out.say(&in_words(summary));
        if summary.withheld > 0 {
            let artefacts = show::count(summary.withheld as u64, "artefact");
            out.say(&format!(
                "{:>10}  {artefacts}: those of a build go together, and what stood still stands",
                "withheld"
            ));
        }
        if let Some(line) = lost(summary) {
            out.say(&line);
        }
        if let Some(line) = learnt(summary) {
            out.say(&line);
        }
        for artefact in summary.artefacts.iter().filter(|it| it.folder.is_none()) {
            let what = if artefact.written { "wrote" } else { "stands" };
            let (rows, bytes) = (show::count(artefact.rows, "row"), show::bytes(artefact.bytes));
            out.say(&format!("{what:>10}  {}  {rows}, {bytes}", show::line(&artefact.path)));
        }
        for line in folders(summary) {
            out.say(&line);
        }
    }
    if let Err(error) = report::write(&config.reports, summary, root, &text) {
        out.failure(&error.to_string());
        return Exit::World;
    }
    let warned = summary.problems.iter().any(|it| it.severity == Severity::Warning);
    match summary.status {
        Status::Ok if warned && config.fail_on_warn => Exit::Warned,
        Status::Ok => Exit::Done,
        Status::Refused if !summary.differences.is_empty() => Exit::Different,
        Status::Refused => Exit::Refused,
        Status::Failed => Exit::World,
        Status::Interrupted => Exit::Interrupted,
    }
}

/// A line for each folder of pages or partitions.
fn folders(summary: &Summary) -> Vec<String> {
    let folders: std::collections::BTreeSet<&String> =
        summary.artefacts.iter().filter_map(|it| it.folder.as_ref()).collect();
    let line = |folder: &String| {
        let pages: Vec<_> = summary.artefacts.iter().filter(|it| it.folder.as_ref() == Some(folder)).collect();
        let what = if pages.iter().any(|it| it.written) { "wrote" } else { "stands" };
        let bytes = show::bytes(pages.iter().map(|it| it.bytes).sum());
        let is_page = pages.iter().all(|it| it.path.ends_with(".html"));
        let files = show::count(pages.len() as u64, if is_page { "page" } else { "file" });
        let rows = pages.iter().map(|it| it.rows).sum();
        let rows = if is_page { String::new() } else { format!("{}, ", show::count(rows, "row")) };
        format!("{what:>10}  {}/  {files}, {rows}{bytes}", show::line(folder))
    };
    folders.into_iter().map(line).collect()
}

/// How many values could not be read, and where they can be looked at; nothing where none is lost.
fn lost(summary: &Summary) -> Option<String> {
    let columns = || summary.lost.values().flat_map(|it| it.values());
    let (values, places) = (columns().sum::<u64>(), columns().count() as u64);
    let looks: Vec<_> = summary.lost.keys().map(|it| format!("hotpass show {} --lost", show::line(it))).collect();
    let (values, places) = (show::count(values, "value"), show::count(places, "column"));
    (!looks.is_empty()).then(|| format!("{:>10}  {values} of {places} could not be read: {}", "lost", looks.join("; ")))
}

/// Steps whose model is not kept, and how it is.
fn learnt(summary: &Summary) -> Option<String> {
    let steps: Vec<String> = summary.learnt.iter().map(|it| show::line(it)).collect();
    let keeps = match steps.as_slice() {
        [] => return None,
        [one] => one.as_str(),
        _ => "STEP",
    };
    let steps = steps.join(", ");
    Some(format!("{:>10}  {steps} from its rows: `hotpass link train {keeps} --write` keeps the model", "learnt"))
}

/// A build in one line.
pub fn in_words(summary: &Summary) -> String {
    let steps = summary.step_count();
    let ran = summary.steps_with(StepStatus::Ran);
    let mut parts = Vec::new();
    if !summary.steps.is_empty() {
        parts.push(format!("{ran} of {} ran", show::count(steps as u64, "step")));
    }
    let failed = summary.steps_with(StepStatus::Failed);
    let skipped = summary.steps_with(StepStatus::Skipped);
    let read = summary.sources_read();
    if read > 0 {
        parts.push(format!("{} read", show::count(read as u64, "source")));
    }
    let lost = summary.sources_with(StepStatus::Failed);
    if lost > 0 {
        parts.push(format!("{} failed", show::count(lost as u64, "source")));
    }
    if failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    if skipped > 0 {
        parts.push(format!("{skipped} skipped"));
    }
    let aside: u64 = summary.set_aside.values().sum();
    if aside > 0 {
        parts.push(format!("{} set aside", show::count(aside, "row")));
    }
    let held = summary.checks.iter().filter(|it| it.held == Some(true)).count();
    if !summary.checks.is_empty() {
        parts.push(format!("{held} of {} held", show::count(summary.checks.len() as u64, "expectation")));
    }
    let open = summary.gates.iter().filter(|it| it.held == Some(true)).count();
    if !summary.gates.is_empty() {
        parts.push(format!("{open} of {} open", show::count(summary.gates.len() as u64, "gate")));
    }
    let status = match summary.status {
        Status::Ok if ran == 0 && read == 0 && !summary.artefacts.iter().any(|it| it.written) => "nothing to do",
        Status::Ok => "built",
        Status::Refused => "refused",
        Status::Failed => "failed",
        Status::Interrupted => "interrupted",
    };
    if parts.is_empty() {
        parts.push("before anything ran".to_owned());
    }
    format!("{status:>10}  {} in {}", parts.join(", "), show::duration(summary.duration_ms))
}

/// A build as the last event of it.
pub fn summary_json(summary: &Summary) -> serde_json::Value {
    let checks = |held: Option<bool>, stops: Option<bool>| {
        let of = |it: &&crate::summary::CheckLine| it.held == held && stops.is_none_or(|stops| it.stops == stops);
        summary.checks.iter().filter(of).count()
    };
    let artefacts: Vec<_> = summary
        .artefacts
        .iter()
        .map(|it| {
            json!({"path": it.path, "blake3": it.blake3.hex(), "sha256": hex(&it.sha256), "bytes": it.bytes,
                "rows": it.rows})
        })
        .collect();
    let mut all = json!({
        "v": 1, "event": "build.summary", "status": summary.status, "run_id": summary.run_id,
        "duration_ms": summary.duration_ms,
        "steps": {
            "total": summary.step_count(), "ran": summary.steps_with(StepStatus::Ran),
            "reused": summary.steps_with(StepStatus::Reused), "failed": summary.steps_with(StepStatus::Failed),
            "skipped": summary.steps_with(StepStatus::Skipped),
        },
        "sources": {"read": summary.sources_read(), "failed": summary.sources_with(StepStatus::Failed), "total": summary.steps.len() - summary.step_count()},
        "set_aside": summary.set_aside, "lost": summary.lost,
        "expectations": {
            "total": summary.checks.len(), "passed": checks(Some(true), None),
            "failed": checks(Some(false), Some(true)), "warned": checks(Some(false), Some(false)),
            "not_evaluated": checks(None, Some(true)),
            "reused": summary.checks.iter().filter(|it| it.reused).count(),
        },
        "artefacts": artefacts, "withheld": summary.withheld,
    });
    if !summary.learnt.is_empty() {
        all["learnt"] = json!(summary.learnt);
    }
    if !summary.gates.is_empty() {
        let gate = |it: &crate::summary::GateLine| json!({"pipeline": it.pipeline, "gate": it.id, "held": it.held, "blocks": it.stops});
        all["gates"] = summary.gates.iter().map(gate).collect();
    }
    all
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|it| format!("{it:02x}")).collect()
}
