//! Timers: a heap of deadlines. Cancelling is lazy (it marks the timer's slot); the heap is compacted when most of
//! it is dead, so a server whose timeouts never fire does not grow.

use super::{Reason, Wake};
use core::cmp::Reverse;
use std::collections::BinaryHeap;

/// Names a timer; a stale one is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimerId {
    slot: u32,
    generation: u32,
}

/// How late timers fired (ns).
#[derive(Default)]
pub struct Lateness {
    pub sum: u64,
    pub most: u64,
}

struct Slot {
    sleeper: Option<*const dyn Wake>,
    generation: u32,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    deadline: u64,
    /// Equal deadlines fire in the order in which they were set.
    order: u64,
    slot: u32,
}

pub struct Timers {
    heap: BinaryHeap<Reverse<Entry>>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    dead: usize,
    set: u64,
}

/// Below this many dead timers compaction isn't worth it.
const FEW: usize = 64;

impl Timers {
    pub const fn new() -> Self {
        Timers { heap: BinaryHeap::new(), slots: Vec::new(), free: Vec::new(), dead: 0, set: 0 }
    }

    pub fn is_empty(&self) -> bool {
        self.heap.is_empty()
    }

    /// How many entries the heap holds, dead ones included.
    pub fn len(&self) -> usize {
        self.heap.len()
    }

    /// Sets a timer. `deadline` is in nanoseconds of the monotonic clock.
    pub fn add(&mut self, deadline: u64, sleeper: *const dyn Wake) -> TimerId {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Slot { sleeper: None, generation: 0 });
            self.slots.len() as u32 - 1
        });
        self.slots[slot as usize].sleeper = Some(sleeper);
        self.set += 1;
        self.heap.push(Reverse(Entry { deadline, order: self.set, slot }));
        TimerId { slot, generation: self.slots[slot as usize].generation }
    }

    /// Cancels a timer: its sleeper is not touched from now on. Nothing happens if it has fired.
    pub fn cancel(&mut self, id: TimerId) {
        let slot = &mut self.slots[id.slot as usize];
        if slot.generation != id.generation || slot.sleeper.take().is_none() {
            return;
        }
        self.dead += 1;
        if self.dead > FEW && self.dead * 2 > self.heap.len() {
            self.compact();
        }
    }

    /// The next deadline, dead timers left out.
    pub fn next_deadline(&mut self) -> Option<u64> {
        while let Some(Reverse(entry)) = self.heap.peek() {
            if self.slots[entry.slot as usize].sleeper.is_some() {
                return Some(entry.deadline);
            }
            self.pop();
        }
        None
    }

    /// Wakes all whose deadline has come; how many, and how late.
    pub fn fire(&mut self, now: u64) -> (u64, Lateness) {
        let (mut fired, mut late) = (0, Lateness::default());
        while let Some(deadline) = self.next_deadline().filter(|&deadline| deadline <= now) {
            if let Some(sleeper) = self.pop() {
                late.sum += now - deadline;
                late.most = late.most.max(now - deadline);
                // SAFETY: a live slot's sleeper is valid: it's cancelled, under the lock that guards us, before
                // the sleeper goes away.
                unsafe { (*sleeper).wake(Reason::Timeout) };
                fired += 1;
            }
        }
        (fired, late)
    }

    /// Takes the top entry out and frees its slot; its sleeper unless it was dead.
    fn pop(&mut self) -> Option<*const dyn Wake> {
        let Reverse(entry) = self.heap.pop()?;
        let sleeper = self.slots[entry.slot as usize].sleeper.take();
        if sleeper.is_none() {
            self.dead -= 1;
        }
        self.release(entry.slot);
        sleeper
    }

    fn release(&mut self, slot: u32) {
        let s = &mut self.slots[slot as usize];
        s.generation = s.generation.wrapping_add(1);
        self.free.push(slot);
    }

    fn compact(&mut self) {
        let entries = core::mem::take(&mut self.heap).into_vec();
        let (live, dead): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|Reverse(e)| self.slots[e.slot as usize].sleeper.is_some());
        dead.into_iter().for_each(|Reverse(e)| self.release(e.slot));
        self.heap = BinaryHeap::from(live);
        self.dead = 0;
    }
}

impl Default for Timers {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::{Hub, RunQueue};
    use core::cell::{Cell, RefCell};

    struct Sleeper<'a> {
        name: u32,
        woken: &'a RefCell<Vec<u32>>,
        done: Cell<bool>,
    }

    impl Wake for Sleeper<'_> {
        fn wake(&self, reason: Reason) -> bool {
            assert_eq!(reason, Reason::Timeout);
            self.woken.borrow_mut().push(self.name);
            !self.done.replace(true)
        }
        fn wake_here(&self, reason: Reason, _: &Hub, _: &mut RunQueue) -> bool {
            self.wake(reason)
        }
        fn wake_on(&self, reason: Reason, _: &Hub) -> bool {
            self.wake(reason)
        }
        fn commit_park(&self) -> bool {
            true
        }
        fn prod(&self) -> bool {
            false
        }
    }

    fn with(n: u32, f: impl FnOnce(&mut Timers, &[Sleeper<'_>], &RefCell<Vec<u32>>)) {
        let woken = RefCell::new(Vec::new());
        let sleepers: Vec<_> = (0..n).map(|name| Sleeper { name, woken: &woken, done: Cell::new(false) }).collect();
        f(&mut Timers::new(), &sleepers, &woken);
    }

    fn add(t: &mut Timers, deadline: u64, s: &Sleeper<'_>) -> TimerId {
        let p: *const (dyn Wake + '_) = s;
        // SAFETY: only the lifetime is erased; the sleepers outlive the timers in each test.
        t.add(deadline, unsafe { core::mem::transmute::<*const (dyn Wake + '_), *const (dyn Wake + 'static)>(p) })
    }

    #[test]
    fn fire_in_order_of_deadline_then_of_setting() {
        with(4, |t, s, woken| {
            for (i, d) in [30, 10, 20, 10].into_iter().enumerate() {
                add(t, d, &s[i]);
            }
            assert_eq!(t.next_deadline(), Some(10));
            let (fired, late) = t.fire(20);
            assert_eq!((fired, late.sum, late.most), (3, 20, 10));
            assert_eq!(*woken.borrow(), [1, 3, 2]);
            assert_eq!(t.fire(29).0, 0);
            assert_eq!(t.fire(30).0, 1);
            assert!(t.is_empty());
        });
    }

    #[test]
    fn cancelled_ones_stay_silent_and_ids_are_not_confused() {
        with(3, |t, s, woken| {
            let a = add(t, 10, &s[0]);
            t.cancel(a);
            assert_eq!(t.next_deadline(), None);
            let b = add(t, 10, &s[1]);
            t.cancel(a); // stale: the slot was reused
            assert_eq!(t.fire(10).0, 1);
            t.cancel(b); // fired already
            add(t, 5, &s[2]);
            assert_eq!(t.fire(10).0, 1);
            assert_eq!(*woken.borrow(), [1, 2]);
        });
    }

    #[test]
    fn the_dead_do_not_pile_up() {
        with(1, |t, s, _| {
            let keep = add(t, 1, &s[0]);
            for i in 0..100_000 {
                let id = add(t, 1_000_000 + i, &s[0]);
                t.cancel(id);
            }
            assert!(t.len() < 300, "{} entries for one timer", t.len());
            assert!(t.slots.len() < 300);
            t.cancel(keep);
            assert_eq!(t.next_deadline(), None);
        });
    }
}
