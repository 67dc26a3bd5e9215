//! JUnit's XML: a suite for each pipeline, a case for each step and each expectation, for panels that show tests.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::problem::{Problem, Severity};
use crate::publish::own_files::OwnFile;
use crate::report::{AsFile, Report};
use crate::show::markup;
use crate::summary::{CheckLine, GateLine, Status, StepLine, StepStatus, Summary};

/// How its files are known.
pub const FILE: OwnFile = OwnFile::text("report of JUnit", "<testsuite");

/// The report of a build.
pub(super) const REPORT: Report = Report::File(AsFile {
    flag: "report-junit",
    doc: "Write steps, checks and problems to this file as JUnit XML, a format for test results",
    own: &FILE,
    text: |it| junit(it.summary),
});

#[derive(Default)]
struct Suite {
    cases: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    ms: u64,
}

/// A case of a suite.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Case {
    /// What it is about.
    pub class: String,
    /// What it shows.
    pub name: String,
    /// Why it failed.
    pub failure: Option<String>,
}

/// A file of one suite.
pub fn cases(suite: &str, cases: impl Iterator<Item = Case>) -> String {
    let mut own = Suite::default();
    for it in cases {
        let inner = it.failure.as_ref().map(|it| element("failure", "failed", it)).unwrap_or_default();
        own.failures += usize::from(it.failure.is_some());
        own.case(&it.class, &it.name, 0, &inner);
    }
    file(&BTreeMap::from([(suite, own)]), 0, 0)
}

/// The file of a build.
pub fn junit(summary: &Summary) -> String {
    let mut suites: BTreeMap<&str, Suite> = BTreeMap::new();
    for it in &summary.steps {
        suites.entry(&it.pipeline).or_default().step(it);
    }
    for it in &summary.gates {
        suites.entry(&it.pipeline).or_default().gate(it);
    }
    for it in &summary.checks {
        suites.entry(&it.pipeline).or_default().check(it);
    }
    // What no case stands for: problems of the plan and the data, failures of the world, a lock that differs.
    let mut other = Suite::default();
    let checks = summary.checks.iter().filter_map(|it| it.problem.as_ref());
    let cases: Vec<&Problem> = checks.chain(summary.gates.iter().filter_map(|it| it.problem.as_ref())).collect();
    let told = |it: &&Problem| !cases.contains(it);
    for it in summary.problems.iter().filter(told) {
        other.problem(it);
    }
    for it in &summary.failures {
        other.case("build", "the world", 0, &element("error", "failed", it));
        other.errors += 1;
    }
    for it in &summary.differences {
        other.case("build", "hotpass.lock", 0, &element("failure", "different", it));
        other.failures += 1;
    }
    if other.tests > 0 || suites.is_empty() {
        let ended = if summary.status == Status::Ok { String::new() } else { "<skipped/>".to_owned() };
        if other.tests == 0 {
            other.case("build", "build", 0, &ended);
            other.skipped += usize::from(!ended.is_empty());
        }
        suites.insert("build", other);
    }
    file(&suites, summary.duration_ms, summary.waived())
}

fn file(suites: &BTreeMap<&str, Suite>, ms: u64, waived: usize) -> String {
    let all = |of: fn(&Suite) -> usize| suites.values().map(of).sum::<usize>();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"hotpass\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{}\">\n",
        all(|it| it.tests),
        all(|it| it.failures),
        all(|it| it.errors),
        seconds(ms)
    );
    if waived > 0 {
        let _ = writeln!(out, "  <properties>\n    <property name=\"waived\" value=\"{waived}\"/>\n  </properties>");
    }
    for (name, it) in suites {
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\">\n{}  </testsuite>",
            markup(name),
            it.tests,
            it.failures,
            it.errors,
            it.skipped,
            seconds(it.ms),
            it.cases
        );
    }
    out.push_str("</testsuites>\n");
    out
}

impl Suite {
    fn case(&mut self, class: &str, name: &str, ms: u64, inner: &str) {
        self.tests += 1;
        self.ms += ms;
        let (class, name, time) = (markup(class), markup(name), seconds(ms));
        let open = format!("    <testcase classname=\"{class}\" name=\"{name}\" time=\"{time}\"");
        let _ = match inner {
            "" => writeln!(self.cases, "{open}/>"),
            inner => writeln!(self.cases, "{open}>{inner}</testcase>"),
        };
    }

    fn step(&mut self, it: &StepLine) {
        let inner = match it.outcome {
            StepStatus::Ran | StepStatus::Reused => String::new(),
            StepStatus::Failed => {
                self.errors += 1;
                element("error", "failed", "the step failed")
            }
            StepStatus::Skipped => {
                self.skipped += 1;
                "<skipped/>".to_owned()
            }
        };
        self.case(&format!("{}.{}", it.pipeline, it.kind), &it.step, it.duration_ms, &inner);
    }

    fn check(&mut self, it: &CheckLine) {
        let inner = self.verdict(it.held, it.stops, it.problem.as_ref());
        self.case(&format!("{}.expect", it.pipeline), &it.id, 0, &inner);
    }

    fn gate(&mut self, it: &GateLine) {
        let inner = self.verdict(it.held, it.stops, it.problem.as_ref());
        self.case(&format!("{}.gate", it.pipeline), &it.id, 0, &inner);
    }

    fn verdict(&mut self, held: Option<bool>, stops: bool, problem: Option<&Problem>) -> String {
        match (held, problem) {
            (Some(true), _) => String::new(),
            (Some(false), Some(problem)) if stops => {
                self.failures += 1;
                element("failure", &problem.code, &words(problem))
            }
            (Some(false), problem) => {
                let words = problem.map(words).unwrap_or_default();
                format!("<system-out>warning: {}</system-out>", markup(&words))
            }
            // What a value stopped is no verdict, and nothing that was left out either.
            (None, Some(problem)) if stops => {
                self.errors += 1;
                element("error", &problem.code, &words(problem))
            }
            (None, _) => {
                self.skipped += 1;
                "<skipped/>".to_owned()
            }
        }
    }

    fn problem(&mut self, it: &Problem) {
        let inner = match it.severity {
            Severity::Error => {
                self.failures += 1;
                element("failure", &it.code, &words(it))
            }
            Severity::Warning => format!("<system-out>warning: {}</system-out>", markup(&words(it))),
        };
        self.case("build", &it.code, 0, &inner);
    }
}

fn words(problem: &Problem) -> String {
    match &problem.help {
        Some(help) => format!("{}\nhelp: {help}", problem.message),
        None => problem.message.clone(),
    }
}

fn element(name: &str, kind: &str, text: &str) -> String {
    let first = text.lines().next().unwrap_or_default();
    format!("<{name} type=\"{}\" message=\"{}\">{}</{name}>", markup(kind), markup(first), markup(text))
}

fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}
