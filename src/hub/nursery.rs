//! The nursery: a kernel thread that starts kernel threads, for those that mustn't wait for it: hubs and the watcher.
//!
//! A kernel thread's start takes the locks of malloc and of the loader. A green thread may have been stopped with those: by a handler
//! that waits (a garbage collector stops its world that way), or after one, when it's ready to go on but hasn't its turn. If a hub, or the
//! watcher, waited for them too, nobody would be left to give it that turn. So they take the spare carriers that are there, and ask here
//! for more; and where threads send each other signals some are there beforehand.

use super::bell::Bell;
use super::{clerk, fleet, spares};
use crate::{depth, sys};
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// There's something to do.
static ASKED: Bell = Bell::new();
/// The kernel thread is there, or about to begin.
static THERE: AtomicBool = AtomicBool::new(false);
/// Somebody was without a spare carrier.
static LACKED: AtomicBool = AtomicBool::new(false);
/// And that's to be told, if there can't be one.
static TELLS: AtomicBool = AtomicBool::new(false);
/// So many spare ones are to be there beforehand.
static AHEAD: AtomicUsize = AtomicUsize::new(0);

/// How many more than there are hubs: each hub may need one, and another for a thread that soon needs the same lock.
const MORE_THAN_HUBS: usize = 4;

/// How long the first signal waits for them at most (ns). Mostly it's less than a millisecond; but malloc's lock isn't a fair one.
const PATIENCE: u64 = 5_000_000_000;

/// The last ones that were wanted couldn't be started.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// Its kernel thread has been started.
pub fn begun() {
    THERE.store(true, Ordering::Relaxed);
}

/// Whether there's one. If not, who lacks a carrier starts it.
pub(super) fn is_there() -> bool {
    THERE.load(Ordering::Relaxed)
}

/// Whether it couldn't start what was wanted last.
pub(super) fn has_refused() -> bool {
    REFUSED.load(Ordering::Relaxed)
}

/// Has it look what there's to do.
pub(super) fn ask() {
    ASKED.ring();
}

/// Called by who needs a carrier, and there's none to spare; `tells`: if there can't be one that's told.
pub(super) fn lacks(tells: bool) {
    LACKED.store(true, Ordering::Relaxed);
    if tells {
        TELLS.store(true, Ordering::Relaxed);
    }
    ask();
}

/// A spare carrier was taken, and so many are left.
pub(super) fn taken(left: usize) {
    if left < AHEAD.load(Ordering::Relaxed) {
        ask();
    }
}

/// Called by a thread that sends another a signal: from now on there are spare carriers beforehand, if that `has_handler`.
pub fn expect_signals(has_handler: impl FnOnce() -> bool) {
    if AHEAD.load(Ordering::Relaxed) == 0 && has_handler() {
        begin_ahead();
    }
}

#[cold]
fn begin_ahead() {
    let wanted = fleet::hubs().count() + MORE_THAN_HUBS;
    AHEAD.store(wanted, Ordering::Relaxed);
    REFUSED.store(false, Ordering::Relaxed);
    ask();
    let until = sys::now() + PATIENCE;
    while is_there() && spares::ready() < wanted && !has_refused() && sys::now() < until {
        sys::nap(20_000);
    }
}

/// Its whole life, on a kernel thread of its own.
pub fn work() -> ! {
    // No handler of the program's runs here.
    depth::enter();
    loop {
        ASKED.wait();
        clerk::begin();
        let lacked = LACKED.swap(false, Ordering::Relaxed);
        let wanted = AHEAD.load(Ordering::Relaxed).max(usize::from(lacked));
        let tells = TELLS.swap(false, Ordering::Relaxed);
        let mut refused = false;
        while !refused && spares::ready() < wanted {
            refused = !spares::add(tells);
        }
        REFUSED.store(refused, Ordering::Relaxed);
    }
}

/// In the child of a fork, which has none until it's active.
pub fn after_fork() {
    THERE.store(false, Ordering::Relaxed);
    ASKED.after_fork();
    LACKED.store(false, Ordering::Relaxed);
    TELLS.store(false, Ordering::Relaxed);
    REFUSED.store(false, Ordering::Relaxed);
    AHEAD.store(0, Ordering::Relaxed);
}
