//! The watcher: a kernel thread that looks at the hubs every few milliseconds. A hub whose carrier has been in one run
//! of a green thread for longer than GREEN_HANDOFF_MS, while the hub has other work, is handed to a spare carrier. But not while
//! the carrier only waits for a processor: then the machine is busy, and one more kernel thread helps nobody. So a thread that
//! computes loses the hub when it has computed for that long, and one that sleeps in the kernel when it has slept.
//!
//! While all hubs sleep the watcher does too, after a while: a process that does nothing wakes nobody.

use super::tenure::Run;
use super::{clerk, fleet, nursery, spares, stats::PROCESS, Hub};
use crate::{config, depth, sys, trace};
use core::sync::atomic::{AtomicU32, Ordering};

/// 1: the watcher sleeps until somebody has work.
static ASLEEP: AtomicU32 = AtomicU32::new(0);

/// It goes to sleep when it has seen nothing but sleepers for so long (ns).
const PATIENCE: u64 = 1_000_000_000;

/// What it sees to beside, by a function that does a little and says how much is left.
pub enum Chore {
    GoesOn,
    Later,
    Done,
}

/// How long lies between the end of a chore and its next beginning (ns).
const CHORE_EVERY: u64 = 100_000_000;

/// The shortest and the longest interval between two looks (ns).
const SHORTEST: u64 = 100_000;
const LONGEST: u64 = 5_000_000;

/// Called when a hub wakes up, or there's a chore: the watcher should look again. One load, mostly.
#[inline]
pub fn look_out() {
    if ASLEEP.load(Ordering::Relaxed) != 0 {
        wake();
    }
}

#[cold]
fn wake() {
    // Nobody else wakes it from the first step on, so no handler of the program's, which may wait, comes before the second.
    depth::enter();
    if ASLEEP.swap(0, Ordering::SeqCst) != 0 {
        sys::futex_wake(ASLEEP.as_ptr(), 1);
    }
    depth::leave();
}

/// What it has seen of one hub.
#[derive(Clone, Copy, Default)]
struct Seen {
    run: Run,
    since: u64,
    /// How long the carrier had had a processor by then (ns), ever.
    used: u64,
}

/// The watcher's whole life, on a kernel thread of its own. `remind` is called at each look, `chore` when there's something to do.
pub fn watch(remind: fn(), chore: fn() -> Chore) -> ! {
    let limit = config::get().handoff_ms * 1_000_000;
    let interval = (limit / 2).clamp(SHORTEST, LONGEST);
    // No handler of the program's runs here.
    depth::enter();
    let mut seen: Vec<Seen> = Vec::new();
    let mut busy_at = sys::now();
    let mut chore_at = 0;
    loop {
        seen.resize(fleet::hubs().count(), Seen::default());
        let now = sys::now();
        let mut pause = interval;
        for (hub, seen) in fleet::hubs().zip(&mut seen) {
            if !hub.is_asleep() {
                busy_at = now;
            }
            if look_at(hub, seen, now, limit) == Look::Soon {
                pause = SHORTEST;
            }
        }
        remind();
        if now >= chore_at {
            match chore() {
                Chore::GoesOn => busy_at = now,
                Chore::Later => (chore_at, busy_at) = (now + CHORE_EVERY, now),
                Chore::Done => chore_at = now + CHORE_EVERY,
            }
        }
        if now - busy_at < PATIENCE {
            // Nobody changes the word before this thread sleeps: it's a plain sleep.
            let _ = sys::futex_wait(&ASLEEP, 0, pause);
            continue;
        }
        // As a hub and those who queue there: first say that we sleep, then look once more.
        ASLEEP.store(1, Ordering::SeqCst);
        if fleet::hubs().all(Hub::is_asleep) {
            let _ = sys::futex_wait(&ASLEEP, 1, u64::MAX);
        }
        ASLEEP.store(0, Ordering::SeqCst);
        busy_at = sys::now();
    }
}

/// When to look again.
#[derive(PartialEq, Eq)]
enum Look {
    Soon,
    Later,
}

fn look_at(hub: &'static Hub, seen: &mut Seen, now: u64, limit: u64) -> Look {
    let Some(run) = hub.tenure.run() else { return Look::Later };
    let used = || sys::cpu_time_of(hub.kernel_id.load(Ordering::Relaxed)).unwrap_or(0);
    if seen.run != run {
        *seen = Seen { run, since: now, used: used() };
        return Look::Later;
    }
    let has_computed = || used().saturating_sub(seen.used) >= limit / 4 * 3;
    if now - seen.since >= limit && hub.has_work() && (has_computed() || is_held_up(hub)) {
        return hand_off(hub, run);
    }
    if !hub.is_idle() {
        // A hub that sleeps may take what is ready here, sooner.
        fleet::call_for_help(u64::MAX);
    }
    Look::Later
}

/// Whether the hub's carrier couldn't go on if it had a processor.
fn is_held_up(hub: &Hub) -> bool {
    !clerk::is_able(hub.kernel_id.load(Ordering::Relaxed))
}

/// Gives the hub to a spare carrier, if its carrier is still in this run and there is one.
fn hand_off(hub: &'static Hub, run: Run) -> Look {
    let Some(spare) = spares::get_for_hub() else {
        return if nursery::has_refused() { Look::Later } else { Look::Soon };
    };
    let from = hub.kernel_id.load(Ordering::Relaxed);
    if hub.tenure.take(run) {
        PROCESS.handoffs.add_shared(1);
        let carrier = spares::all().find(|carrier| carrier.kernel_id() == from);
        trace::handed_off(from, carrier.map(|carrier| &carrier.open), spare.kernel_id());
        spare.employ(Some(hub), None);
    } else {
        spares::put(spare);
    }
    Look::Later
}

/// In the child of a fork, which has no watcher until it's active.
pub fn after_fork() {
    clerk::after_fork();
    ASLEEP.store(0, Ordering::Relaxed);
}
