//! `hotpass check`: what is wrong, and how much was looked at.

use serde::Serialize;

use crate::answers::guesses::{Guess, doubts};
use crate::plan::{Plan, Role};
use crate::problem::{Problem, Severity};

/// What was checked. Problems are told before it.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) guesses: Vec<Guess>,
    pub(crate) summary: Summary,
}

impl Serialize for Checked {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (&self.guesses, &self.summary).serialize(to)
    }
}

#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "check.summary")]
pub(crate) struct Summary {
    pub(crate) errors: u64,
    pub(crate) warnings: u64,
    pub(crate) pipelines: u64,
    pub(crate) steps: u64,
    pub(crate) tests: u64,
}

/// Beside the plan stands how many tests its steps have.
pub(crate) fn check(problems: &[Problem], plan: &Plan, tests: usize) -> Checked {
    let errors = problems.iter().filter(|it| it.severity == Severity::Error).count() as u64;
    let summary = Summary {
        errors,
        warnings: problems.len() as u64 - errors,
        pipelines: plan.pipelines.len() as u64,
        steps: plan.tables.iter().filter(|it| it.role == Role::Step).count() as u64,
        tests: tests as u64,
    };
    Checked { guesses: doubts(plan, &|_| true), summary }
}
