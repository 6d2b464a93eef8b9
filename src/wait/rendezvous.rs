//! One thread's wait for one wake-up, in one word. The two may come in either order, and exactly one waker wins:
//!
//! ```text
//!   NEW ── park (by the carrier, once the stack is left) ──▶ PARKED ── fire ──▶ FIRED + code: the waker queues the task
//!    └──────────────── fire ──▶ FIRED + code: park fails, the carrier queues the task
//!   PARKED ── prod ──▶ NEW: the prodder queues the task, which looks around and parks again
//!   NEW ── prod ──▶ PRODDED ── park ──▶ NEW: park fails, the carrier queues the task, which looks around and parks again
//! ```
//!
//! So whoever makes the step out of PARKED queues the task, or the carrier does that finds it FIRED: it's queued once,
//! never while its stack is in use, and neither a wake-up nor a prod is lost. A waker touches the word for the last time when it sets
//! FIRED: from then on the waiter may be gone.

use crate::atomic::{AtomicU32, Ordering};

const NEW: u32 = 0;
/// What a kernel thread's futex waits on.
pub const PARKED: u32 = 1;
/// To look around before it parks.
const PRODDED: u32 = 2;
const FIRED: u32 = 3;

pub struct Rendezvous(AtomicU32);

/// What a waker has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fired {
    /// Nothing: another was first.
    Late,
    /// It has won, and the waiter finds that out by itself.
    Early,
    /// It has won and must make the waiter, which is parked, run.
    Parked,
}

impl Rendezvous {
    pub fn new() -> Self {
        Rendezvous(AtomicU32::new(NEW))
    }

    /// The waiter's stack is no longer in use: from now on who fires makes it run. False when that was before: the caller
    /// makes it run.
    #[inline]
    pub fn park(&self) -> bool {
        match self.step(NEW, PARKED) {
            Ok(_) => true,
            Err(PRODDED) => {
                // If it's FIRED by now, so much the better.
                let _ = self.step(PRODDED, NEW);
                false
            }
            Err(_) => false,
        }
    }

    /// Wakes, once and for all, for the reason that `code` stands for.
    #[inline]
    pub fn fire(&self, code: u32) -> Fired {
        let mut state = self.0.load(Ordering::Acquire);
        loop {
            if state >= FIRED {
                return Fired::Late;
            }
            match self.step(state, FIRED + code) {
                // The waiter may be gone from here on.
                Ok(_) => return if state == PARKED { Fired::Parked } else { Fired::Early },
                Err(now) => state = now,
            }
        }
    }

    /// Ends the park but not the wait: true when it's parked, and the caller makes it run. If it's about to park it doesn't, this time; if
    /// it was woken, that's enough.
    pub fn prod(&self) -> bool {
        let mut state = self.0.load(Ordering::Acquire);
        loop {
            let prodded = match state {
                PARKED => NEW,
                NEW => PRODDED,
                _ => return false,
            };
            match self.step(state, prodded) {
                Ok(_) => return state == PARKED,
                Err(now) => state = now,
            }
        }
    }

    /// Why it was woken, if it was.
    #[inline]
    pub fn fired(&self) -> Option<u32> {
        self.0.load(Ordering::Acquire).checked_sub(FIRED)
    }

    /// The word itself, for a kernel thread that waits on it, and its waker.
    pub fn word(&self) -> &AtomicU32 {
        &self.0
    }

    #[inline]
    fn step(&self, from: u32, to: u32) -> Result<u32, u32> {
        self.0.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
    }
}
