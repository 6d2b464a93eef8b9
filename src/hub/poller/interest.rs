//! What the kinds that only know the present state (poll, select) share: who wants to hear of what.
//!
//! A wish is dropped when it's reported, since the state stays while the reader hasn't come. The carrier waits with a copy of
//! the wishes; who changes them meanwhile ends that wait (`Hub::heed`).

use super::{Event, Poller, ALARM};
use crate::hub::listeners::Direction;
use crate::lock::Lock;
use crate::sys;
use core::cell::UnsafeCell;
use libc::c_int;
use std::collections::BTreeMap;

/// Somebody waits to read, or to write; above poll(2)'s bits.
const READER: u32 = 1 << 16;
const WRITER: u32 = 1 << 17;

pub const READ: u32 = (libc::POLLIN | libc::POLLRDHUP) as u32;
pub const WRITE: u32 = libc::POLLOUT as u32;
const URGENT: u32 = libc::POLLPRI as u32;
/// What poll(2) reports unasked.
const ALWAYS: u32 = (libc::POLLERR | libc::POLLHUP | libc::POLLNVAL) as u32;

#[derive(Clone, Copy)]
struct Wish {
    token: u64,
    bits: u32,
}

pub struct Interest {
    wishes: Lock<BTreeMap<c_int, Wish>>,
}

impl Default for Interest {
    fn default() -> Self {
        Interest { wishes: Lock::new(BTreeMap::new()) }
    }
}

impl Interest {
    /// Wants to hear of everything, once (the alarm: for ever).
    pub fn add(&self, fd: c_int, token: u64) {
        let bits = if token == ALARM { READ | READER } else { READ | WRITE | READER | WRITER };
        let mut wishes = self.wishes.lock();
        if token == ALARM {
            // There's one.
            wishes.retain(|_, wish| wish.token != ALARM);
        }
        wishes.insert(fd, Wish { token, bits });
    }

    /// Adds to what is wanted of an fd.
    pub fn want(&self, fd: c_int, token: u64, direction: Direction, events: u32) {
        let mut wishes = self.wishes.lock();
        let wish = wishes.entry(fd).or_insert(Wish { token, bits: 0 });
        if wish.token != token {
            *wish = Wish { token, bits: 0 };
        }
        let events = events & (READ | WRITE | URGENT);
        wish.bits |= match direction {
            Direction::Read => READER | events & !WRITE,
            Direction::Write => WRITER | events & WRITE,
        };
    }

    /// Forgets an fd; whether it was there.
    pub fn remove(&self, fd: c_int) -> bool {
        self.wishes.lock().remove(&fd).is_some()
    }

    /// Each fd that is watched, with poll(2)'s bits for it, in rising order.
    pub fn each(&self, mut f: impl FnMut(c_int, u32)) {
        for (&fd, wish) in self.wishes.lock().iter() {
            f(fd, wish.bits & 0xffff);
        }
    }

    /// The event for what the kernel said of an fd, if anybody wants it; that much isn't wanted any more.
    pub fn report(&self, fd: c_int, found: u32) -> Option<Event> {
        let mut wishes = self.wishes.lock();
        let wish = wishes.get_mut(&fd)?;
        let token = wish.token;
        // A number that isn't open: who waits finds out by trying.
        let found = if found & libc::POLLNVAL as u32 != 0 { libc::POLLERR as u32 } else { found };
        let told = found & (wish.bits | ALWAYS);
        if told == 0 {
            return None;
        }
        if token != ALARM {
            if told & (READ | URGENT | ALWAYS) != 0 {
                wish.bits &= !(READER | READ | URGENT);
            }
            if told & (WRITE | ALWAYS) != 0 {
                wish.bits &= !(WRITER | WRITE);
            }
            if wish.bits == 0 {
                wishes.remove(&fd);
            }
        }
        Some(Event { bits: told, token })
    }

    /// Another number for an fd that was there.
    pub fn renumber(&self, from: c_int, to: c_int) {
        let mut wishes = self.wishes.lock();
        if let Some(wish) = wishes.remove(&from) {
            wishes.insert(to, wish);
        }
    }
}

/// The wishes as a system call takes them that only knows the present state.
pub trait Question: Default {
    /// Asks, waiting up to `timeout_ns` (as `Poller::wait`), and takes what is reported off the wishes.
    fn ask(&mut self, interest: &Interest, events: &mut [Event], timeout_ns: u64) -> sys::Result;
    /// Whether there's something at once.
    fn finds_something(&mut self, interest: &Interest) -> bool;
}

/// A poller by such a call. It needs no descriptor of its own.
#[derive(Default)]
pub struct Asking<Q> {
    pub(super) interest: Interest,
    /// The carrier's copy of the wishes.
    question: UnsafeCell<Q>,
}

// SAFETY: the question is touched by `wait` only, which the hub's carrier calls; the rest is locked or atomic.
unsafe impl<Q> Sync for Asking<Q> {}

impl<Q: Question> Poller for Asking<Q> {
    fn add(&self, fd: c_int, token: u64) -> sys::Result<()> {
        self.interest.add(fd, token);
        Ok(())
    }

    fn replace(&self, fd: c_int, token: u64) -> sys::Result<()> {
        self.add(fd, token)
    }

    fn want(&self, fd: c_int, token: u64, direction: Direction, events: u32) {
        self.interest.want(fd, token, direction, events);
    }

    fn remove(&self, fd: c_int, _token: u64) -> bool {
        self.interest.remove(fd)
    }

    fn wait(&self, events: &mut [Event], timeout_ns: u64) -> sys::Result {
        // SAFETY: only the hub's carrier is here, and it's here once.
        unsafe { &mut *self.question.get() }.ask(&self.interest, events, timeout_ns)
    }

    fn has_events(&self) -> bool {
        Q::default().finds_something(&self.interest)
    }

    fn close(&self) {}

    fn make_way(&self, _number: c_int) -> sys::Result<bool> {
        Ok(false)
    }

    fn mend(&self, alarm: c_int) -> sys::Result<bool> {
        self.add(alarm, ALARM).map(|()| false)
    }
}
