//! Descriptors on which a thread waits without having tried: a read that took just what it asked for doesn't tell whether there's
//! more, and where the next has been in vain for long enough (`foresight`) it's presumed to be so again.
//!
//! For what is there already no edge comes. So they're noted here, one bit each, until an edge comes after all, which is the rule
//! where a hub has much to do: then the read has cost nothing. The others are looked at by poll(2), many with one call: before the
//! hub sleeps, and when they've been here for a while. What is found there is told as an edge would be, and nothing is lost.
//!
//! A bit is set, and its thread's listener queued, under the entry's lock; it's taken away before the look. So what came before
//! the look is found by it, and what comes later makes an edge. A bit too many (its number was closed) costs a vain try.

use super::fleet;
use crate::sys;
use core::cell::Cell;
use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use libc::{c_int, pollfd};

/// Numbers from here on are always tried.
const MOST: usize = 1 << 16;
const WORDS: usize = MOST / 64;

/// How long one is left here at least, and at most twice that, while the hub is busy (cycles): from about half a millisecond on. Looks
/// in vain make it longer, up to about ten milliseconds: a busy hub's threads wait for so long anyway.
const SHORTEST: u64 = 1_250_000;
const LONGEST: u64 = 16 * SHORTEST;

/// And for how long when there are more edges to hear of than can be told at once.
const OVERLOADED: u64 = 10 * LONGEST;

/// So many are looked at by one call.
const AT_ONCE: usize = 64;

pub struct Presumed {
    /// Those that came since the last look, and those that were here then.
    young: [AtomicU64; WORDS],
    old: [AtomicU64; WORDS],
    /// There may be some.
    any: AtomicBool,
    /// So many words of them were ever used.
    used: AtomicUsize,
    looked_at: Cell<u64>,
    patience: Cell<u64>,
}

/// What became of one that was to be noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// Nothing.
    No,
    /// There was none: the hub might sleep.
    First,
    More,
}

/// Where a number's bit is.
#[inline]
fn place(fd: c_int) -> Option<(usize, u64)> {
    let n = fd as u32 as usize;
    (n < MOST).then_some((n / 64, 1 << (n % 64)))
}

impl Presumed {
    pub fn new() -> Self {
        Presumed {
            young: [const { AtomicU64::new(0) }; WORDS],
            old: [const { AtomicU64::new(0) }; WORDS],
            any: AtomicBool::new(false),
            used: AtomicUsize::new(0),
            looked_at: Cell::new(0),
            patience: Cell::new(SHORTEST),
        }
    }

    /// Notes one. The caller holds the entry's lock.
    #[inline]
    pub fn add(&self, fd: c_int) -> Added {
        let Some((word, bit)) = place(fd) else { return Added::No };
        self.young[word].fetch_or(bit, Ordering::SeqCst);
        if word >= self.used.load(Ordering::Relaxed) {
            self.used.fetch_max(word + 1, Ordering::SeqCst);
        }
        // (Who takes the bits has said before that there are none.)
        if self.any.load(Ordering::SeqCst) || self.any.swap(true, Ordering::SeqCst) {
            return Added::More;
        }
        Added::First
    }

    /// An edge has come, or the number is closed.
    #[inline]
    pub fn remove(&self, fd: c_int) {
        let Some((word, bit)) = place(fd) else { return };
        for noted in [&self.young[word], &self.old[word]] {
            if noted.load(Ordering::Relaxed) & bit != 0 {
                noted.fetch_and(!bit, Ordering::Relaxed);
            }
        }
    }

    /// Whether there may be some.
    #[inline]
    pub fn any(&self) -> bool {
        self.any.load(Ordering::SeqCst)
    }

    /// Whether it's time to look at those that have been here for long. `heard`: of all edges that have come. For the hub's carrier,
    /// as what follows.
    #[inline]
    pub fn is_due(&self, now: u64, heard: bool) -> bool {
        now.wrapping_sub(self.looked_at.get()) > if heard { self.patience.get() } else { OVERLOADED }
    }

    /// An edge has come, and is going to be told.
    pub fn put_off(&self, fd: c_int) {
        let Some((word, bit)) = place(fd) else { return };
        if self.old[word].load(Ordering::Relaxed) & bit != 0
            && self.old[word].fetch_and(!bit, Ordering::SeqCst) & bit != 0
        {
            self.young[word].fetch_or(bit, Ordering::SeqCst);
        }
    }

    /// Looks at all; `tell` hears of each that has something, and poll's answer.
    pub fn look_at_all(&self, tell: impl FnMut(c_int, i16)) {
        // Who comes meanwhile says so again.
        self.any.store(false, Ordering::SeqCst);
        self.look(true, tell);
    }

