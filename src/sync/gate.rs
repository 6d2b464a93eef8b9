//! A gate that lets so many threads in at once: the others wait before it, first come, first served.

use super::{be_polite, wait_until_free};
use crate::hub::Task;
use crate::wait::{parking, Cause, NEVER};
use core::sync::atomic::{AtomicUsize, Ordering};

/// How many are inside.
pub struct Gate(AtomicUsize);

impl Gate {
    pub const fn new() -> Self {
        Gate(AtomicUsize::new(0))
    }

    fn address(&self) -> usize {
        self as *const Gate as usize
    }

    /// Goes in when fewer than `most` are inside.
    pub fn enter(&self, me: &'static Task, most: usize) {
        let attempt = || {
            let one_more = |n: usize| (n < most).then_some(n + 1);
            match self.0.fetch_update(Ordering::SeqCst, Ordering::Relaxed, one_more) {
                Ok(_) => 0,
                Err(_) => libc::EBUSY,
            }
        };
        be_polite(me, self.address());
        if attempt() != 0 {
            wait_until_free(me, self.address(), NEVER, false, (Cause::Lock, libc::EBUSY), attempt);
        }
    }

    /// Goes out, and wakes who waits first.
    pub fn leave(&self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
        parking::unpark_one(self.address());
    }

    /// Nobody is inside: in the child of a fork.
    pub fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}
