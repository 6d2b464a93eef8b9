//! Condition variables, ours entirely: waiting is a spot in the parking lot, at the variable's address. Of glibc's
//! memory only the attributes are read. Green and foreign threads wait and signal alike; process-shared ones go to
//! the real calls.

use super::{deadline_of, mutex};
use crate::depth;
use crate::hub::{current, Task};
use crate::wait::natively::natively;
use crate::wait::parking::{self, Spot};
use crate::wait::{Cause, Reason, NEVER};
use libc::{c_int, clockid_t, pthread_cond_t, pthread_mutex_t, timespec};

/// Where glibc keeps a variable's flags: __wrefs, the tenth word (struct __pthread_cond_s, public ABI).
const FLAGS: usize = 9;
const PROCESS_SHARED: u32 = 1;
const MONOTONIC: u32 = 2;

unsafe fn flags(c: *mut pthread_cond_t) -> u32 {
    // SAFETY: the caller's variable: twelve words.
    unsafe { *(c as *const u32).add(FLAGS) }
}

unsafe fn shared(c: *mut pthread_cond_t) -> bool {
    // SAFETY: as above.
    unsafe { flags(c) & PROCESS_SHARED != 0 }
}

/// Waits for a wake-up until the deadline; the mutex is held again afterwards. 0, ETIMEDOUT, or what unlocking gave
/// (EPERM).
unsafe fn wait_until(c: *mut pthread_cond_t, m: *mut pthread_mutex_t, deadline: u64) -> c_int {
    let me = current();
    // The one that waits, and the one that takes its place when handlers have run.
    let mut spots = [Spot::new(me), Spot::new(me)];
    let mut now = 0;
    // SAFETY: the spot is left or woken before this frame goes; the mutex is the caller's. Being queued before the
    // mutex is free is what makes the wait atomic: whoever signals after changing the state finds the spot.
    unsafe {
        spots[now].enter(c as usize, false);
        match mutex::release(m) {
            0 => {}
            e => {
                spots[now].leave();
                depth::checkpoint();
                return e;
            }
        }
        let reason = loop {
            let reason = spots[now].wait_in_place(deadline, Cause::Cond);
            match me {
                Some(me) if reason == Reason::Interrupted && !me.wait_was_cancelled.get() => {
                    let next = 1 - now;
                    spots[next] = Spot::new(Some(me));
                    if !make_way(me, &spots[now], &spots[next]) {
                        break Reason::Ready;
                    }
                    now = next;
                }
                _ => {
                    spots[now].leave();
                    break reason;
                }
            }
        };
        depth::checkpoint();
        match mutex::retake(m) {
            0 if reason == Reason::Timeout => libc::ETIMEDOUT,
            r => r,
        }
    }
}

/// Lets handlers run in the middle of a wait. Meanwhile its place is kept, as the wait natively goes on; by a spot that isn't on
/// this stack, since a handler may jump out of here (then the place stays taken, for good). False if it was woken, or might
/// have been; else `next` has the place.
///
/// # Safety
/// As for `Spot::enter`, for `next`; `place` was entered.
unsafe fn make_way(me: &'static Task, place: &Spot, next: &Spot) -> bool {
    let keeper = Box::leak(Box::new(Spot::new(Some(me))));
    // SAFETY: the keeper is freed when it's in no list any more; the rest by this function's contract.
    unsafe {
        let kept = keeper.take_over(place);
        place.is_out();
        depth::checkpoint();
        depth::enter();
        let goes_on = kept && next.take_over(keeper);
        if !goes_on {
            depth::leave_quietly();
        }
        drop(Box::from_raw(keeper));
        goes_on
    }
}

pub unsafe fn wait(
    real: unsafe extern "C" fn(*mut pthread_cond_t, *mut pthread_mutex_t) -> c_int,
    c: *mut pthread_cond_t,
    m: *mut pthread_mutex_t,
) -> c_int {
    // SAFETY: the caller's variable and mutex.
    unsafe {
        if shared(c) {
            return natively(|| real(c, m));
        }
        wait_until(c, m, NEVER)
    }
}

pub unsafe fn timedwait(
    real: unsafe extern "C" fn(*mut pthread_cond_t, *mut pthread_mutex_t, *const timespec) -> c_int,
    c: *mut pthread_cond_t,
    m: *mut pthread_mutex_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's variable, mutex and time.
    unsafe {
        if shared(c) {
            return natively(|| real(c, m, until));
        }
        let clock = if flags(c) & MONOTONIC != 0 { libc::CLOCK_MONOTONIC } else { libc::CLOCK_REALTIME };
        deadline_of(clock, until).map_or_else(|e| e, |deadline| wait_until(c, m, deadline))
    }
}

pub unsafe fn clockwait(
    real: unsafe extern "C" fn(*mut pthread_cond_t, *mut pthread_mutex_t, clockid_t, *const timespec) -> c_int,
    c: *mut pthread_cond_t,
    m: *mut pthread_mutex_t,
    clock: clockid_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's variable, mutex and time.
    unsafe {
        if shared(c) {
            return natively(|| real(c, m, clock, until));
        }
        deadline_of(clock, until).map_or_else(|e| e, |deadline| wait_until(c, m, deadline))
    }
}

type Wake = unsafe extern "C" fn(*mut pthread_cond_t) -> c_int;

pub unsafe fn signal(real: Wake, c: *mut pthread_cond_t) -> c_int {
    // SAFETY: the caller's variable.
    if unsafe { shared(c) } {
        // SAFETY: as above.
        return unsafe { real(c) };
    }
    parking::unpark_one(c as usize);
    0
}

pub unsafe fn broadcast(real: Wake, c: *mut pthread_cond_t) -> c_int {
    // SAFETY: the caller's variable.
    if unsafe { shared(c) } {
        // SAFETY: as above.
        return unsafe { real(c) };
    }
    parking::unpark_all(c as usize);
    0
}
