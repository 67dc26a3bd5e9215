//! Feeds readers with changed inputs until the time is over: `cargo bench --profile dev --bench fuzz -- TARGET
//! --minutes 30 --seed 7`. Without a name it takes each target in turn.
//!
//! What panics, or takes longer than ten seconds, is written to `target/fuzz/TARGET/`; put it into
//! `tests/it/fuzz/TARGET/`, and `cargo test` reads it in every run.

#[path = "fuzz/change.rs"]
mod change;
#[path = "fuzz/targets.rs"]
mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use change::Lot;
use targets::{Place, TARGETS};

/// What takes longer is told.
const SLOW: Duration = Duration::from_secs(10);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let value = |name: &str| {
        let at = words.iter().position(|it| it == name)?;
        words.get(at + 1)?.parse::<u64>().ok()
    };
    let (minutes, seed) = (value("--minutes").unwrap_or(1), value("--seed").unwrap_or(1));
    let named = |name: &str| words.iter().any(|it| it == name);
    let all = !TARGETS.iter().any(|it| named(it.name));
    let told = Arc::new(Mutex::new(String::new()));
    let place_of_panic = Arc::clone(&told);
    panic::set_hook(Box::new(move |it| {
        // What is wrong with the harness itself is nobody's input.
        if it.location().is_some_and(|it| it.file().contains("fuzz")) {
            eprintln!("{it}");
        }
        let at = it.location().map(|it| format!("{}:{}", it.file(), it.line())).unwrap_or_default();
        *place_of_panic.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = at;
    }));
    let mut bad = false;
    for target in TARGETS.iter().filter(|it| all || named(it.name)) {
        let mut place = Place::new(env!("CARGO_BIN_EXE_hotpass"));
        let seeds = target.seeds(&place);
        let out = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../fuzz").join(target.name);
        let (mut lot, mut count, mut slowest) = (Lot(seed), 0_u64, Duration::ZERO);
        let mut found: BTreeSet<String> = BTreeSet::new();
        let end = Instant::now() + Duration::from_secs(minutes * 60);
        while Instant::now() < end {
            let input = target.input(&mut lot, &seeds);
            let begun = Instant::now();
            let ran = panic::catch_unwind(AssertUnwindSafe(|| (target.run)(&place, &input)));
            let took = begun.elapsed();
            (count, slowest) = (count + 1, slowest.max(took));
            let why = match ran {
                Err(_) => told.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone(),
                Ok(()) if took > SLOW => format!("{} s", took.as_secs()),
                Ok(()) => continue,
            };
            if found.insert(why.clone()) {
                fs::create_dir_all(&out).expect("a folder");
                let path = out.join(format!("{count}"));
                fs::write(&path, &input).expect("written");
                println!("{}: {why}: {}", target.name, path.display());
            }
            place = Place::new(env!("CARGO_BIN_EXE_hotpass"));
        }
        bad |= !found.is_empty();
        println!(
            "{}: {count} inputs, {} kinds of failure, the slowest {} ms",
            target.name,
            found.len(),
            slowest.as_millis()
        );
    }
    std::process::exit(i32::from(bad));
}
