//! What every verb is, whatever its flags are: the file of a verb in `verbs/` has these, and implements this.

use crate::store::layout::Depth;

// What the file of a verb names.
pub(super) use crate::cli::args::{Budget, Limits};
pub(super) use crate::cli::call::{Call, Ended, Outcome};
pub(super) use crate::terminal::answer::Answer;
pub(super) use crate::terminal::exit::Exit;
pub(super) use crate::views;
pub(super) use crate::workspace::session::Asked;

/// A verb with its flags.
pub(super) trait Act {
    /// What it may take, where it makes or looks at something.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// How much of the state folder is looked at before anything of it is opened.
    fn depth(&self) -> Depth {
        Depth::All
    }

    /// Does it, if it needs no workspace or makes one.
    fn apart(&self, _: &Call<'_>) -> Option<Ended> {
        None
    }

    /// Does it, if it can do without a workspace where there is none.
    fn alone(&self, _: &Call<'_>) -> Option<Ended> {
        None
    }

    /// Does it in a workspace. A verb that is done apart never comes here.
    fn act(&self, _: &Call<'_>, _: Asked) -> Ended {
        Err(Outcome::Done(Exit::Bug))
    }
}
