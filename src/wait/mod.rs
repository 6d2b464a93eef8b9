//! How a thread waits: for one wake-up (`waiter`), for an address (`parking`), for an fd (`trampoline`,
//! `borrow`, `strangers`), for what only the kernel knows (`natively`).
//!
//! Called by `io/`, `sync/`, `green/`; stands on `hub/`. Everything that waits is a node on the waiting thread's
//! own stack; nothing here allocates.

pub mod borrow;
mod bucket;
pub mod natively;
pub mod parking;
mod rendezvous;
pub mod strangers;
pub mod trampoline;
mod waiter;

pub use crate::hub::Reason;
pub use waiter::{restarts, Cause, Waiter, NEVER, STATE};
