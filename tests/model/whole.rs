//! All of it at once (`tenure`, `rendezvous`, `doze`): a green thread parks on one carrier and is woken from elsewhere while
//! the watcher takes the hub away. It's run once more, by one carrier, and the hub is run by one.

use crate::doze::Doze;
use crate::lock::Lock;
use crate::rendezvous::{Fired, Rendezvous};
use crate::tenure::Tenure;
use crate::world::{check_within, Alarm, Exclusive};
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;
use std::sync::Arc;

struct World {
    tenure: Tenure,
    doze: Doze,
    alarm: Alarm,
    /// How often the task stands in the run queue.
    ready: Lock<u32>,
    /// What the hub's carrier alone may use.
    inside: Exclusive,
    /// The one green thread: its wait, its stack, and whether it has ended.
    waiter: Rendezvous,
    stack: Exclusive,
    ended: AtomicBool,
}

impl World {
    /// The thread stands in the run queue.
    fn new() -> Arc<Self> {
        Arc::new(World {
            tenure: Tenure::new(),
            doze: Doze::new(),
            alarm: Alarm::new(),
            ready: Lock::new(1),
            inside: Exclusive::new(),
            waiter: Rendezvous::new(),
            stack: Exclusive::new(),
            ended: AtomicBool::new(false),
        })
    }

    /// Hub::push.
    fn push(&self) {
        {
            let mut ready = self.ready.lock();
            assert_eq!(*ready, 0, "it's in the queue already");
            *ready = 1;
        }
        self.ring(self.doze.get_up());
    }

    fn ring(&self, was_asleep: bool) {
        if was_asleep {
            self.alarm.ring();
        }
    }

    /// The thread's code, until it gives up the processor; whether it parks.
    fn resume(&self) -> bool {
        self.stack.touch();
        if self.waiter.fired().is_none() {
            return true;
        }
        assert!(!self.ended.swap(true, Ordering::Relaxed), "it ends once");
        // For whose hub it is now, which would wait for more.
        self.ring(self.doze.rouse());
        false
    }

    /// Carrier::run_hub and run_task, until the thread has ended or the hub is another's.
    fn run_hub(&self) {
        while !self.ended.load(Ordering::Relaxed) {
            self.inside.touch();
            let next = std::mem::take(&mut *self.ready.lock());
            if next == 1 {
                let run = self.tenure.begin();
                let parks = self.resume();
                let kept = self.tenure.end(run);
                // Carrier::settle.
                if parks && !self.waiter.park() {
                    self.push();
                }
                if !kept {
                    return;
                }
            } else {
                self.wait();
            }
        }
    }

    /// Hub::wait.
    fn wait(&self) {
        self.doze.lie_down();
        if *self.ready.lock() == 0 && !self.ended.load(Ordering::Relaxed) {
            self.alarm.wait();
        }
        self.doze.get_up();
    }

    /// Waiter::wake.
    fn wake(&self) {
        if self.waiter.fire(0) == Fired::Parked {
            self.push();
        }
    }

    /// The watcher's look, and what the spare carrier does then.
    fn watch(&self) {
        if self.tenure.run().is_some_and(|run| self.tenure.take(run)) {
            self.run_hub();
        }
    }
}

fn run(preemptions: usize, prods: bool) {
    check_within(preemptions, move || {
        let world = World::new();
        let (one, other) = (world.clone(), world.clone());
        let waker = thread::spawn(move || {
            if prods && one.waiter.prod() {
                one.push();
            }
            one.wake();
        });
        let watcher = thread::spawn(move || other.watch());
        world.run_hub();
        waker.join().unwrap();
        watcher.join().unwrap();
        assert!(world.ended.load(Ordering::Relaxed), "it was woken, so it has ended");
    });
}

#[test]
fn a_park_a_wake_and_a_watcher() {
    run(3, false);
}

#[test]
fn a_park_a_prod_a_wake_and_a_watcher() {
    run(2, true);
}
