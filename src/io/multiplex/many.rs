//! poll of many descriptors, again and again: the kernel's poll(2) looks at each of them each time. Here an array that comes
//! for the second time gets an epoll set of its own, which is kept: from then on a call costs what has changed in the array and
//! what has happened, and a glance at each entry.
//!
//! What epoll can't take as poll does (a number twice, a regular file, one that isn't open) is left to the plain way.

use super::{look_once, watch, Until, Watch};
use crate::hub::listeners;
use crate::hub::poller::Own;
use crate::hub::Task;
use crate::inspect::table::Polled;
use crate::lock::Lock;
use crate::sys;
use libc::{c_int, epoll_event, pollfd};

/// From so many entries on.
pub const MANY: usize = 64;

/// How many sets are kept (each is a descriptor of ours), and how many arrays remembered.
const KEPT: usize = 8;

/// One entry of the array, as the set has it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Wanted {
    fd: c_int,
    events: i16,
    /// Which life of the number.
    life: u32,
}

impl Wanted {
    fn of(p: &pollfd) -> Wanted {
        Wanted { fd: p.fd, events: p.events, life: listeners::life(p.fd).unwrap_or(0) }
    }

    /// Whether the set still has it: closing a number takes it out.
    fn is_in(self) -> bool {
        self.fd >= 0 && listeners::life(self.fd) == Some(self.life)
    }
}

/// An array's epoll set.
struct Set {
    array: usize,
    wanted: Vec<Wanted>,
    /// Which registration each entry has: the same number may come and go, and what it was live on elsewhere.
    serials: Vec<u32>,
    last_serial: u32,
    /// How much may change at once.
    credit: usize,
    /// What the last look has found.
    events: Vec<epoll_event>,
    found: usize,
    epoll: Own,
    /// For the wait on it.
    own: [pollfd; 1],
    /// It has what it shouldn't: a description that lives on under another number.
    is_stale: bool,
}

/// Whether a set is what its array is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    Now,
    /// Too much has changed for this time.
    Later,
    /// Epoll can't.
    Never,
}

/// An array that was seen.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Seen {
    array: usize,
    len: usize,
    /// It can't have a set.
    refused: bool,
}

struct Sets {
    kept: Vec<Set>,
    seen: [Seen; KEPT],
    turn: usize,
}

static SETS: Lock<Sets> =
    Lock::new(Sets { kept: Vec::new(), seen: [Seen { array: 0, len: 0, refused: false }; KEPT], turn: 0 });

impl Sets {
    /// The array's set; None: it has none (yet).
    fn take(&mut self, array: usize, len: usize) -> Option<Set> {
        if let Some(i) = self.kept.iter().position(|s| s.array == array && s.wanted.len() == len) {
            return Some(self.kept.swap_remove(i));
        }
        match self.seen.iter().find(|s| s.array == array && s.len == len) {
            Some(seen) if seen.refused => None,
            Some(_) => Set::new(array, len).or_else(|| {
                self.note(Seen { array, len, refused: true });
                None
            }),
            None => {
                self.note(Seen { array, len, refused: false });
                None
            }
        }
    }

    fn note(&mut self, seen: Seen) {
        let there = self.seen.iter().position(|s| s.array == seen.array && s.len == seen.len);
        let place = there.unwrap_or_else(|| {
            self.turn += 1;
            self.turn % KEPT
        });
        self.seen[place] = seen;
    }

    /// Keeps a set; gives back one that has to go for it.
    fn keep(&mut self, set: Set) -> Option<Set> {
        let old = (self.kept.len() == KEPT).then(|| self.kept.remove(0));
        self.kept.push(set);
        old
    }
}

impl Set {
    fn new(array: usize, len: usize) -> Option<Set> {
        if len as u64 > sys::limit(libc::RLIMIT_NOFILE).0 {
            return None;
        }
        let epoll = Own::keep(sys::epoll_create().ok()?);
        Some(Set {
            array,
            wanted: vec![Wanted { fd: -1, events: 0, life: 0 }; len],
            serials: vec![0; len],
            last_serial: 0,
            credit: 0,
            events: vec![epoll_event { events: 0, u64: 0 }; len],
            found: 0,
            own: [pollfd { fd: epoll.number(), events: libc::POLLIN, revents: 0 }],
            epoll,
            is_stale: false,
        })
    }

    fn close(self) {
        if self.is_there() {
            listeners::disclaim(self.epoll.number());
            listeners::forget(self.epoll.number());
            sys::close(self.epoll.number());
        }
    }

    /// Whether its number is still its own: the program may have put something else there.
    fn is_there(&self) -> bool {
        listeners::is_ours(self.epoll.number())
    }

