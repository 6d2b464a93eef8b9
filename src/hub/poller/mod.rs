//! How a hub hears of events on fds: a small trait, and one file for each kind (GREEN_HUB).
//!
//! epoll and io_uring tell of edges. poll and select know only the present state, so with them an fd is watched while
//! somebody waits for it: each wish (`want`) is good for one event.

mod any;
mod epoll;
mod interest;
mod own;
mod poll;
mod select;
#[cfg(test)]
mod tests;
pub mod uring;

pub use any::AnyPoller;
pub use epoll::Epoll;
pub use own::{highest, keep_away, Own};
pub use poll::Poll;
pub use select::Select;
pub use uring::Uring;

use super::listeners::Direction;
use crate::sys;
use libc::c_int;

/// What a poller reports about one registered fd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, packed)]
pub struct Event {
    bits: u32,
    pub token: u64,
}

/// The poller's token for the hub's own alarm; no fd has it. What has this token is watched for good.
pub const ALARM: u64 = u64::MAX;

/// The registration is over; none of epoll's bits.
const ENDED: u32 = 1 << 26;

impl Event {
    pub const NONE: Event = Event { bits: 0, token: 0 };

    /// An event for tests and for pollers that have no kernel form of their own.
    pub fn new(token: u64, readable: bool, writable: bool, hangup: bool) -> Self {
        let bit = |on: bool, bit: c_int| if on { bit as u32 } else { 0 };
        let bits = bit(readable, libc::EPOLLIN) | bit(writable, libc::EPOLLOUT) | bit(hangup, libc::EPOLLHUP);
        Event { bits, token }
    }

    /// What poll(2) answered of an fd. (Its bits are epoll's.)
    pub fn polled(token: u64, events: i16) -> Self {
        Event { bits: u32::from(events as u16), token }
    }

    fn any(self, bits: c_int) -> bool {
        self.bits & bits as u32 != 0
    }

    /// A read may now do something, be it only fail.
    pub fn readable(self) -> bool {
        self.any(libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR)
    }

    /// A write may now do something, be it only fail.
    pub fn writable(self) -> bool {
        self.any(libc::EPOLLOUT | libc::EPOLLHUP | libc::EPOLLERR)
    }

    /// There's more to learn than the data: its end, an error, urgent data. From now on a short read proves
    /// nothing about what comes next.
    pub fn final_or_urgent(self) -> bool {
        self.any(libc::EPOLLPRI | libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR)
    }

    /// No more events come for the fd, unless it's added again.
    pub fn ended(self) -> bool {
        self.any(ENDED as c_int)
    }
}

/// One hub's source of events, for both directions: an fd is added once and stays until it's closed.
pub trait Poller {
    /// Adds an fd under a token; its present state is the first event. EPERM: it can't be polled (it's
    /// always ready). EEXIST: it's there already.
    fn add(&self, fd: c_int, token: u64) -> sys::Result<()>;
    /// Changes the token of an fd that is there, which is told by edges from now on, and reports its present state again.
    fn replace(&self, fd: c_int, token: u64) -> sys::Result<()>;
    /// From now on tells of data while it's there, instead of edges, until `replace`; the present state is told anew. An error:
    /// it can't.
    fn tell_level(&self, _fd: c_int, _token: u64) -> sys::Result<()> {
        Err(libc::ENOSYS)
    }
    /// Somebody waits for one of these events (poll(2)'s bits; 0: for errors and hang-ups) in a direction, from now on until
    /// one has come. Nothing to do for kinds that tell of edges.
    fn want(&self, _fd: c_int, _token: u64, _direction: Direction, _events: u32) {}
    /// Takes an fd out; fine if it's gone. Whether a `wait` that is under way may hold the file until it ends.
    fn remove(&self, fd: c_int, token: u64) -> bool;
    /// Waits up to `timeout_ns` nanoseconds (`u64::MAX`: for ever) for events; how many came, or EINTR. EBADF, EINVAL,
    /// EOPNOTSUPP: the poller's own descriptor is gone.
    fn wait(&self, events: &mut [Event], timeout_ns: u64) -> sys::Result;
    /// Whether `wait` would find something at once. From any thread.
    fn has_events(&self) -> bool;
    /// Closes the poller's own descriptors.
    fn close(&self);
    /// If this was the number of the poller's own descriptor, it was closed and is somebody else's. Whether it was.
    fn lose(&self, _number: c_int) -> bool {
        false
    }
    /// If the program wants this number and it's ours: takes another. Whether it was ours. EMFILE: there's none.
    fn make_way(&self, number: c_int) -> sys::Result<bool>;
    /// Makes the poller's descriptor again if it's gone (`alarm` is there, and is added if it wasn't). Whether it was: then
    /// nothing but the alarm is registered.
    fn mend(&self, alarm: c_int) -> sys::Result<bool>;
}

/// Whether a wait failed since the poller's own descriptor is gone.
pub fn is_lost(errno: c_int) -> bool {
    matches!(errno, libc::EBADF | libc::EINVAL | libc::EOPNOTSUPP | libc::EBADFD)
}
