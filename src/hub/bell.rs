//! A bell for a kernel thread of ours that sleeps until there's something to do: one word, 1 from the first ring until it has heard that.

use crate::{depth, sys};
use core::sync::atomic::{AtomicU32, Ordering};

pub struct Bell(AtomicU32);

impl Bell {
    /// Nobody has rung.
    #[allow(clippy::new_without_default)] // for statics
    pub const fn new() -> Self {
        Bell(AtomicU32::new(0))
    }

    /// What was put down before this is seen by who is rung for.
    pub fn ring(&self) {
        // Nobody else wakes it from the first step on: no handler of the program's, which may wait, comes before the second.
        depth::enter();
        if self.0.swap(1, Ordering::SeqCst) == 0 {
            sys::futex_wake(self.0.as_ptr(), 1);
        }
        depth::leave();
    }

    /// Until somebody rings, or has since the last time. For the one thread that it's there for.
    pub fn wait(&self) {
        while self.0.swap(0, Ordering::SeqCst) == 0 {
            let _ = sys::futex_wait(&self.0, 0, u64::MAX);
        }
    }

    /// In the child of a fork: nobody has rung.
    pub fn after_fork(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}
