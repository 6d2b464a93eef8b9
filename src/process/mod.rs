//! Processes: fork, and signals.

pub mod fork;
pub mod signals;
