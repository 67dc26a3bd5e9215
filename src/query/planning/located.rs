//! What planning finds, with the table it is about; its place in the file is looked up when it is shown.

use std::path::PathBuf;

use crate::fields::Spans;
use crate::problem::{Problem, Severity};
use crate::steps::Finding;

/// A finding with the file and the table it is about; the place in the file is looked up when it is shown.
#[derive(Clone, PartialEq, Debug)]
pub struct Located {
    /// The pipeline file.
    pub file: PathBuf,
    /// Path of keys of the table: `step.schools`.
    pub path: String,
    /// What is wrong.
    pub what: What,
}

/// A finding, or a problem that has its own place already.
#[derive(Clone, PartialEq, Debug)]
pub enum What {
    /// To be placed.
    Finding(Finding),
    /// Placed, in what was delivered.
    Problem(Problem),
}

impl Located {
    /// Whether nothing can be built.
    pub(super) fn is_error(&self) -> bool {
        let severity = match &self.what {
            What::Finding(finding) => finding.code.severity,
            What::Problem(problem) => problem.severity,
        };
        severity == Severity::Error
    }

    /// The problem, with its place in the file as it is now.
    pub fn problem(&self, spans: &Spans) -> Problem {
        let finding = match &self.what {
            What::Problem(problem) => {
                let span = spans.get(&self.path);
                let problem = problem.clone();
                return match span {
                    Some(span) => problem.label(span, "declared here"),
                    None => problem,
                };
            }
            What::Finding(finding) => finding,
        };
        let mut path = match finding.key.is_empty() {
            true => format!("{}@", self.path),
            false => format!("{}.{}", self.path, finding.key),
        };
        let span = loop {
            // `column` may be written as `columns`.
            if let Some(span) = spans.get(&path).or_else(|| spans.get(&format!("{path}s"))) {
                break Some(span);
            }
            match path.rfind('.') {
                Some(at) => path.truncate(at),
                None => break None,
            }
        };
        let mut problem = Problem::new(finding.code, &finding.message).help(finding.help.clone());
        if let Some(span) = span {
            problem = problem.label(span, &finding.label);
        }
        if finding.of_people {
            problem = problem.of_people();
        }
        problem
    }
}
