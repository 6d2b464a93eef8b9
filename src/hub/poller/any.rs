//! The poller of whatever kind GREEN_HUB names, or of the next best that the kernel allows: io_uring, select → epoll → poll.

use super::{Epoll, Event, Poll, Poller, Select, Uring};
use crate::config::{self, HubKind};
use crate::hub::listeners::Direction;
use crate::report::Errno;
use crate::{sys, tell};
use core::sync::atomic::{AtomicU8, Ordering};
use libc::c_int;

/// An enum, not a trait object: the hub's loop calls it at every turn.
pub enum AnyPoller {
    Epoll(Epoll),
    Poll(Poll),
    Select(Select),
    Uring(Uring),
}

/// What the kernel has refused to be (bits of kinds). It's told once, and not tried again.
static REFUSED: AtomicU8 = AtomicU8::new(0);

fn name(kind: HubKind) -> &'static str {
    match kind {
        HubKind::Epoll => "epoll",
        HubKind::Poll => "poll",
        HubKind::Select => "select",
        HubKind::Uring => "io_uring",
    }
}

impl AnyPoller {
    /// A poller as the settings want it. EMFILE, ENFILE: there are no descriptors left.
    pub fn new() -> sys::Result<AnyPoller> {
        let mut kind = config::get().hub_kind;
        loop {
            let error = if REFUSED.load(Ordering::Relaxed) >> kind as u8 & 1 != 0 {
                None
            } else {
                match Self::of_kind(kind) {
                    Err(e) if !matches!(e, libc::EMFILE | libc::ENFILE) => Some(e),
                    r => return r,
                }
            };
            let next = if kind == HubKind::Epoll { HubKind::Poll } else { HubKind::Epoll };
            if let Some(e) = error {
                REFUSED.fetch_or(1 << kind as u8, Ordering::Relaxed);
                tell!("the kernel refuses {} ({}); hubs take {}", name(kind), Errno(e), name(next));
            }
            kind = next;
        }
    }

    /// One of this kind; what the kernel says if it refuses.
    pub fn of_kind(kind: HubKind) -> sys::Result<AnyPoller> {
        Ok(match kind {
            HubKind::Epoll => AnyPoller::Epoll(Epoll::new()?),
            HubKind::Poll => AnyPoller::Poll(Poll::default()),
            HubKind::Select => AnyPoller::Select(Select::default()),
            HubKind::Uring => AnyPoller::Uring(Uring::new()?),
        })
    }

    /// Its events tell of every edge, and of urgent data and the like, so what can be known without a try is known. (poll and
    /// select tell whom they were asked for; io_uring calls all data urgent.)
    #[inline]
    pub fn tells_all(&self) -> bool {
        matches!(self, AnyPoller::Epoll(_))
    }

    /// What is asked of it reaches the kernel with the carrier's next wait.
    #[inline]
    pub fn defers(&self) -> bool {
        !matches!(self, AnyPoller::Epoll(_))
    }

    /// It keeps files open that it watches: they must be taken out before they're closed.
    pub fn holds_files(&self) -> bool {
        !matches!(self, AnyPoller::Epoll(_))
    }

    /// The alarm has another number; the old one is the same file until this returns.
    pub fn renumber(&self, from: c_int, to: c_int) {
        match self {
            AnyPoller::Epoll(_) => {}
            AnyPoller::Poll(poll) => poll.interest.renumber(from, to),
            AnyPoller::Select(select) => select.interest.renumber(from, to),
            AnyPoller::Uring(ring) => ring.settle_numbers(),
        }
    }

    /// The ring, if it's one.
    #[inline]
    pub fn ring(&self) -> Option<&Uring> {
        match self {
            AnyPoller::Uring(ring) => Some(ring),
            _ => None,
        }
    }
}

/// The same call, of whatever kind it is.
macro_rules! each {
    ($self:ident, $poller:ident => $call:expr) => {
        match $self {
            AnyPoller::Epoll($poller) => $call,
            AnyPoller::Poll($poller) => $call,
            AnyPoller::Select($poller) => $call,
            AnyPoller::Uring($poller) => $call,
        }
    };
}

impl Poller for AnyPoller {
    fn add(&self, fd: c_int, token: u64) -> sys::Result<()> {
        each!(self, p => p.add(fd, token))
    }

    fn replace(&self, fd: c_int, token: u64) -> sys::Result<()> {
        each!(self, p => p.replace(fd, token))
    }

    fn tell_level(&self, fd: c_int, token: u64) -> sys::Result<()> {
        each!(self, p => p.tell_level(fd, token))
    }

    fn want(&self, fd: c_int, token: u64, direction: Direction, events: u32) {
        each!(self, p => p.want(fd, token, direction, events))
    }

    fn remove(&self, fd: c_int, token: u64) -> bool {
        each!(self, p => p.remove(fd, token))
    }

    #[inline]
    fn wait(&self, events: &mut [Event], timeout_ns: u64) -> sys::Result {
        each!(self, p => p.wait(events, timeout_ns))
    }

    fn has_events(&self) -> bool {
        each!(self, p => p.has_events())
    }

    fn close(&self) {
        each!(self, p => p.close())
    }

    fn lose(&self, number: c_int) -> bool {
        each!(self, p => p.lose(number))
    }

    fn make_way(&self, number: c_int) -> sys::Result<bool> {
        each!(self, p => p.make_way(number))
    }

    fn mend(&self, alarm: c_int) -> sys::Result<bool> {
        each!(self, p => p.mend(alarm))
    }
}
