//! temp
pub mod session;
