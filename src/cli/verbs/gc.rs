//! `hotpass gc`: what no recent build needs is deleted.

use clap::Args;

use crate::answers::gc::{Request, collect};
use crate::cli::args::{Size, size};
use crate::cli::verb::{Act, Asked, Call, Ended, views};
use crate::store::Paths;

/// Delete stored data that no recent build needs
#[derive(Clone, PartialEq, Eq, Debug, Default, Args)]
pub struct Gc {
    /// Keep the data of this number of builds: the latest ones that computed something
    #[arg(long, value_name = "N", default_value_t = 10)]
    keep_runs: u64,
    /// Delete the data of the oldest builds until the store is not larger than this
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_size: Option<Size>,
    /// Show what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
}

impl Act for Gc {
    fn act(&self, call: &Call<'_>, asked: Asked) -> Ended {
        let paths = Paths::new(&asked.root, asked.state.as_deref());
        let request = Request { keep_runs: self.keep_runs, max_size: self.max_size, dry_run: self.dry_run };
        let collected = collect(&paths, &request).map_err(|it| call.failed(&it))?;
        Ok(call.shown(&collected, |it, _| views::gc::collected(it)))
    }
}
