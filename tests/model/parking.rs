//! A lock or semaphore with the parking lot (`bucket`, `rendezvous`): no wake-up is lost between a loser's second try and
//! its park, nor to one that doesn't need it.

use crate::bucket::Bucket;
use crate::list::{Linked, Links};
use crate::rendezvous::{Fired, Rendezvous};
use crate::world::{check, check_within, join, Alarm};
use loom::sync::atomic::{fence, AtomicU32, Ordering};
use loom::thread;
use std::sync::Arc;

const READY: u32 = 0;
const TIMEOUT: u32 = 1;

/// parking::Spot.
struct Spot {
    waiter: Rendezvous,
    links: Links<Spot>,
    /// The waiting thread's own, which outlives the spot.
    thread: Arc<Alarm>,
}

impl Linked for Spot {
    fn links(&self) -> &Links<Spot> {
        &self.links
    }
}

impl Spot {
    fn new(thread: &Arc<Alarm>) -> Self {
        Spot { waiter: Rendezvous::new(), links: Links::new(), thread: thread.clone() }
    }

    fn wake(&self, code: u32) -> bool {
        let thread = self.thread.clone();
        let fired = self.waiter.fire(code);
        if fired == Fired::Parked {
            thread.ring();
        }
        fired != Fired::Late
    }

    /// Waiter::wait. A deadline is long past: that it has is seen once the thread is parked.
    fn wait(&self, timed: bool) -> u32 {
        if self.waiter.park() && !(timed && self.waiter.fire(TIMEOUT) != Fired::Late) {
            self.thread.wait();
        }
        self.waiter.fired().expect("it goes on when it's woken")
    }
}

/// What decides who goes on, and who waits for it. A lock is a semaphore of 1.
struct Place {
    free: AtomicU32,
    bucket: Bucket<Spot>,
    /// What a waiter that was woken does when its second try has got it without that: a semaphore's passes the wake-up on.
    /// A lock's needn't: its own unlock wakes the next.
    passes_on: bool,
}

impl Place {
    fn lock(free: u32) -> Arc<Self> {
        Arc::new(Place { free: AtomicU32::new(free), bucket: Bucket::new(), passes_on: false })
    }

    fn semaphore(passes_on: bool) -> Arc<Self> {
        Arc::new(Place { free: AtomicU32::new(0), bucket: Bucket::new(), passes_on })
    }

    /// glibc's try-operation.
    fn attempt(&self) -> bool {
        let mut free = self.free.load(Ordering::Relaxed);
        while free > 0 {
            match self.free.compare_exchange(free, free - 1, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(now) => free = now,
            }
        }
        false
    }

    /// glibc's unlock or sem_post, which is a locked instruction, and so a full barrier on x86-64; then the look.
    fn release(&self) {
        self.free.fetch_add(1, Ordering::Release);
        fence(Ordering::SeqCst);
        self.unpark_one();
    }

    /// parking::unpark_one.
    fn unpark_one(&self) {
        if self.bucket.occupied() {
            self.bucket.wake(1, |_| true, |spot| spot.wake(READY));
        }
    }

    /// sync::wait_until_free, after a first try. False: timed out.
    fn acquire(&self, timed: bool) -> bool {
        if self.attempt() {
            return true;
        }
        let thread = Arc::new(Alarm::new());
        let mut overtaken = false;
        loop {
            let spot = Spot::new(&thread);
            // SAFETY: it's left before this frame goes.
            unsafe { self.bucket.enter(&spot, overtaken) };
            if self.attempt() {
                self.bucket.leave(&spot, || true);
                if self.passes_on && spot.waiter.fired().is_some() {
                    self.unpark_one();
                }
                return true;
            }
            let code = spot.wait(timed);
            self.bucket.leave(&spot, || true);
            if code == TIMEOUT {
                return false;
            }
            if self.attempt() {
                return true;
            }
            overtaken = true;
        }
    }

    /// A thread that takes it, or gives up, and gives it back.
    fn user(self: &Arc<Self>, timed: bool) -> thread::JoinHandle<()> {
        let place = self.clone();
        thread::spawn(move || {
            if place.acquire(timed) {
                place.release();
            }
        })
    }

    /// A thread that takes it and keeps it.
    fn keeper(self: &Arc<Self>) -> thread::JoinHandle<()> {
        let place = self.clone();
        thread::spawn(move || assert!(place.acquire(false)))
    }
}

#[test]
fn a_waiter_gets_what_is_unlocked() {
    check(|| {
        let lock = Place::lock(0);
        let waiter = lock.user(false);
        lock.release();
        waiter.join().unwrap();
        assert!(lock.attempt() && !lock.bucket.occupied());
    });
}

#[test]
fn two_waiters_and_an_unlock_by_each() {
    check_within(3, || {
        let lock = Place::lock(0);
        let waiters = [lock.user(false), lock.user(false)];
        lock.release();
        join(waiters);
        assert!(lock.attempt() && !lock.bucket.occupied());
    });
}

#[test]
fn three_contend() {
    check_within(2, || {
        let lock = Place::lock(1);
        let others = [lock.user(false), lock.user(false)];
        assert!(lock.acquire(false));
        lock.release();
        join(others);
        assert!(lock.attempt() && !lock.bucket.occupied());
    });
}

/// The unlock may hit the one that times out: the wake-up goes to the other then.
#[test]
fn one_of_two_times_out() {
    check_within(3, || {
        let lock = Place::lock(0);
        let waiters = [lock.user(true), lock.user(false)];
        lock.release();
        join(waiters);
        assert!(lock.attempt() && !lock.bucket.occupied());
    });
}

#[test]
fn two_posts_reach_two_waiters() {
    check_within(3, || {
        let semaphore = Place::semaphore(true);
        let waiters = [semaphore.keeper(), semaphore.keeper()];
        semaphore.release();
        semaphore.release();
        join(waiters);
        assert!(!semaphore.attempt() && !semaphore.bucket.occupied());
    });
}

/// The second post may wake one that has just got what the first has posted. If that one keeps the wake-up to itself,
/// the other sleeps on.
#[test]
#[should_panic(expected = "deadlock")]
fn a_post_that_is_kept_is_found() {
    check_within(3, || {
        let semaphore = Place::semaphore(false);
        let waiters = [semaphore.keeper(), semaphore.keeper()];
        semaphore.release();
        semaphore.release();
        join(waiters);
    });
}

/// A state that is made free by a plain store: the look may come before that is seen. (futex(2)'s callers may do so.)
#[test]
#[should_panic(expected = "deadlock")]
fn freeing_without_a_barrier_is_found() {
    check(|| {
        let lock = Place::lock(0);
        let waiter = lock.keeper();
        lock.free.store(1, Ordering::Release);
        lock.unpark_one();
        waiter.join().unwrap();
    });
}

/// A waiter that parks without a second try.
#[test]
#[should_panic(expected = "deadlock")]
fn parking_without_a_second_try_is_found() {
    check(|| {
        let lock = Place::lock(0);
        let other = lock.clone();
        let waiter = thread::spawn(move || {
            let spot = Spot::new(&Arc::new(Alarm::new()));
            if !other.attempt() {
                // SAFETY: it's left before this frame goes.
                unsafe { other.bucket.enter(&spot, false) };
                spot.wait(false);
                other.bucket.leave(&spot, || true);
            }
        });
        lock.release();
        waiter.join().unwrap();
    });
}
