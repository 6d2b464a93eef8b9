//! fork: on the carrier's own thread control block (glibc's child frees every stack but that of its THREAD_SELF).
//!
//! But pthread_atfork's handlers run on the caller's: they look at its thread-local values, and lock its mutexes. glibc runs them
//! inside fork, those before it last come first, those after it first come first. So the first handlers of all are ours (`registration`):
//! between the program's last handler and the fork they put the kernel thread's block under the caller, and right after it
//! the caller's own one back.
//!
//! The child has only the caller. It starts inactive, with none of the parent's hubs; if it creates a thread, its
//! runtime begins anew, with the caller as its first thread.

use super::{masks, piped, registration, relay, timers};
use crate::hub::carrier::{self, Carrier, OtherBlock};
use crate::hub::{current, listeners, thread_pointer, Kind, Task};
use crate::sync::owned;
use crate::wait::borrow;
use crate::{depth, green, runtime, sys};
use core::cell::Cell;
use core::ptr;
use core::sync::atomic::Ordering;
use libc::{c_void, pid_t};

extern "C" {
    /// Of the calling thread (shim/tls.c): the fork that it's making, or NULL.
    fn green_fork_address() -> *mut *const c_void;
}

/// A fork that is being made; on the stack of the thread that makes it.
struct Fork {
    me: Option<&'static Task>,
    /// The control block that libc made for the kernel thread.
    native: Cell<usize>,
    /// What is to be undone: main isn't to run meanwhile; the list of popen's streams is locked; the caller's block is not in use.
    main: Cell<Option<&'static Task>>,
    streams: Cell<Option<piped::Held>>,
    block: Cell<Option<OtherBlock>>,
    /// The kernel thread's signal mask before.
    mask: Cell<u64>,
}

/// The calling thread's fork, as libc calls our handlers.
fn under_way() -> Option<&'static Fork> {
    // SAFETY: the thread's own variable; the fork is on its stack, and taken out before it goes.
    unsafe { (*green_fork_address() as *const Fork).as_ref() }
}

fn set_under_way(fork: *const Fork) -> *const Fork {
    // SAFETY: the calling thread's own variable.
    unsafe { ptr::replace(green_fork_address(), fork as *const c_void) as *const Fork }
}

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

impl Fork {
    fn new() -> Fork {
        Fork {
            me: current(),
            native: Cell::new(0),
            main: Cell::new(None),
            streams: Cell::new(None),
            block: Cell::new(None),
            mask: Cell::new(0),
        }
    }

    /// Puts the kernel thread's block under the caller, which stays where it is from here on.
    fn begin(&self) {
        if let Some(me) = self.me {
            Carrier::leave_home(me);
        }
        // From here to the end no handler of the program's runs, which may wait, or go on on another kernel thread.
        depth::enter();
        self.main.set(self.me.and_then(hold_main));
        // Else there's one thread, in whose signal handler this may be.
        self.streams.set(runtime::is_active().then(piped::hold));
        self.native.set(match self.me {
            Some(task) => Carrier::of(task).native(),
            // Dormant in a forked child: its thread may be a green one of the parent's.
            None if !runtime::is_active() => carrier::native_block(),
            // A foreign kernel thread has its own.
            None => thread_pointer::get(),
        });
        self.block.set(Some(OtherBlock::enter(self.native.get())));
        set_under_way(self);
        // A signal for the child that comes before the child has put things in order would be taken for one of the parent's.
        self.mask.set(sys::signal_mask(libc::SIG_SETMASK, Some(u64::MAX)));
    }

    /// Signals come in again, as they did.
    fn heed_signals(&self) {
        match self.me {
            Some(me) => masks::set_here(me),
            None => _ = sys::signal_mask(libc::SIG_SETMASK, Some(self.mask.get())),
        }
    }

    /// The caller is itself again.
    fn end(&self) {
        if let Some(block) = self.block.take() {
            if block.is_another() {
                set_under_way(ptr::null());
            }
            block.leave();
        }
        drop(self.streams.take());
        if let Some(main) = self.main.take() {
            main.busy.store(false, Ordering::Release);
        }
    }

    fn end_in_parent(&self) {
        self.end();
        self.heed_signals();
        depth::leave();
        if runtime::is_active() {
            listeners::share_all();
        }
    }

    fn end_in_child(&self) {
        // First of all, since what follows gives handlers a place to run: another thread of the parent's may have held what they need.
        relay::after_fork();
        timers::after_fork();
        // Whether it was active or not: it may become so.
        borrow::after_fork();
        self.end();
        carrier::set_native_block(self.native.get());
        let own = thread_pointer::get();
        if self.me.is_some() || own != self.native.get() {
            // It's the kernel thread now, and the kernel is to know its robust mutexes.
            thread_pointer::set_tid(sys::gettid());
            owned::announce(own);
        }
        runtime::restart_in_child(self.me);
        if self.me.is_none() {
            self.heed_signals();
        }
        depth::leave();
    }
}

/// libc calls these: before the fork, and after it in the parent and in the child.
pub(super) extern "C" fn before() {
    if let Some(fork) = under_way() {
        fork.begin();
    }
}

/// See `before`.
pub(super) extern "C" fn in_parent() {
    if let Some(fork) = under_way() {
        fork.end_in_parent();
    }
}

/// See `before`.
pub(super) extern "C" fn in_child() {
    if let Some(fork) = under_way() {
        fork.end_in_child();
    }
}

/// fork(2).
pub unsafe fn fork(real: unsafe extern "C" fn() -> pid_t) -> pid_t {
    if !registration::is_done() {
        // SAFETY: as for fork(2), here and below.
        return unsafe { fork_alone(real) };
    }
    // Parent and child may come to accept on one socket.
    borrow::expect_relatives();
    let fork = Fork::new();
    // A handler may fork, too.
    let outer = set_under_way(&fork);
    // SAFETY: as above.
    let pid = unsafe { real() };
    set_under_way(outer);
    pid
}

/// _Fork(3), which runs no handlers. Also vfork(2), which POSIX lets be fork: its child would else change our tables in shared
/// memory.
pub unsafe fn fork_alone(real: unsafe extern "C" fn() -> pid_t) -> pid_t {
    borrow::expect_relatives();
    let fork = Fork::new();
    fork.begin();
    // If it runs handlers, ours have nothing to do.
    set_under_way(ptr::null());
    // SAFETY: as for fork(2).
    let pid = unsafe { real() };
    match pid {
        0 => fork.end_in_child(),
        _ => fork.end_in_parent(),
    }
    pid
}
