//! Data Docs: what tables hold and promise, and what their checks found, for people who never open a terminal.
//!
//! Facts are gathered once ([`facts`], by `run::docs`) and rendered here, without a clock, a path of the machine or a
//! network: pages of HTML that need neither a script nor another file. Everything that comes from data or TOML goes
//! through [`markup`](crate::escape::markup).

mod checks;
pub mod facts;
mod graph;
mod index;
pub mod linkage;
mod page;
mod picture;
pub mod quality;
mod style;
mod table;
pub mod waterfall;

pub use checks::checks;
pub use graph::graph;
pub use index::index;
pub use table::table;

#[cfg(test)]
mod tests;
