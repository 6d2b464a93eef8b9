//! Processes: fork, children, and signals.
//!
//! Children: `fork` (and its handlers' `registration`, `daemon`), `starting` (spawn and exec), `shell` with `system` and `piped` (popen); `children`
//! waits for them, with the `minder`.
//!
//! Signals, from the inside out: `actions` (what the program wants done), `masks` (who has what blocked), `relay` (what the
//! kernel delivers, and to whom it goes), `pending` and `directed` (what is for one thread), `await_signal`, `altstack`, `jumps`,
//! `timers`, `last_words`, `internal` (our own).

pub mod actions;
pub mod altstack;
pub mod await_signal;
pub mod by_number;
pub mod children;
pub mod daemon;
pub mod directed;
pub mod fork;
pub mod internal;
pub mod jumps;
pub mod last_words;
pub mod masks;
pub mod minder;
pub mod pending;
pub mod piped;
pub mod registration;
pub mod relay;
pub mod shell;
pub mod starting;
pub mod system;
pub mod timers;
