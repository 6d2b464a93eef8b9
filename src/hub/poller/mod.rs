//! How a hub hears of events on fds: a small trait, so that other kinds (poll, io_uring) are one file each.

mod epoll;

pub use epoll::Epoll;

use super::listeners;
use crate::sys;
use libc::c_int;

/// What a poller reports about one registered fd.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, packed)]
pub struct Event {
    bits: u32,
    pub token: u64,
}

impl Event {
    pub const NONE: Event = Event { bits: 0, token: 0 };

    /// An event for tests and for pollers that have no kernel form of their own.
    pub fn new(token: u64, readable: bool, writable: bool, hangup: bool) -> Self {
        let bit = |on: bool, bit: c_int| if on { bit as u32 } else { 0 };
        let bits = bit(readable, libc::EPOLLIN) | bit(writable, libc::EPOLLOUT) | bit(hangup, libc::EPOLLHUP);
        Event { bits, token }
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
}

/// One hub's source of events. Edge-triggered, both directions: an fd is added once and stays until it's closed.
pub trait Poller {
    /// Adds an fd under a token; reports its present state as the first event. EPERM: it can't be polled (it's
    /// always ready). EEXIST: it's there already.
    fn add(&self, fd: c_int, token: u64) -> sys::Result<()>;
    /// Changes the token of an fd that is there, and reports its present state again.
    fn replace(&self, fd: c_int, token: u64) -> sys::Result<()>;
    /// Takes an fd out; fine if it's gone.
    fn remove(&self, fd: c_int);
    /// Waits up to `timeout_ns` nanoseconds (`u64::MAX`: for ever) for events; how many came, or EINTR.
    fn wait(&self, events: &mut [Event], timeout_ns: u64) -> sys::Result;
    /// Whether `wait` would find something at once. From any thread.
    fn has_events(&self) -> bool;
    /// Closes the poller's own descriptors.
    fn close(&self);
}

/// The numbers of our own descriptors begin here, or this far below a lower limit: above those that programs use (a
/// shell's redirections, the first connections), and below 1,024, where an fd_set ends. (One beyond would enlarge the
/// kernel's table, up to which select(2) reads and writes the program's sets, however short they are.)
const FIRST: c_int = 1024 - 128;

/// Moves a descriptor of ours to where our numbers begin, out of the way of the program's. Keeps it where it is when there's no
/// room.
pub fn keep_away(fd: c_int) -> c_int {
    let (soft, _) = sys::limit(libc::RLIMIT_NOFILE);
    let first = FIRST.min(soft.min(1 << 20) as c_int - 64).max(fd + 1);
    let Ok(kept) = sys::fcntl(fd, libc::F_DUPFD_CLOEXEC, first) else { return fd };
    sys::close(fd);
    kept
}

/// As `keep_away`, and notes it as ours: a program that closes all numbers does not close it.
pub fn keep(fd: c_int) -> sys::Result<c_int> {
    let kept = keep_away(fd);
    listeners::claim(kept);
    Ok(kept)
}

/// Closes a descriptor of ours.
pub fn give_up(fd: c_int) {
    listeners::disclaim(fd);
    sys::close(fd);
}
