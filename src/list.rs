//! A FIFO of nodes that lie on their owners' stacks, linked through them: queueing allocates nothing, and a node in the
//! middle can leave. What holds the list (an fd's entry, a bucket of the parking lot) has a lock around it.

use core::cell::Cell;
use core::ptr;

/// What a node carries.
pub struct Links<T> {
    next: Cell<*const T>,
    previous: Cell<*const T>,
    queued: Cell<bool>,
}

impl<T> Links<T> {
    pub const fn new() -> Self {
        Links { next: Cell::new(ptr::null()), previous: Cell::new(ptr::null()), queued: Cell::new(false) }
    }
}

impl<T> Default for Links<T> {
    fn default() -> Self {
        Self::new()
    }
}

pub trait Linked: Sized {
    fn links(&self) -> &Links<Self>;
}

/// All bits zero is the empty list.
pub struct List<T: Linked> {
    head: *const T,
    tail: *const T,
}

impl<T: Linked> List<T> {
    pub const fn new() -> Self {
        List { head: ptr::null(), tail: ptr::null() }
    }

    /// Queues a node that is in no list: at the back, or at the front for one that was first before.
    ///
    /// # Safety
    /// The node must stay where it is until it's removed.
    pub unsafe fn push(&mut self, node: &T, front: bool) {
        let (next, previous) = if front { (self.head, ptr::null()) } else { (ptr::null(), self.tail) };
        let links = node.links();
        links.queued.set(true);
        links.next.set(next);
        links.previous.set(previous);
        self.join(next, previous, node, node);
    }

    /// Queues a node that is in no list before one that is in this one.
    ///
    /// # Safety
    /// As for `push`.
    pub unsafe fn push_before(&mut self, node: &T, next: &T) {
        let (links, previous) = (node.links(), next.links().previous.get());
        links.queued.set(true);
        links.next.set(next);
        links.previous.set(previous);
        self.join(next, previous, node, node);
    }

    /// Puts a node, which is in no list, in the place of another; false if that isn't in (any more).
    ///
    /// # Safety
    /// As for `push`.
    pub unsafe fn replace(&mut self, old: &T, new: &T) -> bool {
        let links = old.links();
        if !links.queued.replace(false) {
            return false;
        }
        let (next, previous) = (links.next.get(), links.previous.get());
        new.links().queued.set(true);
        new.links().next.set(next);
        new.links().previous.set(previous);
        self.join(next, previous, new, new);
        true
    }

    /// Takes a node out; false if it isn't in (any more).
    pub fn remove(&mut self, node: &T) -> bool {
        let links = node.links();
        if !links.queued.replace(false) {
            return false;
        }
        self.join(links.next.get(), links.previous.get(), links.previous.get(), links.next.get());
        true
    }

    /// Makes `before` what stands before `next`, and `after` what stands after `previous`.
    fn join(&mut self, next: *const T, previous: *const T, before: *const T, after: *const T) {
        // SAFETY: queued nodes are alive (`push`'s contract).
        match unsafe { next.as_ref() } {
            Some(next) => next.links().previous.set(before),
            None => self.tail = before,
        }
        // SAFETY: as above.
        match unsafe { previous.as_ref() } {
            Some(previous) => previous.links().next.set(after),
            None => self.head = after,
        }
    }

    /// The nodes in order. A node that was handed out may be removed before the next is asked for.
    pub fn iter(&self) -> Iter<T> {
        Iter(self.head)
    }

    /// As `iter`, those behind a node that is in the list.
    pub fn iter_behind(&self, node: &T) -> Iter<T> {
        Iter(node.links().next.get())
    }
}

impl<T: Linked> Default for List<T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Knows the next node before the present one is looked at, so that one may go.
pub struct Iter<T>(*const T);

impl<T: Linked + 'static> Iterator for Iter<T> {
    type Item = &'static T;
    fn next(&mut self) -> Option<&'static T> {
        // SAFETY: queued nodes are alive; the caller holds the list's lock while it iterates.
        let node = unsafe { self.0.as_ref() }?;
        self.0 = node.links().next.get();
        Some(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Node(u32, Links<Node>);
    impl Linked for Node {
        fn links(&self) -> &Links<Node> {
            &self.1
        }
    }

    fn names(list: &List<Node>) -> Vec<u32> {
        list.iter().map(|n| n.0).collect()
    }

    #[test]
    fn nodes_come_and_go_at_either_end_and_in_the_middle() {
        let nodes: Vec<Node> = (0..5).map(|i| Node(i, Links::new())).collect();
        let mut list = List::new();
        // SAFETY: the nodes outlive the list.
        nodes.iter().for_each(|n| unsafe { list.push(n, n.0 == 4) });
        assert_eq!(names(&list), [4, 0, 1, 2, 3]);
        assert!(list.remove(&nodes[1]) && !list.remove(&nodes[1]));
        assert!(list.remove(&nodes[4]) && list.remove(&nodes[3]));
        assert_eq!(names(&list), [0, 2]);
        for n in list.iter() {
            list.remove(n);
        }
        assert!(names(&list).is_empty());
        // SAFETY: as above.
        unsafe { list.push(&nodes[3], false) };
        assert_eq!(names(&list), [3]);
        // SAFETY: as above.
        unsafe {
            list.push_before(&nodes[1], &nodes[3]);
            list.push_before(&nodes[2], &nodes[3]);
        }
        assert_eq!(names(&list), [1, 2, 3]);
        assert_eq!(list.iter_behind(&nodes[1]).map(|n| n.0).collect::<Vec<_>>(), [2, 3]);
    }
}
