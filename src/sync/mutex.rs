//! Mutexes. The word, the owner and the count are glibc's; `pthread_mutex_trylock` takes them.

use super::{be_polite, deadline_of, wait_until_free};
use crate::below;
use crate::hub::{current, thread_pointer, Task};
use crate::wait::natively::natively;
use crate::wait::{parking, Cause, NEVER};
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

/// Bits of `kind` (nptl/pthreadP.h).
const ROBUST: c_int = 16;
const PROCESS_SHARED: c_int = 128;
const TYPE: c_int = 3;

unsafe fn kind(m: *mut pthread_mutex_t) -> c_int {
    // SAFETY: the caller's mutex.
    unsafe { (*(m as *const Inside)).kind }
}

/// Others must hear when its owner dies, which only the kernel can tell them.
unsafe fn kernels(m: *mut pthread_mutex_t) -> bool {
    // SAFETY: the caller's mutex.
    unsafe { kind(m) & ROBUST != 0 }
}

type Lock = unsafe extern "C" fn(*mut pthread_mutex_t) -> c_int;

/// Locks a robust mutex: the kernel may have to say that it's free.
unsafe fn robust(m: *mut pthread_mutex_t, lock: impl FnOnce() -> c_int) -> c_int {
    // SAFETY: the caller's mutex.
    match unsafe { (below::get().pthread_mutex_trylock)(m) } {
        libc::EBUSY => natively(lock),
        r => r,
    }
}

pub unsafe fn lock(me: &'static Task, real: Lock, m: *mut pthread_mutex_t) -> c_int {
    // SAFETY: the caller's mutex.
    unsafe {
        if kernels(m) {
            return robust(m, || real(m));
        }
        lock_until(me, m, NEVER)
    }
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
    // SAFETY: the caller's mutex; its own thread's owner mark doesn't change under it.
    unsafe {
        let inside = &*(m as *const Inside);
        if inside.kind & TYPE == libc::PTHREAD_MUTEX_ERRORCHECK && inside.owner == thread_pointer::tid() {
            return libc::EDEADLK;
        }
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
        if kernels(m) {
            return robust(m, || real(m, until));
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
        if kernels(m) {
            return robust(m, || real(m, clock, until));
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
    // SAFETY: the caller's mutex. After the real unlock it may be gone: its address is only a key from here on.
    let r = unsafe { real(m) };
    if r == 0 {
        parking::unpark_one(m as usize);
    }
    r
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
