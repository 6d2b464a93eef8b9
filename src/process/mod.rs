//! Processes: fork, children, and signals.
//!
//! Signals, from the inside out: `actions` (what the program wants done), `masks` (who has what blocked), `relay` (what the
//! kernel delivers, and to whom it goes), `pending` and `directed` (what is for one thread), `await_signal`, `altstack`, `jumps`,
//! `internal` (our own).

pub mod actions;
pub mod altstack;
pub mod await_signal;
pub mod children;
pub mod directed;
pub mod fork;
pub mod internal;
pub mod jumps;
pub mod masks;
pub mod pending;
pub mod relay;
pub mod starting;
