//! The parking lot: threads that wait at an address, in order of arrival.
//!
//! Locks keep glibc's memory and glibc's own try-operation decides who has them; this is only where losers wait.
//! The rule that loses no wake-up (Dekker again, both sides sequentially consistent):
//!
//!   waiter: queue at the address, then try once more, then park;
//!   waker:  make the state free (the real unlock), then look whether the bucket has waiters.
//!
//! Either the waiter's second try sees the free state or the waker's look sees the waiter.

use super::{Cause, Reason, Waiter};
use crate::hub::{Task, Wake};
use crate::list::{Linked, Links, List};
use crate::lock::Lock;
use core::cell::Cell;
use core::sync::atomic::{fence, AtomicU32, Ordering};

/// One thread that waits at an address. It lies on that thread's stack.
pub struct Spot {
    address: Cell<usize>,
    /// Which wake-ups are for it: any that has one of these bits.
    mask: u32,
    waiter: Waiter,
    links: Links<Spot>,
}

impl Linked for Spot {
    fn links(&self) -> &Links<Spot> {
        &self.links
    }
}

#[repr(align(64))]
struct Bucket {
    /// How many wait here: what a waker reads first, and mostly only.
    count: AtomicU32,
    /// How many of its waiters were woken and found the lock taken again by another.
    overtaken: AtomicU32,
    line: Lock<List<Spot>>,
}

/// 4,096 buckets: with a hundred thousand threads at different addresses a bucket has some 25.
const BUCKETS: usize = 4096;

static LOT: [Bucket; BUCKETS] =
    [const { Bucket { count: AtomicU32::new(0), overtaken: AtomicU32::new(0), line: Lock::new(List::new()) } };
        BUCKETS];

#[inline]
fn bucket(address: usize) -> &'static Bucket {
    // Fibonacci hashing; lock words are 8-byte aligned or better.
    &LOT[((address >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52) % BUCKETS]
}

impl Spot {
    /// A place in the lot for the calling thread (`me`, or None for a kernel thread that isn't green).
    pub fn new(me: Option<&'static Task>) -> Self {
        Self::masked(me, u32::MAX)
    }

    /// As `new`, for wake-ups that have one of the mask's bits (futex(2), FUTEX_WAIT_BITSET).
    pub fn masked(me: Option<&'static Task>, mask: u32) -> Self {
        Spot { address: Cell::new(0), mask, waiter: Waiter::new(me), links: Links::new() }
    }

