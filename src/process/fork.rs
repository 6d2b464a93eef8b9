//! fork: on the carrier's own thread control block (glibc's child frees every stack but that of its THREAD_SELF).
//!
//! The child has only the caller. It starts inactive, with none of the parent's hubs; if it creates a thread, its
//! runtime begins anew, with the caller as its first thread.

use crate::hub::carrier::{self, Carrier};
use crate::hub::{current, listeners, thread_pointer, Kind, Task};
use crate::sync::owned;
use crate::wait::borrow;
use crate::{green, runtime, sys};
use core::sync::atomic::Ordering;
use libc::pid_t;

/// The control block of the first kernel thread is main's. If another thread has to fork there all the same, main must not run on some other
/// carrier: that thread waits until it doesn't, and main until the fork is done.
fn hold_main(me: &'static Task) -> Option<&'static Task> {
    while me.kind.get() == Kind::Coroutine && Carrier::of(me).is_first() {
        let main = green::host()?;
        if !main.busy.swap(true, Ordering::Acquire) {
            return Some(main);
        }
        me.yield_now();
    }
    None
}

/// fork(2), and vfork(2), which POSIX lets be the same: its child would else change our tables in shared memory.
pub unsafe fn fork(real: unsafe extern "C" fn() -> pid_t) -> pid_t {
    let me = current();
    // Parent and child may come to accept on one socket.
    borrow::prepare();
    if let Some(me) = me {
        Carrier::leave_home(me);
    }
    let held = me.and_then(hold_main);
    // SAFETY: as for fork(2).
    let call = || unsafe { real() };
    let native = match me {
        Some(task) => Carrier::of(task).native(),
        // Dormant in a forked child: its thread may be a green one of the parent's.
        None if !runtime::is_active() => carrier::native_block(),
        // A foreign kernel thread has its own.
        None => thread_pointer::get(),
    };
    let pid = carrier::with_block(native, call);
    if let Some(main) = held {
        main.busy.store(false, Ordering::Release);
    }
    if pid == 0 {
        carrier::set_native_block(native);
    }
    match pid {
        0 => {
            if let Some(task) = me {
                // It's the kernel thread now, and the kernel is to know its robust mutexes.
                thread_pointer::set_tid(sys::gettid());
                owned::announce(task.thread_pointer);
            }
            runtime::restart_in_child(me);
        }
        pid if pid > 0 && runtime::is_active() => listeners::share_all(),
        _ => {}
    }
    pid
}
