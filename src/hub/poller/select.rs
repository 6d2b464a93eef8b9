//! select(2), as a plain reference in tests. The kernel takes sets of any length; ours end with the highest fd.

use super::interest::{Asking, Interest, Question, READ, WRITE};
use super::Event;
use crate::sys;
use libc::c_int;

pub type Select = Asking<Sets>;

const URGENT: u32 = libc::POLLPRI as u32;

/// select(2) can't watch an fd for errors and hang-ups only: those are looked at so often (ns).
const LOOK: u64 = 5_000_000;

/// The wishes as select(2) takes them.
#[derive(Default)]
pub struct Sets {
    read: Vec<u64>,
    write: Vec<u64>,
    except: Vec<u64>,
    /// Of which only errors and hang-ups matter.
    mute: Vec<c_int>,
    /// All fds, in rising order.
    all: Vec<c_int>,
}

impl Sets {
    fn copy(&mut self, interest: &Interest) {
        for set in [&mut self.read, &mut self.write, &mut self.except] {
            set.clear();
        }
        self.mute.clear();
        self.all.clear();
        interest.each(|fd, bits| {
            let (word, bit) = (fd as usize / 64, 1u64 << (fd % 64));
            for set in [&mut self.read, &mut self.write, &mut self.except] {
                set.resize(word + 1, 0);
            }
            let mut asked = false;
            for (set, mask) in [(&mut self.read, READ), (&mut self.write, WRITE), (&mut self.except, URGENT)] {
                if bits & mask != 0 {
                    set[word] |= bit;
                    asked = true;
                }
            }
            if !asked || bits & READ == 0 {
                self.mute.push(fd);
            }
            self.all.push(fd);
        });
    }

    fn select(&mut self, timeout_ns: u64) -> sys::Result {
        let n = self.all.last().map_or(0, |&fd| fd as usize + 1);
        sys::select_for(n, [&mut self.read, &mut self.write, &mut self.except], timeout_ns)
    }

    /// What was found of an fd, as poll(2)'s bits.
    fn found(&self, fd: c_int) -> u32 {
        let has = |set: &[u64]| set[fd as usize / 64] >> (fd % 64) & 1 != 0;
        [(&self.read, libc::POLLIN as u32), (&self.write, WRITE), (&self.except, URGENT)]
            .iter()
            .fold(0, |all, (set, bit)| if has(set) { all | bit } else { all })
    }

    fn clear(&mut self) {
        for set in [&mut self.read, &mut self.write, &mut self.except] {
            set.fill(0);
        }
    }
}

/// Errors and hang-ups, and a number that isn't open.
fn trouble(fd: c_int) -> u32 {
    sys::poll_now(fd, 0) as u16 as u32
}

impl Question for Sets {
    fn ask(&mut self, interest: &Interest, events: &mut [Event], timeout_ns: u64) -> sys::Result {
        self.copy(interest);
        let timeout = match self.mute.iter().any(|&fd| trouble(fd) != 0) {
            true => 0,
            false if self.mute.is_empty() => timeout_ns,
            false => timeout_ns.min(LOOK),
        };
        let selected = self.select(timeout);
        match selected {
            Ok(_) => {}
            // One of them isn't open, and the sets are as they were.
            Err(libc::EBADF) => self.clear(),
            Err(e) => return Err(e),
        }
        let mut n = 0;
        for &fd in &self.all {
            let mut found = self.found(fd);
            if selected.is_err() || self.mute.binary_search(&fd).is_ok() {
                found |= trouble(fd);
            }
            if found & READ != 0 {
                // The end is to be told from data.
                found |= sys::poll_now(fd, libc::POLLRDHUP) as u16 as u32;
            }
            if found != 0 && n < events.len() {
                if let Some(event) = interest.report(fd, found) {
                    events[n] = event;
                    n += 1;
                }
            }
        }
        Ok(n)
    }

    fn finds_something(&mut self, interest: &Interest) -> bool {
        self.copy(interest);
        self.mute.iter().any(|&fd| trouble(fd) != 0) || self.select(0) != Ok(0)
    }
}
