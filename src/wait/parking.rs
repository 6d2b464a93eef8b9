//! The parking lot: threads that wait at an address, in order of arrival.
//!
//! Locks keep glibc's memory and glibc's own try-operation decides who has them; this is only where losers wait. Why no
//! wake-up is lost: `bucket`.

use super::bucket::Bucket;
use super::{Cause, Reason, Waiter};
use crate::depth;
use crate::hub::{Task, Wake};
use crate::list::{Linked, Links};
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// One thread that waits at an address. It lies on that thread's stack.
pub struct Spot {
    address: AtomicUsize,
    /// Which wake-ups are for it: any that has one of these bits.
    mask: u32,
    /// Being taken out is enough: it counts as woken, even if it's just looking around.
    takes_heed: bool,
    waiter: Waiter,
    links: Links<Spot>,
}

impl Linked for Spot {
    fn links(&self) -> &Links<Spot> {
        &self.links
    }
}

/// 4,096 buckets: with a hundred thousand threads at different addresses a bucket has some 25.
const BUCKETS: usize = 4096;

static LOT: [Bucket<Spot>; BUCKETS] = [const { Bucket::new() }; BUCKETS];

/// Which parts of it were ever used, a bit for each: the child of a fork needn't look at the others. (A part is about a page.)
static USED: AtomicU64 = AtomicU64::new(0);
const PART: usize = BUCKETS / 64;

#[inline]
fn number(address: usize) -> usize {
    // Fibonacci hashing; lock words are 8-byte aligned or better.
    ((address >> 3).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52) % BUCKETS
}

#[inline]
fn bucket(address: usize) -> &'static Bucket<Spot> {
    &LOT[number(address)]
}

/// The bucket of an address, to put somebody in.
#[inline]
fn bucket_in_use(address: usize) -> &'static Bucket<Spot> {
    let number = number(address);
    let part = 1 << (number / PART);
    if USED.load(Ordering::Relaxed) & part == 0 {
        USED.fetch_or(part, Ordering::SeqCst);
    }
    &LOT[number]
}

impl Spot {
    /// A place in the lot for the calling thread (`me`, or None for a kernel thread that isn't green).
    pub fn new(me: Option<&'static Task>) -> Self {
        Spot {
            address: AtomicUsize::new(0),
            mask: u32::MAX,
            takes_heed: false,
            waiter: Waiter::new(me),
            links: Links::new(),
        }
    }

    /// As `new`, for one of several waits that are one to the program, which began then (`Task::about_now`).
    pub fn since(me: &'static Task, began: u64) -> Self {
        Spot { waiter: Waiter::since(me, began), ..Self::new(Some(me)) }
    }

    /// As `new`, for wake-ups that have one of the mask's bits (futex(2), FUTEX_WAIT_BITSET). Its owner may wake up by itself, and asks
    /// when it goes whether it was taken out.
    pub fn heeding(me: Option<&'static Task>, mask: u32) -> Self {
        Spot { mask, takes_heed: true, ..Self::new(me) }
    }

    /// Who else may wake it: as `wait` says, for another reason than its place in the lot.
    pub fn as_sleeper(&self) -> *const dyn Wake {
        self.waiter.as_sleeper()
    }

    /// Queues at an address, at the back, or at the front for one that was first before. While it's queued no signal handler runs on
    /// a green thread: it might not come back.
    ///
    /// # Safety
    /// The spot must stay where it is until `leave` or until it was woken and `wait` returned.
    pub unsafe fn enter(&self, address: usize, front: bool) {
        self.address.store(address, Ordering::Relaxed);
        if self.waiter.is_green() {
            depth::enter();
        }
        // SAFETY: by this function's contract; `wait` leaves.
        unsafe { bucket_in_use(address).enter(self, front) };
    }

    /// Parks until woken, or until the deadline; then it's in the lot no more. The caller runs the handlers that were put off
    /// (`depth::checkpoint`).
    pub fn wait(&self, deadline: u64, cause: Cause) -> Reason {
        let reason = self.wait_in_place(deadline, cause);
        self.leave();
        reason
    }

