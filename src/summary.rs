//! What a build says of itself: plain data for terminals, scripts, the stamp and run records.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::expectations;
use crate::pipeline::quality;
use crate::problem::Problem;

/// How a build ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Everything stands.
    Ok,
    /// The world failed.
    Failed,
    /// A gate or a problem stopped what follows.
    Refused,
    /// The user stopped it.
    Interrupted,
}

/// What became of a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepStatus {
    /// Some or all of its columns were made.
    Ran,
    /// All of its columns were made before.
    Reused,
    /// It was tried and failed.
    Failed,
    /// It was not tried, because something it needs failed.
    Skipped,
}

/// One step or source of a build.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct StepLine {
    /// The pipeline.
    pub pipeline: String,
    /// The step or source.
    pub step: String,
    /// Its kind; `source` for sources.
    pub kind: String,
    /// What identifies its content: all columns together.
    pub key: Option<Digest>,
    /// What became of it.
    pub outcome: StepStatus,
    /// Its rows, when it stands.
    pub rows: Option<u64>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Columns that were made in this build.
    pub columns: Vec<String>,
    /// What changed since it was last made.
    pub why: Vec<String>,
    /// Rows of a source that were left out, by what they are: `repeated header`.
    pub left_out: BTreeMap<String, u64>,
    /// Of a step with a grain, how many pieces of a column were computed, and how many there are; of a source of several
    /// files, how many were read.
    /// Not kept with a run: records of runs stay as they are.
    #[serde(skip)]
    pub pieces: Option<(u64, u64)>,
}

/// One expectation of a build.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CheckLine {
    /// The pipeline.
    pub pipeline: String,
    /// Its name.
    pub id: String,
    /// The table it is about.
    pub table: String,
    /// Whether it held; `None` when it could not be taken.
    pub held: Option<bool>,
    /// Whether a failure stops exports.
    pub stops: bool,
    /// Whether the counts are those of an earlier build.
    pub reused: bool,
    /// What is told when it did not hold.
    pub problem: Option<Problem>,
    /// Rows that count.
    pub considered: u64,
    /// Rows that are not as expected.
    pub unexpected: u64,
}

/// One gate of a build.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct GateLine {
    /// The pipeline.
    pub pipeline: String,
    /// Its name.
    pub id: String,
    /// Whether all that it asks for holds; `None` when that cannot be told.
    pub held: Option<bool>,
    /// Whether what waits for it is held back.
    pub stops: bool,
    /// What it asks for.
    pub asks: Vec<AskLine>,
    /// What is told when it is shut.
    pub problem: Option<Problem>,
}

/// One thing that a gate asks for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct AskLine {
    /// In words.
    pub words: String,
    /// Whether it holds; `None` when that cannot be told.
    pub held: Option<bool>,
    /// What was found, in words.
    pub found: String,
}

/// One artefact of a build.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ArtefactLine {
    /// Relative to the workspace.
    pub path: String,
    /// Of its bytes.
    pub blake3: Digest,
    /// Of its bytes.
    pub sha256: [u8; 32],
    /// Its size.
    pub bytes: u64,
    /// Rows of data in it.
    pub rows: u64,
    /// Whether this build wrote it.
    pub written: bool,
    /// The folder of the pages of which it is one.
    #[serde(default)]
    pub folder: Option<String>,
}

/// A whole build.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Summary {
    /// How it ended.
    pub status: Status,
    /// Its name.
    pub run_id: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Steps and sources, in the order of the plan.
    pub steps: Vec<StepLine>,
    /// Expectations, in the order of the plan.
    pub checks: Vec<CheckLine>,
    /// Gates that were asked, in the order of the plan.
    #[serde(default)]
    pub gates: Vec<GateLine>,
    /// Artefacts, in the order of the plan.
    pub artefacts: Vec<ArtefactLine>,
    /// How many artefacts were asked for and not put in place.
    pub withheld: usize,
    /// What is not as `hotpass.lock` has it, when it was not to be changed.
    pub differences: Vec<String>,
    /// Rows that were set aside, by table.
    pub set_aside: BTreeMap<String, u64>,
    /// Values that could not be read, by table and column.
    #[serde(default)]
    pub lost: BTreeMap<String, BTreeMap<String, u64>>,
    /// Steps that learnt in this build what no model keeps.
    #[serde(default)]
    pub learnt: Vec<String>,
    /// Problems told on the way.
    pub problems: Vec<Problem>,
    /// What failed in the world, in words.
    pub failures: Vec<String>,
}

impl Summary {
    /// A build that ended before it began.
    pub fn new(status: Status, run_id: String) -> Summary {
        Summary {
            status,
            run_id,
            duration_ms: 0,
            steps: Vec::new(),
            checks: Vec::new(),
            gates: Vec::new(),
            artefacts: Vec::new(),
            withheld: 0,
            differences: Vec::new(),
            set_aside: BTreeMap::new(),
            lost: BTreeMap::new(),
            learnt: Vec::new(),
            problems: Vec::new(),
            failures: Vec::new(),
        }
    }

    /// How many steps, sources left out, had this outcome.
    pub fn steps_with(&self, status: StepStatus) -> usize {
        self.steps.iter().filter(|it| it.kind != "source" && it.outcome == status).count()
    }

    /// How many steps there are, sources left out.
    pub fn step_count(&self) -> usize {
        self.steps.iter().filter(|it| it.kind != "source").count()
    }

    /// How many sources had this outcome.
    pub fn sources_with(&self, status: StepStatus) -> usize {
        self.steps.iter().filter(|it| it.kind == "source" && it.outcome == status).count()
    }

    /// How many sources were read.
    pub fn sources_read(&self) -> usize {
        self.sources_with(StepStatus::Ran)
    }

    /// How many failures somebody answers for: of checks and of gates.
    pub fn waived(&self) -> usize {
        let codes = [expectations::WAIVED.name, quality::WAIVED.name];
        self.problems.iter().filter(|it| codes.contains(&it.code.as_str())).count()
    }

    /// The same build as one that found nothing to do.
    pub fn as_unchanged(mut self, duration_ms: u64) -> Summary {
        for step in &mut self.steps {
            step.outcome = StepStatus::Reused;
            step.duration_ms = 0;
            step.columns.clear();
            step.why.clear();
        }
        self.checks.iter_mut().for_each(|it| it.reused = true);
        self.artefacts.iter_mut().for_each(|it| it.written = false);
        self.duration_ms = duration_ms;
        self
    }
}
