//! Questions and their answers: one file a question, which asks a workspace and gives typed data. What serde makes of an
//! answer is what programs read, a line an event.
//!
//! Nothing here knows how an answer is laid out, whether a person or a program asks, or a stream.

pub(crate) mod adopt;
pub(crate) mod archive;
pub(crate) mod attest;
pub(crate) mod blocks;
pub mod build;
pub(crate) mod cell;
pub(crate) mod check;
pub(crate) mod cluster;
pub(crate) mod columns;
mod compare;
pub(crate) mod contract;
pub(crate) mod decided;
pub(crate) mod diff;
pub(crate) mod difference;
pub(crate) mod docs;
pub(crate) mod doctor;
pub(crate) mod env;
pub(crate) mod event;
pub(crate) mod expect;
pub(crate) mod explain;
pub(crate) mod gate;
pub(crate) mod gc;
pub(crate) mod graph;
pub mod guesses;
pub(crate) mod init;
pub(crate) mod latest;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod names;
pub mod planned;
pub(crate) mod preview;
pub(crate) mod problem;
pub mod profile;
pub(crate) mod query;
pub(crate) mod refine;
pub(crate) mod rows;
pub(crate) mod schema;
pub(crate) mod table;
pub(crate) mod test;
pub(crate) mod verify;
pub(crate) mod watch;
