//! Whose a hub is (`tenure`): its carrier and those who may take it from that compete, and it has one owner.

use crate::tenure::Tenure;
use crate::world::{check, check_within, join, Exclusive};
use loom::thread;
use std::sync::Arc;

/// A hub: its run queue's end, its timers and so on are its owner's alone.
struct Hub {
    tenure: Tenure,
    inside: Exclusive,
}

impl Hub {
    fn new() -> Arc<Self> {
        Arc::new(Hub { tenure: Tenure::new(), inside: Exclusive::new() })
    }

    /// The loop of its owner: so many runs of a thread, or fewer if it loses the hub. Whether it's still the owner.
    fn run(&self, times: u32) -> bool {
        (0..times).all(|_| {
            self.inside.touch();
            let run = self.tenure.begin();
            self.tenure.end(run)
        }) && self.inside.touch() > 0
    }

    /// A watcher's look: takes the hub if its carrier is in a run, and goes on with it in the carrier's place.
    fn watch(&self) -> bool {
        self.tenure.run().is_some_and(|run| self.tenure.take(run)) && self.run(1)
    }
}

#[test]
fn a_stale_number_takes_nothing() {
    check(|| {
        let tenure = Tenure::new();
        assert_eq!(tenure.run(), None);
        let first = tenure.begin();
        assert_eq!(tenure.run(), Some(first));
        assert!(tenure.end(first) && !tenure.take(first));
        let second = tenure.begin();
        assert!(!tenure.take(first));
        assert!(tenure.take(second) && !tenure.end(second));
        assert_eq!(tenure.run(), None);
    });
}

#[test]
fn the_carrier_and_a_watcher() {
    check(|| {
        let hub = Hub::new();
        let other = hub.clone();
        let watcher = thread::spawn(move || other.watch());
        let kept = hub.run(1);
        assert!(kept != watcher.join().unwrap());
    });
}

#[test]
fn consecutive_runs_and_a_watcher_that_is_late() {
    check(|| {
        let hub = Hub::new();
        let other = hub.clone();
        let watcher = thread::spawn(move || other.watch());
        let kept = hub.run(3);
        assert!(kept != watcher.join().unwrap());
    });
}

#[test]
fn two_who_take_it() {
    check_within(3, || {
        let hub = Hub::new();
        let watchers = [hub.clone(), hub.clone()].map(|hub| thread::spawn(move || hub.watch()));
        let kept = hub.run(2);
        // A watcher may take it from the other's run, too.
        let taken = join(watchers);
        assert_eq!([kept, taken[0], taken[1]].iter().filter(|&&owns| owns).count(), 1);
    });
}

#[test]
fn a_thread_that_lends_its_hub_and_a_watcher() {
    check(|| {
        let hub = Hub::new();
        let (spare, other) = (hub.clone(), hub.clone());
        let watcher = thread::spawn(move || other.watch());
        hub.inside.touch();
        let run = hub.tenure.begin();
        // Carrier::lend, from within the run: the hub goes to a spare carrier.
        let lent = hub.tenure.take(run).then(|| thread::spawn(move || spare.run(1)));
        assert!(!hub.tenure.end(run), "it's lent, or the watcher was first");
        let taken = watcher.join().unwrap();
        assert!(taken != lent.is_some_and(|spare| spare.join().unwrap()));
    });
}

/// A carrier that goes on with the hub without asking.
#[test]
#[should_panic(expected = "Causality violation")]
fn a_carrier_that_does_not_ask_is_found() {
    check(|| {
        let hub = Hub::new();
        let other = hub.clone();
        let watcher = thread::spawn(move || other.watch());
        hub.tenure.begin();
        hub.inside.touch();
        watcher.join().unwrap();
    });
}
