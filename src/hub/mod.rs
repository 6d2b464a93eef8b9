//! What runs green threads: the run queue, the timers, the fd listeners, the poller, and the carriers.
//!
//! Called by `wait/` (to park and to wake) and by `runtime`. It knows a green thread only as a [`Task`]: a
//! coroutine with a thread pointer. It may not call anything above it, the program's malloc, or libc's I/O.

pub mod bell;
pub mod carrier;
pub mod chaos;
pub mod clerk;
mod context;
pub mod current;
mod doze;
pub mod early;
pub mod fleet;
pub mod foresight;
pub mod hold;
#[allow(clippy::module_inception)] // the house has a room and a thing of that name
mod hub;
pub mod listeners;
mod loan;
pub mod nursery;
pub mod own_carrier;
pub mod poller;
mod prefetch;
mod presumed;
mod queue;
pub mod signal;
pub mod spares;
pub mod stats;
mod task;
mod tenure;
pub mod thread_pointer;
pub mod timers;
pub mod watcher;
pub mod wires;

pub use current::current;
pub use hub::Hub;
pub use queue::RunQueue;
pub use task::{After, Body, Kind, Parked, Reason, Seen, StackBounds, Task, Wake};
