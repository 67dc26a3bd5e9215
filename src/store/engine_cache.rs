//! The engine as those have it who build: opened when it is first needed, and kept.

use std::fs::File;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::store::backend::{Engine, EngineConfig, EngineError, EngineFactory, Worker};

/// How often an engine is asked for before another one takes its place. DuckDB keeps a little of every buffer that it
/// ever had until thousands of them wait to be taken back, some 18 KiB for a build; a new one takes some 50 ms.
const TURNS: u32 = 400;

/// An engine that is opened when it is first needed and kept: planning and building share it, and so do the builds of a
/// watch.
pub struct EngineCache {
    factory: &'static dyn EngineFactory,
    /// How often one engine is given.
    turns: u32,
    open: Mutex<Option<Open>>,
}

struct Open {
    engine: Arc<dyn Engine>,
    /// Where the store is that it writes into.
    place: PathBuf,
    /// How often it was given.
    turns: u32,
    /// Held as long as there is an engine: it spills into the private folder.
    scratch: File,
    /// That of those who build; given up while the engine rests.
    store: Option<File>,
}

impl EngineCache {
    /// Not opened yet.
    pub fn new(factory: &'static dyn EngineFactory) -> EngineCache {
        EngineCache { factory, turns: TURNS, open: Mutex::new(None) }
    }

    /// Stops all statements that run, if it is open.
    pub fn interrupt(&self) {
        if let Some(open) = &*self.open.lock().unwrap_or_else(PoisonError::into_inner) {
            open.engine.interrupt();
        }
    }

    /// Lets those in who want the store alone, until the engine is needed again; it stays open. Nothing happens while
    /// somebody has it in hand.
    pub fn rest(&self) {
        let mut slot = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = slot.as_mut().filter(|it| !it.is_in_hand()) {
            open.store = None;
        }
    }
}

impl Open {
    fn is_in_hand(&self) -> bool {
        Arc::strong_count(&self.engine) > 1
    }
}

impl EngineFactory for EngineCache {
    fn open(&self, setup: &EngineConfig) -> Result<Box<dyn Engine>, EngineError> {
        let mut slot = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let place = setup.paths.scratch();
        // A second store, in which a gate has artefacts made again, has an engine that goes with it.
        if slot.as_ref().is_some_and(|it| it.place != place) {
            return self.factory.open(setup);
        }
        // Whoever has the engine in hand keeps it; it is given up when nobody has.
        let spent = slot.take_if(|it| it.turns >= self.turns && !it.is_in_hand());
        if let Some(open) = &mut *slot {
            open.turns = open.turns.saturating_add(1);
            if open.store.is_none() {
                open.store = Some(setup.paths.share(setup.waits)?);
            }
            return Ok(Box::new(Arc::clone(&open.engine)));
        }
        let (scratch, store) = match spent {
            // It goes before another one comes: two need more than one.
            Some(Open { scratch, store, .. }) => (scratch, store),
            None => {
                setup.paths.create()?;
                (setup.paths.hold_scratch()?, None)
            }
        };
        let store = store.map_or_else(|| setup.paths.share(setup.waits), Ok)?;
        let engine: Arc<dyn Engine> = self.factory.open(setup)?.into();
        *slot = Some(Open { engine: Arc::clone(&engine), place, turns: 1, scratch, store: Some(store) });
        Ok(Box::new(engine))
    }
}

impl Engine for Arc<dyn Engine> {
    fn worker(&self) -> Result<Box<dyn Worker>, EngineError> {
        (**self).worker()
    }

    fn interrupt(&self) {
        (**self).interrupt();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use crate::store::Paths;

    use super::*;

    /// Counts the engines that were opened, and knows no work.
    #[derive(Default)]
    struct Counted(AtomicU32);

    struct Idle;

    impl EngineFactory for Counted {
        fn open(&self, _: &EngineConfig) -> Result<Box<dyn Engine>, EngineError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Ok(Box::new(Idle))
        }
    }

    impl Engine for Idle {
        fn worker(&self) -> Result<Box<dyn Worker>, EngineError> {
            Err(EngineError::Interrupted)
        }

        fn interrupt(&self) {}
    }

    /// An engine that is given twice, what counts its kind, and where it is set up.
    fn kept(folder: &tempfile::TempDir) -> (EngineCache, &'static Counted, EngineConfig) {
        let counted: &'static Counted = Box::leak(Box::default());
        let paths = Paths::new(folder.path(), None);
        let setup = EngineConfig { paths, threads: 1, memory: None, spill: None, waits: None };
        (EngineCache { turns: 2, ..EngineCache::new(counted) }, counted, setup)
    }

    #[test]
    fn another_engine_takes_its_place_once_nobody_has_it_in_hand() {
        let folder = tempfile::tempdir().expect("a folder");
        let (kept, counted, setup) = kept(&folder);
        let open = || kept.open(&setup).expect("an engine");
        let opened = || counted.0.load(Ordering::SeqCst);
        assert_eq!(opened(), 0, "nothing is opened that nobody needs");
        let mut seen = Vec::new();
        for _ in 0..5 {
            drop(open());
            seen.push(opened());
        }
        assert_eq!(seen, [1, 1, 2, 2, 3]);
        let in_hand = open();
        for _ in 0..5 {
            drop(open());
        }
        assert_eq!(opened(), 3, "who has it in hand keeps it");
        drop(in_hand);
        drop(open());
        assert_eq!(opened(), 4);
    }

    #[test]
    fn another_store_has_an_engine_of_its_own() {
        let (folder, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let (kept, counted, setup) = kept(&folder);
        let first = kept.open(&setup).expect("an engine");
        let there = EngineConfig { paths: Paths::new(other.path(), None), ..setup.clone() };
        drop((first, kept.open(&there).expect("an engine"), kept.open(&setup).expect("an engine")));
        assert_eq!(counted.0.load(Ordering::SeqCst), 2, "one for each store");
    }

    #[test]
    fn who_wants_the_store_alone_has_it_while_the_engine_rests() {
        let folder = tempfile::tempdir().expect("a folder");
        let (kept, counted, setup) = kept(&folder);
        let is_free = || setup.paths.alone().expect("a lock").is_some();
        let left = setup.paths.scratch().join("left");
        let in_hand = kept.open(&setup).expect("an engine");
        kept.rest();
        assert!(!is_free(), "it is in hand");
        drop(in_hand);
        assert!(!is_free(), "nobody let it rest");
        kept.rest();
        assert!(is_free());
        // What it spills into is nobody's to clear away.
        std::fs::write(&left, "spilled").expect("written");
        drop(setup.paths.join(None).expect("joined"));
        assert!(left.exists());
        drop(kept.open(&setup).expect("an engine"));
        assert!(!is_free());
        assert_eq!(counted.0.load(Ordering::SeqCst), 1, "it stayed open");
        drop(kept);
        assert!(is_free());
        drop(setup.paths.join(None).expect("joined"));
        assert!(!left.exists());
    }
}
