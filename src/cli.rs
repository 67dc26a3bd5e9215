//! The edge of the program: what was typed, which question that is, and the number it ends with.
//!
//! Nothing here plans, runs, reads data, lays out text or knows a terminal: questions have their answers in `answers`, what
//! people see of these is in `views`, and `terminal` has the streams. A verb takes its arguments apart and asks.

pub mod args;
mod call;
mod complete;
mod entry;
mod rows;
pub mod typed;
mod verb;
pub mod verb_name;
pub mod verbs;

pub use entry::main;

use crate::answers;
use crate::problem::Code;
use crate::workspace::{git, lookup, moves, root, selectors};

/// All codes of the command line.
pub const CODES: &[&[&Code]] = &[
    root::CODES,
    lookup::CODES,
    crate::watch::CODES,
    selectors::CODES,
    moves::CODES,
    answers::init::CODES,
    answers::refine::CODES,
    answers::diff::CODES,
    git::CODES,
    answers::schema::CODES,
    answers::verify::CODES,
    crate::store::layout::CODES,
    crate::profile::lint::CODES,
    answers::profile::import::CODES,
    answers::expect::CODES,
    answers::profile::files::CODES,
    answers::contract::CODES,
    answers::gate::CODES,
    answers::query::CODES,
    answers::link::CODES,
    answers::cluster::CODES,
];
