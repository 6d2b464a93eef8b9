//! Mutexes. The word, the owner and the count are glibc's; `pthread_mutex_trylock` takes them.

use super::owned::as_kernel_thread;
use super::{be_polite, deadline_of, wait_until_free};
use crate::below;
use crate::hub::{current, thread_pointer, Task};
use crate::wait::{parking, Cause, NEVER};
use core::sync::atomic::{AtomicI32, Ordering};
use libc::{c_int, clockid_t, pthread_mutex_t, timespec};

/// glibc's struct __pthread_mutex_s as far as it's looked at (struct_mutex.h, x86-64: public ABI, for static
/// initialisers compile it into programs).
#[repr(C)]
struct Inside {
    lock: c_int,
    count: u32,
    owner: c_int,
    users: u32,
    kind: c_int,
}

/// Bits of `kind` (nptl/pthreadP.h): robust, inherits priority, has a priority ceiling.
const OWNED: c_int = 16 | 32 | 64;
const PROCESS_SHARED: c_int = 128;
const TYPE: c_int = 3;

unsafe fn kind(m: *mut pthread_mutex_t) -> c_int {
    // SAFETY: the caller's mutex.
    unsafe { (*(m as *const Inside)).kind }
}

/// The kernel has to know its owner (`owned`).
unsafe fn is_owned(m: *mut pthread_mutex_t) -> bool {
    // SAFETY: the caller's mutex.
    unsafe { kind(m) & OWNED != 0 }
}

type Lock = unsafe extern "C" fn(*mut pthread_mutex_t) -> c_int;

/// Takes a plain mutex that is free, as trylock does: the one case that is worth a shorter way.
#[inline(always)]
unsafe fn take_plain(m: *mut pthread_mutex_t) -> bool {
    /// PTHREAD_MUTEX_TIMED_NP, which is the default, with no other bit: not shared, not elided.
    const PLAIN: c_int = 0;
    let inside = m as *mut Inside;
    // SAFETY: the caller's mutex. Owner and users are written by who has the lock.
    unsafe {
        if (*inside).kind != PLAIN || parking::overtaken(m as usize) {
            return false;
        }
        let word = AtomicI32::from_ptr(&raw mut (*inside).lock);
        let taken = word.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok();
        if taken {
            (*inside).owner = thread_pointer::tid();
            (*inside).users = (*inside).users.wrapping_add(1);
        }
        taken
    }
}

#[inline]
pub unsafe fn lock(me: &'static Task, real: Lock, m: *mut pthread_mutex_t) -> c_int {
    // SAFETY: the caller's mutex.
    unsafe {
        if take_plain(m) {
            return 0;
        }
        if is_owned(m) {
            return as_kernel_thread(me, || real(m));
        }
        lock_until(me, m, NEVER)
    }
}

/// Whether it's an error-checking one that the calling thread holds.
unsafe fn is_own_checked(m: *mut pthread_mutex_t) -> bool {
    // SAFETY: the caller's mutex; its own thread's owner mark doesn't change under it.
    let inside = unsafe { &*(m as *const Inside) };
    inside.kind & TYPE == libc::PTHREAD_MUTEX_ERRORCHECK && inside.owner == thread_pointer::tid()
}

/// Locks, waiting until the deadline. What trylock gives other than EBUSY; EDEADLK, ETIMEDOUT.
unsafe fn lock_until(me: &'static Task, m: *mut pthread_mutex_t, deadline: u64) -> c_int {
    let trylock = below::get().pthread_mutex_trylock;
    // SAFETY: the caller's mutex. Its holder, locking it again, is in nobody's way.
    if unsafe { (*(m as *const Inside)).owner } != thread_pointer::tid() {
        be_polite(me, m as usize);
    }
    // SAFETY: the caller's mutex.
    let attempt = || unsafe { trylock(m) };
    let r = attempt();
    if r != libc::EBUSY {
        return r;
    }
    // SAFETY: the caller's mutex.
    let shared = unsafe { kind(m) } & PROCESS_SHARED != 0;
    // SAFETY: the caller's mutex.
    if unsafe { is_own_checked(m) } {
        return libc::EDEADLK;
    }
    wait_until_free(me, m as usize, deadline, shared, (Cause::Lock, libc::EBUSY), attempt)
}

