//! What happens while a plan is acted on, as values. Whoever shows it, sends it to programs or keeps it is a sink, and
//! hears of all of it.

use crate::plan::{Plan, TableId};
use crate::problem::Problem;
use crate::run::keys::Materialized;
use crate::summary::{StepLine, Summary};

/// Something that happened. Events of steps come from any thread; the last of a build is that it ended.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A step or source begins.
    Started {
        /// Its pipeline.
        pipeline: &'a str,
        /// Its name.
        step: &'a str,
    },
    /// So many rows of a source have been read.
    Rows {
        /// Its pipeline.
        pipeline: &'a str,
        /// Its name.
        step: &'a str,
        /// Of all its files.
        rows: u64,
    },
    /// A step or source is finished: its columns, rows, times, and what became of it.
    Finished(&'a StepLine),
    /// The table that is wanted first is made; others may still be, and nothing is published yet.
    Made {
        /// What is acted on.
        plan: &'a Plan,
        /// The table in it.
        table: TableId,
        /// What is known of it.
        state: &'a Materialized,
    },
    /// Something that people should know, and that stops nothing.
    Notice(&'a str),
    /// What passed a limit goes on although it was stopped: whoever can end the process does.
    Overdue(&'a Problem),
    /// It ended: steps, checks, gates, artefacts and problems in the order of the plan, whatever order they came in.
    Ended(&'a Summary),
}

/// Hears what happens, from any thread.
pub trait EventSink: Sync {
    /// Takes an event, or leaves it.
    fn take(&self, event: &Event<'_>);
}

/// Takes nothing.
pub struct Silent;

impl EventSink for Silent {
    fn take(&self, _: &Event<'_>) {}
}

/// Several, each of which hears everything, in this order.
impl<const N: usize> EventSink for [&dyn EventSink; N] {
    fn take(&self, event: &Event<'_>) {
        self.iter().for_each(|it| it.take(event));
    }
}
