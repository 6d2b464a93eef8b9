//! poll(2), for sandboxes that refuse epoll, and as a plain reference in tests. It needs no descriptor of its own.

use super::interest::Interest;
use super::{Event, Poller, ALARM};
use crate::hub::listeners::Direction;
use crate::sys;
use core::cell::UnsafeCell;
use libc::{c_int, pollfd};

pub struct Poll {
    pub(super) interest: Interest,
    /// The carrier's copy of the wishes.
    copy: UnsafeCell<Vec<pollfd>>,
}

// SAFETY: the copy is touched by `wait` only, which the hub's carrier calls; the rest is locked or atomic.
unsafe impl Sync for Poll {}

impl Default for Poll {
    fn default() -> Self {
        Poll { interest: Interest::new(), copy: UnsafeCell::new(Vec::new()) }
    }
}

impl Poll {
    fn copy_to(&self, copy: &mut Vec<pollfd>) {
        copy.clear();
        self.interest.each(|fd, events| copy.push(pollfd { fd, events: events as i16, revents: 0 }));
    }
}

impl Poller for Poll {
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
        let copy = unsafe { &mut *self.copy.get() };
        self.copy_to(copy);
        let found = sys::poll_for(copy, timeout_ns)?;
        let mut n = 0;
        for one in copy.iter().filter(|one| one.revents != 0).take(found) {
            // What has no room is there the next time too.
            if n == events.len() {
                break;
            }
            if let Some(event) = self.interest.report(one.fd, one.revents as u16 as u32) {
                events[n] = event;
                n += 1;
            }
        }
        Ok(n)
    }

    fn has_events(&self) -> bool {
        let mut copy = Vec::new();
        self.copy_to(&mut copy);
        sys::poll_for(&mut copy, 0).is_ok_and(|n| n > 0)
    }

    fn close(&self) {}

    fn make_way(&self, _number: c_int) -> sys::Result<bool> {
        Ok(false)
    }

    fn mend(&self, alarm: c_int) -> sys::Result<bool> {
        self.add(alarm, ALARM).map(|()| false)
    }
}
