//! Read-write locks: glibc's try-operations, and the parking lot for losers. An unlock wakes all that wait, since
//! which of them may go on (many readers, one writer) is for the try to say.

use super::{be_polite, deadline_of, wait_until_free};
use crate::hub::Task;
use crate::wait::{parking, Cause, NEVER};
use libc::{c_int, clockid_t, pthread_rwlock_t, timespec};

type Op = unsafe extern "C" fn(*mut pthread_rwlock_t) -> c_int;

/// Where glibc keeps the process-shared mark: __shared, the eighth word (struct __pthread_rwlock_arch_t, x86-64).
const SHARED: usize = 7;

/// Whether other processes may hold it.
unsafe fn shared(l: *mut pthread_rwlock_t) -> bool {
    // SAFETY: the caller's lock: 14 words.
    unsafe { *(l as *const u32).add(SHARED) != 0 }
}

unsafe fn lock_until(me: &'static Task, attempt: Op, l: *mut pthread_rwlock_t, deadline: u64) -> c_int {
    be_polite(me, l as usize);
    // SAFETY: the caller's lock.
    let attempt = || unsafe { attempt(l) };
    match attempt() {
        libc::EBUSY => {}
        r => return r,
    }
    // glibc tells the writer itself by the holder's id in the lock (EDEADLK); the try-operation says EBUSY.
    // SAFETY: as above; __cur_writer is the seventh word.
    if unsafe { *(l as *const i32).add(6) } == crate::hub::thread_pointer::tid() {
        return libc::EDEADLK;
    }
    // SAFETY: as above.
    let shared = unsafe { shared(l) };
    wait_until_free(me, l as usize, deadline, shared, (Cause::Lock, libc::EBUSY), attempt)
}

pub unsafe fn rdlock(me: &'static Task, _: Op, l: *mut pthread_rwlock_t) -> c_int {
    // SAFETY: the caller's lock.
    unsafe { lock_until(me, libc::pthread_rwlock_tryrdlock, l, NEVER) }
}

pub unsafe fn wrlock(me: &'static Task, _: Op, l: *mut pthread_rwlock_t) -> c_int {
    // SAFETY: the caller's lock.
    unsafe { lock_until(me, libc::pthread_rwlock_trywrlock, l, NEVER) }
}

/// The timed and clock forms, for reading and writing: `attempt` is the try-operation.
pub unsafe fn timed(
    me: &'static Task,
    attempt: Op,
    l: *mut pthread_rwlock_t,
    clock: clockid_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's lock and time.
    unsafe { deadline_of(clock, until).map_or_else(|e| e, |deadline| lock_until(me, attempt, l, deadline)) }
}

/// pthread_rwlock_unlock(3) on any thread.
pub unsafe fn unlock(real: Op, l: *mut pthread_rwlock_t) -> c_int {
    // SAFETY: the caller's lock; afterwards its address is only a key.
    let r = unsafe { real(l) };
    if r == 0 {
        parking::unpark_all(l as usize);
    }
    r
}
