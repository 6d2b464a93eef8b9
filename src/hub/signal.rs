//! That a signal handler ran: noted by the handler, seen by whoever runs the hub that the first thread waits on.
//!
//! Async-signal-safe where it's called by handlers: atomics, and at most one write to a hub's alarm.

use super::{spares, Hub, Reason, Task};
use crate::depth::{PUT_OFF, SIGNALS};
use crate::sys;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering};

/// A handler ran after which calls restart (SA_RESTART).
pub const RESTARTS: u32 = 1;
/// A handler ran after which calls end with EINTR.
pub const INTERRUPTS: u32 = 2;

const CAME: u32 = RESTARTS | INTERRUPTS;

/// The hub that is told of signals.
static HUB: AtomicPtr<Hub> = AtomicPtr::new(ptr::null_mut());

/// The first thread, while it lives.
static HOST: AtomicPtr<Task> = AtomicPtr::new(ptr::null_mut());

/// What came while the first thread was about to wait with a mask that lets it in (bits as in SIGNALS).
static MISSED: AtomicU32 = AtomicU32::new(0);

/// From now on signals matter to this hub; NULL in the child of a fork.
pub fn tell_hub(hub: *const Hub) {
    HUB.store(hub as *mut Hub, Ordering::Release);
}

/// Whether it's this one.
#[inline]
pub(super) fn is_told(hub: &Hub) -> bool {
    ptr::eq(HUB.load(Ordering::Relaxed), hub)
}

/// Called by what stands in for the program's handlers: one has run on the first thread (`what`: RESTARTS or INTERRUPTS, as it
/// was installed), or was put off (PUT_OFF). The hub is woken if it sleeps: the kernel may have run the handler just before
/// the sleep, or on another kernel thread.
pub fn note(what: u32) {
    SIGNALS.fetch_or(what, Ordering::SeqCst);
    // SAFETY: hubs live for ever.
    if let Some(hub) = unsafe { HUB.load(Ordering::Acquire).as_ref() } {
        hub.wake_up_in_handler();
    }
}

/// The program has handlers.
static MATTERS: AtomicBool = AtomicBool::new(false);

/// Notes that it has.
pub fn begin_to_matter() {
    MATTERS.store(true, Ordering::Relaxed);
}

/// Whether it has.
pub fn matters() -> bool {
    MATTERS.load(Ordering::Relaxed)
}

/// Notes who is the first thread.
pub(super) fn tell_host(host: &'static Task) {
    HOST.store(host as *const Task as *mut Task, Ordering::Release);
}

/// The first thread, while it lives.
pub fn host() -> Option<&'static Task> {
    // SAFETY: the first thread's task lives for ever.
    unsafe { HOST.load(Ordering::Acquire).as_ref() }
}

/// The first thread wants its kernel thread, on which a coroutine computes.
static HOME_WANTED: AtomicBool = AtomicBool::new(false);

/// Says so, and has that one interrupted.
pub(super) fn want_home(wanted: bool) {
    HOME_WANTED.store(wanted, Ordering::Release);
    if let (true, Some(home)) = (wanted, spares::first()) {
        poke(home.kernel_id());
    }
}

/// Whether it does.
pub fn is_home_wanted() -> bool {
    HOME_WANTED.load(Ordering::Acquire)
}

/// The first thread has ended.
pub fn host_ended() {
    HOST.store(ptr::null_mut(), Ordering::Release);
}

/// What came before now is nobody's: the first thread begins a wait.
pub fn forget() {
    look();
    if MISSED.load(Ordering::Relaxed) != 0 {
        MISSED.store(0, Ordering::Relaxed);
    }
}

/// What was missed since `forget`. The first thread's wait is offered, and a fence passed, before this.
pub fn missed() -> u32 {
    MISSED.swap(0, Ordering::SeqCst)
}

/// What came since the last look, and whether a handler is put off.
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

/// Sends what was put off, and isn't the first thread's, on to other threads; given by `process::relay`, which is above us. What is
/// left for the first thread: 0, or PUT_OFF and how its calls end.
pub type Router = fn() -> u32;

static ROUTER: AtomicUsize = AtomicUsize::new(0);

/// Says who does that.
pub fn set_router(router: Router) {
    ROUTER.store(router as usize, Ordering::Release);
}

fn route() -> u32 {
    match ROUTER.load(Ordering::Acquire) {
        0 => 0,
        // SAFETY: `set_router` stored a function of this type.
        router => unsafe { core::mem::transmute::<usize, Router>(router)() },
    }
}

