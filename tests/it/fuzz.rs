//! Readers of what comes from outside, fed with what once broke them and with some hundred changed inputs.
//! `cargo bench --bench fuzz` goes on for as long as one likes.

#[path = "../../benches/fuzz/change.rs"]
mod change;
#[path = "../../benches/fuzz/targets.rs"]
mod targets;

use std::path::Path;

use change::Lot;
use targets::{Place, TARGETS};

/// How many changed inputs each reader gets.
const INPUTS: usize = 60;

#[test]
fn no_input_makes_a_reader_panic() {
    let place = Place::new(env!("CARGO_BIN_EXE_hotpass"));
    for target in TARGETS {
        let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fuzz").join(target.name);
        for file in std::fs::read_dir(known).into_iter().flatten().flatten() {
            (target.run)(&place, &std::fs::read(file.path()).expect("a file"));
        }
        let seeds = target.seeds(&place);
        let mut lot = Lot(20_261_128);
        seeds.iter().take(INPUTS).for_each(|it| (target.run)(&place, it));
        (0..INPUTS).for_each(|_| (target.run)(&place, &target.input(&mut lot, &seeds)));
    }
}
