//! Locks between threads, as policy over the parking lot: glibc's memory and glibc's own try-operation decide who has
//! a lock; here is only how a loser waits and whom a winner wakes.
//!
//! Green threads and foreign kernel threads meet on the same words: a foreign thread takes locks by the real calls,
//! and its unlock looks into the parking lot like everybody's.

pub mod barrier;
pub mod c11;
pub mod cond;
pub mod futex;
pub mod gate;
pub mod mutex;
pub mod once;
pub mod owned;
pub mod rwlock;
pub mod semaphore;
pub mod spin;

use crate::hub::Task;
use crate::io::sleep;
use crate::wait::parking::{self, Overtaken, Spot};
use crate::wait::{restarts, Cause, Reason, Waiter};
use crate::{depth, sys};
use libc::{c_int, clockid_t, timespec};

/// Before a first try: if a waiter for this lock was woken and then overtaken by another thread, lets it go first, so that
/// none starves behind a thread that always comes back at once. It may be on another hub, whose carrier the kernel has yet
/// to run; so after a plain yield this waits a little, but not for ever: the waiter may have come to wait for something
/// else in the lock's bucket, or for a holder that keeps it long.
#[inline]
pub fn be_polite(me: &'static Task, address: usize) {
    if parking::overtaken(address) {
        stand_back(me, address);
    }
}

#[cold]
fn stand_back(me: &'static Task, address: usize) {
    /// How often, and how long at a time (ns), an overtaken waiter is let go first.
    const TIMES: u32 = 20;
    const WHILE: u64 = 100_000;
    me.yield_now();
    for _ in 0..TIMES {
        if !parking::overtaken(address) {
            return;
        }
        Waiter::new(Some(me)).wait(sys::now() + WHILE, Cause::Lock, address);
        depth::checkpoint();
    }
}

/// Another process's unlock wakes nobody in our parking lot: who waits for it looks again this often (ns).
const LOOK_AGAIN: u64 = 2_000_000;

/// Waits at `address` until `attempt` gives something other than `busy`; ETIMEDOUT after the deadline. The caller has
/// tried once, in vain. `shared`: another process may be the one to free it. EINTR where
/// the cause can be interrupted.
fn wait_until_free(
    me: &'static Task,
    address: usize,
    deadline: u64,
    shared: bool,
    (cause, busy): (Cause, c_int),
    attempt: impl Fn() -> c_int,
) -> c_int {
    let mut overtaken: Option<Overtaken> = None;
    let began = me.about_now();
    loop {
        let spot = Spot::since(me, began);
        // SAFETY: the spot is left or woken before this frame goes. Overtaken ones keep their place.
        unsafe { spot.enter(address, overtaken.is_some()) };
        let r = attempt();
        if r != busy {
            spot.leave();
            depth::checkpoint();
            // Woken and not in need of it: the next in line gets the chance. (What a lock's wake-up stood for was taken by
            // whoever has the lock now; a semaphore's may be one more than the one we took.)
            if spot.woken() && (r != 0 || cause == Cause::Semaphore) {
                parking::unpark_one(address);
            }
            break r;
        }
        let until = if shared { deadline.min(sys::now() + LOOK_AGAIN) } else { deadline };
        let reason = spot.wait(until, cause);
        if depth::is_due() {
            // A handler might not come back.
            overtaken = None;
            depth::checkpoint();
        }
        match reason {
            Reason::Timeout if until == deadline => break libc::ETIMEDOUT,
            // Handlers have run.
            Reason::Interrupted if cause == Cause::Lock => {}
            Reason::Interrupted if !restarts(me, cause, deadline) => break libc::EINTR,
            _ => {}
        }
        let r = attempt();
        if r != busy {
            break r;
        }
        if reason == Reason::Ready {
            overtaken.get_or_insert_with(|| parking::overtake(address));
        }
    }
}

/// An absolute time on a clock as a deadline of ours. EINVAL as the timed calls give it (for the clock always, for
/// the time only when there's need to wait).
///
/// # Safety
/// `until` must be valid to read.
unsafe fn deadline_of(clock: clockid_t, until: *const timespec) -> Result<u64, c_int> {
    if clock != libc::CLOCK_REALTIME && clock != libc::CLOCK_MONOTONIC {
        return Err(libc::EINVAL);
    }
    // SAFETY: by this function's contract. glibc checks the nanoseconds only; a negative second is long past.
    let t = unsafe { &*until };
    if !(0..1_000_000_000).contains(&t.tv_nsec) {
        return Err(libc::EINVAL);
    }
    // SAFETY: as above.
    Ok(unsafe { sleep::valid(until) }.map_or(0, |ns| sleep::deadline_of(clock, ns)))
}
