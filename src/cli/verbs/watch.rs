//! `hotpass watch`: what is watched, and the screen that shows it.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use crate::answers::build::Request;
use crate::answers::watch::{Viewer, Watched, watch};
use crate::cli::args::{SELECTORS, Selected, seconds};
use crate::cli::verb::{Act, Answer, Asked, Call, Ended, Exit, Limits};
use crate::run::LockMode;
use crate::terminal::screen::Screen;

/// Build, and build again each time an input file of the build changes
#[derive(Clone, PartialEq, Debug, Default, Args)]
#[command(after_help = SELECTORS)]
pub struct Watch {
    #[command(flatten)]
    selected: Selected,
    /// Show the first rows of this table in each build, as soon as they are computed
    #[arg(long, value_name = "STEP")]
    show: Option<String>,
    /// Check for changes at this interval, and do not wait for reports of the operating system
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    poll: Option<Duration>,
    /// Replace the published files even if they were made with another `--set` or `--profile`; without this flag, the build refuses to replace such files
    #[arg(long)]
    publish: bool,
    /// How many steps run at the same time [default: one for each processor]
    #[arg(long, short, value_name = "N", env = "HOTPASS_JOBS", hide_env_values = true)]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    limits: Limits,
}

impl Act for Watch {
    fn limits(&self) -> Limits {
        self.limits
    }

    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let mut asked = asked;
        let factory = call.engine()?;
        asked.jobs = self.jobs.map_or(asked.jobs, usize::from);
        let root = asked.root.clone();
        let request = Request {
            asked,
            targets: self.selected.targets.clone(),
            exclude: self.selected.exclude.clone(),
            force: None,
            keep_going: true,
            overwrite: false,
            publish: self.publish,
            lock: LockMode::Write,
        };
        let screen = Arc::new(Screen::new(call.out, root.clone()));
        let viewer: Arc<dyn Viewer> = Arc::<Screen>::clone(&screen);
        let ended = watch(Watched { request, show: self.show.clone(), poll: self.poll }, factory, &viewer);
        let failed = ended.map_err(|why| call.unanswered(&root, why))?;
        screen.leave();
        Ok(Answer::nothing(if failed { Exit::Bug } else { Exit::Interrupted }))
    }
}