/// What came ends the first thread's wait, if it may; a handler that was put off gets it going in any case. If the first
/// thread doesn't wait it will find out by itself, or is told where it runs.
pub(super) fn attend() {
    let mut word = look();
    if word & PUT_OFF != 0 {
        let mut left = route();
        if left == 0 {
            // Nobody wants what's left, if anything is. (While the first thread has something to run this stays noted: it
            // may be on its way.)
            SIGNALS.fetch_and(!PUT_OFF, Ordering::SeqCst);
            left = route();
            SIGNALS.fetch_or(left & PUT_OFF, Ordering::SeqCst);
        }
        word = (word & !PUT_OFF) | left;
    }
    if word == 0 {
        return;
    }
    let Some(host) = host() else { return };
    if interrupt(host, word) {
        return;
    }
    // Elsewhere it may be computing for long.
    if word & PUT_OFF != 0 && host.busy.load(Ordering::Acquire) && !POKED.swap(true, Ordering::AcqRel) {
        poke(host.kernel_id());
    }
    // It may be about to wait (`missed`); if it does so by now it's ours to interrupt it.
    MISSED.fetch_or(word & CAME, Ordering::SeqCst);
    interrupt(host, 0);
}

/// Ends the first thread's wait, or gets it going; false if it doesn't wait.
fn interrupt(host: &Task, word: u32) -> bool {
    host.parked
        .borrow(|wait| {
            let word = if wait.keeps_signals { word | MISSED.swap(0, Ordering::SeqCst) } else { word };
            let (came, put_off) = (word & CAME, word & PUT_OFF != 0);
            if word == 0 {
                return;
            }
            // SAFETY: as valid as the wait.
            let sleeper = unsafe { &*wait.sleeper };
            match wait.restarts {
                Some(restarts) if put_off || !restarts || came & INTERRUPTS != 0 => {
                    host.interrupted_by.set(came);
                    sleeper.wake(Reason::Interrupted);
                }
                None if put_off && wait.makes_way => {
                    host.interrupted_by.set(RESTARTS);
                    sleeper.wake(Reason::Interrupted);
                }
                None if put_off => {
                    sleeper.prod();
                }
                _ => {}
            }
        })
        .is_some()
}

/// glibc's SIGSETXID, which no program can block.
pub const INTERNAL: i32 = 33;

/// What tells ours from glibc's.
const POKE: usize = 0x67_7265_656e;

/// The first thread's kernel thread has been interrupted, and has yet to notice.
static POKED: AtomicBool = AtomicBool::new(false);

/// It has noticed.
pub fn host_is_poked() {
    POKED.store(false, Ordering::Release);
}

/// Interrupts a kernel thread of ours, to look at what is asked of it.
pub(super) fn poke(kernel_id: i32) {
    sys::queue_signal(kernel_id, INTERNAL, POKE);
}

/// Whether a signal of that number is such a one.
pub fn is_poke(info: &libc::siginfo_t) -> bool {
    // SAFETY: a queued signal has a value.
    info.si_code == libc::SI_QUEUE && unsafe { info.si_value() }.sival_ptr as usize == POKE
}

/// The first kernel thread is asked to take another mask.
static HOME_ASKED: AtomicU32 = AtomicU32::new(0);

/// What the first kernel thread should have blocked has changed, and the caller runs elsewhere: that one does it, before
/// this returns. (Unless it's in an uninterruptible sleep: then as soon as it's out of that.)
pub fn set_home_mask() {
    /// How long it's waited for (ns).
    const PATIENCE: u64 = 100_000_000;
    let Some(home) = spares::first() else { return };
    HOME_ASKED.store(1, Ordering::Release);
    poke(home.kernel_id());
    let until = sys::now() + PATIENCE;
    while HOME_ASKED.load(Ordering::Acquire) == 1 && sys::now() < until {
        let _ = sys::futex_wait(&HOME_ASKED, 1, PATIENCE);
    }
}

/// Whether this kernel thread is the one that's asked.
pub fn home_mask_asked(kernel_id: i32) -> bool {
    HOME_ASKED.load(Ordering::Acquire) == 1 && spares::first().is_some_and(|c| c.kernel_id() == kernel_id)
}

/// It's taken, as soon as the handler returns.
pub fn home_mask_done() {
    HOME_ASKED.store(0, Ordering::Release);
    sys::futex_wake(HOME_ASKED.as_ptr(), 1);
}

/// In the child of a fork.
pub fn after_fork() {
    HOST.store(ptr::null_mut(), Ordering::Relaxed);
    MISSED.store(0, Ordering::Relaxed);
    HOME_ASKED.store(0, Ordering::Relaxed);
    host_is_poked();
    tell_hub(ptr::null());
}