    /// As `wait`, but it stays in its place.
    pub fn wait_in_place(&self, deadline: u64, cause: Cause) -> Reason {
        self.waiter.wait(deadline, cause, self.address())
    }

    /// Takes the place of another, which has timed out. False if somebody has taken that out to wake it.
    ///
    /// # Safety
    /// As for `enter`.
    pub unsafe fn take_over(&self, old: &Spot) -> bool {
        loop {
            let address = old.address();
            self.address.store(address, Ordering::Relaxed);
            // SAFETY: by this function's contract.
            if let Some(replaced) = unsafe { bucket(address).replace(old, self, || old.address() == address) } {
                return replaced;
            }
        }
    }

    /// Whether it waits elsewhere by now.
    pub fn was_moved_from(&self, address: usize) -> bool {
        self.address() != address
    }

    /// Takes itself out; after this nobody touches it. False if it was taken out by who woke it, or tried to. As after `wait`, the caller
    /// runs the handlers that were put off.
    pub fn leave(&self) -> bool {
        loop {
            let address = self.address();
            // It may be moved meanwhile.
            if let Some(was_in) = bucket(address).leave(self, || self.address() == address) {
                self.is_out();
                return was_in;
            }
        }
    }

    /// Nothing of it is queued any more.
    pub fn is_out(&self) {
        if self.waiter.is_green() {
            depth::leave_quietly();
        }
    }

    /// Where it waits.
    fn address(&self) -> usize {
        self.address.load(Ordering::Relaxed)
    }

    /// Whether somebody has woken it.
    pub fn woken(&self) -> bool {
        self.waiter.fired().is_some()
    }
}

/// Whether anybody may wait at an address: one load. False positives (another address in the bucket) are fine.
#[inline]
pub fn occupied(address: usize) -> bool {
    bucket(address).occupied()
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
pub struct Overtaken(&'static Bucket<Spot>);

impl Drop for Overtaken {
    fn drop(&mut self) {
        self.0.overtaken.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Wakes the one that has waited longest at an address; false when nobody does.
#[inline]
pub fn unpark_one(address: usize) -> bool {
    unpark_some(address, 1, u32::MAX) != 0
}

/// Wakes all that wait at an address; how many.
pub fn unpark_all(address: usize) -> usize {
    unpark_some(address, usize::MAX, u32::MAX)
}

/// Wakes up to `most` of those who wait at an address for a wake-up with one of the mask's bits; how many.
#[inline]
pub fn unpark_some(address: usize, most: usize, mask: u32) -> usize {
    if !occupied(address) {
        return 0;
    }
    wake_some(address, most, mask)
}

fn wake_some(address: usize, most: usize, mask: u32) -> usize {
    let meant = |spot: &Spot| spot.address() == address && spot.mask & mask != 0;
    let wake = |spot: &Spot| spot.waiter.wake(Reason::Ready) || spot.takes_heed;
    let bucket = bucket(address);
    if most == 1 || !bucket.is_long() {
        return bucket.wake(most, meant, wake);
    }
    // Nobody waits at no address.
    let marks = [Spot::new(None), Spot::new(None)];
    depth::enter();
    let woken = bucket.wake_in_turns(most, marks.each_ref(), meant, wake);
    depth::leave();
    woken
}

/// Moves up to `most` of those who wait at an address to another address; how many.
pub fn requeue(from: usize, to: usize, most: usize) -> usize {
    if !occupied(from) || from == to {
        return 0;
    }
    let note = |spot: &Spot| spot.address.store(to, Ordering::Relaxed);
    bucket(from).move_to(bucket_in_use(to), most, |spot| spot.address() == from, note)
}

/// Empties the lot: in the child of a fork, where none of the waiters exists.
pub fn clear() {
    let used = USED.swap(0, Ordering::Relaxed);
    for part in (0..64).filter(|part| used & 1 << part != 0) {
        for bucket in &LOT[part * PART..][..PART] {
            // SAFETY: the child has one thread.
            unsafe { bucket.clear() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::NEVER;
    use std::sync::atomic::AtomicU32;

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
