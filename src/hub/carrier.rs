//! A carrier: a kernel thread that runs a hub. It swaps the thread pointer around each green thread that it runs.
//!
//! Compiled code between `thread_pointer::set` and the way back must not use TLS, so nothing in here does.

use super::{current, fleet, signal, thread_pointer, After, Hub, Kind, Reason, Task, Wake};
use crate::depth;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};

pub struct Carrier {
    /// The hub this carrier runs.
    hub: &'static Hub,
    /// The thread pointer of the carrier's own code.
    thread_pointer: usize,
    /// The control block that libc made for this kernel thread. It differs from the above in the child of a fork that a
    /// green thread made: there that thread's own code is the carrier's.
    native: usize,
    /// It's the one that the process's signals go to; the others have them blocked.
    heeds_signals: bool,
}

impl Carrier {
    /// The calling kernel thread as a carrier of `hub`.
    pub fn new(hub: &'static Hub) -> Self {
        let thread_pointer = thread_pointer::get();
        Carrier { hub, thread_pointer, native: thread_pointer, heeds_signals: false }
    }

    /// As `new`, for the process's first thread.
    pub fn first(hub: &'static Hub) -> Self {
        Carrier { native: native_block(), heeds_signals: true, ..Self::new(hub) }
    }

    /// Makes the calling kernel thread's own code a task of this carrier's hub.
    pub fn adopt_host(&self, task: &Task) {
        task.kind.set(Kind::Host);
        task.carrier.set(self);
        task.assign(self.hub);
    }

    /// The host waits: its kernel thread runs the hub's loop until the host's turn comes.
    ///
    /// While it does, the host is nobody: a signal handler that runs in the loop finds no green thread, and its
    /// calls are plain native ones.
    pub(super) fn run_for_host(&self, host: &Task, after: After) {
        let me = current::set_current(ptr::null());
        depth::enter();
        // A handler that ran before the wait began interrupts nothing.
        if !host.keeps_signals.replace(false) {
            signal::take();
        }
        self.settle(host, after);
        while self.run(Some(host)) == Ended::Signals {
            // A wait that can't be interrupted: the handlers run here, on the host's stack, and it goes on.
            current::set_current(me);
            depth::leave();
            depth::enter();
            current::set_current(ptr::null());
        }
        depth::leave_quietly();
        current::set_current(me);
    }

    /// Runs the hub: until it's the host's turn, or it has handlers to run; without a host for ever.
    fn run(&self, host: Option<&Task>) -> Ended {
        let hub = self.hub;
        loop {
            while let Some(task) = hub.next_ready() {
                if host.is_some_and(|host| ptr::eq(task, host)) {
                    return Ended::Turn;
                }
                self.run_task(hub, task);
            }
            if fleet::several() && hub.is_idle() && fleet::steal(hub) {
                continue;
            }
            if self.heeds_signals {
                let came = signal::take();
                match host {
                    Some(host) if interrupt(host, came) => {}
                    Some(_) if depth::is_put_off() => return Ended::Signals,
                    Some(_) => {}
                    // The first thread has ended: handlers run as nobody.
                    None => {
                        depth::leave();
                        depth::enter();
                    }
                }
            }
            hub.wait(self.heeds_signals);
        }
    }

    /// Runs the hub for ever: for a host whose own code has ended.
    pub fn run_on(&self) -> ! {
        current::set_current(ptr::null());
        depth::enter();
        loop {
            self.run(None);
        }
    }

    #[inline]
    fn run_task(&self, hub: &'static Hub, task: &'static Task) {
        hub.stats.switches.add(1);
        task.assign(hub);
        task.carrier.set(self);
        task.budget.set(hub.budget);
        let began = if fleet::several() { hub.run_begins() } else { 0 };
        // SAFETY: the task came from the queue, so it's ours alone; both thread pointers are initialised blocks
        // and no TLS is used in between.
        let after = unsafe {
            thread_pointer::set(task.thread_pointer);
            let after = task.resume();
            thread_pointer::set(self.thread_pointer);
            after
        };
        if began != 0 {
            hub.run_ends(began);
        }
        match after {
            Some(after) => self.settle(task, after),
            // SAFETY: the coroutine has ended, just now.
            None => unsafe { task.end() },
        }
    }

    /// Puts a task that has left the processor where it wants to be. Its stack is not in use any more.
    #[inline]
    fn settle(&self, task: &Task, after: After) {
        match after {
            After::Yield => task.make_ready(),
            After::Park(sleeper) => {
                // SAFETY: the sleeper lies on the parked stack, which can't run on before this call has let it.
                if !unsafe { Wake::commit_park(&*sleeper) } {
                    task.make_ready();
                }
            }
        }
    }

    /// The control block that libc made for this carrier's kernel thread.
    pub fn native(&self) -> usize {
        self.native
    }

    /// The carrier of a running task.
    pub fn of(task: &Task) -> &'static Carrier {
        // SAFETY: a running task has a carrier, and carriers live for ever.
        unsafe { &*task.carrier.get() }
    }
}

/// In the child of a fork that a green thread made: the control block that libc made for the one kernel thread there.
static NATIVE: AtomicUsize = AtomicUsize::new(0);

/// The control block that libc made for the process's first kernel thread, which is the caller.
pub fn native_block() -> usize {
    match NATIVE.load(Ordering::Relaxed) {
        0 => thread_pointer::get(),
        tp => tp,
    }
}

/// Notes it, in the child.
pub fn set_native_block(tp: usize) {
    NATIVE.store(tp, Ordering::Relaxed);
}

/// Runs `f` on the caller's stack, but with the control block that libc made for the kernel thread, and as nobody: for
/// libc calls that look at the kernel thread (fork).
pub fn as_kernel_thread<R>(native: usize, f: impl FnOnce() -> R) -> R {
    let own = thread_pointer::get();
    if native != own {
        // SAFETY: it's the kernel thread's own block; the closure runs to its end before the caller's is set again.
        unsafe { thread_pointer::set(native) };
    }
    let me = current::set_current(ptr::null());
    let r = f();
    current::set_current(me);
    if native != own {
        // SAFETY: back to the caller's own block.
        unsafe { thread_pointer::set(own) };
    }
    r
}

/// Why a hub's loop was left.
#[derive(PartialEq, Eq)]
enum Ended {
    Turn,
    Signals,
}

/// Ends the host's wait if a signal that came may do so, or has a handler that was put off: that runs when whatever the
/// wait has linked is undone. False when the host waits for something that signals don't end.
fn interrupt(host: &Task, came: u32) -> bool {
    let Some(wait) = host.waits.get() else { return false };
    if depth::is_put_off() || (came != 0 && (!wait.restarts || came & signal::INTERRUPTS != 0)) {
        host.interrupted_by.set(came);
        // SAFETY: set while the sleeper waits, on this kernel thread's own stack further up.
        unsafe { (*wait.sleeper).wake(Reason::Interrupted) };
    }
    true
}
