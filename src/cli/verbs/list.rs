//! `hotpass list`: what there is in a workspace, and in which state.

use clap::Args;

use crate::answers::{graph, list};
use crate::cli::args::Targets;
use crate::cli::verb::{Act, Asked, Call, Ended, Limits, views};
use crate::query;

/// List pipelines, steps, kinds of steps, exports and profiles with their state
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct List {
    #[command(flatten)]
    it: Targets,
}

impl Act for List {
    fn limits(&self) -> Limits {
        self.it.budget.into()
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        call.plan(&asked, true, |session| {
            let (plan, states) = graph::known(session, &self.it.selected.targets, &self.it.selected.exclude)?;
            let profiles = self.it.selected.targets.is_empty().then(|| query::profile_names(&session.db));
            let listed = list::list(&plan, profiles.as_deref(), &|it| states[it]);
            Ok(call.shown(&listed, |it, look| views::list::list(it, look)))
        })
    }
}
