//! poll of many descriptors, again and again: the kernel's poll(2) looks at each of them each time. Here an array that comes
//! for the second time gets an epoll set of its own, which is kept: from then on a call costs what has changed in the array and
//! what has happened, and a glance at each entry.
//!
//! What epoll can't take as poll does (a number twice, a regular file, one that isn't open) is left to the plain way.

use super::{wait_for, Until};
use crate::hub::listeners;
use crate::hub::poller::Own;
use crate::hub::Task;
use crate::lock::Lock;
use crate::sys;
use core::cell::RefCell;
use libc::{c_int, epoll_event, pollfd};

/// From so many entries on.
pub const MANY: usize = 64;

/// How many sets are kept, and how many arrays remembered.
const KEPT: usize = 16;

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
    events: Vec<epoll_event>,
    epoll: Own,
    /// It has what it shouldn't: a description that lives on under another number.
    is_stale: bool,
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
        let wanted = vec![Wanted { fd: -1, events: 0, life: 0 }; len];
        Some(Set { array, wanted, events: vec![epoll_event { events: 0, u64: 0 }; len], epoll, is_stale: false })
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

    /// Makes it what the array is now. None if epoll can't.
    fn follow(&mut self, fds: &[pollfd]) -> Option<()> {
        let differs = |(wanted, p): (&Wanted, &pollfd)| *wanted != Wanted::of(p);
        let Some(first) = self.wanted.iter().zip(fds).position(differs) else { return Some(()) };
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
                if new.fd >= 0 {
                    let token = u64::from(new.life) << 32 | i as u64;
                    sys::epoll_ctl(self.epoll.number(), libc::EPOLL_CTL_ADD, new.fd, new.events as u16 as u32, token)
                        .ok()?;
                }
            }
        }
        Some(())
    }

    /// What has happened, into the array; for how many entries. -1 with errno.
    fn look(&mut self, fds: &mut [pollfd]) -> c_int {
        let events =
            if self.is_there() { sys::epoll_wait(self.epoll.number(), &mut self.events, 0).ok() } else { None };
        let Some(n) = events else {
            // Its descriptor is gone.
            self.is_stale = true;
            return sys::to_libc(sys::poll_set(fds, 0)) as c_int;
        };
        fds.iter_mut().for_each(|p| p.revents = 0);
        let mut found = 0;
        for event in &self.events[..n] {
            let i = event.u64 as u32 as usize;
            if self.wanted[i].life == (event.u64 >> 32) as u32 {
                fds[i].revents = event.events as u16 as i16;
                found += 1;
            } else {
                self.is_stale = true;
            }
        }
        found
    }
}

/// poll(2) of many; None when it has to go the plain way.
///
/// # Safety
/// The array is the caller's, as for poll(2), and was read by the kernel before.
pub unsafe fn poll(me: &'static Task, until: Until, fds: *mut pollfd, n: usize) -> Option<c_int> {
    let mut set = SETS.lock().take(fds as usize, n)?;
    // SAFETY: by this function's contract. It's the program's memory, so nothing is borrowed over a wait.
    let array = || unsafe { core::slice::from_raw_parts_mut(fds, n) };
    if !set.is_there() || set.follow(array()).is_none() {
        SETS.lock().note(Seen { array: fds as usize, len: n, refused: true });
        set.close();
        return None;
    }
    let epoll = set.epoll.number();
    let set = RefCell::new(set);
    let found = wait_for(me, until, core::iter::once((epoll, libc::POLLIN)), false, || set.borrow_mut().look(array()));
    let set = set.into_inner();
    if set.is_stale {
        set.close();
    } else {
        let old = SETS.lock().keep(set);
        old.into_iter().for_each(Set::close);
    }
    Some(found)
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
