//! Cancellation. glibc's own marks in the thread control block say that a thread is cancelled, so its own testcancel acts on
//! them: it unwinds the stack, cleanup handlers and destructors in order, down to our boundary. Here is what it can't do
//! for green threads: end the wait of one that's parked.
//!
//! A wait that is ended so returns like an interrupted one (EINTR, or a spurious wake-up of a condition variable, with the
//! mutex held again): whatever it had linked is undone. Then the hook of the cancellation point acts (`after`).

use super::{from_pthread, tls};
use crate::below;
use crate::hub::{current, Task};
use core::ptr;
use libc::{c_int, pthread_t};

/// On the way into a cancellation point.
#[inline]
pub fn before(me: &'static Task) {
    if me.is_cancelled() {
        act();
    }
}

/// On the way out: if it was cancellation that ended the wait.
#[inline]
pub fn after(me: &'static Task) {
    if me.wait_was_cancelled.replace(false) {
        act();
    }
}

/// Whether it should end now, wherever it is: it's of the asynchronous type, or waits in a cancellation point of glibc's.
pub fn is_due_at_once(me: &Task) -> bool {
    // SAFETY: the running thread's own.
    me.is_cancelled() && (me.cancels_at_once.get() || unsafe { tls::is_cancelled_at_once(me.thread_pointer) })
}

/// Ends the calling thread.
#[cold]
pub fn act() {
    // SAFETY: unwinds this stack, or returns if cancellation is disabled after all; nothing of ours is linked any more.
    unsafe { (below::get().pthread_testcancel)() }
}

/// pthread_cancel(3). 0; ESRCH for a thread that was joined.
pub unsafe fn pthread_cancel(real: unsafe extern "C" fn(pthread_t) -> c_int, id: pthread_t) -> c_int {
    let Some(target) = from_pthread(id) else {
        // SAFETY: as for pthread_cancel(3).
        return unsafe { real(id) };
    };
    {
        // While it's locked the thread can't become another.
        let life = target.life.lock();
        if life.gone {
            return libc::ESRCH;
        }
        if life.ended {
            return 0;
        }
        // SAFETY: a living thread's control block.
        unsafe { tls::mark_cancelled(target.task.thread_pointer) };
        target.task.cancel();
    }
    if current().is_some_and(|me| ptr::eq(me, &target.task) && me.cancels_at_once.get()) {
        act();
    }
    0
}

type Setter = unsafe extern "C" fn(c_int, *mut c_int) -> c_int;

/// pthread_setcancelstate(3).
pub unsafe fn pthread_setcancelstate(me: &'static Task, real: Setter, state: c_int, old: *mut c_int) -> c_int {
    /// PTHREAD_CANCEL_DISABLE.
    const DISABLE: c_int = 1;
    // SAFETY: as for pthread_setcancelstate(3). (It acts itself, if the type is asynchronous.)
    let r = unsafe { real(state, old) };
    if r == 0 {
        me.cancel_is_disabled.set(state == DISABLE);
    }
    r
}

/// pthread_setcanceltype(3).
pub unsafe fn pthread_setcanceltype(me: &'static Task, real: Setter, kind: c_int, old: *mut c_int) -> c_int {
    /// PTHREAD_CANCEL_ASYNCHRONOUS.
    const ASYNCHRONOUS: c_int = 1;
    // SAFETY: as for pthread_setcanceltype(3).
    let r = unsafe { real(kind, old) };
    if r == 0 {
        me.cancels_at_once.set(kind == ASYNCHRONOUS);
    }
    r
}
