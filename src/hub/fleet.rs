//! All hubs together: who there is, who sleeps, and who takes work from whom.
//!
//! A new task begins on its creator's hub, and stays on the hub where it last ran, where its data is warm. Work moves in
//! one way only: a hub that has nothing to do takes half of what another has waiting. And an idle hub is woken for that
//! only when a hub's threads keep others waiting noticeably (LONG), or when two or more wait of which that isn't known,
//! since moving a thread costs more than a short wait.

use super::stats::{HubStats, ProcessStats, PROCESS};
use super::{listeners, Hub, Kind, RunQueue, Task};
use crate::inspect::table::{Counters, Text};
use crate::sys;
use core::arch::x86_64::_rdtsc;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use libc::c_int;

/// The most hubs there can be (GREEN_HUBS).
pub const MOST: usize = 1024;

static HUBS: [AtomicPtr<Hub>; MOST] = [const { AtomicPtr::new(ptr::null_mut()) }; MOST];
static COUNT: AtomicUsize = AtomicUsize::new(0);
/// Hubs whose carrier waits in its poller.
static ASLEEP: AtomicUsize = AtomicUsize::new(0);

/// This many cycles are long to wait: some tens of microseconds, a few times what waking another hub costs.
const LONG: u64 = 100_000;

/// What a thread that has never run is taken to take, in cycles: two of them are long.
pub(super) const UNKNOWN: u64 = LONG / 2 + 1;

/// Adds a hub. At activation, one thread.
pub fn add(hub: &'static Hub) {
    let n = COUNT.load(Ordering::Relaxed);
    HUBS[n].store(hub as *const Hub as *mut Hub, Ordering::Release);
    COUNT.store(n + 1, Ordering::Release);
}

/// Where the process's and the hubs' counters are, for `inspect`.
pub fn counters() -> Counters {
    let text = |text: &'static str| Text { at: text.as_ptr() as u64, len: text.len() as u64 };
    Counters {
        process: &raw const PROCESS as u64,
        process_names: text(ProcessStats::NAMES),
        in_hub: core::mem::offset_of!(Hub, stats) as u64,
        hub_names: text(HubStats::NAMES),
        hubs: &raw const HUBS as u64,
        hub_count: &raw const COUNT as u64,
    }
}

/// Forgets all hubs: in the child of a fork.
pub fn disband() {
    COUNT.store(0, Ordering::Release);
    ASLEEP.store(0, Ordering::Release);
}

/// Each hub.
pub fn hubs() -> impl Iterator<Item = &'static Hub> {
    let n = COUNT.load(Ordering::Acquire);
    // SAFETY: the first COUNT pointers are hubs, which live for ever.
    HUBS[..n].iter().map(|h| unsafe { &*h.load(Ordering::Acquire) })
}

/// The program is about to replace this number, which is marked as ours: its hub takes another; what isn't a hub's can do without. EMFILE:
/// there's none.
pub fn make_way(number: c_int) -> sys::Result<()> {
    for hub in hubs() {
        if hub.make_way(number)? {
            return Ok(());
        }
    }
    listeners::disclaim(number);
    Ok(())
}

/// The kernel gives the program a number that is marked as ours: what was there is gone, and its hub is told.
pub fn lose(number: c_int) {
    hubs().for_each(|hub| hub.lose(number));
}

/// Where the array of pointers to hubs is, for `inspect`.
pub fn array() -> usize {
    HUBS.as_ptr() as usize
}

/// Whether there's more than one.
#[inline]
pub fn several() -> bool {
    COUNT.load(Ordering::Relaxed) > 1
}

/// The processor's cycle counter; only differences on about one processor matter.
#[inline]
pub fn cycles() -> u64 {
    // SAFETY: every x86-64 has it.
    unsafe { _rdtsc() }
}

/// A hub's carrier goes to sleep, or is awake again. (One hub has nobody who would call it for help.)
pub(super) fn count_sleeper(asleep: bool) {
    if !several() {
        return;
    }
    if asleep {
        ASLEEP.fetch_add(1, Ordering::SeqCst);
    } else {
        ASLEEP.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Whether a hub sleeps, of several.
#[inline]
pub(super) fn any_asleep() -> bool {
    ASLEEP.load(Ordering::Relaxed) > 0
}

/// Called by a hub that is about to run a thread while others wait: wakes an idle hub to take some, if they'd wait long.
/// `work`: what waits, in cycles, by the average of recent runs.
#[inline]
pub(super) fn call_for_help(work: u64) {
    if work > LONG && any_asleep() {
        wake_one();
    }
}

#[cold]
fn wake_one() {
    if let Some(idle) = hubs().find(|h| h.is_asleep()) {
        idle.wake_up();
    }
}

/// Takes waiting tasks from the first other hub that has some to spare; whether there were any.
pub(super) fn steal(thief: &'static Hub) -> bool {
    let all = COUNT.load(Ordering::Acquire);
    let mine = hubs().position(|h| ptr::eq(h, thief)).unwrap_or(0);
    (1..all).map(|i| (mine + i) % all).any(|i| {
        // SAFETY: as in `hubs`.
        let victim = unsafe { &*HUBS[i].load(Ordering::Acquire) };
        let mut loot = RunQueue::new();
        victim.give_away(&mut loot);
        let n = loot.len();
        if n > 0 {
            thief.stats.steals.add(n as u64);
            thief.receive(loot);
        }
        n > 0
    })
}

/// How many tasks a hub gives to one that has nothing: half, but not the only one, which it's about to run, unless it
/// has been busy with another for long. `since`: when the present run began, 0 if none.
pub(super) fn spare(waiting: usize, since: u64) -> usize {
    match waiting {
        0 => 0,
        1 if since == 0 || cycles().wrapping_sub(since) < LONG => 0,
        n => n.div_ceil(2),
    }
}

/// Moves up to `n` of the oldest tasks that may move from one queue to another. A host stays: its stack is its kernel
/// thread's.
pub(super) fn take(from: &mut RunQueue, to: &mut RunQueue, n: usize) {
    for _ in 0..n {
        match from.pop() {
            Some(task) if moves(task) => to.push(task),
            Some(task) => from.push(task),
            None => return,
        }
    }
}

/// Whether a task may run on another carrier.
pub(super) fn moves(task: &Task) -> bool {
    task.kind.get() == Kind::Coroutine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_task_is_spared_unless_its_hub_is_stuck() {
        let now = cycles();
        assert_eq!(spare(0, 0), 0);
        assert_eq!(spare(1, 0), 0);
        assert_eq!(spare(1, now), 0);
        assert_eq!(spare(1, now.wrapping_sub(LONG * 1000)), 1);
        assert_eq!((spare(2, 0), spare(7, now)), (1, 4));
    }

    #[test]
    fn hosts_stay() {
        unsafe fn never(_: &Task) {}
        let hosts: Vec<Task> = (0..3).map(|n| Task::host(n, never)).collect();
        let (mut from, mut to) = (RunQueue::new(), RunQueue::new());
        hosts.iter().for_each(|t| from.push(t));
        take(&mut from, &mut to, 2);
        assert_eq!((from.len(), to.len()), (3, 0));
    }
}
