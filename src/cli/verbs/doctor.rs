//! `hotpass doctor`: it ends as a build would that nothing but what it found is in the way of.

use clap::Args;

use crate::answers::doctor::{self, Fault};
use crate::cli::verb::{Act, Asked, Call, Ended, Exit, views};

/// Report problems of the workspace, the store and the installation, and how to solve them
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Doctor {}

impl Act for Doctor {
    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let findings = doctor::doctor(&asked);
        let exit = match findings.iter().find_map(|it| it.fault) {
            None => Exit::Done,
            Some(Fault::World) => Exit::World,
            Some(Fault::Written) => Exit::Refused,
        };
        Ok(call.shown(&findings, |it, _| views::doctor::findings(it)).ending(exit))
    }
}
