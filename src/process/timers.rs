//! Timers whose signal is for the first kernel thread (timer_create(2) with SIGEV_THREAD_ID). What the kernel says of such a signal
//! is the timer's number, not for whom it is, so that's noted here: it's main's, as one from pthread_kill is, and never another's
//! while main has it blocked.

use crate::sys;
use core::sync::atomic::{AtomicI64, Ordering};
use libc::{c_int, clockid_t, sigevent, siginfo_t, timer_t};

/// So many are noted; the signals of more go to main when it has them unblocked, which is nearly always.
const MOST: usize = 64;

/// The timers' numbers. Read in signal handlers, so without a lock.
static OF_MAIN: [AtomicI64; MOST] = [const { AtomicI64::new(NONE) }; MOST];
const NONE: i64 = -1;

/// Replaces one entry by another. Whether there was one.
fn replace(from: i64, to: i64) -> bool {
    OF_MAIN.iter().any(|one| one.compare_exchange(from, to, Ordering::SeqCst, Ordering::Relaxed).is_ok())
}

/// For timers with a signal glibc's handle is the kernel's number; for SIGEV_THREAD it's an address, with the top bit set.
fn number_of(timer: timer_t) -> i64 {
    timer as i64
}

/// timer_create(2).
pub unsafe fn timer_create(
    real: unsafe extern "C" fn(clockid_t, *mut sigevent, *mut timer_t) -> c_int,
    clock: clockid_t,
    event: *mut sigevent,
    timer: *mut timer_t,
) -> c_int {
    // SAFETY: as for timer_create(2), here and below: the kernel or glibc has read and written what these point to.
    let r = unsafe { real(clock, event, timer) };
    // SAFETY: as above.
    if let (0, Some(event)) = (r, unsafe { event.as_ref() }) {
        if event.sigev_notify == libc::SIGEV_THREAD_ID && event.sigev_notify_thread_id == sys::getpid() {
            // SAFETY: as above.
            replace(NONE, number_of(unsafe { *timer }));
        }
    }
    r
}

/// timer_delete(2).
pub unsafe fn timer_delete(real: unsafe extern "C" fn(timer_t) -> c_int, timer: timer_t) -> c_int {
    // Before its number is another's.
    let was_noted = replace(number_of(timer), NONE);
    // SAFETY: as for timer_delete(2).
    let r = unsafe { real(timer) };
    if r != 0 && was_noted {
        replace(NONE, number_of(timer));
    }
    r
}

/// Whether a signal comes from a timer that is for the first kernel thread. Async-signal-safe.
pub fn is_for_main(info: &siginfo_t) -> bool {
    // SAFETY: of a timer's signal this is the number (siginfo's `_timer.si_tid`), after three ints and a gap.
    let number = || unsafe { *(info as *const siginfo_t as *const c_int).add(4) };
    info.si_code == libc::SI_TIMER && OF_MAIN.iter().any(|one| one.load(Ordering::Relaxed) == i64::from(number()))
}

/// In the child of a fork, which has none of its parent's timers.
pub fn after_fork() {
    OF_MAIN.iter().for_each(|one| one.store(NONE, Ordering::Relaxed));
}
