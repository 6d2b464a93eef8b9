//! One-shot rendezvous between a thread that waits and those who may wake it.
//!
//! `wait` and `wake` may come in either order, from any thread, green or not; exactly one waker wins (`rendezvous`
//! says how). The waiter may be gone as soon as it has fired: what its waker needs then is copied before, and a
//! kernel thread's futex is woken by address only.

use super::rendezvous::{Fired, Rendezvous, PARKED};
use crate::hub::{hold, signal, Hub, Kind, Parked, Reason, RunQueue, Task, Wake};
pub use crate::inspect::table::Cause;
use crate::{depth, sys, trace};

/// No deadline.
pub const NEVER: u64 = u64::MAX;

pub struct Waiter {
    state: Rendezvous,
    /// Who waits; None is a kernel thread that isn't green.
    task: Option<&'static Task>,
    /// When it began (cycles), for who looks from outside; 0: when it parks.
    since: u64,
}

impl Waiter {
    /// A waiter for the calling thread: `me`, or the kernel thread itself.
    pub fn new(me: Option<&'static Task>) -> Self {
        Waiter { state: Rendezvous::new(), task: me, since: 0 }
    }

    /// As `new`, for one of several waits in a row that are one to the program, which began then (`Task::about_now`).
    pub fn since(me: &'static Task, began: u64) -> Self {
        Waiter { since: began, ..Self::new(Some(me)) }
    }

    /// Whether a green thread waits.
    pub fn is_green(&self) -> bool {
        self.task.is_some()
    }

    /// This waiter as the hub knows sleepers.
    pub fn as_sleeper(&self) -> *const dyn Wake {
        self
    }

    /// Parks until woken or until `deadline` (nanoseconds of CLOCK_MONOTONIC, `NEVER` for none); why it goes on. `on`: which
    /// of that kind it waits for, as `Cause` tells (for `green ps`).
    ///
    /// (Inlined, for each frame of a parked thread is memory that is far away when it goes on.)
    #[inline(always)]
    pub fn wait(&self, deadline: u64, cause: Cause, on: usize) -> Reason {
        if let Some(reason) = self.fired() {
            return reason;
        }
        match self.task {
            Some(task) => self.park(task, deadline, cause, on),
            None => self.wait_in_kernel(deadline),
        }
    }

    #[inline(always)]
    fn park(&self, task: &'static Task, deadline: u64, cause: Cause, on: usize) -> Reason {
        let hub = task.hub();
        count(hub, cause);
        // SAFETY: the timer is cancelled before this frame, and so the waiter, goes.
        let timer = (deadline != NEVER).then(|| unsafe { hub.add_timer(deadline, self) });
        let is_host = task.kind.get() == Kind::Host;
        // A handler that ran before the wait began interrupts nothing, unless it's the wait's own mask that let it in.
        let keeps_signals = is_host && task.keeps_signals.replace(false);
        if is_host && !keeps_signals {
            signal::forget();
        }
        let parked = Parked {
            cause,
            on,
            since: if self.since == 0 { hub.about_now() } else { self.since },
            sleeper: self,
            restarts: interruptible(cause, deadline),
            makes_way: matches!(cause, Cause::Lock | Cause::Cond),
            keeps_signals,
            is_cancellation_point: !task.cancel_is_disabled.get() && is_cancellation_point(cause),
        };
        // A handler that ran between here and there might wait too, and offer that instead.
        depth::enter();
        let reason = loop {
            // Who cancels or sends a signal marks, then looks for a wait; we offer the wait (with a fence), then look for the mark.
            // SAFETY: it's taken back below, before this frame goes.
            unsafe { task.parked.offer(&parked) };
            let came = if keeps_signals { signal::missed() } else { 0 };
            if parked.is_cancellation_point && task.is_cancelled() {
                self.interrupt(task, signal::INTERRUPTS);
            } else if came != 0 && (parked.restarts == Some(false) || came & signal::INTERRUPTS != 0) {
                self.interrupt(task, came);
            } else if task.has_signals() && (parked.restarts.is_some() || parked.makes_way) {
                self.interrupt(task, signal::RESTARTS);
            } else if task.has_signals() && cause != Cause::File {
                task.parked.withdraw();
                depth::run_in_between();
                continue;
            }
            task.suspend(crate::hub::After::Park(self));
            task.parked.withdraw();
            match self.fired() {
                Some(reason) => break reason,
                // Prodded. (But a handler might jump out of what the kernel is writing to.)
                None if cause == Cause::File => {}
                None => depth::run_in_between(),
            }
        };
        if parked.is_cancellation_point {
            task.wait_was_cancelled.set(reason == Reason::Interrupted && task.is_cancelled());
        }
        if let Some(timer) = timer {
            // Not on `task.hub()`: the task may have been moved. No handler may run yet (and leave by longjmp): the
            // caller has more to undo.
            hub.cancel_timer(timer);
        }
        depth::leave_quietly();
        reason
    }

    /// Ends the wait that its own thread is about to begin.
    fn interrupt(&self, task: &Task, by: u32) {
        task.interrupted_by.set(by);
        self.wake(Reason::Interrupted);
    }

