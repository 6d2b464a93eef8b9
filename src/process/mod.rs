//! Processes: fork, children, and signals.

pub mod children;
pub mod fork;
pub mod internal;
pub mod signals;
