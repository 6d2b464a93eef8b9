//! That a signal handler ran: noted by the handler, seen by the carrier whose host waits in a call.
//!
//! Async-signal-safe: atomics, and at most one write to a hub's alarm.

use super::Hub;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// A handler ran after which calls restart (SA_RESTART).
pub const RESTARTS: u32 = 1;
/// A handler ran after which calls end with EINTR.
pub const INTERRUPTS: u32 = 2;

static CAME: AtomicU32 = AtomicU32::new(0);

/// The hub that the first thread waits in.
static HUB: AtomicPtr<Hub> = AtomicPtr::new(ptr::null_mut());

/// From now on signals matter to this hub; NULL in the child of a fork.
pub fn tell_hub(hub: *const Hub) {
    HUB.store(hub as *mut Hub, Ordering::Release);
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

/// Whether something came.
pub(super) fn came() -> bool {
    CAME.load(Ordering::SeqCst) != 0
}
