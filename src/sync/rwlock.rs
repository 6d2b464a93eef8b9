//! Read-write locks: glibc's try-operations, and the parking lot for losers. An unlock wakes all that wait, since
//! which of them may go on (many readers, one writer) is for the try to say.

use super::{be_polite, deadline_of, wait_until_free};
use crate::below;
use crate::hub::Task;
use crate::wait::{parking, Cause, NEVER};
use core::sync::atomic::{AtomicU32, Ordering};
use libc::{c_int, clockid_t, pthread_rwlock_t, timespec};

type Op = unsafe extern "C" fn(*mut pthread_rwlock_t) -> c_int;

/// Where glibc keeps the process-shared mark: __shared, the eighth word (struct __pthread_rwlock_arch_t, x86-64).
const SHARED: usize = 7;

/// Where a green writer that waits counts itself: __pad3, the fifth word, which glibc doesn't use.
const WRITERS: usize = 4;
/// Where glibc keeps the kind: __flags, the thirteenth word.
const KIND: usize = 12;
/// PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP: a writer that waits keeps new readers out.
const PREFERS_WRITERS: u32 = 2;

/// The count of green writers that wait, if they keep readers out.
unsafe fn writers(l: *mut pthread_rwlock_t) -> Option<&'static AtomicU32> {
    // SAFETY: the caller's lock: 14 words.
    unsafe {
        let words = l as *mut u32;
        (*words.add(KIND) == PREFERS_WRITERS).then(|| AtomicU32::from_ptr(words.add(WRITERS)))
    }
}

/// Whether a reader must let a writer go first.
unsafe fn yields_to_writer(l: *mut pthread_rwlock_t) -> bool {
    // SAFETY: the caller's lock.
    unsafe { writers(l) }.is_some_and(|n| n.load(Ordering::Relaxed) != 0)
}

/// pthread_rwlock_tryrdlock(3), with that looked at.
unsafe extern "C" fn try_read(l: *mut pthread_rwlock_t) -> c_int {
    // SAFETY: the caller's lock.
    unsafe {
        match yields_to_writer(l) {
            true => libc::EBUSY,
            false => (below::get().pthread_rwlock_tryrdlock)(l),
        }
    }
}

/// pthread_rwlock_tryrdlock(3) of a green thread.
pub unsafe fn tryrdlock(_: &'static Task, _: Op, l: *mut pthread_rwlock_t) -> c_int {
    // SAFETY: the caller's lock.
    unsafe { try_read(l) }
}

/// Whether other processes may hold it.
unsafe fn shared(l: *mut pthread_rwlock_t) -> bool {
    // SAFETY: the caller's lock: 14 words.
    unsafe { *(l as *const u32).add(SHARED) != 0 }
}

unsafe fn lock_until(me: &'static Task, writes: bool, l: *mut pthread_rwlock_t, deadline: u64) -> c_int {
    let attempt: Op = if writes { below::get().pthread_rwlock_trywrlock } else { try_read };
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
    let (shared, writers) = unsafe { (shared(l), writers(l).filter(|_| writes)) };
    writers.inspect(|n| {
        n.fetch_add(1, Ordering::SeqCst);
    });
    let r = wait_until_free(me, l as usize, deadline, shared, (Cause::Lock, libc::EBUSY), attempt);
    writers.inspect(|n| {
        if n.fetch_sub(1, Ordering::SeqCst) == 1 && r != 0 {
            // Readers waited for this one.
            parking::unpark_all(l as usize);
        }
    });
    r
}

pub unsafe fn rdlock(me: &'static Task, _: Op, l: *mut pthread_rwlock_t) -> c_int {
    // SAFETY: the caller's lock.
    unsafe { lock_until(me, false, l, NEVER) }
}

pub unsafe fn wrlock(me: &'static Task, _: Op, l: *mut pthread_rwlock_t) -> c_int {
    // SAFETY: the caller's lock.
    unsafe { lock_until(me, true, l, NEVER) }
}

/// The timed and clock forms, for writing or reading.
pub unsafe fn timed(
    me: &'static Task,
    writes: bool,
    l: *mut pthread_rwlock_t,
    clock: clockid_t,
    until: *const timespec,
) -> c_int {
    // SAFETY: the caller's lock and time.
    unsafe { deadline_of(clock, until).map_or_else(|e| e, |deadline| lock_until(me, writes, l, deadline)) }
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
