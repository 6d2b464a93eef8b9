//! Waiting for signals: sigsuspend, pause, and the sigwait family.

use super::actions::bit;
use super::masks::{self, masked};
use super::pending;
use crate::hub::Task;
use crate::wait::natively::{natively, until_handled};
use crate::wait::{Cause, Reason, Waiter, NEVER};
use crate::{below, depth, sys};
use core::ptr;
use core::sync::atomic::Ordering;
use libc::{c_int, siginfo_t, sigset_t};

/// Until a handler has interrupted it; EINTR.
fn until_interrupted(me: &'static Task) -> c_int {
    while Waiter::new(Some(me)).wait(NEVER, Cause::Signal, 0) != Reason::Interrupted {}
    depth::checkpoint();
    sys::set_errno(libc::EINTR);
    -1
}

/// sigsuspend(2): pause with a mask.
pub unsafe fn sigsuspend(
    me: &'static Task,
    _: unsafe extern "C" fn(*const sigset_t) -> c_int,
    set: *const sigset_t,
) -> c_int {
    // SAFETY: the caller's set, whose first word is the kernel's.
    let mask = unsafe { *(set as *const u64) };
    let r = masked(me, Some(mask), || until_interrupted(me));
    sys::set_errno(libc::EINTR);
    r
}

/// pause(2).
pub unsafe fn pause(me: &'static Task, _: unsafe extern "C" fn() -> c_int) -> c_int {
    until_interrupted(me)
}

/// sigwaitinfo(2) and its relatives: what is pending is taken at once; else the kernel thread waits, and the hub goes on
/// elsewhere. (What a program waits for in this way it has blocked in all threads, and no carrier takes it meanwhile.)
pub unsafe fn sigwaitinfo(
    me: &'static Task,
    real: unsafe extern "C" fn(*const sigset_t, *mut siginfo_t) -> c_int,
    set: *const sigset_t,
    info: *mut siginfo_t,
) -> c_int {
    // SAFETY: set and info are the caller's, as for sigwaitinfo(2).
    unsafe { take(me, set, info, || until_handled(ptr::null(), |_| real(set, info))) }
}

/// sigtimedwait(2).
pub unsafe fn sigtimedwait(
    me: &'static Task,
    real: unsafe extern "C" fn(*const sigset_t, *mut siginfo_t, *const libc::timespec) -> c_int,
    set: *const sigset_t,
    info: *mut siginfo_t,
    time: *const libc::timespec,
) -> c_int {
    // SAFETY: as above, and the time too.
    unsafe { take(me, set, info, || until_handled(time, |time| real(set, info, time))) }
}

/// sigwait(3): 0, with the signal in `signal`, or an errno.
pub unsafe fn sigwait(
    me: &'static Task,
    _: unsafe extern "C" fn(*const sigset_t, *mut c_int) -> c_int,
    set: *const sigset_t,
    signal: *mut c_int,
) -> c_int {
    let errno = sys::errno();
    // SAFETY: set and signal are the caller's, as for sigwait(3).
    unsafe {
        // libc's sigwait goes on by itself after a handler, and would not look here for what came meanwhile.
        let wait = || until_handled(ptr::null(), |_| (below::get().sigwaitinfo)(set, ptr::null_mut()));
        let mut r = -1;
        while r < 0 {
            r = take(me, set, ptr::null_mut(), wait);
            if r < 0 && sys::errno() != libc::EINTR {
                return sys::errno();
            }
        }
        sys::set_errno(errno);
        *signal = r;
        0
    }
}

/// A wait of the kernel's, and what comes for this thread alone. The kernel thread's own mask is back afterwards.
unsafe fn take(me: &'static Task, set: *const sigset_t, info: *mut siginfo_t, wait: impl FnOnce() -> c_int) -> c_int {
    // SAFETY: by the callers' contract; the kernel's part of a sigset_t is its first word.
    let wanted = unsafe { *(set as *const u64) };
    // What is for this thread alone (pthread_kill) comes first.
    if let Some(found) = pending::take(me, wanted) {
        // SAFETY: by the callers' contract.
        return unsafe { give(info, found) };
    }
    // SAFETY: as above.
    if let Ok(n) = unsafe { sys::pending_signal(&wanted, info) } {
        return n;
    }
    natively(|| {
        // What is sent on to this kernel thread stays there until the wait takes it.
        sys::signal_mask(libc::SIG_BLOCK, Some(wanted));
        // SAFETY: as above.
        let r = unsafe { take_natively(me, wanted, info, wait) };
        let errno = sys::errno();
        masks::set_here(me);
        sys::set_errno(errno);
        r
    })
}

/// # Safety
/// `info` is NULL or writable.
unsafe fn take_natively(me: &'static Task, wanted: u64, info: *mut siginfo_t, wait: impl FnOnce() -> c_int) -> c_int {
    // From now on who sends one to this thread sends it on to its kernel thread; what came before is pending here.
    me.waits_for.store(wanted, Ordering::SeqCst);
    if me.pending_signals() & wanted != 0 && me.waits_for.swap(0, Ordering::SeqCst) != 0 {
        // Nobody has sent one on, and nobody will.
        if let Some(found) = pending::take(me, wanted) {
            // SAFETY: by this function's contract.
            return unsafe { give(info, found) };
        }
    }
    let r = wait();
    take_back(me);
    if r < 0 && sys::errno() == libc::EINTR {
        // A handler ran, and what was sent on may have come while it did.
        if let Some(found) = pending::take(me, wanted) {
            // SAFETY: as above.
            return unsafe { give(info, found) };
        }
    }
    r
}

/// # Safety
/// `info` is NULL or writable.
unsafe fn give(info: *mut siginfo_t, mut found: siginfo_t) -> c_int {
    // As libc does.
    if found.si_code == libc::SI_TKILL {
        found.si_code = libc::SI_USER;
    }
    // SAFETY: by this function's contract.
    if let Some(info) = unsafe { info.as_mut() } {
        *info = found;
    }
    found.si_signo
}

/// The wait in the kernel is over. If it was for another signal, one that was sent on to this kernel thread is still there.
fn take_back(me: &'static Task) {
    if me.waits_for.swap(0, Ordering::SeqCst) != 0 {
        return;
    }
    let errno = sys::errno();
    let mut sent = 0;
    while sent == 0 {
        // It's on its way.
        core::hint::spin_loop();
        sent = me.sent_on.swap(0, Ordering::SeqCst);
    }
    // SAFETY: zeros are a siginfo_t; both are valid.
    unsafe {
        let mut info: siginfo_t = core::mem::zeroed();
        if sys::pending_signal(&bit(sent), &mut info).is_ok() {
            pending::put_back(me, info);
        }
    }
    sys::set_errno(errno);
}
