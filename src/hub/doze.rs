//! Whether a hub sleeps, in one flag, so that no wake-up is lost and only a sleeper's alarm is rung.
//!
//! Dekker's protocol, with a fence between the two steps of each side, so that one of them sees the other:
//!
//!   sleeper: lie down (says that it sleeps), then look at the queue once more, then sleep;
//!   waker:   queue, then `rouse`: look whether the hub sleeps, and ring.
//!
//! What is queued under a lock that the sleeper takes for its second look needs no fence of the waker's: if the sleeper
//! took the lock later it sees what was queued, and if it took it earlier the waker sees that it sleeps.

use crate::atomic::{fence, AtomicBool, Ordering};

pub struct Doze(AtomicBool);

impl Doze {
    /// Awake.
    pub fn new() -> Self {
        Doze(AtomicBool::new(false))
    }

    /// From now on who queues something rings. What was queued before, the caller sees if it looks after this.
    #[inline]
    pub fn lie_down(&self) {
        self.0.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }

    /// Called after something was queued: whether the sleeper needs ringing. Only one of several wakers is told so.
    #[inline]
    pub fn rouse(&self) -> bool {
        fence(Ordering::SeqCst);
        self.get_up()
    }

    /// Nobody needs to ring any more; whether it was asleep until now. For the sleeper itself, after its sleep, and for who
    /// queued something under a lock.
    #[inline]
    pub fn get_up(&self) -> bool {
        // Who comes too late writes nothing.
        self.0.load(Ordering::Relaxed)
            && self.0.compare_exchange(true, false, Ordering::SeqCst, Ordering::Relaxed).is_ok()
    }

    /// Whether it sleeps, at present.
    #[inline]
    pub fn is_asleep(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