    /// Queues at an address, at the back, or at the front for one that was first before.
    ///
    /// # Safety
    /// The spot must stay where it is until `leave` or until it was woken and `wait` returned.
    pub unsafe fn enter(&self, address: usize, front: bool) {
        self.address.set(address);
        let bucket = bucket(address);
        let mut line = bucket.line.lock();
        // SAFETY: by this function's contract.
        unsafe { line.push(self, front) };
        bucket.count.fetch_add(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// Parks until woken, or until the deadline; then it's in the lot no more.
    pub fn wait(&self, deadline: u64, cause: Cause) -> Reason {
        let reason = self.waiter.wait(deadline, cause);
        self.leave();
        reason
    }

    /// Takes itself out. After this nobody touches it.
    pub fn leave(&self) {
        let bucket = bucket(self.address.get());
        let mut line = bucket.line.lock();
        bucket.remove(&mut line, self);
    }

    /// Whether somebody has woken it.
    pub fn woken(&self) -> bool {
        self.waiter.fired().is_some()
    }
}

impl Bucket {
    fn remove(&self, line: &mut List<Spot>, spot: &Spot) {
        if line.remove(spot) {
            self.count.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// Whether anybody may wait at an address: one load. False positives (another address in the bucket) are fine.
#[inline]
pub fn occupied(address: usize) -> bool {
    bucket(address).count.load(Ordering::SeqCst) != 0
}

/// Wakes the first at an address whom a wake-up with this mask is for.
fn take_first(bucket: &'static Bucket, line: &mut List<Spot>, address: usize, mask: u32) -> bool {
    for spot in line.iter().filter(|s| s.address.get() == address && s.mask & mask != 0) {
        bucket.remove(line, spot);
        // The spot is alive: we hold the bucket's lock, which its owner takes in `leave` before it goes. `wake`
        // touches the waiter for the last time when it wins.
        if spot.waiter.wake(Reason::Ready) {
            return true;
        }
    }
    false
}

/// Whether somebody who waits at an address (or at another in its bucket) was overtaken: one load.
#[inline]
pub fn overtaken(address: usize) -> bool {
    bucket(address).overtaken.load(Ordering::Relaxed) != 0
}

/// Notes that a waiter at an address was overtaken, until the answer is dropped.
pub fn overtake(address: usize) -> Overtaken {
    let bucket = bucket(address);
    bucket.overtaken.fetch_add(1, Ordering::Relaxed);
    Overtaken(bucket)
}

/// A waiter that was overtaken.
pub struct Overtaken(&'static Bucket);

impl Drop for Overtaken {
    fn drop(&mut self) {
        self.0.overtaken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Wakes the one that has waited longest at an address; false when nobody does.
#[inline]
pub fn unpark_one(address: usize) -> bool {
    if !occupied(address) {
        return false;
    }
    let bucket = bucket(address);
    take_first(bucket, &mut bucket.line.lock(), address, u32::MAX)
}

/// Wakes all that wait at an address; how many.
pub fn unpark_all(address: usize) -> usize {
    unpark_some(address, usize::MAX, u32::MAX)
}

/// Wakes up to `most` of those who wait at an address for a wake-up with one of the mask's bits; how many.
pub fn unpark_some(address: usize, most: usize, mask: u32) -> usize {
    if !occupied(address) {
        return 0;
    }
    let bucket = bucket(address);
    let mut line = bucket.line.lock();
    let mut n = 0;
    while n < most && take_first(bucket, &mut line, address, mask) {
        n += 1;
    }
    n
}

/// Empties the lot: in the child of a fork, where none of the waiters exists.
pub fn clear() {
    for bucket in &LOT {
        // SAFETY: the child has one thread, and no line of the parent's is trusted: it's made anew.
        unsafe { bucket.line.force_unlock() };
        if bucket.overtaken.load(Ordering::Relaxed) != 0 {
            bucket.overtaken.store(0, Ordering::Relaxed);
        }
        if bucket.count.load(Ordering::Relaxed) != 0 {
            bucket.count.store(0, Ordering::Relaxed);
            *bucket.line.lock() = List::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::NEVER;
    use std::sync::atomic::AtomicU32;
    use std::sync::atomic::AtomicUsize;

    fn address<T>(t: &T) -> usize {
        t as *const T as usize
    }

    #[test]
    fn the_longest_waiting_goes_first_and_addresses_are_told_apart() {
        let (a, b) = (0u64, 0u64);
        let spots: Vec<Spot> = (0..3).map(|_| Spot::new(None)).collect();
        // SAFETY: the spots outlive the test's use of the lot.
        unsafe {
            spots[0].enter(address(&a), false);
            spots[1].enter(address(&b), false);
            spots[2].enter(address(&a), false);
        }
        assert!(unpark_one(address(&a)));
        assert!(spots[0].woken() && !spots[1].woken() && !spots[2].woken());
        assert_eq!(unpark_all(address(&a)), 1);
        assert!(spots[2].woken() && !spots[1].woken());
        assert!(!unpark_one(address(&a)));
        spots[1].leave();
        assert!(!unpark_one(address(&b)));
    }

    #[test]
    fn one_that_left_is_not_woken() {
        let a = 0u64;
        let (first, second) = (Spot::new(None), Spot::new(None));
        // SAFETY: as above.
        unsafe {
            first.enter(address(&a), false);
            second.enter(address(&a), false);
        }
        assert_eq!(first.wait(crate::sys::now() + 1_000_000, Cause::Lock), Reason::Timeout);
        assert!(unpark_one(address(&a)));
        assert!(second.woken());
    }

    /// A lock made of one word and the lot: if a wake-up were lost, this would hang.
    #[test]
    fn kernel_threads_share_a_lock_through_the_lot() {
        let (word, total) = (AtomicU32::new(0), AtomicUsize::new(0));
        let take = || word.compare_exchange(0, 1, Ordering::SeqCst, Ordering::SeqCst).is_ok();
        std::thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    for _ in 0..20_000 {
                        while !take() {
                            let spot = Spot::new(None);
                            // SAFETY: the spot is left or woken before this frame goes.
                            unsafe { spot.enter(address(&word), false) };
                            if take() {
                                spot.leave();
                                if spot.woken() {
                                    unpark_one(address(&word));
                                }
                                break;
                            }
                            spot.wait(NEVER, Cause::Lock);
                        }
                        total.store(total.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                        word.store(0, Ordering::SeqCst);
                        unpark_one(address(&word));
                    }
                });
            }
        });
        assert_eq!(total.load(Ordering::Relaxed), 80_000);
    }
}
