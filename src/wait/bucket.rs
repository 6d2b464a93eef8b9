//! A bucket of the parking lot: who waits there, in order, and how many, which is what a waker reads first and mostly
//! only. The rule that loses no wake-up (Dekker's; a full barrier between the two steps of each side):
//!
//!   waiter: enter (queue, count), then try once more, then park;
//!   waker:  make the state free, then look whether the bucket is occupied, and if so wake one.
//!
//! Either the waiter's second try sees the free state or the waker's look sees the waiter. The waker's barrier is not
//! here: an unlock that wakes ends in a locked instruction, which is one on x86-64.

use crate::atomic::{constructor, fence, AtomicU32, Ordering};
use crate::list::{Linked, List};
use crate::lock::Lock;
use core::ptr;

/// How many in line are looked at before others get the lock, and for how long they may take it then (spins).
const TURN: usize = 64;
const GAP: usize = 16;

#[repr(align(64))]
pub struct Bucket<T: Linked> {
    /// How many are in the line.
    count: AtomicU32,
    /// How many of its waiters were woken and found the lock taken again by another.
    pub overtaken: AtomicU32,
    line: Lock<List<T>>,
}

impl<T: Linked + 'static> Bucket<T> {
    constructor! {
        /// Nobody waits.
        pub fn new() -> Self {
            Bucket { count: AtomicU32::new(0), overtaken: AtomicU32::new(0), line: Lock::new(List::new()) }
        }
    }

    /// Queues, at the back or at the front. What was freed before, the caller sees if it tries after this; who frees after
    /// that sees the caller.
    ///
    /// # Safety
    /// The node must stay where it is until `leave` has returned.
    pub unsafe fn enter(&self, node: &T, front: bool) {
        let mut line = self.line.lock();
        // SAFETY: by this function's contract.
        unsafe { line.push(node, front) };
        self.count.fetch_add(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// Takes a node out; false if another has done so. After this nobody touches it. It may have been moved to another bucket
    /// meanwhile: None if it isn't in this one any more, which `is_here` tells while the line is locked.
    pub fn leave(&self, node: &T, is_here: impl Fn() -> bool) -> Option<bool> {
        let line = &mut self.line.lock();
        is_here().then(|| self.remove(line, node))
    }

    /// Puts a node in the place of another. None if the other isn't in this bucket, which `is_here` tells while the line is
    /// locked; false if it has been taken out.
    ///
    /// # Safety
    /// As for `enter`.
    pub unsafe fn replace(&self, old: &T, new: &T, is_here: impl Fn() -> bool) -> Option<bool> {
        let line = &mut self.line.lock();
        // SAFETY: by this function's contract.
        is_here().then(|| unsafe { line.replace(old, new) })
    }

    /// Moves up to `most` of those whom it's `meant` for to the back of another bucket, the first in line first; how many.
    /// `note` is called for each while both lines are locked.
    pub fn move_to(&self, to: &Self, most: usize, meant: impl Fn(&T) -> bool, note: impl Fn(&T)) -> usize {
        let (first, second) = if (self as *const Self) <= to { (self, to) } else { (to, self) };
        let mut first_line = first.line.lock();
        let mut second_line = (!core::ptr::eq(first, second)).then(|| second.line.lock());
        let mut moved = 0;
        let (source, target): (*mut List<T>, *mut List<T>) = match &mut second_line {
            None => (&mut *first_line, &mut *first_line),
            Some(second_line) if core::ptr::eq(first, self) => (&mut *first_line, &mut **second_line),
            Some(second_line) => (&mut **second_line, &mut *first_line),
        };
        // SAFETY: both lists are ours while the locks are held; one is borrowed at a time.
        for node in unsafe { (*source).iter() } {
            if moved == most {
                break;
            }
            if meant(node) {
                // SAFETY: as above; the node's owner keeps it in place until it has left.
                unsafe {
                    self.remove(&mut *source, node);
                    note(node);
                    (*target).push(node, false);
                }
                to.count.fetch_add(1, Ordering::SeqCst);
                moved += 1;
            }
        }
        moved
    }

    /// Whether anybody may wait here: one load, after the state was made free.
    #[inline]
    pub fn occupied(&self) -> bool {
        self.count.load(Ordering::SeqCst) != 0
    }

    /// Whether so many wait here that whoever wakes them all should let others in between.
    pub fn is_long(&self) -> bool {
        self.count.load(Ordering::Relaxed) as usize > TURN
    }

    /// Wakes up to `most` of those whom it's `meant` for, the first in line first; how many. `wake` may find that another
    /// wakes that one already; then the next is woken instead.
    #[inline]
    pub fn wake(&self, most: usize, meant: impl Fn(&T) -> bool, wake: impl Fn(&T) -> bool) -> usize {
        let line = &mut self.line.lock();
        let mut woken = 0;
        for node in line.iter() {
            if woken == most {
                break;
            }
            if meant(node) {
                self.remove(line, node);
                // The node is there yet: its owner takes the line's lock, which we hold, in `leave` before it goes.
                woken += usize::from(wake(node));
            }
        }
        woken
    }

    /// As `wake`, for a line that may be long: others, those who were just woken among them, get the lock in between. Who comes
    /// meanwhile isn't woken. `marks` are two nodes of the caller's that nothing is meant for: how far this is, and where it ends. The
    /// caller sees to it that no signal handler jumps out of here.
    pub fn wake_in_turns(
        &self,
        most: usize,
        marks: [&T; 2],
        meant: impl Fn(&T) -> bool,
        wake: impl Fn(&T) -> bool,
    ) -> usize {
        let [here, end] = marks;
        {
            let line = &mut self.line.lock();
            // SAFETY: the marks are taken out before this returns.
            unsafe {
                line.push(here, true);
                line.push(end, false);
            }
        }
        let mut woken = 0;
        loop {
            (0..GAP).for_each(|_| core::hint::spin_loop());
            let line = &mut self.line.lock();
            let mut next = None;
            for (looked_at, node) in line.iter_behind(here).enumerate() {
                if woken == most || ptr::eq(node, end) {
                    break;
                }
                if looked_at == TURN {
                    next = Some(node);
                    break;
                }
                if meant(node) {
                    self.remove(line, node);
                    woken += usize::from(wake(node));
                }
            }
            line.remove(here);
            let Some(next) = next else {
                line.remove(end);
                break;
            };
            // SAFETY: as above.
            unsafe { line.push_before(here, next) };
        }
        woken
    }

    fn remove(&self, line: &mut List<T>, node: &T) -> bool {
        let removed = line.remove(node);
        if removed {
            self.count.fetch_sub(1, Ordering::SeqCst);
        }
        removed
    }

    /// Empties the bucket.
    ///
    /// # Safety
    /// For the child of a fork, where none of the waiters exists: the caller must be the only thread.
    pub unsafe fn clear(&self) {
        // Written only where needed: the lot is large, and its pages are shared with the parent.
        if self.line.is_held() {
            // SAFETY: by this function's contract; the line of the parent's isn't trusted but made anew.
            unsafe { self.line.force_unlock() };
            self.count.store(1, Ordering::Relaxed);
        }
        if self.overtaken.load(Ordering::Relaxed) != 0 {
            self.overtaken.store(0, Ordering::Relaxed);
        }
        if self.count.load(Ordering::Relaxed) != 0 {
            self.count.store(0, Ordering::Relaxed);
            *self.line.lock() = List::new();
        }
    }
}
