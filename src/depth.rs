//! How deep in the library the running thread is: the locks it holds, and whether it's in a hub's loop.
//!
//! The program's signal handlers may call any hook. One that ran while we hold a lock would wait for that lock for
//! ever; one in a hub's loop would find a thread that is nobody. So a handler that comes while the depth isn't 0 is put
//! off (process/signals.rs), and run when the depth is 0 again: when the last lock is released, or on the first
//! thread's own stack when it's woken for that.

use core::arch::asm;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// What is to be known of handlers, in one word, so that it's known at once: whether one was put off, and what
/// `hub::signal` notes of those that came.
pub static SIGNALS: AtomicU32 = AtomicU32::new(0);

/// Signals that are pending for some green thread (pthread_kill).
pub static DIRECTED: AtomicU32 = AtomicU32::new(0);

/// A handler was put off.
pub const PUT_OFF: u32 = 4;
/// Runs the handlers that were put off; set by process/signals.rs, which is above us.
static RUN: AtomicUsize = AtomicUsize::new(0);

/// Says what runs handlers that were put off.
pub fn set_runner(run: fn()) {
    RUN.store(run as usize, Ordering::Release);
}

/// One deeper.
#[inline(always)]
pub fn enter() {
    // SAFETY: green_depth is an initial-exec TLS int of this library, and the running thread's own. A handler between
    // the two instructions leaves it as it was.
    unsafe {
        asm!("mov {t}, qword ptr [rip + green_depth@GOTTPOFF]", "inc dword ptr fs:[{t}]", t = out(reg) _, options(nostack));
    }
}

/// One less deep, without running what was put off: more is to be undone first.
#[inline(always)]
pub fn leave_quietly() {
    // SAFETY: as in `enter`.
    unsafe {
        asm!("mov {t}, qword ptr [rip + green_depth@GOTTPOFF]", "dec dword ptr fs:[{t}]", t = out(reg) _, options(nostack));
    }
}

/// One less deep; runs the handlers that were put off if this was the last.
#[inline(always)]
pub fn leave() {
    leave_quietly();
    checkpoint();
}

/// Runs what was put off although the caller is deeper: what it has linked stays so meanwhile. For waits for locks, out of which
/// no handler may jump (signal-safety(7)).
pub fn run_in_between() {
    let depth = get();
    set(0);
    checkpoint();
    set(depth);
}

/// Whether a handler may be waiting to be run.
#[inline(always)]
pub fn is_due() -> bool {
    is_put_off() || DIRECTED.load(Ordering::Relaxed) != 0
}

/// A place where handlers may run: runs those that were put off.
#[inline(always)]
pub fn checkpoint() {
    if is_due() && get() == 0 {
        run();
    }
}

/// Runs what is for the calling thread. That something was put off stays noted until its thread has run it, or nobody wants it.
#[cold]
pub fn run() {
    let runner = RUN.load(Ordering::Acquire);
    if runner != 0 {
        // SAFETY: `set_runner` stored a function of this type.
        unsafe { core::mem::transmute::<usize, fn()>(runner)() }
    }
}

/// The running thread's depth.
pub fn get() -> u32 {
    let depth: u32;
    // SAFETY: as in `enter`.
    unsafe {
        asm!("mov {t}, qword ptr [rip + green_depth@GOTTPOFF]", "mov {d:e}, dword ptr fs:[{t}]", t = out(reg) _,
             d = out(reg) depth, options(nostack, readonly));
    }
    depth
}

fn set(depth: u32) {
    // SAFETY: as in `enter`.
    unsafe {
        asm!("mov {t}, qword ptr [rip + green_depth@GOTTPOFF]", "mov dword ptr fs:[{t}], {d:e}", t = out(reg) _,
             d = in(reg) depth, options(nostack));
    }
}

/// Whether a handler was put off.
#[inline]
pub fn is_put_off() -> bool {
    SIGNALS.load(Ordering::Relaxed) & PUT_OFF != 0
}
