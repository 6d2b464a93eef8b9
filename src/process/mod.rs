//! Processes: fork, and the end.

pub mod fork;
