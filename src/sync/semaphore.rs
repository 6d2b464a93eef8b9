//! Semaphores: glibc's counter and `sem_trywait`; the parking lot for who finds it at 0. Another process's post wakes
//! nobody in the lot, so a thread that waits for a shared one looks again now and then.

use super::{deadline_of, wait_until_free};
use crate::hub::Task;
use crate::io::fail;
use crate::sys;
use crate::wait::{parking, Cause, NEVER};
use libc::{c_int, clockid_t, sem_t, timespec};

/// Where glibc keeps the process-shared mark: `private` (0 or FUTEX_PRIVATE_FLAG), the third word of struct new_sem.
const PRIVATE: usize = 2;

unsafe fn shared(s: *mut sem_t) -> bool {
    // SAFETY: the caller's semaphore: four 64-bit words.
    unsafe { *(s as *const u32).add(PRIVATE) != 0 }
}

unsafe fn wait_until(me: &'static Task, s: *mut sem_t, deadline: impl FnOnce() -> Result<u64, c_int>) -> c_int {
    let errno = sys::errno();
    // A wrong time is an error even for one who needn't wait.
    let deadline = match deadline() {
        Ok(deadline) => deadline,
        Err(e) => return fail(e) as c_int,
    };
    // SAFETY: the caller's semaphore.
    let shared = unsafe { shared(s) };
    // SAFETY: as above.
    let attempt = || if unsafe { libc::sem_trywait(s) } == 0 { 0 } else { sys::errno() };
    let r = match attempt() {
        libc::EAGAIN => wait_until_free(me, s as usize, deadline, shared, (Cause::Semaphore, libc::EAGAIN), attempt),
        r => r,
    };
    sys::set_errno(if r == 0 { errno } else { r });
    if r == 0 {
        0
    } else {
        -1
    }
}

pub unsafe fn wait(me: &'static Task, _: unsafe extern "C" fn(*mut sem_t) -> c_int, s: *mut sem_t) -> c_int {
    // SAFETY: the caller's semaphore.
    unsafe { wait_until(me, s, || Ok(NEVER)) }
}

pub unsafe fn timedwait(
    me: &'static Task,
    _: unsafe extern "C" fn(*mut sem_t, *const timespec) -> c_int,
    s: *mut sem_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's semaphore and time.
    unsafe { wait_until(me, s, || deadline_of(libc::CLOCK_REALTIME, until)) }
}

pub unsafe fn clockwait(
    me: &'static Task,
    _: unsafe extern "C" fn(*mut sem_t, clockid_t, *const timespec) -> c_int,
    s: *mut sem_t,
    clock: clockid_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's semaphore and time.
    unsafe { wait_until(me, s, || deadline_of(clock, until)) }
}

/// sem_post(3) on any thread.
pub unsafe fn post(real: unsafe extern "C" fn(*mut sem_t) -> c_int, s: *mut sem_t) -> c_int {
    // SAFETY: the caller's semaphore; afterwards its address is only a key.
    let r = unsafe { real(s) };
    if r == 0 {
        parking::unpark_one(s as usize);
    }
    r
}
