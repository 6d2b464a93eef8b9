//! The C11 names (threads.h): glibc's objects are its pthread objects under other names, and so are the policies. Only
//! the results differ: thrd_success, thrd_busy, thrd_error, thrd_nomem, thrd_timedout.

use super::{cond, mutex, once};
use crate::green::{self, join};
use crate::hub::Task;
use crate::io::sleep;
use crate::{below, sys};
use core::ptr;
use libc::{c_int, c_void, pthread_cond_t, pthread_mutex_t, pthread_t, timespec};

/// The values of thrd_* (threads.h; ABI).
const SUCCESS: c_int = 0;
const BUSY: c_int = 1;
const ERROR: c_int = 2;
const NOMEM: c_int = 3;
const TIMEDOUT: c_int = 4;

/// An error number as C11 says it.
pub fn said(errno: c_int) -> c_int {
    match errno {
        0 => SUCCESS,
        libc::EBUSY => BUSY,
        libc::ENOMEM => NOMEM,
        libc::ETIMEDOUT => TIMEDOUT,
        _ => ERROR,
    }
}

type Mutex = *mut pthread_mutex_t;
type Cond = *mut pthread_cond_t;
type OnMutex = unsafe extern "C" fn(Mutex) -> c_int;
type OnCond = unsafe extern "C" fn(Cond) -> c_int;

pub unsafe fn mtx_lock(me: &'static Task, real: OnMutex, m: Mutex) -> c_int {
    // SAFETY: the caller's mutex, here and below. C11 mutexes are never robust, so the real function isn't asked.
    said(unsafe { mutex::lock(me, real, m) })
}

pub unsafe fn mtx_timedlock(
    me: &'static Task,
    _: unsafe extern "C" fn(Mutex, *const timespec) -> c_int,
    m: Mutex,
    until: *const timespec,
) -> c_int {
    // SAFETY: as above.
    said(unsafe { mutex::timed(me, m, libc::CLOCK_REALTIME, until) })
}

pub unsafe fn mtx_unlock(real: OnMutex, m: Mutex) -> c_int {
    // SAFETY: as above. The real one answers in C11's way already; thrd_success is 0 in both.
    unsafe { mutex::unlock(real, m) }
}

pub unsafe fn cnd_wait(real: unsafe extern "C" fn(Cond, Mutex) -> c_int, c: Cond, m: Mutex) -> c_int {
    // SAFETY: the caller's objects; C11 ones are never process-shared, so the real functions aren't asked, here and below.
    said(unsafe { cond::wait(real, c, m) })
}

pub unsafe fn cnd_timedwait(
    real: unsafe extern "C" fn(Cond, Mutex, *const timespec) -> c_int,
    c: Cond,
    m: Mutex,
    until: *const timespec,
) -> c_int {
    // SAFETY: as above. C11's clock is TIME_UTC, which is the default of pthread's.
    said(unsafe { cond::timedwait(real, c, m, until) })
}

pub unsafe fn cnd_signal(real: OnCond, c: Cond) -> c_int {
    // SAFETY: as above.
    unsafe { cond::signal(real, c) }
}

pub unsafe fn cnd_broadcast(real: OnCond, c: Cond) -> c_int {
    // SAFETY: as above.
    unsafe { cond::broadcast(real, c) }
}

pub unsafe fn call_once(
    me: &'static Task,
    _: unsafe extern "C" fn(*mut c_int, extern "C" fn()),
    flag: *mut c_int,
    routine: extern "C" fn(),
) {
    unsafe extern "C" fn unused(_: *mut c_int, _: extern "C" fn()) -> c_int {
        0
    }
    // SAFETY: the caller's flag, which is a pthread_once_t.
    unsafe { once::pthread_once(me, unused, flag, routine) };
}

pub unsafe fn thrd_join(
    real: unsafe extern "C" fn(pthread_t, *mut c_int) -> c_int,
    id: pthread_t,
    result: *mut c_int,
) -> c_int {
    if green::from_pthread(id).is_none() {
        // SAFETY: as for thrd_join(3).
        return crate::wait::natively::natively(|| unsafe { real(id, result) });
    }
    let mut value: *mut c_void = ptr::null_mut();
    // SAFETY: a green thread's id; the result is the caller's or NULL.
    unsafe {
        let r = join::pthread_join(below::get().pthread_join, id, &mut value);
        if let (0, Some(result)) = (r, result.as_mut()) {
            *result = value as usize as c_int;
        }
        said(r)
    }
}

pub unsafe fn thrd_detach(real: unsafe extern "C" fn(pthread_t) -> c_int, id: pthread_t) -> c_int {
    match green::from_pthread(id) {
        // SAFETY: a green thread's id, for which the real one isn't asked.
        Some(_) => said(unsafe { join::pthread_detach(real, id) }),
        // SAFETY: as for thrd_detach(3).
        None => unsafe { real(id) },
    }
}

pub unsafe fn thrd_exit(me: &'static Task, _: unsafe extern "C" fn(c_int), result: c_int) {
    // SAFETY: as for pthread_exit(3), which glibc's is.
    unsafe { green::pthread_exit(me, below::get().pthread_exit, result as isize as *mut c_void) }
}

/// thrd_sleep(3): 0, -1 when a signal ended it (the rest is in `left`), another negative number for a bad time.
pub unsafe fn thrd_sleep(
    me: &'static Task,
    real: unsafe extern "C" fn(*const timespec, *mut timespec) -> c_int,
    time: *const timespec,
    left: *mut timespec,
) -> c_int {
    let errno = sys::errno();
    // SAFETY: as for thrd_sleep(3).
    let r = unsafe {
        if sleep::valid(time).is_none() {
            return real(time, left);
        }
        sleep::nanosleep(me, real, time, left)
    };
    sys::set_errno(errno);
    r
}

pub unsafe fn thrd_yield(me: &'static Task, _: unsafe extern "C" fn()) {
    me.yield_now();
}
