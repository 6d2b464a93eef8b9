//! The run queue: first in, first out, linked through the tasks themselves, so that queueing allocates nothing.

use super::Task;
use core::ptr;

/// With fewer in the queue all they need is near, or has just been fetched (`listeners::deliver`).
const MANY: usize = 16;

pub struct RunQueue {
    head: *const Task,
    tail: *const Task,
    len: usize,
}

impl RunQueue {
    pub const fn new() -> Self {
        RunQueue { head: ptr::null(), tail: ptr::null(), len: 0 }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.head.is_null()
    }

    /// Appends a task that is in no queue.
    #[inline]
    pub fn push(&mut self, task: &Task) {
        task.next.set(ptr::null());
        if self.tail.is_null() {
            self.head = task;
        } else {
            // SAFETY: a queued task lives until it is popped.
            unsafe { (*self.tail).next.set(task) };
        }
        self.tail = task;
        self.len += 1;
    }

    /// Puts the first last.
    pub fn rotate(&mut self) {
        if let Some(task) = self.pop() {
            self.push(task);
        }
    }

    /// Appends all of another queue.
    pub fn append(&mut self, other: RunQueue) {
        if other.head.is_null() {
            return;
        }
        if self.tail.is_null() {
            self.head = other.head;
        } else {
            // SAFETY: a queued task lives until it is popped.
            unsafe { (*self.tail).next.set(other.head) };
        }
        self.tail = other.tail;
        self.len += other.len;
    }

    /// Has what the next task is going to touch fetched, and what this looks at of the one after that.
    #[inline]
    fn fetch_next(&self) {
        // SAFETY: a queued task lives until it is popped.
        if let Some(next) = unsafe { self.head.as_ref() } {
            next.prefetch();
            // SAFETY: as above.
            if let Some(later) = unsafe { next.next.get().as_ref() } {
                later.prefetch_self();
            }
        }
    }

    /// Takes the oldest task.
    #[inline]
    pub fn pop(&mut self) -> Option<&'static Task> {
        // SAFETY: a queued task lives until it is popped, and then as long as it has code to run.
        let task = unsafe { self.head.as_ref() }?;
        self.head = task.next.get();
        if self.head.is_null() {
            self.tail = ptr::null();
        }
        self.len -= 1;
        if self.len >= MANY {
            self.fetch_next();
        }
        Some(task)
    }
}

impl Default for RunQueue {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_in_first_out_and_reusable() {
        unsafe fn never(_: &Task) {}
        let tasks: Vec<Task> = (0..4).map(|n| Task::host(n, never)).collect();
        let mut q = RunQueue::new();
        assert!(q.pop().is_none());
        for round in 0..3 {
            tasks.iter().for_each(|t| q.push(t));
            assert_eq!(q.len(), 4);
            for i in 0..4 {
                assert_eq!(q.pop().map(|t| t.thread_pointer), Some(i), "round {round}");
            }
            assert!(q.is_empty() && q.pop().is_none());
        }
    }
}
