//! Answers as people read them: text for a terminal or a file, one file an answer. A view is a function of an answer and
//! of how it is to look; it asks nothing and writes to no stream.

pub(crate) mod adopt;
pub(crate) mod archive;
pub(crate) mod attest;
mod blocks;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod cluster;
mod columns;
pub(crate) mod contract;
mod decided;
pub(crate) mod diff;
pub(crate) mod docs;
pub(crate) mod doctor;
pub(crate) mod env;
pub(crate) mod expect;
pub(crate) mod explain;
pub(crate) mod gate;
pub(crate) mod gc;
pub(crate) mod graph;
mod guesses;
pub(crate) mod init;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod overview;
pub(crate) mod planned;
pub(crate) mod profile;
pub(crate) mod refine;
pub(crate) mod rows;
pub(crate) mod schema;
mod state;
pub(crate) mod table;
pub(crate) mod test;
pub(crate) mod verify;
pub(crate) mod watch;
