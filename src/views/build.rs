//! What a build says of itself when it has ended.

use crate::show;
use crate::summary::{ArtefactLine, Status, StepStatus, Summary};

/// Line by line.
pub(crate) fn lines(summary: &Summary) -> Vec<String> {
    let mut acc = vec![in_words(summary)];
    if summary.withheld > 0 {
        let artefacts = show::count(summary.withheld as u64, "artefact");
        let why = "a build publishes all artefacts or none, so the earlier files stay";
        acc.push(format!("{:>10}  {artefacts}: {why}", "withheld"));
    }
    acc.extend(lost(summary));
    acc.extend(model(summary));
    let artefact = |it: &ArtefactLine| {
        let what = if it.written { "wrote" } else { "unchanged" };
        let (rows, bytes) = (show::count(it.rows, "row"), show::bytes(it.bytes));
        format!("{what:>10}  {}  {rows}, {bytes}", show::line(&it.path))
    };
    acc.extend(summary.artefacts.iter().filter(|it| it.folder.is_none()).map(artefact));
    acc.extend(folders(summary));
    acc
}

/// A line for each folder of pages or partitions.
fn folders(summary: &Summary) -> Vec<String> {
    let folders: std::collections::BTreeSet<&String> =
        summary.artefacts.iter().filter_map(|it| it.folder.as_ref()).collect();
    let line = |folder: &String| {
        let pages: Vec<_> = summary.artefacts.iter().filter(|it| it.folder.as_ref() == Some(folder)).collect();
        let what = if pages.iter().any(|it| it.written) { "wrote" } else { "unchanged" };
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
fn model(summary: &Summary) -> Option<String> {
    let steps: Vec<String> = summary.learnt.iter().map(|it| show::line(it)).collect();
    let keeps = match steps.as_slice() {
        [] => return None,
        [one] => one.as_str(),
        _ => "STEP",
    };
    let steps = steps.join(", ");
    Some(format!("{:>10}  {steps} from its rows: `hotpass link train {keeps} --write` keeps it", "model"))
}

/// A build in one line.
pub(crate) fn in_words(summary: &Summary) -> String {
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
