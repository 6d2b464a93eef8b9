// std::sync::Condvar: a bounded queue, a broadcast, and waits that run out of time.
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const ROOM: usize = 4;
const EACH: u64 = 300;

struct Queue {
    items: Mutex<VecDeque<u64>>,
    changed: Condvar,
}

impl Queue {
    fn put(&self, item: u64) {
        let mut items = self.changed.wait_while(self.items.lock().unwrap(), |items| items.len() == ROOM).unwrap();
        items.push_back(item);
        self.changed.notify_all();
    }

    fn take(&self) -> u64 {
        let mut items = self.changed.wait_while(self.items.lock().unwrap(), |items| items.is_empty()).unwrap();
        let item = items.pop_front().unwrap();
        self.changed.notify_all();
        item
    }
}

fn queue() {
    let queue = Queue { items: Mutex::default(), changed: Condvar::new() };
    let sum: u64 = thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..EACH).for_each(|i| queue.put(i)));
        }
        let takers: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..2 * EACH).map(|_| queue.take()).sum::<u64>())).collect();
        takers.into_iter().map(|taker| taker.join().unwrap()).sum()
    });
    println!("sum: {sum}");
}

fn timeouts() {
    let ready = Mutex::new(false);
    let changed = Condvar::new();
    let begun = Instant::now();
    let (guard, result) =
        changed.wait_timeout_while(ready.lock().unwrap(), Duration::from_millis(40), |ready| !*ready).unwrap();
    println!("timed out: {}, it waited: {}", result.timed_out(), begun.elapsed() >= Duration::from_millis(40));
    drop(guard);

    thread::scope(|scope| {
        scope.spawn(|| {
            *ready.lock().unwrap() = true;
            changed.notify_one();
        });
        let (guard, result) =
            changed.wait_timeout_while(ready.lock().unwrap(), Duration::from_secs(30), |ready| !*ready).unwrap();
        println!("timed out: {}, ready: {}", result.timed_out(), *guard);
    });
}

fn broadcast() {
    let stage = Mutex::new(0);
    let changed = Condvar::new();
    thread::scope(|scope| {
        for _ in 0..100 {
            scope.spawn(|| {
                let mut stage = stage.lock().unwrap();
                *stage += 1;
                changed.notify_all();
                let _all = changed.wait_while(stage, |stage| *stage < 100).unwrap();
            });
        }
    });
    println!("met: {}", stage.lock().unwrap());
}

fn main() {
    queue();
    broadcast();
    timeouts();
    thread::spawn(timeouts).join().unwrap();
}
