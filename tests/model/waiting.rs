//! One waiter (`rendezvous`): whoever wakes it, in whatever order, it goes on once.

use crate::rendezvous::{Fired, Rendezvous, PARKED};
use crate::world::{check, check_within, join, Exclusive};
use loom::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::sync::Arc;

const READY: u32 = 0;
const TIMEOUT: u32 = 1;

/// A green thread that waits once.
struct Sleeper {
    waiter: Rendezvous,
    /// Its stack. Two carriers on it at once, or one on it before the other has left it, is what must not be.
    stack: Exclusive,
    /// How often its wait has ended.
    ends: AtomicU32,
    /// What it's to see to when it's prodded, and whether it has.
    marked: AtomicBool,
    seen: AtomicBool,
}

impl Sleeper {
    fn new() -> Arc<Self> {
        Arc::new(Sleeper {
            waiter: Rendezvous::new(),
            stack: Exclusive::new(),
            ends: AtomicU32::new(0),
            marked: AtomicBool::new(false),
            seen: AtomicBool::new(false),
        })
    }

    /// The thread's code up to where it gives up the processor, and what the carrier does then. Whoever queues the task
    /// calls this at once: on some carrier it may be run as soon.
    fn run(&self) {
        loop {
            self.stack.touch();
            if self.marked.load(Ordering::Relaxed) {
                self.seen.store(true, Ordering::Relaxed);
            }
            if self.waiter.fired().is_some() {
                self.ends.fetch_add(1, Ordering::Relaxed);
                return;
            }
            // Carrier::settle.
            if self.waiter.park() {
                return;
            }
        }
    }

    /// Waiter::wake.
    fn wake(&self, code: u32) -> bool {
        let fired = self.waiter.fire(code);
        if fired == Fired::Parked {
            self.run();
        }
        fired != Fired::Late
    }

    /// Waiter::prod.
    fn prod(&self) {
        if self.waiter.prod() {
            self.run();
        }
    }
}

#[test]
fn one_of_two_wakers_wins_and_the_thread_goes_on_once() {
    check(|| {
        let sleeper = Sleeper::new();
        let wakers = [READY, TIMEOUT].map(|code| {
            let sleeper = sleeper.clone();
            thread::spawn(move || sleeper.wake(code))
        });
        sleeper.run();
        let won = join(wakers);
        assert!(won[0] != won[1]);
        assert_eq!(sleeper.waiter.fired(), Some(if won[0] { READY } else { TIMEOUT }));
        assert_eq!(sleeper.ends.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn a_prod_neither_loses_the_wake_up_nor_runs_the_thread_twice() {
    check(|| {
        let sleeper = Sleeper::new();
        let (one, other) = (sleeper.clone(), sleeper.clone());
        let waker = thread::spawn(move || one.wake(READY));
        let prodder = thread::spawn(move || {
            other.prod();
            other.prod();
        });
        sleeper.run();
        assert!(waker.join().unwrap());
        prodder.join().unwrap();
        assert_eq!(sleeper.ends.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn prods_and_two_wakers() {
    check_within(3, || {
        let sleeper = Sleeper::new();
        let wakers = [READY, TIMEOUT].map(|code| {
            let sleeper = sleeper.clone();
            thread::spawn(move || sleeper.wake(code))
        });
        let other = sleeper.clone();
        let prodder = thread::spawn(move || other.prod());
        sleeper.run();
        let won = join(wakers);
        prodder.join().unwrap();
        assert!(won[0] != won[1]);
        assert_eq!(sleeper.ends.load(Ordering::Relaxed), 1);
    });
}

/// A signal that comes as the thread is about to park (Task::interrupt).
#[test]
fn who_is_prodded_looks_around_however_early() {
    check(|| {
        let sleeper = Sleeper::new();
        let other = sleeper.clone();
        let prodder = thread::spawn(move || {
            other.marked.store(true, Ordering::Relaxed);
            other.prod();
        });
        sleeper.run();
        prodder.join().unwrap();
        assert!(sleeper.seen.load(Ordering::Relaxed));
        assert_eq!(sleeper.ends.load(Ordering::Relaxed), 0);
    });
}

/// The carrier must have left the stack before it says so.
#[test]
#[should_panic(expected = "Causality violation")]
fn parking_before_the_stack_is_left_is_found() {
    check(|| {
        let sleeper = Sleeper::new();
        let other = sleeper.clone();
        let waker = thread::spawn(move || other.wake(READY));
        if sleeper.waiter.park() {
            sleeper.stack.touch();
        } else {
            sleeper.run();
        }
        waker.join().unwrap();
    });
}

/// futex(2), as far as it matters: the word is compared and the thread put to sleep in one step.
struct Futex {
    queue: Mutex<()>,
    bell: Condvar,
}

impl Futex {
    fn wait(&self, word: &AtomicU32, expected: u32) {
        let queue = self.queue.lock().unwrap();
        if word.load(Ordering::Relaxed) == expected {
            drop(self.bell.wait(queue).unwrap());
        }
    }

    fn wake(&self) {
        drop(self.queue.lock().unwrap());
        self.bell.notify_all();
    }
}

#[test]
fn a_kernel_thread_is_woken_or_times_out() {
    check_within(3, || {
        let waiter = Arc::new((Rendezvous::new(), Futex { queue: Mutex::new(()), bell: Condvar::new() }));
        let wakers = [READY, TIMEOUT].map(|code| {
            let waiter = waiter.clone();
            thread::spawn(move || {
                let fired = waiter.0.fire(code);
                if fired == Fired::Parked {
                    waiter.1.wake();
                }
                fired != Fired::Late
            })
        });
        // Waiter::wait_in_kernel.
        waiter.0.park();
        let code = loop {
            if let Some(code) = waiter.0.fired() {
                break code;
            }
            waiter.1.wait(waiter.0.word(), PARKED);
        };
        let won = join(wakers);
        assert!(won[0] != won[1]);
        assert_eq!(code, if won[0] { READY } else { TIMEOUT });
    });
}
