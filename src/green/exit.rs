//! How green threads end, and with the last one the process.

use super::{keys, limit, pool, tls, Green};
use crate::hub::carrier::Carrier;
use crate::hub::stats::PROCESS;
use crate::hub::{current, signal, Kind, Task};
use crate::inspect::{green_table, table::stage};
use crate::process::{masks, pending};
use crate::sync::owned;
use crate::{below, runtime, sys};
use core::ptr;
use core::sync::atomic::{AtomicU64, Ordering};
use libc::c_void;

/// Threads that have not ended: the first one and all green ones.
static RUNNING: AtomicU64 = AtomicU64::new(1);

pub(super) fn count_in() {
    RUNNING.fetch_add(1, Ordering::Relaxed);
}

/// How many there are.
pub fn running() -> u64 {
    RUNNING.load(Ordering::Relaxed)
}

/// One less; the last ends the process.
fn count_out(green: &Green) {
    if RUNNING.fetch_sub(1, Ordering::AcqRel) == 1 {
        // SAFETY: as natively, the last thread's end is exit(0), on that thread.
        unsafe { libc::exit(0) };
    }
    // From now on a signal for the process is for others.
    green.task.blocked_signals.set(u64::MAX);
    if green.task.kind.get() == Kind::Host {
        signal::host_ended();
    } else {
        limit::leave();
    }
    masks::leave(&green.task);
}

/// In the child of a fork: only the caller is left.
pub fn count_anew() {
    RUNNING.store(1, Ordering::Relaxed);
}

/// pthread_exit(3) of a green thread: unwinds the stack to its boundary.
pub unsafe fn pthread_exit(me: &'static Task, real: unsafe extern "C" fn(*mut c_void), value: *mut c_void) {
    Green::of(me).result.set(value);
    // SAFETY: as for pthread_exit(3).
    unsafe { real(value) }
}

/// The routine has returned or was unwound: everything that runs on the thread's own stack, in glibc's order. The
/// last thread ends the process.
pub(super) fn ended(green: &'static Green) {
    run_destructors(green);
    PROCESS.alive.sub_shared(1);
    count_out(green);
    if green.task.kind.get() == Kind::Host {
        stay_as_carrier(green);
    }
}

extern "C" {
    fn __h_errno_location() -> *mut libc::c_int;
}

fn run_destructors(green: &Green) {
    tls::call_destructors();
    keys::run_destructors(green.task.thread_pointer);
    owned::let_go(&green.task);
    // SAFETY: (locale_t)-1 is the global locale.
    unsafe { libc::uselocale(usize::MAX as libc::locale_t) };
    // What the next thread on this block must not see.
    // SAFETY: the calling thread's own variable.
    unsafe { *__h_errno_location() = 0 };
    sys::set_errno(0);
}

/// Called by the carrier when the thread's stack is no longer in use. No malloc here.
pub(super) unsafe fn task_ended(task: &Task) {
    let green = Green::of(task);
    let mut life = green.life.lock();
    life.ended = true;
    green.stage.store(green_table.stage(stage::ENDED), Ordering::Relaxed);
    pending::forget(task);
    if life.detached {
        life.gone = true;
        drop(life);
        release(green);
    } else if let Some(joiner) = life.joiner.take() {
        // SAFETY: the joiner takes its place back, under this lock, before it goes.
        unsafe { (*joiner).wake(crate::wait::Reason::Ready) };
    }
}

/// A thread that was made ready to run, and must not: as if it had ended, and been joined.
pub(super) fn never_began(green: &'static Green) {
    RUNNING.fetch_sub(1, Ordering::Relaxed);
    PROCESS.alive.sub_shared(1);
    masks::leave(&green.task);
    limit::leave();
    green.life.lock().gone = true;
    pending::forget(&green.task);
    green.task.forget_routine();
    Carrier::release(&green.task, ptr::null());
    release(green);
}

/// The thread is gone, and so is whoever could ask for it: its block may be used again.
pub(super) fn release(green: &'static Green) {
    green.stage.store(stage::NONE, Ordering::Relaxed);
    if green.block.borrowed {
        green_table.remove_range(green.block.low);
    } else {
        pool::put(green);
    }
    // The program's own stack goes back to it as it is; its thread vector (a few hundred bytes of malloc) is not
    // freed, for we may be in a hub's loop.
}

/// main has left by pthread_exit: the others go on, on its kernel thread too.
pub fn main_ended() -> ! {
    match current() {
        Some(me) => {
            let green = Green::of(me);
            run_destructors(green);
            count_out(green);
            stay_as_carrier(green)
        }
        None => loop {
            // Not ours: glibc goes on unwinding to its own boundary.
            // SAFETY: as for pthread_exit(3).
            unsafe { (below::get().pthread_exit)(ptr::null_mut()) };
        },
    }
}

/// A host whose own code has ended: it can be joined, and its kernel thread is a carrier from now on.
fn stay_as_carrier(green: &'static Green) -> ! {
    if !runtime::is_active() {
        // The child of a fork, in which no thread was made: this was the last.
        // SAFETY: as in `ended`.
        unsafe { libc::exit(0) };
    }
    green.task.leave_for_ever()
}
