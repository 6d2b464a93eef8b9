//! A hub that goes to sleep (`doze`) while others give it work: it never sleeps on it.

use crate::doze::Doze;
use crate::lock::Lock;
use crate::world::{check, check_within, join, Alarm};
use loom::sync::atomic::{AtomicU32, Ordering};
use loom::thread;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::sync::Arc;

/// What of a hub has to do with sleep.
struct Hub {
    doze: Doze,
    alarm: Alarm,
    /// Ready tasks.
    ready: Lock<u32>,
    /// The next deadline.
    timer: Lock<Option<u32>>,
    /// Signals that came (`signal`).
    signals: AtomicU32,
    /// Sleepers, as `fleet` counts them.
    sleepers: AtomicI32,
}

impl Hub {
    fn new() -> Arc<Self> {
        Arc::new(Hub {
            doze: Doze::new(),
            alarm: Alarm::new(),
            ready: Lock::new(0),
            timer: Lock::new(None),
            signals: AtomicU32::new(0),
            sleepers: AtomicI32::new(0),
        })
    }

    fn is_idle(&self) -> bool {
        *self.ready.lock() == 0
    }

    /// Hub::wait: sleeps only with nothing to do. (A timer that is set ends the sleep in time.)
    fn wait(&self) {
        if self.is_idle() {
            self.sleepers.fetch_add(1, Relaxed);
            self.doze.lie_down();
            if self.is_idle() && self.signals.load(Ordering::SeqCst) == 0 && self.timer.lock().is_none() {
                self.alarm.wait();
            }
            if self.doze.get_up() {
                self.count_awake();
            }
        }
    }

    fn count_awake(&self) {
        // Late, maybe: the hub may have gone to sleep again.
        self.sleepers.fetch_sub(1, Relaxed);
    }

    /// Hub::wake_up.
    fn wake_up(&self) {
        self.ring(self.doze.rouse());
    }

    fn ring(&self, was_asleep: bool) {
        if was_asleep {
            self.count_awake();
            self.alarm.ring();
        }
    }

    /// Hub::push.
    fn push(&self) {
        *self.ready.lock() += 1;
        self.ring(self.doze.get_up());
    }

    /// Hub::add_timer.
    fn add_timer(&self) {
        *self.timer.lock() = Some(1);
        self.ring(self.doze.get_up());
    }

    /// signal::note.
    fn note_signal(&self) {
        self.signals.fetch_or(1, Ordering::SeqCst);
        self.wake_up();
    }

    /// Runs beside others until it has run so many tasks, and fired timers and seen signals likewise.
    fn run_beside<const N: usize>(&self, others: [thread::JoinHandle<()>; N], work: [u32; 3]) {
        self.run(work);
        join(others);
        assert_eq!(self.sleepers.load(Relaxed), 0, "each sleep was ended by one");
    }

    fn run(&self, [mut tasks, mut timers, mut signals]: [u32; 3]) {
        while tasks + timers + signals > 0 {
            tasks -= std::mem::take(&mut *self.ready.lock());
            timers -= u32::from(self.timer.lock().take().is_some());
            if self.signals.load(Ordering::SeqCst) != 0 {
                signals -= self.signals.swap(0, Ordering::SeqCst);
            }
            if tasks + timers + signals > 0 {
                self.wait();
            }
        }
    }

    fn spawn(self: &Arc<Self>, work: impl Fn(&Hub) + 'static) -> thread::JoinHandle<()> {
        let hub = self.clone();
        thread::spawn(move || work(&hub))
    }
}

#[test]
fn no_task_is_slept_on() {
    check_within(3, || {
        let hub = Hub::new();
        let pushers = [hub.spawn(Hub::push), hub.spawn(Hub::push)];
        hub.run_beside(pushers, [2, 0, 0]);
    });
}

#[test]
fn one_pusher_comes_again() {
    check_within(4, || {
        let hub = Hub::new();
        let pusher = hub.spawn(|hub| {
            hub.push();
            hub.push();
        });
        hub.run_beside([pusher], [2, 0, 0]);
    });
}

#[test]
fn a_timer_that_another_sets_ends_the_sleep() {
    check(|| {
        let hub = Hub::new();
        let other = hub.spawn(Hub::add_timer);
        hub.run_beside([other], [0, 1, 0]);
    });
}

#[test]
fn a_signal_ends_the_sleep() {
    check(|| {
        let hub = Hub::new();
        let other = hub.spawn(Hub::note_signal);
        hub.run_beside([other], [0, 0, 1]);
    });
}

#[test]
fn a_task_a_timer_and_a_signal() {
    check_within(2, || {
        let hub = Hub::new();
        let others = [hub.spawn(Hub::push), hub.spawn(Hub::add_timer), hub.spawn(Hub::note_signal)];
        hub.run_beside(others, [1, 1, 1]);
    });
}

/// A waker that looks before it queues.
#[test]
#[should_panic(expected = "deadlock")]
fn waking_before_queueing_is_found() {
    check(|| {
        let hub = Hub::new();
        let pusher = hub.spawn(|hub| {
            hub.wake_up();
            *hub.ready.lock() += 1;
        });
        hub.run_beside([pusher], [1, 0, 0]);
    });
}

/// Without the fence a waker may see the flag as it was before its own step, unless a lock is between, as the queue has.
#[test]
#[should_panic(expected = "deadlock")]
fn waking_without_a_fence_is_found() {
    check(|| {
        let hub = Hub::new();
        let other = hub.spawn(|hub| {
            hub.signals.fetch_or(1, Ordering::SeqCst);
            hub.ring(hub.doze.get_up());
        });
        hub.run_beside([other], [0, 0, 1]);
    });
}
