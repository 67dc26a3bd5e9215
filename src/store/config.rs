//! How every instance of ours is set up before anything is read.

use std::path::Path;

use crate::scratch::Scratch;
use crate::store::SCRATCH;
use crate::store::backend::EngineConfig;
use duckdb::Config;

/// How the names of such folders begin.
pub(crate) const SPILL: &str = "spill-";

/// A folder of one instance alone: two that spill into one folder take each other's files. What dead processes left
/// beside it is taken away, and it goes with the process, however that ends.
pub(super) fn spill(setup: &EngineConfig) -> std::io::Result<Scratch> {
    let Some(folder) = &setup.spill else {
        // It is made by its path, because the engine wants one: what leads there is no link.
        return Scratch::within(setup.paths.folder()?.inside(SCRATCH)?.path(), SPILL);
    };
    std::fs::create_dir_all(folder)?;
    Scratch::within(folder, SPILL)
}

/// Which part of the memory that the program may take an instance keeps its tables in before it spills. The rest is for
/// what it does not count: texts that a function makes, rows on their way, our own.
#[derive(Clone, Copy)]
pub(super) enum Share {
    /// The one that is trusted.
    Engine,
    /// One of several.
    Sandbox,
    /// One that had too little: what the engine counts is often more than what it takes.
    Whole,
}

impl Share {
    pub(super) fn of(self, memory: u64) -> u64 {
        let parts = match self {
            Share::Engine => 2,
            Share::Sandbox => 4,
            Share::Whole => 1,
        };
        (memory / parts).max(1)
    }
}

/// With fewer processors a statement has one thread. Measured on two: a second one took a quarter more of them, more than
/// half as much again beside other work, and no build was sooner done.
const SEVERAL: usize = 3;

/// How many threads a long statement has where so many processors may be taken.
pub(super) fn threads(processors: usize) -> usize {
    if processors < SEVERAL { 1 } else { processors }
}

/// Settings that every instance of ours has, before anything is read.
pub(super) fn settings(
    setup: &EngineConfig,
    threads: usize,
    spill: &Path,
    share: Share,
) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("threads", threads.to_string()),
        ("autoinstall_known_extensions", "0".to_owned()),
        ("autoload_known_extensions", "0".to_owned()),
        ("allow_community_extensions", "false".to_owned()),
        ("preserve_insertion_order", "true".to_owned()),
        // What was read of segments would be kept until the instance ends, and a watch may run for days.
        ("enable_external_file_cache", "false".to_owned()),
        ("temp_directory", spill.to_string_lossy().into_owned()),
    ];
    all.extend(setup.memory.map(|it| ("max_memory", format!("{}B", share.of(it)))));
    all
}

/// The same for an instance that the crate opens.
pub(super) fn config(
    setup: &EngineConfig,
    threads: usize,
    spill: &Path,
    share: Share,
) -> Result<Config, duckdb::Error> {
    let all = settings(setup, threads, spill, share);
    all.into_iter().try_fold(Config::default(), |config, (name, value)| config.with(name, value))
}
