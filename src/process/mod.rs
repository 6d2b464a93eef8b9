//! Processes: fork, children, and signals.

pub mod children;
pub mod fork;
pub mod signals;
