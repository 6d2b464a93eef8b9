//! sleep, usleep, nanosleep, clock_nanosleep: a timer and nothing else.

use super::fail;
use crate::hub::Task;
use crate::wait::{Cause, Reason, Waiter};
use crate::{depth, sys};
use libc::{c_int, c_uint, clockid_t, timespec};

/// Sleeps until a deadline (CLOCK_MONOTONIC, ns); the nanoseconds that were left when a signal ended it.
fn until(me: &'static Task, deadline: u64) -> Option<u64> {
    let reason = Waiter::new(Some(me)).wait(deadline, Cause::Sleep, 0);
    depth::checkpoint();
    match reason {
        Reason::Interrupted => Some(deadline.saturating_sub(sys::now())),
        _ => None,
    }
}

fn nap(me: &'static Task, ns: u64) -> Option<u64> {
    if ns == 0 {
        me.yield_now();
        return None;
    }
    until(me, sys::now().saturating_add(ns))
}

/// sleep(3): seconds; the whole ones left, and EINTR, when interrupted.
pub unsafe fn sleep(me: &'static Task, _: unsafe extern "C" fn(c_uint) -> c_uint, seconds: c_uint) -> c_uint {
    nap(me, seconds as u64 * 1_000_000_000).map_or(0, |left| {
        sys::set_errno(libc::EINTR);
        (left / 1_000_000_000) as c_uint
    })
}

/// usleep(3): microseconds. EINTR.
pub unsafe fn usleep(me: &'static Task, _: unsafe extern "C" fn(c_uint) -> c_int, microseconds: c_uint) -> c_int {
    nap(me, microseconds as u64 * 1000).map_or(0, |_| fail(libc::EINTR) as c_int)
}

/// nanosleep(2). EFAULT and EINVAL as the kernel finds them; EINTR with the time left.
pub unsafe fn nanosleep(
    me: &'static Task,
    real: unsafe extern "C" fn(*const timespec, *mut timespec) -> c_int,
    time: *const timespec,
    left: *mut timespec,
) -> c_int {
    // SAFETY: time is the caller's, as for nanosleep(2); what the kernel would refuse goes to it.
    let Some(ns) = (unsafe { valid(time) }) else { return unsafe { real(time, left) } };
    match nap(me, ns) {
        None => 0,
        Some(ns) => {
            // SAFETY: left is NULL or the caller's.
            unsafe { give(left, ns) };
            fail(libc::EINTR) as c_int
        }
    }
}

/// clock_nanosleep(2), relative or absolute. Answers an error number. Clocks of processor time go to the kernel.
pub unsafe fn clock_nanosleep(
    me: &'static Task,
    real: unsafe extern "C" fn(clockid_t, c_int, *const timespec, *mut timespec) -> c_int,
    clock: clockid_t,
    flags: c_int,
    time: *const timespec,
    left: *mut timespec,
) -> c_int {
    const WALL: [clockid_t; 4] = [libc::CLOCK_REALTIME, libc::CLOCK_MONOTONIC, libc::CLOCK_BOOTTIME, libc::CLOCK_TAI];
    // SAFETY: time is the caller's, as for clock_nanosleep(2).
    let ns = unsafe { valid(time) };
    let (Some(ns), true) = (ns, WALL.contains(&clock)) else {
        // SAFETY: as above.
        return unsafe { real(clock, flags, time, left) };
    };
    if flags & libc::TIMER_ABSTIME != 0 {
        return until(me, deadline_of(clock, ns)).map_or(0, |_| libc::EINTR);
    }
    nap(me, ns).map_or(0, |ns| {
        // SAFETY: left is NULL or the caller's.
        unsafe { give(left, ns) };
        libc::EINTR
    })
}

/// A time of another clock as a deadline of ours. (A clock that is set meanwhile is not followed.)
pub fn deadline_of(clock: clockid_t, ns: u64) -> u64 {
    if clock == libc::CLOCK_MONOTONIC {
        return ns;
    }
    // In this order: what passes between the two looks makes it later, not earlier.
    let left = ns.saturating_sub(sys::clock(clock));
    sys::now().saturating_add(left)
}

/// A timespec in nanoseconds, if the kernel would take it.
///
/// # Safety
/// NULL or a valid timespec.
pub unsafe fn valid(time: *const timespec) -> Option<u64> {
    // SAFETY: by this function's contract.
    let t = unsafe { time.as_ref() }?;
    (t.tv_sec >= 0 && (0..1_000_000_000).contains(&t.tv_nsec)).then(|| sys::nanoseconds(t))
}

/// # Safety
/// NULL or a timespec to write to.
unsafe fn give(left: *mut timespec, ns: u64) {
    // SAFETY: by this function's contract.
    if let Some(left) = unsafe { left.as_mut() } {
        *left = sys::timespec_of(ns);
    }
}
