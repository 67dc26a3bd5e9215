//! `hotpass gate`: the gates, and [`Exit::Refused`] where one that others wait for is shut.

use clap::Args;

use crate::answers::gate;
use crate::cli::verb::{Act, Asked, Call, Ended, Exit, views};

/// Show the gates (conditions for publishing), and whether the last build meets them
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Gate {
    /// Gates; by default all of them
    #[arg(value_name = "GATE")]
    ids: Vec<String>,
}

impl Act for Gate {
    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        call.plan(&asked, false, |session| {
            let gates = gate::gates(session, &self.ids)?;
            let exit = if gates.iter().any(|it| it.blocks) { Exit::Refused } else { Exit::Done };
            Ok(call.shown(&gates, |it, look| views::gate::gates(it, look)).ending(exit))
        })
    }
}
