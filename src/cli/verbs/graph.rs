//! `hotpass graph`: the steps as a picture.

use clap::Args;

use crate::answers::graph;
use crate::cli::args::{Format, Targets};
use crate::cli::verb::{Act, Answer, Asked, Call, Ended, Limits, views};
use crate::draw::Picture;

/// Draw a graph of the steps with their state
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
#[command(before_help = "Formats of this command: `--format` takes `mermaid` (the default), `svg`, `dot` and `json`.")]
pub struct Graph {
    #[command(flatten)]
    it: Targets,
}

impl Act for Graph {
    fn limits(&self) -> Limits {
        self.it.budget.into()
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        call.plan(&asked, true, |session| {
            let (plan, states) = graph::known(session, &self.it.selected.targets, &self.it.selected.exclude)?;
            let picture = Picture::of(&plan, &|it| states[it]);
            Ok(match call.global.format {
                Format::Dot => Answer::raw(views::graph::dot(&picture)),
                Format::Svg => Answer::raw(views::graph::svg(&picture)),
                _ => call.shown(&graph::graph(&picture), |_, _| views::graph::mermaid(&picture)),
            })
        })
    }
}
