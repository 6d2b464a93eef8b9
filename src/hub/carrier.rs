//! A carrier: a kernel thread that runs a hub. It swaps the thread pointer around each green thread that it runs.
//!
//! Compiled code between `thread_pointer::set` and the way back must not use TLS, so nothing in here does.

use super::{current, fleet, signal, thread_pointer, After, Hub, Kind, Reason, Task, Wake};
use core::cell::Cell;
use core::ptr;

pub struct Carrier {
    /// The hub this carrier runs.
    hub: Cell<&'static Hub>,
    /// The thread pointer of the carrier's own code.
    thread_pointer: usize,
    /// The coroutine that runs on it; null in the hub's loop and while the host runs.
    running: Cell<*const Task>,
}

impl Carrier {
    /// The calling kernel thread as a carrier of `hub`.
    pub fn new(hub: &'static Hub) -> Self {
        Carrier { hub: Cell::new(hub), thread_pointer: thread_pointer::get(), running: Cell::new(ptr::null()) }
    }

    /// Makes the calling kernel thread's own code a task of this carrier's hub.
    pub fn adopt_host(&self, task: &Task) {
        task.kind.set(Kind::Host);
        task.carrier.set(self);
        task.assign(self.hub.get());
    }

    /// The host waits: its kernel thread runs the hub's loop until the host's turn comes.
    ///
    /// While it does, the host is nobody: a signal handler that runs in the loop finds no green thread, and its
    /// calls are plain native ones.
    pub(super) fn run_for_host(&self, host: &Task, after: After) {
        let me = current::set_current(ptr::null());
        // A handler that ran before the wait began interrupts nothing.
        signal::take();
        self.settle(host, after);
        self.run(Some(host));
        current::set_current(me);
    }

    /// Runs the hub: until it's the host's turn, or for ever.
    fn run(&self, host: Option<&Task>) {
        let hub = self.hub.get();
        loop {
            while let Some(task) = hub.next_ready() {
                if host.is_some_and(|host| ptr::eq(task, host)) {
                    return;
                }
                self.run_task(hub, task);
            }
            if fleet::several() && hub.is_idle() && fleet::steal(hub) {
                continue;
            }
            if let Some(host) = host {
                interrupt(host, signal::take());
            }
            hub.wait();
        }
    }

    /// Runs the hub for ever: for a host whose own code has ended.
    pub fn run_on(&self) -> ! {
        current::set_current(ptr::null());
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
        self.running.set(task);
        let began = if fleet::several() { hub.run_begins() } else { 0 };
        // SAFETY: the task came from the queue, so it's ours alone; both thread pointers are initialised blocks
        // and no TLS is used in between.
        let after = unsafe {
            thread_pointer::set(task.thread_pointer);
            let after = task.resume();
            thread_pointer::set(self.thread_pointer);
            after
        };
        self.running.set(ptr::null());
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

    /// Runs `f` on the calling green thread's stack, but with the carrier's own thread control block, and as
    /// nobody: for libc calls that look at the kernel thread (fork).
    pub fn as_kernel_thread<R>(&self, f: impl FnOnce() -> R) -> R {
        let green = thread_pointer::get();
        // SAFETY: the carrier's block is the one that libc made for this kernel thread; the closure runs to its
        // end before the green one is set again.
        unsafe { thread_pointer::set(self.thread_pointer) };
        let me = current::set_current(ptr::null());
        let r = f();
        current::set_current(me);
        // SAFETY: back to the caller's own block.
        unsafe { thread_pointer::set(green) };
        r
    }

    /// The carrier of a running task.
    pub fn of(task: &Task) -> &'static Carrier {
        // SAFETY: a running task has a carrier, and carriers live for ever.
        unsafe { &*task.carrier.get() }
    }
}

/// Ends the host's wait if a signal that came may do so.
fn interrupt(host: &Task, came: u32) {
    if came == 0 {
        return;
    }
    if let Some(wait) = host.waits.get() {
        if !wait.restarts || came & signal::INTERRUPTS != 0 {
            // SAFETY: set while the sleeper waits, on this kernel thread's own stack further up.
            unsafe { (*wait.sleeper).wake(Reason::Interrupted) };
        }
    }
}