    /// Makes it what the array is now.
    fn follow(&mut self, fds: &[pollfd]) -> Follows {
        let differs = |(wanted, p): (&Wanted, &pollfd)| *wanted != Wanted::of(p);
        let Some(first) = self.wanted.iter().zip(fds).position(differs) else { return Follows::Now };
        // Once in a while much may change; not each time.
        self.credit += fds.len() / 8;
        let changes = self.wanted.iter().zip(fds).skip(first).filter(|&pair| differs(pair)).count();
        if self.last_serial != 0 && changes > self.credit.max(fds.len() / 4) {
            return Follows::Later;
        }
        self.credit = 0;
        // All that go before any that come: an entry may have moved.
        for (old, p) in self.wanted.iter().zip(fds).skip(first) {
            if *old != Wanted::of(p) && old.is_in() {
                let _ = sys::epoll_ctl(self.epoll.number(), libc::EPOLL_CTL_DEL, old.fd, 0, 0);
            }
        }
        for (i, p) in fds.iter().enumerate().skip(first) {
            let new = Wanted::of(p);
            if self.wanted[i] != new {
                self.wanted[i] = new;
                self.last_serial = self.last_serial.wrapping_add(1).max(1);
                self.serials[i] = self.last_serial;
                if new.fd >= 0 {
                    let token = u64::from(self.last_serial) << 32 | i as u64;
                    let events = new.events as u16 as u32;
                    if sys::epoll_ctl(self.epoll.number(), libc::EPOLL_CTL_ADD, new.fd, events, token).is_err() {
                        return Follows::Never;
                    }
                }
            }
        }
        Follows::Now
    }
}

/// The set at work.
struct AtWork {
    set: Set,
    given: *mut pollfd,
}

impl Watch for AtWork {
    fn wanted(&self) -> &[pollfd] {
        &self.set.own
    }

    fn asked(&self) -> Polled {
        Polled { at: self.given as u64, count: self.set.wanted.len() as u64 }
    }

    fn look(&mut self) -> c_int {
        let set = &mut self.set;
        set.found = 0;
        // A number that's gone, or somebody else's by now, tells nothing.
        if set.is_there() {
            set.found = sys::epoll_wait(set.epoll.number(), &mut set.events, 0).unwrap_or(0);
        } else {
            set.is_stale = true;
        }
        let all = set.found;
        let mut kept = 0;
        for i in 0..all {
            let event = set.events[i];
            // Else it's of a description that lives on under another number.
            if set.serials[event.u64 as u32 as usize] == (event.u64 >> 32) as u32 {
                set.events[kept] = event;
                kept += 1;
            }
        }
        set.is_stale |= kept < all;
        set.found = kept;
        kept as c_int
    }

    fn tell(&mut self, _: c_int) {
        for i in 0..self.set.wanted.len() {
            // SAFETY: the caller's array.
            unsafe { (*self.given.add(i)).revents = 0 };
        }
        for event in &self.set.events[..self.set.found] {
            // SAFETY: as above; the set's entries are the array's.
            unsafe { (*self.given.add(event.u64 as u32 as usize)).revents = event.events as u16 as i16 };
        }
    }
}

fn put_away(set: Set) {
    if set.is_stale {
        set.close();
    } else {
        let old = SETS.lock().keep(set);
        old.into_iter().for_each(Set::close);
    }
}

/// poll(2) of many; None when it has to go the plain way.
///
/// # Safety
/// The array is the caller's, as for poll(2), and was read by the kernel before.
pub unsafe fn poll(me: &'static Task, until: Until, fds: *mut pollfd, n: usize) -> Option<c_int> {
    let mut set = SETS.lock().take(fds as usize, n)?;
    // SAFETY: by this function's contract.
    let array = unsafe { core::slice::from_raw_parts(fds, n) };
    let follows = if set.is_there() { set.follow(array) } else { Follows::Never };
    if follows != Follows::Now {
        set.is_stale = follows == Follows::Never;
        if set.is_stale {
            SETS.lock().note(Seen { array: fds as usize, len: n, refused: true });
        }
        put_away(set);
        return None;
    }
    let mut at_work = AtWork { set, given: fds };
    if let Some(found) = look_once(me, &mut at_work) {
        put_away(at_work.set);
        return Some(found);
    }
    Some(watch(me, until, at_work, false, |at_work| put_away(at_work.set)))
}

/// In the child of a fork: the sets are the parent's.
pub fn after_fork() {
    let was_held = SETS.is_held();
    // SAFETY: the child has one thread. What another was doing with the list isn't read.
    unsafe { SETS.force_unlock() };
    let kept = core::mem::take(&mut SETS.lock().kept);
    if was_held {
        core::mem::forget(kept);
    } else {
        kept.into_iter().for_each(Set::close);
    }
}
