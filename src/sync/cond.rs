//! Condition variables, ours entirely: waiting is a spot in the parking lot, at the variable's address. Of glibc's
//! memory only the attributes are read. Green and foreign threads wait and signal alike; process-shared ones go to
//! the real calls.

use super::{deadline_of, mutex};
use crate::depth;
use crate::hub::current;
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
    let spot = Spot::new(current());
    // SAFETY: the spot is left or woken before this frame goes; the mutex is the caller's. Being queued before the
    // mutex is free is what makes the wait atomic: whoever signals after changing the state finds the spot.
    unsafe {
        spot.enter(c as usize, false);
        match mutex::release(m) {
            0 => {}
            e => {
                spot.leave();
                depth::checkpoint();
                return e;
            }
        }
        let reason = spot.wait(deadline, Cause::Cond);
        depth::checkpoint();
        match mutex::retake(m) {
            0 if reason == Reason::Timeout => libc::ETIMEDOUT,
            r => r,
        }
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
