//! pthread_join and its relatives, and pthread_detach. Errors where glibc gives them.

use super::{exit, thread, Green};
use crate::depth;
use crate::hub::{current, Task};
use crate::io::sleep;
use crate::wait::natively::natively;
use crate::wait::{Cause, Reason, Waiter, NEVER};
use core::ptr;
use libc::{c_int, c_void, clockid_t, pthread_t, timespec};

/// Joins a green thread; waits until the deadline. 0, EINVAL (detached, or being joined), EDEADLK (oneself, or two
/// that join each other), ESRCH, ETIMEDOUT.
fn join(me: Option<&'static Task>, target: &'static Green, result: *mut *mut c_void, deadline: u64) -> c_int {
    let waiter = Waiter::new(me);
    let mut life = target.life.lock();
    if life.gone {
        return libc::ESRCH;
    }
    if life.detached {
        return libc::EINVAL;
    }
    if me.is_some_and(|me| ptr::eq(me, &target.task) || joins(&target.task, Green::of(me))) {
        return libc::EDEADLK;
    }
    if life.joiner.is_some() {
        return libc::EINVAL;
    }
    if !life.ended {
        // While that's there no signal handler may run, and nothing end the thread: it might not come back.
        if me.is_some() {
            depth::enter();
        }
        life.joiner = Some(waiter.as_sleeper());
        life.joiner_task = me.map_or(ptr::null(), |me| me);
        drop(life);
        let reason = waiter.wait(deadline, Cause::Join, target.task.thread_pointer);
        life = target.life.lock();
        life.joiner = None;
        life.joiner_task = ptr::null();
        if me.is_some() {
            depth::leave_quietly();
        }
        if !life.ended {
            // Only cancellation interrupts a join.
            return if reason == Reason::Interrupted { libc::EINTR } else { libc::ETIMEDOUT };
        }
        if let Some(me) = me {
            // It's done after all: the next cancellation point acts.
            me.wait_was_cancelled.set(false);
        }
    }
    life.gone = true;
    drop(life);
    if !result.is_null() {
        // SAFETY: result is the caller's, as for pthread_join(3).
        unsafe { *result = target.result.get() };
    }
    if target.task.kind.get() != crate::hub::Kind::Host {
        exit::release(target);
    }
    0
}

/// Whether `who` waits to join `of`.
fn joins(who: &Task, of: &Green) -> bool {
    let life = of.life.lock();
    life.joiner.is_some() && ptr::eq(life.joiner_task, who)
}

pub unsafe fn pthread_join(
    real: unsafe extern "C" fn(pthread_t, *mut *mut c_void) -> c_int,
    id: pthread_t,
    result: *mut *mut c_void,
) -> c_int {
    match thread::from_pthread(id) {
        Some(target) => join(current(), target, result, NEVER),
        // SAFETY: as for pthread_join(3).
        None => natively(|| unsafe { real(id, result) }),
    }
}

pub unsafe fn pthread_tryjoin_np(
    real: unsafe extern "C" fn(pthread_t, *mut *mut c_void) -> c_int,
    id: pthread_t,
    result: *mut *mut c_void,
) -> c_int {
    match thread::from_pthread(id) {
        Some(target) if !target.life.lock().ended => libc::EBUSY,
        Some(target) => join(current(), target, result, NEVER),
        // SAFETY: as for pthread_tryjoin_np(3).
        None => unsafe { real(id, result) },
    }
}

pub unsafe fn pthread_timedjoin_np(
    real: unsafe extern "C" fn(pthread_t, *mut *mut c_void, *const timespec) -> c_int,
    id: pthread_t,
    result: *mut *mut c_void,
    until: *const timespec,
) -> c_int {
    match thread::from_pthread(id) {
        Some(target) => join_until(target, result, libc::CLOCK_REALTIME, until),
        // SAFETY: as for pthread_timedjoin_np(3).
        None => natively(|| unsafe { real(id, result, until) }),
    }
}

pub unsafe fn pthread_clockjoin_np(
    real: unsafe extern "C" fn(pthread_t, *mut *mut c_void, clockid_t, *const timespec) -> c_int,
    id: pthread_t,
    result: *mut *mut c_void,
    clock: clockid_t,
    until: *const timespec,
) -> c_int {
    match thread::from_pthread(id) {
        Some(target) => join_until(target, result, clock, until),
        // SAFETY: as for pthread_clockjoin_np(3).
        None => natively(|| unsafe { real(id, result, clock, until) }),
    }
}

fn join_until(target: &'static Green, result: *mut *mut c_void, clock: clockid_t, until: *const timespec) -> c_int {
    if until.is_null() {
        return join(current(), target, result, NEVER);
    }
    // SAFETY: until is the caller's, and not NULL.
    let negative = unsafe { (*until).tv_sec } < 0;
    // SAFETY: as above.
    match unsafe { sleep::valid(until) } {
        None if negative => join(current(), target, result, 0),
        Some(ns) => join(current(), target, result, sleep::deadline_of(clock, ns)),
        None => libc::EINVAL,
    }
}

pub unsafe fn pthread_detach(real: unsafe extern "C" fn(pthread_t) -> c_int, id: pthread_t) -> c_int {
    let Some(target) = thread::from_pthread(id) else {
        // SAFETY: as for pthread_detach(3).
        return unsafe { real(id) };
    };
    let mut life = target.life.lock();
    if life.gone {
        return libc::ESRCH;
    }
    if life.detached {
        return libc::EINVAL;
    }
    if life.joiner.is_some() {
        // glibc: somebody waits to join it; that goes on, and this changes nothing.
        return 0;
    }
    life.detached = true;
    if life.ended {
        life.gone = true;
        drop(life);
        exit::release(target);
    }
    0
}
