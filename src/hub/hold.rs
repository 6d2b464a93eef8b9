//! How long a carrier has been in one run of a green thread: kept for the blocking audit (GREEN_DEBUG_BLOCKING), and only
//! when there is one.

use super::Task;
use crate::sys;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

/// From this length on (ns) a run is noted; 0 is neither audit nor trace, u64::MAX a trace only.
static NOTED_FROM: AtomicU64 = AtomicU64::new(0);

/// Begins to keep holds.
pub fn note_from(ns: u64) {
    NOTED_FROM.store(ns, Ordering::Relaxed);
}

/// Runs are noted for the trace, too.
pub fn note() {
    let _ = NOTED_FROM.compare_exchange(0, u64::MAX, Ordering::Relaxed, Ordering::Relaxed);
}

/// Whether runs are noted, for the audit or a trace.
#[inline(always)]
pub fn noted() -> bool {
    NOTED_FROM.load(Ordering::Relaxed) != 0
}

/// A carrier's present run, and its last long one. Written by the carrier, read by the auditor.
pub struct Hold {
    /// Counts beginnings and ends: odd while a thread runs.
    turn: AtomicU64,
    since: AtomicU64,
    task: AtomicPtr<Task>,
    long_turn: AtomicU64,
    lasted: AtomicU64,
}

impl Hold {
    pub(super) const fn new() -> Self {
        Hold {
            turn: AtomicU64::new(0),
            since: AtomicU64::new(0),
            task: AtomicPtr::new(ptr::null_mut()),
            long_turn: AtomicU64::new(0),
            lasted: AtomicU64::new(0),
        }
    }

    pub(super) fn begin(&self, task: &Task) {
        self.task.store(task as *const Task as *mut Task, Ordering::Relaxed);
        self.since.store(sys::now(), Ordering::Relaxed);
        self.turn.store(self.turn.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    pub(super) fn end(&self) {
        let turn = self.turn.load(Ordering::Relaxed);
        let since = self.since.load(Ordering::Relaxed);
        let lasted = sys::now().saturating_sub(since);
        if turn.is_multiple_of(2) {
            return;
        }
        if since != EXCUSED && lasted >= NOTED_FROM.load(Ordering::Relaxed) {
            self.lasted.store(lasted, Ordering::Relaxed);
            self.long_turn.store(turn, Ordering::Relaxed);
        }
        self.turn.store(turn + 1, Ordering::Release);
    }

    /// The rest of this run holds nobody up: the hub was given away before.
    pub(super) fn excuse(&self) {
        self.since.store(EXCUSED, Ordering::Relaxed);
    }

    /// The present run's turn and beginning (ns); None when no thread runs, or one that holds nobody up.
    pub fn present(&self) -> Option<(u64, u64)> {
        let turn = self.turn.load(Ordering::Acquire);
        let since = self.since.load(Ordering::Relaxed);
        (turn % 2 == 1 && since != EXCUSED).then_some((turn, since))
    }

    /// Whether a run is the present one.
    pub fn is_present(&self, turn: u64) -> bool {
        self.turn.load(Ordering::Acquire) == turn
    }

    /// How long a run took that has ended (ns); None when it wasn't long, or a later long one has ended too.
    pub fn lasted(&self, turn: u64) -> Option<u64> {
        (self.long_turn.load(Ordering::Acquire) == turn).then(|| self.lasted.load(Ordering::Relaxed))
    }
}

/// In place of a beginning.
const EXCUSED: u64 = u64::MAX;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_is_noted_and_an_excused_one_is_not() {
        unsafe fn never(_: &Task) {}
        let task = Task::host(0, never);
        let hold = Hold::new();
        note_from(1);
        hold.begin(&task);
        let (turn, since) = hold.present().expect("a run");
        assert!(since <= sys::now() && hold.is_present(turn));
        while sys::now() <= since + 1 {}
        hold.end();
        assert!(hold.lasted(turn).is_some_and(|ns| ns >= 1) && hold.present().is_none());
        hold.begin(&task);
        hold.excuse();
        assert!(hold.present().is_none());
        hold.end();
        assert_eq!(hold.lasted(turn + 2), None);
        note_from(0);
    }
}
