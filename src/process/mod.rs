//! Processes: fork, children, and signals.

pub mod children;
pub mod directed;
pub mod fork;
pub mod internal;
pub mod signals;
