//! poll(2), for sandboxes that refuse epoll, and as a plain reference in tests.

use super::interest::{Asking, Interest, Question};
use super::Event;
use crate::sys;
use libc::pollfd;

pub type Poll = Asking<Array>;

/// The wishes as poll(2) takes them.
#[derive(Default)]
pub struct Array(Vec<pollfd>);

impl Array {
    fn copy(&mut self, interest: &Interest) {
        self.0.clear();
        interest.each(|fd, events| self.0.push(pollfd { fd, events: events as i16, revents: 0 }));
    }
}

impl Question for Array {
    fn ask(&mut self, interest: &Interest, events: &mut [Event], timeout_ns: u64) -> sys::Result {
        self.copy(interest);
        let found = sys::poll_for(&mut self.0, timeout_ns)?;
        let mut n = 0;
        for one in self.0.iter().filter(|one| one.revents != 0).take(found) {
            // What has no room is there the next time too.
            if n == events.len() {
                break;
            }
            if let Some(event) = interest.report(one.fd, one.revents as u16 as u32) {
                events[n] = event;
                n += 1;
            }
        }
        Ok(n)
    }

    fn finds_something(&mut self, interest: &Interest) -> bool {
        self.copy(interest);
        sys::poll_for(&mut self.0, 0).is_ok_and(|n| n > 0)
    }
}
