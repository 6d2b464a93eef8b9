//! Waiting on many descriptors at once: look natively without waiting; if nothing is there, listen on every fd with one
//! waiter, park, look again.

pub mod epoll;
pub mod many;
pub mod poll;
pub mod select;

use super::{fail, sleep};
use crate::hub::carrier::Carrier;
use crate::hub::listeners::{self, Armed, Direction, Entry, Listener};
use crate::hub::{Kind, Task};
use crate::inspect::table::Polled;
use crate::process::masks::masked;
use crate::wait::{Cause, Reason, Waiter, NEVER};
use crate::{depth, sys};
use libc::{c_int, pollfd, sigset_t, timespec};

/// Until when to wait (CLOCK_MONOTONIC, ns), and with which signals blocked meanwhile, if not the thread's own.
type Until = (u64, Option<u64>);

/// How often is asked again where nobody can tell when it's time (ns).
const AGAIN: u64 = 1_000_000;

/// A signal set as one word; None for NULL.
///
/// # Safety
/// NULL or a valid set.
unsafe fn word(set: *const sigset_t) -> Option<u64> {
    // SAFETY: by this function's contract; the kernel's signals are the set's first word.
    unsafe { (set as *const u64).as_ref() }.copied()
}

/// A relative timeout as a deadline; NULL is for ever. None when the kernel would refuse it.
///
/// # Safety
/// NULL or a valid timespec.
unsafe fn deadline_in(timeout: *const timespec) -> Option<u64> {
    if timeout.is_null() {
        return Some(NEVER);
    }
    // SAFETY: by this function's contract.
    unsafe { sleep::valid(timeout) }.map(|ns| sys::now().saturating_add(ns))
}

/// A timeout in milliseconds as a deadline; a negative one is for ever.
fn deadline_in_ms(timeout: c_int) -> u64 {
    match timeout {
        ms if ms < 0 => NEVER,
        ms => sys::now() + ms as u64 * 1_000_000,
    }
}

/// One listener, and where it's queued.
struct Ear {
    entry: &'static Entry,
    direction: Direction,
    listener: Listener,
}

/// What became of the listeners.
#[derive(Default)]
struct Hearing {
    /// Some fd can't be listened to: no memory for a registration, or a file that epoll refuses but that isn't ready.
    deaf: bool,
    /// An event came since the last look, which this thread may take.
    ready: bool,
    /// One may have come and gone unnoticed.
    look: bool,
}

/// What is watched, apart from the program's memory: another thread may write there meanwhile.
trait Watch {
    /// The descriptors and their poll events.
    fn wanted(&self) -> &[pollfd];
    /// The same as the program asked for it, for who looks from outside.
    fn asked(&self) -> Polled {
        let wanted = self.wanted();
        Polled { at: wanted.as_ptr() as u64, count: wanted.len() as u64 }
    }
    /// Looks, not waiting: how many are ready; -1 with errno.
    fn look(&mut self) -> c_int;
    /// Tells the program what the last look has found; `n` is what the call answers (-1: EINTR, or what the look gave).
    fn tell(&mut self, n: c_int);
}

/// The first look, outside of any wait: what it found, or None.
fn look_once(me: &'static Task, watched: &mut impl Watch) -> Option<c_int> {
    let found = watched.look();
    if found == 0 {
        return None;
    }
    watched.tell(found);
    me.spend();
    Some(found)
}

/// Waits until a look finds something, or the deadline passes (then 0), or a signal comes (EINTR). There was a look just before.
///
/// `mask`: the signals to block while waiting. `consumes`: who finds something takes it away, so one thread is woken for it,
/// not all. `put_away` gets what was watched, before any signal handler runs: that might not come back.
fn watch<W: Watch>(
    me: &'static Task,
    (deadline, mask): Until,
    mut watched: W,
    consumes: bool,
    put_away: impl FnOnce(W),
) -> c_int {
    let errno = sys::errno();
    depth::enter();
    let answer = masked(me, mask, || {
        let answer = wait(me, deadline, mask.is_some(), &mut watched, consumes);
        watched.tell(answer.unwrap_or(-1));
        put_away(watched);
        depth::leave_quietly();
        answer
    });
    depth::checkpoint();
    match answer {
        Err(errno) => fail(errno) as c_int,
        Ok(n) => {
            sys::set_errno(errno);
            if n == 0 {
                me.spend();
            }
            n
        }
    }
}

