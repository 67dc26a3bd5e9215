//! `hotpass explain`: codes anywhere, steps and columns from the plan, cells from what stands.

use clap::Args;

use crate::answers::explain::{self, cell, code};
use crate::cli::verb::{Act, Answer, Asked, Budget, Call, Ended, Exit, Limits, Outcome};
use crate::views::explain as views;

/// Explain why a step runs, where a column or a cell comes from, or what a problem means
#[derive(Clone, PartialEq, Eq, Debug, Args)]
pub struct Explain {
    /// One of: the code of a problem; a step (`pipeline.step`); a column (`step.column`); a record (`step:KEY`); a cell (`step:KEY.column`); a gate (`gate:NAME`). KEY is a value of the key column of the table, or `#N` for row number N
    subject: String,
    #[command(flatten)]
    budget: Budget,
}

impl Act for Explain {
    fn limits(&self) -> Limits {
        self.budget.into()
    }

    /// What a code means can be asked anywhere.
    fn apart(&self, call: &Call<'_>) -> Option<Ended> {
        code::is_code(&self.subject).then(|| {
            Ok(match code::explain(&self.subject) {
                Ok(it) => call.shown(&it, views::code::explained),
                Err(problem) => call.told(*problem),
            })
        })
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let (mut cell, mut engine) = (false, false);
        let ended = call.plan(&asked, false, |session| {
            cell = explain::is_cell(session, &self.subject);
            engine = call.factory.is_none() && explain::compares(session, &self.subject);
            if cell || engine {
                return Ok(Answer::nothing(Exit::Done));
            }
            let explained = explain::explain(session, &self.subject, call.factory)?;
            Ok(call.shown(&explained, views::explained))
        });
        match (cell, engine) {
            (true, _) => call.look(&asked, |of| {
                let cells = cell::explain(of, &self.subject)?;
                Ok(call.shown(&cells, views::cell::cells))
            }),
            (_, true) => Err(Outcome::NeedsEngine),
            _ => ended,
        }
    }
}
