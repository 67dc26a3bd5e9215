//! `hotpass test`: tries the tests of steps, shows what differs cell by cell, and writes what came out when told to.

use crate::answers::test::{Report, scaffold, selected, tried, update};
use crate::cli::args::Test;
use crate::cli::call::{Call, Ended};
use crate::query;
use crate::report::junit::FILE;
use crate::run::test_case::Verdict;
use crate::run::{self, State};
use crate::terminal::exit::Exit;
use crate::views;
use crate::workspace::session::{Asked, any_error, text_of};

/// `hotpass test`.
pub(super) fn test(call: &Call<'_>, asked: &Asked, it: &Test) -> Ended {
    if let Some(step) = &it.scaffold {
        return call.look(asked, |(session, engine, plan)| {
            let toml = scaffold::scaffold(session, engine, plan, step, it.rows)?;
            Ok(call.shown(&scaffold::Scaffold { toml }, |it, _| it.toml.clone()))
        });
    }
    let session = call.sound(asked)?;
    let plan = session.plan();
    let (trials, broken) = query::trials(&session.db, session.settings);
    let states = run::settle(&plan, &session.journal);
    let changed = |table: usize| !matches!(states[table], State::Materialized(_));
    let trials = selected(&plan, trials, &it.targets, &changed).map_err(|problem| {
        // What cannot be read may be what was meant.
        let told: Vec<_> = broken.iter().cloned().chain([*problem]).collect();
        call.refused(&asked.root, &told)
    })?;
    let verdicts = tried(&session, &plan, &trials).map_err(|why| call.unanswered(&asked.root, why.into()))?;
    call.out.problems(broken, &|path| text_of(&asked.root, path));
    let report = Report { session: &session, plan: &plan, trials: &trials, verdicts: &verdicts, broken };
    if let Some(path) = &it.report_junit {
        let junit = views::test::junit(&report);
        let placed = FILE.place(path, |file| std::io::Write::write_all(file, junit.as_bytes()));
        placed.map_err(|error| call.failed(&format!("`{}` cannot be written: {error}", path.display())))?;
    }
    let failed = verdicts.iter().any(|it| !matches!(it, Verdict::Held { .. }));
    let mut answer = call.shown(&report, |it, look| views::test::report(it, call.global.verbose, look));
    answer.exit = if failed || any_error(broken) { Exit::Refused } else { Exit::Done };
    if it.update {
        let written = update::update(&session, &trials, &verdicts).map_err(|error| call.failed(&error))?;
        answer.stderr.push_str(&written.words);
        let left = verdicts.iter().any(|it| matches!(it, Verdict::Failed { .. }));
        if !left && !any_error(broken) && written.all {
            answer.exit = Exit::Done;
        }
    }
    Ok(answer)
}
