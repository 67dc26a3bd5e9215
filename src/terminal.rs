//! The terminal: both streams of the program, how they look, the number it ends with, and what somebody sees while a
//! verb works.
//!
//! Nothing beneath knows a stream or a style. What is said, `cli` decides; what it looks like, `views` do.

pub mod answer;
pub mod building;
pub mod exit;
pub mod interrupt;
pub mod manner;
pub mod output;
mod pager;
pub mod programs;
pub mod progress;
pub mod screen;
