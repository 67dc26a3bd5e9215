//! `hotpass check`: problems of pipelines, profiles and tests, before any row is read.

use std::path::Path;
use std::time::Instant;

use clap::Args;

use crate::answers::check;
use crate::cli::verb::{Act, Answer, Asked, Budget, Call, Ended, Limits, Outcome, views};
use crate::query;
use crate::report;
use crate::workspace::planning::within;
use crate::workspace::session::{Session, any_error, text_of};

/// Find problems in pipelines, profiles and the columns of sources; run no step
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Check {
    #[command(flatten)]
    budget: Budget,
}

impl Act for Check {
    fn limits(&self) -> Limits {
        self.budget.into()
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let session = Session::open(&asked, call.factory, call.factory.is_some()).map_err(|it| call.failed(&it))?;
        let begun = Instant::now();
        let planned = within(asked.limits, begun, &|it| call.out.overdue(it), || (session.plan(), session.problems()));
        let (plan, mut problems) = planned.map_err(|it| call.failed(&it))?;
        // Of a plan with holes tests tell what follows from these, and only what is wrong with their own TOML is news.
        // One that needs the engine lacks what stands behind its queries.
        let unsettled = plan.needs_engine && call.factory.is_none();
        let holes = any_error(&problems) || unsettled;
        let (trials, broken) = query::trials(&session.db, session.settings);
        let own = broken.iter().filter(|it| !holes || it.code.starts_with("hotpass::toml::"));
        problems.extend(own.cloned());
        // What is wrong already is told at once; only a plan that is sound so far is worth the engine.
        if unsettled && !any_error(&problems) {
            return Err(Outcome::NeedsEngine);
        }
        let text = |path: &Path| text_of(&asked.root, path);
        report::annotate(&problems, &asked.root, &text);
        let checked = check::check(&problems, &plan, trials.len());
        let told = Answer::told(&problems, &text, call.manner());
        Ok(call.shown(&checked, views::check::checked).after(told))
    }
}
