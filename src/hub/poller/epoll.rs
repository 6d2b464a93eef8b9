//! The default poller: epoll(7), edge-triggered.

use super::{Event, Own, Poller, ALARM};
use crate::sys;
use libc::{c_int, epoll_event};

pub struct Epoll {
    fd: Own,
}

/// The alarm can always be written, and need not tell.
const RINGS: u32 = (libc::EPOLLIN | libc::EPOLLET) as u32;

const EDGES: u32 = (libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLPRI | libc::EPOLLET) as u32;

/// Data, its end, and what changes the meaning of a read.
const LEVEL: u32 = (libc::EPOLLIN | libc::EPOLLRDHUP | libc::EPOLLPRI) as u32;

impl Epoll {
    /// A new epoll instance. EMFILE, ENFILE, ENOMEM, or what a sandbox answers.
    pub fn new() -> sys::Result<Self> {
        Ok(Epoll { fd: Own::keep(sys::epoll_create()?) })
    }
}

#[cfg(test)]
impl Epoll {
    /// Its descriptor's number.
    pub fn number(&self) -> c_int {
        self.fd.number()
    }
}

impl Poller for Epoll {
    fn add(&self, fd: c_int, token: u64) -> sys::Result<()> {
        let events = if token == ALARM { RINGS } else { EDGES };
        sys::epoll_ctl(self.fd.number(), libc::EPOLL_CTL_ADD, fd, events, token).map(drop)
    }

    fn replace(&self, fd: c_int, token: u64) -> sys::Result<()> {
        sys::epoll_ctl(self.fd.number(), libc::EPOLL_CTL_MOD, fd, EDGES, token).map(drop)
    }

    fn tell_level(&self, fd: c_int, token: u64) -> sys::Result<()> {
        sys::epoll_ctl(self.fd.number(), libc::EPOLL_CTL_MOD, fd, LEVEL, token).map(drop)
    }

    fn remove(&self, fd: c_int, _token: u64) -> bool {
        let _ = sys::epoll_ctl(self.fd.number(), libc::EPOLL_CTL_DEL, fd, 0, 0);
        false
    }

    fn wait(&self, events: &mut [Event], timeout_ns: u64) -> sys::Result {
        const _: () = assert!(size_of::<Event>() == size_of::<epoll_event>());
        // SAFETY: Event has epoll_event's layout (packed u32 and u64), so the kernel may fill it in place.
        let raw = unsafe { core::slice::from_raw_parts_mut(events.as_mut_ptr() as *mut epoll_event, events.len()) };
        sys::epoll_wait(self.fd.number(), raw, timeout_ns)
    }

    fn has_events(&self) -> bool {
        // An epoll instance can itself be polled.
        sys::poll_now(self.fd.number(), libc::POLLIN) != 0
    }

    fn close(&self) {
        self.fd.close();
    }

    fn lose(&self, number: c_int) -> bool {
        self.fd.lose(number)
    }

    fn make_way(&self, number: c_int) -> sys::Result<bool> {
        // What is registered belongs to the instance, not to its number.
        self.fd.make_way(number)
    }

    fn mend(&self, alarm: c_int) -> sys::Result<bool> {
        // The alarm is there, so it's the instance that refuses, or has it already.
        if matches!(self.add(alarm, ALARM), Ok(()) | Err(libc::EEXIST)) {
            return Ok(false);
        }
        self.fd.replace(sys::epoll_create)?;
        self.add(alarm, ALARM)?;
        Ok(true)
    }
}
