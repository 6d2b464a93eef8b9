//! What the models stand on: the exploration itself, alarms to sleep by, and memory that one thread at a time may use.

use loom::cell::UnsafeCell;
use loom::sync::{Condvar, Mutex};
use loom::thread;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// Runs a model in all its interleavings.
pub fn check(model: impl Fn() + Sync + Send + 'static) {
    explore(None, model);
}

/// Runs a model in all interleavings with at most `preemptions` switches that a thread doesn't ask for. Few bugs need more
/// than two.
pub fn check_within(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    explore(Some(preemptions), model);
}

fn explore(preemption_bound: Option<usize>, model: impl Fn() + Sync + Send + 'static) {
    let executions = Arc::new(AtomicUsize::new(0));
    let count = executions.clone();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemption_bound;
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        model();
    });
    let name = std::thread::current().name().unwrap_or_default().to_string();
    eprintln!("{name}: {} executions", executions.load(Ordering::Relaxed));
}

/// Waits for the ends of threads.
pub fn join<T, const N: usize>(threads: [thread::JoinHandle<T>; N]) -> [T; N] {
    threads.map(|thread| thread.join().expect("no thread of a model panics"))
}

/// An eventfd, as a hub's carrier sleeps by, or whatever else makes a thread go on: a ring is kept until it's heard.
pub struct Alarm {
    rung: Mutex<bool>,
    bell: Condvar,
}

impl Alarm {
    pub fn new() -> Self {
        Alarm { rung: Mutex::new(false), bell: Condvar::new() }
    }

    pub fn ring(&self) {
        *self.rung.lock().unwrap() = true;
        self.bell.notify_one();
    }

    /// Sleeps until it has rung.
    pub fn wait(&self) {
        let mut rung = self.rung.lock().unwrap();
        while !*rung {
            rung = self.bell.wait(rung).unwrap();
        }
        *rung = false;
    }
}

/// Memory that one thread uses after another, each knowing what the last one did: a stack, a hub. loom reports two that
/// use it without an order between them.
pub struct Exclusive(UnsafeCell<u32>);

// SAFETY: what loom is asked to prove.
unsafe impl Sync for Exclusive {}

impl Exclusive {
    pub fn new() -> Self {
        Exclusive(UnsafeCell::new(0))
    }

    /// Uses it; how often it was used, this time included.
    pub fn touch(&self) -> u32 {
        self.0.with_mut(|uses| {
            // SAFETY: loom panics before this if another uses it, too.
            unsafe {
                *uses += 1;
                *uses
            }
        })
    }
}
