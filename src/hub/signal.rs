//! That a signal handler ran: noted by the handler, seen by whoever runs the hub that the first thread waits on.
//!
//! Async-signal-safe where it's called by handlers: atomics, and at most one write to a hub's alarm.

use super::{Hub, Reason, Task, Wake};
use crate::depth;
use crate::lock::Lock;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// A handler ran after which calls restart (SA_RESTART).
pub const RESTARTS: u32 = 1;
/// A handler ran after which calls end with EINTR.
pub const INTERRUPTS: u32 = 2;

static CAME: AtomicU32 = AtomicU32::new(0);

/// The hub that is told of signals.
static HUB: AtomicPtr<Hub> = AtomicPtr::new(ptr::null_mut());

/// How the first thread waits.
#[derive(Clone, Copy)]
pub struct HostWait {
    pub sleeper: *const dyn Wake,
    pub task: &'static Task,
    /// None: no signal ends it. Else whether it goes on after a handler with SA_RESTART (signal(7) lists which calls do).
    pub restarts: Option<bool>,
}

static WAITS: Lock<Option<HostWait>> = Lock::new(None);

/// From now on signals matter to this hub; NULL in the child of a fork.
pub fn tell_hub(hub: *const Hub) {
    HUB.store(hub as *mut Hub, Ordering::Release);
}

/// Whether it's this one.
#[inline]
pub(super) fn is_told(hub: &Hub) -> bool {
    ptr::eq(HUB.load(Ordering::Relaxed), hub)
}

/// Called by a signal handler. The hub is woken if it sleeps: the kernel may have run the handler just before the
/// sleep, or on another kernel thread.
pub fn note(restarts: bool) {
    CAME.fetch_or(if restarts { RESTARTS } else { INTERRUPTS }, Ordering::SeqCst);
    // SAFETY: hubs live for ever.
    if let Some(hub) = unsafe { HUB.load(Ordering::Acquire).as_ref() } {
        hub.wake_up();
    }
}

/// What came since the last look.
pub fn take() -> u32 {
    if CAME.load(Ordering::Relaxed) == 0 {
        return 0;
    }
    CAME.swap(0, Ordering::SeqCst)
}

/// Whether something came, or a handler waits for its turn.
pub(super) fn came() -> bool {
    CAME.load(Ordering::SeqCst) != 0 || depth::is_put_off()
}

/// The first thread is about to wait: what a signal may do to that. The sleeper stays valid until `no_wait`.
pub fn host_waits(wait: HostWait) {
    *WAITS.lock() = Some(wait);
}

/// It doesn't wait any more: after this nobody touches the sleeper. No handler that was put off runs in here.
pub fn no_wait() {
    depth::enter();
    *WAITS.lock() = None;
    depth::leave_quietly();
}

/// What came ends the first thread's wait, if it may; a handler that was put off gets it going in any case. If the first
/// thread doesn't wait it will find out by itself; but a handler that waits for that runs here, as nobody.
pub(super) fn attend() {
    let came = take();
    if came == 0 && !depth::is_put_off() {
        return;
    }
    let waits = WAITS.lock();
    let Some(wait) = *waits else {
        drop(waits);
        depth::leave();
        depth::enter();
        return;
    };
    // SAFETY: valid until `no_wait`, which takes the lock that we hold.
    let sleeper = unsafe { &*wait.sleeper };
    match wait.restarts {
        Some(restarts) if depth::is_put_off() || !restarts || came & INTERRUPTS != 0 => {
            wait.task.interrupted_by.set(came);
            sleeper.wake(Reason::Interrupted);
        }
        None if depth::is_put_off() => {
            sleeper.prod();
        }
        _ => {}
    }
}

/// In the child of a fork.
pub fn after_fork() {
    // SAFETY: the child has one thread.
    unsafe { WAITS.force_unlock() };
    *WAITS.lock() = None;
    tell_hub(ptr::null());
}
