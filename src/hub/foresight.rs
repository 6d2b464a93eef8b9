//! Whether a descriptor's next read will be in vain.
//!
//! A read that took all it asked for doesn't tell whether there's more, so the next one tries. Where a thread reads a request,
//! writes the answer and reads again, that try fails every time, and costs as much as the read that succeeds. So it's counted how
//! many first reads after a write were in vain, one after the other. After a few of them a thread may wait without having tried.
//! Two ways make up for what is there all the same:
//!
//! - Where the hub hears of few events at a time the fd is registered by level instead of by edges: the poller's next look tells. It
//!   looks at each fd once more for that.
//! - Where it hears of many the hub presumes that the next edge will come soon, and looks by itself if it doesn't (`presumed`).
//!
//! A level is told at every look until somebody takes what is there. So it's edges again when nobody does, and when somebody wants
//! to hear of anything else than data (a writer, poll). Either way the kernel tells the present state anew, so nothing is lost
//! in between. Now and then a thread tries all the same, lest a protocol that has changed goes unnoticed.
//!
//! What is written here is written under the entry's lock, or is a mere count.

use core::sync::atomic::{AtomicBool, AtomicI8, AtomicU8, Ordering};

/// So many vain reads in a row are enough to foresee the next. (Two more system calls come with it: to be by level, and to be taken
/// out of the poller before the close.)
const ENOUGH: i8 = 8;

/// And so many to presume that the next will be: that takes no call.
const ENOUGH_TO_PRESUME: i8 = 4;

/// One wait in so many tries first.
const SAMPLE: u8 = 32;

/// So many times in a row a level may be told for nothing.
const PATIENCE: u8 = 3;

/// A hub that hears of fewer events than this at a time asks for levels; and does with edges again when it's many more.
pub const FEW: u32 = 8;
pub const MANY: u32 = 8 * FEW;

/// All bits zero: by edges, nothing foreseen.
pub struct Foresight {
    /// Vain reads in a row; below 0 when it turned out otherwise.
    vain: AtomicI8,
    waits: AtomicU8,
    by_level: AtomicBool,
    /// How often the level was told for nothing, since somebody came to wait.
    idle: AtomicU8,
}

impl Foresight {
    /// A first read after a write was in vain, or wasn't.
    #[inline]
    pub fn learn(&self, in_vain: bool) {
        let vain = self.vain.load(Ordering::Relaxed);
        let next = if in_vain { vain.saturating_add(1).min(ENOUGH) } else { vain.min(0) };
        if next != vain {
            self.vain.store(next, Ordering::Relaxed);
        }
    }

    /// Whether the next read after a write will be in vain. (Not if it's time to see whether that is so.)
    #[inline]
    pub fn foresees(&self) -> bool {
        if self.vain.load(Ordering::Relaxed) < ENOUGH_TO_PRESUME {
            return false;
        }
        let waits = self.waits.load(Ordering::Relaxed).wrapping_add(1);
        self.waits.store(waits, Ordering::Relaxed);
        !waits.is_multiple_of(SAMPLE)
    }

    /// Whether it has been so for long enough.
    #[inline]
    pub fn is_sure(&self) -> bool {
        self.vain.load(Ordering::Relaxed) == ENOUGH
    }

    #[inline]
    pub fn is_by_level(&self) -> bool {
        self.by_level.load(Ordering::Relaxed)
    }

    /// It's registered by level now.
    pub fn begin_level(&self) {
        self.by_level.store(true, Ordering::Relaxed);
        self.be_patient();
    }

    /// It's registered by edges now, or not at all.
    pub fn end_level(&self) {
        self.by_level.store(false, Ordering::Relaxed);
    }

    /// It takes more, from now on, to foresee something.
    pub fn distrust(&self) {
        self.vain.store(i8::MIN, Ordering::Relaxed);
    }

    /// Somebody waits for the first time.
    #[inline]
    pub fn be_patient(&self) {
        self.idle.store(0, Ordering::Relaxed);
    }

    /// The level was told for nothing; whether that was once too often.
    pub fn loses_patience(&self) -> bool {
        let idle = self.idle.load(Ordering::Relaxed).saturating_add(1);
        self.idle.store(idle, Ordering::Relaxed);
        idle >= PATIENCE
    }

    /// The number's life has ended.
    pub fn forget(&self) {
        self.end_level();
        self.vain.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> Foresight {
        // SAFETY: all bits zero is a valid value.
        unsafe { core::mem::zeroed() }
    }

    #[test]
    fn it_takes_a_few_vain_reads_in_a_row() {
        let f = new();
        for n in 1..2 * ENOUGH_TO_PRESUME {
            f.learn(n != ENOUGH_TO_PRESUME);
            assert!(!f.foresees());
        }
        f.learn(true);
        assert!(f.foresees() && !f.is_sure());
        (ENOUGH_TO_PRESUME..ENOUGH).for_each(|_| f.learn(true));
        assert!(f.is_sure());
        f.learn(false);
        assert!(!f.foresees());
    }

    #[test]
    fn now_and_then_one_tries() {
        let f = new();
        (0..ENOUGH).for_each(|_| f.learn(true));
        let tries = (0..10 * SAMPLE as u32).filter(|_| !f.foresees()).count();
        assert_eq!(tries, 10);
    }

    #[test]
    fn after_a_disappointment_it_takes_longer() {
        let f = new();
        f.distrust();
        (0..128).for_each(|_| f.learn(true));
        assert!(!f.is_sure());
        (0..ENOUGH).for_each(|_| f.learn(true));
        assert!(f.is_sure());
    }
}