pub unsafe fn timedlock(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut pthread_mutex_t, *const timespec) -> c_int,
    m: *mut pthread_mutex_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's mutex and time.
    unsafe {
        if is_owned(m) {
            return as_kernel_thread(me, || real(m, until));
        }
        timed(me, m, libc::CLOCK_REALTIME, until)
    }
}

pub unsafe fn clocklock(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut pthread_mutex_t, clockid_t, *const timespec) -> c_int,
    m: *mut pthread_mutex_t,
    clock: clockid_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's mutex and time.
    unsafe {
        if is_owned(m) {
            return as_kernel_thread(me, || real(m, clock, until));
        }
        timed(me, m, clock, until)
    }
}

pub(super) unsafe fn timed(
    me: &'static Task,
    m: *mut pthread_mutex_t,
    clock: clockid_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's mutex and time.
    unsafe {
        match deadline_of(clock, until) {
            Ok(deadline) => lock_until(me, m, deadline),
            // A wrong time matters only to one who must wait.
            Err(e) if clock == libc::CLOCK_REALTIME || clock == libc::CLOCK_MONOTONIC => {
                match (below::get().pthread_mutex_trylock)(m) {
                    libc::EBUSY if is_own_checked(m) => libc::EDEADLK,
                    libc::EBUSY => e,
                    r => r,
                }
            }
            Err(e) => e,
        }
    }
}

/// pthread_mutex_unlock(3) on any thread, green or not: the real one, then one load to see whether anybody waits.
pub unsafe fn unlock(real: Lock, m: *mut pthread_mutex_t) -> c_int {
    // SAFETY: the caller's mutex.
    if let (true, Some(me)) = (unsafe { is_owned(m) }, current()) {
        // SAFETY: as above.
        return as_kernel_thread(me, || unsafe { real(m) });
    }
    // SAFETY: as above. After the real unlock it may be gone: its address is only a key from here on.
    let r = unsafe { real(m) };
    if r == 0 {
        parking::unpark_one(m as usize);
    }
    r
}

/// A call on a mutex, as its kernel thread if the kernel has to know the owner: pthread_mutex_trylock(3),
/// pthread_mutex_consistent(3).
pub unsafe fn on_owned(me: &'static Task, real: Lock, m: *mut pthread_mutex_t) -> c_int {
    // SAFETY: the caller's mutex.
    unsafe {
        match is_owned(m) {
            true => as_kernel_thread(me, || real(m)),
            false => real(m),
        }
    }
}

/// pthread_mutex_setprioceiling(3), which locks it.
pub unsafe fn setprioceiling(
    me: &'static Task,
    real: unsafe extern "C" fn(*mut pthread_mutex_t, c_int, *mut c_int) -> c_int,
    m: *mut pthread_mutex_t,
    ceiling: c_int,
    old: *mut c_int,
) -> c_int {
    // SAFETY: as for pthread_mutex_setprioceiling(3).
    as_kernel_thread(me, || unsafe { real(m, ceiling, old) })
}

/// For condition variables: unlocks.
pub(super) unsafe fn release(m: *mut pthread_mutex_t) -> c_int {
    // SAFETY: the caller's mutex.
    unsafe { unlock(below::get().pthread_mutex_unlock, m) }
}

/// For condition variables: takes the mutex back, on whatever thread this is.
pub(super) unsafe fn retake(m: *mut pthread_mutex_t) -> c_int {
    // SAFETY: the caller's mutex.
    unsafe {
        match current() {
            Some(me) => lock(me, below::get().pthread_mutex_lock, m),
            None => (below::get().pthread_mutex_lock)(m),
        }
    }
}