    /// Looks at those that have been here for long; likewise.
    pub fn look_at_old(&self, mut tell: impl FnMut(c_int, i16)) {
        let mut found = 0;
        let looked_at = self.look(false, |fd, events| {
            found += 1;
            tell(fd, events);
        });
        for word in 0..self.used.load(Ordering::SeqCst) {
            let young = self.young[word].swap(0, Ordering::SeqCst);
            if young != 0 {
                self.old[word].fetch_or(young, Ordering::SeqCst);
            }
        }
        self.looked_at.set(fleet::cycles());
        let patience = self.patience.get();
        match (looked_at, found) {
            (0, _) => {}
            (_, 0) => self.patience.set((2 * patience).min(LONGEST)),
            _ => self.patience.set(SHORTEST),
        }
    }

    /// How many it looked at.
    fn look(&self, young_too: bool, mut tell: impl FnMut(c_int, i16)) -> usize {
        let mut looked_at = 0;
        let mut batch =
            [pollfd { fd: -1, events: libc::POLLIN | libc::POLLPRI | libc::POLLRDHUP, revents: 0 }; AT_ONCE];
        let mut n = 0;
        let mut flush = |batch: &mut [pollfd]| {
            if !batch.is_empty() && sys::poll_set(batch, 0).is_ok_and(|found| found > 0) {
                let found = batch.iter().filter(|p| p.revents & !libc::POLLNVAL != 0);
                found.for_each(|p| tell(p.fd, p.revents));
            }
        };
        for word in 0..self.used.load(Ordering::SeqCst) {
            let take = |noted: &AtomicU64| match noted.load(Ordering::Relaxed) {
                0 => 0,
                _ => noted.swap(0, Ordering::SeqCst),
            };
            let mut bits = take(&self.old[word]) | if young_too { take(&self.young[word]) } else { 0 };
            while bits != 0 {
                batch[n].fd = (word * 64) as c_int + bits.trailing_zeros() as c_int;
                bits &= bits - 1;
                n += 1;
                looked_at += 1;
                if n == AT_ONCE {
                    flush(&mut batch);
                    n = 0;
                }
            }
        }
        flush(&mut batch[..n]);
        looked_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipes<const N: usize>() -> [[c_int; 2]; N] {
        [(); N].map(|()| {
            let mut ends = [0; 2];
            // SAFETY: room for two ints.
            assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
            ends
        })
    }

    fn seen(look: impl FnOnce(&mut dyn FnMut(c_int, i16))) -> Vec<c_int> {
        let mut seen = Vec::new();
        look(&mut |fd, _| seen.push(fd));
        seen.sort_unstable();
        seen
    }

    #[test]
    fn what_is_there_is_found_once_and_what_was_told_is_not_looked_at() {
        let p = Box::new(Presumed::new());
        let ends = pipes::<3>();
        for (n, [reader, writer]) in ends.into_iter().enumerate() {
            assert_eq!(p.add(reader), if n == 0 { Added::First } else { Added::More });
            // SAFETY: one byte.
            assert_eq!(unsafe { libc::write(writer, b"x".as_ptr().cast(), 1) }, 1);
        }
        p.remove(ends[1][0]);
        assert!(p.any());
        let expected = [ends[0][0].min(ends[2][0]), ends[0][0].max(ends[2][0])];
        assert_eq!(seen(|tell| p.look_at_all(tell)), expected);
        assert!(!p.any() && seen(|tell| p.look_at_all(tell)).is_empty());
    }

    #[test]
    fn the_young_are_left_alone_until_they_are_old() {
        let p = Box::new(Presumed::new());
        let [[reader, writer]] = pipes::<1>();
        // SAFETY: one byte.
        assert_eq!(unsafe { libc::write(writer, b"x".as_ptr().cast(), 1) }, 1);
        assert!(p.add(reader) == Added::First && p.is_due(fleet::cycles(), true));
        assert!(seen(|tell| p.look_at_old(tell)).is_empty());
        assert!(!p.is_due(p.looked_at.get(), true));
        p.put_off(reader);
        assert!(seen(|tell| p.look_at_old(tell)).is_empty());
        assert_eq!(seen(|tell| p.look_at_old(tell)), [reader]);
    }

    #[test]
    fn vain_looks_make_patient_and_a_find_makes_impatient() {
        let p = Box::new(Presumed::new());
        let [[reader, writer]] = pipes::<1>();
        for _ in 0..8 {
            p.add(reader);
            p.look_at_old(|_, _| ());
            p.look_at_old(|_, _| ());
        }
        assert_eq!(p.patience.get(), LONGEST);
        // SAFETY: one byte.
        assert_eq!(unsafe { libc::write(writer, b"x".as_ptr().cast(), 1) }, 1);
        p.add(reader);
        p.look_at_old(|_, _| ());
        p.look_at_old(|_, _| ());
        assert_eq!(p.patience.get(), SHORTEST);
    }

    #[test]
    fn numbers_out_of_range_are_not_taken() {
        let p = Box::new(Presumed::new());
        assert_eq!((p.add(MOST as c_int), p.add(-1), p.any()), (Added::No, Added::No, false));
        p.remove(MOST as c_int);
    }
}
