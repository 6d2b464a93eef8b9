//! GREEN_MAX_THREADS: how many coroutines there may be at once. Who would make one more waits until one has ended (as on
//! eventlet's GreenPool), or is told EAGAIN, as pthread_create(3) says of limits.

use crate::hub::current;
use crate::wait::parking::{self, Spot};
use crate::wait::{Cause, NEVER};
use crate::{config, depth};
use core::sync::atomic::{AtomicU64, Ordering};

/// How many there are. Counted only if there's a limit.
static COUNT: AtomicU64 = AtomicU64::new(0);

fn address() -> usize {
    &COUNT as *const AtomicU64 as usize
}

fn try_enter(most: u64) -> bool {
    COUNT.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| (n < most).then_some(n + 1)).is_ok()
}

/// Before one is made: waits for room. False if it may not be made.
pub fn enter() -> bool {
    let Some(limit) = config::get().max_threads else { return true };
    loop {
        if try_enter(limit.most) {
            return true;
        }
        if !limit.waits {
            return false;
        }
        let spot = Spot::new(current());
        // SAFETY: the spot is left before this frame goes.
        unsafe { spot.enter(address(), false) };
        if COUNT.load(Ordering::SeqCst) >= limit.most {
            spot.wait(NEVER, Cause::Threads);
        } else {
            spot.leave();
        }
        depth::checkpoint();
    }
}

/// One has ended, or was not made after all.
pub fn leave() {
    if config::get().max_threads.is_some() {
        COUNT.fetch_sub(1, Ordering::SeqCst);
        parking::unpark_one(address());
    }
}

/// In the child of a fork: none, or the caller alone.
pub fn after_fork() {
    COUNT.store(0, Ordering::Relaxed);
}
