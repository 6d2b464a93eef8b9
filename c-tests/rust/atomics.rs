// Threads that share nothing but atomics and an Arc: counters, a spin lock that yields, the last one drops the value.
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;

static DROPS: AtomicUsize = AtomicUsize::new(0);

#[derive(Default)]
struct Shared {
    count: AtomicU64,
    locked: AtomicBool,
    /// Only touched under the spin lock, in two steps.
    pair: [AtomicU64; 2],
}

impl Drop for Shared {
    fn drop(&mut self) {
        DROPS.fetch_add(1, Ordering::SeqCst);
    }
}

fn work(shared: &Shared) {
    for _ in 0..200 {
        shared.count.fetch_add(1, Ordering::Relaxed);
        while shared.locked.swap(true, Ordering::Acquire) {
            thread::yield_now();
        }
        for half in &shared.pair {
            half.store(half.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        }
        shared.locked.store(false, Ordering::Release);
    }
}

fn main() {
    let shared = Arc::new(Shared::default());
    let threads: Vec<_> = (0..64)
        .map(|_| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || work(&shared))
        })
        .collect();
    let weak = Arc::downgrade(&shared);
    for thread in threads {
        thread.join().unwrap();
    }
    let halves = shared.pair.each_ref().map(|half| half.load(Ordering::SeqCst));
    println!("counted {}, under the lock {halves:?}", shared.count.load(Ordering::SeqCst));
    println!("drops while one is left: {}", DROPS.load(Ordering::SeqCst));
    drop(shared);
    println!("and then: {}, upgrade: {}", DROPS.load(Ordering::SeqCst), weak.upgrade().is_some());
}