/// The wait. `under_mask`: what the mask lets in may be pending, so there's always one wait
/// under it. How many are ready, or an errno. No handler runs meanwhile.
fn wait(
    me: &'static Task,
    deadline: u64,
    under_mask: bool,
    watched: &mut impl Watch,
    consumes: bool,
) -> Result<c_int, c_int> {
    let mut unmasked = under_mask;
    let asked = watched.asked();
    let on = &raw const asked as usize;
    let began = me.about_now();
    loop {
        if deadline != NEVER && sys::now() >= deadline && !core::mem::take(&mut unmasked) {
            return Ok(0);
        }
        let waiter = Waiter::since(me, began);
        let most = watched.wanted().iter().map(|p| directions(p.events).count()).sum();
        let mut ears: Vec<Ear> = Vec::with_capacity(most);
        let hearing = listen(me, &waiter, watched.wanted(), consumes, &mut ears);
        let found = if hearing.look && !hearing.ready { watched.look() } else { 0 };
        let mut reason = Reason::Ready;
        if found == 0 && !hearing.deaf && !hearing.ready {
            reason = waiter.wait(deadline, Cause::Poll, on);
        }
        ears.iter().for_each(|ear| ear.entry.disarm(ear.direction, &ear.listener));
        if found == 0 && hearing.deaf {
            let soon = sys::now() + AGAIN;
            reason = Waiter::since(me, began).wait(soon.min(deadline), Cause::Poll, on);
        }
        // A timer that was due already may have been first.
        let is_due = me.has_signals() || (me.kind.get() == Kind::Host && depth::is_put_off());
        if reason == Reason::Interrupted || (reason == Reason::Timeout && is_due) {
            return Err(libc::EINTR);
        }
        match if found != 0 { found } else { watched.look() } {
            0 => {}
            n if n > 0 => return Ok(n),
            _ => return Err(sys::errno()),
        }
    }
}

/// Queues a listener for each fd and direction.
fn listen(me: &'static Task, waiter: &Waiter, wanted: &[pollfd], consumes: bool, ears: &mut Vec<Ear>) -> Hearing {
    let mut hearing = Hearing::default();
    for &pollfd { fd, events, .. } in wanted {
        let Some(entry) = listeners::entry(fd) else { continue };
        for direction in directions(events) {
            let listener = Listener::new(waiter.as_sleeper(), consumes).for_events(events);
            ears.push(Ear { entry, direction, listener });
            let listener = &ears[ears.len() - 1].listener;
            // SAFETY: the vector was made large enough, so the listener stays where it is until it's disarmed.
            match unsafe { entry.arm(fd, entry.generation(), me.hub(), direction, listener, false) } {
                Armed::Waiting => continue,
                Armed::Elsewhere => hearing.look = true,
                Armed::Ready => {
                    hearing.ready = true;
                    ears.pop();
                }
                Armed::Refused(_) | Armed::Gone => {
                    hearing.deaf = true;
                    ears.pop();
                }
            }
        }
    }
    // What a hub's poller has is delivered by its carrier, which is the one that runs here: nothing has been since the last
    // look, and what comes from now on finds the listeners. Unless the hub went to another carrier meanwhile.
    hearing.look |= hearing.deaf || !Carrier::of(me).runs(me.hub());
    hearing
}

/// Errors and hang-ups, which are always reported, come as read edges.
fn directions(events: i16) -> impl Iterator<Item = Direction> {
    let write = events & (libc::POLLOUT | libc::POLLWRNORM | libc::POLLWRBAND) != 0;
    [Some(Direction::Read), write.then_some(Direction::Write)].into_iter().flatten()
}
