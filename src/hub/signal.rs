//! That a signal handler ran: noted by the handler, seen by whoever runs the hub that the first thread waits on.
//!
//! Async-signal-safe where it's called by handlers: atomics, and at most one write to a hub's alarm.

use super::loan::Loan;
use super::{Hub, Reason, Task, Wake};
use crate::depth::{self, PUT_OFF, SIGNALS};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

/// A handler ran after which calls restart (SA_RESTART).
pub const RESTARTS: u32 = 1;
/// A handler ran after which calls end with EINTR.
pub const INTERRUPTS: u32 = 2;

const CAME: u32 = RESTARTS | INTERRUPTS;

/// The hub that is told of signals.
static HUB: AtomicPtr<Hub> = AtomicPtr::new(ptr::null_mut());

/// How the first thread waits.
pub struct HostWait {
    pub sleeper: *const dyn Wake,
    pub task: &'static Task,
    /// None: no signal ends it. Else whether it goes on after a handler with SA_RESTART (signal(7) lists which calls do).
    pub restarts: Option<bool>,
}

/// The first thread's wait, on its stack, while it waits.
static WAIT: Loan<HostWait> = Loan::new();

/// From now on signals matter to this hub; NULL in the child of a fork.
pub fn tell_hub(hub: *const Hub) {
    HUB.store(hub as *mut Hub, Ordering::Release);
}

/// Whether it's this one.
#[inline]
pub(super) fn is_told(hub: &Hub) -> bool {
    ptr::eq(HUB.load(Ordering::Relaxed), hub)
}

/// Called by what stands in for the program's handler, when that has run or was put off. The hub is woken if it sleeps:
/// the kernel may have run the handler just before the sleep, or on another kernel thread.
pub fn note(restarts: bool, put_off: bool) {
    let came = if restarts { RESTARTS } else { INTERRUPTS };
    SIGNALS.fetch_or(if put_off { came | PUT_OFF } else { came }, Ordering::SeqCst);
    // SAFETY: hubs live for ever.
    if let Some(hub) = unsafe { HUB.load(Ordering::Acquire).as_ref() } {
        hub.wake_up();
    }
}

/// What came since the last look.
pub fn take() -> u32 {
    look() & CAME
}

/// As `take`, and whether a handler is put off.
fn look() -> u32 {
    match SIGNALS.load(Ordering::Relaxed) {
        0 => 0,
        _ => SIGNALS.fetch_and(!CAME, Ordering::SeqCst),
    }
}

/// Whether something came, or a handler waits for its turn.
pub(super) fn came() -> bool {
    SIGNALS.load(Ordering::SeqCst) != 0
}

/// The first thread is about to wait: what a signal may do to that. Wait and sleeper stay valid until `no_wait`.
pub fn host_waits(wait: &HostWait) {
    // SAFETY: by what this function asks for.
    unsafe { WAIT.offer(wait) };
}

/// It doesn't wait any more: after this nobody touches the wait or its sleeper.
pub fn no_wait() {
    WAIT.withdraw();
}

/// What came ends the first thread's wait, if it may; a handler that was put off gets it going in any case. If the first
/// thread doesn't wait it will find out by itself; but a handler that waits for that runs here, as nobody.
pub(super) fn attend() {
    let word = look();
    if word == 0 {
        return;
    }
    let (came, put_off) = (word & CAME, word & PUT_OFF != 0);
    let waits = WAIT.borrow(|wait| {
        // SAFETY: as valid as the wait.
        let sleeper = unsafe { &*wait.sleeper };
        match wait.restarts {
            Some(restarts) if put_off || !restarts || came & INTERRUPTS != 0 => {
                wait.task.interrupted_by.set(came);
                sleeper.wake(Reason::Interrupted);
            }
            None if put_off => {
                sleeper.prod();
            }
            _ => {}
        }
    });
    if waits.is_none() {
        depth::leave();
        depth::enter();
    }
}

/// In the child of a fork.
pub fn after_fork() {
    WAIT.forget();
    tell_hub(ptr::null());
}