    #[cold]
    #[inline(never)]
    fn wait_in_kernel(&self, deadline: u64) -> Reason {
        self.state.park();
        loop {
            if let Some(reason) = self.fired() {
                return reason;
            }
            let left = if deadline == NEVER { NEVER } else { deadline.saturating_sub(sys::now()) };
            if left == 0 {
                self.wake(Reason::Timeout);
                continue;
            }
            let _ = sys::futex_wait(self.state.word(), PARKED, left);
        }
    }

    #[inline]
    fn fire(&self, reason: Reason, queue: impl FnOnce(&'static Task)) -> bool {
        let task = self.task;
        let address = self.state.word().as_ptr();
        let fired = self.state.fire(reason as u32);
        // The waiter may be gone from here on.
        if fired == Fired::Parked {
            match task {
                Some(task) => {
                    if hold::noted() {
                        trace::woken(task, reason);
                    }
                    queue(task)
                }
                None => sys::futex_wake(address, 1),
            }
        }
        fired != Fired::Late
    }

    /// Why it was woken, if it was.
    pub fn fired(&self) -> Option<Reason> {
        let code = self.state.fired()?;
        Some([Reason::Ready, Reason::Timeout, Reason::Closed, Reason::Interrupted][code as usize & 3])
    }
}

/// Where a waiter's state lies in it, for `inspect`.
pub const STATE: usize = core::mem::offset_of!(Waiter, state);

impl Wake for Waiter {
    fn wake(&self, reason: Reason) -> bool {
        self.fire(reason, Task::make_ready)
    }

    fn wake_here(&self, reason: Reason, hub: &Hub, arrivals: &mut RunQueue) -> bool {
        self.fire(reason, |task| task.arrive(hub, arrivals))
    }

    fn wake_on(&self, reason: Reason, hub: &Hub) -> bool {
        self.fire(reason, |task| task.make_ready_on(hub))
    }

    fn commit_park(&self) -> bool {
        self.state.park()
    }

    fn prod(&self) -> bool {
        let task = self.task;
        let prodded = self.state.prod();
        if let (true, Some(task)) = (prodded, task) {
            task.make_ready();
        }
        prodded
    }
}

/// Whether a signal handler ends such a wait, and if so whether SA_RESTART lets it go on (signal(7)): locks, condition
/// variables and joins are never interrupted; calls on sockets and pipes restart unless they have a timeout; the rest
/// never restarts.
fn interruptible(cause: Cause, deadline: u64) -> Option<bool> {
    match cause {
        Cause::Lock | Cause::Cond | Cause::Barrier | Cause::Once | Cause::Join | Cause::Threads | Cause::File => None,
        Cause::Read | Cause::Write | Cause::Semaphore | Cause::Futex => Some(deadline == NEVER),
        // Its looks have deadlines, the wait has none.
        Cause::Child => Some(true),
        Cause::Poll | Cause::Sleep | Cause::Signal => Some(false),
    }
}

/// Whether cancellation ends such a wait (pthreads(7) lists which calls are cancellation points): not that for a lock.
fn is_cancellation_point(cause: Cause) -> bool {
    !matches!(cause, Cause::Lock | Cause::Barrier | Cause::Once | Cause::Futex | Cause::Threads | Cause::File)
}

/// Whether a call that a signal ended goes on: only handlers with SA_RESTART ran, and it's one that restarts.
pub fn restarts(me: &Task, cause: Cause, deadline: u64) -> bool {
    interruptible(cause, deadline) == Some(true) && me.interrupted_by.get() & signal::INTERRUPTS == 0
}

fn count(hub: &crate::hub::Hub, cause: Cause) {
    let s = &hub.stats;
    match cause {
        Cause::Read => &s.parks_read,
        Cause::Write => &s.parks_write,
        Cause::Poll => &s.parks_poll,
        Cause::Sleep => &s.parks_sleep,
        Cause::Lock | Cause::Once | Cause::Semaphore => &s.parks_lock,
        Cause::Cond | Cause::Barrier => &s.parks_cond,
        Cause::Join => &s.parks_join,
        Cause::Child | Cause::Signal | Cause::Futex | Cause::Threads | Cause::File => &s.parks_other,
    }
    .add(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wake_before_the_wait_counts_and_only_the_first_wins() {
        let w = Waiter::new(None);
        assert!(w.wake(Reason::Closed));
        assert!(!w.wake(Reason::Ready));
        assert!(!w.commit_park());
        assert_eq!(w.wait(NEVER, Cause::Futex, 0), Reason::Closed);
    }

    #[test]
    fn a_kernel_thread_times_out() {
        let w = Waiter::new(None);
        assert_eq!(w.wait(sys::now() + 2_000_000, Cause::Futex, 0), Reason::Timeout);
        assert!(!w.wake(Reason::Ready));
    }

    #[test]
    fn a_kernel_thread_is_woken_by_another() {
        for _ in 0..200 {
            let w = Waiter::new(None);
            std::thread::scope(|s| {
                s.spawn(|| assert!(w.wake(Reason::Ready)));
                assert_eq!(w.wait(NEVER, Cause::Futex, 0), Reason::Ready);
            });
        }
    }
}
