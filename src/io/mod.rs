//! Blocking calls on descriptors and clocks, as policy over `wait/`: what is tried, what "would block" means, what
//! counts as done. Called by `hooks/` with the real function to try; may not name a hook.
//!
//! What is tried and then waited for: `socket`, `batch` (many messages), `connect`, `file` (what isn't a socket), `transfer` (from
//! one descriptor to another), `message_queue`, `multiplex` (many descriptors), `stdio`. What only the kernel or libc can wait for, so
//! that the hub is lent: `opening` (FIFOs), `locks`, `disk`, `asynchronous`, `resolver`; `through_ring` where an io_uring can.
//! What is known of a descriptor (`known`), and how that changes (`descriptors`). Clocks: `sleep`.

pub mod asynchronous;
pub mod batch;
pub mod connect;
pub mod descriptors;
pub mod disk;
pub mod file;
pub mod known;
pub mod locks;
pub mod message_queue;
pub mod multiplex;
pub mod opening;
pub mod resolver;
pub mod sleep;
pub mod socket;
pub mod stdio;
pub mod through_ring;
pub mod transfer;

use crate::process::masks;
use crate::sys;
use crate::wait::trampoline::{Attempt, Outcome};
use libc::{c_int, ssize_t};

/// An answer of one attempt: done, would block, or failed. (An attempt leaves errno alone: `sys::from_libc`.)
#[inline]
pub fn attempted(r: sys::Result) -> Attempt {
    match r {
        Ok(n) => Attempt::Done(n as ssize_t),
        Err(libc::EAGAIN) => Attempt::Blocked,
        Err(e) => Attempt::Failed(e),
    }
}

/// The answer in libc's convention; `native` makes the call that couldn't be made green.
#[inline]
pub fn answer(outcome: Outcome, native: impl FnOnce() -> ssize_t) -> ssize_t {
    match outcome {
        Outcome::Done(n) => n,
        Outcome::Failed(e) => fail(e),
        Outcome::Native => native(),
    }
}

/// -1 with errno.
#[inline]
pub fn fail(errno: c_int) -> ssize_t {
    if errno == libc::EPIPE {
        masks::keep_raised();
    }
    sys::set_errno(errno);
    -1
}
