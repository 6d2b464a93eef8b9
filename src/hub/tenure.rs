//! Whose a hub is, in one word: its carrier's, unless the carrier is in a green thread's code for so long that the
//! watcher takes the hub away.
//!
//! Even: the carrier is in the hub's loop, and nobody else touches the word. Odd: the carrier runs a green thread; from
//! here two compare-and-swaps compete for the step to the next even number, and who makes it has the hub:
//!
//! ```text
//!   carrier:  begin ─▶ odd ── the thread gives up the processor ── end(odd)  ─▶ even: goes on with the loop
//!   watcher:            └──── this odd number for too long ─────── take(odd) ─▶ even: gives the hub to a spare carrier
//! ```
//!
//! So a hub always has exactly one owner, and each run has a number of its own: a stale one takes nothing.

use crate::atomic::{AtomicU64, Ordering};

pub struct Tenure(AtomicU64);

/// The number of a run of a green thread; odd.
pub type Run = u64;

impl Tenure {
    pub fn new() -> Self {
        Tenure(AtomicU64::new(0))
    }

    /// The carrier is about to run a thread. Only its owner calls this.
    #[inline]
    pub fn begin(&self) -> Run {
        let run = self.0.load(Ordering::Relaxed) + 1;
        self.0.store(run, Ordering::Release);
        run
    }

    /// The thread is back; whether the hub is still the carrier's.
    #[inline]
    pub fn end(&self, run: Run) -> bool {
        self.step(run)
    }

    /// Takes the hub away from the carrier that is in this run; whether that was in time. The caller is the owner then.
    pub fn take(&self, run: Run) -> bool {
        self.step(run)
    }

    /// The run that the carrier is in; None in the loop.
    pub fn run(&self) -> Option<Run> {
        let run = self.0.load(Ordering::Acquire);
        (run % 2 == 1).then_some(run)
    }

    #[inline]
    fn step(&self, run: Run) -> bool {
        self.0.compare_exchange(run, run + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }
}
