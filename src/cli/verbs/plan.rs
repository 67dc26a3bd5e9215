//! `hotpass plan`, and `build --dry-run`.

use clap::Args;

use crate::answers::planned as plans;
use crate::cli::args::{Selected, Targets};
use crate::cli::verb::{Act, Asked, Call, Ended, Limits, views};

/// Show which steps a build would run, which it would reuse, and why
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Plan {
    #[command(flatten)]
    it: Targets,
}

impl Act for Plan {
    fn limits(&self) -> Limits {
        self.it.budget.into()
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        planned(call, &asked, &self.it.selected)
    }
}

/// What a build would do.
pub(super) fn planned(call: &Call<'_>, asked: &Asked, it: &Selected) -> Ended {
    call.plan(asked, false, |session| {
        let planned = plans::plan(session, &it.targets, &it.exclude)?;
        Ok(call.shown(&planned, |it, look| views::planned::planned(it, call.global.verbose, look)))
    })
}
