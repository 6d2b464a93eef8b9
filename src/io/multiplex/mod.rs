//! Waiting on many descriptors at once: look natively without waiting; if nothing is there, listen on every fd with one
//! waiter, park, look again.

pub mod epoll;
pub mod many;
pub mod poll;
pub mod select;

use super::{fail, sleep};
use crate::hub::carrier::Carrier;
use crate::hub::listeners::{self, Armed, Direction, Entry, Listener};
use crate::hub::Task;
use crate::process::masks::masked;
use crate::wait::{Cause, Reason, Waiter, NEVER};
use crate::{depth, sys};
use libc::{c_int, sigset_t, timespec};

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

/// Waits until `look` gives something other than 0, or the deadline passes (then 0), or a signal comes (EINTR).
///
/// `mask`: the signals to block while waiting. `wanted` lists the fds and their poll events. `consumes`: who finds something
/// takes it away, so one thread is woken for it, not all.
fn wait_for(
    me: &'static Task,
    (deadline, mask): Until,
    wanted: impl Iterator<Item = (c_int, i16)> + Clone,
    consumes: bool,
    look: impl Fn() -> c_int,
) -> c_int {
    let errno = sys::errno();
    let found = look();
    if found != 0 {
        me.spend();
        return found;
    }
    // A mask may let in what is pending, so there's always one wait under it.
    let mut unmasked = mask.is_some();
    loop {
        if deadline != NEVER && sys::now() >= deadline && !core::mem::take(&mut unmasked) {
            me.spend();
            return 0;
        }
        let waiter = Waiter::new(Some(me));
        let mut ears: Vec<Ear> = Vec::with_capacity(wanted.clone().map(|(_, events)| directions(events).count()).sum());
        // While there are listeners no signal handler may run: it might not come back.
        depth::enter();
        let hearing = listen(me, &waiter, wanted.clone(), consumes, &mut ears);
        let found = if hearing.look && !hearing.ready { look() } else { 0 };
        if found == 0 && !hearing.deaf && !hearing.ready {
            let reason = masked(me, mask, || {
                let reason = waiter.wait(deadline, Cause::Poll, ears.len());
                // Before any handler, which might not come back.
                disarm(&ears);
                depth::leave_quietly();
                reason
            });
            depth::checkpoint();
            if reason == Reason::Interrupted {
                return fail(libc::EINTR) as c_int;
            }
        } else {
            disarm(&ears);
            depth::leave();
            if found == 0 && hearing.deaf {
                let soon = sys::now() + AGAIN;
                Waiter::new(Some(me)).wait(soon.min(deadline), Cause::Poll, ears.len());
            }
        }
        let found = if found != 0 { found } else { look() };
        if found != 0 {
            if found > 0 {
                sys::set_errno(errno);
            }
            return found;
        }
    }
}

/// Queues a listener for each fd and direction.
fn listen(
    me: &'static Task,
    waiter: &Waiter,
    wanted: impl Iterator<Item = (c_int, i16)>,
    consumes: bool,
    ears: &mut Vec<Ear>,
) -> Hearing {
    let mut hearing = Hearing::default();
    for (fd, events) in wanted {
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

/// Takes all listeners back; only then may a signal handler run (and leave by longjmp).
fn disarm(ears: &[Ear]) {
    depth::enter();
    for ear in ears {
        ear.entry.disarm(ear.direction, &ear.listener);
    }
    depth::leave();
}

/// Errors and hang-ups, which are always reported, come as read edges.
fn directions(events: i16) -> impl Iterator<Item = Direction> {
    let write = events & (libc::POLLOUT | libc::POLLWRNORM | libc::POLLWRBAND) != 0;
    [Some(Direction::Read), write.then_some(Direction::Write)].into_iter().flatten()
}
