//! `hotpass watch`: what is watched, and the screen that shows it.

use std::sync::Arc;

use crate::answers::build::Request;
use crate::answers::watch::{Viewer, Watched, watch as watched};
use crate::cli::args::Watch;
use crate::cli::call::{Call, Ended};
use crate::run::LockMode;
use crate::terminal::answer::Answer;
use crate::terminal::exit::Exit;
use crate::terminal::screen::Screen;
use crate::workspace::session::Asked;

/// `hotpass watch`.
pub(super) fn watch(call: &Call<'_>, mut asked: Asked, it: &Watch) -> Ended {
    let factory = call.engine()?;
    asked.jobs = it.jobs.map_or(asked.jobs, usize::from);
    let root = asked.root.clone();
    let request = Request {
        asked,
        targets: it.selected.targets.clone(),
        exclude: it.selected.exclude.clone(),
        force: None,
        keep_going: true,
        overwrite: false,
        publish: it.publish,
        lock: LockMode::Write,
    };
    let screen = Arc::new(Screen::new(call.out, root.clone()));
    let viewer: Arc<dyn Viewer> = Arc::<Screen>::clone(&screen);
    let ended = watched(Watched { request, show: it.show.clone(), poll: it.poll }, factory, &viewer);
    let failed = ended.map_err(|why| call.unanswered(&root, why))?;
    screen.leave();
    Ok(Answer::nothing(if failed { Exit::Bug } else { Exit::Interrupted }))
}
