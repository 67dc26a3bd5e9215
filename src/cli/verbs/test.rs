//! `hotpass test`: tries the tests of steps, shows what differs cell by cell, and writes what came out when told to.

use std::path::PathBuf;

use clap::Args;

use crate::answers::test::{Report, scaffold, selected, tried, update};
use crate::cli::verb::{Act, Asked, Call, Ended, Exit, Limits, views};
use crate::plan::TableId;
use crate::query;
use crate::report::junit::FILE;
use crate::run::test_case::Verdict;
use crate::run::{self, State};
use crate::workspace::session::{any_error, text_of};

/// Run the tests of steps that are in `tests/`
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
#[command(
    after_help = "Tests: by name, or by the step they are about: `pipeline.step`, `kind:map`, `tag:x`, `+name`, or a pattern such as `crm.*`."
)]
pub struct Test {
    /// Tests, or steps whose tests should run; by default all tests
    #[arg(value_name = "TEST|STEP")]
    targets: Vec<String>,
    /// Write the actual results into the tests that failed
    #[arg(long)]
    update: bool,
    /// Print a test made from rows of the last build; personal values are replaced by made-up values
    #[arg(long, value_name = "STEP", conflicts_with_all = ["targets", "update"])]
    scaffold: Option<String>,
    /// With `--scaffold`: put at most this number of rows into the test
    #[arg(long, value_name = "N", default_value_t = 3, requires = "scaffold")]
    rows: u64,
    /// Write the results to this file as JUnit XML, a format for test results
    #[arg(long, value_name = "FILE")]
    report_junit: Option<PathBuf>,
    #[command(flatten)]
    limits: Limits,
}

impl Act for Test {
    fn limits(&self) -> Limits {
        self.limits
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        if let Some(step) = &self.scaffold {
            return call.look(&asked, |(session, engine, plan)| {
                let toml = scaffold::scaffold(session, engine, plan, step, self.rows)?;
                Ok(call.shown(&scaffold::Scaffold { toml }, |it, _| it.toml.clone()))
            });
        }
        let session = call.sound(&asked)?;
        let plan = session.plan();
        let (trials, broken) = query::trials(&session.db, session.settings);
        let states = run::settle(&plan, &session.journal);
        let changed = |table: TableId| !matches!(states[table], State::Materialized(_));
        let trials = selected(&plan, trials, &self.targets, &changed).map_err(|problem| {
            // What cannot be read may be what was meant.
            let told: Vec<_> = broken.iter().cloned().chain([*problem]).collect();
            call.refused(&asked.root, &told)
        })?;
        let verdicts = tried(&session, &plan, &trials).map_err(|why| call.unanswered(&asked.root, why.into()))?;
        call.out.problems(broken, &|path| text_of(&asked.root, path));
        let report = Report { session: &session, plan: &plan, trials: &trials, verdicts: &verdicts, broken };
        if let Some(path) = &self.report_junit {
            let junit = views::test::junit(&report);
            let placed = FILE.place(path, |file| std::io::Write::write_all(file, junit.as_bytes()));
            placed.map_err(|error| call.failed(&format!("`{}` cannot be written: {error}", path.display())))?;
        }
        let failed = verdicts.iter().any(|it| !matches!(it, Verdict::Held { .. }));
        let mut answer = call.shown(&report, |it, look| views::test::report(it, call.global.verbose, look));
        answer.exit = if failed || any_error(broken) { Exit::Refused } else { Exit::Done };
        if self.update {
            let written = update::update(&session, &trials, &verdicts).map_err(|error| call.failed(&error))?;
            answer.stderr.push_str(&written.words);
            let left = verdicts.iter().any(|it| matches!(it, Verdict::Failed { .. }));
            if !left && !any_error(broken) && written.all {
                answer.exit = Exit::Done;
            }
        }
        Ok(answer)
    }
}
